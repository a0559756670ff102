"""Agreements, grants and restrictions: who may make them, and how they end."""

import threading
from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest
from django.db import IntegrityError, connections, transaction

from jokkerit_plugin import clock
from jokkerit_plugin.access import (
    agreements,
    controllers,
    grants,
    log,
    members,
    restrictions,
    texts,
)
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.access.agreements import AgreementError
from jokkerit_plugin.access.controllers import ControllersOnly, LastController
from jokkerit_plugin.access.grants import GrantError
from jokkerit_plugin.access.recipients import RecipientError
from jokkerit_plugin.access.restrictions import RestrictionError
from jokkerit_plugin.models import (
    AccessEntry,
    AgreementText,
    Customer,
    Grant,
    Restriction,
    Signature,
)
from jokkerit_plugin.policy.languages import LANGUAGES
from jokkerit_plugin.policy.permissions import Permission
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.shop.people import Holder
from tests.people import (
    ACCOUNTANT,
    APP,
    CONTROLLER,
    OTHER_CONTROLLER,
    STAFF,
    STRANGER,
    SUPERUSER,
    firm,
)
from tests.people import sign_for_real as sign

pytestmark = pytest.mark.django_db

#: Its permissions would do, but it could record an agreement for itself.
PRIVATE_APP = Actor("app:9", frozenset(Permission))


@pytest.fixture
def text():
    return agreements.publish(fi="Salaan", sv="Tiger", en="Silent", valid_days=90, actor=CONTROLLER)


def later(monkeypatch, **span):
    moment = clock.now() + timedelta(**span)
    monkeypatch.setattr(clock, "now", lambda: moment)


def refusals() -> list[tuple[str, str, str, int]]:
    found = AccessEntry.objects.filter(outcome="refused")
    return list(found.values_list("actor", "reason", "categories", "count"))


def test_the_first_controller_signs_the_shipped_text():
    shipped = agreements.in_force()
    assert shipped.version == 1
    agreements.sign(CONTROLLER, version=1, language="sv")
    assert agreements.signed([CONTROLLER.key]) == {CONTROLLER.key}
    assert AgreementText.objects.count() == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_text_has_its_eight_points_in_every_language(language):
    file = resources.files("jokkerit_plugin") / "data" / f"confidentiality.{language}.txt"
    text = file.read_text(encoding="utf-8")
    assert getattr(agreements.in_force(), language) == text
    starts = [part.split(".")[0] for part in text.split("\n\n")]
    assert [start for start in starts if start.isdecimal()] == list("12345678")
    assert "1050/2018" in text


@pytest.mark.django_db(transaction=True)
def test_many_who_ask_first_get_one_shipped_text():
    found, ready = [], threading.Barrier(6)

    def ask() -> None:
        ready.wait()
        found.append(agreements.in_force().digest)
        connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert AgreementText.objects.count() == len(set(found)) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_at_once_one_is_told(monkeypatch):
    agreements.in_force()
    in_force = agreements.in_force
    monkeypatch.setattr(agreements, "in_force", lambda: AgreementText.objects.get(version=1))
    first = agreements.publish(fi="a", sv="b", en="c", valid_days=9, actor=CONTROLLER)
    with pytest.raises(AgreementError, match="Somebody else"):
        agreements.publish(fi="x", sv="y", en="z", valid_days=9, actor=CONTROLLER)
    assert in_force() == first


@pytest.mark.promise("P-AGREEMENT")
def test_an_agreement_is_in_force_until_it_runs_out(text, monkeypatch):
    sign(STAFF)
    later(monkeypatch, days=89)
    assert agreements.signed([STAFF.key]) == {STAFF.key}
    later(monkeypatch, days=1)
    assert agreements.signed([STAFF.key]) == set()


def test_who_signs_again_in_time_stays_in(text, monkeypatch):
    sign(STAFF)
    later(monkeypatch, days=80)
    sign(STAFF)
    later(monkeypatch, days=30)
    assert agreements.signed([STAFF.key]) == {STAFF.key}


