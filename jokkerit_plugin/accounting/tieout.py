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
from ..shop.accounts import ShopCredit, ShopMoney, ShopSale
from ..shop.port import shop
from ..shop.snapshots import GIFT_CARD_GATEWAY, Kind
from . import door
from .differences import CREDITED, MOVED, SOLD, Both, Known, Reason, cause, look_up
from .periods import Period

#: What of an order is compared: for sales country and rate, for money the gateway.
Place = tuple[Any, ...]
#: Differences that are as they should be.
_IN_ORDER = frozenset(
    {
        Reason.PARTS, Reason.NOT_YET, Reason.NO_PIECES, Reason.NO_CREDIT, Reason.CORRECTED,
        Reason.DELETED, Reason.ERASED,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """One order where books and shop differ: net and gross of sales or credits, or money.

    Of money net is gross. `shop_net` is None where the shop does not say.
    """

    order: UUID
    order_number: str
    currency: str
    what: str
    books_net: Decimal
    books_gross: Decimal
    shop_net: Decimal | None
    shop_gross: Decimal
    reason: Reason
    customer: int | None


@dataclass(frozen=True, slots=True)
class Total:
    """Sales, money or refunds of one currency on both sides."""

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
        return all(one.reason in _IN_ORDER for one in self.differences)


@dataclass(frozen=True, slots=True)
class _Row:
    order: UUID
    number: str
    currency: str
    place: Place
    net: Decimal | None
    gross: Decimal


def run(period: Period, *, actor: Actor, purpose: Purpose = Purpose.BOOKKEEPING) -> TieOut:
    """Compare a period's books with the shop. Raises `Refused`, `CannotTell`."""
    with door.bookkeeping(actor, period, act="tie-out", purpose=purpose) as visit:
        found = compare(period)
        # An order may differ because its entries lie outside the period.
        visit.saw(one.customer for one in found.differences if one.customer is not None)
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
            ("refunds", _books(period, "refunds", CREDITED), map(_credit, found.credits)),
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
    place = "p.gateway, NULL" if what == "money" else "p.country, p.rate"
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


def _credit(one: ShopCredit) -> _Row:
    place = (one.country, one.rate)
    return _Row(one.order, one.number, one.currency, place, one.net, one.gross)


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


def _sums(rows: list[_Row]) -> dict[Place, Both]:
    sums: dict[Place, list[_Row]] = defaultdict(list)
    for row in rows:
        sums[row.currency, *row.place].append(row)
    totals = {place: _total(found) for place, found in sums.items()}
    return {place: both for place, both in totals.items() if any(both)}


def _total(rows: list[_Row]) -> Both:
    """Net and gross; the net is None where a row does not say."""
    net: Decimal | None = Decimal(0)
    for row in rows:
        net = None if net is None or row.net is None else net + row.net
    return net, sum((row.gross for row in rows), Decimal(0))


def _difference(
    what: str,
    mine: list[_Row],
    yours: list[_Row],
    known: dict[UUID, Known],
    gone: set[tuple[Kind, str]],
    period: Period,
) -> Difference:
    first = (mine or yours)[0]
    own, theirs = known.get(first.order), _total(yours) if yours else None
    (net, gross), shop = _total(mine), theirs or (Decimal(0), Decimal(0))
    erased = (Kind.ORDER, str(first.order)) in gone
    at = defaultdict[Any, list[_Row]](list)
    for row in yours:
        at[row.place[-1]].append(row)
    rates = {rate: _total(found) for rate, found in at.items()}
    why = Reason.ERASED if erased else cause(what, (net, gross), theirs, own, period, rates)
    return Difference(
        first.order, first.number, first.currency, what, net or Decimal(0), gross, *shop,
        why, own.customer if own else None,
    )  # fmt: skip
