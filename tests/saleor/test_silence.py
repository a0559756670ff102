"""Changes of which Saleor tells no plugin: only the comparison with the whole shop finds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from demo import checkouts, orders, payments, records
from demo.accounts import Account
from demo.client import Client
from demo.records import Placed, pk
from tests.saleor.live import Live, Seen, until

pytest_plugins = ("tests.saleor.fixtures_live",)

LONG_AGO = "now() - interval '100 days'"


@dataclass(frozen=True)
class Stock:
    """What the register knows before anything happens in silence."""

    live: Live
    account: Account
    order: Placed
    paid: Placed
    invoiced: Placed
    invoice: str
    basket: str

    @property
    def staff(self) -> Client:
        """The one who acts."""
        return self.live.store.staff

    def gone(self, statement: str, key: str) -> None:
        """Wait until Saleor's own clean-up has deleted a row."""
        until(lambda: not self.live.database.execute(statement, [key]).fetchone(), lambda: key)


def sold(live: Live) -> Placed:
    """An order that nobody has paid yet: only Sweden's channel takes it."""
    stage = live.stage
    basket = stage.fill("sverige", stage.person("sverige"), {"JR-PAITA": 1})
    return stage.confirmed(checkouts.complete(stage.guest, live.store, basket))


def checkout_deleted(here: Stock) -> str | None:
    if not here.staff.offers("checkoutDelete"):
        return None
    here.staff.mutate("checkoutDelete", id=("ID!", here.basket))
    return f"checkout trace {pk(here.basket)}: not in the shop"


def checkout_made_from_an_order(here: Stock) -> str:
    given = ("ID!", here.order.id)
    made = here.staff.mutate("checkoutCreateFromOrder", "checkout { id }", id=given)
    return f"checkout trace {pk(made['checkout']['id'])}: missing"


def checkout_expired(here: Stock) -> str:
    basket = here.live.stage.fill("sverige", here.live.stage.person("sverige"))
    here.live.settle()
    here.live.write(
        f"UPDATE checkout_checkout SET last_change = {LONG_AGO} WHERE token = %s", basket.key
    )
    here.live.task("saleor.checkout.tasks.delete_expired_checkouts")
    here.gone("SELECT 1 FROM checkout_checkout WHERE token = %s", basket.key)
    return f"checkout trace {basket.key}: not in the shop"


def expired_order_deleted(here: Stock) -> str:
    order = sold(here.live)
    here.live.settle()
    here.live.write(
        f"UPDATE order_order SET status = 'expired', expired_at = {LONG_AGO} WHERE id = %s",
        order.key,
    )
    here.live.task("saleor.order.tasks.delete_expired_orders_task")
    here.gone("SELECT 1 FROM order_order WHERE id = %s", order.key)
    return f"order {order.key}: not in the shop and not marked so"


def invoice_created(here: Stock) -> str:
    key = orders.create_invoice(here.staff, here.paid, f"H-{here.paid.number}")
    return f"order {here.paid.key} invoice {pk(key)}: missing"


def invoice_deleted(here: Stock) -> str:
    orders.delete_invoice(here.staff, here.invoice)
    return f"order {here.invoiced.key} invoice {pk(here.invoice)}: not in the shop"


def transaction_updated(here: Stock) -> str:
    given = {"pspReference": f"UUSI-{here.paid.key[-12:]}"}
    here.staff.mutate(
        "transactionUpdate",
        id=("ID", here.paid.transactions[0]),
        transaction=("TransactionUpdateInput", given),
    )
    return f"order {here.paid.key} movement "


def event_lost(here: Stock) -> str:
    here.live.configure(active=False)
    order = sold(here.live)
    here.live.configure(active=True)
    # After a rest beat would compare by itself, in the middle of the test: tonight it has done so.
    here.live.write(
        "INSERT INTO jokkerit_plugin_sweep (name, started_at, finished_at, kind, cursor, missing,"
        " outdated, vanished, failed, seen, reach, valid) SELECT 'reconcile', now(), now(), kind,"
        " '', 0, 0, 0, 0, 0, reach, true FROM jokkerit_plugin_sweep ORDER BY id DESC LIMIT 1"
    )
    return f"order {order.key}: missing"


def line_changed_in_the_database(here: Stock) -> str:
    key = pk(here.order.lines[0].id)
    here.live.write("UPDATE order_orderline SET product_name = 'Toinen' WHERE id = %s", key)
    return f"order {here.order.key} line {key}: name"


def billed(here: Stock, order: Placed, column: str, value: str) -> str:
    """Change an order's billing address in the database; its key."""
    here.live.write(
        f"UPDATE account_address SET {column} = %s"
        " WHERE id = (SELECT billing_address_id FROM order_order WHERE id = %s)",
        value, order.key,
    )  # fmt: skip
    return order.key


