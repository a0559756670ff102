"""Journeys in which the staff acts on orders, and orders that the staff makes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from demo import accounts, checkouts, drafts, imports, orders, payments, records
from demo.people import VAT_ID_KEY
from demo.stage import Outcome, Stage, moved, outcome

if TYPE_CHECKING:
    from demo.records import Placed


def sent_in_parts(stage: Stage) -> Outcome:
    market = stage.market()
    order = stage.buy(market, stage.person(market), stage.wanted(2))
    first, second = order.lines
    order = orders.fulfil(stage.shop, order, {first.id: first.quantity})
    order = orders.track(stage.staff, order, order.parcels[0], "JJFI64000000002")
    return outcome(orders.fulfil(stage.shop, order, {second.id: second.quantity}))


def sent_in_part_only(stage: Stage) -> Outcome:
    order = stage.buy("suomi", stage.person("suomi"), {"JR-KIRJA": 3})
    return outcome(orders.fulfil(stage.shop, order, {order.lines[0].id: 1}))


def parcel_cancelled(stage: Stage) -> Outcome:
    order = stage.buy("suomi", stage.person("suomi"))
    order = orders.fulfil(stage.shop, order)
    return outcome(orders.cancel_parcel(stage.shop, order, order.parcels[0]))


def returned(stage: Stage) -> Outcome:
    """One of each line comes back; the older payments pay in the same act."""
    order = _sent(stage, "suomi", legacy=True)
    one_each = dict.fromkeys(order.parcels[0].lines, 1)
    if order.payments:
        return outcome(orders.return_products(stage.staff, order, one_each, refund=True))
    order = orders.return_products(stage.staff, order, one_each, refund=False)
    return outcome(stage.give_back(order, order.lines[0].gross))


def returned_and_granted(stage: Stage) -> Outcome:
    """With transactions: products back, a refund granted, then paid by the payment service."""
    market = stage.market()
    order = _sent(stage, market, legacy=False)
    order = orders.return_products(stage.staff, order, order.parcels[0].lines, refund=False)
    line = order.lines[0]
    orders.grant_refund(stage.staff, order, {line.id: line.quantity}, "Väärä koko")
    payments.refund(stage.staff, order, line.gross)
    return outcome(records.look(stage.staff, order.id))


def refunded_and_kept(stage: Stage) -> Outcome:
    """Money back with the shipping, and the customer keeps the goods."""
    order = _sent(stage, "suomi", legacy=True)
    if order.transactions:
        return outcome(stage.give_back(order, order.total))
    lines = order.parcels[0].lines
    return outcome(orders.refund_products(stage.staff, order, lines, shipping=True))


def refunded_in_part(stage: Stage) -> Outcome:
    market = stage.market()
    order = stage.buy(market, stage.person(market))
    part = stage.shop.market(market).round(order.total / 3)
    return outcome(stage.give_back(order, part))


def replaced(stage: Stage) -> Outcome:
    """Broken on the way: Saleor makes a draft for the replacement."""
    order = _sent(stage, "suomi", legacy=False)
    lines = order.parcels[0].lines
    return outcome(orders.return_products(stage.staff, order, lines, refund=False, replace=True))


def charged_back(stage: Stage) -> Outcome:
    market = stage.market()
    order = _sent(stage, market, legacy=False)
    payments.charge_back(stage.staff, order, order.total)
    return outcome(records.look(stage.staff, order.id))


def cancelled(stage: Stage) -> Outcome:
    market = stage.market()
    order = stage.buy(market, stage.person(market))
    order = stage.give_back(order, order.total)
    return outcome(orders.cancel(stage.staff, order))


def cancelled_unpaid(stage: Stage) -> Outcome:
    basket = stage.fill("sverige", stage.person("sverige"))
    order = checkouts.complete(stage.guest, stage.shop, basket)
    return outcome(orders.cancel(stage.staff, order))


def reserved_and_voided(stage: Stage) -> Outcome:
    """Nothing to deliver after all: the reserved money is let go."""
    basket = stage.fill("suomi", stage.person("suomi"))
    if stage.shop.legacy_gateway:
        payments.pay_legacy(stage.guest, stage.shop, basket, reserve=True)
        order = checkouts.complete(stage.guest, stage.shop, basket)
        order = payments.void_legacy(stage.staff, order)
    else:
        transaction = payments.authorize(stage.staff, basket)
        order = checkouts.complete(stage.guest, stage.shop, basket)
        reference = f"PSP-{order.key[-12:]}-V"
        payments.report(stage.staff, transaction, "CANCEL_SUCCESS", order.total, psp=reference)
    return outcome(orders.cancel(stage.staff, order))


def corrected(stage: Stage) -> Outcome:
    """A guest had misspelt the address: staff corrects e-mail and addresses."""
    person, wrong = stage.person("suomi"), "kirjoitusvirhe"
    order = stage.buy("suomi", person, email=f"{wrong}.{person.email}")
    new = moved(person, "Oikea katu 7")
    order = orders.update(stage.staff, order, email=person.email, shipping=new, billing=new)
    return outcome(order, also=(f"{wrong}.{person.email}",))


def lines_changed(stage: Stage) -> Outcome:
    """Kuwait's orders wait for the staff, who may still change them."""
    basket = stage.fill("kuwait", stage.person("kuwait"), {"JR-KIRJA": 2})
    payments.charge(stage.staff, basket)
    order = checkouts.complete(stage.guest, stage.shop, basket)
    order = drafts.change_quantity(stage.shop, order, order.lines[0].id, 1)
    order = drafts.add_lines(stage.shop, order, {"JR-MERKKI": 3})
    return outcome(orders.confirm(stage.staff, order))


