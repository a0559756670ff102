"""Registered recipients: checked, complete before anybody acts for them, ended at once."""

from datetime import timedelta

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.access import agreements, guard, log, members, office, recipients
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.access.controllers import ControllersOnly, LastController
from jokkerit_plugin.access.recipients import RecipientError
from jokkerit_plugin.models import AccessEntry, Member, Recipient, Signature
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.permissions import CLOSERS, Permission
from jokkerit_plugin.policy.purposes import Purpose
from jokkerit_plugin.shop.people import Holder
from tests.people import ACCOUNTANT, APP, CONTROLLER, OTHER_CONTROLLER, STAFF, firm, sign

pytestmark = pytest.mark.django_db


def today():
    return clock.now().astimezone(clock.HELSINKI).date()


def register(**change) -> Recipient:
    values = {
        "kind": "bookkeeping", "name": "Tilitoimisto Tosite", "business_id": "2368582-3",
        "country": "FI",
    }  # fmt: skip
    return recipients.register(actor=CONTROLLER, **(values | change))


@pytest.mark.parametrize(
    ("country", "given", "kept"),
    [
        ("FI", "2368582-3", "2368582-3"),
        ("fi", " 23685823 ", "2368582-3"),
        ("AX", "0114162-2", "0114162-2"),
        ("SE", "", ""),
        ("SE", "SE 5567037485 01", "SE556703748501"),
        ("DE", "DE136695976", "DE136695976"),
        ("NO", "", ""),
        ("NO", "923 609 016", "923 609 016"),
    ],
)
def test_a_business_id_is_checked_and_kept_in_one_form(country, given, kept):
    recipient = register(country=country, business_id=given)
    assert (recipient.country, recipient.business_id) == (country.upper(), kept)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "carrier"}, "kind"),
        ({"kind": ""}, "kind"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"country": "Finland"}, "country"),
        ({"country": ""}, "country"),
        ({"country": "F1"}, "country"),
        ({"business_id": "2368582-4"}, "business_id"),
        ({"business_id": ""}, "business_id"),
        ({"country": "AX", "business_id": ""}, "business_id"),
        ({"country": "SE", "business_id": "SE556703748500"}, "business_id"),
        ({"country": "DE", "business_id": "SE556703748501x"}, "business_id"),
        ({"country": "NO", "business_id": "9" * 21}, "business_id"),
        ({"agreement_signed_on": clock.now().date() + timedelta(days=2)}, "agreement_signed_on"),
        ({"confidentiality_signed_on": clock.now().date() + timedelta(days=2)},
         "confidentiality_signed_on"),
    ],
)  # fmt: skip
def test_what_cannot_be_registered_names_the_field_and_leaves_nothing(change, field):
    with pytest.raises(RecipientError) as error:
        register(**change)
    assert error.value.field == field
    assert not Recipient.objects.exists()


def test_a_recipient_is_registered_once_for_each_kind():
    register()
    register(kind="invoicing")
    with pytest.raises(RecipientError, match="already"):
        register()
    assert Recipient.objects.count() == 2


def test_an_ended_recipient_may_be_registered_anew():
    recipients.end(register().pk, actor=CONTROLLER)
    assert register().ended_at is None


def test_the_days_of_the_agreements_may_follow():
    recipient = register()
    member = members.add(recipient.pk, "user:3", actor=CONTROLLER)
    assert "data-processing" in members.shortcoming(member)
    recipients.record_agreements(
        recipient.pk, agreement_signed_on=today(), confidentiality_signed_on=today(),
        actor=CONTROLLER,
    )  # fmt: skip
    assert members.shortcoming(members.acting("user:3")) == ""


@pytest.mark.parametrize(
    ("holder", "responsible", "field"),
    [
        ("user:", "", "holder"),
        ("user:x", "", "holder"),
        ("paper:Maija", "", "holder"),
        ("user:3 ", "", "holder"),
        ("app:5", "", "responsible"),
        ("app:5", "app:6", "responsible"),
    ],
)
def test_who_cannot_be_a_member_is_named(holder, responsible, field):
    recipient = register()
    with pytest.raises(RecipientError) as error:
        members.add(recipient.pk, holder, responsible=responsible, actor=CONTROLLER)
    assert error.value.field == field
    assert not Member.objects.exists()


def test_somebody_acts_for_one_recipient_at_a_time():
    first, second = register(), register(kind="invoicing")
    member = members.add(first.pk, "user:3", actor=CONTROLLER)
    with pytest.raises(RecipientError, match="already"):
        members.add(second.pk, "user:3", actor=CONTROLLER)
    members.end(member.pk, actor=CONTROLLER)
    members.add(second.pk, "user:3", actor=CONTROLLER)
    assert members.acting("user:3").recipient == second


