"""Do the books tie out with the shop's own tables, to the cent? Else each difference, and why.

Both sides come as streams by order, so memory is flat; an order that is alike on both sides is
only counted.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction

from ..access.actor import Actor
from ..models import InboxEvent, Posting, Purchase, PurchaseLine, SetAside
from ..policy.vat import Cause
from ..register.rows import fetch, stream, table
from ..shop.accounts import ShopMoney, ShopSale
from ..shop.port import shop
from ..shop.snapshots import GIFT_CARD_GATEWAY
from . import door
from .entries import EntryKind
from .periods import Period

K = EntryKind
#: What of an order is compared: for sales country and rate, for money the gateway.
Place = tuple[Any, ...]


class Why(StrEnum):
    """Why the books and the shop differ for an order."""

    #: Its tax point falls in parts into other periods.
    PARTS = "parts"
    #: Some of it is neither paid nor delivered yet.
    NOT_YET = "not_yet"
    #: Some of it was booked on closed days and corrected afterwards.
    CORRECTED = "corrected"
    #: The shop has deleted it; the books keep it.
    DELETED = "deleted"
    #: It has changed, and waits in the inbox or to be booked.
    WAITING = "waiting"
    #: The register does not have it: run register_reconcile.
    MISSING = "missing"
    #: Nobody knows: this needs a person.
    UNKNOWN = "unknown"


#: Differences that are as they should be.
_IN_ORDER = frozenset({Why.PARTS, Why.NOT_YET, Why.CORRECTED, Why.DELETED})


@dataclass(frozen=True, slots=True)
class Difference:
    """One order where books and shop differ: net and gross of sales, or money (net is gross)."""

    order_number: str
    currency: str
    what: str
    books_net: Decimal
    books_gross: Decimal
    shop_net: Decimal
    shop_gross: Decimal
    why: Why


@dataclass(frozen=True, slots=True)
class Total:
    """Sales or money of one currency on both sides."""

    what: str
    currency: str
    books_gross: Decimal
    shop_gross: Decimal


@dataclass(frozen=True, slots=True)
class TieOut:
    """`exact`: alike to the cent. `explained`: what differs is as it should be."""

    period: Period
    orders: int
    totals: tuple[Total, ...]
    differences: tuple[Difference, ...]

    @property
    def exact(self) -> bool:
        """Every order is alike."""
        return not self.differences

    @property
    def explained(self) -> bool:
        """Nothing differs that a person must look at."""
        return all(one.why in _IN_ORDER for one in self.differences)


@dataclass(frozen=True, slots=True)
class _Row:
    order: UUID
    number: str
    currency: str
    place: Place
    net: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class _Known:
    """What the register knows of an order: its lines and shipping, and what of them is booked."""

    waiting: bool
    deleted: bool
    corrected: bool
    elsewhere: bool
    whole: tuple[Decimal, Decimal]
    booked: tuple[Decimal, Decimal]


def run(period: Period, *, actor: Actor) -> TieOut:
    """Compare a period's books with the shop. Raises `Refused`, `CannotTell`."""
    with door.bookkeeping(actor, period, act="tie-out"):
        return compare(period)


def compare(period: Period) -> TieOut:
    """Compare a period's books with the shop; not guarded. Raises `CannotTell`."""
    totals: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    differing: list[tuple[str, list[_Row], list[_Row]]] = []
    orders = 0
    port = shop()
    with transaction.atomic():
        found = port.accounts(period.start, period.end, port.config())
        for what, ours, theirs in (
            ("sales", _books(period, "sales", _SOLD), map(_sale, found.sales)),
            ("money", _books(period, "money", _MOVED), map(_money, found.money)),
        ):
            for mine, yours in _pairs(ours, theirs):
                orders += what == "sales"
                for side, rows in enumerate((mine, yours)):
                    for row in rows:
                        totals[what, row.currency][side] += row.gross
                if _sums(mine) != _sums(yours):
                    differing.append((what, mine, yours))
        known = _look_up([(mine or yours)[0].order for _, mine, yours in differing], period)
    return TieOut(
        period,
        orders,
        tuple(Total(*key, *sides) for key, sides in sorted(totals.items())),
        tuple(_difference(*one, known) for one in differing),
    )


# A gift card that is used or given back moves no sale: only its being sold is compared.
_SOLD = """p.kind IN ('sale', 'shipping')
    OR p.kind IN ('gift_card_sold', 'gift_card_taxed') AND p.gross > 0"""
_MOVED = "p.kind IN ('payment', 'payback')"