def annotated(stage: Stage) -> Outcome:
    """Notes and metadata, which nobody but the staff ever sees."""
    market = stage.market()
    order = stage.buy(market, stage.person(market))
    orders.set_metadata(stage.staff, order.id, {"lahjapaperi": "sininen"})
    orders.set_private_metadata(stage.staff, order.id, {"keräilijä": "Yrjö"})
    orders.add_note(stage.staff, order, "Asiakas soitti toimitusajasta.")
    return outcome(records.look(stage.staff, order.id))


def invoiced(stage: Stage) -> Outcome:
    market = stage.market()
    order = stage.buy(market, stage.person(market))
    orders.create_invoice(stage.staff, order, f"L-{order.number}")
    orders.request_invoice(stage.staff, order, f"L-{order.number}-B")
    return outcome(order)


def draft_for_guest(stage: Stage) -> Outcome:
    """By telephone, with a discount, paid into the bank account."""
    person = stage.person("suomi")
    order = drafts.draft(stage.shop, "suomi", stage.wanted(), person)
    order = drafts.add_lines(stage.shop, order, {"JR-MERKKI": 10})
    order = drafts.choose_delivery(stage.shop, order)
    order = drafts.discount(stage.shop, order, "PERCENTAGE", "7.5", "Vanha asiakas Jyväskylästä")
    drafts.discount_line(stage.shop, order.lines[0].id, "FIXED", "0.50", "Kolhu kannessa")
    order = drafts.complete(stage.shop, order)
    return outcome(payments.mark_as_paid(stage.staff, order, f"TILISIIRTO {order.number}"))


def draft_for_account(stage: Stage) -> Outcome:
    market = stage.market()
    person = stage.person(market)
    account = accounts.create_by_staff(stage.shop, person)
    order = drafts.draft(stage.shop, market, stage.wanted(), person, user=account.id)
    order = drafts.complete(stage.shop, drafts.choose_delivery(stage.shop, order))
    order = payments.mark_as_paid(stage.staff, order, f"OCR {order.number}")
    return outcome(order, accounts=(account,))


def draft_for_company(stage: Stage) -> Outcome:
    """Reverse charge within the EU; the VAT id stands in the order's metadata."""
    person, vat_id = stage.people.company(stage.pick.choice(("DE", "EE")))
    order = drafts.draft(stage.shop, "suomi", stage.wanted(), person, metadata={VAT_ID_KEY: vat_id})
    accounts.exempt_from_tax(stage.staff, order.id)
    order = drafts.complete(stage.shop, drafts.choose_delivery(stage.shop, order))
    payments.charge(stage.staff, order)
    return outcome(records.look(stage.staff, order.id))


def draft_for_nobody(stage: Stage) -> Outcome:
    """Sold at the counter: neither e-mail nor account, only the shop's own address."""
    shop_address = {
        "streetAddress1": "Varastotie 1",
        "city": "Vantaa",
        "postalCode": "01510",
        "country": "FI",
    }
    order = drafts.draft(stage.shop, "suomi", stage.wanted())
    order = drafts.update(
        stage.shop, order, billingAddress=shop_address, shippingAddress=shop_address
    )
    order = drafts.choose_delivery(stage.shop, order, "Nouto")
    order = drafts.complete(stage.shop, order)
    return Outcome((payments.mark_as_paid(stage.staff, order, "KÄTEINEN"),))


def draft_deleted(stage: Stage) -> Outcome:
    """One deleted by itself, two in bulk, one left lying."""
    people = [stage.person("suomi") for _ in range(4)]
    made = [drafts.draft(stage.shop, "suomi", stage.wanted(), person) for person in people]
    drafts.delete(stage.shop, made[0])
    drafts.delete_many(stage.shop, made[1:3])
    emails = tuple(person.email for person in people)
    return Outcome(emails=emails, gone=tuple(order.id for order in made[:3]))


def imported(stage: Stage) -> Outcome:
    """Three orders of the old shop from the time of the 24 % rate, one of them an account's."""
    market = stage.shop.market("suomi")
    account = accounts.create_by_staff(stage.shop, stage.person("suomi"))
    start = datetime(2023, 3, 1, 9, 30, tzinfo=UTC)
    old = [
        imports.OldOrder(
            reference=stage.reference(),
            person=account.person if number == 0 else stage.people.next("FI"),
            market=market,
            created=start + timedelta(days=stage.pick.randint(0, 500)),
            wanted={"JR-PAITA": 1 + number, "JR-PUUKKO": 1},
            rate=Decimal(24),
            user=account.id if number == 0 else None,
        )
        for number in range(3)
    ]
    made = imports.bulk_create(stage.shop, old)
    return Outcome(tuple(made), (account,), tuple(order.email for order in made))


def _sent(stage: Stage, market: str, *, legacy: bool) -> Placed:
    basket = stage.fill(market, stage.person(market), stage.wanted(2))
    return orders.fulfil(stage.shop, stage.place_with(basket, legacy=legacy))