def test_a_new_text_ends_every_signature_of_the_old_one(text):
    sign(STAFF, ACCOUNTANT)
    agreements.publish(fi="Uusi", sv="Ny", en="New", valid_days=9, actor=CONTROLLER)
    assert agreements.signed([STAFF.key, ACCOUNTANT.key]) == set()
    sign(STAFF)
    assert agreements.signed([STAFF.key, ACCOUNTANT.key]) == {STAFF.key}


def test_many_signers_are_asked_for_in_one_query(text, django_assert_num_queries):
    sign(STAFF, ACCOUNTANT, APP)
    agreements.record("paper:Maija", version=text.version, language="fi", actor=CONTROLLER)
    wanted = [STAFF.key, APP.key, "paper:Maija", "user:99"]
    with django_assert_num_queries(1):
        assert agreements.signed(wanted) == {STAFF.key, APP.key, "paper:Maija"}


def test_a_signature_of_another_wording_is_none(text):
    sign(STAFF)
    AgreementText.objects.update(digest=texts.digest("Puhun", "Talar", "Talk"))
    assert agreements.signed([STAFF.key]) == set()


def test_a_revoked_agreement_keeps_its_signer_out_until_they_are_readmitted(text):
    sign(STAFF)
    sign(STAFF)
    first, second = Signature.objects.order_by("pk")
    agreements.revoke(second.pk, actor=CONTROLLER)
    first.refresh_from_db()
    assert first.revoked_by == CONTROLLER.key
    assert agreements.signed([STAFF.key]) == set()
    with pytest.raises(AgreementError, match="revoked"):
        sign(STAFF)
    agreements.readmit(STAFF.key, actor=CONTROLLER)
    assert agreements.signed([STAFF.key]) == set()
    sign(STAFF)
    assert agreements.signed([STAFF.key]) == {STAFF.key}


def test_signing_in_the_moment_of_being_revoked_does_not_help(text):
    sign(STAFF)
    late = Signature.objects.get()
    agreements.revoke(late.pk, actor=CONTROLLER)
    late.pk, late.revoked_at = None, None
    late.save()
    assert agreements.signed([STAFF.key]) == set()
    agreements.readmit(STAFF.key, actor=CONTROLLER)
    assert agreements.signed([STAFF.key]) == set()
    sign(STAFF)
    assert agreements.signed([STAFF.key]) == {STAFF.key}


def test_an_apps_revoked_agreement_is_recorded_anew_by_the_controller(text):
    sign(APP)
    agreements.revoke(Signature.objects.get().pk, actor=CONTROLLER)
    assert agreements.signed([APP.key]) == set()
    sign(APP)
    assert agreements.signed([APP.key]) == {APP.key}


@pytest.mark.promise("P-AGREEMENT", "P-ACCESS-MAINTAINERS")
def test_the_agreement_of_somebody_without_an_account_is_recorded(text):
    agreements.record("paper:Maija", version=text.version, language="fi", actor=CONTROLLER)
    held = Signature.objects.get()
    assert (held.signer, held.recorded_by) == ("paper:Maija", CONTROLLER.key)
    assert agreements.signed(["paper:Maija"]) == {"paper:Maija"}


def test_an_app_cannot_sign(text):
    with pytest.raises(AgreementError, match="app cannot sign"):
        agreements.sign(APP, version=text.version, language="fi")


