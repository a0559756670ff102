"""The Celery tasks, called as a worker calls them."""

from datetime import timedelta

import pytest

from jokkerit_plugin import clock, tasks
from jokkerit_plugin.access import recipients
from jokkerit_plugin.config import Config
from jokkerit_plugin.models import AccessEntry, InboxEvent, Purchase, Sweep, Trace
from jokkerit_plugin.register import inbox, sweep, traces
from tests.people import ACCOUNTANT, CONTROLLER, firm
from tests.test_chain import write

pytestmark = pytest.mark.django_db


def test_drain_works_on_the_inbox(shop):
    shop.order("one")
    for kind, key in shop.delivered():
        inbox.note(kind, [key])
    tasks.drain()
    assert Purchase.objects.count() == 1


def test_reconcile_finishes_what_was_begun(shop):
    shop.order("one")
    sweep.start(Sweep.Name.RECONCILE)
    tasks.reconcile()
    assert Sweep.objects.get().finished_at
    assert Purchase.objects.count() == 1


def test_expiry_goes_on_until_nothing_is_due(shop, monkeypatch):
    config = Config(active=True, fill_checkouts=True)
    for number in range(5):
        shop.checkout(f"cart {number}", changed_at=clock.now().isoformat())
    inbox.work(shop.delivered(), port=shop.port, config=config)
    later = clock.now() + timedelta(days=100)
    monkeypatch.setattr(clock, "now", lambda: later)
    monkeypatch.setattr(traces.expire, "__kwdefaults__", {"limit": 2})
    tasks.expire_traces()
    assert not Trace.objects.exists()


def test_the_shop_is_asked_again_about_former_members(shop, monkeypatch):
    recipients.end(firm(ACCOUNTANT).pk, actor=CONTROLLER)
    asked = []
    monkeypatch.setattr(shop.port, "end_access", asked.append)
    tasks.shut_out()
    tasks.shut_out()
    assert asked == [ACCOUNTANT.key]


def test_the_log_of_who_looked_expires(shop, monkeypatch):
    monkeypatch.setenv("JOKKERIT_KEYS", f"2026:{'ab' * 32}")
    write(2)
    moment = clock.now() + timedelta(days=2000)
    monkeypatch.setattr(clock, "now", lambda: moment)
    tasks.expire_access_log()
    assert not AccessEntry.objects.exists()


def test_a_deactivated_plugin_rests(shop):
    shop.order("one")
    shop.checkout("cart", changed_at="2026-11-01T00:00:00Z")
    inbox.work(shop.delivered(), port=shop.port, config=shop.port.config())
    Trace.objects.update(changed_at=clock.now() - timedelta(days=100))
    sweep.start(Sweep.Name.RECONCILE)
    InboxEvent.objects.create(kind="order", key="k")
    shop.port.settings = Config(active=False)
    tasks.drain()
    tasks.reconcile()
    tasks.expire_traces()
    assert InboxEvent.objects.count() == 1
    assert Sweep.objects.get().finished_at is None
    assert Trace.objects.count() == 1
