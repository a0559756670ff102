"""Backfill and reconciliation: the register equals the shop, whatever was missed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.config import Config
from jokkerit_plugin.models import (
    Customer,
    ErasedKey,
    KnownIdentifier,
    PostalAddress,
    Purchase,
    PurchaseLine,
    SetAside,
    Sweep,
    Trace,
)
from jokkerit_plugin.register import inbox, sweep
from jokkerit_plugin.shop.snapshots import Kind
from tests.paper_shop import PaperShop, key_of, line, party

pytestmark = pytest.mark.django_db(transaction=True)


def counts(walk: Sweep) -> tuple[int, int, int, int]:
    return walk.missing, walk.outdated, walk.vanished, walk.failed


def reconcile() -> Sweep:
    return sweep.run(sweep.start(Sweep.Name.RECONCILE))


def fill(shop: PaperShop, orders: int = 5) -> None:
    shop.account(5)
    for number in range(orders):
        shop.order(f"order {number}", email=f"p{number}@example.com")
    shop.order("of the account", user=5)
    shop.checkout("cart")
    shop.delivered()


@pytest.mark.promise("P-PURPOSE-REGISTER")
def test_a_backfill_takes_in_the_whole_shop(shop):
    fill(shop)
    walk = sweep.run(sweep.start(Sweep.Name.BACKFILL))
    assert walk.finished_at
    assert Purchase.objects.count() == 6
    assert Customer.objects.count() == 6
    assert Trace.objects.count() == 1
    assert counts(reconcile()) == (0, 0, 0, 0)


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7])
def test_the_size_of_a_range_changes_nothing(shop, monkeypatch, size):
    monkeypatch.setattr(sweep, "RANGE", size)
    monkeypatch.setattr(sweep, "CHUNK", 2)
    fill(shop)
    walk = reconcile()
    assert (walk.missing, walk.seen) == (7, 8)
    assert counts(reconcile()) == (0, 0, 0, 0)
    shop.remove(Kind.ORDER, key_of("order order 3"))
    shop.order("order 4", status="canceled")
    shop.order("new one")
    assert counts(reconcile()) == (1, 1, 1, 0)
    assert Purchase.objects.get(absent_since__isnull=False).saleor_order == key_of("order order 3")


@pytest.mark.promise("P-PURPOSE-REGISTER", breaks=True)
def test_a_change_that_no_event_told_is_repaired(shop):
    fill(shop)
    reconcile()
    shop.order("order 0", invoices=[{"key": 1, "number": "", "created_at": "2026-03-01T10:00:00Z"}])
    shop.account(5, email="moved@example.com")
    shop.checkout("cart", email="other@example.com")
    assert counts(reconcile()) == (0, 3, 0, 0)
    assert Customer.objects.get(saleor_user=5).email == "moved@example.com"
    assert Trace.objects.get().email == "other@example.com"


@pytest.mark.parametrize(
    ("change", "model", "column", "value"),
    [
        pytest.param(
            {"billing": party(last="Uusi")}, Customer, "last_name", "Uusi",
            marks=pytest.mark.promise("P-DATA-NAME", breaks=True),
        ),
        pytest.param(
            {"shipping": party(street_1="Ranta 2")}, PostalAddress, "street_1", "Ranta 2",
            marks=pytest.mark.promise("P-DATA-POSTAL", breaks=True),
        ),
        pytest.param(
            {"email": "uusi@example.com"}, Customer, "email", "uusi@example.com",
            marks=pytest.mark.promise("P-DATA-EMAIL", breaks=True),
        ),
        pytest.param(
            {"billing": party(phone="+358509999999")}, KnownIdentifier, "value", "+358509999999",
            marks=pytest.mark.promise("P-DATA-PHONE", breaks=True),
        ),
        pytest.param(
            {"lines": [line("saha")]}, PurchaseLine, "name", "saha",
            marks=pytest.mark.promise("P-DATA-PURCHASE", "P-PURPOSE-ORDERS", breaks=True),
        ),
    ],
)  # fmt: skip
def test_what_the_register_lacks_is_counted_and_taken_in(shop, change, model, column, value):
    shop.order("one")
    reconcile()
    shop.order("one", **change)
    assert value not in model.objects.values_list(column, flat=True)
    assert counts(reconcile()) == (0, 1, 0, 0)
    assert value in model.objects.values_list(column, flat=True)


def test_rows_gone_from_the_shop_are_marked_and_traces_go(shop):
    fill(shop)
    reconcile()
    shop.remove(Kind.ORDER, key_of("order of the account"))
    shop.remove(Kind.CUSTOMER, 5)
    shop.remove(Kind.CHECKOUT, key_of("checkout cart"))
    walk = reconcile()
    assert walk.vanished == 3
    assert Customer.objects.get(saleor_user=5).account_gone_at
    assert not Trace.objects.exists()
    assert counts(reconcile()) == (0, 0, 0, 0)


def test_what_was_erased_on_purpose_is_not_missing(shop):
    fill(shop)
    ErasedKey.objects.create(kind="order", key=str(key_of("order order 1")), erased_at=clock.now())
    reconcile()
    assert Purchase.objects.count() == 5
    assert counts(reconcile()) == (0, 0, 0, 0)


def test_the_extent_of_a_walk_is_what_it_compares(shop):
    fill(shop)
    shop.order("elsewhere", channel="outlet")
    shop.account(9, is_staff=True)
    shop.checkout("old", changed_at="2020-01-01T00:00:00.000000Z")
    shop.port.settings = replace(shop.port.settings, excluded_channels=("outlet",))
    assert reconcile().seen == sweep.extent(shop.port.settings) == 8


def test_a_walk_goes_on_where_it_was_stopped(shop, monkeypatch):
    monkeypatch.setattr(sweep, "RANGE", 2)
    fill(shop)

    def interrupt(walk: Sweep) -> None:
        raise KeyboardInterrupt

    first = sweep.start(Sweep.Name.BACKFILL)
    with pytest.raises(KeyboardInterrupt):
        sweep.run(first, report=interrupt)
    assert Purchase.objects.count() == 2
    again = sweep.start(Sweep.Name.BACKFILL)
    assert again.pk == first.pk
    walk = sweep.run(again)
    assert (walk.seen, walk.missing) == (8, 7)
    assert Purchase.objects.count() == 6


def test_a_row_that_cannot_be_read_is_set_aside_and_counted(shop):
    fill(shop)
    shop.order("order 2", currency="MUCH TOO LONG")
    walk = reconcile()
    assert walk.failed == 1
    assert Purchase.objects.count() == 5
    assert SetAside.objects.get().key == str(key_of("order order 2"))


def test_excluding_a_channel_later_marks_its_purchases(shop):
    shop.order("kept")
    shop.order("other", channel="outlet")
    shop.delivered()
    reconcile()
    shop.port.settings = Config(active=True, excluded_channels=("outlet",))
    reconcile()
    assert Purchase.objects.get(absent_since__isnull=False).channel == "outlet"
    shop.port.settings = Config(active=True)
    reconcile()
    assert not Purchase.objects.exclude(absent_since=None).exists()


def test_an_account_whose_last_purchase_vanished_is_not_gone_every_night(shop):
    shop.account(5, changed_at="2020-01-01T00:00:00.000000Z")
    shop.order("one", user=5)
    reconcile()
    shop.remove(Kind.ORDER, key_of("order one"))
    assert counts(reconcile()) == (0, 0, 1, 0)
    assert counts(reconcile()) == (0, 0, 0, 0)


def test_a_walk_by_hand_is_left_alone_by_the_nightly_one(shop, monkeypatch):
    fill(shop)
    monkeypatch.setattr(sweep, "RANGE", 2)
    walk = sweep.start(Sweep.Name.BY_HAND)
    moved: list[Sweep | None] = []

    def meanwhile(_: Sweep) -> None:
        moved.append(sweep.nightly(seconds=60))

    monkeypatch.setattr(sweep, "NIGHT_HOUR", 0)
    sweep.run(walk, report=meanwhile)
    assert walk.finished_at
    assert [one.name for one in moved if one][:1] == ["reconcile"]


@pytest.mark.parametrize(
    "change", [{"valid": False}, {"started_at": datetime(2026, 1, 1, tzinfo=UTC)}]
)
def test_a_walk_that_proves_nothing_any_more_is_begun_anew(shop, monkeypatch, change):
    monkeypatch.setattr(sweep, "RANGE", 2)
    fill(shop)
    walk = sweep.start(Sweep.Name.BACKFILL)
    sweep._step(walk, shop.port, shop.port.config())
    Sweep.objects.update(**change)
    again = sweep.start(Sweep.Name.BACKFILL)
    assert (again.seen, again.cursor) == (0, "")


def test_only_one_process_moves_a_walk(shop):
    fill(shop)
    walk = sweep.start(Sweep.Name.RECONCILE)
    stale = Sweep.objects.get(pk=walk.pk)
    sweep.run(walk)
    assert sweep._move(stale, Kind.CUSTOMER, "", seen=99) is False
    assert Sweep.objects.get(pk=walk.pk).seen == 8


HELSINKI = ZoneInfo("Europe/Helsinki")


@pytest.mark.parametrize(
    ("latest", "now", "runs"),
    [
        (None, datetime(2026, 11, 22, 1, 59, tzinfo=HELSINKI), False),
        (None, datetime(2026, 11, 22, 2, 0, tzinfo=HELSINKI), True),
        (datetime(2026, 11, 21, 2, 0, tzinfo=HELSINKI),
         datetime(2026, 11, 22, 2, 1, tzinfo=HELSINKI), True),
        (datetime(2026, 11, 22, 2, 0, tzinfo=HELSINKI),
         datetime(2026, 11, 22, 23, 0, tzinfo=HELSINKI), False),
    ],
)  # fmt: skip
def test_the_nightly_walk_begins_once_a_night(shop, monkeypatch, latest, now, runs):
    if latest:
        Sweep.objects.create(
            name="reconcile",
            reach=shop.port.settings.reach,
            started_at=latest,
            finished_at=latest,
            kind="order",
        )
    monkeypatch.setattr(clock, "now", lambda: now)
    assert bool(sweep.nightly(seconds=5)) is runs


def test_a_nightly_walk_that_was_killed_is_gone_on_with(shop):
    fill(shop)
    Sweep.objects.create(
        name="reconcile",
        reach=shop.port.settings.reach,
        started_at=clock.now() - timedelta(hours=20),
        kind="customer",
    )
    walk = sweep.nightly(seconds=60)
    assert walk
    assert walk.finished_at
    assert inbox.drain().written == 1
