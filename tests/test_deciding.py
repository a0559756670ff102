"""Who gets in, decided by several at once: one decision follows the other."""

import pytest

from jokkerit_plugin.access import agreements, controllers, members, recipients
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.access.agreements import AgreementError
from jokkerit_plugin.access.controllers import ControllersOnly, LastController
from jokkerit_plugin.models import AccessEntry, Member, Signature
from tests.people import ACCOUNTANT, CONTROLLER, OTHER_CONTROLLER, STAFF, firm
from tests.people import sign_for_real as sign
from tests.races import overtaken
from tests.test_recipients import holding

pytestmark = pytest.mark.django_db(transaction=True)

BOTH = [CONTROLLER.key, OTHER_CONTROLLER.key]


@pytest.fixture
def two(shop):
    """Two controllers who have signed."""
    shop.port.holders = holding(*BOTH)
    sign(CONTROLLER, OTHER_CONTROLLER)


def revoke(whose: Actor, actor: Actor):
    newest = Signature.objects.filter(signer=whose.key).latest("pk")
    return agreements.revoke(newest.pk, actor=actor)


def test_of_two_controllers_who_revoke_each_other_at_once_one_is_left(two):
    _, refused = overtaken(
        lambda: revoke(OTHER_CONTROLLER, CONTROLLER),
        lambda: revoke(CONTROLLER, OTHER_CONTROLLER),
        after=(agreements, "check_leaving"),
    )
    assert isinstance(refused, ControllersOnly)
    assert agreements.signed(BOTH) == {CONTROLLER.key}
    # Refused by what was decided meanwhile, and logged once that was certain.
    logged = AccessEntry.objects.values_list("actor", "act", "reason")
    assert list(logged) == [(OTHER_CONTROLLER.key, "revoke agreement", "CONTROLLERS_ONLY")]


@pytest.mark.parametrize("noun", [recipients, members])
def test_of_a_controller_ended_with_a_firm_and_one_revoked_at_once_one_is_left(shop, two, noun):
    shop.port.holders = []
    member = firm(OTHER_CONTROLLER).members.get()
    shop.port.holders = holding(*BOTH)
    key = member.pk if noun is members else member.recipient_id
    overtaken(
        lambda: noun.end(key, actor=CONTROLLER),
        lambda: revoke(CONTROLLER, OTHER_CONTROLLER),
        after=(agreements, "revoke_all"),
    )
    assert agreements.signed(BOTH) == {CONTROLLER.key}


def test_the_shop_takes_no_permission_of_one_who_has_just_become_the_last(shop, two):
    """Ended before they ever signed, so nothing of theirs could be revoked."""
    shop.port.holders = []
    Signature.objects.filter(signer=OTHER_CONTROLLER.key).delete()
    member = firm(OTHER_CONTROLLER).members.get()
    members.end(member.pk, actor=CONTROLLER)
    shop.port.holders = holding(*BOTH)
    overtaken(
        lambda: members.shut_out(shop.port.end_access),
        lambda: revoke(CONTROLLER, OTHER_CONTROLLER),
        after=(members, "check_leaving"),
    )
    left = controllers.people(shop.port.people()) - {
        one.signer for one in Signature.objects.exclude(revoked_at=None)
    }
    assert left


def test_who_was_no_controller_any_more_when_the_turn_came_decides_nothing(shop, two):
    third = Actor("user:9", CONTROLLER.permissions)
    shop.port.holders = holding(*BOTH, third.key)
    sign(third)
    _, refused = overtaken(
        lambda: revoke(OTHER_CONTROLLER, CONTROLLER),
        lambda: revoke(third, OTHER_CONTROLLER),
        after=(agreements, "check_leaving"),
    )
    assert isinstance(refused, ControllersOnly)
    assert agreements.signed([third.key]) == {third.key}


def test_a_signature_under_way_when_its_signer_is_revoked_ends_with_the_others(two):
    """Readmission opens the way to a new signature, and brings none back that was on its way."""
    sign(STAFF)

    def out_and_in() -> None:
        revoke(STAFF, CONTROLLER)
        agreements.readmit(STAFF.key, actor=CONTROLLER)

    overtaken(
        lambda: agreements.sign(STAFF, version=1, language="fi"),
        out_and_in,
        after=(agreements, "in_force"),
    )
    assert Signature.objects.filter(signer=STAFF.key, revoked_at=None).count() == 0
    assert agreements.signed([STAFF.key]) == set()
    sign(STAFF)
    assert agreements.signed([STAFF.key]) == {STAFF.key}


def test_who_is_revoked_first_cannot_sign_after_all(two):
    sign(STAFF)
    _, refused = overtaken(
        lambda: revoke(STAFF, CONTROLLER), lambda: sign(STAFF), after=(agreements, "revoke_all")
    )
    assert isinstance(refused, AgreementError)
    assert "revoked" in refused.message
    assert AccessEntry.objects.get().act == "sign agreement"


def test_who_never_signed_before_the_firm_ended_gets_in_by_no_other_permission(shop, two):
    """The shop has not taken their access yet: signing now makes nobody the shop's own."""
    both = Actor("user:3", ACCOUNTANT.permissions | STAFF.permissions)
    member = firm(both).members.get()
    members.end(member.pk, actor=CONTROLLER)
    with pytest.raises(AgreementError, match="ended"):
        sign(both)
    assert AccessEntry.objects.get().actor == both.key
    Member.objects.update(shut_out_at=member.added_at)
    sign(both)


def test_the_last_controller_stays_whatever_comes_first(two):
    revoke(OTHER_CONTROLLER, CONTROLLER)
    with pytest.raises(LastController):
        revoke(CONTROLLER, Actor("user:9", CONTROLLER.permissions))
