"""Copies that are made again: of nobody's letter, or whose link went to a wrong mailbox."""

from contextlib import suppress

from django.db import transaction
from django.db.models import QuerySet

from ..access.actor import Actor
from ..access.controllers import controller_only
from ..models import Archive, Customer, Request, RequestEvent, RequestLetter
from ..policy.requests import UNDELIVERED_COPIES, RequestState
from . import store
from .archive import writing
from .errors import RequestError
from .store import SHOP

_What = RequestEvent.What
_BATCH = 100


def make_again() -> int:
    """Let undelivered copies be made again, and after a few ask staff; return of how many."""
    done = 0
    rows = writing.undelivered().order_by("pk")
    for key in list(rows.values_list("request", flat=True)[:_BATCH]):
        # Of one whose customer changes this moment in the next round.
        with suppress(RequestError), transaction.atomic():
            done += _again(store.locked(key))
    return done


def find(request_id: int) -> Archive:
    """Return the copy of a request while it stands. Raises `RequestError`."""
    made = writing.standing(request_id)
    if made is None:
        raise RequestError("There is no copy of this request now.", field="id")
    return made


def readdress(row: Request) -> None:
    """Let the copy of a locked request be made anew, if there is one: its link opens no more."""
    made = writing.standing(row.pk)
    if made is None:
        return
    waiting(row).delete()
    made.delete()
    row.state, row.done_at = RequestState.ACCEPTED, None
    # Another of the kind may be under way by now, and answers this one.
    with suppress(RequestError):
        store.save(row)
        store.note(row, _What.REOPENED, SHOP, "readdressed")


def end(request_id: int, *, actor: Actor) -> Request:
    """End the link to a copy, which went where it should not: what it opens is deleted.

    Whoever should have it asks anew. Raises `RequestError`.
    """
    controller_only(actor, "request end copy")
    with transaction.atomic():
        row = store.locked(request_id)
        made = find(row.pk)
        waiting(row).delete()
        made.delete()
        store.note(row, _What.ENDED, actor.key)
    return row


def waiting(row: Request) -> QuerySet[RequestLetter]:
    """Return the letter with the link, if it waits and nobody is mailing it."""
    rows = row.letters.filter(what=RequestLetter.What.ARCHIVE, sent_at=None)
    free = rows.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)
    return RequestLetter.objects.filter(pk__in=list(free))


def _again(row: Request) -> bool:
    letter = waiting(row).first()
    made = writing.undelivered().filter(request=row.pk).first()
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