def address_changed_in_the_database(here: Stock) -> str:
    key = billed(here, here.order, "street_address_1", "Toinen katu 1")
    return f"order {key}: party_street_1"


def name_changed_in_the_database(here: Stock) -> str:
    return f"order {billed(here, here.order, 'last_name', 'Toinen')}: party_last_name"


def phone_changed_in_the_database(here: Stock) -> str:
    return f"order {billed(here, here.paid, 'phone', '+46812345678')}: billing_address"


def email_changed_in_the_database(here: Stock) -> str:
    key = here.account.key
    here.live.write("UPDATE account_user SET email = 'hiljaa.' || email WHERE id = %s", key)
    return f"account {key}: email"


def address_taken_out_of_the_book(here: Stock) -> str:
    key = here.account.key
    here.live.write(
        "UPDATE account_user SET default_billing_address_id = NULL,"
        " default_shipping_address_id = NULL WHERE id = %s",
        key,
    )
    here.live.write("DELETE FROM account_user_addresses WHERE user_id = %s", key)
    return f"account {key}: address book"


SILENT: dict[str, Callable[[Stock], str | None]] = {
    act.__name__: act
    for act in (
        checkout_deleted,
        checkout_made_from_an_order,
        checkout_expired,
        expired_order_deleted,
        invoice_created,
        invoice_deleted,
        transaction_updated,
        event_lost,
        line_changed_in_the_database,
        address_changed_in_the_database,
        name_changed_in_the_database,
        phone_changed_in_the_database,
        email_changed_in_the_database,
        address_taken_out_of_the_book,
    )
}
#: What else than the customer register itself an act would make untrue.
BREAKS = {
    event_lost: ("P-PURPOSE-ORDERS",),
    line_changed_in_the_database: ("P-DATA-PURCHASE",),
    address_changed_in_the_database: ("P-DATA-POSTAL",),
    name_changed_in_the_database: ("P-DATA-NAME",),
    phone_changed_in_the_database: ("P-DATA-PHONE",),
    email_changed_in_the_database: ("P-DATA-EMAIL",),
}


def acts(*, breaks: bool) -> list[Any]:
    return [
        pytest.param(name, marks=pytest.mark.promise(*BREAKS.get(act, ()), breaks=breaks))
        for name, act in SILENT.items()
    ]


@dataclass(frozen=True)
class Silence:
    """Which difference each act made, and what differed before and after a reconciliation.

    None: this Saleor does not know the act.
    """

    made: dict[str, str | None]
    before: list[str]
    after: list[str]
    said: str
    said_again: str


@pytest.fixture(scope="module")
def silence(live: Live) -> Silence:
    stage = live.stage
    account = stage.account("sverige")
    stage.buy("sverige", account.person, client=account.acting())
    order, paid, invoiced = (sold(live) for _ in range(3))
    invoice = orders.create_invoice(live.store.staff, invoiced, f"P-{invoiced.number}")
    for one in (paid, invoiced):
        payments.charge(live.store.staff, one)
    paid = records.look(live.store.staff, paid.id)
    basket = stage.fill("sverige", stage.person("sverige")).id
    live.follows(Seen(orders=(paid.key, invoiced.key), baskets=(pk(basket),)))
    live.reconcile()
    live.walk()
    here = Stock(live, account, order, paid, invoiced, invoice, basket)
    made = {name: act(here) for name, act in SILENT.items()}
    live.settle()
    before = live.differences()
    said = live.reconcile()
    after = live.differences()
    return Silence(made, before, after, said, live.reconcile())


@pytest.mark.promise("P-PURPOSE-REGISTER", breaks=True)
@pytest.mark.parametrize("name", acts(breaks=True))
def test_a_silent_change_is_found_by_reconciliation(silence: Silence, name: str) -> None:
    expected = silence.made[name]
    if expected is None:
        pytest.skip("this Saleor has no such mutation")

    assert [text for text in silence.before if text.startswith(expected)]
    assert not [text for text in silence.after if text.startswith(expected)]


@pytest.mark.promise("P-PURPOSE-REGISTER")
def test_after_reconciliation_register_and_shop_are_equal(silence: Silence) -> None:
    assert silence.after == []


def test_reconciliation_reports_what_it_found_and_then_finds_nothing(silence: Silence) -> None:
    assert " 0 were missing" not in silence.said
    assert " 0 outdated" not in silence.said
    assert " 0 gone" not in silence.said
    assert "0 were missing, 0 outdated, 0 gone from the shop, 0 set aside" in silence.said_again
