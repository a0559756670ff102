"""What goes on by itself: copies are made, letters sent, the controller reminded, old rows end.

All that it knows is in rows: a killed worker's work is gone on with by the next call, on any
worker, and two at once do nothing twice.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from .. import clock
from ..access import copies as ledger_copies
from ..access import restrictions
from ..config import Config
from ..errors import RegisterError, describe
from ..logs import logger_of
from ..models import Customer, Request, RequestEvent, RequestLetter
from ..policy import requests as policy
from ..policy.holds import add_years
from ..policy.requests import RequestKind, RequestState
from ..policy.retention import REQUEST_YEARS
from ..register import believed
from ..register.locks import Lock, try_lock
from ..register.rows import one_moment
from ..shop.port import ShopPort, shop
from . import (
    carrying,
    copies,
    forms,
    letter_texts,
    letters,
    minders,
    proofs,
    scope,
    store,
    tellings,
)
from .archive import writing
from .store import SHOP

logger = logger_of(__name__)

#: How long a round of copies goes on: the next one begins every minute.
ROUND = timedelta(seconds=50)

_SUBJECT = "Pyyntö {number}: {days} / Begäran {number} / Request {number}"
_TEXT = """\
{title_fi}, numero {number}, on vastattava viimeistään {due}.
{title_sv}, nummer {number}, ska besvaras senast {due}.
{title_en}, number {number}, is to be answered on {due} at the latest.
"""
#: Of an account that staff deleted nobody has asked: somebody has to say whether it was a request.
_DELETED = """\
Asiakkaan tili on poistettu kaupasta. Päättäkää viimeistään {due}, poistetaanko tiedot rekisteristä
(numero {number}).
En kunds konto har raderats i butiken. Avgör senast {due} om uppgifterna raderas ur registret
(nummer {number}).
A customer's account was deleted in the shop. Decide by {due} whether the data is erased from the
register (number {number}).
"""


def attend() -> None:
    """Do all of it once. Celery's beat calls it every minute."""
    port = shop()
    with port.writer():
        config = port.config()
        if not config.active:
            # The law's month goes on: whoever asked is to be answered all the same.
            remind(config, port)
            return
        restrictions.mark()
        # Before the night erases the address that the answer goes to.
        letters.note_erasures(config)
        letters.send_waiting(config, port)
        carrying.carry()
        tellings.follow_requests()
        tellings.send_waiting(config, port)
        remind(config, port)
        for forget in () if believed.doubt() else _FORGET:
            while forget():
                pass
        # Last: a large one takes a minute, and no letter or reminder waits for it.
        make_copies(config, until=clock.now() + ROUND)
        letters.send_waiting(config, port)


def make_copies(config: Config, *, until: datetime | None = None) -> int:
    """Make the copies that were granted, none begun after `until`; return how many.

    One transaction a copy.
    """
    made, tried = 0, set[int]()
    while until is None or clock.now() < until:
        waiting = Request.objects.filter(
            kind__in=sorted(policy.COPIES), state=RequestState.ACCEPTED
        ).exclude(pk__in=tried)
        key = waiting.order_by("due_on", "pk").values_list("pk", flat=True).first()
        if key is None:
            break
        tried.add(key)
        try:
            # Whom a restored backup has brought back nobody writes to.
            ledger_copies.check()
            made += _make_copy(key, config)
        except Exception as error:  # noqa: BLE001 - the shop's storage may raise anything
            # No key, or not replayed: the status says so as long as it lasts.
            if not isinstance(error, RegisterError):
                logger.warning("the copy of request %s failed: %s", key, describe(error))
    return made


def _make_copy(key: int, config: Config) -> bool:
    """Make one copy, as things stand at one moment; tell whether it was made.

    It may take a minute, and the request is locked at its end alone: who decides meanwhile waits
    for nothing. What was changed by then raises, and the next round makes the copy anew.
    """
    with one_moment():
        if not try_lock(Lock.COPY_OF_DATA, str(key)):
            return False
        row = Request.objects.filter(pk=key, state=RequestState.ACCEPTED).first()
        if row is None:
            return False
        if row.account:
            # Who has bought meanwhile is a customer.
            bought = Customer.objects.filter(saleor_user=row.account).first()
            row.customer = bought.pk if bought else None
        elif not Customer.objects.filter(pk=row.customer or 0).exists():
            # Erased meanwhile: there is nothing left to give.
            return False
        scope.renew(row)
        is_proved = row.proof in policy.PROVED
        if is_proved:
            writing.make(row, config, letter_texts.language_for(row))
        store.alone(key)
        if not is_proved:
            proofs.ask_again(row)
            return False
        row.state, row.done_at = RequestState.DONE, clock.now()
        store.save(row)
        store.note(row, RequestEvent.What.DONE, SHOP)
        store.letter(row, RequestLetter.What.ARCHIVE)
    return True


def remind(config: Config, port: ShopPort) -> int:
    """Mail the controller of what is to be answered soon, or is late; return of how many."""
    sent = 0
    day = clock.today()
    soon = day + timedelta(days=max(policy.REMINDERS))
    waiting = Request.objects.filter(due_on__lte=soon, state__in=sorted(policy.ACTIVE)).exclude(
        kind=RequestKind.ERASURE, state=RequestState.ACCEPTED
    )
    for pk in list(waiting.order_by("due_on", "pk").values_list("pk", flat=True)[:500]):
        with transaction.atomic():
            row = waiting.filter(pk=pk).select_for_update(skip_locked=True, no_key=True).first()
            if row is None or row.due_on is None:
                continue
            stage = _stage((row.due_on - day).days)
            if row.reminded is not None and row.reminded <= stage:
                continue
            at = RequestKind(row.kind)
            fi, sv, en = policy.TITLES[at]
            words = {"number": row.pk, "due": row.due_on.isoformat(),
                     "days": row.due_on.isoformat(), "title_fi": fi.capitalize(),
                     "title_sv": sv.capitalize(), "title_en": en.capitalize()}  # fmt: skip
            text = _DELETED if row.state == RequestState.ASKS else _TEXT
            if not minders.tell(_SUBJECT.format(**words), text.format(**words), config, port):
                return sent
            row.reminded = stage
            row.save(update_fields=["reminded"])
            store.note(row, RequestEvent.What.REMINDED, SHOP, str(stage))
            sent += 1
    return sent


def forget_closed() -> int:
    """Delete requests that ended three years ago; return how many."""
    before = clock.now().astimezone(clock.HELSINKI)
    before = before.replace(
        year=before.year - REQUEST_YEARS, day=add_years(before.date(), -REQUEST_YEARS).day
    )
    over = Q(state=RequestState.DONE, done_at__lt=before) | Q(
        state__in=[RequestState.REFUSED, RequestState.WITHDRAWN], decided_at__lt=before
    )
    with transaction.atomic():
        rows = Request.objects.filter(over).order_by("pk")
        found = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True)[:500])
        store.drop(found)
    return len(found)


def _stage(days: int) -> int:
    """Return the reminder of so many days before the last one; after it, each day's own."""
    return min(one for one in (*policy.REMINDERS,) if days <= one) if days >= 0 else days


_FORGET = (
    forms.forget_unconfirmed, copies.make_again, writing.forget, forget_closed, carrying.forget,
    tellings.forget,
)  # fmt: skip
