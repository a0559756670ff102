"""What stands on the shelves: wares with their prices and stock, and vouchers."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from demo.assortment import KINDS, MARKETS, VOUCHERS, Market, Ware
from demo.fittings import create, find

if TYPE_CHECKING:
    from demo.client import Client

# Enough for any number of orders: nothing ever runs out.
STOCK = 100_000_000


def ware(
    staff: Client, ware: Ware, channels: dict[str, str], warehouse: str, tax_classes: dict[str, str]
) -> str:
    query = "query ($sku: String) { productVariant(sku: $sku) { id } }"
    known = staff.call(query, {"sku": ware.sku})["productVariant"]
    if known:
        return str(known["id"])
    settings = {
        "name": ware.name,
        "productType": _product_type(staff, ware.kind),
        "category": _category(staff),
        "taxClass": tax_classes[ware.tax_class],
    }
    product = create(staff, "productCreate", "product", input=("ProductCreateInput!", settings))
    variant = {
        "product": product,
        "sku": ware.sku,
        "name": ware.name,
        "attributes": [],
        "trackInventory": True,
        "stocks": [{"warehouse": warehouse, "quantity": STOCK}],
    }
    made = create(
        staff,
        "productVariantCreate",
        "productVariant",
        input=("ProductVariantCreateInput!", variant),
    )
    _list(staff, product, made, ware, channels)
    return made


def _list(staff: Client, product: str, variant: str, ware: Ware, channels: dict[str, str]) -> None:
    shown = {"isPublished": True, "visibleInListings": True, "isAvailableForPurchase": True}
    staff.mutate(
        "productChannelListingUpdate",
        id=("ID!", product),
        input=(
            "ProductChannelListingUpdateInput!",
            {"updateChannels": [{"channelId": key, **shown} for key in channels.values()]},
        ),
    )
    prices = [
        {"channelId": channels[slug], "price": str(market.price(ware.euros))}
        for slug, market in MARKETS.items()
    ]
    staff.mutate(
        "productVariantChannelListingUpdate",
        id=("ID!", variant),
        input=("[ProductVariantChannelListingAddInput!]!", prices),
    )


def _product_type(staff: Client, kind: str) -> str:
    query = "{ productTypes(first: 100) { edges { node { id name } } } }"
    found = find(staff.call(query)["productTypes"], "name", f"Jokkeri: {kind}")
    if found:
        return found
    saleor_kind, sent = KINDS[kind]
    settings = {"name": f"Jokkeri: {kind}", "kind": saleor_kind, "isShippingRequired": sent}
    return create(staff, "productTypeCreate", "productType", input=("ProductTypeInput!", settings))


def _category(staff: Client) -> str:
    query = 'query { category(slug: "jokkeri") { id } }'
    known = staff.call(query)["category"]
    if known:
        return str(known["id"])
    settings = {"name": "Jokkeri", "slug": "jokkeri"}
    return create(staff, "categoryCreate", "category", input=("CategoryInput!", settings))


def voucher(staff: Client, code: str, channels: dict[str, str]) -> str:
    query = """query ($code: String!) { vouchers(first: 1, filter: {search: $code}) {
        edges { node { id } } } }"""
    for edge in staff.call(query, {"code": code})["vouchers"]["edges"]:
        return str(edge["node"]["id"])
    kind, value_kind, value = VOUCHERS[code]
    settings = {"name": code, "type": kind, "discountValueType": value_kind, "addCodes": [code]}
    made = create(staff, "voucherCreate", "voucher", input=("VoucherInput!", settings))
    listings = [
        {"channelId": channels[slug], "discountValue": _discount(market, value_kind, value)}
        for slug, market in MARKETS.items()
    ]
    staff.mutate(
        "voucherChannelListingUpdate",
        id=("ID!", made),
        input=("VoucherChannelListingInput!", {"addChannels": listings}),
    )
    return made


def _discount(market: Market, kind: str, value: str) -> str:
    return value if kind == "PERCENTAGE" else str(market.price(Decimal(value)))
