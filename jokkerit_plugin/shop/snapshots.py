"""What crosses the border from the shop: frozen copies of its rows at one moment.

Money is `Decimal` in the currency's own unit (never cents, never float); times are aware;
country codes are ISO 3166-1 alpha-2; tax rates are fractions (0.255). Each snapshot carries
the `digest` of the document that it was built from (see `shop/documents.py`).
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    """What an event in the inbox is about; its key is the shop's primary key as text."""

    ORDER = "order"
    CUSTOMER = "customer"
    CHECKOUT = "checkout"
    ADDRESS = "address"
    #: The customers themselves deleted this account; its key is the account's.
    LEFT = "left"


#: What Saleor stores of an order that is not delivered in whole (`saleor/order/__init__.py`).
OPEN_STATUSES = ("unconfirmed", "unfulfilled", "partially fulfilled")

#: Gateway of movements by which the shop's own gift cards pay (Saleor 3.23 and later).
GIFT_CARD_GATEWAY = "saleor.io.gift-card-payment-gateway"


#: Keys of public metadata by which a storefront says what the customer chose (docs/marketing.md).
MARKETING_KEYS = (
    "marketingAt", "marketingConsent", "marketingOptOut", "marketingOptOutOffered",
    "marketingText",
)  # fmt: skip


class MovementKind(StrEnum):
    """Money in (payment) or out (refund, chargeback); a reversed refund is money in again."""

    PAYMENT = "payment"
    REFUND = "refund"
    REFUND_REVERSED = "refund_reversed"
    CHARGEBACK = "chargeback"


@dataclass(frozen=True, slots=True)
class Party:
    """A name and postal address as one row of the shop holds them."""

    first_name: str = ""
    last_name: str = ""
    company_name: str = ""
    street_1: str = ""
    street_2: str = ""
    postal_code: str = ""
    city: str = ""
    city_area: str = ""
    country_area: str = ""
    country: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Buyer:
    """Whom the bare columns of an order name; `user`: None of a guest."""

    email: str
    user: int | None
    parties: tuple[Party, ...]


@dataclass(frozen=True, slots=True)
class BookAddress:
    """An entry of an account's address book."""

    key: int
    party: Party
    default_billing: bool
    default_shipping: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order; `net` and `gross` are the stored totals of the whole line."""

    key: UUID
    name: str
    variant: str
    sku: str
    quantity: int
    net: Decimal
    gross: Decimal
    tax_rate: Decimal | None
    tax_class: str
    is_gift_card: bool
    #: If it came to the order after that was placed.
    added_at: datetime | None = None
    #: Slug; empty where the shop no longer knows it, and in recordings of format 1.
    product_type: str = ""


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that moved. `key` is `payment:<id>` (legacy API) or `event:<id>` (new API)."""

    key: str
    kind: MovementKind
    amount: Decimal
    currency: str
    at: datetime
    gateway: str
    reference: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """Goods that went out or came back: one line of a fulfilment, with its status."""

    key: int
    line: UUID
    status: str
    quantity: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice that the shop issued; Saleor does not promise a number, nor a unique one."""

    key: int
    number: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OrderSnapshot:
    """An order that was placed (never a draft). `user` is the account's id, if any.

    `net` and `gross` are the order's stored totals; a gift card shrinks them by
    `gift_card_amount`, so lines + shipping = gross + gift_card_amount.
    `outside` names columns outside the register description which the shop has filled.
    """

    key: UUID
    number: str
    status: str
    origin: str
    channel: str
    currency: str
    language: str
    user: int | None
    email: str
    placed_at: datetime
    paid_at: datetime | None
    delivered_at: datetime | None
    cancelled_at: datetime | None
    net: Decimal
    gross: Decimal
    shipping_net: Decimal
    shipping_gross: Decimal
    shipping_tax_rate: Decimal | None
    shipping_tax_class: str
    gift_card_amount: Decimal
    tax_country: str
    tax_exempt: bool
    vat_id: str
    checkout_token: str
    billing: Party | None
    shipping: Party | None
    lines: tuple[Line, ...]
    movements: tuple[Movement, ...]
    deliveries: tuple[Delivery, ...]
    invoices: tuple[Invoice, ...]
    outside: tuple[str, ...]
    #: Of every payment and transaction, also those that moved no money.
    gateways: tuple[str, ...] = ()
    #: What its own metadata says of marketing: `MARKETING_KEYS`.
    marketing: dict[str, str] = field(default_factory=dict)
    digest: str = ""


@dataclass(frozen=True, slots=True)
class CustomerSnapshot:
    """An account of the shop, staff's included (`is_staff`)."""

    key: int
    email: str
    first_name: str
    last_name: str
    language: str
    is_staff: bool
    is_active: bool
    joined_at: datetime
    changed_at: datetime
    former_emails: tuple[str, ...]
    addresses: tuple[BookAddress, ...]
    vat_id: str
    outside: tuple[str, ...]
    marketing: dict[str, str] = field(default_factory=dict)
    digest: str = ""


@dataclass(frozen=True, slots=True)
class CheckoutSnapshot:
    """A checkout that is not an order yet."""

    key: UUID
    user: int | None
    email: str
    channel: str
    currency: str
    language: str
    gross: Decimal
    lines_count: int
    created_at: datetime
    changed_at: datetime
    billing: Party | None
    shipping: Party | None
    outside: tuple[str, ...]
    marketing: dict[str, str] = field(default_factory=dict)
    digest: str = ""
