"""The row of a request: made, locked, written, with what happened and what is to be told.

One order of locks, everywhere: the customer (as the intake does), then its restrictions, then its
requests, then letters. The intake goes that way when a guest's requests go over to an heir, and
erasing when it ends them. Whoever sends a letter holds nothing else while the mail server answers.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from django.db import IntegrityError, transaction

from .. import clock
from ..models import Request, RequestEvent, RequestLetter
from ..policy import requests as policy
from ..policy.requests import RequestKind, RequestState
from ..register import correcting
from ..register import requests as registered
from ..register.rows import execute
from . import content
from .content import Content
from .errors import RequestError

#: Characters of what somebody writes, and of a controller's sentence.
LONGEST = 2000

PERSON = "person"
SHOP = "shop"


def new(
    kind: RequestKind, origin: str, *, customer: int | None = None, state: RequestState
) -> Request:
    """Return a request that is received now, not stored yet."""
    now = clock.now()
    return Request(
        customer=customer, kind=kind, origin=origin, state=state, opened_at=now,
        due_on=policy.due_on(now.astimezone(clock.HELSINKI).date()),
    )  # fmt: skip


def add(row: Request, written: Content | None) -> None:
    """Insert a request with what was written. Raises `RequestError`, `NoKey`."""
    _write(row, new=True)
    if written is not None:
        content.seal(row, written)
        row.save(update_fields=["key_version", "sealed"])


@contextmanager
def taken(request_id: int, after: RequestState) -> Iterator[Request]:
    """Lock a request that may go on to a state, and its customer; in a transaction."""
    row = locked(request_id)
    ask(row, after)
    yield row


def ask(row: Request, after: RequestState) -> None:
    """Raise `RequestError` where a locked request may not go on to a state."""
    if not (policy.may_move(row.state, after) or row.state == after == RequestState.OPEN):
        raise RequestError("There is no such request that waits.", field="id")


def locked(request_id: int) -> Request:
    """Lock a request, its customer first; in a transaction. Raises `RequestError`."""
    key = Request.objects.filter(pk=request_id).values_list("customer", flat=True).first()
    there = correcting.locked(key) if key is not None else None
    row = alone(request_id)
    if row.customer != (there.pk if there else key):
        raise RequestError("It has been said meanwhile whose request this is: look again.")
    return row


def alone(request_id: int) -> Request:
    """Lock a request whose customer is locked, or not touched; in a transaction."""
    row = Request.objects.select_for_update(no_key=True).filter(pk=request_id).first()
    if row is None:
        raise RequestError("There is no such request.", field="id")
    return row


def save(row: Request) -> None:
    """Write a locked request. Raises `RequestError` where another of its kind is under way."""
    _write(row, new=False)


def _write(row: Request, *, new: bool) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=new, force_update=not new)
    except IntegrityError:
        message = "A request of this customer, of this kind, is under way already."
        raise RequestError(message, field="customer") from None


def check(text: str, field: str) -> None:
    """Raise `RequestError` where a text is too long."""
    if len(text) > LONGEST:
        raise RequestError(f"Write {LONGEST} characters at most.", field=field)


def end(row: Request, by: str, reason: str = "") -> None:
    """Say that what was asked is done; the row is locked or new, and accepted."""
    row.state, row.done_at = RequestState.DONE, clock.now()
    save(row)
    note(row, RequestEvent.What.DONE, by)
    letter(row, RequestLetter.What.DONE, "\n".join(filter(None, [row.reason, reason])))


def note(row: Request, what: str, actor: str, code: str = "") -> None:
    """Write down what happened to a request, in the same transaction."""
    RequestEvent.objects.create(request=row, what=what, actor=actor, code=code, at=clock.now())


def unsay(row: Request) -> None:
    """Delete the letters of a locked request that wait: what they tell holds no longer."""
    registered.unsay([row.pk])


def drop(found: Sequence[int]) -> None:
    """Delete requests whose time is over, with all that happened to them; in a transaction."""
    execute("SET LOCAL jokkerit.retention = 'on'", [])
    Request.objects.filter(pk__in=found).delete()
    execute("SET LOCAL jokkerit.retention = 'off'", [])


def letter(row: Request, what: str, reason: str = "", *, wait: timedelta = timedelta()) -> None:
    """Let the one who asked be told, after `wait`; of each kind of letter one waits."""
    now = clock.now()
    RequestLetter.objects.get_or_create(
        request=row, what=what, sent_at=None,
        defaults={"reason": reason, "made_at": now, "next_at": now + wait},
    )  # fmt: skip
