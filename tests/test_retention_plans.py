"""Dry runs: bound to their rows, approved by the controller, and nothing runs without."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction

from jokkerit_plugin import clock
from jokkerit_plugin.access.chain import as_ids
from jokkerit_plugin.access.controllers import ControllersOnly
from jokkerit_plugin.models import (
    AccessEntry,
    AddressMark,
    Customer,
    Erasure,
    Plan,
    PlanBatch,
    Purchase,
)
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.register import approval, subjects
from jokkerit_plugin.register.identity import Identity
from jokkerit_plugin.register.rows import fetch
from jokkerit_plugin.retention import night, plans
from jokkerit_plugin.retention.plans import PlanError
from jokkerit_plugin.shop import erasers
from jokkerit_plugin.shop.erasers import ShopPart
from tests.forgetting import LATELY, FakeEraser, approved, buys, erase, told
from tests.paper_shop import PaperShop
from tests.people import CONTROLLER, STAFF
from tests.standing import standing

pytestmark = pytest.mark.django_db


def furnished(shop, monkeypatch) -> PaperShop:
    """Three guests who bought long ago and were told, and one who bought lately."""
    for name in ("aino", "eino", "veikko"):
        buys(shop, name)
    buys(shop, "lempi", when=LATELY)
    told()
    return shop


old = standing(__name__, furnished)


def emails() -> set[str]:
    return set(Customer.objects.values_list("email", flat=True))


def test_a_dry_run_counts_and_erases_nothing(old):
    plan = plans.make(old.port.config())
    assert sum(plan.counts["contact"].values()) == 3
    assert plan.state == Plan.State.WAITING
    assert Customer.objects.count() == 4
    assert not Erasure.objects.exists()


def test_a_run_erases_what_was_shown_and_not_what_fell_due_since(old):
    approved(old)
    buys(old, "myöhemmin")
    told()
    plan = night.by_hand()
    assert plan.state == Plan.State.DONE
    assert emails() == {"lempi@example.com", "myöhemmin@example.com"}


def test_nothing_runs_that_the_controller_did_not_approve(old):
    plans.make(old.port.config())
    with pytest.raises(PlanError, match="not approved"):
        night.by_hand()
    assert Customer.objects.count() == 4


def test_a_plan_whose_rows_were_changed_is_not_approved(old):
    plan = plans.make(old.port.config())
    PlanBatch.objects.filter(plan=plan, part="contact").update(subjects="{[1,1000)}")
    with pytest.raises(PlanError, match="not those that were shown"):
        plans.approve(plan.pk, actor=CONTROLLER)


def test_a_plan_whose_rows_were_changed_after_approval_does_not_run(old):
    plan = approved(old)
    PlanBatch.objects.filter(plan=plan, part="contact").update(subjects="{[1,1000)}")
    with pytest.raises(PlanError, match="not those that were shown"):
        night.by_hand()
    plan.refresh_from_db()
    assert plan.state == Plan.State.LEFT
    assert Customer.objects.count() == 4


def test_only_the_controller_approves_and_it_is_logged(old):
    plan = plans.make(old.port.config())
    with pytest.raises(ControllersOnly):
        plans.approve(plan.pk, actor=STAFF)
    plans.approve(plan.pk, digest=plan.digest, actor=CONTROLLER)
    log = AccessEntry.objects.filter(act=plans.ACT).order_by("seq")
    assert list(log.values_list("actor", "outcome")) == [
        (STAFF.key, "refused"), (CONTROLLER.key, "granted"),
    ]  # fmt: skip


def test_a_plan_that_was_not_looked_at_is_not_approved(old):
    plan = plans.make(old.port.config())
    with pytest.raises(PlanError, match="not the plan"):
        plans.approve(plan.pk, digest="0" * 64, actor=CONTROLLER)


def test_a_new_dry_run_takes_the_place_of_one_that_waits(old):
    first, second = (plans.make(old.port.config()) for _ in range(2))
    with pytest.raises(PlanError, match="no such plan"):
        plans.approve(first.pk, actor=CONTROLLER)
    assert plans.approve(second.pk, actor=CONTROLLER).state == Plan.State.APPROVED


def test_an_approval_stands_until_a_setting_changes_what_is_erased(old):
    erase(old)
    config = old.port.config()
    assert approval.standing(config)
    assert approval.standing(replace(config, retention_hour=5, retention_daily_limit=7))
    assert not approval.standing(replace(config, inactive_months=12))
    assert not approval.standing(replace(config, checkout_days=7))
    assert not approval.standing(replace(config, erase_in_shop=True))


def test_an_approved_plan_does_not_run_under_other_settings(old):
    plan = approved(old)
    old.port.settings = replace(old.port.settings, inactive_months=48)
    with pytest.raises(PlanError):
        night.by_hand()
    plan.refresh_from_db()
    assert plan.state == Plan.State.LEFT
    assert Customer.objects.count() == 4


def test_a_plan_has_batches_of_at_most_the_daily_limit(old):
    old.port.settings = replace(old.port.settings, retention_daily_limit=2)
    plan = plans.make(old.port.config())
    sizes = [batch.upto for batch in plan.batches.filter(part="contact").order_by("number")]
    assert sizes == [2, 3]


def test_a_setting_that_cannot_be_used_forbids_every_plan(old):
    bad = replace(old.port.settings, unusable=(("bookkeeping_years", "below ten"),))
    old.port.settings = bad
    with pytest.raises(PlanError, match="below ten"):
        plans.make(bad)
    with pytest.raises(PlanError, match="below ten"):
        night.by_hand()


def test_another_day_is_shown_and_not_stored(old):
    counts = plans.preview(clock.today(), old.port.config())
    assert sum(counts["contact"].values()) == 3
    assert not Plan.objects.exists()


@pytest.mark.parametrize(("days", "over"), [(0, 1), (9, 1), (11, 2)])
def test_on_another_day_more_of_the_shop_s_own_is_over_and_nothing_is_noted(shop, days, over):
    shop.port.settings = replace(shop.port.settings, erase_in_shop=True)
    fake = FakeEraser()
    fake.there[ShopPart.CHECKOUT] = {"old", "young"}
    fake.made = {"young": clock.now() - timedelta(days=80)}
    erasers.install(fake)
    try:
        counts = plans.preview(clock.today() + timedelta(days=days), shop.port.config())
        # By a term that cannot be read no checkout goes.
        unread = replace(shop.port.settings, unusable=(("checkout_days", "no number"),))
        assert plans.preview(clock.today() + timedelta(days=days), unread) == {}
    finally:
        erasers.install(None)
    assert counts == {"checkout": {"checkout": over}}
    assert not AddressMark.objects.exists()


def test_a_batch_has_no_more_subjects_than_the_server_has_places_for_locks(old, monkeypatch):
    monkeypatch.setattr(plans, "at_once", lambda: 2)
    plan = plans.make(old.port.config())
    sizes = [len(list(as_ids(batch.subjects))) for batch in plan.batches.filter(part="contact")]
    assert sizes == [2, 1]


def test_a_few_workers_find_places_for_their_locks(old, monkeypatch):
    buys(old, "kalle", user=5)
    taken = []

    def note(_phase, select, given):
        taken.extend(name for (name,) in fetch(select, [given]))

    monkeypatch.setattr(subjects, "lock_found", note)
    customers = Customer.objects.order_by("pk")
    purchases = Purchase.objects.order_by("pk")
    # As the intake writes them: a guest by the e-mail, an account by its key and its owner.
    owners = [str(Identity(one.saleor_user or 0, one.guest_email or "")) for one in customers]
    with transaction.atomic():
        subjects.lock_subjects(Part.CONTACT, [one.pk for one in customers])
        assert sorted(taken) == sorted(["customer:5", *owners])
        taken.clear()
        subjects.lock_subjects(Part.DETAIL, [one.pk for one in purchases])
        orders = [f"order:{one.saleor_order}" for one in purchases]
        assert sorted(taken) == sorted([*orders, *owners])
        assert len(taken) == 2 * len(purchases)
    places = "current_setting('max_locks_per_transaction')::int"
    [(places,)] = fetch(f"SELECT {places} * current_setting('max_connections')::int", [])
    assert 1 <= 6 * 2 * subjects.at_once() <= places


def test_on_the_smallest_server_one_is_erased_at_a_time(monkeypatch):
    monkeypatch.setattr(subjects, "fetch", lambda *_: [(0,)])
    assert subjects.at_once() == 1
