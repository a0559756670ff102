"""Which tables of a shop hold people and their purchases, and the files that it stores."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from .erasers import ShopPart


@dataclass(frozen=True, slots=True)
class Roots:
    """Rows of the shop to which others are tied by foreign keys; their key is the column `id`.

    `owned`: tables whose rows belong to whoever refers to them, with the columns that do so
    (table.column) and the part with which such a row goes. `files`: how names of stored files
    begin, with their part. `mailboxes`: columns by table that say whose a row is by e-mail.
    """

    accounts: str = ""
    orders: str = ""
    owned: Mapping[str, Mapping[str, ShopPart]] = field(default_factory=dict)
    files: Mapping[str, ShopPart] = field(default_factory=dict)
    mailboxes: Mapping[str, Collection[str]] = field(default_factory=dict)

    def keys(self, accounts: Collection[int], orders: Collection[object]) -> dict[str, list[str]]:
        """Return the keys by table."""
        found = {self.accounts: sorted(map(str, accounts)), self.orders: sorted(map(str, orders))}
        return {table: keys for table, keys in found.items() if table and keys}
