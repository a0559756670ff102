"""Lists of the schema: Relay connections, paging arguments and `sortBy`, as Saleor has them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import graphene
from django.db.models import QuerySet

from ..pagination import Order, Slice, decode, encode, number, page
from .enums import enumeration

#: What fields of every list say.
CURSOR = "The row's place: opaque, encrypted, and good for this order alone."
ABOUT_PAGE = "Whether there is more, and where to go on."


OrderDirection = enumeration(
    (("ASC", ""), ("DESC", "-")), "OrderDirection", "Which way a list is sorted, as Saleor has it.",
    ASC="Rising.", DESC="Falling.",
)  # fmt: skip
_SORT_WORDS = {
    "NEWEST": "In the order in which they were made.", "DUE_AT": "By the end of the 72 hours.",
    "DUE_ON": "By the last day for the answer.", "REVIEW_ON": "By the day of review.",
    "NAME": "By last and first name, or the company's, in Finnish order.",
    "ENTERED_AT": "By when they came into the register.",
    "PLACED_AT": "By when the order was placed.", "NUMBER": "By the order's number, as text.",
}  # fmt: skip


class PageInfo(graphene.ObjectType):
    """Relay's page information."""

    has_next_page = graphene.Boolean(required=True, description="There are rows after this page.")
    has_previous_page = graphene.Boolean(
        required=True, description="There are rows before this page."
    )
    start_cursor = graphene.String(description="Of the first row, for `before`; null: no rows.")
    end_cursor = graphene.String(description="Of the last row, for `after`; null: no rows.")


@dataclass(slots=True)
class Listing:
    """A page on its way out; `count` tells how many rows there are, when somebody asks."""

    edges: list[Any]
    page_info: Any
    count: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Edge:
    """A row and its cursor."""

    node: Any
    cursor: str


def connection(name: str, node: Any) -> Any:
    """Return the type of a list of `node`, as Saleor has them."""
    edge = type(
        f"{name}CountableEdge",
        (graphene.ObjectType,),
        {
            "__doc__": "A row of a list and its place.",
            "node": graphene.Field(node, required=True, description="The row."),
            "cursor": graphene.String(required=True, description=CURSOR),
        },
    )

    def count(listing: Listing, _info: Any) -> int:
        return listing.count()

    return type(
        f"{name}CountableConnection",
        (graphene.ObjectType,),
        {
            "__doc__": "A page of a list.",
            "edges": graphene.List(
                graphene.NonNull(edge), required=True, description="Its rows, in order."
            ),
            "page_info": graphene.Field(PageInfo, required=True, description=ABOUT_PAGE),
            "total_count": graphene.Int(
                resolver=count, description="Rows of the whole list that meet the filter."
            ),
        },
    )


PAGING: dict[str, Any] = {
    "first": graphene.Int(description="The first rows after `after`, 100 at most."),
    "after": graphene.String(description="A cursor; left out: from the beginning."),
    "last": graphene.Int(description="The last rows before `before`, 100 at most."),
    "before": graphene.String(description="A cursor; left out: from the end."),
}  # fmt: skip


def listing(
    rows: QuerySet[Any],
    orders: Mapping[str, Order],
    arguments: Mapping[str, Any],
    show: Callable[[list[Any]], Sequence[Any]],
    *,
    searched: bool = False,
    counted: QuerySet[Any] | None = None,
) -> Listing:
    """Read a page; `show` turns its rows into what the edges hold, or None: left out.

    The first of `orders` is the usual one. `counted`: what `totalCount` counts instead.
    """
    sort = arguments.get("sort_by") or {}
    order = order_of(orders, arguments)
    part = slice_of(arguments)
    down = sort["direction"] == "-" if sort else order.descending
    found = page(rows, order, part, descending=down, searched=searched)
    cursors = [found.cursor(row) for row in found.rows]
    info = PageInfo(
        has_next_page=found.has_next,
        has_previous_page=found.has_previous,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )
    nodes = show(list(found.rows))
    edges = [Edge(one, at) for one, at in zip(nodes, cursors, strict=True) if one is not None]
    return Listing(edges, info, (rows if counted is None else counted).count)


def order_of(orders: Mapping[str, Order], arguments: Mapping[str, Any]) -> Order:
    """Return the order that was asked for, or the usual one."""
    sort = arguments.get("sort_by")
    return orders[sort["field"]] if sort else next(iter(orders.values()))


def computed(
    found: Sequence[Any], arguments: Mapping[str, Any], *, total: int | None = None
) -> Listing:
    """Return a page of what was computed whole; a cursor is a place in it.

    `total`: how many there are, where `found` has the first alone.
    """
    part = slice_of(arguments)
    at = None if part.cursor is None else decode(_PLACES, part.cursor)[0]
    if part.backwards:
        end = len(found) if at is None else max(at, 0)
        start = max(end - part.size, 0)
    else:
        start = 0 if at is None else max(at + 1, 0)
        end = start + part.size
    places = range(len(found))[start:end]
    edges = [Edge(found[place], encode(_PLACES, _Place(place))) for place in places]
    info = PageInfo(
        has_next_page=end < len(found),
        has_previous_page=start > 0,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Listing(edges, info, lambda: len(found) if total is None else total)


@dataclass(frozen=True, slots=True)
class _Place:
    place: int


_PLACES = Order("PLACE", ("place",), (number,))


def slice_of(arguments: Mapping[str, Any]) -> Slice:
    """Return which part of a list the paging arguments ask for; raises `BadInput`."""
    return Slice.of(*(arguments.get(name) for name in ("first", "last", "after", "before")))


def sorting(name: str, orders: Mapping[str, Order]) -> Any:
    """Return the argument `sortBy` for these orders; the first is the usual one."""
    fields = enumeration(
        ((one, one) for one in orders), f"{name}SortField", "What a list is sorted by.",
        **{one: _SORT_WORDS[one] for one in orders},
    )  # fmt: skip
    kind = type(
        f"{name}SortingInput",
        (graphene.InputObjectType,),
        {
            "__doc__": "How a list is sorted.",
            "field": graphene.InputField(fields, required=True, description="By what."),
            "direction": graphene.InputField(
                OrderDirection, required=True, description="Which way."
            ),
        },
    )
    usual = next(iter(orders.values()))
    way = "DESC" if usual.descending else "ASC"
    return kind(description=f"Left out: `{usual.name}`, `{way}`.")
