"""Whom marketing may be sent to now: by channel, language and simple segments.

Read in pages by the customer's key, so a list of any length needs the memory of one page. Each page
is one use of the register for marketing: what was seen is in the log before the page goes out, and
what lets the reader in is asked for once more for every page. Whoever says no after the page was
made is caught by the question before sending (`contacts.may_contact`).

A recall, or what is told about orders, is another purpose (`contacts.SERVICE`): read for it, the
list has everybody in the segment, also who said no, and needs no key.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import repeat

from django.db.models import prefetch_related_objects

from .. import clock
from ..access import guard
from ..access.actor import Actor
from ..access.guard import Visit
from ..access.held import while_held
from ..errors import RegisterError
from ..models import Customer
from ..policy.categories import Category
from ..policy.languages import language_of
from ..policy.marketing import Channel, Permission
from ..policy.purposes import Purpose
from ..register.rows import fetch
from ..shop.port import shop
from . import contact_keys, contacts, links, reach
from .contact_keys import ContactKey, Place
from .owners import Pair

#: Customers of a page.
PAGE = 1000
#: Customers that a count asks for: some seconds.
COUNTED = 20_000
_HOLDS = {
    Channel.EMAIL: Category.EMAIL, Channel.SMS: Category.PHONE, Channel.PHONE: Category.PHONE,
    Channel.POST: Category.POSTAL,
}  # fmt: skip


class AudienceClosed(RegisterError):
    """There is no audience now; the message says why."""

    code = "AUDIENCE_CLOSED"


@dataclass(frozen=True, slots=True)
class Segment:
    """Who among the customers; empty: all. `language`: `fi`, `sv`, `en`; `country`: of an address.

    What they bought (`sku`, `bought_since`) is a profile: who wants none is left out.
    """

    language: str = ""
    country: str = ""
    bought_since: date | None = None
    sku: str = ""

    @property
    def profiles(self) -> bool:
        """Tell whether purchases decide."""
        return bool(self.sku or self.bought_since)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person to write to. `headers` belong into every message to them.

    For another purpose than marketing there are none, nor a link: it is nothing to say no to.
    """

    customer: int
    name: str
    address: Place
    language: str
    link: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """`last`: the customer to go on after; None: that was all."""

    recipients: list[Recipient]
    last: int | None


def asks(channel: Channel, segment: Segment) -> frozenset[Category]:
    """Return the kinds of data that an audience shows or is chosen by."""
    bought = {Category.PURCHASE} if segment.profiles else set()
    return frozenset({Category.NAME, _HOLDS[channel], *bought})


def check(purpose: Purpose) -> bool:
    """Raise `AudienceClosed` while nobody gets a list for a purpose, `BadPurpose` for one that has
    none; tell whether for it is asked who may be written to.
    """
    if not shop().config().active:
        raise AudienceClosed("The plugin has been deactivated.")
    asked = contacts.asks_permission(purpose)
    if asked and (refusal := contacts.closed()):
        raise AudienceClosed(refusal.message)
    return asked


def export(
    actor: Actor,
    channel: Channel,
    segment: Segment = Segment(),
    *,
    after: int = 0,
    purpose: Purpose = Purpose.MARKETING,
) -> Iterator[list[Recipient]]:
    """Yield everybody, page by page, each logged before it is handed out.

    Raises `Refused`, and `AudienceClosed`, also in the middle; `BadPurpose`.
    """
    return while_held(actor, "audience", _pages(actor, channel, segment, after, purpose))


def _pages(
    actor: Actor, channel: Channel, segment: Segment, after: int, purpose: Purpose
) -> Iterator[list[Recipient]]:
    found: int | None = after
    while found is not None:
        with guard.visit(actor, purpose, act="audience", asks=asks(channel, segment)) as visit:
            page = read(visit, channel, segment, after=found, limit=PAGE)
        if page.recipients:
            yield page.recipients
        found = page.last


def read(
    visit: Visit, channel: Channel, segment: Segment = Segment(), *, after: int = 0,
    limit: int = PAGE,
) -> Page:  # fmt: skip
    """Read the next `limit` customers in a visit; who may not be written to for its purpose is left
    out. Raises `AudienceClosed`, `BadPurpose`.
    """
    people, last = _allowed(visit, channel, segment, after, limit)
    doors = _doors(channel, people) if visit.purpose is Purpose.MARKETING else repeat(("", {}))
    found = [
        Recipient(
            one.pk, f"{one.first_name} {one.last_name}".strip() or one.company_name, address,
            language_of(one.language), link, headers,
        )
        for (one, address), (link, headers) in zip(people, doors, strict=False)
    ]  # fmt: skip
    visit.saw([one.customer for one in found])
    return Page(found, last)


