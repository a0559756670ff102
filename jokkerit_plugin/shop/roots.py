"""Which tables of a shop hold people and their purchases, and the files that it stores."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from .erasers import ShopPart


@dataclass(frozen=True, slots=True)
class Roots:
    """Rows of the shop to which others are tied by foreign keys; their key is the column `id`.

    `owned`: tables whose rows belong to whoever refers to them, with the columns that do so
    (table.column) and the part with which such a row goes. `files`: how names of stored files
    begin, with their part. `log_in`: the column of accounts whose e-mail is the owner's
    alone.

    The rest is for the copy that a person gets. A column may be a key of a JSON object, as
    `parameters.email`. `mailboxes`: by table what says by e-mail whose a row is, with the foreign
    key that says it better where it is set (or ""). `texts`: what says it by an e-mail or a full
    name. `names`: by table a subquery of the names that stand on a row `t`, which is another's if
    they are. `between`: tables, with their key, whose rows found by e-mail have rows of their own.
    `handled`: foreign keys (table.column) to who dealt with a row about somebody else; `of_others`:
    an SQL condition by table for rows that are so whatever they refer to. `stored`: what names a
    stored file (table.column). `sent`: the table of what went to webhooks, and its key.
    """

    accounts: str = ""
    orders: str = ""
    owned: Mapping[str, Mapping[str, ShopPart]] = field(default_factory=dict)
    files: Mapping[str, ShopPart] = field(default_factory=dict)
    log_in: str = ""
    mailboxes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    handled: Collection[str] = frozenset()
    of_others: Mapping[str, str] = field(default_factory=dict)
    stored: Collection[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    between: Mapping[str, str] = field(default_factory=dict)
    sent: tuple[str, str] = ("", "")

    def keys(self, accounts: Collection[int], orders: Collection[object]) -> dict[str, list[str]]:
        """Return the keys by table."""
        found = {self.accounts: sorted(map(str, accounts)), self.orders: sorted(map(str, orders))}
        return {table: keys for table, keys in found.items() if table and keys}
