"""A copy that reached nobody: its letter never went, and the time of its link is over."""

from contextlib import suppress

from django.db import transaction

from ..models import Customer, Request, RequestEvent, RequestLetter
from ..policy.requests import UNDELIVERED_COPIES, RequestState
from . import store
from .archive.writing import undelivered
from .errors import RequestError
from .store import SHOP

_What = RequestEvent.What
_BATCH = 100


def make_again() -> int:
    """Let undelivered copies be made again, and after a few ask staff; return of how many."""
    done = 0
    for key in list(undelivered().order_by("pk").values_list("request", flat=True)[:_BATCH]):
        # Of one whose customer changes this moment in the next round.
        with suppress(RequestError), transaction.atomic():
            done += _again(store.locked(key))
    return done


def _again(row: Request) -> bool:
    letters = row.letters.filter(what=RequestLetter.What.ARCHIVE, sent_at=None)
    letter = letters.select_for_update(skip_locked=True, no_key=True).first()
    made = undelivered().filter(request=row.pk).first()
    # While it is being mailed it is let be.
    if letter is None or made is None:
        return False
    letter.delete()
    made.delete()
    happened = row.events.filter(at__gte=made.made_at)
    if happened.filter(what=_What.FETCHED, actor=store.PERSON).exists():
        return True
    if not (row.account or Customer.objects.filter(pk=row.customer or 0).exists()):
        # Erased meanwhile: there is nothing left to give.
        return True
    over = row.events.filter(what=_What.REOPENED, actor=SHOP, code="undelivered").count()
    row.state, row.done_at = RequestState.ACCEPTED, None
    if over >= UNDELIVERED_COPIES:
        row.state, row.decided_at, row.decided_by, row.reason = RequestState.OPEN, None, "", ""
    # Another of the kind may be under way by now, and answers this one.
    with suppress(RequestError):
        store.save(row)
        store.note(row, _What.REOPENED, SHOP, "undelivered")
    return True
