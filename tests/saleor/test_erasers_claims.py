"""Every column that may hold text is claimed by an eraser or declared free, in this Saleor."""

from __future__ import annotations

from typing import Any

import pytest

from tests.saleor.marked import fetch

pytest_plugins = ("tests.saleor.fixtures_inside",)

#: Claimed columns that a version does not have: new in a later one, or left from an earlier.
NEW_IN_22 = {
    *(f"checkout_checkoutdelivery.{name}" for name in ("metadata", "private_metadata", "message")),
    *(f"payment_transactionitem.{name}" for name in (
        "cc_brand", "cc_first_digits", "cc_last_digits", "cc_exp_month", "cc_exp_year",
        "payment_method_name")),
}  # fmt: skip
NEW_IN_23 = {
    "account_user.search_vector", "checkout_checkout.search_vector",
    "checkout_checkoutline.price_override_reason", "giftcard_giftcard.assigned_to_email",
    "giftcard_giftcard.assigned_to_id", "order_fulfillment.reason", "order_fulfillmentline.reason",
    "order_orderline.price_override_reason", "payment_transactionitem.gift_card_brand",
    "payment_transactionitem.gift_card_last_chars",
}  # fmt: skip
ABSENT = {"3.21": NEW_IN_22 | NEW_IN_23, "3.22": NEW_IN_23, "3.23": set(), "3.24": set()}


def refusal() -> str:
    from jokkerit_plugin.shop.erasers import eraser

    found = eraser()
    assert found is not None
    return found.refusal()


def test_nothing_of_this_saleor_is_unknown(inside: None) -> None:
    assert refusal() == ""


def test_no_claim_is_stale(inside: None) -> None:
    from saleor import __version__

    from jokkerit_plugin.saleor_bridge.erasers import claims, columns

    known = columns.present({table for table, _ in claims.claimed()})
    missing = {
        f"{table}.{name}"
        for table, name in claims.claimed()
        if name not in known.get(table, set()) and name != "modified"
    }
    assert missing == ABSENT[".".join(__version__.split(".")[:2])]


def test_a_column_is_either_claimed_or_free(inside: None) -> None:
    from jokkerit_plugin.saleor_bridge.erasers import claims

    assert claims.claimed().keys() & claims.free() == set()


@pytest.mark.promise("P-KEEP-PURPOSE", breaks=True)
@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("ALTER TABLE order_order ADD COLUMN gift_message text", "order_order.gift_message"),
        ("ALTER TABLE product_product ADD COLUMN buyers jsonb", "product_product.buyers"),
        ("ALTER TABLE payment_payment ADD COLUMN seen inet", "payment_payment.seen"),
        ("ALTER TABLE account_user ADD COLUMN words tsvector", "account_user.words"),
        ("ALTER TABLE account_user ADD COLUMN nick varchar(9)[]", "account_user.nick"),
        ("CREATE TABLE order_copy AS SELECT * FROM order_order", "order_copy.*"),
        (
            "CREATE SCHEMA backup; CREATE TABLE backup.order_order AS SELECT * FROM order_order",
            "backup.order_order.*",
        ),
        (
            "CREATE SCHEMA backup; CREATE TABLE backup.jokkerit_plugin_customer AS SELECT 'a' AS b",
            "backup.jokkerit_plugin_customer.*",
        ),
        ("CREATE MATERIALIZED VIEW buyers AS SELECT email FROM account_user", "buyers.*"),
    ],
)
def test_a_column_that_nobody_knows_is_named(inside: None, sql: str, named: str) -> None:
    fetch(sql)
    assert named in refusal()


def test_numbers_and_dates_hold_no_text(inside: None) -> None:
    fetch("ALTER TABLE order_order ADD COLUMN weighed_at timestamptz, ADD COLUMN points int")
    assert refusal() == ""


def test_a_field_of_a_model_is_named_before_its_column_exists(
    inside: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import models
    from saleor.order.models import Order

    field = models.TextField(default="")
    field.set_attributes_from_name("whisper")
    field.model = Order
    monkeypatch.setattr(Order._meta, "local_fields", [*Order._meta.local_fields, field])
    Order._meta._expire_cache()
    try:
        assert "order_order.whisper" in refusal()
    finally:
        monkeypatch.undo()
        Order._meta._expire_cache()
    assert refusal() == ""


def test_a_table_that_refers_to_accounts_is_named(inside: None) -> None:
    fetch("CREATE TABLE wishes (id int, wisher_id int REFERENCES account_user)")
    assert "wishes.wisher_id" in refusal()


def test_the_shop_may_declare_columns_free(inside: None, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch("ALTER TABLE order_order ADD COLUMN gift_message text")
    fetch("CREATE TABLE wishes (id int, wisher_id int REFERENCES account_user, wish text)")
    monkeypatch.setenv("JOKKERIT_FREE_COLUMNS", "order_order.gift_message")
    assert refusal().startswith("The shop's database has columns that no eraser knows: wishes.*. ")
    monkeypatch.setenv("JOKKERIT_FREE_COLUMNS", "order_order.gift_message, wishes.*")
    assert refusal() == ""
    fetch("CREATE SCHEMA backup; CREATE TABLE backup.wishes (wish text)")
    assert "backup.wishes.*" in refusal()
    monkeypatch.setenv(
        "JOKKERIT_FREE_COLUMNS", "order_order.gift_message, wishes.*, backup.wishes.*"
    )
    assert refusal() == ""


def test_an_unknown_version_is_refused(inside: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from jokkerit_plugin.saleor_bridge import erasers, version

    monkeypatch.setattr(erasers, "__version__", "3.24.0")
    assert refusal() == "Saleor 3.24.0 is not one that erasing was tested with."
    assert not version.tried("3.24.0")


def test_main_is_tried_and_its_unknown_columns_are_refused(
    inside: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jokkerit_plugin.saleor_bridge import erasers, version

    monkeypatch.setattr(erasers, "__version__", version.MAIN)
    assert refusal() == ""
    fetch("ALTER TABLE order_order ADD COLUMN gift_message text")
    assert "order_order.gift_message" in refusal()


def test_with_which_part_a_column_goes(inside: None) -> None:
    from jokkerit_plugin.shop.erasers import ShopPart, eraser

    found: Any = eraser()
    assert found.part_of("order_order", "customer_note") is ShopPart.ORDER_DETAIL
    assert found.part_of("payment_payment", "psp_reference") is ShopPart.ORDER_IDENTITY
    assert found.part_of("account_user", "email") is ShopPart.ACCOUNT
    assert found.part_of("core_eventpayload", "payload") is ShopPart.PAYLOAD
    assert found.part_of("product_product", "name") is None
