"""Tells who is inactive by mail, 30 days before, that they will be erased, and how to stay.

Customers, and then accounts of the shop that never bought.

A mail that was not sent tells nobody: no notice is stored, and the customer is not due. Without
a way to send mail the round ends with `MailError`. Whoever has an address that no server takes
cannot be told, as one without any: the notice says so, and its 30 days are for finding a better.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from importlib import resources

from django.db import transaction

from .. import clock
from ..config import Config
from ..models import Customer, Notice
from ..policy.languages import language_of
from ..register.locks import Lock, try_lock
from ..shop.port import AddressDeferred, AddressRefused, MailError, ShopPort
from . import inactive, strangers
from .inactive import Untold
from .strangers import Stranger

#: Days from the mail to the erasing.
DAYS = 30
PAGE = 10_000


def tell(
    day: date, config: Config, port: ShopPort, *, until: datetime, most: int, proven: bool = False
) -> bool:
    """Mail those who must be told, until the time `until` and `most` mails; whether that is all.

    `proven`: the mail server has taken a mail tonight. Until it has, no refusal is believed: one
    that relays nothing for the shop says it of every address. Who takes no mail now waits for the
    next round. Raises `MailError`. Several processes may do so at once. The notice is stored after
    its mail: killed between the two, one customer is told again. The other way round somebody would
    be erased who was never told.
    """
    told, finished = 0, True
    refused: list[Untold | Stranger] = []
    doubt: MailError | None = None
    for one in _everybody(day, config):
        if clock.now() >= until or told >= most:
            finished = False
            break
        try:
            told += _tell(one, day, config, port, believe=proven or bool(told))
        except AddressRefused as error:
            refused.append(one)
            doubt = error
        except AddressDeferred as error:
            doubt = error
    if doubt and not told and not proven:
        # Of every address the server says so: it is not the addresses.
        if refused and finished:
            # Some wait, some are dead: all are asked again next night, and not each minute.
            raise AddressRefused(doubt.message)
        raise doubt if finished else MailError(doubt.message)
    for one in refused:
        if clock.now() >= until or told >= most:
            return False
        with suppress(AddressDeferred):
            told += _tell(one, day, config, port, believe=True)
    return finished


def _everybody(day: date, config: Config) -> Iterator[Untold | Stranger]:
    after = 0
    while page := inactive.untold(day, config, after=after, limit=PAGE):
        yield from page
        after = page[-1].customer
    for some in strangers.untold(day, config):
        yield from some


def counts(day: date, config: Config) -> dict[str, int]:
    """Return how many would be told now, by why they are inactive."""
    never = sum(len(page) for page in strangers.untold(day, config))
    found = {"inactive": inactive.count(day, config), strangers.RULE: never}
    return {rule: number for rule, number in found.items() if number}


def told_since(moment: datetime, *, taken: bool = False) -> int:
    """Return how many mails were sent, or (unless `taken`) refused for good, since then."""
    found = Notice.objects.filter(told_at__gte=moment)
    return (found.filter(refused=False) if taken else found).count()


def _tell(
    one: Untold | Stranger, day: date, config: Config, port: ShopPort, *, believe: bool
) -> bool:
    """Mail one and store the notice; `believe`: also of an address that is refused for good."""
    with transaction.atomic():
        if isinstance(one, Stranger):
            return _tell_stranger(one, day, config, port, believe)
        return _tell_customer(one, day, config, port, believe)


def _tell_customer(one: Untold, day: date, config: Config, port: ShopPort, believe: bool) -> bool:
    # Of this one's mail alone: the row itself is not locked, a mail may take seconds.
    if not try_lock(Lock.NOTICE, str(one.customer)):
        return False
    # Whoever came while others were told is not told of a term that is none.
    if inactive.still_untold([one.customer], day, config) != [one]:
        return False
    person = Customer.objects.filter(pk=one.customer).exclude(email="").first()
    if person is None:
        return False
    language = language_of(person.language)
    refused = not _taken(port, write(config, language, clock.now()), person.email, believe)
    Notice.objects.create(
        customer=person, term=one.term, told_at=clock.now(), language=language, refused=refused
    )
    return True


def _tell_stranger(one: Stranger, day: date, config: Config, port: ShopPort, believe: bool) -> bool:
    if not try_lock(Lock.NOTICE, f"user:{one.user}"):
        return False
    if [one] not in strangers.untold(day, config, among=[str(one.user)]):
        return False
    person = next(iter(port.customers([one.user], config)), None)
    if person is None or not person.email:
        return False
    language = language_of(person.language)
    text = write(config, language, clock.now(), kind="account")
    refused = not _taken(port, text, person.email, believe)
    Notice.objects.create(
        user=one.user, term=one.term, told_at=clock.now(), language=language, refused=refused
    )
    return True


def _taken(port: ShopPort, mail: tuple[str, str], address: str, believe: bool) -> bool:
    try:
        port.mail(*mail, [address])
    except AddressRefused:
        if not believe:
            raise
        return False
    return True


def write(config: Config, language: str, now: datetime, *, kind: str = "notice") -> tuple[str, str]:
    """Return subject and text of the mail; `kind`: `notice`, or `account` that never bought."""
    day = (now + timedelta(days=DAYS + 1)).astimezone(clock.HELSINKI).date()
    template = resources.files("jokkerit_plugin") / "data" / f"{kind}.{language}.txt"
    subject, _, text = template.read_text(encoding="utf-8").partition("\n\n")
    written = f"{day.day} {day:%B %Y}" if language == "en" else f"{day.day}.{day.month}.{day.year}"
    words = {
        "day": written,
        "contact": config.contact,
        "years": config.bookkeeping_years,
    }
    return subject.format(**words), text.format(**words)
