"""The copy of somebody without a mailbox, for the controller to hand over: by a link or a token."""

from collections.abc import Iterator

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from ..access.controllers import ControllersOnly
from ..models import Archive
from ..rights import by_hand
from ..rights.archive import writing
from ..rights.errors import RequestError
from . import downloads

_ACT = "requestCopy"


def answer(request: HttpRequest, number: str) -> HttpResponseBase:
    """Answer with the zip, by a token of the controller's people. Never raises."""

    def copy() -> HttpResponseBase:
        actor, _ = downloads.asked_by(request, act=_ACT, file=file_of(int(number)))
        made, pieces = by_hand.fetch(int(number), actor=actor)
        return zipped(request, made, pieces)

    return downloads.serve(copy, {RequestError: 404, ControllersOnly: 403})


def zipped(request: HttpRequest, made: Archive, pieces: Iterator[bytes]) -> HttpResponseBase:
    """Return the zip of a copy, which is sent as its pieces are read."""
    response = downloads.sent(request, pieces, name=writing.name_of(made), mime="application/zip")
    response["Content-Length"] = str(made.size)
    response["X-Content-SHA256"] = made.sha256
    return response


def file_of(number: int) -> str:
    """Return where the copy of a request is, below our address."""
    return f"requests/{number}/copy/"