def _books(period: Period, what: str, kinds: str) -> Iterator[_Row]:
    place = "p.country, p.rate" if what == "sales" else "p.gateway, NULL"
    rows = stream(
        f"jokkerit_books_{what}",
        f"SELECT b.saleor_order, b.number, p.currency, {place}, sum(p.net), sum(p.gross)"
        f" FROM {table(Posting)} AS p JOIN {table(Purchase)} AS b ON b.id = p.purchase_id"
        f" WHERE p.day BETWEEN %s AND %s AND ({kinds}) GROUP BY 1, 2, 3, 4, 5"
        " HAVING sum(p.net) <> 0 OR sum(p.gross) <> 0 ORDER BY 1",
        [period.first, period.last],
    )
    for order, number, currency, one, other, net, gross in rows:
        yield _Row(order, number, currency, (one, other), net, gross)


def _sale(one: ShopSale) -> _Row:
    place = (one.country, one.rate)
    return _Row(one.order, one.number, one.currency, place, one.net, one.gross)


def _money(one: ShopMoney) -> _Row:
    # The shop's own gift cards pay without moving money.
    amount = Decimal(0) if one.gateway == GIFT_CARD_GATEWAY else one.amount
    return _Row(one.order, one.number, one.currency, (one.gateway, None), amount, amount)


def _pairs(ours: Iterable[_Row], theirs: Iterable[_Row]) -> Iterator[tuple[list[_Row], list[_Row]]]:
    """Pair the rows of each order; both streams are in the order of keys."""
    key: Callable[[_Row], UUID] = lambda row: row.order  # noqa: E731
    sides = groupby(ours, key), groupby(theirs, key)
    heads = [next(side, None) for side in sides]
    while any(heads):
        lowest = min(head[0] for head in heads if head)
        rows: list[list[_Row]] = []
        for n, head in enumerate(heads):
            if head and head[0] == lowest:
                rows.append(list(head[1]))
                heads[n] = next(sides[n], None)
            else:
                rows.append([])
        yield rows[0], rows[1]


def _sums(rows: list[_Row]) -> dict[Place, tuple[Decimal, Decimal]]:
    sums: dict[Place, tuple[Decimal, Decimal]] = {}
    for row in rows:
        place = (row.currency, *row.place)
        net, gross = sums.get(place, (Decimal(0), Decimal(0)))
        sums[place] = net + row.net, gross + row.gross
    return {place: both for place, both in sums.items() if any(both)}


def _total(rows: list[_Row]) -> tuple[Decimal, Decimal]:
    return sum((row.net for row in rows), Decimal(0)), sum((row.gross for row in rows), Decimal(0))


def _difference(
    what: str, mine: list[_Row], yours: list[_Row], known: dict[UUID, _Known]
) -> Difference:
    first = (mine or yours)[0]
    why = _why(what, yours, known.get(first.order))
    return Difference(first.number, first.currency, what, *_total(mine), *_total(yours), why)


def _why(what: str, yours: list[_Row], known: _Known | None) -> Why:
    if known is None:
        return Why.MISSING
    sold = what == "sales"
    # Whatever falls into other periods, the whole order must be what the shop says.
    strange = sold and bool(yours) and known.whole != _total(yours)
    causes = (
        (known.waiting, Why.WAITING),
        (known.deleted and not yours, Why.DELETED),
        (strange, Why.UNKNOWN),
        (known.corrected, Why.CORRECTED),
        (sold and known.elsewhere, Why.PARTS),
        (sold and known.booked != known.whole, Why.NOT_YET),
    )
    return next((why for holds, why in causes if holds), Why.UNKNOWN)


def _look_up(orders: list[UUID], period: Period) -> dict[UUID, _Known]:
    """Return what may explain a difference, for the orders that the register has."""
    if not orders:
        return {}
    events = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table(model)} AS w WHERE w.key = b.saleor_order::text)"
        for model in (InboxEvent, SetAside)
    )
    rows = fetch(
        f"SELECT b.saleor_order, b.unbooked OR {events}, b.absent_since IS NOT NULL,"
        " coalesce(bool_or(p.cause LIKE %s), false),"
        f" coalesce(bool_or(({_SOLD}) AND NOT p.day BETWEEN %s AND %s), false),"
        " b.shipping_net + lines.net, b.shipping_gross + lines.gross,"
        f" coalesce(sum(p.net) FILTER (WHERE {_SOLD}), 0),"
        f" coalesce(sum(p.gross) FILTER (WHERE {_SOLD}), 0)"
        f" FROM {table(Purchase)} AS b LEFT JOIN {table(Posting)} AS p ON p.purchase_id = b.id"
        " CROSS JOIN LATERAL (SELECT coalesce(sum(net), 0) AS net, coalesce(sum(gross), 0)"
        f" AS gross FROM {table(PurchaseLine)} WHERE purchase_id = b.id) AS lines"
        " WHERE b.saleor_order = ANY(%s::uuid[]) GROUP BY b.id, lines.net, lines.gross",
        [f"%{Cause.CORRECTION}%", period.first, period.last, orders],
    )
    return {
        order: _Known(waiting, deleted, corrected, elsewhere, (net, gross), (part, share))
        for order, waiting, deleted, corrected, elsewhere, net, gross, part, share in rows
    }
