"""The report of a file of opt-outs: every line that was rejected, by number and reason."""

from collections.abc import Iterator

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from ..access import office
from ..access.actor import Actor
from ..access.held import while_held
from ..marketing import imports
from ..models import OptOutImport
from ..policy.permissions import Permission
from . import downloads
from .errors import NotFound

_ACT = "rejectedLines"


def answer(request: HttpRequest, number: str) -> HttpResponseBase:
    """Answer with CSV, by a token of the controller's people. Never raises."""

    def report() -> HttpResponseBase:
        actor, _ = downloads.asked_by(request, act=_ACT, file=file_of(int(number)))
        office.enter(actor, Permission.MANAGE_PRIVACY, act=_ACT)
        found = OptOutImport.objects.filter(pk=int(number)).first()
        if found is None:
            raise NotFound("There is no such import.")
        return downloads.sent(
            request, _given(imports.rejected(found.pk), actor), name=f"rejected-{found.pk}.csv",
            mime="text/csv; charset=utf-8",
        )  # fmt: skip

    return downloads.serve(report)


def _given(pieces: Iterator[bytes], actor: Actor) -> Iterator[bytes]:
    for piece in while_held(actor, _ACT, pieces):
        office.enter(actor, Permission.MANAGE_PRIVACY, act=_ACT)
        yield piece


def file_of(number: int) -> str:
    """Return where the report of an import is, below our address."""
    return f"opt-outs/{number}/rejected/"
