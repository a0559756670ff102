"""A shop that answers from memory, so that only the register's own work is measured."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast
from uuid import UUID

from jokkerit_plugin.config import Config
from jokkerit_plugin.shop import documents
from jokkerit_plugin.shop.port import Key
from jokkerit_plugin.shop.snapshots import CheckoutSnapshot, CustomerSnapshot, Kind, OrderSnapshot

from .paper import Papers

Text = tuple[str, str]


class PrebuiltShop:
    """Serves documents (and parses them, as a real shop's port does) or ready snapshots."""

    name = "prebuilt"

    def __init__(self, papers: Papers, *, parsed: bool) -> None:
        self.settings = Config(active=True)
        self.parsed = parsed
        salt = self.settings.scope
        self._orders: dict[Any, Any] = {
            key: (text, documents.digest(salt, text)) for key, text in papers.orders.items()
        }
        self._accounts: dict[Any, Any] = {
            key: (text, documents.digest(salt, text)) for key, text in papers.accounts.items()
        }
        if parsed:
            self._orders = _parsed(Kind.ORDER, self._orders)
            self._accounts = _parsed(Kind.CUSTOMER, self._accounts)

    def config(self) -> Config:
        return self.settings

    def writer(self) -> AbstractContextManager[None]:
        return nullcontext()

    def orders(self, keys: Sequence[UUID], config: Config) -> list[OrderSnapshot]:
        return self._serve(Kind.ORDER, self._orders, keys)

    def customers(self, keys: Sequence[int], config: Config) -> list[CustomerSnapshot]:
        return self._serve(Kind.CUSTOMER, self._accounts, keys)

    def checkouts(self, keys: Sequence[UUID], config: Config) -> list[CheckoutSnapshot]:
        return []

    def customers_of_addresses(self, keys: Sequence[int]) -> list[int]:
        return []

    def order_keys_of_customers(self, keys: Sequence[int], config: Config) -> list[UUID]:
        return []

    def digests(
        self, kind: Kind, after: Key | None, limit: int, config: Config
    ) -> list[tuple[Key, str]]:
        return []

    def _serve(self, kind: Kind, rows: dict[Any, Any], keys: Sequence[Key]) -> list[Any]:
        found = [rows[key] for key in keys if key in rows]
        return found if self.parsed else documents.parse(kind, cast(list[Text], found))


def _parsed(kind: Kind, rows: dict[Any, Any]) -> dict[Any, Any]:
    return dict(zip(rows, documents.parse(kind, rows.values()), strict=True))
