"""Sends the letters that wait: what becomes of a request is told the one who asked.

A letter is a row until it is sent; one that was not sent tells nobody. A worker killed between a
mail and its commit sends it again. An extension counts from its letter, and only in time.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F

from .. import clock, keys
from ..access.actor import Actor
from ..access.controllers import controller_only
from ..config import Config
from ..disclosure import history
from ..errors import RegisterError
from ..models import Archive, Customer, Request, RequestLetter
from ..policy import parts
from ..policy import requests as policy
from ..policy.languages import language_of
from ..policy.requests import RequestKind, RequestState
from ..policy.schedule import in_force
from ..retention import keeps
from ..shop.port import AddressRefused, ShopPort
from . import content, corrections_noticed, lifting, links, tellings
from .store import SHOP
from .words import contact, place, texts, written

#: Minutes until a letter that failed is tried again: doubled each time, a day at most.
_PAUSE, _LONGEST = 5, 24 * 60
_What = RequestLetter.What


def send_waiting(config: Config, port: ShopPort) -> int:
    """Send the letters that are due; return how many. Several processes may do so at once."""
    sent, failed = 0, set[int]()
    while True:
        with transaction.atomic():
            waiting = RequestLetter.objects.filter(sent_at=None, next_at__lte=clock.now())
            letter = (
                waiting.exclude(pk__in=failed).select_related("request").order_by("next_at", "pk")
                .select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
            )  # fmt: skip
            if letter is None:
                return sent
            try:
                with transaction.atomic():
                    _send(letter, config, port)
                sent += 1
            except RegisterError as error:
                failed.add(letter.pk)
                if isinstance(error, AddressRefused):
                    _note_refused(letter)
                minutes = min(_PAUSE * 2 ** min(letter.attempts, 10), _LONGEST)
                RequestLetter.objects.filter(pk=letter.pk).update(
                    attempts=F("attempts") + 1, error=error.message[:200],
                    next_at=clock.now() + timedelta(minutes=minutes),
                )  # fmt: skip


def _note_refused(letter: RequestLetter) -> None:
    """Let staff see to a customer's own address that takes no mail; another's is not theirs."""
    customer = letter.request.customer
    if customer is not None and not content.read(letter.request).email:
        corrections_noticed.letter_refused(customer, letter.pk)


def told(request_id: int, *, actor: Actor) -> int:
    """Record that the person was told in another way; return of how many letters."""
    controller_only(actor, "request told")
    waiting = RequestLetter.objects.filter(request=request_id, sent_at=None)
    with transaction.atomic():
        extended = waiting.filter(what=_What.EXTENDED).first()
        if extended:
            _extend(extended, actor.key)
        for letter in waiting.filter(what=_What.LIFTING).select_related("request"):
            lifting.told(letter.request, clock.today())
        return waiting.update(sent_at=clock.now(), sent_by=actor.key, error="")


class NoAddress(RegisterError):
    """There is no e-mail address to send a letter to."""

    code = "NO_ADDRESS"


def _send(letter: RequestLetter, config: Config, port: ShopPort) -> None:
    row = letter.request
    address, language = whereto(row)
    if not address:
        raise NoAddress("There is no e-mail address: tell the person in another way.")
    if letter.what == _What.EXTENDED:
        _extend(letter, SHOP)
    subject, text = write(letter, config, language)
    port.mail(subject, text, [address])
    letter.sent_at, letter.sent_by, letter.error = clock.now(), SHOP, ""
    letter.save(update_fields=["sent_at", "sent_by", "error"])
    if letter.what == _What.LIFTING:
        lifting.told(row, clock.today())
    if letter.what == _What.DONE and row.kind == RequestKind.ERASURE:
        # Nobody else may learn the address of somebody who is erased.
        content.forget(row)
        row.save(update_fields=["key_version", "sealed"])


def whereto(row: Request) -> tuple[str, str]:
    """Return e-mail (or nothing) and language of the one who asked. Raises `NoKey`."""
    customer = Customer.objects.filter(pk=row.customer or 0).first()
    address = content.read(row).email or (customer.email if customer else "")
    return address, _language(row)


def _language(row: Request) -> str:
    customer = Customer.objects.filter(pk=row.customer or 0).first()
    return row.language or (language_of(customer.language) if customer else "fi")


def write(letter: RequestLetter, config: Config, language: str) -> tuple[str, str]:
    """Return subject and text."""
    row = letter.request
    words = texts("letters", language)
    frame, own = words["frame"], words[letter.what]
    received = row.opened_at.astimezone(clock.HELSINKI).date()
    title = policy.TITLES[RequestKind(row.kind)][place(language)]
    values = {
        "title": title, "reason": letter.reason,
        "due": written(row.due_on or received, language),
        "extended": written(policy.extended_to(received), language),
        "form": links.page("requests", language),
        **_special(letter, own, config, language),
    }  # fmt: skip
    body = [frame["hello"], "", own["text"].strip().format(**values).strip()]
    if letter.what == _What.ARCHIVE and row.purchases is not None:
        body += ["", own["rest"].format(**values)]
    if letter.what != _What.CONFIRM:
        number = {"title": title, "number": row.pk, "received": written(received, language)}
        body += ["", frame["number"].format(**number)]
    if letter.what in {_What.REFUSED, _What.EXTENDED, _What.ACCEPTED, _What.LIFTING}:
        body += ["", frame["complaint"]]
    body += ["", contact(config)]
    return own["subject"], "\n".join(body).rstrip() + "\n"


def _special(
    letter: RequestLetter, own: dict[str, str], config: Config, language: str
) -> dict[str, str]:
    row = letter.request
    if letter.what == _What.CONFIRM:
        ends = (row.opened_at + timedelta(days=policy.CONFIRM_DAYS)).astimezone(clock.HELSINKI)
        return {"link": links.confirm(row, language), "until": written(ends.date(), language)}
    if letter.what == _What.ARCHIVE:
        made = Archive.objects.filter(request=row, expires_at__gt=clock.now()).first()
        if made is None:
            raise RegisterError("The copy is not there any more: make another.")
        until = made.expires_at.astimezone(clock.HELSINKI).date()
        return {"link": links.archive(made, language), "until": written(until, language)}
    if letter.what == _What.REFUSED:
        return {"ground": texts("letters", language)["grounds"][row.ground]}
    if letter.what == _What.ACCEPTED:
        where = own["everywhere" if config.erase_in_shop else "register"]
        return {"stays": letter.reason, "where": where}
    if letter.what == _What.DONE:
        done = own[row.kind]
        if row.kind == RequestKind.OBJECTION and row.marketing:
            done = own["objection_marketing"]
        if row.kind == RequestKind.ERASURE and not config.erase_in_shop:
            done = own["erasure_register"]
        if row.kind != RequestKind.OBJECTION and (names := _recipients(row)):
            done += "\n\n" + own["told"].format(recipients=", ".join(names))
        return {"done": done}
    return {}


def _stays(row: Request, config: Config, language: str) -> str:
    """Return what an erasure leaves, why and until when: article 17(3), line by line."""
    own = texts("letters", language)[_What.ACCEPTED]
    customer = row.customer or 0
    found = keeps.of_customers([customer], clock.today(), config)[customer]
    # What the request itself ends keeps nothing from tomorrow on.
    lines = lines_of((one for one in found if one.rule not in {"request", "telling"}), language)
    return "\n".join([own["stays"], *lines]) if lines else own["nothing_stays"]


def lines_of(found: Iterable[keeps.Keep], language: str) -> list[str]:
    """Return a line a part and rule: what, on which ground, until the latest day."""
    until: dict[tuple[parts.Part, str], list[date | None]] = defaultdict(list)
    for one in found:
        until[one.part, one.rule].append(one.until)
    rules, lines = in_force(clock.today()), []
    for (part, name), days in until.items():
        rule = rules[name]
        known = [day for day in days if day]
        end = written(max(known), language) if len(known) == len(days) else (
            rule.words(place(language), Config()))  # fmt: skip
        what, why = parts.TITLES[part][place(language)], rule.title[place(language)]
        lines.append(f"- {what}: {why} ({rule.ground}), {end}")
    return lines


def _recipients(row: Request) -> list[str]:
    if row.customer is None or row.kind not in {RequestKind.RECTIFICATION, RequestKind.RESTRICTION}:
        return []
    return sorted({one.name for one in history.recipients_of(row.customer) if not one.ended_at})


def _extend(letter: RequestLetter, by: str) -> None:
    row = letter.request
    if row.due_on is None or clock.today() > row.due_on:
        raise RegisterError("The first month is over: the extension could not be told in time.")
    received = row.opened_at.astimezone(clock.HELSINKI).date()
    row.due_on, row.extended_at = policy.extended_to(received), clock.now()
    row.extended_by, row.reminded = by, None
    row.save(update_fields=["due_on", "extended_at", "extended_by", "reminded"])


def note_erasures(config: Config) -> None:
    """Let those whose erasure was accepted, or is done, be told, also who deleted the account.

    What stays is written down at once: of whoever is erased nobody knows it any more.
    """
    # Of an account that staff deleted nobody has asked.
    rows = Request.objects.filter(kind=RequestKind.ERASURE).exclude(
        origin=Request.Origin.CUSTOMER_DELETED
    )
    for state, what in ((RequestState.ACCEPTED, _What.ACCEPTED), (RequestState.DONE, _What.DONE)):
        found = rows.filter(state=state).exclude(letters__what=what)
        if state == RequestState.DONE:
            # The others were erased before there was a key, or an address.
            found = found.exclude(sealed=None)
        for row in found.order_by("pk")[:500]:
            with transaction.atomic():
                # Taken back, or ended by a purchase, it promises nothing.
                if not found.filter(pk=row.pk).select_for_update(no_key=True, of=("self",)).first():
                    continue
                stays = ""
                if state == RequestState.ACCEPTED:
                    stays = _stays(row, config, _keep_address(row.pk))
                    tellings.erasing(row)
                now = clock.now()
                RequestLetter.objects.get_or_create(
                    request=row, what=what,
                    defaults={"made_at": now, "next_at": now, "reason": stays},
                )  # fmt: skip


def _keep_address(request_id: int) -> str:
    """Seal where the answer goes, before the customer's row is gone; return its language."""
    row = Request.objects.select_for_update(no_key=True).get(pk=request_id)
    row.language = _language(row)
    row.save(update_fields=["language"])
    try:
        address, written_ = whereto(row)[0], content.read(row)
        if address and not written_.email:
            content.seal(row, content.Content(email=address, message=written_.message))
            row.save(update_fields=["key_version", "sealed"])
    except keys.NoKey:
        # The status says so as long as it lasts.
        pass
    return row.language
