"""What is laid on a guest who goes up in an account at that moment is laid on the account."""

from datetime import timedelta

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.access import restrictions
from jokkerit_plugin.disclosure import holds, transfers
from jokkerit_plugin.models import Customer, Hold, Restriction, TransferRequest
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.holds import HoldGround
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.register import customers
from tests.buyers import bought, company
from tests.people import CONTROLLER, sign
from tests.races import overtaken

pytestmark = pytest.mark.django_db(transaction=True)


def hold(guest: int) -> None:
    holds.place(
        customer=guest, categories=[Category.NAME], ground=HoldGround.DISPUTE, reason="Case 12",
        review_on=clock.now().date() + timedelta(days=9), actor=CONTROLLER,
    )  # fmt: skip


def restrict(guest: int) -> None:
    restrictions.restrict(guest, ground=RestrictionGround.ACCURACY, actor=CONTROLLER)


def request(guest: int) -> None:
    abroad = company("bookkeeping", "Toinen", "US")
    transfers.record_request(
        guest, recipient=abroad.pk, version=transfers.in_force().version, language="fi",
        risks_told=True, requested_at=clock.now(), channel="letter", actor=CONTROLLER,
    )  # fmt: skip


ACTS = [
    (hold, holds, Hold),
    (restrict, restrictions, Restriction),
    (request, transfers, TransferRequest),
]


@pytest.fixture
def guest(shop):
    sign(CONTROLLER)
    customer = bought(shop, "aino").customer_id
    shop.account(1, email="aino@example.com")
    return customer


@pytest.mark.parametrize(("act", "module", "model"), ACTS)
def test_laid_on_a_guest_who_is_going_up_in_an_account_it_is_laid_on_the_account(
    shop, guest, act, module, model
):
    gone, laid = overtaken(
        lambda: bought(shop, "aino", user=1), lambda: act(guest), after=(customers, "_hand_over")
    )
    assert laid is None
    assert model.objects.get().customer == gone.customer != guest


@pytest.mark.parametrize(("act", "module", "model"), ACTS)
def test_laid_on_a_guest_just_before_they_go_up_in_an_account_it_goes_with_them(
    shop, guest, act, module, model
):
    laid, gone = overtaken(
        lambda: act(guest), lambda: bought(shop, "aino", user=1), after=(module, "here")
    )
    assert laid is None
    assert model.objects.get().customer == gone.customer


@pytest.mark.parametrize(("act", "module", "model"), ACTS)
def test_laid_on_a_guest_who_went_up_long_ago_it_is_laid_on_the_account(
    shop, guest, act, module, model
):
    bought(shop, "aino", user=1)
    act(guest)
    assert model.objects.get().customer == Customer.objects.get(saleor_user=1)
