"""Status: what it says when all is well, and that it says when it is not."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from jokkerit_plugin import clock, keys
from jokkerit_plugin.access import copies
from jokkerit_plugin.config import Config
from jokkerit_plugin.models import InboxEvent, SetAside, Sweep
from jokkerit_plugin.register import inbox, status, sweep
from jokkerit_plugin.shop import port
from jokkerit_plugin.shop.snapshots import Kind
from tests.forgetting import approved
from tests.paper_shop import key_of
from tests.published import published

pytestmark = pytest.mark.django_db


def report(*options: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("register_status", *options, stdout=out)
    except SystemExit as stop:
        return out.getvalue(), int(stop.code or 0)
    return out.getvalue(), 0


def test_an_empty_register_does_not_claim_to_be_complete(shop):
    text, code = report()
    assert code == 1
    assert "not known yet" in text
    assert "register_backfill" in text


def test_a_compared_register_is_complete_up_to_now(shop, monkeypatch, tmp_path):
    monkeypatch.setenv(copies.VARIABLE, str(tmp_path / "ledger"))
    monkeypatch.setenv(keys.VARIABLE, f"2026:{'ab' * 32}")
    approved(shop)
    published(shop)
    shop.order("one", outside=["order.metadata"])
    sweep.run(sweep.start(Sweep.Name.BACKFILL))
    text, code = report()
    assert code == 0
    assert "order.metadata is filled in 1 rows" in text
    values = json.loads(report("--json")[0])
    assert values["healthy"] is True
    assert (values["customers"], values["purchases"], values["waiting"]) == (1, 1, 0)


@pytest.mark.promise("P-NOTHING-ELSE", "P-RELEVANT", breaks=True)
def test_what_the_shop_collects_outside_the_description_is_counted_and_shown(shop):
    shop.account(1, outside=["user.note"])
    shop.order("one", user=1, outside=["order.customer_note", "order.metadata"])
    shop.order("two", outside=["order.metadata"])
    sweep.run(sweep.start(Sweep.Name.BACKFILL))
    assert json.loads(report("--json")[0])["collected_outside"] == {
        "order.customer_note": 1, "order.metadata": 2, "user.note": 1,
    }  # fmt: skip
    assert "order.metadata is filled in 2 rows" in report()[0]


def test_the_register_has_followed_only_to_the_oldest_event_that_waits(shop):
    sweep.run(sweep.start(Sweep.Name.BACKFILL))
    inbox.note(Kind.ORDER, [key_of("a")])
    waiting = InboxEvent.objects.get()
    found = status.summary()
    assert found.followed_to == waiting.noted_at
    assert found.complete_to == Sweep.objects.get().started_at
    assert found.healthy
    InboxEvent.objects.update(noted_at=clock.now() - timedelta(seconds=status.STUCK_SECONDS + 1))
    assert not status.summary().healthy


def test_a_set_aside_key_is_shown_and_wakes_somebody(shop):
    sweep.run(sweep.start(Sweep.Name.BACKFILL))
    past = clock.now() - timedelta(hours=1)
    SetAside.objects.create(
        kind="order", key="k", attempts=6, reason="DataError 22001", first_at=past, last_at=past
    )
    found = status.summary()
    assert (found.set_aside, found.given_up, found.complete_to) == (1, 1, past)
    assert found.last_error == "DataError 22001"
    text, code = report()
    assert code == 1
    assert "could not be read after several attempts" in text


@pytest.mark.promise("P-PURPOSE-ORDERS", breaks=True)
def test_a_walk_that_left_failures_still_names_them(shop):
    shop.order("bad", currency="MUCH TOO LONG")
    shop.delivered()
    with pytest.raises(CommandError, match="could not be read"):
        call_command("register_backfill", stdout=StringIO())
    assert not status.summary().healthy


@pytest.mark.parametrize("rest", [Config(active=False), Config(active=True, fill_orders=False)])
def test_a_rest_of_the_plugin_ends_what_a_comparison_proved(shop, rest):
    before = shop.port.settings
    sweep.run(sweep.start(Sweep.Name.BACKFILL))
    assert status.summary().healthy
    shop.port.settings = rest
    inbox.drain()
    shop.port.settings = before
    found = status.summary()
    assert not found.healthy
    assert found.complete_to is None
    sweep.run(sweep.start(Sweep.Name.BACKFILL))
    assert status.summary().healthy


@pytest.mark.parametrize(
    "then",
    [
        Config(active=True, excluded_channels=("finland",)),
        Config(active=True, fill_orders=False),
        Config(active=True, fill_checkouts=False),
    ],
)
def test_a_comparison_under_other_settings_proves_nothing(shop, then):
    now = Config(active=True, fill_checkouts=True)
    shop.port.settings = then
    sweep.run(sweep.start(Sweep.Name.BACKFILL))
    shop.port.settings = now
    assert not status.summary().healthy
    sweep.run(sweep.start(Sweep.Name.BACKFILL))
    assert status.summary().healthy


def test_a_nightly_comparison_that_died_is_a_problem(shop):
    sweep.run(sweep.start(Sweep.Name.BACKFILL))
    Sweep.objects.update(started_at=clock.now() - status.STALE - timedelta(hours=1))
    assert "36 hours" in status.summary().problems[0]


def test_a_deactivated_plugin_is_a_problem(shop):
    sweep.run(sweep.start(Sweep.Name.BACKFILL))
    shop.port.settings = Config(active=False)
    assert not status.summary().healthy
    with pytest.raises(CommandError, match="deactivated"):
        call_command("register_reconcile", stdout=StringIO())


def test_without_a_shop_or_tables_it_says_so_and_does_not_raise(shop):
    port.install(None)
    assert "NO_SHOP" in status.summary().problems[0]
    port.install(shop.port)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE jokkerit_plugin_inboxevent RENAME TO elsewhere")
    assert "42P01" in status.summary().problems[0]


def test_the_commands_fill_and_compare(shop):
    shop.order("one")
    out = StringIO()
    call_command("register_backfill", stdout=out)
    assert "1 were missing" in out.getvalue()
    out = StringIO()
    call_command("register_reconcile", stdout=out)
    assert "0 were missing, 0 outdated, 0 gone from the shop, 0 set aside" in out.getvalue()