@pytest.mark.parametrize(
    ("act", "field"),
    [
        (lambda: agreements.sign(STRANGER, version=2, language="fi"), None),
        (lambda: agreements.sign(STAFF, version=3, language="fi"), "version"),
        (lambda: agreements.sign(STAFF, version=2, language="de"), "language"),
        (lambda: agreements.record("user:2", version=2, language="fi", actor=CONTROLLER), "signer"),
        (lambda: agreements.record("paper:", version=2, language="fi", actor=CONTROLLER), "signer"),
        (lambda: agreements.record("paper:" + "x" * 59, version=2, language="fi",
                                   actor=CONTROLLER), "signer"),
        (lambda: agreements.revoke(999, actor=CONTROLLER), "id"),
        (lambda: agreements.readmit("user:2", actor=CONTROLLER), "signer"),
        (lambda: agreements.publish(fi="a", sv="b", en=" ", valid_days=9, actor=CONTROLLER), "en"),
        (lambda: agreements.publish(fi="a", sv="b", en="c", valid_days=0, actor=CONTROLLER),
         "valid_days"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_with_agreements_says_so_and_changes_nothing(text, act, field):
    with pytest.raises(AgreementError) as error:
        act()
    assert error.value.field == field
    assert not Signature.objects.exists()
    assert agreements.in_force() == text


ACTS = [
    lambda actor: agreements.publish(fi="a", sv="b", en="c", valid_days=9, actor=actor),
    lambda actor: agreements.record("app:5", version=1, language="fi", actor=actor),
    lambda actor: agreements.revoke(1, actor=actor),
    lambda actor: agreements.readmit("user:2", actor=actor),
    lambda actor: grants.give("user:4", reason="x", until=clock.now(), actor=actor),
    lambda actor: grants.end(1, actor=actor),
    lambda actor: restrictions.restrict(1, ground=RestrictionGround.CLAIMS, actor=actor),
    lambda actor: restrictions.lift(1, told_on=clock.now().date(), actor=actor),
]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("actor", [STAFF, ACCOUNTANT, STRANGER, PRIVATE_APP])
def test_only_the_controllers_own_people_decide_and_a_refusal_is_logged(act, actor):
    with pytest.raises(ControllersOnly):
        act(actor)
    assert refusals() == [(actor.key, "CONTROLLERS_ONLY", "", 0)]


@pytest.mark.parametrize("actor", [APP, STRANGER, OTHER_CONTROLLER])
def test_who_may_not_sign_is_logged(actor):
    sign(OTHER_CONTROLLER)
    agreements.revoke(Signature.objects.get().pk, actor=CONTROLLER)
    with pytest.raises(AgreementError):
        agreements.sign(actor, version=1, language="fi")
    assert refusals() == [(actor.key, "AGREEMENT", "", 0)]
    assert AccessEntry.objects.get().act == "sign agreement"


@pytest.mark.parametrize("act", ACTS)
def test_a_controller_whose_agreement_was_revoked_decides_nothing(act):
    sign(OTHER_CONTROLLER)
    agreements.revoke(Signature.objects.get().pk, actor=CONTROLLER)
    with pytest.raises(ControllersOnly, match="revoked"):
        act(OTHER_CONTROLLER)
    assert refusals() == [(OTHER_CONTROLLER.key, "CONTROLLERS_ONLY", "", 0)]


def test_nobody_revokes_their_own_agreement():
    sign(CONTROLLER)
    with pytest.raises(AgreementError, match="another controller"):
        agreements.revoke(Signature.objects.get().pk, actor=CONTROLLER)


@pytest.mark.parametrize(
    ("people", "leaving", "refused"),
    [
        ({"user:1"}, {"user:1"}, True),
        ({"user:1", "user:2"}, {"user:1"}, False),
        ({"user:1", "user:2"}, {"user:1", "user:2"}, True),
        ({"user:1"}, {"user:2"}, False),
        (set(), {"user:1"}, False),
    ],
)
def test_the_last_controller_cannot_be_removed(people, leaving, refused):
    if refused:
        with pytest.raises(LastController):
            controllers.check_removal(people, leaving)
    else:
        controllers.check_removal(people, leaving)


@pytest.mark.parametrize(
    ("people", "signed", "starts"),
    [
        (set(), {"user:1"}, "Nobody may manage"),
        ({"user:1", "user:2"}, {"user:3"}, "None of the controller's people"),
        ({"user:1", "user:2"}, {"user:2"}, ""),
    ],
)
def test_a_register_without_a_signed_controller_is_a_problem(people, signed, starts):
    found = controllers.problem(people, signed)
    assert found.startswith(starts)
    assert bool(found) is bool(starts)


def test_the_status_names_a_register_without_a_signed_controller(shop, monkeypatch):
    holders = [
        Holder("user:1", frozenset({Permission.MANAGE_PRIVACY}), superuser=False, active=True),
        Holder("user:2", frozenset(Permission), superuser=True, active=False),
        Holder("app:9", frozenset(Permission), superuser=False, active=True),
    ]
    assert log.problems() == []
    monkeypatch.setattr(shop.port, "people", lambda: holders)
    sign(SUPERUSER)
    assert ["None of the controller's people" in one for one in log.problems()] == [True]
    sign(CONTROLLER)
    assert log.problems() == []
    monkeypatch.setattr(shop.port, "people", lambda: holders[1:])
    assert ["Nobody may manage" in one for one in log.problems()] == [True]


def test_a_grant_says_why_and_who_ended_it():
    until = clock.now() + timedelta(days=7)
    grant = grants.give("user:4", reason=" ticket 12 ", until=until, actor=CONTROLLER)
    assert list(grants.in_force()) == [grant]
    ended = grants.end(grant.pk, actor=OTHER_CONTROLLER)
    assert (ended.reason, ended.granted_by, ended.ended_by) == ("ticket 12", "user:1", "user:8")
    assert list(grants.in_force()) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"holder": "app:5"}, "holder"),
        ({"holder": "user:"}, "holder"),
        ({"holder": "paper:Maija"}, "holder"),
        ({"reason": " "}, "reason"),
        ({"until": datetime(2020, 1, 1, tzinfo=UTC)}, "until"),
        ({"until": datetime(2999, 1, 1, tzinfo=UTC)}, "until"),
        ({"until": datetime(2999, 1, 1)}, "until"),  # noqa: DTZ001 - the point of it
    ],
)
def test_a_grant_that_cannot_be_given_names_what_is_wrong(change, field):
    values = {"holder": "user:4", "reason": "x", "until": clock.now() + timedelta(hours=1)}
    with pytest.raises(GrantError) as error:
        grants.give(actor=CONTROLLER, **(values | change))
    assert error.value.field == field
    assert not Grant.objects.exists()


