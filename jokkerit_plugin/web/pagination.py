"""Pages of a list by keyset: stable while rows come and go, equally quick on every page."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.db.models import F, Model, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils.crypto import salted_hmac

from .errors import BadInput, writable

LARGEST_PAGE = 100
#: Bytes; most names fit in one.
_BLOCK = 128


@dataclass(frozen=True, slots=True)
class Order:
    """An order of rows: columns of the row itself, the last of them unique.

    `descending` where nobody says which way. `readers` read each column's value in a cursor.
    """

    name: str
    columns: tuple[str, ...]
    readers: tuple[Callable[[Any], Any], ...]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of a list is asked for, as Relay has it: forwards or backwards."""

    size: int
    backwards: bool
    cursor: str | None

    @classmethod
    def of(
        cls, first: int | None, last: int | None, after: str | None, before: str | None
    ) -> "Slice":
        """Read the arguments; raises `BadInput`."""
        if first is None and last is None:
            raise BadInput("You must provide a `first` or `last` value to properly paginate.")
        if first is not None and last is not None:
            raise BadInput("Argument `last` cannot be combined with `first`.", field="last")
        backwards = first is None
        name, wrong = ("last", after) if backwards else ("first", before)
        if wrong is not None:
            other = "after" if backwards else "before"
            raise BadInput(f"Argument `{name}` cannot be combined with `{other}`.", field=other)
        size = int(last or 0) if backwards else int(first or 0)
        if not 1 <= size <= LARGEST_PAGE:
            raise BadInput(f"Ask for 1 to {LARGEST_PAGE} rows.", field=name)
        return cls(size, backwards, before if backwards else after)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order asked for, and whether there are more on either side."""

    rows: Sequence[Any]
    order: Order
    has_previous: bool
    has_next: bool

    def cursor(self, row: Any) -> str:
        """Return where a row stands: opaque, and good as long as the order is the same."""
        return encode(self.order, row)


def page(
    rows: QuerySet[Any], order: Order, part: Slice, *, descending: bool, searched: bool = False
) -> Page:
    """Read one page; one query.

    `searched`: sort what was found. Else PostgreSQL may walk the whole order in search of the
    few that match: all of one surname stand together, perhaps at its end (296 ms instead of 7
    in 200,000 customers).
    """
    down = descending != part.backwards
    if part.cursor is not None:
        rows = rows.filter(_beyond(order, decode(order, part.cursor), down=down))
    places = [Greatest(one, one) if searched else F(one) for one in order.columns]
    found: list[Model] = list(
        rows.order_by(*(one.desc() if down else one.asc() for one in places))[: part.size + 1]
    )
    more, found = len(found) > part.size, found[: part.size]
    came = part.cursor is not None
    if part.backwards:
        return Page(found[::-1], order, has_previous=more, has_next=came)
    return Page(found, order, has_previous=came, has_next=more)


def encode(order: Order, row: Any) -> str:
    """Return the cursor of a row: encrypted, since it names those whom the page may leave out."""
    values = [getattr(row, column) for column in order.columns]
    plain = [v.isoformat() if isinstance(v, date) else v for v in values]
    written = json.dumps([order.name, *plain]).encode()
    # Whole blocks: the length would tell how long a name is.
    padded = written.ljust(-(-len(written) // _BLOCK) * _BLOCK)
    return base64.urlsafe_b64encode(_cipher().encrypt(padded, None)).decode()


def decode(order: Order, cursor: str) -> list[Any]:
    """Return the values that a cursor of this order names; raises `BadInput`."""
    try:
        sealed = base64.b64decode(cursor, altchars=b"-_", validate=True)
        found = json.loads(_cipher().decrypt(sealed, None))
        readers = (_same(order.name), *order.readers)
        _, *values = [read(value) for read, value in zip(readers, found, strict=True)]
    except (ValueError, TypeError, binascii.Error, InvalidTag):
        raise BadInput("Received cursor is invalid.") from None
    return values


def text(value: Any) -> str:
    """Read a text out of a cursor."""
    if not isinstance(value, str) or not writable(value):
        raise ValueError
    return value


def number(value: Any) -> int:
    """Read a `bigint` out of a cursor."""
    if type(value) is not int or not -(2**63) <= value < 2**63:
        raise ValueError
    return value


def day(value: Any) -> date:
    """Read a day out of a cursor."""
    return date.fromisoformat(text(value))


def moment(value: Any) -> datetime:
    """Read a time out of a cursor."""
    found = datetime.fromisoformat(text(value))
    if found.tzinfo is None or not 1900 <= found.year <= 2200:
        raise ValueError
    return found


def _cipher() -> AESSIV:
    """Deterministic and authenticated (RFC 5297): one place, one cursor, made by us alone."""
    return AESSIV(salted_hmac("jokkerit_plugin.web.pagination", "", algorithm="sha512").digest())


def _same(name: str) -> Callable[[Any], None]:
    def read(value: Any) -> None:
        if value != name:
            raise ValueError

    return read


def _beyond(order: Order, values: list[Any], *, down: bool) -> Q:
    """`(a, b) > (x, y)`, and `a >= x` apart, so that an index on (a, b) begins at the place."""
    than = "lt" if down else "gt"
    first, *_ = order.columns
    condition = Q(**{f"{order.columns[-1]}__{than}": values[-1]})
    for column, value in zip(order.columns[-2::-1], values[-2::-1], strict=True):
        condition = Q(**{f"{column}__{than}": value}) | Q(**{column: value}) & condition
    return Q(**{f"{first}__{than}e": values[0]}) & condition
