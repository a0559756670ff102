"""What the books are made from: one purchase as the register holds it, in days of Helsinki."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self
from uuid import UUID

from ..config import Config
from ..shop.snapshots import MovementKind
from .entries import EntryKind


@dataclass(frozen=True, slots=True)
class Part:
    """A line or the shipping, with its stored totals; `kind` is what its sale is booked as."""

    kind: EntryKind
    line: UUID | None
    quantity: int
    net: Decimal
    gross: Decimal
    rate: Decimal | None
    #: When it was added, if money for the purchase had come before; else None.
    added: date | None = None

    @property
    def vat(self) -> Decimal:
        """VAT as stored."""
        return self.gross - self.net


@dataclass(frozen=True, slots=True)
class Money:
    """Money that moved; `amount` is positive, `source` the movement's key."""

    source: str
    kind: MovementKind
    amount: Decimal
    day: date
    gateway: str


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of a line that went out or came back; those of one `batch` did so together."""

    batch: str
    line: UUID
    status: str
    quantity: int
    day: date


@dataclass(frozen=True, slots=True)
class Facts:
    """A purchase; `parts` in the order of purchase, the others in the order of time."""

    purchase: int
    status: str
    channel: str
    is_test: bool
    currency: str
    country: str
    vat_id: str
    placed: date
    paid: date | None
    delivered: date | None
    gift_cards: Decimal
    parts: tuple[Part, ...]
    money: tuple[Money, ...] = ()
    pieces: tuple[Pieces, ...] = ()
    #: The days of the shop's invoices.
    invoiced: tuple[date, ...] = ()
    #: Of every payment and transaction.
    gateways: frozenset[str] = frozenset()
    #: Money moved in another currency, too; it is not in `money`.
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings that decide how a purchase is booked.

    `basis`: "invoice" or "cash". `gift_cards`: "single", "multi", or empty while nobody chose.
    """

    basis: str = "invoice"
    gift_cards: str = ""
    oss: bool = True

    @classmethod
    def of(cls, config: Config) -> Self:
        """Return the rules of the settings in force."""
        return cls(config.vat_basis, config.gift_cards, config.vat_oss)

    @classmethod
    def read(cls, token: str) -> Self:
        """Return the rules that `token` wrote."""
        basis, gift_cards, oss = token.split("/")
        return cls(basis, gift_cards, oss == "oss")

    @property
    def token(self) -> str:
        """The rules as one text of at most 24 characters."""
        return f"{self.basis}/{self.gift_cards}/{'oss' if self.oss else ''}"


#: The shop's words for orders that are no sale.
NO_SALE = frozenset({"draft", "unconfirmed", "expired", "canceled"})
