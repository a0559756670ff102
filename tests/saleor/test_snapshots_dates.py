"""When an order was placed, paid, delivered and cancelled."""

from __future__ import annotations

from typing import Any

import pytest

from jokkerit_plugin.shop.snapshots import OPEN_STATUSES
from tests.saleor import rows
from tests.saleor.reading import read

pytest_plugins = ("tests.saleor.fixtures_inside",)
pytestmark = pytest.mark.usefixtures("inside")


class TestDates:
    """When an order was placed, paid, delivered and cancelled."""

    @pytest.mark.parametrize(
        "event", ["placed", "placed_from_draft", "placed_automatically_from_paid_checkout"]
    )
    def test_an_order_was_placed_when_its_first_such_event_says(self, event: str) -> None:
        order = rows.order(created_at=rows.at(0))
        rows.told(order, event, rows.at(9))
        rows.told(order, event, rows.at(4))

        assert read(order).placed_at == rows.at(4)

    @pytest.mark.parametrize("event", ["order_fully_paid", "order_marked_as_paid"])
    def test_paid_by_event(self, event: str) -> None:
        order = rows.order(charge_status="partial")
        rows.told(order, event, rows.at(4))

        assert read(order).paid_at == rows.at(4)

    @pytest.mark.parametrize("status", OPEN_STATUSES)
    def test_what_is_not_delivered_is_called_as_saleor_calls_it(self, status: str) -> None:
        from saleor.order import OrderStatus

        assert status in dict(OrderStatus.CHOICES)
        assert read(rows.order(status=status)).status == status

    @pytest.mark.parametrize("charged", ["none", "partial", "full", "overcharged"])
    def test_paid_without_an_event_when_the_last_payment_came(self, charged: str) -> None:
        order = rows.order(charge_status=charged)
        item = rows.transaction(order)
        rows.reported(item, "charge_success", "1", "a", 1)
        rows.reported(item, "charge_success", "2", "b", 7)
        rows.reported(item, "refund_success", "1", "r", 9)

        paid = charged in {"full", "overcharged"}
        assert read(order).paid_at == (rows.at(7) if paid else None)

    def test_an_order_of_nothing_was_paid_when_it_was_placed(self) -> None:
        assert read(rows.order(charge_status="full", created_at=rows.at(3))).paid_at == rows.at(3)

    def test_an_import_s_payment_and_delivery_bear_the_order_s_day(self) -> None:
        order = rows.order(
            origin="bulk_create", charge_status="full", status="fulfilled", created_at=rows.at(0)
        )
        rows.reported(rows.transaction(order), "charge_success", "1", None, 99)
        rows.parcel(order, rows.line(order, "1", "1"))

        found = read(order)

        assert (found.paid_at, found.delivered_at) == (rows.at(0), rows.at(0))

    @pytest.mark.parametrize("status", ["fulfilled", "partially_returned", "returned"])
    def test_delivered_when_the_last_goods_went_out(self, status: str) -> None:
        order = rows.order(status=status)
        rows.told(order, "fulfillment_fulfilled_items", rows.at(2))
        rows.told(order, "fulfillment_fulfilled_items", rows.at(6))
        rows.parcel(order, rows.line(order, "1", "1"), status="returned")

        assert read(order).delivered_at == rows.at(6)

    def test_delivered_without_an_event(self) -> None:
        order = rows.order(status="fulfilled")
        sent = rows.parcel(order, rows.line(order, "1", "1"))

        assert read(order).delivered_at == sent.created_at

    @pytest.mark.parametrize("status", ["unfulfilled", "partially fulfilled", "canceled"])
    def test_not_delivered_while_something_is_missing(self, status: str) -> None:
        order = rows.order(status=status)
        rows.told(order, "fulfillment_fulfilled_items", rows.at(2))

        assert read(order).delivered_at is None

    @pytest.mark.parametrize(
        ("status", "fields", "event", "expected"),
        [
            ("canceled", {}, "canceled", 5),
            ("canceled", {}, None, 0),
            ("expired", {"expired_at": rows.at(8)}, "expired", 8),
            ("expired", {}, "expired", 5),
            ("unfulfilled", {"expired_at": rows.at(8)}, "canceled", None),
        ],
    )
    def test_cancelled(
        self, status: str, fields: dict[str, Any], event: str | None, expected: int | None
    ) -> None:
        order = rows.order(status=status, created_at=rows.at(0), **fields)
        if event:
            rows.told(order, event, rows.at(5))

        assert read(order).cancelled_at == (None if expected is None else rows.at(expected))

    def test_the_session_s_time_zone_changes_nothing(self) -> None:
        from django.db import connection

        order = rows.order(created_at=rows.at(0))
        before = read(order)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL TIME ZONE 'Europe/Helsinki'; SET LOCAL DateStyle = 'German'")

        assert read(order) == before
