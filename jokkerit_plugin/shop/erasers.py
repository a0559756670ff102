"""The border to the shop's own tables, for erasing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class ShopPart(StrEnum):
    """What is erased together in the shop; the keys are users, orders and so on."""

    ACCOUNT = "account"
    ORDER_DETAIL = "order_detail"
    ORDER_IDENTITY = "order_identity"
    CHECKOUT = "checkout"
    ADDRESS = "address"
    PAYLOAD = "payload"


@dataclass(frozen=True, slots=True)
class Done:
    """What was erased: keys, table to rows, and files that may go after the commit."""

    keys: tuple[str, ...]
    rows: Mapping[str, int]
    files: tuple[str, ...]


class ShopEraser(Protocol):
    """Erases in the shop's own tables, set-based, in the caller's transaction."""

    def refusal(self) -> str:
        """Return why nothing may be erased, or nothing."""
        ...

    def overdue(
        self, part: ShopPart, before: datetime, *, after: str = "", limit: int
    ) -> list[str]:
        """Return keys of what is the shop's alone and over, ascending."""
        ...

    def existed(self, part: ShopPart, keys: Sequence[str], before: datetime) -> list[str]:
        """Return those keys whose row was made before that moment: ids may be given again."""
        ...

    def take(self, part: ShopPart, keys: Sequence[str]) -> list[str]:
        """Lock those that may be touched now and that nobody else holds; return them."""
        ...

    def erase(self, part: ShopPart, keys: Sequence[str], *, emails: Collection[str] = ()) -> Done:
        """Erase what `take` gave."""
        ...

    def remove_files(self, files: Sequence[str]) -> None:
        """Remove stored files; those that are gone are no error."""
        ...


_eraser: ShopEraser | None = None


def install(eraser: ShopEraser | None) -> None:
    """Make `eraser` that of this process's shop."""
    global _eraser
    _eraser = eraser


def eraser() -> ShopEraser | None:
    """Return the installed shop's eraser; None: there is no shop to erase in."""
    return _eraser
