"""Every journey of the demonstration shop, and after each the register equals Saleor."""

from __future__ import annotations

import pytest

from demo.journeys import JOURNEYS
from demo.records import pk
from tests.saleor.live import Live, until

pytest_plugins = ("tests.saleor.fixtures_live",)

#: Journeys with a step of which Saleor tells no plugin, as their last one.
SILENT = {"invoiced"}


def test_a_backfill_takes_in_the_history_of_the_shop(live: Live) -> None:
    live.follows()

    purchases = live.database.execute("SELECT count(*) AS n FROM jokkerit_plugin_purchase")
    row = purchases.fetchone()
    assert row
    assert row["n"] >= 20


@pytest.mark.promise("P-PURPOSE-ORDERS", "P-PURPOSE-REGISTER", "P-DATA-PURCHASE")
@pytest.mark.parametrize("name", sorted(JOURNEYS.keys() - SILENT))
def test_after_a_journey_the_register_equals_the_shop(live: Live, name: str) -> None:
    outcome = JOURNEYS[name].play(live.stage)

    accounts = [int(pk(account.id)) for account in outcome.accounts]
    accounts += [int(pk(key)) for key in outcome.gone if "VXNlcjo" in key]
    live.follows([order.key for order in outcome.orders], accounts)


def test_without_being_asked_the_worker_drains_the_inbox_when_beat_says_so(live: Live) -> None:
    outcome = JOURNEYS["guest_order"].play(live.stage)

    keys = [order.key for order in outcome.orders]
    until(lambda: not live.differences(keys, []), lambda: live.differences(keys, []))
