"""Digests tell what changed; a call is one round trip, whatever its size."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.config import Config
from jokkerit_plugin.saleor_bridge import snapshots
from jokkerit_plugin.shop.snapshots import Kind
from tests.saleor import rows
from tests.saleor.inside import statements, strict_writer
from tests.saleor.reading import CONFIG, change, keys, read

pytest_plugins = ("tests.saleor.fixtures_inside",)
pytestmark = pytest.mark.usefixtures("inside")

READERS: dict[Kind, Any] = {
    Kind.ORDER: snapshots.orders,
    Kind.CUSTOMER: snapshots.customers,
    Kind.CHECKOUT: snapshots.checkouts,
}


class TestDigests:
    """What tells that a row changed, and which rows are walked."""

    @pytest.mark.parametrize("kind", list(READERS))
    def test_a_walk_in_ranges_gives_the_snapshots_digests(self, kind: Kind) -> None:
        walked: list[tuple[Any, str]] = []
        while part := snapshots.digests(kind, walked[-1][0] if walked else None, 7, CONFIG):
            walked += part

        found = READERS[kind]([key for key, _ in walked], CONFIG)

        assert len(walked) > 2
        assert [key for key, _ in walked] == sorted(key for key, _ in walked)
        assert dict(walked) == {one.key: one.digest for one in found}
        assert snapshots.count(kind, CONFIG) == len(walked)

    def test_whatever_the_snapshot_holds_changes_the_digest(self) -> None:
        billing = rows.address()
        order = rows.order(billing_address=billing)
        line = rows.line(order, "1", "1")
        parcel = rows.parcel(order, line)
        attempt = rows.attempt(rows.payment(order), "capture", "1")
        seen = [read(order).digest]

        for row, fields in (
            (order, {"status": "fulfilled"}),
            (order, {"metadata": {"note": "x"}}),
            (billing, {"city": "Juva"}),
            (line, {"total_price_gross_amount": Decimal("1.001")}),
            (parcel, {"status": "returned"}),
            (parcel, {"tracking_number": "x"}),
            (attempt, {"amount": Decimal(2)}),
            (order.channel, {"slug": "renamed"}),
        ):
            change(row, **fields)
            seen.append(read(order).digest)

        assert len(set(seen)) == len(seen)
        assert dict(snapshots.digests(Kind.ORDER, None, 10_000, CONFIG))[order.pk] == seen[-1]

    def test_what_it_does_not_hold_leaves_the_digest_alone(self) -> None:
        order = rows.order(metadata={"a": "1"})
        before = read(order).digest

        change(order, updated_at=clock.now() + timedelta(days=1), metadata={"a": "2"})

        assert read(order).digest == before

    def test_settings_that_change_the_reading_change_every_digest(self) -> None:
        order = rows.order()
        configs = [CONFIG, Config(vat_id_keys=("x",)), Config(test_channels=("fi",))]

        assert len({read(order, config).digest for config in configs}) == 3

    def test_which_accounts_are_walked(self) -> None:
        def account(email: str, days: int, **fields: object) -> Any:
            made = rows.user(email, **fields)
            change(made, updated_at=clock.now() - timedelta(days=days))
            return made

        fresh = account("fresh@example.com", 6)
        stale = account("stale@example.com", 8)
        buyer = account("buyer@example.com", 8)
        rows.order(user=buyer)
        elsewhere = account("elsewhere@example.com", 8)
        rows.order(user=elsewhere, channel=rows.channel("other"))
        planner = account("planner@example.com", 8)
        rows.order(user=planner, status="draft")
        staff = account("staff@example.com", 6, is_staff=True)
        staff_buyer = account("staff-buyer@example.com", 8, is_staff=True)
        rows.order(user=staff_buyer)
        config = Config(checkout_days=7, excluded_channels=("other",))

        walked = set(keys(Kind.CUSTOMER, config))

        ours = {fresh, stale, buyer, elsewhere, planner, staff, staff_buyer}
        assert walked & {one.pk for one in ours} == {fresh.pk, buyer.pk, staff_buyer.pk}

    def test_which_checkouts_are_walked(self) -> None:
        fresh, stale = rows.checkout(), rows.checkout()
        change(stale, last_change=clock.now() - timedelta(days=31))

        walked = keys(Kind.CHECKOUT)

        assert fresh.pk in walked
        assert stale.pk not in walked


class TestQueries:
    """One round trip a call, whatever its size, and none that Saleor forbids."""

    def test_a_batch_of_500_orders_is_one_round_trip(self) -> None:
        made = rows.orders(500)

        with statements() as sent:
            found = snapshots.orders([order.pk for order in made], CONFIG)

        assert {one.key for one in found} == {order.pk for order in made}
        assert len(sent) == 1

    def test_each_call_of_the_port_is_one_round_trip_that_saleor_allows(self) -> None:
        from jokkerit_plugin.saleor_bridge.port import SaleorPort

        order, account = rows.order(), rows.user("a@example.com")
        port = SaleorPort()
        with strict_writer(), statements() as sent:
            port.orders([order.pk], CONFIG)
            port.customers([account.pk], CONFIG)
            port.checkouts([uuid4()], CONFIG)
            port.customers_of_addresses([1])
            port.order_keys_of_customers([account.pk], CONFIG)
            port.digests(Kind.ORDER, UUID(int=0), 5, CONFIG)
            port.digests(Kind.CUSTOMER, 0, 5, CONFIG)
            port.digests(Kind.CHECKOUT, None, 5, CONFIG)

        assert len(sent) == 8

    def test_compiling_the_statement_would_cost_more_than_running_it(self) -> None:
        from django.db import connection

        snapshots.orders([rows.order().pk], CONFIG)

        with connection.cursor() as cursor:
            cursor.execute("SHOW jit")
            assert cursor.fetchone() == ("off",)
