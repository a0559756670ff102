"""The one protocol through which the register reads a shop, and who serves it.

`apps.ready()` installs a port; nobody else chooses.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol
from uuid import UUID

from ..config import Config
from ..errors import NoShop, RegisterError
from .accounts import ShopAccounts
from .connections import Connection
from .corrections import Answer, ShopCorrection
from .flows import Flow
from .people import People
from .roots import Roots
from .snapshots import Buyer, CheckoutSnapshot, CustomerSnapshot, Kind, OrderSnapshot

#: A primary key of the shop: UUID for orders and checkouts, int for customers and addresses.
Key = UUID | int


class MailError(RegisterError):
    """A mail that was not sent: whoever it was for has not been told."""

    code = "MAIL"


class AddressRefused(MailError):
    """No mail server takes mail for the address: it is wrong, or gone."""

    code = "ADDRESS_REFUSED"


class AddressDeferred(MailError):
    """The mail server takes none for the address now; of other addresses that says nothing."""

    code = "ADDRESS_DEFERRED"


class ShopPort(People, Protocol):
    """A shop that can be read. Every method is a constant number of queries.

    Drafts, and orders of excluded channels or gateways, do not exist for the register; neither do
    accounts that are staff without an order of their own.
    """

    name: str

    def config(self) -> Config:
        """Return the settings in force."""
        ...

    def pages(self) -> str:
        """Return the public address below which we answer, with a slash at its end."""
        ...

    def writer(self) -> AbstractContextManager[None]:
        """Allow writes on the default connection inside the block (Saleor restricts them)."""
        ...

    def orders(self, keys: Sequence[UUID], config: Config) -> list[OrderSnapshot]:
        """Return the orders that exist, in any order."""
        ...

    def buyers(self, keys: Sequence[UUID]) -> dict[UUID, Buyer]:
        """Return whom these orders name, also of those that cannot be read as `orders` does."""
        ...

    def customers(self, keys: Sequence[int], config: Config) -> list[CustomerSnapshot]:
        """Return the accounts that exist, staff's without orders too."""
        ...

    def checkouts(self, keys: Sequence[UUID], config: Config) -> list[CheckoutSnapshot]:
        """Return the checkouts that exist."""
        ...

    def customers_of_addresses(self, keys: Sequence[int]) -> list[int]:
        """Return the accounts whose address book holds any of these addresses."""
        ...

    def order_keys_of_customers(self, keys: Sequence[int], config: Config) -> list[UUID]:
        """Return the keys of all orders that belong to these accounts."""
        ...

    def digests(
        self, kind: Kind, after: Key | None, limit: int, config: Config
    ) -> list[tuple[Key, str]]:
        """Return key and digest of the next `limit` rows, ascending, keys above `after`.

        CUSTOMER: accounts that bought, and those changed in the last `checkout_days`.
        CHECKOUT: those changed in the last `checkout_days`.
        """
        ...

    def flows(self) -> list[Flow]:
        """Return the ways on which customers' data leaves the shop by itself; a few queries.

        Only the names of the other ends are read, never a secret. What stays on this machine
        (a loopback address, a console, a file) is no flow.
        """
        ...

    def connections(self) -> list[Connection]:
        """Return the connections that carry customers' data, local ones too; a few queries."""
        ...

    def connections_of_settings(self) -> list[Connection]:
        """Return those of `connections` that settings alone tell; no query."""
        ...

    def address(self) -> str:
        """Return where the shop is found from outside, `https://shop.example`; '': nowhere."""
        ...

    def dashboards(self) -> tuple[str, ...]:
        """Return the addresses of the shop's Dashboard that the shop itself knows; no query."""
        ...

    def count(self, kind: Kind, config: Config) -> int:
        """Return how many rows a walk through all `digests` meets; for a progress bar."""
        ...

    def accounts(self, start: datetime, end: datetime, config: Config) -> ShopAccounts:
        """Return what the shop's own tables say of `start` to before `end`.

        In statements of its own, which share nothing with those that fill the register. Inside
        a transaction. Raises `CannotTell`.
        """
        ...

    def opted_out(self, after: int, limit: int) -> list[int]:
        """Return the next accounts above `after`, ascending, whose public metadata says no.

        By `marketingOptOut`, however long ago; no staff.
        """
        ...

    def last_seen(self, users: Sequence[int]) -> dict[int, datetime]:
        """Return when these accounts last logged in; who never did, or is gone, is missing."""
        ...

    def roots(self) -> Roots:
        """Return which tables hold people and purchases; no query."""
        ...

    def stored_files(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Yield name and content, in pieces, of all files that the shop stores; one open at most.

        A content is read before the next file is asked for, as far as anybody wants it.
        """
        ...

    def stored_file(self, name: str) -> Iterator[bytes]:
        """Yield the pieces of a file that the shop stores; none where it is not there."""
        ...

    def sent(self) -> Iterator[tuple[str, str]]:
        """Yield key and text of all that went to webhooks, one in memory; in a transaction."""
        ...

    def named_in(self, text: str) -> set[tuple[str, str]]:
        """Return the accounts, orders and checkouts that such a text names: table and key."""
        ...

    def mark_opt_outs(self, closed: Mapping[int, str]) -> None:
        """Leave on each account the channels closed to marketing, for other apps to see.

        Names separated by spaces, as `email sms`; empty: none is. What stands so already is not
        written again, and it is no change of the account.
        """
        ...

    def undelivered(self, orders: Sequence[UUID]) -> dict[UUID, tuple[str, datetime]]:
        """Return of which orders a parcel came back since nobody was found at the address.

        With the key of its row and when. The shop's reason is read there, and stays there.
        """
        ...

    def correct(self, what: ShopCorrection) -> Answer:
        """Write one correction wherever the shop says what is wrong, and nowhere else.

        What is right already is left; asked again it changes nothing. In the caller's
        transaction where the shop has the same database. Raises `ShopRefused`.
        """
        ...

    def mark_restricted(self, users: Collection[int]) -> None:
        """Leave on these accounts, and on no others, the mark that their data is kept unused."""
        ...

    def mail(self, subject: str, text: str, to: Sequence[str]) -> None:
        """Send a mail of plain text, or raise `MailError`."""
        ...


_port: ShopPort | None = None


def install(port: ShopPort | None) -> None:
    """Make `port` the shop of this process."""
    global _port
    _port = port


def shop() -> ShopPort:
    """Return the installed shop, or raise `NoShop`."""
    if _port is None:
        raise NoShop("No shop is installed: run this inside Saleor, or name a recorded shop.")
    return _port
