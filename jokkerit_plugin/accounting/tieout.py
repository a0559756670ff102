"""Do the books tie out with the shop's own tables, to the cent? Else each difference, and why.

Both sides come as streams by order, so memory is flat; an order that is alike on both sides is
only counted.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction

from ..access.actor import Actor
from ..models import Posting, Purchase
from ..policy.purposes import Purpose
from ..register import erased
from ..register.rows import stream, table
from ..shop.accounts import ShopMoney, ShopSale
from ..shop.port import shop
from ..shop.snapshots import GIFT_CARD_GATEWAY, Kind
from . import door
from .differences import MOVED, SOLD, Known, Why, cause, look_up
from .periods import Period

#: What of an order is compared: for sales country and rate, for money the gateway.
Place = tuple[Any, ...]
#: Differences that are as they should be.
_IN_ORDER = frozenset({Why.PARTS, Why.NOT_YET, Why.CORRECTED, Why.DELETED, Why.ERASED})


@dataclass(frozen=True, slots=True)
class Difference:
    """One order where books and shop differ: net and gross of sales, or money (net is gross)."""

    order: UUID
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


def run(period: Period, *, actor: Actor, purpose: Purpose = Purpose.BOOKKEEPING) -> TieOut:
    """Compare a period's books with the shop. Raises `Refused`, `CannotTell`."""
    with door.bookkeeping(actor, period, act="tie-out", purpose=purpose) as visit:
        found = compare(period)
        # An order may differ because its entries lie outside the period.
        visit.saw(door.buyers(one.order for one in found.differences))
        return found


def compare(period: Period) -> TieOut:
    """Compare a period's books with the shop; not guarded. Raises `CannotTell`."""
    totals: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    differing: list[tuple[str, list[_Row], list[_Row]]] = []
    orders = 0
    port = shop()
    with transaction.atomic():
        found = port.accounts(period.start, period.end, port.config())
        for what, ours, theirs in (
            ("sales", _books(period, "sales", SOLD), map(_sale, found.sales)),
            ("money", _books(period, "money", MOVED), map(_money, found.money)),
        ):
            for mine, yours in _pairs(ours, theirs):
                orders += what == "sales"
                for side, rows in enumerate((mine, yours)):
                    for row in rows:
                        totals[what, row.currency][side] += row.gross
                if _sums(mine) != _sums(yours):
                    differing.append((what, mine, yours))
        orders_differing = [(mine or yours)[0].order for _, mine, yours in differing]
        known = look_up(orders_differing, period)
        gone = erased.among((Kind.ORDER, str(key)) for key in set(orders_differing) - set(known))
    return TieOut(
        period,
        orders,
        tuple(Total(*key, *sides) for key, sides in sorted(totals.items())),
        tuple(_difference(*one, known, gone, period) for one in differing),
    )


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
    what: str,
    mine: list[_Row],
    yours: list[_Row],
    known: dict[UUID, Known],
    gone: set[tuple[Kind, str]],
    period: Period,
) -> Difference:
    first = (mine or yours)[0]
    why = (
        Why.ERASED
        if (Kind.ORDER, str(first.order)) in gone
        else cause(what, _total(yours) if yours else None, known.get(first.order), period)
    )
    return Difference(
        first.order, first.number, first.currency, what, *_total(mine), *_total(yours), why
    )
