"""Journeys that a shopper makes."""

from __future__ import annotations

from decimal import Decimal

from demo import accounts, checkouts, giftcards, orders, payments, records
from demo.assortment import DOWNLOAD, GIFT_CARD, VOUCHERS
from demo.people import VAT_ID_KEY
from demo.stage import Outcome, Stage, moved, outcome


def guest_order(stage: Stage) -> Outcome:
    market = stage.market()
    order = stage.buy(market, stage.person(market))
    return outcome(orders.fulfil(stage.shop, order))


def account_order(stage: Stage) -> Outcome:
    market = stage.market()
    account = stage.account(market)
    order = stage.buy(market, account.person, client=account.acting())
    return outcome(orders.fulfil(stage.shop, order), accounts=(account,))


def returning_guest(stage: Stage) -> Outcome:
    """The same person twice, spelling the address in capitals the second time."""
    person = stage.person("suomi")
    first = stage.buy("suomi", person)
    local, _, domain = person.email.partition("@")
    spelt = f"{local.title()}@{domain.upper() if domain.isascii() else domain}"
    second = stage.buy("suomi", person, email=spelt)
    return Outcome((first, second), emails=(first.email, second.email))


def guest_then_account(stage: Stage) -> Outcome:
    """A guest's order joins the account that is opened and confirmed later."""
    person = stage.person("suomi")
    order = stage.buy("suomi", person)
    account = accounts.register(stage.shop, person)
    return outcome(records.look(stage.staff, order.id), accounts=(account,))


def logged_in_midway(stage: Stage) -> Outcome:
    """A basket begun as a guest and taken over by the account."""
    account = stage.account()
    basket = stage.fill("suomi", account.person)
    basket = checkouts.attach_customer(account.acting(), basket)
    return outcome(stage.pay_and_place(basket, account.acting()), accounts=(account,))


def changed_mind(stage: Stage) -> Outcome:
    """Every change a basket can take before it becomes an order."""
    person, shop, guest = stage.person("suomi"), stage.shop, stage.guest
    basket = checkouts.start(guest, shop, "suomi", {"JR-KAHVI": 3, DOWNLOAD: 1}, None)
    basket = checkouts.change_email(guest, basket, f"virhe.{person.email}")
    basket = checkouts.change_shipping_address(guest, basket, person.address)
    basket = checkouts.change_billing_address(guest, basket, moved(person, "Laskutie 2"))
    basket = checkouts.add_lines(guest, shop, basket, {"JR-PUUKKO": 1})
    basket = checkouts.change_quantity(guest, basket, basket.lines[0].id, 5)
    basket = checkouts.remove_line(guest, basket, basket.lines[1].id)
    basket = checkouts.change_shipping_address(guest, basket, moved(person, "Kesämökintie 3"))
    basket = checkouts.choose_delivery(guest, shop, basket)
    basket = checkouts.add_note(guest, basket, "Jättäkää naapurille, kiitos.")
    basket = checkouts.change_email(guest, basket, person.email)
    return outcome(stage.pay_and_place(basket), also=(f"virhe.{person.email}",))


def voucher_order(stage: Stage) -> Outcome:
    market = stage.market()
    basket = stage.fill(market, stage.person(market))
    code = stage.pick.choice(list(VOUCHERS))
    basket = checkouts.add_code(stage.guest, basket, code)
    return outcome(orders.fulfil(stage.shop, stage.pay_and_place(basket)))


def gift_card_partly(stage: Stage) -> Outcome:
    """By the older payments: Saleor 3.21 wants a transaction to cover the card's part as well."""
    market = stage.market()
    rules, person = stage.shop.market(market), stage.person(market)
    card = giftcards.issue(stage.staff, rules, rules.price("5"), email=person.email)
    basket = stage.fill(market, person, {"JR-PAITA": 1, "JR-KIRJA": 2})
    basket = checkouts.add_code(stage.guest, basket, card.code)
    order = stage.place_with(basket, legacy=rules.legacy_payments)
    return outcome(orders.fulfil(stage.shop, order))


def gift_card_whole(stage: Stage) -> Outcome:
    rules = stage.shop.market("suomi")
    card = giftcards.issue(stage.staff, rules, Decimal(1000))
    basket = stage.fill("suomi", stage.person("suomi"), {"JR-KIRJA": 1, "JR-KAHVI": 2})
    basket = checkouts.add_code(stage.guest, basket, card.code)
    return outcome(stage.pay_and_place(basket))


def gift_card_bought(stage: Stage) -> Outcome:
    """Saleor sends the card out by itself once the order is paid."""
    order = stage.buy("suomi", stage.person("suomi"), {GIFT_CARD: 1})
    return outcome(records.look(stage.staff, order.id))


