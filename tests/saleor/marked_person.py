"""One person goes through every corner of the shop and leaves the same marks everywhere."""

from __future__ import annotations

from dataclasses import dataclass, replace

from demo import accounts, checkouts, drafts, giftcards, orders, payments, records
from demo.accounts import Account
from demo.people import Person
from demo.records import Placed
from demo.stage import Stage

FIRST, LAST, STREET, PHONE = "Vuokkotar", "Näädänpää", "Kärppäpolku 77", "+358500004242"
EMAIL = "vuokkotar.naadanpaa@example.com"
#: Former and later e-mails, as the journey gives them.
EMAILS = (EMAIL, f"uusi.{EMAIL}", f"toinen.{EMAIL}", f"vieras.{EMAIL}")
NAME = f"{FIRST} {LAST}"

PERSON = Person(
    first_name=FIRST, last_name=LAST, email=EMAIL, phone=PHONE, language="FI",
    address={
        "firstName": FIRST, "lastName": LAST, "companyName": "", "streetAddress1": STREET,
        "streetAddress2": "", "city": "Helsinki", "postalCode": "00100", "country": "FI",
        "countryArea": "", "phone": PHONE,
    },
)  # fmt: skip
#: Payload in Saleor's own form, which tells of everything, delivered to nobody.
WEBHOOK = {
    "name": "Everything",
    "targetUrl": "http://127.0.0.1:19/",
    "isActive": True,
    "asyncEvents": [
        "ORDER_CREATED", "ORDER_UPDATED", "ORDER_FULFILLED", "CUSTOMER_UPDATED",
        "CHECKOUT_CREATED", "FULFILLMENT_CREATED",
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Marked:
    """What the journey left: the account as it is at the end, and the orders."""

    account: Account
    orders: tuple[Placed, ...]


def listen(stage: Stage) -> None:
    """Add an app that is told of everything."""
    settings = {
        "name": "Listener",
        "permissions": ["MANAGE_USERS", "MANAGE_ORDERS", "MANAGE_CHECKOUTS"],
    }
    app = stage.staff.mutate("appCreate", "app { id }", input=("AppInput!", settings))["app"]["id"]
    stage.staff.mutate("webhookCreate", input=("WebhookCreateInput!", {**WEBHOOK, "app": app}))


def play(stage: Stage) -> Marked:
    """Account and e-mail change, checkouts, gift card, voucher, both payments, return, notes."""
    listen(stage)
    account = _account(stage)
    first = _bought_with_everything(stage, account)
    account = accounts.change_email(stage.shop, account, EMAILS[1])
    second = _returned(stage, account)
    account = _known_by_staff(stage, account)
    third = _by_telephone(stage, account)
    _abandoned(stage, account)
    guest = _guest(stage)
    return Marked(account, (first, second, third, guest))


def _account(stage: Stage) -> Account:
    account = accounts.register(stage.shop, PERSON)
    accounts.update(account, metadata=[{"key": "lempinimi", "value": NAME}])
    address = accounts.add_address(account, PERSON.address)
    accounts.set_default_address(account, address, "BILLING")
    second = accounts.add_address(account, PERSON.at(streetAddress2=f"c/o {NAME}"), "BILLING")
    orders.set_private_metadata(stage.staff, second, {"huom": EMAIL})
    return account


def _bought_with_everything(stage: Stage, account: Account) -> Placed:
    client, market = account.acting(), stage.shop.market("suomi")
    card = giftcards.issue(stage.staff, market, market.price("5"), email=account.email)
    voucher = stage.shop.vouchers["VIITOSEN-ALE"]
    once = {"applyOncePerCustomer": True}
    stage.staff.mutate("voucherUpdate", id=("ID!", voucher), input=("VoucherInput!", once))
    basket = stage.fill("suomi", PERSON, {"JR-KIRJA": 3}, client=client, metadata={"kenelle": NAME})
    basket = checkouts.add_code(client, basket, card.code)
    basket = checkouts.add_code(client, basket, "VIITOSEN-ALE")
    checkouts.add_note(client, basket, f"Soittakaa {PHONE}, terveisin {NAME}")
    if stage.shop.legacy_gateway:
        payments.pay_legacy(client, stage.shop, basket)
    else:
        payments.charge(stage.staff, basket)
    order = stage.confirmed(checkouts.complete(client, stage.shop, basket))
    off = {"applyOncePerCustomer": False}
    stage.staff.mutate("voucherUpdate", id=("ID!", voucher), input=("VoucherInput!", off))
    orders.set_metadata(stage.staff, order.id, {"kaiverrus": NAME})
    orders.set_private_metadata(stage.staff, order.id, {"yhteys": EMAIL})
    orders.set_metadata(stage.staff, order.lines[0].id, {"kaiverrus": NAME})
    orders.add_note(stage.staff, order, f"{NAME} soitti numerosta 0500 004 242")
    stage.staff.mutate(
        "invoiceCreate",
        orderId=("ID!", order.id),
        input=("InvoiceCreateInput!", {
            "number": f"M-{order.number}",
            "url": f"https://laskut.example/{EMAIL}/{order.number}.pdf",
            "metadata": [{"key": "ostaja", "value": NAME}],
        }),
    )  # fmt: skip
    order = orders.fulfil(stage.shop, order)
    return orders.track(stage.staff, order, order.parcels[0], f"JJFI {NAME}")


def _returned(stage: Stage, account: Account) -> Placed:
    """By transactions: returned, a refund granted and paid."""
    client = account.acting()
    basket = stage.fill("suomi", account.person, {"JR-KIRJA": 2}, client=client)
    payments.charge(stage.staff, basket, psp=f"PSP-{EMAIL}")
    order = stage.confirmed(checkouts.complete(client, stage.shop, basket))
    orders.set_metadata(stage.staff, order.transactions[0], {"maksaja": NAME})
    order = orders.fulfil(stage.shop, order)
    order = orders.return_products(
        stage.staff, order, dict.fromkeys(order.parcels[0].lines, 1), refund=False
    )
    line = order.lines[0]
    orders.grant_refund(stage.staff, order, {line.id: 1}, f"{NAME} palautti")
    payments.report(
        stage.staff, order.transactions[0], "REFUND_SUCCESS", round(line.gross / 2, 2),
        psp=f"PSP-R-{order.key[-12:]}", message=f"Palautus: {NAME}",
    )  # fmt: skip
    return records.look(stage.staff, order.id)


def _known_by_staff(stage: Stage, account: Account) -> Account:
    """Staff's own events keep the new name and e-mail, without a customer's key."""
    accounts.update_by_staff(
        stage.shop, account, email=EMAILS[2], firstName=FIRST, lastName=f"{LAST}-Uusi",
        note=f"{NAME}, {PHONE}", externalReference=EMAIL,
    )  # fmt: skip
    orders.set_private_metadata(stage.staff, account.id, {"luokka": NAME})
    return accounts.log_in(stage.shop, replace(account.person, email=EMAILS[2]))


def _by_telephone(stage: Stage, account: Account) -> Placed:
    order = drafts.draft(
        stage.shop, "suomi", {"JR-KIRJA": 1}, account.person, user=account.id,
        metadata={"puhelimitse": NAME},
    )  # fmt: skip
    order = drafts.choose_delivery(stage.shop, order)
    order = drafts.discount(stage.shop, order, "PERCENTAGE", "5", f"{NAME} on vanha asiakas")
    drafts.discount_line(stage.shop, order.lines[0].id, "FIXED", "0.50", f"{NAME}: kolhu")
    order = drafts.complete(stage.shop, order)
    order = payments.mark_as_paid(stage.staff, order, f"TILISIIRTO {NAME}")
    return orders.fulfil(stage.shop, order)


def _abandoned(stage: Stage, account: Account) -> None:
    """A basket of the account's, a guest's that gave another e-mail, and a draft deleted again."""
    stage.fill("suomi", account.person, {"JR-KIRJA": 1}, email=EMAILS[3])
    basket = stage.fill("suomi", account.person, {"JR-KIRJA": 1}, email=EMAILS[2])
    checkouts.add_note(stage.guest, basket, f"{NAME} miettii vielä")
    draft = drafts.draft(stage.shop, "suomi", {"JR-KIRJA": 1}, account.person, user=account.id)
    drafts.delete(stage.shop, draft)


def _guest(stage: Stage) -> Placed:
    """Bought logged out, under the account's present e-mail."""
    order = stage.buy("suomi", PERSON.with_email(EMAILS[2]), {"JR-KIRJA": 1}, email=EMAILS[2])
    return orders.fulfil(stage.shop, order)
