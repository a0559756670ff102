"""For somebody without a mailbox: letters to be printed, and a copy to be handed over.

A copy is fetched by the controller alone, and each time is an event of the request and a row of
the access log. Nobody but the person sees a link of theirs: letters that hold one are not shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from .. import clock
from ..access import guard
from ..access.actor import Actor
from ..access.controllers import controller_only
from ..models import Archive, Request, RequestEvent, RequestLetter
from ..policy.categories import Category
from ..policy.permissions import CHANGERS
from ..policy.purposes import Purpose
from ..policy.requests import Handed
from ..shop.port import shop
from . import copies, letter_texts, letters, store
from .archive import writing
from .errors import RequestError

_What = RequestLetter.What
#: What a letter and its envelope tell of a customer, and what a copy does. Lines of the site log
#: are in a copy, too; but they may be looked at for the log's own purposes alone.
_LETTER = frozenset({Category.NAME, Category.POSTAL, Category.PURCHASE})
_COPY = frozenset(Category) - {Category.LOG}


@dataclass(frozen=True, slots=True)
class Printed:
    """A letter for the post. `to`: lines of the envelope, none where it is not known whose."""

    language: str
    subject: str
    text: str
    to: tuple[str, ...]


def letter(letter_id: int, *, actor: Actor) -> Printed:
    """Return a letter that waits as it would be sent now; through the guard.

    Also to a restricted customer, who asked themselves. Raises `RequestError`, `Refused`.
    """
    found = RequestLetter.objects.filter(pk=letter_id, sent_at=None).select_related("request")
    one = found.first()
    if one is None or not letters.holds(one):
        raise RequestError("There is no such letter that waits.", field="letter")
    if one.what in {_What.CONFIRM, _What.ARCHIVE}:
        message = "This letter holds a link that is for the person alone: hand the copy over."
        raise RequestError(message, field="letter")
    row = one.request
    with guard.visit(
        actor, Purpose.RIGHTS, act="requestLetter", asks=_LETTER, needs=CHANGERS
    ) as visit:
        visit.saw([row.customer] if row.customer else [])
        language = letter_texts.language_for(row)
        subject, text = letter_texts.write(one, shop().config(), language)
        to = letter_texts.envelope(row)
    return Printed(language, subject, text, to)


def fetch(request_id: int, *, actor: Actor) -> tuple[Archive, Iterator[bytes]]:
    """Return a copy and its bytes, for the controller to print or hand over; logged before.

    The guard is asked again before each piece. Raises `RequestError`, `Refused`, `NoKey`.
    """
    controller_only(actor, "requestCopy")
    with guard.visit(actor, Purpose.RIGHTS, act="requestCopy", asks=_COPY) as visit:
        # Whoever may not see it is not told whether there is one.
        made = copies.find(request_id)
        pieces = writing.read(made)
        visit.saw([made.request.customer] if made.request.customer else [])
        visit.then(lambda: writing.fetched(made, actor.key))
    return made, guard.given(visit, pieces)


def handed_over(request_id: int, *, how: Handed, on: date, actor: Actor) -> Request:
    """Record how and when the person was given the copy that the controller fetched.

    A letter with its link that waits counts as told; who has a mailbox may have asked for paper all
    the same. Raises `RequestError`.
    """
    controller_only(actor, "request handed over")
    with transaction.atomic():
        row = store.locked(request_id)
        first = _fetched_for(row)
        if first is None:
            message = "The copy was not fetched yet: nobody can have been handed it."
            raise RequestError(message, field="id")
        if not first.at.astimezone(clock.HELSINKI).date() <= on <= clock.today():
            message = "Give the day on which it was handed over: after it was fetched."
            raise RequestError(message, field="on")
        copies.waiting(row).update(sent_at=clock.now(), sent_by=actor.key, error="")
        store.note(row, RequestEvent.What.HANDED, actor.key, f"{how} {on}")
    return row


def _fetched_for(row: Request) -> RequestEvent | None:
    """Return when the copy was first fetched for a person who has not been handed it since."""
    if row.decided_at is None:
        return None
    handed = row.events.filter(what=RequestEvent.What.HANDED).order_by("pk").last()
    rows = row.events.filter(
        what=RequestEvent.What.FETCHED, at__gte=row.decided_at, pk__gt=handed.pk if handed else 0
    )
    return rows.exclude(actor=store.PERSON).order_by("pk").first()
