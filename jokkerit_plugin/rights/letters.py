"""Sends the letters that wait: what becomes of a request is told the one who asked.

A letter is a row until it is sent; one that was not sent tells nobody. A worker killed between a
mail and its commit sends it again. What comes of a letter follows once it is committed, by itself
if need be: an extension counts from its letter, and only in time.
"""

from contextlib import suppress

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from .. import clock, keys
from ..access.actor import Actor
from ..access.controllers import controller_only
from ..config import Config
from ..errors import RegisterError
from ..models import Archive, Request, RequestLetter, Restriction
from ..policy import requests as policy
from ..policy.requests import RequestKind, RequestState
from ..shop.port import AddressDeferred, AddressRefused, ShopPort
from . import (
    content,
    corrections_noticed,
    forms,
    letter_texts,
    lifting,
    proofs,
    sending,
    store,
    tellings,
)
from .errors import RequestError
from .store import SHOP

_What = RequestLetter.What


def send_waiting(config: Config, port: ShopPort) -> int:
    """Send the letters that are due; return how many. Several processes may do so at once."""
    sent, failed = 0, set[int]()
    while True:
        refused: RegisterError | None = None
        with transaction.atomic():
            waiting = RequestLetter.objects.filter(sent_at=None, next_at__lte=clock.now())
            letter = (
                waiting.exclude(pk__in=failed).select_related("request").order_by("next_at", "pk")
                .select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
            )  # fmt: skip
            if letter is None:
                break
            if not holds(letter):
                letter.delete()
                continue
            try:
                with transaction.atomic():
                    _send(letter, config, port)
                sent += 1
            except RegisterError as error:
                failed.add(letter.pk)
                refused = error
                again = sending.again(letter, error)
                RequestLetter.objects.filter(pk=letter.pk).update(**again)
        if isinstance(refused, AddressRefused):
            _note_refused(letter)
        if isinstance(refused, AddressRefused | AddressDeferred) and _mailed_since(letter):
            # Else it may be that the server takes nothing from the shop: they wait until it does.
            forms.forget_unreachable(letter.request_id)
    follow()
    return sent


def _mailed_since(letter: RequestLetter) -> bool:
    """Tell whether the mail server has taken another letter since this one was made."""
    return RequestLetter.objects.filter(sent_by=store.SHOP, sent_at__gt=letter.made_at).exists()


def holds(letter: RequestLetter) -> bool:
    """Tell whether a letter still tells what is so: it was held when its request went on."""
    state = letter.request.state
    if letter.what == _What.CONFIRM:
        return state == RequestState.UNCONFIRMED
    if letter.what == _What.EXTENDED:
        return state in {RequestState.OPEN, RequestState.ACCEPTED} and _in_time(letter.request)
    if letter.what == _What.PROOF:
        return state == RequestState.OPEN and not proofs.is_enough(letter.request)
    if letter.what == _What.LIFTING:
        return lifting.of_request(letter.request).exists()
    if letter.what == _What.ARCHIVE and not Archive.objects.filter(request=letter.request).exists():
        # The link was ended while it was being mailed.
        return False
    over = {RequestState.REFUSED, RequestState.WITHDRAWN}
    return letter.what == _What.REFUSED or state not in over


def follow() -> None:
    """Do what comes of letters that were sent, also by a worker that was killed afterwards.

    Not while the letter is held: requests are locked before their letters (`store.py`).
    """
    waits = RequestLetter.objects.filter(request=OuterRef("request"), sent_at=None)
    lifting_ = Restriction.objects.filter(
        customer=OuterRef("request__customer"), lifted_at=None, told_on=None,
        since__gte=OuterRef("request__decided_at"), since__lte=OuterRef("request__done_at"),
    )  # fmt: skip
    rows = RequestLetter.objects.filter(
        Q(what=_What.EXTENDED, request__extended_at=None)
        | Q(Exists(lifting_), what=_What.LIFTING)
        # Nobody else may learn the address of somebody who is erased.
        | Q(~Exists(waits), what=_What.DONE, request__kind=RequestKind.ERASURE,
            request__sealed__isnull=False),
        sent_at__isnull=False,
    )  # fmt: skip
    for pk in list(rows.order_by("pk").values_list("pk", flat=True)):
        # Of one whose customer changes this moment in the next round.
        with suppress(RequestError), transaction.atomic():
            found = rows.filter(pk=pk).values_list("request", flat=True).first()
            if found is not None:
                _follow(store.locked(found), rows.select_related("request").get(pk=pk))


