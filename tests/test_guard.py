"""The guard and the agreements: who is let in, who is not, and what the log says of it."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from jokkerit_plugin import clock
from jokkerit_plugin.access import agreements, chain, guard
from jokkerit_plugin.access.actor import NOBODY, Actor
from jokkerit_plugin.models import AccessEntry, Grant, Signature
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.permissions import Permission
from jokkerit_plugin.policy.purposes import Purpose

pytestmark = pytest.mark.django_db

CONTROLLER = Actor("user:1", frozenset({Permission.MANAGE_PRIVACY}))
STAFF = Actor("user:2", frozenset({Permission.VIEW_REGISTER}))
ACCOUNTANT = Actor("user:3", frozenset({Permission.VIEW_ACCOUNTING}))
MAINTAINER = Actor("user:4", frozenset({Permission.VIEW_SITE_LOG}))
APP = Actor("app:5", frozenset({Permission.VIEW_ACCOUNTING}))
STRANGER = Actor("user:6", frozenset({"manage_orders"}))


@pytest.fixture
def text():
    return agreements.publish(fi="Salaan", sv="Tiger", en="Silent", valid_days=30, actor=CONTROLLER)


@pytest.fixture
def signed(text):
    for actor in (CONTROLLER, STAFF, ACCOUNTANT, MAINTAINER):
        agreements.sign(actor, version=text.version, language="fi")


def look(actor=STAFF, purpose=Purpose.SERVICE, asks=(Category.NAME,), subjects=(7,)):
    with guard.visit(actor, purpose, act="customer", asks=asks) as visit:
        visit.saw(subjects)


def log() -> list[tuple[str, str, str, str, int]]:
    return list(
        AccessEntry.objects.order_by("seq").values_list(
            "actor", "role", "outcome", "reason", "count"
        )
    )


def test_a_look_is_logged_with_role_purpose_categories_and_subjects(signed):
    look(asks=[Category.PURCHASE, Category.NAME], subjects=[9, 7, 8])
    entry = AccessEntry.objects.get()
    assert (entry.actor, entry.role, entry.purpose) == ("user:2", "staff", "service")
    assert (entry.categories, entry.act) == ("name purchase", "customer")
    assert (entry.subjects, entry.count, entry.outcome) == ("{[7,10)}", 3, "granted")
    assert list(chain.verify(AccessEntry)) == []


@pytest.mark.parametrize("actor", [CONTROLLER, STAFF, ACCOUNTANT, MAINTAINER, APP])
def test_without_an_agreement_nobody_is_let_in_and_it_is_logged(text, actor):
    with pytest.raises(guard.NoAgreement, match="sign"):
        look(actor, Purpose.BOOKKEEPING)
    assert log() == [(actor.key, "", "refused", "NO_AGREEMENT", 0)]


def test_before_any_text_is_published_nobody_is_let_in():
    with pytest.raises(guard.NoAgreement):
        look()


@pytest.mark.parametrize("actor", [NOBODY, STRANGER, Actor("user:9", frozenset())])
def test_without_a_role_nobody_is_let_in(text, actor):
    with pytest.raises(guard.NoPermission, match="administrator"):
        look(actor)
    assert log() == [(actor.key, "", "refused", "NO_PERMISSION", 0)]


@pytest.mark.parametrize(
    ("actor", "purpose", "category"),
    [
        (ACCOUNTANT, Purpose.BOOKKEEPING, Category.PHONE),
        (ACCOUNTANT, Purpose.BOOKKEEPING, Category.EMAIL),
        (ACCOUNTANT, Purpose.MARKETING, Category.NAME),
        (ACCOUNTANT, Purpose.SECURITY, Category.LOG),
        (STAFF, Purpose.SERVICE, Category.LOG),
        (MAINTAINER, Purpose.ERROR_FIXING, Category.NAME),
    ],
)
def test_a_purpose_or_category_that_the_role_lacks_is_refused(signed, actor, purpose, category):
    with pytest.raises(guard.PurposeRefused, match=purpose.value):
        look(actor, purpose, [category])
    assert log() == [(actor.key, "", "refused", "PURPOSE_REFUSED", 0)]


def test_one_category_too_many_refuses_the_whole(signed):
    with pytest.raises(guard.PurposeRefused):
        look(ACCOUNTANT, Purpose.BOOKKEEPING, [Category.NAME, Category.PHONE])


def test_the_weakest_role_that_suffices_is_the_one_logged(signed):
    both = Actor("user:2", frozenset({Permission.VIEW_ACCOUNTING, Permission.VIEW_REGISTER}))
    look(both, Purpose.BOOKKEEPING)
    look(both, Purpose.SERVICE)
    assert [row[1] for row in log()] == ["accounting_firm", "staff"]


def test_a_grant_lets_a_maintainer_see_customers_until_it_ends(signed, monkeypatch):
    grant = Grant.objects.create(
        holder="user:4", reason="ticket 12", granted_by="user:1",
        expires_at=clock.now() + timedelta(hours=1),
    )  # fmt: skip
    look(MAINTAINER, Purpose.ERROR_FIXING)
    with pytest.raises(guard.PurposeRefused):
        look(MAINTAINER, Purpose.SERVICE)
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(guard.PurposeRefused):
        look(MAINTAINER, Purpose.ERROR_FIXING)
    monkeypatch.undo()
    Grant.objects.filter(pk=grant.pk).update(ended_at=clock.now())
    with pytest.raises(guard.PurposeRefused):
        look(MAINTAINER, Purpose.ERROR_FIXING)


def test_an_agreement_runs_out(signed, monkeypatch):
    look()
    later = clock.now() + timedelta(days=30)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(guard.NoAgreement):
        look()


def test_a_new_text_ends_every_signature_of_the_old_one(signed):
    text = agreements.publish(fi="Uusi", sv="Ny", en="New", valid_days=9, actor=CONTROLLER)
    with pytest.raises(guard.NoAgreement):
        look()
    agreements.sign(STAFF, version=text.version, language="en")
    look()


def test_a_revocation_holds_for_a_request_under_way(signed):
    visit = guard.visit(STAFF, Purpose.SERVICE, act="customer", asks=[Category.NAME])
    visit.__enter__().saw([7])
    agreements.revoke(Signature.objects.get(signer="user:2").pk, actor=CONTROLLER)
    with pytest.raises(guard.NoAgreement):
        visit.__exit__(None, None, None)
    assert log() == [("user:2", "staff", "refused", "NO_AGREEMENT", 0)]


def test_a_read_that_failed_is_not_logged_as_granted(signed):
    with (
        pytest.raises(ZeroDivisionError),
        guard.visit(STAFF, Purpose.SERVICE, act="customer", asks=[Category.NAME]),
    ):
        raise ZeroDivisionError
    assert log() == []


@pytest.mark.django_db(transaction=True)
def test_a_look_inside_a_transaction_is_refused_since_its_log_could_roll_back(signed):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        look()


def test_an_app_cannot_sign_but_the_controller_can_record_its_processor(text):
    with pytest.raises(agreements.AgreementError, match="app cannot sign"):
        agreements.sign(APP, version=text.version, language="fi")
    agreements.record(APP.key, version=text.version, language="fi", actor=CONTROLLER)
    look(APP, Purpose.BOOKKEEPING)


@pytest.mark.parametrize(
    "act",
    [
        lambda text: agreements.sign(STRANGER, version=text.version, language="fi"),
        lambda text: agreements.sign(STAFF, version=text.version + 1, language="fi"),
        lambda text: agreements.sign(STAFF, version=text.version, language="de"),
        lambda text: agreements.record("user:2", version=1, language="fi", actor=CONTROLLER),
        lambda text: agreements.record("app:5", version=1, language="fi", actor=STAFF),
        lambda text: agreements.record("paper:", version=1, language="fi", actor=CONTROLLER),
        lambda text: agreements.revoke(999, actor=CONTROLLER),
        lambda text: agreements.publish(fi="a", sv="b", en=" ", valid_days=9, actor=CONTROLLER),
        lambda text: agreements.publish(fi="a", sv="b", en="c", valid_days=0, actor=CONTROLLER),
        lambda text: agreements.publish(fi="a", sv="b", en="c", valid_days=9, actor=STAFF),
    ],
)
def test_what_cannot_be_done_with_agreements_says_so_and_changes_nothing(text, act):
    with pytest.raises(agreements.AgreementError):
        act(text)
    assert not Signature.objects.exists()
    assert agreements.in_force() == text


def test_who_looked_at_one_customer_is_answered_from_an_index(signed):
    look(subjects=range(1, 5000))
    look(subjects=[7, 9_000_000])
    look(subjects=[8])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq FROM jokkerit_plugin_accessentry WHERE subjects @> 7::bigint ORDER BY seq"
        )
        assert cursor.fetchall() == [(1,), (2,)]
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT seq FROM jokkerit_plugin_accessentry WHERE subjects @> 7::bigint"
        )
        assert "jokkerit_access_subjects" in str(cursor.fetchall())
