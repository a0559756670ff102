"""Traces are short-lived."""

from datetime import timedelta

import pytest
from django.db import transaction

from jokkerit_plugin import clock
from jokkerit_plugin.config import Config
from jokkerit_plugin.models import Trace
from jokkerit_plugin.register import intake, traces

pytestmark = pytest.mark.django_db


@pytest.mark.promise("P-KEEP-PURPOSE")
def test_a_trace_goes_when_its_days_are_over(shop):
    changed = clock.now() - timedelta(days=10)
    shop.checkout("cart", changed_at=changed.isoformat())
    config = Config(active=True, fill_checkouts=True, checkout_days=30)
    with transaction.atomic():
        intake.apply(shop.delivered(), port=shop.port, config=config)
    assert Trace.objects.get().expires_at == changed + timedelta(days=30)
    assert traces.expire(changed + timedelta(days=29)) == 0
    assert traces.expire(changed + timedelta(days=30)) == 1
    assert not Trace.objects.exists()


def test_expiry_takes_a_bounded_number_at_a_time(shop):
    for number in range(5):
        shop.checkout(f"cart {number}", changed_at=clock.now().isoformat())
    with transaction.atomic():
        intake.apply(
            shop.delivered(), port=shop.port, config=Config(active=True, fill_checkouts=True)
        )
    later = clock.now() + timedelta(days=40)
    assert [traces.expire(later, limit=2) for _ in range(4)] == [2, 2, 1, 0]
