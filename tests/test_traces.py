"""Traces are short-lived."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction

from jokkerit_plugin import clock
from jokkerit_plugin.access import restrictions
from jokkerit_plugin.config import Config
from jokkerit_plugin.models import Customer, Request, Trace
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.register import intake, traces
from tests.erasing import take
from tests.people import CONTROLLER, sign
from tests.test_erasure import hold

pytestmark = pytest.mark.django_db


@pytest.mark.promise("P-KEEP-PURPOSE")
def test_a_trace_goes_when_its_days_are_over(shop):
    changed = clock.now() - timedelta(days=10)
    shop.checkout("cart", changed_at=changed.isoformat())
    config = Config(active=True, fill_checkouts=True, checkout_days=30)
    with transaction.atomic():
        intake.apply(shop.delivered(), port=shop.port, config=config)
    assert traces.expire(config, changed + timedelta(days=29)) == 0
    assert traces.expire(config, changed + timedelta(days=30)) == 1
    assert not Trace.objects.exists()


@pytest.mark.parametrize("owner", [{"user": 5}, {"email": "Aino@example.com"}])
def test_what_is_held_restricted_or_asked_about_stays(shop, owner):
    sign(CONTROLLER)
    if "user" in owner:
        shop.account(5, email="aino@example.com")
    shop.order("one", user=owner.get("user"))
    take(shop)
    customer = Customer.objects.get().pk
    config = Config(active=True, fill_checkouts=True)
    shop.checkout("cart", **owner, changed_at=clock.now().isoformat())
    shop.checkout("other", email="eino@example.com", changed_at=clock.now().isoformat())
    with transaction.atomic():
        intake.apply(shop.delivered(), port=shop.port, config=config)
    later = clock.now() + timedelta(days=40)
    keepers = (
        lambda: hold(customer=customer),
        lambda: restrictions.restrict(
            customer, ground=RestrictionGround.ACCURACY, actor=CONTROLLER
        ),
        lambda: Request.objects.create(
            customer=customer, origin="staff", state="open", opened_at=clock.now(),
            due_on=clock.today(),
        ),
    )  # fmt: skip
    for keep in keepers:
        with transaction.atomic():
            keep()
            assert traces.expire(config, later) == 1
            assert Trace.objects.get(kind="checkout").email.lower() == "aino@example.com"
            transaction.set_rollback(True)
    assert traces.expire(config, later) == 2


def test_expiry_takes_a_bounded_number_at_a_time(shop):
    for number in range(5):
        shop.checkout(f"cart {number}", changed_at=clock.now().isoformat())
    config = Config(active=True, fill_checkouts=True)
    with transaction.atomic():
        intake.apply(shop.delivered(), port=shop.port, config=config)
    later = clock.now() + timedelta(days=40)
    assert [traces.expire(config, later, limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_shortening_the_days_ends_older_traces(shop):
    shop.checkout("cart", changed_at=(clock.now() - timedelta(days=10)).isoformat())
    config = Config(active=True, fill_checkouts=True, checkout_days=30)
    with transaction.atomic():
        intake.apply(shop.delivered(), port=shop.port, config=config)
    assert traces.expire(replace(config, checkout_days=7), clock.now()) == 1


def test_an_account_that_becomes_staff_leaves_no_trace(shop):
    shop.account(5, changed_at=clock.now().isoformat())
    with transaction.atomic():
        intake.apply(shop.delivered(), port=shop.port, config=Config(active=True))
    assert Trace.objects.exists()
    shop.account(5, is_staff=True)
    with transaction.atomic():
        intake.apply(shop.delivered(), port=shop.port, config=Config(active=True))
    assert not Trace.objects.exists()
