"""The single fittings of the shop. Each function finds its thing or makes it, and gives its id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from demo.assortment import (
    MARKETS,
    SHIPPING,
    STANDARD,
    TAX_CLASSES,
    VAT,
    Market,
)
from demo.records import as_type

if TYPE_CHECKING:
    from demo.client import Client, Json


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
    return create(staff, "channelCreate", "channel", input=("ChannelCreateInput!", settings))


def warehouse(staff: Client, channels: list[str]) -> str:
    query = "{ warehouses(first: 100) { edges { node { id slug } } } }"
    found = find(staff.call(query)["warehouses"], "slug", "jokkerin-varasto")
    if found:
        return found
    address = {
        "streetAddress1": "Varastotie 1",
        "city": "Vantaa",
        "postalCode": "01510",
        "country": "FI",
    }
    settings = {"name": "Jokkerin varasto", "slug": "jokkerin-varasto", "address": address}
    made = create(staff, "createWarehouse", "warehouse", input=("WarehouseCreateInput!", settings))
    pick_up = {"isPrivate": False, "clickAndCollectOption": "LOCAL"}
    staff.mutate("updateWarehouse", id=("ID", made), input=("WarehouseUpdateInput!", pick_up))
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
    return {name: find(known, "name", name) or _tax_class(staff, name) for name in TAX_CLASSES}


def _tax_class(staff: Client, name: str) -> str:
    place = TAX_CLASSES.index(name)
    rates = [{"countryCode": country, "rate": rates[place]} for country, rates in VAT.items()]
    return create(
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
    made = create(
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
    method = create(
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


def account_rules(staff: Client) -> None:
    """New accounts confirm by a link, which also hands them their guest orders (with the
    password: Saleor's other mode leaves guest orders alone); they may log in before that."""
    settings = {
        "enableAccountConfirmationByEmail": True,
        "allowLoginWithoutConfirmation": True,
        "accountConfirmMergeMode": "REQUIRE_PASSWORD",
    }
    staff.mutate("shopSettingsUpdate", input=("ShopSettingsInput!", settings))


def free_reasons(staff: Client) -> None:
    """Refunds and returns give their reason as free text. (From 3.22 `populatedb` makes it a
    choice among pages, from 3.23 for returns too.)"""
    for mutation in ("refundReasonReferenceClear", "returnReasonReferenceClear"):
        if staff.offers(mutation):
            staff.mutate(mutation)


def find(connection: Json, field: str, value: str) -> str | None:
    for edge in connection["edges"]:
        if edge["node"][field] == value:
            return str(edge["node"]["id"])
    return None


def create(staff: Client, mutation: str, noun: str, **arguments: tuple[str, Any]) -> str:
    return str(staff.mutate(mutation, f"{noun} {{ id }}", **arguments)[noun]["id"])
