"""Columns that one statement empties: what is written here is the claim and the SQL alike."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...register.rows import execute
from ...shop.erasers import ShopPart

#: Among the keys of a batch. Behind a SELECT PostgreSQL expects few of them and goes by index;
#: where it sees how many they are it read whole tables of 30,000 orders for each batch of 500.
AMONG = "= ANY((SELECT %({name})s::{kind}[])::{kind}[])"
OF_KEYS = AMONG.format(name="keys", kind="uuid")
#: Rows `t` of the orders that are erased.
OF_ORDERS = f"t.order_id {OF_KEYS}"
NO_JSON = "'{}'::jsonb"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Columns of a table `t`, with the SQL of what stands there afterwards.

    Only rows that differ are written. `also` is set with them: Saleor takes `updated_at` for a
    check that nobody else has written.
    """

    part: ShopPart
    table: str
    rows: str
    columns: Mapping[str, str]
    also: Mapping[str, str] = field(default_factory=dict)
    #: The SQL is costly and its column alone decides: compute it once a row and compare that.
    once: bool = False

    def statement(self, known: Mapping[str, set[str]]) -> str:
        """Return the UPDATE of those columns that this database has; "" when it has none."""
        there = known.get(self.table, set())
        values = {name: sql for name, sql in self.columns.items() if name in there}
        if not values:
            return ""
        source, rows = "", self.rows
        if self.once:
            costly = {name: sql for name, sql in values.items() if "t." in sql}
            computed = ", ".join(f"{sql} AS {name}" for name, sql in costly.items())
            # OFFSET 0 keeps PostgreSQL from putting the SQL back into both places.
            source = (
                f" FROM (SELECT t.id, {computed} FROM {self.table} t WHERE {self.rows} OFFSET 0) n"
            )
            values |= {name: f"n.{name}" for name in costly}
            rows = "t.id = n.id"
        differs = _differs(values)
        values |= {name: sql for name, sql in self.also.items() if name in there}
        setting = ", ".join(f"{name} = {sql}" for name, sql in values.items())
        return f"UPDATE {self.table} t SET {setting}{source} WHERE {rows} AND ({differs})"

    def differs(self, known: Mapping[str, set[str]]) -> str:
        """Return the condition under which it would change a row `t`."""
        there = known.get(self.table, set())
        return _differs({name: sql for name, sql in self.columns.items() if name in there})


def _differs(values: Mapping[str, str]) -> str:
    return " OR ".join(f"t.{name} IS DISTINCT FROM {sql}" for name, sql in values.items())


def empty(
    sheets: Iterable[Sheet], known: Mapping[str, set[str]], parameters: Mapping[str, Any]
) -> Counter[str]:
    """Run the sheets in their order; return how many rows of each table were written."""
    done: Counter[str] = Counter()
    for sheet in sheets:
        if statement := sheet.statement(known):
            done[sheet.table] += execute(statement, parameters)
    return done


def blank(names: str, value: str = "''") -> dict[str, str]:
    """Return columns, divided by spaces, that all become the same value."""
    return dict.fromkeys(names.split(), value)