def download(stage: Stage) -> Outcome:
    """Nothing to send, so there is no shipping address."""
    market = stage.market()
    order = stage.buy(market, stage.person(market), {DOWNLOAD: 1})
    return outcome(orders.fulfil(stage.shop, order))


def reserved_then_captured(stage: Stage) -> Outcome:
    basket = stage.fill("suomi", stage.person("suomi"))
    if stage.shop.legacy_gateway:
        payments.pay_legacy(stage.guest, stage.shop, basket, reserve=True)
        order = checkouts.complete(stage.guest, stage.shop, basket)
        return outcome(payments.capture_legacy(stage.staff, order))
    return _reserved_by_transaction(stage, "suomi")


def authorized_then_charged(stage: Stage) -> Outcome:
    return _reserved_by_transaction(stage, stage.market())


def _reserved_by_transaction(stage: Stage, market: str) -> Outcome:
    basket = stage.fill(market, stage.person(market))
    transaction = payments.authorize(stage.staff, basket)
    order = stage.confirmed(checkouts.complete(stage.guest, stage.shop, basket))
    reference = f"PSP-{order.key[-12:]}-C"
    payments.report(stage.staff, transaction, "CHARGE_SUCCESS", order.total, psp=reference)
    return outcome(records.look(stage.staff, order.id))


def paid_later(stage: Stage) -> Outcome:
    """Sweden's channel takes orders before the money: half of it comes, then the rest."""
    basket = stage.fill("sverige", stage.person("sverige"))
    order = checkouts.complete(stage.guest, stage.shop, basket)
    half = basket.market.round(order.total / 2)
    payments.charge(stage.staff, order, half, psp=f"PSP-{order.key[-12:]}-1")
    payments.charge(stage.staff, order, order.total - half, psp=f"PSP-{order.key[-12:]}-2")
    return outcome(records.look(stage.staff, order.id))


def charged_quietly(stage: Stage) -> Outcome:
    """Reserved, and later set to charged in a way of which Saleor tells nobody."""
    market = stage.market()
    basket = stage.fill(market, stage.person(market))
    transaction = payments.authorize(stage.staff, basket)
    order = stage.confirmed(checkouts.complete(stage.guest, stage.shop, basket))
    payments.overwrite(stage.staff, transaction, "amountCharged", order.total, order.currency)
    return outcome(records.look(stage.staff, order.id))


def collected(stage: Stage) -> Outcome:
    """Fetched by the customer: the shipping address is the shop's own."""
    person = stage.person("suomi")
    basket = checkouts.start(stage.guest, stage.shop, "suomi", stage.wanted(), person)
    basket = checkouts.collect(stage.guest, stage.shop, basket)
    return outcome(orders.fulfil(stage.shop, stage.pay_and_place(basket)))


def bought_again(stage: Stage) -> Outcome:
    account = stage.account()
    client, person = account.acting(), account.person
    first = stage.buy("suomi", person, client=client)
    basket = checkouts.again(client, first, stage.shop.market("suomi"))
    basket = checkouts.change_billing_address(client, basket, person.address)
    basket = checkouts.change_shipping_address(client, basket, person.address)
    basket = checkouts.choose_delivery(client, stage.shop, basket)
    second = stage.pay_and_place(basket, client)
    return Outcome((first, second), (account,), (account.email,))


def present(stage: Stage) -> Outcome:
    """Billed to one person and sent to another."""
    payer, friend = stage.person("suomi"), stage.person("suomi")
    basket = stage.fill("suomi", payer)
    basket = checkouts.change_shipping_address(stage.guest, basket, friend.address)
    return outcome(stage.pay_and_place(basket))


def company_order(stage: Stage) -> Outcome:
    """A firm in another EU country: reverse charge, its VAT id in the checkout's metadata."""
    person, vat_id = stage.people.company(stage.pick.choice(("EE", "DE")))
    basket = stage.fill("suomi", person, metadata={VAT_ID_KEY: vat_id})
    accounts.exempt_from_tax(stage.staff, basket.id)
    basket = checkouts.look(stage.guest, basket)
    return outcome(stage.pay_and_place(basket))


def abandoned(stage: Stage) -> Outcome:
    person = stage.person("suomi")
    basket = stage.fill("suomi", person)
    return Outcome(emails=(person.email,), checkouts=(basket.id,))


def staff_purchase(stage: Stage) -> Outcome:
    """A member of the staff buys for themself."""
    person = stage.person("suomi")
    me = stage.staff.call("{ me { email } }")["me"]["email"]
    return outcome(stage.buy("suomi", person, client=stage.staff, email=me))
