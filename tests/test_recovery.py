"""What was set aside is forgotten once the comparison with the shop has mended it."""

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.models import Purchase, SetAside, Sweep
from jokkerit_plugin.register import sweep
from jokkerit_plugin.shop.snapshots import Kind
from tests.paper_shop import PaperShop

pytestmark = pytest.mark.django_db(transaction=True)


def reconcile() -> Sweep:
    return sweep.run(sweep.start(Sweep.Name.RECONCILE))


def test_a_key_that_reconciliation_mends_is_no_longer_set_aside(shop: PaperShop) -> None:
    shop.order("one", currency="MUCH TOO LONG")
    reconcile()
    assert SetAside.objects.count() == 1
    shop.order("one", currency="EUR")

    walk = reconcile()

    assert (walk.missing, walk.failed) == (1, 0)
    assert Purchase.objects.get().currency == "EUR"
    assert not SetAside.objects.exists()


def test_a_key_that_vanishes_from_the_shop_is_no_longer_set_aside(shop: PaperShop) -> None:
    key = shop.order("one", currency="MUCH TOO LONG")
    reconcile()
    shop.remove(Kind.ORDER, key)

    walk = reconcile()

    assert walk.failed == 0
    assert not SetAside.objects.exists()


def test_an_address_that_was_given_up_is_tried_again_with_the_customers(shop: PaperShop) -> None:
    now = clock.now()
    SetAside.objects.create(kind="address", key="7", reason="x", first_at=now, last_at=now)

    assert reconcile().failed == 0
    assert not SetAside.objects.exists()