@pytest.mark.promise("P-EU", "P-NO-DISCLOSURE", breaks=True)
@pytest.mark.parametrize("country", ["NO", "CH", "GB", "US", "GL", "UK", "EL"])
def test_nobody_acts_for_a_recipient_outside_the_union(country):
    recipient = register(country=country, business_id="")
    with pytest.raises(RecipientError, match="outside the European Union"):
        members.add(recipient.pk, "user:3", actor=CONTROLLER)


@pytest.mark.promise("P-ACCESS-ACCOUNTING")
def test_ending_a_firm_ends_all_who_act_for_it_at_once():
    sign(ACCOUNTANT, APP, STAFF)
    recipient = firm(ACCOUNTANT, APP)
    assert recipients.end(recipient.pk, actor=CONTROLLER) == ["app:5", "user:3"]
    recipient.refresh_from_db()
    assert recipient.ended_at
    assert recipient.ended_by == CONTROLLER.key
    assert members.acting("user:3") is None
    assert agreements.signed(["user:3", "app:5", "user:2"]) == {"user:2"}
    with pytest.raises(RecipientError):
        recipients.end(recipient.pk, actor=CONTROLLER)
    with pytest.raises(RecipientError):
        members.add(recipient.pk, "user:9", actor=CONTROLLER)


def test_a_shop_that_fails_undoes_no_ending_and_is_asked_again(shop):
    recipient = firm(ACCOUNTANT, APP)
    recipients.end(recipient.pk, actor=CONTROLLER)
    asked = []

    def broken(holder: str) -> None:
        asked.append(holder)
        if holder == "app:5":
            raise ConnectionError("secret words of the shop")

    assert members.shut_out(broken) == {"app:5": "ConnectionError"}
    assert sorted(asked) == ["app:5", "user:3"]
    assert members.acting("app:5") is None
    assert ["1 users or apps" in one for one in log.problems()] == [True]
    assert members.shut_out(asked.append) == {}
    assert asked.count("user:3") == 1
    assert asked.count("app:5") == 2
    assert log.problems() == []


def test_who_acts_for_another_recipient_by_now_keeps_their_access():
    member = firm(ACCOUNTANT).members.get()
    assert members.end(member.pk, actor=CONTROLLER) == "user:3"
    members.add(register(kind="invoicing").pk, "user:3", actor=CONTROLLER)
    asked = []
    members.shut_out(asked.append)
    assert asked == []


def test_what_became_of_the_data_is_recorded_after_the_end():
    recipient = firm()
    with pytest.raises(RecipientError) as error:
        recipients.record_outcome(recipient.pk, outcome="deleted", on=today(), actor=CONTROLLER)
    assert error.value.field == "id"
    recipients.end(recipient.pk, actor=CONTROLLER)
    for outcome, on, field in (
        ("lost", today(), "outcome"),
        ("deleted", today() - timedelta(days=1), "on"),
        ("deleted", today() + timedelta(days=1), "on"),
    ):
        with pytest.raises(RecipientError) as error:
            recipients.record_outcome(recipient.pk, outcome=outcome, on=on, actor=CONTROLLER)
        assert error.value.field == field
    done = recipients.record_outcome(recipient.pk, outcome="deleted", on=today(), actor=CONTROLLER)
    assert (done.data_outcome, done.data_outcome_on) == ("deleted", today())


@pytest.mark.parametrize(
    "act",
    [
        lambda: recipients.register(
            kind="bookkeeping", name="x", business_id="2368582-3", country="FI", actor=STAFF
        ),
        lambda: recipients.record_agreements(
            1, agreement_signed_on=None, confidentiality_signed_on=None, actor=STAFF
        ),
        lambda: recipients.end(1, actor=STAFF),
        lambda: recipients.record_outcome(1, outcome="deleted", on=today(), actor=STAFF),
        lambda: members.add(1, "user:3", actor=STAFF),
        lambda: members.end(1, actor=STAFF),
    ],
)
def test_only_the_controllers_own_people_keep_the_register_of_recipients(act):
    with pytest.raises(ControllersOnly):
        act()


def test_there_is_nothing_to_end_that_is_not_there():
    with pytest.raises(RecipientError):
        members.end(1, actor=CONTROLLER)


