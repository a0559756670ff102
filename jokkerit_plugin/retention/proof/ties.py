"""Which rows belong to whom: by the foreign keys that the database itself knows.

A *root* is a row that is a person or a purchase: an account or order of the shop, a customer or
purchase of the register. A row is tied to a root when foreign keys lead from it there, over three
other tables at most and through no other root. What belongs to whoever refers to it, an address,
is tied the other way round.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...models import Customer, Purchase
from ...register.rows import fetch
from ...shop.erasers import ShopPart
from ...shop.port import shop
from .columns import Table, quoted

#: Keys of rows, by table.
Keys = Mapping[str, Collection[str]]
#: Table and key.
Root = tuple[str, str]
#: A discount of a line of an order is two foreign keys away, an address of a checkout's two.
FARTHEST = 4

CUSTOMERS, PURCHASES = Customer._meta.db_table, Purchase._meta.db_table


@dataclass(frozen=True, slots=True)
class Owner:
    """A root's row; `part`: of an owned row, with what it goes, by the column that refers to it."""

    table: str
    key: str
    part: ShopPart | None = None


@dataclass(frozen=True, slots=True)
class _Step:
    """A join: from a column of the table before to a column of the next."""

    column: str
    table: str
    target: str
    part: ShopPart | None = None


_SQL = """
SELECT child.relname, a.attname, parent.relname, t.attname
FROM pg_constraint AS c JOIN pg_class AS child ON child.oid = c.conrelid
JOIN pg_class AS parent ON parent.oid = c.confrelid
JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
JOIN pg_attribute AS t ON t.attrelid = c.confrelid AND t.attnum = c.confkey[1]
WHERE c.contype = 'f' AND array_length(c.conkey, 1) = 1
AND child.relnamespace = current_schema()::regnamespace
AND parent.relnamespace = current_schema()::regnamespace
ORDER BY 1, 2
"""


class Ties:
    """The ways from every table to the roots. Reads the catalogue once (1 query)."""

    def __init__(
        self, *, also: Mapping[str, str] | None = None, without: Collection[str] = ()
    ) -> None:
        """`also`: further roots, with the column of their key. `without`: keys to be passed over.

        Foreign keys are told by table.column.
        """
        self.shop = shop().roots()
        self.roots = {self.shop.accounts, self.shop.orders, CUSTOMERS, PURCHASES, *(also or {})}
        self.roots -= {""}
        self._keys = also or {}
        self._found: dict[str, list[list[_Step]]] = {}
        self._steps: dict[str, list[_Step]] = defaultdict(list)
        # Only a way's first step: a warehouse is not tied to who orders to its address.
        self._from_owned: dict[str, list[_Step]] = defaultdict(list)
        for child, column, parent, target in fetch(_SQL, []):
            if f"{child}.{column}" in without:
                continue
            self._steps[child].append(_Step(column, parent, target))
            if part := self.shop.owned.get(parent, {}).get(f"{child}.{column}"):
                self._from_owned[parent].append(_Step(target, child, column, part))

    def tied(self, roots: Keys, tables: Collection[Table]) -> dict[Root, dict[str, set[str]]]:
        """Return the keys by table of all rows that are tied to each of these, itself included.

        A few statements a table, each of which starts from the roots' keys.
        """
        found: dict[Root, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for name, keys in roots.items():
            for key in keys:
                found[name, key][name].add(key)
        for table in tables:
            for path in self._ways(table):
                root = path[-1].table
                if keys := roots.get(root, ()):
                    key_ = f"t{len(path)}.{quoted(self._keys.get(root, 'id'))}"
                    sql = f"{self._joined(table, path)} WHERE {key_} = ANY(%s)"
                    for key, owner in fetch(sql, [sorted(keys)]):
                        found[root, owner][table.name].add(key)
        return found

    def owners(self, table: Table, keys: Sequence[str]) -> dict[str, set[Owner]]:
        """Return the roots to which these rows are tied."""
        if table.name in self.roots:
            return {key: {Owner(table.name, key)} for key in keys}
        found: dict[str, set[Owner]] = {key: set() for key in keys}
        for path in self._ways(table):
            sql = f"{self._joined(table, path)} WHERE t0.{quoted(table.key[0])} = ANY(%s)"
            part = next((step.part for step in path if step.part), None)
            for key, root in fetch(sql, [sorted(keys)]):
                found[key].add(Owner(path[-1].table, root, part))
        return found

    def _ways(self, table: Table) -> list[list[_Step]]:
        """Return the paths, looked for once a table: a copy asks for each page of orders."""
        if table.name not in self._found:
            self._found[table.name] = list(self._paths(table))
        return self._found[table.name]

    def _paths(self, table: Table) -> Iterator[list[_Step]]:
        """Yield every way to a root, the shortest first; of a root itself none."""
        if len(table.key) != 1 or table.name in self.roots or "." in table.name:
            return
        first = (*self._steps[table.name], *self._from_owned[table.name])
        ways: list[list[_Step]] = [[step] for step in first]
        while ways:
            way = ways.pop(0)
            here = way[-1].table
            if here in self.roots:
                yield way
            elif len(way) < FARTHEST:
                passed = {table.name, *(step.table for step in way)}
                more = (step for step in self._steps[here] if step.table not in passed)
                ways += [[*way, step] for step in more]

    def _joined(self, table: Table, path: Sequence[_Step]) -> str:
        """Return a statement's beginning: this table is `t0`, the root is the last."""
        joins = "".join(
            f" JOIN {quoted(step.table)} AS t{number}"
            f" ON t{number}.{quoted(step.target)} = t{number - 1}.{quoted(step.column)}"
            for number, step in enumerate(path, 1)
        )
        root = quoted(self._keys.get(path[-1].table, "id"))
        return (
            f"SELECT t0.{quoted(table.key[0])}::text, t{len(path)}.{root}::text"
            f" FROM {quoted(table.name)} AS t0{joins}"
        )
