"""What goes from an order in Saleor's own tables, to the value, and what bookkeeping keeps."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from jokkerit_plugin.shop.erasers import Done, ShopPart
from tests.saleor import rows
from tests.saleor.inside import statements, strict_writer
from tests.saleor.marked import (
    EMAIL,
    MARK,
    ORDER_TABLES,
    Person,
    address,
    changes,
    columns,
    fetch,
    person,
    read,
    remains,
)

pytest_plugins = ("tests.saleor.fixtures_inside",)

DETAIL, IDENTITY = ShopPart.ORDER_DETAIL, ShopPart.ORDER_IDENTITY


def eraser() -> Any:
    from jokkerit_plugin.shop.erasers import eraser

    found = eraser()
    assert found is not None
    return found


def erase(part: ShopPart, *orders: Any) -> Done:
    """Take and erase these orders."""
    keys = [str(order.pk) for order in orders]
    with strict_writer():
        assert eraser().take(part, keys) == keys
        done: Done = eraser().erase(part, keys)
        return done


@pytest.fixture
def marked(inside: None) -> Person:
    return person()


def test_the_detail_goes_to_the_value_and_the_voucher_stays(marked: Person) -> None:
    from jokkerit_plugin.saleor_bridge.erasers import claims

    before = read(*ORDER_TABLES)
    done = erase(DETAIL, marked.order)
    after = read(*ORDER_TABLES)

    shipping = before["account_address"].pop(str(marked.shipping.pk))
    mine = [sheet for sheet in claims.SHEETS if sheet.part is DETAIL]
    assert changes(before, after) <= {
        (sheet.table, name) for sheet in mine for name in (*sheet.columns, *sheet.also)
    }
    # The buyer's identity, and the gateway's name for the books, are what is left.
    claimed = claims.claimed()
    left = {one for one in remains(after) if claimed.get(one) not in {IDENTITY, None}}
    # The card is the account's.
    left = {one for one in left if one[0] != "giftcard_giftcard"}
    assert left == {("payment_transactionitem", "name")}
    emptied = after["account_address"][str(marked.shipping.pk)]
    assert {name for name, value in emptied.items() if value not in ("", {}, None)} <= {
        "id", "country", "validation_skipped",
    }  # fmt: skip
    assert emptied["country"] == shipping["country"] == "FI"
    order = after["order_order"][str(marked.order.pk)]
    assert order["user_id"] is None
    assert order["user_email"] == order["customer_note"] == order["search_document"] == ""
    assert order["external_reference"] is order["redirect_url"] is None
    assert order["metadata"] == {"vatId": "FI23685823"}
    assert order["private_metadata"] == {}
    assert order["updated_at"] != before["order_order"][str(marked.order.pk)]["updated_at"]
    assert done.keys == (str(marked.order.pk),)
    assert done.rows["order_order"] == 1
    assert done.rows["order_orderline"] == 1


def test_events_keep_their_figures_and_lines_without_reasons(marked: Person) -> None:
    erase(DETAIL, marked.order)
    events = {
        row["type"]: row["parameters"]
        for row in read("order_orderevent")["order_orderevent"].values()
        if row["order_id"] == str(marked.order.pk)
    }
    line = marked.order.lines.get()
    discount = {"value": "1", "amount_value": "1", "currency": "EUR", "value_type": "fixed",
                "reason": None}  # fmt: skip
    assert events == {
        "placed": {},
        "order_fully_paid": {},
        "email_sent": {"email_type": "order_confirmation"},
        "note_added": {},
        "payment_captured": {"amount": "60.00"},
        "order_discount_added": {"discount": discount},
        "order_line_discount_updated": {
            "lines": [
                {"quantity": 1, "line_pk": str(line.pk), "item": "Paita", "discount": discount}
            ]
        },
        "invoice_updated": {"invoice_number": "L-1"},
        "tracking_updated": {},
        "transaction_event": {},
    }
    (invoice_event,) = [
        row for row in read("invoice_invoiceevent")["invoice_invoiceevent"].values()
        if row["order_id"] == str(marked.order.pk)
    ]  # fmt: skip
    assert invoice_event["parameters"] == {"number": "L-1"}


def test_a_gift_card_keeps_code_and_balance_and_forgets_whose_it_is(marked: Person) -> None:
    # An account's goes with the account.
    type(marked.card).objects.filter(pk=marked.card.pk).update(used_by=None, created_by=None)
    erase(DETAIL, marked.order)
    card = read("giftcard_giftcard")["giftcard_giftcard"][str(marked.card.pk)]
    assert (card["code"], float(card["current_balance_amount"])) == ("MERKKIKORTTI", 7.0)
    assert card["is_active"] is True
    assert {card[name] for name in ("used_by_id", "used_by_email", "created_by_id",
                                    "created_by_email")} == {None}  # fmt: skip
    assert card["metadata"] == {}
    assert card["search_index_dirty"] is True
    events = read("giftcard_giftcardevent")["giftcard_giftcardevent"].values()
    (event,) = [row for row in events if row["gift_card_id"] == marked.card.pk]
    assert event["parameters"] == {
        "balance": {"currency": "EUR", "old_current_balance": "10.00", "current_balance": "7.00"}
    }


def test_a_card_of_an_account_that_stays_is_still_its_own(marked: Person) -> None:
    before = read("giftcard_giftcard")
    erase(DETAIL, marked.order)
    assert read("giftcard_giftcard") == before


def test_a_card_that_was_used_since_is_still_the_guest_s(marked: Person) -> None:
    from saleor.giftcard.models import GiftCardEvent

    type(marked.card).objects.filter(pk=marked.card.pk).update(used_by=None, created_by=None)
    young = rows.order(user_email=EMAIL.upper(), status="fulfilled", charge_status="full")
    GiftCardEvent.objects.create(gift_card=marked.card, order=young, type="used_in_order")
    before = read("giftcard_giftcard")
    erase(DETAIL, marked.order)
    assert read("giftcard_giftcard") == before
    erase(DETAIL, young)
    card = read("giftcard_giftcard")["giftcard_giftcard"][str(marked.card.pk)]
    assert card["used_by_email"] is card["created_by_email"] is None


def test_younger_orders_are_looked_for_by_the_card(marked: Person) -> None:
    from jokkerit_plugin.saleor_bridge.erasers import gift_cards

    known = {"giftcard_giftcard": columns("giftcard_giftcard")}
    fetch("SET LOCAL enable_seqscan = off")
    for sheet in gift_cards.SHEETS[:2]:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sheet.statement(known)}", {"keys": [str(marked.order.pk)]})
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert " on order_order y" in plan
        # Else every younger order of the shop would be read for each card.
        assert "idx_order_created_at" not in plan


def test_somebody_else_s_card_is_left(marked: Person) -> None:
    other = rows.user("other@example.com")
    type(marked.card).objects.filter(pk=marked.card.pk).update(
        used_by=other, used_by_email=other.email
    )
    erase(DETAIL, marked.order)
    card = read("giftcard_giftcard")["giftcard_giftcard"][str(marked.card.pk)]
    assert card["used_by_email"] == other.email


def test_the_identity_goes_to_the_value_and_the_figures_stay(marked: Person) -> None:
    from jokkerit_plugin.saleor_bridge.erasers import claims

    erase(DETAIL, marked.order)
    before = read(*ORDER_TABLES)
    done = erase(IDENTITY, marked.order)
    after = read(*ORDER_TABLES)

    claimed = claims.claimed()
    assert {claimed[one] for one in changes(before, after)} == {IDENTITY}
    left = {one for one in remains(after) if one in claimed and one[0] != "giftcard_giftcard"}
    assert left == {("payment_transactionitem", "name")}
    billing = after["account_address"][str(marked.billing.pk)]
    assert (billing["last_name"], billing["phone"], billing["country"]) == ("", "", "FI")
    order = after["order_order"][str(marked.order.pk)]
    assert order["metadata"] == {}
    assert order["voucher_code"] == MARK
    invoice = next(iter(after["invoice_invoice"].values()))
    assert (invoice["number"], invoice["invoice_file"]) == ("L-1", "")
    assert invoice["external_url"] is None
    assert len(done.files) == 1


def test_references_of_reports_still_say_which_belong_together(marked: Person) -> None:
    from jokkerit_plugin.saleor_bridge import snapshots
    from tests.saleor.reading import CONFIG

    def money() -> list[tuple[Any, ...]]:
        (found,) = snapshots.orders([marked.order.pk], CONFIG)
        return [(one.key, one.kind, one.amount, one.gateway) for one in found.movements]

    before = money()
    erase(DETAIL, marked.order)
    erase(IDENTITY, marked.order)
    assert money() == before
    events = read("payment_transactionevent")["payment_transactionevent"].values()
    items = set(marked.order.payment_transactions.values_list("pk", flat=True))
    by_item: dict[int, list[str | None]] = {}
    for one in sorted(events, key=lambda row: row["id"]):
        if one["transaction_id"] in items:
            by_item.setdefault(one["transaction_id"], []).append(one["psp_reference"])
    assert len(by_item) == 2
    for references in by_item.values():
        assert references[0] == references[1] != references[2] == references[3]
        assert references[4] is None
        assert not any("PSP" in str(one) for one in references)


def test_erasing_twice_writes_nothing_the_second_time(marked: Person) -> None:
    for part in (DETAIL, IDENTITY):
        erase(part, marked.order)
    before = read(*ORDER_TABLES)
    for part in (DETAIL, IDENTITY):
        assert erase(part, marked.order).rows == {}
    assert read(*ORDER_TABLES) == before


def test_an_order_is_found_by_its_number_only(marked: Person) -> None:
    def found(word: str) -> bool:
        sql = (
            "SELECT 1 FROM order_order WHERE id = %s"
            " AND search_vector @@ plainto_tsquery('simple', %s)"
        )
        return bool(fetch(sql, marked.order.pk, word))

    assert found(MARK)
    erase(DETAIL, marked.order)
    assert found(str(marked.order.number))
    assert not found(MARK)
    assert not found(EMAIL)


def test_nobody_gets_an_erased_order_by_opening_an_account(marked: Person) -> None:
    from saleor.order.utils import match_orders_with_new_user

    erase(DETAIL, marked.order)
    type(marked.user).objects.filter(pk=marked.user.pk).update(email="moved@example.com")
    match_orders_with_new_user(rows.user(EMAIL))
    marked.order.refresh_from_db()
    assert marked.order.user is None


@pytest.mark.parametrize(
    "state",
    [
        {"status": "draft"},
        {"status": "unconfirmed"},
        {"status": "unfulfilled"},
        {"status": "partially fulfilled"},
        {"charge_status": "partial"},
        {"charge_status": "none"},
    ],
)
def test_what_is_open_or_unpaid_is_not_touched(inside: None, state: dict[str, str]) -> None:
    order = rows.order(**{"status": "fulfilled", "charge_status": "full", **state})
    assert eraser().take(DETAIL, [str(order.pk)]) == []
    assert eraser().take(IDENTITY, [str(order.pk)]) == []


def test_a_partly_returned_order_with_pieces_to_come_is_open(inside: None) -> None:
    order = rows.order(status="partially_returned", charge_status="full")
    line = rows.line(order, "10", "12.55", quantity=5, quantity_fulfilled=2)
    assert eraser().take(DETAIL, [str(order.pk)]) == []
    type(line).objects.filter(pk=line.pk).update(quantity_fulfilled=5)
    waiting = rows.parcel(order, line, status="waiting_for_approval")
    assert eraser().take(DETAIL, [str(order.pk)]) == []
    type(waiting).objects.filter(pk=waiting.pk).update(status="fulfilled")
    assert eraser().take(DETAIL, [str(order.pk)]) == [str(order.pk)]


@pytest.mark.parametrize(
    "state",
    [
        {"status": "canceled", "charge_status": "none"},
        {"status": "expired", "charge_status": "none"},
        {"status": "returned", "charge_status": "full"},
        {"status": "fulfilled", "charge_status": "overcharged"},
    ],
)
def test_what_is_done_may_be_touched(inside: None, state: dict[str, str]) -> None:
    order = rows.order(**state)
    assert eraser().take(DETAIL, [str(order.pk)]) == [str(order.pk)]


def test_a_refunded_order_was_paid(inside: None) -> None:
    order = rows.order(status="returned", charge_status="none")
    assert eraser().take(DETAIL, [str(order.pk)]) == []
    rows.told(order, "order_fully_paid", rows.at(1))
    assert eraser().take(DETAIL, [str(order.pk)]) == [str(order.pk)]


@pytest.fixture
def stuck(inside: None) -> Any:
    """An old order that nobody has paid or delivered."""
    made = rows.order(status="unfulfilled", charge_status="none")
    fetch("UPDATE order_order SET created_at = now() - interval '2 years' WHERE id = %s", made.pk)
    return made


def given_up(order: Any, how: str) -> None:
    from jokkerit_plugin import clock
    from jokkerit_plugin.models import ErasedKey, Purchase
    from tests.kept import Bought, Person, insert

    if how == "erased":
        ErasedKey.objects.create(kind="order", key=str(order.pk), erased_at=clock.now())
        return
    ended = "" if how == "let_go" else how
    of = Bought(status=order.status, let_go=not ended, ended=ended)
    _, [purchase] = insert(Person((of,), account=False))
    Purchase.objects.filter(pk=purchase).update(saleor_order=order.pk)


@pytest.mark.parametrize("how", ["let_go", "written_off", "lapsed", "erased"])
def test_an_order_that_was_given_up_may_be_touched(stuck: Any, how: str) -> None:
    key = str(stuck.pk)
    assert eraser().unfinished([key]) == [key]
    given_up(stuck, how)
    assert eraser().unfinished([key]) == []
    for part in (DETAIL, IDENTITY):
        assert erase(part, stuck).keys == (key,)
    # Whoever pays or is sent something after all waits for a parcel.
    rows.told(stuck, "order_fully_paid", rows.at(999_999))
    assert eraser().take(DETAIL, [key]) == []


def test_a_settled_hold_a_young_order_and_money_on_its_way_give_nothing_up(stuck: Any) -> None:
    given_up(stuck, "settled")
    assert eraser().take(DETAIL, [str(stuck.pk)]) == []
    young, waiting = rows.order(), rows.order()
    fetch(
        "UPDATE order_order SET created_at = now() - interval '2 years' WHERE id = %s", waiting.pk
    )
    rows.transaction(waiting, charge_pending_value=5)
    for one in (young, waiting):
        given_up(one, "let_go")
        assert eraser().take(DETAIL, [str(one.pk)]) == []


def test_money_on_its_way_keeps_an_order(inside: None) -> None:
    from saleor.order.models import OrderGrantedRefund

    waiting = [rows.order(status="fulfilled", charge_status="full") for _ in range(3)]
    rows.transaction(waiting[0], refund_pending_value=5)
    rows.payment(waiting[1], charge_status="pending")
    OrderGrantedRefund.objects.create(
        order=waiting[2], amount_value=5, currency="EUR", status="pending"
    )
    assert eraser().take(DETAIL, [str(one.pk) for one in waiting]) == []


def test_what_the_shop_does_not_have_hinders_nobody(inside: None) -> None:
    gone = "00000000-0000-4000-8000-000000000000"
    assert eraser().take(DETAIL, [gone]) == [gone]
    assert eraser().erase(DETAIL, [gone]).rows == {}


class TestSharedAddresses:
    """One row used by several: populatedb's, and those of old shops."""

    def sold(self, billing: Any, shipping: Any) -> Any:
        return rows.order(
            status="fulfilled", charge_status="full", billing_address=billing,
            shipping_address=shipping,
        )  # fmt: skip

    def test_one_row_for_both_sides_stays_for_the_voucher(self, inside: None) -> None:
        both = address()
        order = self.sold(both, both)
        erase(DETAIL, order)
        order.refresh_from_db()
        assert order.billing_address_id == both.pk
        assert order.billing_address.last_name == MARK
        assert order.shipping_address_id != both.pk
        assert (order.shipping_address.last_name, str(order.shipping_address.country)) == ("", "FI")
        erase(IDENTITY, order)
        both.refresh_from_db()
        assert both.last_name == ""

    @pytest.mark.parametrize("other", ["book", "default", "warehouse", "site", "order", "checkout"])
    def test_what_somebody_else_uses_is_left_to_them(self, inside: None, other: str) -> None:
        from saleor.site.models import SiteSettings
        from saleor.warehouse.models import Warehouse

        shared = address()
        order = self.sold(address(), shared)
        if other == "book":
            rows.user("book@example.com").addresses.add(shared)
        elif other == "default":
            rows.user("book@example.com", default_billing_address=shared)
        elif other == "warehouse":
            Warehouse.objects.create(name="w", slug="w-77", address=shared, email="w@example.com")
        elif other == "site":
            SiteSettings.objects.update(company_address=shared)
        elif other == "order":
            self.sold(None, shared)
        else:
            rows.checkout(billing_address=shared)
        before = read("account_address")["account_address"][str(shared.pk)]
        erase(DETAIL, order)
        order.refresh_from_db()
        assert read("account_address")["account_address"][str(shared.pk)] == before
        assert order.shipping_address_id != shared.pk
        assert order.shipping_address.street_address_1 == ""

    def test_orders_erased_together_may_share(self, inside: None) -> None:
        shared = address()
        orders = [self.sold(None, shared) for _ in range(2)]
        erase(DETAIL, *orders)
        shared.refresh_from_db()
        assert shared.last_name == ""
        assert {type(one).objects.get(pk=one.pk).shipping_address_id for one in orders} == {
            shared.pk
        }


def test_the_number_of_statements_does_not_grow_with_the_batch(inside: None) -> None:
    counts = []
    for many in (1, 30):
        orders = [
            rows.order(status="fulfilled", charge_status="full", billing_address=rows.address())
            for _ in range(many)
        ]
        keys = [str(one.pk) for one in orders]
        with statements() as sent:
            for part in (DETAIL, IDENTITY):
                eraser().take(part, keys)
                eraser().erase(part, keys)
        counts.append(len(sent))
    assert counts[0] == counts[1]
    # Of 500 orders less than a twentieth of a statement each, for each part.
    assert counts[0] / 2 <= 500 * 0.1