def _doors(
    channel: Channel, people: Sequence[tuple[Customer, Place]]
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield by person the link to their preferences, and the headers of a message to them."""
    pairs = [(channel, contact_keys.normalise(channel, address)) for _, address in people]
    newest, digests = next(iter(contact_keys.many(pairs).items()))
    config, pages = shop().config(), shop().pages()
    for digest, (customer, _) in zip(digests, people, strict=True):
        token = links.token(ContactKey(newest, digest), channel, customer=customer.pk)
        yield (
            links.url("preferences", token, pages=pages),
            links.headers(token, pages=pages, config=config),
        )


@dataclass(frozen=True, slots=True)
class Count:
    """How many of `customers`, who have an address there, may be written to now.

    `whole`: all were asked for; else `allowed` is of the first `COUNTED`.
    """

    customers: int
    allowed: int
    whole: bool


def count(visit: Visit, channel: Channel, segment: Segment = Segment()) -> Count:
    """Count an audience in a visit; nobody is shown. Raises as `read` does."""
    after: int | None = 0
    allowed = asked = 0
    while after is not None and asked < COUNTED:
        people, after = _allowed(visit, channel, segment, after, PAGE)
        visit.saw_figures(one.pk for one, _ in people)
        allowed, asked = allowed + len(people), asked + PAGE
    return Count(_size(channel, segment), allowed, after is None)


def _allowed(
    visit: Visit, channel: Channel, segment: Segment, after: int, limit: int
) -> tuple[list[tuple[Customer, Place]], int | None]:
    """Return who of the next customers may be written to and where, and after whom to go on."""
    asked = check(visit.purpose)
    ids = _ids(channel, segment, after, limit)
    people = list(Customer.objects.filter(pk__in=visit.open_to(ids)).order_by("pk"))
    prefetch_related_objects(people, "identifiers", "addresses")
    reached = [(one, some[0]) for one in people if (some := reach.of_customer(one)[channel])]
    pairs = [(channel, contact_keys.normalise(channel, address)) for _, address in reached]
    every: Sequence[Permission | None] = (
        contacts.permissions(pairs, customers=[one.pk for one, _ in reached])
        if asked
        else [None] * len(pairs)
    )
    found: dict[Pair, tuple[Customer, Place]] = {}
    for theirs, pair, may in zip(reached, pairs, every, strict=True):
        if may is None or (may.allowed and (may.profiling or not segment.profiles)):
            found.setdefault(pair, theirs)
    return list(found.values()), ids[-1] if len(ids) == limit else None


def _size(channel: Channel, segment: Segment) -> int:
    """Return how many customers are in the segment and have an address on the channel."""
    [(count,)] = fetch(
        f"SELECT count(*) FROM jokkerit_plugin_customer AS c WHERE {_HAS[channel]} AND {_SEGMENT}",
        _values(segment),
        jit=False,
    )
    return int(count)


def _ids(channel: Channel, segment: Segment, after: int, limit: int) -> list[int]:
    """Return the keys of those in the segment who have an address on the channel."""
    rows = fetch(
        f"SELECT c.id FROM jokkerit_plugin_customer AS c WHERE c.id > %(after)s"
        f" AND {_HAS[channel]} AND {_SEGMENT} ORDER BY c.id LIMIT %(limit)s",
        {"after": after, "limit": limit, **_values(segment)},
        jit=False,
    )
    return [pk for (pk,) in rows]


def _values(segment: Segment) -> dict[str, object]:
    since = segment.bought_since
    return {
        "language": segment.language.lower(), "country": segment.country.upper(),
        "sku": segment.sku, "profiles": segment.profiles,
        "since": datetime.combine(since, time(), clock.HELSINKI) if since else None,
    }  # fmt: skip


_PLACE = "EXISTS (SELECT FROM jokkerit_plugin_postaladdress AS a WHERE a.customer_id = c.id"
_HAS = {
    Channel.EMAIL: "c.email <> ''",
    Channel.SMS: "c.phone <> ''",
    Channel.PHONE: "c.phone <> ''",
    Channel.POST: f"{_PLACE})",
}
_SEGMENT = f"""
    (%(language)s = '' OR split_part(lower(replace(c.language, '_', '-')), '-', 1) = %(language)s)
    AND (%(country)s = '' OR {_PLACE} AND a.country = %(country)s))
    AND (NOT %(profiles)s OR EXISTS (
        SELECT FROM jokkerit_plugin_purchase AS p WHERE p.customer_id = c.id
            AND p.cancelled_at IS NULL AND NOT p.is_test
            AND (%(since)s::timestamptz IS NULL OR p.placed_at >= %(since)s)
            AND (%(sku)s = '' OR EXISTS (SELECT FROM jokkerit_plugin_purchaseline AS l
                WHERE l.purchase_id = p.id AND l.sku = %(sku)s))))"""
