"""Legal holds: what they keep, of whom, until when, and who may end them."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from jokkerit_plugin import clock
from jokkerit_plugin.access import agreements, controllers, guard
from jokkerit_plugin.config import Config
from jokkerit_plugin.disclosure import holds
from jokkerit_plugin.disclosure.holds import HoldError
from jokkerit_plugin.models import AccessEntry, Hold, Signature
from jokkerit_plugin.overview import overview
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.holds import HoldGround, Release
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.retention import keeps
from tests.buyers import bought
from tests.people import CONTROLLER, MANAGER, OTHER_CONTROLLER, sign

pytestmark = pytest.mark.django_db

TODAY = clock.now().astimezone(clock.HELSINKI).date()


@pytest.fixture(autouse=True)
def signed():
    sign(CONTROLLER, MANAGER)


def place(**changes):
    given = {
        "categories": [Category.NAME, Category.EMAIL], "ground": HoldGround.DISPUTE,
        "reason": "Broken goods, case 12", "review_on": TODAY + timedelta(days=90),
        "actor": CONTROLLER,
    } | changes  # fmt: skip
    return holds.place(**given)


def held(customer):
    """Return what holds keep of a customer and their purchases: the part and which purchase."""
    found = keeps.of_customers([customer], TODAY, Config())[customer]
    return {(one.part, one.purchase) for one in found if one.rule == "hold"}


def test_a_hold_says_what_is_kept_of_whom_why_and_until_it_is_looked_at(shop):
    aino = bought(shop, "aino").customer_id
    hold = place(customer=aino)
    assert (hold.categories, hold.ground, hold.placed_by) == ("email name", "dispute", "user:1")
    assert (hold.customer_id, hold.purchase, hold.review_on) == (
        aino, None, TODAY + timedelta(days=90),
    )  # fmt: skip


def test_holds_of_purchases_keep_whoever_they_belong_to_now(shop):
    purchase = bought(shop, "aino")
    guest = purchase.customer_id
    place(purchase=purchase.pk)
    kept = {(Part.CONTACT, None), *((part, purchase.pk) for part in (Part.DETAIL, Part.IDENTITY))}
    assert held(guest) >= kept
    shop.account(1, email="aino@example.com")
    account = bought(shop, "aino", user=1).customer_id
    assert held(account) >= kept
    assert account != guest
    assert Hold.objects.get().subject == account


def test_a_guest_s_own_hold_goes_on_when_the_guest_becomes_an_account(shop):
    place(customer=bought(shop, "aino").customer_id)
    shop.account(1, email="aino@example.com")
    account = bought(shop, "aino", user=1).customer_id
    assert (Part.CONTACT, None) in held(account)


def test_a_released_hold_keeps_nothing(shop):
    aino = bought(shop, "aino").customer_id
    hold = place(customer=aino)
    assert held(aino)
    holds.release(hold.pk, reason=Release.SETTLED, actor=CONTROLLER)
    assert not held(aino)
    hold.refresh_from_db()
    assert (hold.released_by, hold.released_why) == ("user:1", "settled")
    with pytest.raises(HoldError, match="no such hold"):
        holds.release(hold.pk, reason=Release.SETTLED, actor=CONTROLLER)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 1001}, "reason"),
        ({"review_on": TODAY - timedelta(days=1)}, "review_on"),
        ({"review_on": TODAY + timedelta(days=400)}, "review_on"),
        ({"categories": []}, "categories"),
        ({"ground": HoldGround.COLLECTION}, "ground"),
        ({"customer": 999}, "customer"),
        ({"customer": None}, "customer"),
        ({"customer": None, "purchase": 999}, "purchase"),
        ({"purchase": 1}, "customer"),
    ],
)
def test_a_hold_without_a_subject_reason_or_review_is_not_placed(shop, changes, field):
    aino = bought(shop, "aino").customer_id
    with pytest.raises(HoldError) as refused:
        place(**{"customer": aino} | changes)
    assert refused.value.field == field
    assert not Hold.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"reason": " "},
        {"review_on": None},
        {"categories": ""},
        {"customer": None},
        {"released_at": clock.now()},
        {"released_why": "settled"},
        {"ground": "debt_collection"},
    ],
)
def test_the_database_itself_refuses_a_hold_that_is_not_whole(shop, change):
    hold = place(customer=bought(shop, "aino").customer_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        Hold.objects.filter(pk=hold.pk).update(**change)


def test_only_the_controller_places_reviews_and_releases_these(shop):
    aino = bought(shop, "aino").customer_id
    hold = place(customer=aino)
    with pytest.raises(controllers.ControllersOnly):
        place(customer=aino, actor=MANAGER)
    for act in (
        lambda: holds.review(hold.pk, review_on=TODAY, actor=MANAGER),
        lambda: holds.release(hold.pk, reason=Release.SETTLED, actor=MANAGER),
    ):
        # That there is one tells of a claim: staff do not learn of it.
        with pytest.raises(HoldError, match="no such hold"):
            act()
    assert holds.visible_to(MANAGER).count() == 0
    hold.refresh_from_db()
    assert (hold.review_on, hold.released_at) == (TODAY + timedelta(days=90), None)
    # What was refused for want of a permission is logged; a hold that is not theirs is not there.
    logged = AccessEntry.objects.values_list("actor", "outcome", "count")
    assert list(logged) == [(MANAGER.key, "refused", 0)]


def test_who_changes_a_hold_goes_through_the_guard(shop):
    aino = bought(shop, "aino").customer_id
    hold = place(customer=aino)
    agreements.revoke(Signature.objects.get(signer=CONTROLLER.key).pk, actor=OTHER_CONTROLLER)
    with pytest.raises(guard.NoAgreement):
        holds.release(hold.pk, reason=Release.SETTLED, actor=CONTROLLER)
    sign(OTHER_CONTROLLER)
    holds.release(hold.pk, reason=Release.SETTLED, actor=OTHER_CONTROLLER)
    assert list(
        AccessEntry.objects.order_by("seq").values_list(
            "actor", "act", "purpose", "outcome", "count"
        )
    ) == [
        ("user:1", "release hold", "debt_collection", "refused", 0),
        ("user:8", "release hold", "debt_collection", "granted", 1),
    ]  # fmt: skip


def test_a_dispute_does_not_end_by_payment(shop):
    hold = place(customer=bought(shop, "aino").customer_id)
    with pytest.raises(HoldError, match="settled, withdrawn"):
        holds.release(hold.pk, reason=Release.PAID, actor=CONTROLLER)
    hold.refresh_from_db()
    assert hold.released_at is None


def test_a_change_that_is_not_made_is_not_logged_as_granted(shop):
    hold = place(customer=bought(shop, "aino").customer_id)
    for act in (
        lambda: holds.review(hold.pk, review_on=TODAY - timedelta(days=1), actor=CONTROLLER),
        lambda: holds.interrupt(hold.pk, on=TODAY, actor=CONTROLLER),
        lambda: holds.release(hold.pk, reason=Release.PAID, actor=CONTROLLER),
    ):
        with pytest.raises(HoldError):
            act()
    assert not AccessEntry.objects.exists()


def test_whose_agreement_ends_meanwhile_changes_no_hold(shop, monkeypatch):
    hold = place(customer=bought(shop, "aino").customer_id)
    checked = holds.checked_review

    def revoke_meanwhile(day):
        Signature.objects.filter(signer=CONTROLLER.key).update(
            revoked_at=clock.now(), revoked_by="user:8"
        )
        return checked(day)

    monkeypatch.setattr(holds, "checked_review", revoke_meanwhile)
    with pytest.raises(guard.NoAgreement):
        holds.review(hold.pk, review_on=TODAY + timedelta(days=5), actor=CONTROLLER)
    hold.refresh_from_db()
    assert hold.review_on == TODAY + timedelta(days=90)


def test_an_overdue_review_is_told_by_the_status_until_it_is_done(shop):
    hold = place(customer=bought(shop, "aino").customer_id, review_on=TODAY)
    assert overview().overdue_holds == ()
    Hold.objects.update(review_on=TODAY - timedelta(days=1))
    found = overview()
    assert found.overdue_holds == (hold.pk,)
    assert f"Legal holds are due for review (1): {hold.pk}." in found.problems
    assert not found.healthy
    holds.review(hold.pk, review_on=TODAY + timedelta(days=30), actor=CONTROLLER)
    assert overview().overdue_holds == ()