def _follow(row: Request, letter: RequestLetter) -> None:
    """Do what comes of a letter of a locked request."""
    if letter.sent_at is None:
        raise ValueError("a letter that was not sent")
    if letter.what == _What.LIFTING:
        lifting.told(row, letter.sent_at.astimezone(clock.HELSINKI).date())
    elif letter.what == _What.EXTENDED:
        received = row.opened_at.astimezone(clock.HELSINKI).date()
        row.due_on, row.extended_at = policy.extended_to(received), letter.sent_at
        row.extended_by, row.reminded = letter.sent_by, None
        row.save(update_fields=["due_on", "extended_at", "extended_by", "reminded"])
    else:
        content.forget(row)
        row.save(update_fields=["key_version", "sealed"])


def _note_refused(letter: RequestLetter) -> None:
    """Let staff see to a customer's own address that takes no mail; another's is not theirs."""
    customer = letter.request.customer
    if customer is not None and not content.read(letter.request).email:
        with transaction.atomic():
            corrections_noticed.letter_refused(customer, letter.pk)


def told(request_id: int, *, actor: Actor) -> int:
    """Record that the person was told in another way; return of how many letters.

    One that is being mailed at this moment is not waited for, nor counted. A copy is not told of
    but handed over (`by_hand.py`). Raises `RegisterError`.
    """
    controller_only(actor, "request told")
    with transaction.atomic():
        row = store.locked(request_id)
        waiting = row.letters.filter(sent_at=None).order_by("pk")
        found = list(waiting.select_for_update(skip_locked=True, no_key=True))
        others = [one for one in found if one.what != _What.ARCHIVE]
        if found and not others:
            message = "Hand the copy over, and record how: telling of it gives nobody their data."
            raise RequestError(message, field="id")
        told = [one for one in others if one.what != _What.EXTENDED or _in_time(row)]
        if others and not told:
            raise RegisterError("The first month is over: the extension could not be told in time.")
        for letter in told:
            letter.sent_at, letter.sent_by, letter.error = clock.now(), actor.key, ""
            letter.save(update_fields=["sent_at", "sent_by", "error"])
    follow()
    return len(told)


class NoAddress(RegisterError):
    """There is no e-mail address to send a letter to."""

    code = "NO_ADDRESS"


def _send(letter: RequestLetter, config: Config, port: ShopPort) -> None:
    row = letter.request
    address, language = letter_texts.whereto(row)
    if not address:
        raise NoAddress("There is no e-mail address: tell the person in another way.")
    subject, text = letter_texts.write(letter, config, language)
    port.mail(subject, text, [address])
    letter.sent_at, letter.sent_by, letter.error = clock.now(), SHOP, ""
    letter.save(update_fields=["sent_at", "sent_by", "error"])


def _in_time(row: Request) -> bool:
    """Tell whether the first month is not over: an extension that is told later is none."""
    return row.due_on is not None and clock.today() <= row.due_on


def note_erasures(config: Config) -> None:
    """Let those whose erasure was accepted, or is done, be told, also who deleted the account.

    What stays is written down at once: of whoever is erased nobody knows it any more.
    """
    # Of an account that staff deleted nobody has asked.
    rows = Request.objects.filter(kind=RequestKind.ERASURE).exclude(
        origin=Request.Origin.CUSTOMER_DELETED
    )
    for state, what in ((RequestState.ACCEPTED, _What.ACCEPTED), (RequestState.DONE, _What.DONE)):
        # What was told of an earlier granting tells nothing of this one.
        written = RequestLetter.objects.filter(
            request=OuterRef("pk"), what=what, made_at__gte=OuterRef("decided_at")
        )
        found = rows.filter(~Exists(written), state=state)
        for row in found.order_by("pk")[:500]:
            with transaction.atomic():
                # Taken back, or ended by a purchase, it promises nothing.
                if not found.filter(pk=row.pk).select_for_update(no_key=True, of=("self",)).first():
                    continue
                if state == RequestState.ACCEPTED:
                    erasing(row, config)
                else:
                    tellings.erasing(row)
                    store.letter(row, what)


def erasing(row: Request, config: Config) -> None:
    """Write down what a granted erasure leaves, and whom to tell; the request is locked.

    From that letter on no term keeps anything that the request ends (`retention/rules.py`).
    """
    store.letter(row, _What.ACCEPTED)
    stays = letter_texts.stays(row, config, _keep_address(row.pk))
    row.letters.filter(what=_What.ACCEPTED, sent_at=None).update(reason=stays, made_at=clock.now())
    tellings.erasing(row)


def _keep_address(request_id: int) -> str:
    """Seal where the answer goes, before the customer's row is gone; return its language."""
    row = Request.objects.select_for_update(no_key=True).get(pk=request_id)
    row.language = letter_texts.language_for(row)
    row.save(update_fields=["language"])
    try:
        address, written_ = letter_texts.whereto(row)[0], content.read(row)
        lines = () if address else letter_texts.envelope(row)
        if (address or lines) and not written_.email:
            known = content.Content(address, "\n".join(lines), message=written_.message)
            content.seal(row, known)
            row.save(update_fields=["key_version", "sealed"])
    except keys.NoKey:
        # The status says so as long as it lasts.
        pass
    return row.language
