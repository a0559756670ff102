"""Answers for programs, and for who took a wrong turn."""

from collections.abc import Mapping

from django.http import HttpResponse

from ..errors import RegisterError


def plain(text: str, *, status: int = 200) -> HttpResponse:
    """Return one line of text."""
    response = HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def told(
    error: RegisterError,
    statuses: Mapping[type[RegisterError], int],
    *,
    allow: str,
    otherwise: int = 500,
) -> HttpResponse:
    """Return an error as a line of text, by the status of its kind; `allow`: the methods."""
    status = next((code for kind, code in statuses.items() if isinstance(error, kind)), otherwise)
    response = plain(f"{error.message} ({error.code})", status=status)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if status == 405:
        response["Allow"] = allow
    return response
