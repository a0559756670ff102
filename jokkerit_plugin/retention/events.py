"""The rules that an event ends as SQL: holds, open orders and requests, restrictions.

Each is rows of a table that belong to customer `c` or purchase `p`; `until` is not known.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ..models import Affected, Breach, FormerCustomer, Hold, Purchase, Request, Restriction
from ..policy.parts import Part
from ..policy.schedule import keeping
from ..register.requests import unanswered
from ..register.rows import table as _t
from .rules import OPEN_ORDER

#: The subject's own row: `column` is a condition on it.
_ITSELF = "(SELECT) o WHERE true"


@dataclass(frozen=True, slots=True)
class Event:
    """What an event ends: rows of `source` whose `column` is `key`.

    `many`: looked for one by one. The others are few, and read once for all subjects: joined, they
    were compared one by one with each, as PostgreSQL expects of such conditions a single row.
    """

    key: str
    column: str
    ground: str
    source: str
    many: bool = False

    @property
    def rows(self) -> str:
        """The rows that keep the subject, as a SELECT of `ground`."""
        return f"SELECT {self.ground} AS ground FROM {self.source} AND {self.column} = {self.key}"

    @property
    def none(self) -> str:
        """The condition that there are none."""
        if self.many:
            return f"NOT EXISTS ({self.rows})" if self.source != _ITSELF else f"NOT {self.column}"
        return f"NOT coalesce({self.key} IN (SELECT {self.column} FROM {self.source}), false)"


def _of_customer(key: str) -> dict[str, tuple[Event, ...]]:
    # Asked for anything: what it is about stays until it is answered.
    asked = f"{_t(Request)} r WHERE r.customer IS NOT NULL AND {unanswered('r')}"
    restricted = f"{_t(Restriction)} r WHERE r.lifted_at IS NULL"
    return {
        "request": (Event(key, "r.customer", "r.origin", asked),),
        "restriction": (Event(key, "r.customer_id", "r.ground", restricted),),
    }


# Also of a breach whose risk nobody has said yet. Looked for by index: they may be everybody.
_TO_BE_TOLD = f"""{_t(Affected)} a JOIN {_t(Breach)} b ON b.id = a.breach_id{{}}
    WHERE a.state IN ('waiting', 'sending', 'no_address') AND b.state <> 'closed'
    AND (b.letters_at IS NOT NULL OR b.risk IN ('', 'high') AND b.exempt = '')"""
_AS_GUEST = f" JOIN {_t(FormerCustomer)} f ON f.id = a.customer"
_NAMED = "string_to_array(h.categories, ' ') && %(categories)s::text[]"
_HELD = f"{_t(Hold)} h WHERE h.released_at IS NULL"
# The figures are the row itself, which stays as long as anything of it is held.
_HELD_OF_IT = f"{_HELD} AND (%(whole)s OR {_NAMED})"
_OF_CUSTOMER = {
    "open_order": (
        Event("c.id", "p.customer_id", "''", f"{_t(Purchase)} p WHERE {OPEN_ORDER}", many=True),
    ),
    # A hold on a customer names the row, whatever it keeps; one on a purchase whom it belongs to.
    "hold": (
        Event("c.id", "h.customer_id", "h.ground", _HELD),
        Event(
            "c.id", "p.customer_id", "h.ground",
            f"{_t(Hold)} h JOIN {_t(Purchase)} p ON p.id = h.purchase_id"
            f" WHERE h.released_at IS NULL AND {_NAMED}",
        ),
    ),
    "breach": (
        Event("c.id", "a.customer", "''", _TO_BE_TOLD.format(""), many=True),
        Event("c.id", "f.customer_id", "''", _TO_BE_TOLD.format(_AS_GUEST), many=True),
    ),
    **_of_customer("c.id"),
}  # fmt: skip
_OF_PURCHASE = {
    "open_order": (Event("true", f"({OPEN_ORDER})", "''", _ITSELF, many=True),),
    "hold": (
        Event("p.id", "h.purchase_id", "h.ground", _HELD_OF_IT),
        Event("p.customer_id", "h.customer_id", "h.ground", _HELD_OF_IT),
    ),
    **_of_customer("p.customer_id"),
}


def ending(part: Part, day: date) -> Iterator[tuple[str, Event]]:
    """Yield what keeps a part on a day until an event ends it, with the names of the rules."""
    events = _OF_CUSTOMER if part is Part.CONTACT else _OF_PURCHASE
    for rule in keeping(part, day):
        for event in events.get(rule.name, ()):
            yield rule.name, event
