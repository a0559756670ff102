"""What the demonstration shop sells, where, and at which VAT: data only.

The rates are those of late 2026. Prices are in euro with tax, other currencies by a fixed
factor, so a fixed seed gives the same sums everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

STANDARD, REDUCED, PRESS, ZERO = "Yleinen kanta", "Ruoka ja kirjat", "Lehdet", "Veroton"
TAX_CLASSES = (STANDARD, REDUCED, PRESS, ZERO)

# Country: the rates of the four classes in the order above. Åland is taxed like Finland but
# lies outside the EU's VAT area; Norway, Japan and Kuwait are exports.
VAT: dict[str, tuple[float, float, float, float]] = {
    "FI": (25.5, 13.5, 10, 0),
    "AX": (25.5, 13.5, 10, 0),
    "SE": (25, 12, 6, 0),
    "DE": (19, 7, 7, 0),
    "EE": (24, 9, 9, 0),
    "NO": (0, 0, 0, 0),
    "JP": (0, 0, 0, 0),
    "KW": (0, 0, 0, 0),
}


@dataclass(frozen=True)
class Market:
    """One sales channel. `pay_first` says whether an order needs its payment beforehand."""

    slug: str
    name: str
    currency: str
    digits: int
    factor: Decimal
    countries: tuple[str, ...]
    pay_first: bool = True
    confirms: bool = True
    legacy_payments: bool = True
    weighted_shipping_tax: bool = False

    def price(self, euros: Decimal | str) -> Decimal:
        return self.round(Decimal(euros) * self.factor)

    def round(self, amount: Decimal) -> Decimal:
        return amount.quantize(Decimal(1).scaleb(-self.digits), ROUND_HALF_UP)


MARKETS = {
    market.slug: market
    for market in (
        Market("suomi", "Suomi", "EUR", 2, Decimal(1), ("FI", "AX", "EE", "DE", "NO")),
        Market(
            "sverige",
            "Sverige",
            "SEK",
            2,
            Decimal("11.5"),
            ("SE",),
            pay_first=False,
            legacy_payments=False,
            weighted_shipping_tax=True,
        ),
        Market("nippon", "日本", "JPY", 0, Decimal(170), ("JP",)),
        Market("kuwait", "الكويت", "KWD", 3, Decimal("0.3359"), ("KW",), confirms=False),
    )
}


@dataclass(frozen=True)
class Ware:
    sku: str
    name: str
    kind: str  # one of KINDS
    tax_class: str
    euros: str


# Kind: (Saleor's ProductTypeKindEnum, must it be sent).
KINDS = {"Tavara": ("NORMAL", True), "Lataus": ("NORMAL", False), "Lahja": ("GIFT_CARD", False)}

WARES = (
    Ware("JR-PAITA", "Villapaita", "Tavara", STANDARD, "79.90"),
    Ware("JR-KAHVI", "Kahvi 500 g", "Tavara", REDUCED, "8.95"),
    Ware("JR-KIRJA", "Seitsemän veljestä", "Tavara", REDUCED, "24.90"),
    Ware("JR-LEHTI", "Lehden vuosikerta", "Tavara", PRESS, "119.00"),
    Ware("JR-MERKKI", "Postimerkki", "Tavara", ZERO, "2.50"),
    Ware("JR-PUUKKO", "Puukko, visakoivua", "Tavara", STANDARD, "54.35"),
    Ware("JR-AANI", "Äänikirja", "Lataus", REDUCED, "14.95"),
    Ware("JR-LAHJA", "Lahjakortti", "Lahja", ZERO, "50.00"),
)
GOODS = tuple(ware.sku for ware in WARES if ware.kind == "Tavara")
DOWNLOAD, GIFT_CARD = "JR-AANI", "JR-LAHJA"

SHIPPING = {"Posti": "5.90", "Nouto": "0"}  # method: euros with tax

# Voucher code: (VoucherTypeEnum, DiscountValueTypeEnum, percent or euros).
VOUCHERS = {
    "TERVETULOA10": ("ENTIRE_ORDER", "PERCENTAGE", "10"),
    "VIITOSEN-ALE": ("ENTIRE_ORDER", "FIXED", "5"),
    "ILMAN-RAHTIA": ("SHIPPING", "PERCENTAGE", "100"),
}
