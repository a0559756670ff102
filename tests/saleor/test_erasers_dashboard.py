"""Afterwards: the Dashboard still answers, and the register's figures are what they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from jokkerit_plugin.shop.erasers import ShopPart
from tests.saleor.marked import EMAIL, MARK, Person, person
from tests.saleor.staff import data, token_of, user
from tests.saleor.test_erasers_orders import erase, eraser

pytest_plugins = ("tests.saleor.fixtures_inside",)

ADDRESS = "{ firstName lastName companyName streetAddress1 city postalCode phone country { code } }"
DISCOUNT = "discount { valueType value reason amount { amount } }"
EVENTS = f"""events {{ id date type email emailType amount message quantity composedId
    invoiceNumber reference user {{ id email }} {DISCOUNT}
    lines {{ quantity itemName {DISCOUNT} orderLine {{ id }} }} }}"""
ORDER = f"""id number created userEmail customerNote externalReference trackingClientId
    languageCodeEnum status isPaid canFinalize user {{ id email }} redirectUrl
    billingAddress {ADDRESS} shippingAddress {ADDRESS}
    metadata {{ key value }} privateMetadata {{ key value }}
    total {{ gross {{ amount currency }} net {{ amount }} }}
    lines {{ id productName unitDiscountReason metadata {{ key value }} }}
    discounts {{ id reason amount {{ amount }} }}
    fulfillments {{ id trackingNumber status metadata {{ key value }} lines {{ id quantity }} }}
    grantedRefunds {{ id reason amount {{ amount }} lines {{ id reason }} }}
    payments {{ id gateway chargeStatus total {{ amount }} creditCard {{ brand lastDigits }} }}
    transactions {{ id name message pspReference externalUrl chargedAmount {{ amount }}
        events {{ id type message pspReference externalUrl amount {{ amount }} }} }}
    invoices {{ id number url externalUrl status }}
    giftCards {{ id last4CodeChars }} {EVENTS}"""
ORDERS = f"{{ orders(first: 50) {{ edges {{ node {{ {ORDER} }} }} }} }}"
CARDS = """{ giftCards(first: 20) { edges { node { id code usedByEmail createdByEmail
    metadata { key value } tags { name } events { type email message
    balance { currentBalance { amount } } } } } } }"""
CUSTOMERS = f"""{{ customers(first: 50) {{ edges {{ node {{ id email firstName note
    defaultBillingAddress {ADDRESS} addresses {ADDRESS} events {{ type message }}
    orders(first: 5) {{ edges {{ node {{ number }} }} }} }} }} }} }}"""


@pytest.fixture
def marked(inside: None) -> Person:
    return person()


@pytest.fixture
def token(inside: None) -> str:
    rights = ("manage_orders", "manage_users", "manage_gift_card", "handle_payments")
    return token_of(user("boss", *rights))


def test_the_dashboard_answers_after_everything_is_erased(marked: Person, token: str) -> None:
    from graphene import Node

    erase(ShopPart.ORDER_DETAIL, marked.order)
    for query in (ORDERS, CARDS, CUSTOMERS):
        data(token, query)
    erase(ShopPart.ORDER_IDENTITY, marked.order)
    keys = eraser().take(ShopPart.ACCOUNT, [str(marked.user.pk)])
    eraser().erase(ShopPart.ACCOUNT, keys, emails=[EMAIL])

    answers = [data(token, query) for query in (ORDERS, CARDS, CUSTOMERS)]
    key = Node.to_global_id("Order", marked.order.pk)
    one = data(token, f"query One($id: ID!) {{ order(id: $id) {{ {ORDER} }} }}", id=key)["order"]
    assert one["number"] == str(marked.order.number)
    assert one["total"]["gross"] == {"amount": 125.5, "currency": "EUR"}
    assert one["user"] is None
    assert one["billingAddress"]["country"] == {"code": "FI"}
    assert one["billingAddress"]["lastName"] == ""
    assert [line["productName"] for line in one["lines"]] == [MARK]
    assert len(one["events"]) == 10
    assert EMAIL not in str(answers)


def test_an_order_can_still_be_searched_and_noted(marked: Person, token: str) -> None:
    from graphene import Node

    erase(ShopPart.ORDER_DETAIL, marked.order)
    query = """query Find($s: String!) {
        orders(first: 5, filter: {search: $s}) { edges { node { number } } } }"""

    def hits(word: str) -> list[str]:
        edges = data(token, query, s=word)["orders"]["edges"]
        return [edge["node"]["number"] for edge in edges]

    number = str(marked.order.number)
    assert number in hits(number)
    assert hits(EMAIL) == []
    noted = data(
        token,
        """mutation Note($id: ID!) { orderNoteAdd(order: $id, input: {message: "Huom"}) {
            errors { field } event { message } } }""",
        id=Node.to_global_id("Order", marked.order.pk),
    )
    assert noted["orderNoteAdd"] == {"errors": [], "event": {"message": "Huom"}}


def figures(key: Any) -> dict[str, Any]:
    """What the books need of a purchase."""
    from jokkerit_plugin.models import Purchase

    names = (
        "number status origin currency placed_at paid_at delivered_at net gross shipping_net"
        " shipping_gross shipping_tax_rate gift_card_amount tax_country tax_exempt absent_since"
    )
    purchase = Purchase.objects.get(saleor_order=key)
    return {
        **{name: getattr(purchase, name) for name in names.split()},
        "lines": sorted(purchase.lines.values_list("name", "net", "gross", "tax_rate")),
        "money": sorted(purchase.movements.values_list("source", "kind", "amount", "gateway")),
        "invoices": list(purchase.invoices.values_list("number", flat=True)),
    }


def reconciled(key: Any) -> dict[str, Any]:
    """The purchase's figures after the whole shop was compared; nothing may be set aside."""
    from jokkerit_plugin.models import SetAside, Sweep
    from jokkerit_plugin.register import sweep

    walk = sweep.run(sweep.start(Sweep.Name.BY_HAND))
    assert walk.finished_at is not None
    assert (walk.vanished, SetAside.objects.count()) == (0, 0)
    return figures(key)


def accounts() -> Any:
    """What Saleor's own tables say of sales and money."""
    from jokkerit_plugin.config import Config
    from jokkerit_plugin.shop.port import shop

    start, end = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
    with shop().writer():
        found = shop().accounts(start, end, Config())
        return (list(found.sales), list(found.money))


@pytest.mark.promise("P-KEEP-BOOKKEEPING")
def test_the_register_s_and_the_shop_s_figures_are_what_they_were(
    marked: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jokkerit_plugin.shop.port import shop

    config = replace(shop().config(), active=True)
    monkeypatch.setattr(type(shop()), "config", lambda self: config)
    before, books = reconciled(marked.order.pk), accounts()
    assert before["gross"] == Decimal("125.500")
    assert any(sale.number == str(marked.order.number) for sale in books[0])
    for part in (ShopPart.ORDER_DETAIL, ShopPart.ORDER_IDENTITY):
        erase(part, marked.order)
        assert reconciled(marked.order.pk) == before
        assert accounts() == books