def holding(*keys: str) -> list[Holder]:
    """Return people who may manage privacy, as a shop tells of them."""
    privacy = frozenset({Permission.MANAGE_PRIVACY.value})
    return [Holder(key, privacy, superuser=False, active=True) for key in keys]


def test_the_controllers_own_people_act_for_no_recipient(shop):
    shop.port.holders = holding("user:1", "user:8")
    with pytest.raises(RecipientError, match="act for no recipient") as error:
        members.add(firm().pk, "user:8", actor=CONTROLLER)
    assert error.value.field == "holder"
    assert not Member.objects.exists()


#: A member who was given the controller's permission since.
BOTH = Actor("user:3", ACCOUNTANT.permissions | CONTROLLER.permissions)
ENDINGS = [
    lambda member: recipients.end(member.recipient_id, actor=CONTROLLER),
    lambda member: members.end(member.pk, actor=CONTROLLER),
]


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_last_controller_is_not_ended_with_a_recipient(shop, ending):
    """The guard gives a member no more than the recipient's work: so they are no controller.

    Ending them takes none away, whatever permission they have; a member decides on nothing, not
    even on their own end; and the last controller who is none cannot go while they are there.
    """
    sign(CONTROLLER, BOTH)
    member = firm(BOTH).members.get()
    shop.port.holders = holding(CONTROLLER.key, BOTH.key)
    with pytest.raises(LastController):
        agreements.revoke(Signature.objects.get(signer=CONTROLLER.key).pk, actor=OTHER_CONTROLLER)
    assert agreements.signed([CONTROLLER.key])
    ending(member)
    assert members.acting(BOTH.key) is None


@pytest.mark.promise("P-PURPOSE-BOUND", breaks=True)
def test_who_acts_for_a_recipient_decides_nothing_whatever_permission_they_have(shop):
    """Neither in the register's own books, nor as one who may change what is in them."""
    sign(CONTROLLER, BOTH)
    member = firm(BOTH).members.get()
    shop.port.holders = holding(CONTROLLER.key, BOTH.key)
    with pytest.raises(ControllersOnly, match="act for a recipient"):
        members.end(member.pk, actor=BOTH)
    with pytest.raises(guard.NoPermission, match="nor who acts for a recipient"):
        office.enter(BOTH, Permission.MANAGE_PRIVACY, act="accessLog")
    assert list(AccessEntry.objects.order_by("seq").values_list("act", "reason")) == [
        ("end member", "CONTROLLERS_ONLY"), ("accessLog", "NO_PERMISSION"),
    ]  # fmt: skip
    office.enter(BOTH, *CLOSERS, act="close month")
    members.end(member.pk, actor=CONTROLLER)


def test_a_controller_who_acts_for_a_recipient_is_a_problem_and_counts_as_none(shop):
    sign(CONTROLLER, BOTH)
    firm(BOTH)
    shop.port.holders = holding(CONTROLLER.key, BOTH.key)
    [problem] = [one for one in log.problems() if "act for a recipient" in one]
    assert BOTH.key in problem
    assert CONTROLLER.key not in problem
    shop.port.holders = holding(BOTH.key)
    assert any("Nobody may manage privacy" in one for one in log.problems())


def test_the_shop_is_not_asked_to_take_the_last_controllers_permission(shop):
    member = firm(ACCOUNTANT).members.get()
    members.end(member.pk, actor=CONTROLLER)
    shop.port.holders = holding(ACCOUNTANT.key)
    asked = []
    assert members.shut_out(asked.append) == {ACCOUNTANT.key: "LastController LAST_CONTROLLER"}
    assert asked == []


def test_the_last_controllers_agreement_is_not_revoked(shop):
    sign(OTHER_CONTROLLER)
    shop.port.holders = holding(OTHER_CONTROLLER.key)
    with pytest.raises(LastController):
        agreements.revoke(Signature.objects.get().pk, actor=CONTROLLER)
    assert agreements.signed([OTHER_CONTROLLER.key])


@pytest.mark.promise("P-ACCESS-ACCOUNTING", breaks=True)
def test_ending_one_membership_revokes_the_agreement_at_once(shop):
    """Another permission of theirs lets them in no more, whatever the shop does next."""
    both = Actor("user:3", ACCOUNTANT.permissions | STAFF.permissions)
    sign(both)
    member = firm(both).members.get()
    members.end(member.pk, actor=CONTROLLER)
    with (
        pytest.raises(guard.NoAgreement),
        guard.visit(both, Purpose.SERVICE, act="customer", asks={Category.PHONE}),
    ):
        pass
