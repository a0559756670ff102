"""The mail of a double opt-in: one for each consent by e-mail that waits for its link.

Beat sends what waits, so a consent need not wait for a mail server. The address is read when the
mail is written, from the register or from the shop's account, and checked against the consent's
contact key. Killed between a mail and its commit, one is written twice.
"""

from collections.abc import Iterable
from datetime import timedelta
from importlib import resources
from typing import Any

from django.db import transaction

from .. import clock
from ..config import Config
from ..models import Confirmation, Customer, MarketingEvent
from ..policy.languages import language_of
from ..policy.marketing import CONFIRM_WITHIN, Channel, Kind
from ..register.locks import Lock, try_lock
from ..register.rows import fetch, table
from ..shop.port import AddressDeferred, AddressRefused, ShopPort
from . import contact_keys, contacts, ledger, links, reach
from .contact_keys import ContactKey
from .reach import Reach

PAGE = 100
#: Whoever types another's address into forms makes the shop write to it no more often.
PAUSE = timedelta(days=1)

_WAITING = f"""
SELECT e.id FROM {table(MarketingEvent)} e
LEFT JOIN {table(Confirmation)} c ON c.event = e.id
WHERE e.at > %s AND e.id > %s AND e.kind = 'consent' AND e.channel = 'email'
    AND c.sent_at IS NULL AND (e.customer IS NOT NULL OR c."user" IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM {table(Confirmation)} sent
        JOIN {table(MarketingEvent)} other ON other.id = sent.event
        WHERE sent.sent_at > %s AND other.digest = e.digest)
ORDER BY e.id LIMIT %s"""


def remember(events: Iterable[MarketingEvent], *, user: int) -> None:
    """Note whose account a consent by e-mail came from, in its transaction."""
    Confirmation.objects.bulk_create(
        Confirmation(event=one.pk, user=user)
        for one in events
        if (one.kind, one.channel) == (Kind.CONSENT, Channel.EMAIL)
    )


def send(config: Config, port: ShopPort) -> int:
    """Write the mails that wait, and drop the notes that are over; return how many were sent.

    None while nobody may be contacted: the address may be of somebody who is out. An address that
    takes no mail holds up no other. Raises `MailError`.
    """
    if not config.marketing_double_opt_in or contacts.closed():
        return 0
    Confirmation.objects.filter(event__in=_over()).delete()
    after = sent = 0
    deferred: AddressDeferred | None = None
    while page := fetch(_WAITING, _since(after, PAGE)):
        for (event,) in page:
            try:
                sent += _send(event, config, port)
            except AddressDeferred as error:
                deferred = error
        after = page[-1][0]
    if deferred and not sent:
        # Of every address the server says so: it is not the addresses.
        raise deferred
    return sent


def _since(after: int, limit: int) -> list[Any]:
    now = clock.now()
    return [now - CONFIRM_WITHIN, after, now - PAUSE, limit]


def _over() -> list[int]:
    old = f"""SELECT c.event FROM {table(Confirmation)} c
        LEFT JOIN {table(MarketingEvent)} e ON e.id = c.event
        WHERE e.id IS NULL OR e.at < %s ORDER BY 1 LIMIT 1000"""
    return [event for (event,) in fetch(old, [clock.now() - CONFIRM_WITHIN])]


def _send(event: int, config: Config, port: ShopPort) -> bool:
    with transaction.atomic():
        consent = MarketingEvent.objects.get(pk=event)
        key = ContactKey(consent.key_version, bytes(consent.digest))
        # Of this address's mails alone: one may take seconds, and the ledger does not wait.
        if not try_lock(Lock.CONFIRMATION, key.digest.hex()) or not _waits(event, key):
            return False
        address = _address(consent, key, config, port)
        if address is None:
            return False
        try:
            port.mail(*write(config, consent, key), [address])
            sent = True
        except AddressRefused:
            sent = False
        Confirmation.objects.update_or_create(event=event, defaults={"sent_at": clock.now()})
    return sent


def _waits(event: int, key: ContactKey) -> bool:
    # Asked again, locked: another mail to the same address may have gone out meanwhile.
    if fetch(_WAITING, _since(event - 1, 1)) != [(event,)]:
        return False
    found, customer = reach.siblings(key)
    return ledger.standing(found, customer=customer)[Channel.EMAIL].waits


def _address(
    consent: MarketingEvent, key: ContactKey, config: Config, port: ShopPort
) -> str | None:
    """Return the address that the consent is about, if it still is somebody's."""
    reached: list[Reach] = []
    note = Confirmation.objects.filter(event=consent.pk).first()
    theirs = [] if consent.customer is None else [consent.customer]
    reached += map(reach.of_customer, Customer.objects.filter(pk__in=theirs))
    if note and note.user:
        reached += map(reach.of_account, port.customers([note.user], config))
    for one in reached:
        for address in one[Channel.EMAIL]:
            if key in contact_keys.keys(Channel.EMAIL, address):
                return str(address)
    return None


def write(config: Config, consent: MarketingEvent, key: ContactKey) -> tuple[str, str]:
    """Return subject and text of the mail, in the language of the consent."""
    language = language_of(consent.language)
    template = resources.files("jokkerit_plugin") / "data" / f"confirm.{language}.txt"
    subject, _, text = template.read_text(encoding="utf-8").partition("\n\n")
    day = (consent.at + CONFIRM_WITHIN).astimezone(clock.HELSINKI).date()
    written = f"{day.day} {day:%B %Y}" if language == "en" else f"{day.day}.{day.month}.{day.year}"
    token = links.confirmation(key, Channel.EMAIL, at=consent.at)
    words = {
        "controller": config.controller_name,
        "day": written,
        "link": links.url("confirm", token),
        "contact": config.contact,
    }
    return subject, text.format(**words)
