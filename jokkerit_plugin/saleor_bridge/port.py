"""Saleor as a shop: the `ShopPort` that runs inside it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any
from uuid import UUID

from saleor import __version__
from saleor.core.db.connection import allow_writer
from saleor.plugins.manager import get_plugins_manager

from ..config import Config
from ..shop.accounts import ShopAccounts
from ..shop.connections import Connection
from ..shop.corrections import Answer, ShopCorrection
from ..shop.flows import Flow
from ..shop.people import Caller, Door, Holder, Named
from ..shop.port import Key
from ..shop.roots import Roots
from ..shop.snapshots import Buyer, CheckoutSnapshot, CustomerSnapshot, Kind, OrderSnapshot
from . import PLUGIN_ID, accounts, figures, mail, marks, returns, snapshots, stored
from .configuration import lenient


class SaleorPort:
    """See `ShopPort`. Saleor refuses or logs queries on the default connection elsewhere."""

    name = "saleor"

    def config(self) -> Config:
        """Return the stored settings (1 query); defaults where there is no row.

        A stored value that cannot be used counts as its default (see `lenient`).
        """
        with allow_writer():
            # The plugin is kept in a variable: its __del__ empties the configuration.
            plugin = get_plugins_manager(allow_replica=False).get_plugin(PLUGIN_ID)
            if plugin is None:
                return Config()
            config, _ = lenient(plugin.configuration, active=plugin.active)
            return config

    def pages(self) -> str:
        """See `ShopPort`. By PUBLIC_URL, or else the shop's domain."""
        from saleor.core.utils import build_absolute_uri

        with allow_writer():
            return str(build_absolute_uri(f"/plugins/{PLUGIN_ID}/"))

    def writer(self) -> AbstractContextManager[None]:
        """Saleor's own permission to use the default connection."""
        return allow_writer()  # type: ignore[no-any-return]

    def orders(self, keys: Sequence[UUID], config: Config) -> list[OrderSnapshot]:
        """See `ShopPort`."""
        with allow_writer():
            return snapshots.orders(keys, config)

    def buyers(self, keys: Sequence[UUID]) -> dict[UUID, Buyer]:
        """See `ShopPort`."""
        with allow_writer():
            return snapshots.buyers(keys)

    def customers(self, keys: Sequence[int], config: Config) -> list[CustomerSnapshot]:
        """See `ShopPort`."""
        with allow_writer():
            return snapshots.customers(keys, config)

    def checkouts(self, keys: Sequence[UUID], config: Config) -> list[CheckoutSnapshot]:
        """See `ShopPort`."""
        with allow_writer():
            return snapshots.checkouts(keys, config)

    def customers_of_addresses(self, keys: Sequence[int]) -> list[int]:
        """See `ShopPort`."""
        with allow_writer():
            return snapshots.customers_of_addresses(keys)

    def order_keys_of_customers(self, keys: Sequence[int], config: Config) -> list[UUID]:
        """See `ShopPort`."""
        with allow_writer():
            return snapshots.order_keys_of_customers(keys, config)

    def digests(
        self, kind: Kind, after: Key | None, limit: int, config: Config
    ) -> list[tuple[Key, str]]:
        """See `ShopPort`."""
        with allow_writer():
            return snapshots.digests(kind, after, limit, config)

    def documents(self, kind: Kind, keys: Sequence[Key], config: Config) -> dict[str, str]:
        """See `Recordable`."""
        with allow_writer():
            return snapshots.documents(kind, keys, config)

    def figures(self) -> dict[str, Any]:
        """See `Recordable`."""
        with allow_writer():
            return figures.read(__version__)

    def accounts(self, start: datetime, end: datetime, config: Config) -> ShopAccounts:
        """See `ShopPort`. The caller allows the connection: both parts are read later."""
        return accounts.read(start, end, config)

    def opted_out(self, after: int, limit: int) -> list[int]:
        """See `ShopPort`."""
        with allow_writer():
            return snapshots.opted_out(after, limit)

    def last_seen(self, users: Sequence[int]) -> dict[int, datetime]:
        """See `ShopPort`. Saleor notes log-ins and, now and then, that a token was refreshed."""
        from saleor.account.models import User

        with allow_writer():
            rows = User.objects.filter(pk__in=users, last_login__isnull=False)
            return dict(rows.values_list("pk", "last_login"))

    def roots(self) -> Roots:
        """See `ShopPort`."""
        return stored.ROOTS

    def stored_files(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """See `ShopPort`."""
        return stored.files()

    def stored_file(self, name: str) -> Iterator[bytes]:
        """See `ShopPort`."""
        return stored.file(name)

    def sent(self) -> Iterator[tuple[str, str]]:
        """See `ShopPort`."""
        return stored.sent()

    def named_in(self, text: str) -> set[tuple[str, str]]:
        """See `ShopPort`."""
        return stored.named_in(text)

    def mark_opt_outs(self, closed: Mapping[int, str]) -> None:
        """See `ShopPort`."""
        with allow_writer():
            marks.write(closed)

    def undelivered(self, orders: Sequence[UUID]) -> dict[UUID, tuple[str, datetime]]:
        """See `ShopPort`."""
        with allow_writer():
            return returns.undelivered(orders)

    def correct(self, what: ShopCorrection) -> Answer:
        """See `ShopPort`."""
        # Here and not above: it imports Saleor's models, too early while the apps get ready.
        from . import corrections

        with allow_writer():
            return corrections.write(what)

    def mark_restricted(self, users: Collection[int]) -> None:
        """See `ShopPort`."""
        with allow_writer():
            marks.restricted(users)

    def mail(self, subject: str, text: str, to: Sequence[str]) -> None:
        """See `ShopPort`."""
        mail.send(subject, text, to)

    def flows(self) -> list[Flow]:
        """See `ShopPort`."""
        from . import flows

        with allow_writer():
            return flows.read()

    def connections(self) -> list[Connection]:
        """See `ShopPort`."""
        from . import connections

        with allow_writer():
            return connections.read()

    def connections_of_settings(self) -> list[Connection]:
        """See `ShopPort`."""
        from . import connections

        return list(connections.of_settings())

    def address(self) -> str:
        """See `ShopPort`."""
        from . import connections

        with allow_writer():
            return connections.address()

    def dashboards(self) -> tuple[str, ...]:
        """See `ShopPort`."""
        from . import dashboard

        return dashboard.addresses()

    def count(self, kind: Kind, config: Config) -> int:
        """See `ShopPort`."""
        with allow_writer():
            return snapshots.count(kind, config)

    def actor(self, request: Any) -> Caller:
        """See `People`."""
        # Here and not above: it imports the whole schema, too early while the apps get ready.
        from . import identity

        return identity.caller_of(request)

    def customer(self, request: Any) -> int | None:
        """See `People`."""
        from . import identity

        return identity.customer_of(request)

    def people(self) -> list[Holder]:
        """See `People`."""
        from . import holders

        return holders.people()

    def named(self, keys: Collection[str]) -> dict[str, Named]:
        """See `People`."""
        from . import holders

        return holders.named(keys)

    def doors(self) -> list[Door]:
        """See `People`."""
        from . import doors

        return doors.doors()

    def end_access(self, holder: str) -> None:
        """See `People`."""
        from . import identity

        identity.end_access(holder)

    def set_up(self) -> list[str]:
        """See `Administered`."""
        from . import setup

        return setup.set_up()

    def take_down(self, *, really: bool) -> list[str]:
        """See `Administered`."""
        from . import setup

        return setup.take_down(really=really)

    def manifest(self, language: str) -> dict[str, Any]:
        """See `Administered`."""
        from . import dashboard

        with allow_writer():
            return dashboard.manifest(language)

    def install_dashboard_app(self, language: str) -> list[str]:
        """See `Administered`."""
        from . import dashboard

        return dashboard.install(language)

    def remove_dashboard_app(self) -> list[str]:
        """See `Administered`."""
        from . import dashboard

        return dashboard.remove()
