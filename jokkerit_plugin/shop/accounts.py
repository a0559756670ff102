"""What a shop's own tables say of sales and money: an independent reading, to compare with."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from ..errors import RegisterError


class CannotTell(RegisterError):
    """This shop has no tables of its own to compare the books with."""

    code = "NO_ACCOUNTS"


@dataclass(frozen=True, slots=True)
class ShopSale:
    """Lines and shipping of one order at one rate, whole, by their stored totals."""

    order: UUID
    number: str
    currency: str
    country: str
    rate: Decimal | None
    net: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class ShopMoney:
    """Money of one order through one gateway: what came less what went back."""

    order: UUID
    number: str
    currency: str
    gateway: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ShopCredit:
    """What one order's refunds gave back at one rate: below zero.

    Returned and refunded pieces say at which rate, if they are worth what was refunded. If not,
    `net` is None and `gross` the refund: the shop knows no more.
    """

    order: UUID
    number: str
    currency: str
    country: str
    rate: Decimal | None
    net: Decimal | None
    gross: Decimal


@dataclass(frozen=True, slots=True)
class ShopAccounts:
    """A period, each by order key, ascending; read all to their ends, in one transaction.

    `sales` are orders whose tax point lies in the period, and `money` what moved in it, of which
    `credits` are the refunds of sales.
    """

    sales: Iterator[ShopSale]
    money: Iterator[ShopMoney]
    credits: Iterator[ShopCredit]
