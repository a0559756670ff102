"""The protocol through which a shop's own tables are erased, and who serves it.

`apps.ready()` installs an eraser where there is a shop that has tables; nobody else chooses. Keys
are text: account ids, order UUIDs, checkout tokens, address and payload ids; of mentions the
shop's own.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class ShopPart(StrEnum):
    """What is erased together in the shop."""

    #: The account with all that hangs on it, and what names its e-mail addresses elsewhere.
    ACCOUNT = "account"
    #: What an order says beyond its voucher.
    ORDER_DETAIL = "order_detail"
    #: Who bought: what the voucher says of the person.
    ORDER_IDENTITY = "order_identity"
    #: A checkout that became no order, and payments that belong to nothing.
    CHECKOUT = "checkout"
    #: An address that nothing refers to.
    ADDRESS = "address"
    #: A row of something else that names a person: a voucher's use, a gift card, staff's event.
    MENTION = "mention"
    #: What was sent to webhooks.
    PAYLOAD = "payload"


class Hindrance(StrEnum):
    """Why the shop still needs an account that nothing keeps in the register."""

    STAFF = "staff"
    #: An order of the last year that is not paid or not delivered.
    ORDER = "order"
    #: A checkout that holds money.
    CHECKOUT = "checkout"
    #: An order in a channel that is left out, within the term of inactive customers.
    OTHERS = "others"
    #: A gift card that nobody else can spend, with money on it.
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Done:
    """What one call erased: keys, rows by table, and the files to remove after the commit."""

    keys: tuple[str, ...]
    rows: Mapping[str, int]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """An order that nobody has placed: the shop's key and number, and when it was last touched."""

    key: str
    number: str
    touched: datetime


class ShopEraser(Protocol):
    """Erases in the shop's own tables. Every method is a constant number of statements."""

    def refusal(self) -> str:
        """Return "" or, in a sentence, why nothing may be erased.

        An untested version, or columns and references that no eraser knows, named.
        """
        ...

    def overdue(
        self, part: ShopPart, before: datetime, *, after: str = "", limit: int
    ) -> list[str]:
        """Return the keys above `after`, ascending, of rows that nobody used since `before`.

        Orders and accounts are the register's to judge: none (see `idle`).
        ADDRESS also notes today's last key, since addresses have no date: the first day gives none.
        """
        ...

    def idle(
        self,
        before: datetime,
        *,
        after: str = "",
        limit: int,
        among: Collection[str] | None = None,
    ) -> dict[str, datetime]:
        """Return accounts above `after`, ascending, and when each was last seen: before `before`.

        Last seen: logged in, or else joined. Those of nobody's customers, without an order that
        the register has not erased and without a checkout since; `among`: of these keys alone.
        """
        ...

    def take(self, part: ShopPart, keys: Sequence[str]) -> list[str]:
        """Lock in the transaction what may be touched now, and return these keys.

        What somebody else has locked, works on, or has not paid or delivered is left out; keys
        that the shop does not have any more are given: nothing hinders there.
        """
        ...

    def erase(
        self,
        part: ShopPart,
        keys: Sequence[str],
        *,
        emails: Collection[str] = (),
        names: Collection[str] = (),
    ) -> Done:
        """Erase taken keys in the caller's transaction.

        With ACCOUNT also what says `emails` or full `names`: the account may be gone already.

        Waits 0.3 s at most for a lock and then raises `OperationalError` (SQLSTATE 55P03): the
        batch is to be rolled back and tried again later.
        """
        ...

    def mentions(
        self, keys: Sequence[str], *, emails: Collection[str], names: Collection[str]
    ) -> list[str]:
        """Return the MENTION keys of rows that name the owners of accounts by `emails` or `names`.

        To be noted while nothing is erased here: once they are forgotten nobody would find these
        rows. Rows that refer to the accounts go with them, and are none.
        """
        ...

    def remove_files(self, files: Sequence[str]) -> Collection[str]:
        """Remove files after the commit; return those that the storage did not let go."""
        ...

    def existed(self, part: ShopPart, keys: Sequence[str], before: datetime) -> list[str]:
        """Return those of `keys` that stand for a row made before then.

        After a restored backup an id may have been given again. ADDRESS, MENTION: none is known.
        """
        ...

    def part_of(self, table: str, column: str) -> ShopPart | None:
        """Return with which part a column goes at the latest; None: free of personal data."""
        ...

    def scrambled(self, *, after: str = "", limit: int) -> list[str]:
        """Return the orders, ascending, that Saleor's Anonymizer app has overwritten."""
        ...

    def unfinished(self, orders: Sequence[str]) -> list[str]:
        """Return, ascending, those orders that `take` leaves out as not paid or delivered."""
        ...

    def hindrances(self, accounts: Sequence[str]) -> dict[str, Hindrance]:
        """Return what makes `take` leave these accounts out tonight and every night."""
        ...

    def drafts(self, before: datetime, *, limit: int) -> list[Draft]:
        """Return the drafts that nobody touched since then, the oldest first.

        The register does not know drafts, and the erasing does not touch them: they are the
        controller's to delete.
        """
        ...

    def count_drafts(self, before: datetime) -> int:
        """Return how many such drafts there are."""
        ...


_eraser: ShopEraser | None = None


def install(it: ShopEraser | None) -> None:
    """Make `it` the eraser of this process."""
    global _eraser
    _eraser = it


def eraser() -> ShopEraser | None:
    """Return the installed eraser; None without a shop that has tables."""
    return _eraser


def usable() -> ShopEraser | None:
    """Return the installed eraser unless it refuses to erase."""
    return None if _eraser is None or _eraser.refusal() else _eraser