def test_a_grant_is_ended_once():
    with pytest.raises(GrantError):
        grants.end(1, actor=CONTROLLER)


def test_a_restriction_is_lifted_once_the_customer_was_told():
    customer = Customer.objects.create(guest_email="a@example.com")
    today = clock.now().astimezone(clock.HELSINKI).date()
    one = restrictions.restrict(customer.pk, ground=RestrictionGround.CLAIMS, actor=SUPERUSER)
    for day in (today - timedelta(days=1), today + timedelta(days=1)):
        with pytest.raises(RestrictionError) as error:
            restrictions.lift(one.pk, told_on=day, actor=CONTROLLER)
        assert error.value.field == "told_on"
    assert restrictions.among("{[1,9000000)}") == {customer.pk}
    restrictions.lift(one.pk, told_on=today, actor=CONTROLLER)
    assert restrictions.among("{[1,9000000)}") == set()
    with pytest.raises(RestrictionError):
        restrictions.lift(one.pk, told_on=today, actor=CONTROLLER)


def test_nobody_unknown_is_restricted():
    with pytest.raises(RestrictionError) as error:
        restrictions.restrict(404, ground=RestrictionGround.CLAIMS, actor=CONTROLLER)
    assert error.value.field == "customer"


def test_the_database_lifts_no_restriction_before_the_customer_was_told():
    customer = Customer.objects.create(guest_email="a@example.com")
    one = restrictions.restrict(customer.pk, ground=RestrictionGround.CLAIMS, actor=CONTROLLER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Restriction.objects.filter(pk=one.pk).update(lifted_at=clock.now())


@pytest.mark.parametrize(
    "holder",
    ["user:003", "user:0", "user:\u0661\u0662", "user:" + "1" * 19, "user:" + "1" * 80, "user:-1",
     "user:1 ", "user:1\n", "user:", "paper:Aino"],
)  # fmt: skip
def test_a_key_that_nobody_has_is_refused(holder):
    sign(CONTROLLER)
    until = clock.now() + timedelta(days=1)
    with pytest.raises(GrantError):
        grants.give(holder, reason="ticket 12", until=until, actor=CONTROLLER)
    with pytest.raises(RecipientError):
        members.add(firm().pk, holder, actor=CONTROLLER)
    with pytest.raises(AgreementError):
        agreements.record(
            holder.replace("user", "app").replace("paper", "app"), version=1, language="fi",
            actor=CONTROLLER,
        )  # fmt: skip
