"""Whatever happens to the plugin, the shop's customers never see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from demo import checkouts, orders
from demo.client import Answer
from demo.load import COMPLETE
from demo.records import Basket, Placed
from tests.saleor.live import Live, Seen
from tests.saleor.rough import Rough

pytest_plugins = ("tests.saleor.fixtures_live",)

INBOX = "jokkerit_plugin_inboxevent"


def ready_basket(live: Live) -> Basket:
    """Lacks nothing but checkoutComplete, in a channel that takes the money later."""
    return live.stage.fill("sverige", live.stage.person("sverige"), {"JR-PAITA": 1})


def completed(live: Live) -> Answer:
    return live.stage.guest.post(COMPLETE, {"id": ready_basket(live).id})


def assert_clean(answer: Answer) -> None:
    assert answer.status == 200
    assert answer.errors() == []
    assert answer.body
    assert answer.body["data"]["checkoutComplete"]["order"]["number"]


def noted(live: Live) -> int:
    """How many rows were ever put into the inbox, drained or rolled back ones too."""
    row = live.database.execute(
        f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS n FROM {INBOX}_id_seq"
    ).fetchone()
    assert row
    return int(row["n"])


@contextmanager
def locked_inbox(live: Live) -> Iterator[None]:
    url = live.shop.database_url.replace("postgres://", "postgresql://", 1)
    with psycopg.connect(url) as other, other.transaction():
        other.execute(f"LOCK TABLE {INBOX} IN ACCESS EXCLUSIVE MODE")
        yield


@contextmanager
def settings(live: Live, **fields: object) -> Iterator[None]:
    live.configure(**fields)  # type: ignore[arg-type]
    try:
        yield
    finally:
        live.configure(active=True, fill_orders=True, fill_checkouts=True)


def test_the_shop_sells_before_the_plugin_is_migrated(rough: Rough) -> None:
    assert rough.unmigrated
    for answer in rough.unmigrated:
        assert_clean(answer)


def test_the_shop_sells_while_another_session_locks_the_inbox(rough: Rough) -> None:
    basket = ready_basket(rough.live)
    with locked_inbox(rough.live):
        answer = rough.live.stage.guest.post(COMPLETE, {"id": basket.id})

    assert_clean(answer)


@pytest.mark.parametrize("word", ["note", "keys", "settings"])
def test_the_shop_sells_while_the_plugin_raises(rough: Rough, word: str) -> None:
    basket = ready_basket(rough.live)
    before = noted(rough.live)
    rough.live.sabotage(word)
    answer = rough.live.stage.guest.post(COMPLETE, {"id": basket.id})
    after = noted(rough.live)
    rough.live.sabotage("none")

    assert_clean(answer)
    assert after == before


@pytest.mark.parametrize("word", ["note", "keys", "settings"])
def test_staff_and_payment_apps_work_while_the_plugin_raises(rough: Rough, word: str) -> None:
    order = placed(rough.live)
    rough.live.sabotage(word)
    order = orders.cancel(rough.live.store.staff, order)
    rough.live.sabotage("none")

    assert order.status == "CANCELED"


def test_a_deactivated_plugin_notes_nothing(rough: Rough) -> None:
    with settings(rough.live, active=False):
        before = noted(rough.live)
        answer = completed(rough.live)
        after = noted(rough.live)

    assert_clean(answer)
    assert after == before


def test_with_every_toggle_off_nothing_is_noted(rough: Rough) -> None:
    with settings(rough.live, fill_orders=False, fill_checkouts=False):
        before = noted(rough.live)
        answer = completed(rough.live)
        after = noted(rough.live)

    assert_clean(answer)
    assert after == before


def test_with_the_toggles_on_both_kinds_of_event_are_noted(rough: Rough) -> None:
    with settings(rough.live, fill_orders=True, fill_checkouts=True):
        before = noted(rough.live)
        basket = ready_basket(rough.live)
        started = noted(rough.live)
        answer = rough.live.stage.guest.post(COMPLETE, {"id": basket.id})
        after = noted(rough.live)

    assert_clean(answer)
    assert before < started < after


def placed(live: Live) -> Placed:
    return checkouts.complete(live.stage.guest, live.store, ready_basket(live))


@pytest.mark.parametrize("how", ["down", "hanging"])
def test_the_shop_sells_and_events_are_noted_while_the_broker_is_away(
    rough: Rough, how: str
) -> None:
    basket = ready_basket(rough.live)
    before = noted(rough.live)
    with rough.broker_away(how):
        answer = rough.live.stage.guest.post(COMPLETE, {"id": basket.id})
        after = noted(rough.live)

    assert_clean(answer)
    assert after > before


@pytest.mark.promise("P-PURPOSE-ORDERS")
def test_what_the_broken_plugin_missed_is_found_by_reconciliation(rough: Rough) -> None:
    rough.live.walk()
    rough.live.sabotage("note")
    missed = placed(rough.live)
    rough.live.sabotage("none")

    rough.live.settle()
    # Of this order alone: a web server killed in this shop may have left Saleor's own half done.
    order = Seen(orders=(missed.key,))
    assert f"order {missed.key}: missing" in rough.live.differences(order)
    rough.live.reconcile()
    rough.live.follows(order)
