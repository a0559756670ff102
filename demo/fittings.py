"""The single fittings of the shop. Each function finds its thing or makes it, and gives its id."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from demo.assortment import (
    KINDS, MARKETS, SHIPPING, STANDARD, TAX_CLASSES, VAT, VOUCHERS, Market, Ware,
)
from demo.client import Client, Json
from demo.records import as_type

# Enough for any number of orders: nothing ever runs out.
STOCK = 100_000_000


def channel(staff: Client, market: Market) -> str:
    for known in staff.call("{ channels { id slug } }")["channels"]:
        if known["slug"] == market.slug:
            return str(known["id"])
    settings = {
        "isActive": True,
        "name": market.name,
        "slug": market.slug,
        "currencyCode": market.currency,
        "defaultCountry": market.countries[0],
        "orderSettings": {
            "automaticallyConfirmAllNewOrders": market.confirms,
            "allowUnpaidOrders": not market.pay_first,
            "markAsPaidStrategy": "PAYMENT_FLOW" if market.legacy_payments else "TRANSACTION_FLOW",
        },
    }
    return _made(staff, "channelCreate", "channel", input=("ChannelCreateInput!", settings))


def warehouse(staff: Client, channels: list[str]) -> str:
    query = '{ warehouses(first: 100) { edges { node { id slug } } } }'
    found = _find(staff.call(query)["warehouses"], "slug", "jokkerin-varasto")
    if found:
        return found
    address = {
        "streetAddress1": "Varastotie 1", "city": "Vantaa", "postalCode": "01510", "country": "FI",
    }
    settings = {"name": "Jokkerin varasto", "slug": "jokkerin-varasto", "address": address}
    made = _made(
        staff, "createWarehouse", "warehouse", input=("WarehouseCreateInput!", settings)
    )
    for key in channels:
        staff.mutate(
            "channelUpdate",
            id=("ID!", key),
            input=("ChannelUpdateInput!", {"addWarehouses": [made]}),
        )
    return made


def tax_classes(staff: Client) -> dict[str, str]:
    query = "{ taxClasses(first: 100) { edges { node { id name } } } }"
    known = staff.call(query)["taxClasses"]
    return {name: _find(known, "name", name) or _tax_class(staff, name) for name in TAX_CLASSES}


def _tax_class(staff: Client, name: str) -> str:
    place = TAX_CLASSES.index(name)
    rates = [{"countryCode": country, "rate": rates[place]} for country, rates in VAT.items()]
    return _made(
        staff,
        "taxClassCreate",
        "taxClass",
        input=("TaxClassCreateInput!", {"name": name, "createCountryRates": rates}),
    )


def tax_rules(staff: Client, channel: str, market: Market) -> None:
    """Flat rates, prices entered with tax."""
    query = "query ($id: ID!) { channel(id: $id) { taxConfiguration { id } } }"
    configuration = staff.call(query, {"id": channel})["channel"]["taxConfiguration"]["id"]
    rules = {
        "chargeTaxes": True,
        "taxCalculationStrategy": "FLAT_RATES",
        "pricesEnteredWithTax": True,
        "displayGrossPrices": True,
        "useWeightedTaxForShipping": market.weighted_shipping_tax,
    }
    staff.mutate(
        "taxConfigurationUpdate",
        id=("ID!", configuration),
        input=("TaxConfigurationUpdateInput!", rules),
    )


def shipping(
    staff: Client, channels: dict[str, str], warehouse: str, tax_classes: dict[str, str]
) -> dict[str, str]:
    query = """{ shippingZones(first: 100) { edges { node {
        id name shippingMethods { id name } } } } }"""
    for edge in staff.call(query)["shippingZones"]["edges"]:
        if edge["node"]["name"] == "Jokkerin toimitus":
            return {m["name"]: _for_sale(m["id"]) for m in edge["node"]["shippingMethods"]}
    zone = {
        "name": "Jokkerin toimitus",
        "countries": sorted({c for market in MARKETS.values() for c in market.countries}),
        "addWarehouses": [warehouse],
        "addChannels": list(channels.values()),
    }
    made = _made(
        staff, "shippingZoneCreate", "shippingZone", input=("ShippingZoneCreateInput!", zone)
    )
    return {
        name: _shipping_method(staff, name, made, channels, tax_classes[STANDARD])
        for name in SHIPPING
    }


def _shipping_method(
    staff: Client, name: str, zone: str, channels: dict[str, str], tax_class: str
) -> str:
    settings = {"name": name, "type": "PRICE", "shippingZone": zone, "taxClass": tax_class}
    method = _made(
        staff, "shippingPriceCreate", "shippingMethod", input=("ShippingPriceInput!", settings)
    )
    prices = [
        {"channelId": channels[slug], "price": str(market.price(SHIPPING[name]))}
        for slug, market in MARKETS.items()
    ]
    staff.mutate(
        "shippingMethodChannelListingUpdate",
        id=("ID!", method),
        input=("ShippingMethodChannelListingInput!", {"addChannels": prices}),
    )
    return _for_sale(method)


def _for_sale(method: str) -> str:
    """The Dashboard speaks of ShippingMethodType, checkouts and orders of ShippingMethod."""
    return as_type(method, "ShippingMethod")


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
    product = _made(staff, "productCreate", "product", input=("ProductCreateInput!", settings))
    variant = {
        "product": product,
        "sku": ware.sku,
        "name": ware.name,
        "attributes": [],
        "trackInventory": True,
        "stocks": [{"warehouse": warehouse, "quantity": STOCK}],
    }
    made = _made(
        staff, "productVariantCreate", "productVariant", input=("ProductVariantCreateInput!", variant)
    )
    _list(staff, product, made, ware, channels)
    return made


def _list(
    staff: Client, product: str, variant: str, ware: Ware, channels: dict[str, str]
) -> None:
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
    found = _find(staff.call(query)["productTypes"], "name", f"Jokkeri: {kind}")
    if found:
        return found
    saleor_kind, sent = KINDS[kind]
    settings = {"name": f"Jokkeri: {kind}", "kind": saleor_kind, "isShippingRequired": sent}
    return _made(
        staff, "productTypeCreate", "productType", input=("ProductTypeInput!", settings)
    )


def _category(staff: Client) -> str:
    query = 'query { category(slug: "jokkeri") { id } }'
    known = staff.call(query)["category"]
    if known:
        return str(known["id"])
    settings = {"name": "Jokkeri", "slug": "jokkeri"}
    return _made(staff, "categoryCreate", "category", input=("CategoryInput!", settings))


def voucher(staff: Client, code: str, channels: dict[str, str]) -> str:
    query = """query ($code: String!) { vouchers(first: 1, filter: {search: $code}) {
        edges { node { id } } } }"""
    for edge in staff.call(query, {"code": code})["vouchers"]["edges"]:
        return str(edge["node"]["id"])
    kind, value_kind, value = VOUCHERS[code]
    settings = {"name": code, "type": kind, "discountValueType": value_kind, "addCodes": [code]}
    made = _made(staff, "voucherCreate", "voucher", input=("VoucherInput!", settings))
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


def login_without_confirmation(staff: Client) -> None:
    """New accounts confirm by a link, and may log in before that."""
    settings = {"enableAccountConfirmationByEmail": True, "allowLoginWithoutConfirmation": True}
    staff.mutate("shopSettingsUpdate", input=("ShopSettingsInput!", settings))


def _find(connection: Json, field: str, value: str) -> str | None:
    for edge in connection["edges"]:
        if edge["node"][field] == value:
            return str(edge["node"]["id"])
    return None


def _made(staff: Client, mutation: str, noun: str, **arguments: tuple[str, Any]) -> str:
    return str(staff.mutate(mutation, f"{noun} {{ id }}", **arguments)[noun]["id"])
