"""Answers for programs, and for who took a wrong turn."""

from django.http import HttpResponse


def plain(text: str, *, status: int = 200) -> HttpResponse:
    """Return one line of text."""
    response = HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
