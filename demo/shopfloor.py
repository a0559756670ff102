"""Opens the demonstration shop: whatever `populatedb` lacks, made once and found again.

`open_shop(staff)` may run any number of times against the same shop.
"""

from __future__ import annotations

from dataclasses import dataclass

from demo import fittings, shelves
from demo.assortment import GOODS, MARKETS, VOUCHERS, WARES, Market
from demo.client import Client, ShopError
from demo.letterbox import Letterbox, open_letterbox

# Where links lead back to. Saleor refuses hosts that ALLOWED_CLIENT_HOSTS does not name; this
# one is allowed by default.
STOREFRONT = "http://localhost:3000"
LEGACY_GATEWAY = "mirumee.payments.dummy"


@dataclass(frozen=True)
class Shop:
    """The opened shop. `legacy_gateway` is None where Saleor no longer carries the dummy one."""

    staff: Client
    version: str
    warehouse: str
    channels: dict[str, str]  # market slug: channel id
    variants: dict[str, str]  # SKU: variant id
    tax_classes: dict[str, str]
    shipping: dict[str, str]  # method name: id
    vouchers: dict[str, str]  # code: voucher id
    legacy_gateway: str | None
    letterbox: Letterbox

    def guest(self) -> Client:
        return self.staff.anonymous()

    def market(self, slug: str) -> Market:
        return MARKETS[slug]

    def is_sent(self, sku: str) -> bool:
        return sku in GOODS


def open_shop(staff: Client) -> Shop:
    """Sets the shop up as far as it is not, and says where everything is."""
    channels = {slug: fittings.channel(staff, market) for slug, market in MARKETS.items()}
    warehouse = fittings.warehouse(staff, list(channels.values()))
    tax_classes = fittings.tax_classes(staff)
    for slug, market in MARKETS.items():
        fittings.tax_rules(staff, channels[slug], market)
    shipping = fittings.shipping(staff, channels, warehouse, tax_classes)
    fittings.account_rules(staff)
    fittings.free_reasons(staff)
    return Shop(
        staff=staff,
        version=str(staff.call("{ shop { version } }")["shop"]["version"]),
        warehouse=warehouse,
        channels=channels,
        variants={
            ware.sku: shelves.ware(staff, ware, channels, warehouse, tax_classes) for ware in WARES
        },
        tax_classes=tax_classes,
        shipping=shipping,
        vouchers={code: shelves.voucher(staff, code, channels) for code in VOUCHERS},
        legacy_gateway=_activate(staff, LEGACY_GATEWAY, list(channels.values())),
        letterbox=open_letterbox(staff),
    )


def _activate(staff: Client, plugin: str, channels: list[str]) -> str | None:
    """The plugin's id once it is active in all channels, None if this Saleor has no such one."""
    try:
        for channel in channels:
            staff.mutate(
                "pluginUpdate",
                id=("ID!", plugin),
                channelId=("ID", channel),
                input=("PluginUpdateInput!", {"active": True, "configuration": _currencies()}),
            )
    except ShopError as error:
        if "PLUGIN_NOT_FOUND" in error.codes or "NOT_FOUND" in error.codes:
            return None
        raise
    return plugin


def _currencies() -> list[dict[str, str]]:
    names = ", ".join(sorted({market.currency for market in MARKETS.values()} | {"USD", "PLN"}))
    return [{"name": "Supported currencies", "value": names}]
