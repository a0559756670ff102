"""The guard: who is let in, who is not, and what the log says of it."""

from datetime import timedelta

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from jokkerit_plugin import clock
from jokkerit_plugin.access import (
    agreements,
    chain,
    grants,
    guard,
    members,
    office,
    recipients,
    restrictions,
)
from jokkerit_plugin.access.actor import NOBODY, Actor
from jokkerit_plugin.models import (
    AccessEntry,
    Customer,
    Hold,
    KnownIdentifier,
    Recipient,
    Signature,
)
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.fields import IDENTIFIERS
from jokkerit_plugin.policy.holds import HoldGround
from jokkerit_plugin.policy.permissions import Permission
from jokkerit_plugin.policy.purposes import Purpose
from jokkerit_plugin.policy.restriction import RestrictionGround
from tests import ledgers
from tests.people import (
    ACCOUNTANT,
    APP,
    CONTROLLER,
    MAINTAINER,
    STAFF,
    STRANGER,
    SUPERUSER,
    firm,
    sign,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed():
    sign(CONTROLLER, STAFF, ACCOUNTANT, MAINTAINER)


def look(actor=STAFF, purpose=Purpose.SERVICE, asks=(Category.NAME,), subjects=(7,)):
    with guard.visit(actor, purpose, act="customer", asks=asks) as visit:
        visit.saw(subjects)


def log() -> list[tuple[str, str, str, str, int]]:
    return list(
        AccessEntry.objects.order_by("seq").values_list(
            "actor", "role", "outcome", "reason", "count"
        )
    )


@pytest.mark.promise("P-ACCESS-STAFF", "P-AGREEMENT")
def test_a_look_is_logged_with_role_purpose_categories_and_subjects(signed):
    look(asks=[Category.PURCHASE, Category.NAME], subjects=[9, 7, 8])
    entry = AccessEntry.objects.get()
    assert (entry.actor, entry.role, entry.purpose) == ("user:2", "staff", "service")
    assert (entry.categories, entry.act) == ("name purchase", "customer")
    assert (entry.subjects, entry.count, entry.outcome) == ("{[7,10)}", 3, "granted")
    assert list(chain.verify(AccessEntry)) == []


@pytest.mark.promise("P-AGREEMENT", breaks=True)
@pytest.mark.parametrize("actor", [CONTROLLER, STAFF, ACCOUNTANT, MAINTAINER, SUPERUSER, APP])
def test_without_an_agreement_nobody_is_let_in_and_it_is_logged(actor):
    with pytest.raises(guard.NoAgreement, match="sign"):
        look(actor, Purpose.BOOKKEEPING)
    assert log() == [(actor.key, "", "refused", "NO_AGREEMENT", 0)]


@pytest.mark.promise("P-ACCESS-STAFF", breaks=True)
@pytest.mark.parametrize("actor", [NOBODY, STRANGER, Actor("user:9", frozenset())])
def test_without_a_role_nobody_is_let_in(actor):
    with pytest.raises(guard.NoPermission, match="administrator"):
        look(actor)
    assert log() == [(actor.key, "", "refused", "NO_PERMISSION", 0)]


@pytest.mark.promise("P-PURPOSE-BOUND", "P-LOG-PURPOSES", breaks=True)
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
    firm(ACCOUNTANT)
    with pytest.raises(guard.PurposeRefused, match=purpose.value):
        look(actor, purpose, [category])
    assert log() == [(actor.key, "", "refused", "PURPOSE_REFUSED", 0)]


def test_one_category_too_many_refuses_the_whole(signed):
    firm(ACCOUNTANT)
    with pytest.raises(guard.PurposeRefused):
        look(ACCOUNTANT, Purpose.BOOKKEEPING, [Category.NAME, Category.PHONE])


def test_the_weakest_role_that_suffices_is_the_one_logged(signed):
    both = Actor("user:2", frozenset({Permission.MANAGE_PRIVACY, Permission.VIEW_REGISTER}))
    look(both, Purpose.BOOKKEEPING)
    look(both, Purpose.SECURITY, asks=[Category.LOG])
    assert [row[1] for row in log()] == ["staff", "controller"]


@pytest.mark.promise("P-ACCESS-MAINTAINERS")
def test_a_grant_lets_a_maintainer_see_customers_until_it_ends(signed, monkeypatch):
    until = clock.now() + timedelta(hours=1)
    grant = grants.give("user:4", reason="ticket 12", until=until, actor=CONTROLLER)
    look(MAINTAINER, Purpose.ERROR_FIXING)
    with pytest.raises(guard.PurposeRefused):
        look(MAINTAINER, Purpose.SERVICE)
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(guard.PurposeRefused):
        look(MAINTAINER, Purpose.ERROR_FIXING)
    monkeypatch.undo()
    grants.end(grant.pk, actor=CONTROLLER)
    with pytest.raises(guard.PurposeRefused):
        look(MAINTAINER, Purpose.ERROR_FIXING)


@pytest.mark.promise("P-ACCESS-MAINTAINERS", breaks=True)
def test_a_maintainer_without_a_grant_is_told_to_ask_for_one(signed):
    with pytest.raises(guard.PurposeRefused, match="Ask the controller for a grant"):
        look(MAINTAINER, Purpose.ERROR_FIXING)


def test_who_asks_for_no_category_is_not_let_in(signed):
    with pytest.raises(guard.PurposeRefused):
        look(asks=[])


@pytest.mark.promise("P-ACCESS-MAINTAINERS", "P-LOG-PURPOSES", breaks=True)
def test_a_grant_helps_nobody_else(signed):
    until = clock.now() + timedelta(hours=1)
    for actor in (STAFF, ACCOUNTANT, CONTROLLER):
        grants.give(actor.key, reason="ticket 12", until=until, actor=CONTROLLER)
        with pytest.raises(guard.PurposeRefused):
            look(actor, Purpose.ERROR_FIXING)
    with pytest.raises(guard.PurposeRefused):
        look(MAINTAINER, Purpose.ERROR_FIXING)


@pytest.mark.promise("P-ACCESS-ACCOUNTING")
def test_an_accountant_acts_for_a_registered_firm(signed):
    firm(ACCOUNTANT)
    look(ACCOUNTANT, Purpose.BOOKKEEPING)
    assert log() == [("user:3", "accounting_firm", "granted", "", 1)]


@pytest.mark.promise("P-ACCESS-ACCOUNTING", breaks=True)
def test_an_accountant_of_no_firm_is_refused(signed):
    with pytest.raises(guard.NoMembership, match="accounting firm"):
        look(ACCOUNTANT, Purpose.BOOKKEEPING)
    assert log() == [("user:3", "", "refused", "NO_MEMBERSHIP", 0)]


@pytest.mark.promise("P-NO-DISCLOSURE", "P-EU", breaks=True)
@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"agreement_signed_on": None}, "data-processing agreement is not recorded"),
        ({"confidentiality_signed_on": None}, "confidentiality agreement is not recorded"),
        ({"ended_at": clock.now()}, "has ended"),
        ({"country": "NO"}, "outside the European Union"),
        ({"country": "EL"}, "outside the European Union"),
    ],
)
def test_nobody_acts_for_a_firm_that_is_not_in_order(signed, change, missing):
    recipient = firm(ACCOUNTANT)
    Recipient.objects.filter(pk=recipient.pk).update(**change)
    with pytest.raises(guard.NoMembership, match=missing):
        look(ACCOUNTANT, Purpose.BOOKKEEPING)


@pytest.mark.parametrize("kind", ["invoicing", "debt_collection", "processor"])
def test_members_of_another_kind_of_recipient_are_no_accountants(signed, kind):
    firm(ACCOUNTANT, kind=kind)
    with pytest.raises(guard.Refused):
        look(ACCOUNTANT, Purpose.BOOKKEEPING)


@pytest.mark.promise("P-PURPOSE-BOUND", breaks=True)
@pytest.mark.parametrize(
    ("kind", "purpose", "category", "let_in"),
    [
        ("bookkeeping", Purpose.BOOKKEEPING, Category.POSTAL, True),
        ("bookkeeping", Purpose.INVOICING, Category.EMAIL, False),
        ("bookkeeping", Purpose.SERVICE, Category.NAME, False),
        ("invoicing", Purpose.INVOICING, Category.EMAIL, True),
        ("invoicing", Purpose.INVOICING, Category.PHONE, False),
        ("invoicing", Purpose.MARKETING, Category.NAME, False),
        ("debt_collection", Purpose.COLLECTION, Category.PHONE, True),
        ("debt_collection", Purpose.SERVICE, Category.NAME, False),
        ("processor", Purpose.SERVICE, Category.PHONE, True),
    ],
)
def test_who_acts_for_a_recipient_does_its_work_only_whatever_the_permissions(
    kind, purpose, category, let_in
):
    sign(ACCOUNTANT, SUPERUSER)
    firm(SUPERUSER, kind=kind)
    if let_in:
        look(SUPERUSER, purpose, [category])
    else:
        with pytest.raises(guard.PurposeRefused):
            look(SUPERUSER, purpose, [category])


def test_an_app_acts_for_a_recipient_with_a_responsible_person_who_signed(signed):
    with pytest.raises(guard.NoAgreement, match="controller records"):
        look(APP, Purpose.BOOKKEEPING)
    sign(APP)
    with pytest.raises(guard.NoMembership, match="registered recipient"):
        look(APP, Purpose.BOOKKEEPING)
    firm(APP)
    look(APP, Purpose.BOOKKEEPING)
    agreements.revoke(Signature.objects.get(signer=ACCOUNTANT.key).pk, actor=CONTROLLER)
    with pytest.raises(guard.NoMembership, match="person responsible"):
        look(APP, Purpose.BOOKKEEPING)


def test_an_app_is_no_controller_whatever_its_permissions(signed):
    app = Actor("app:5", frozenset({Permission.MANAGE_PRIVACY}))
    sign(app)
    firm(app, kind="processor")
    with pytest.raises(guard.NoPermission):
        look(app, Purpose.SERVICE)
    assert log() == [(app.key, "", "refused", "NO_PERMISSION", 0)]


def test_a_command_is_not_let_in_by_its_permissions(signed):
    with pytest.raises(guard.Refused):
        look(Actor("command:shell", frozenset(Permission)))


def under_way(actor=STAFF, purpose=Purpose.SERVICE):
    """Open a visit that has seen customer 7 and is not sealed yet."""
    visit = guard.visit(actor, purpose, act="customer", asks=[Category.NAME])
    visit.__enter__().saw([7])
    return visit


def test_an_ended_firm_holds_for_a_request_under_way(signed):
    recipient = firm(ACCOUNTANT)
    visit = under_way(ACCOUNTANT, Purpose.BOOKKEEPING)
    recipients.end(recipient.pk, actor=CONTROLLER)
    with pytest.raises(guard.NoAgreement):
        visit.__exit__(None, None, None)
    assert log() == [("user:3", "accounting_firm", "refused", "NO_AGREEMENT", 0)]


def test_an_ended_membership_holds_for_a_request_under_way(signed):
    member = firm(ACCOUNTANT).members.get()
    visit = under_way(ACCOUNTANT, Purpose.BOOKKEEPING)
    members.end(member.pk, actor=CONTROLLER)
    with pytest.raises(guard.NoAgreement):
        visit.__exit__(None, None, None)
    assert log() == [("user:3", "accounting_firm", "refused", "NO_AGREEMENT", 0)]


def test_an_ended_grant_holds_for_a_request_under_way(signed):
    until = clock.now() + timedelta(hours=1)
    grant = grants.give("user:4", reason="ticket 12", until=until, actor=CONTROLLER)
    visit = under_way(MAINTAINER, Purpose.ERROR_FIXING)
    grants.end(grant.pk, actor=CONTROLLER)
    with pytest.raises(guard.PurposeRefused):
        visit.__exit__(None, None, None)
    assert log() == [("user:4", "maintainer", "refused", "PURPOSE_REFUSED", 0)]


def test_a_revocation_holds_for_a_request_under_way(signed):
    visit = under_way()
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


@pytest.mark.django_db(transaction=True)
def test_the_log_is_committed_before_anything_leaves(signed):
    """Another session of the database sees the row as soon as the door is closed."""
    look()
    parameters = {**connection.get_connection_params(), "cursor_factory": psycopg.Cursor}
    with psycopg.connect(**parameters) as other:
        found = other.execute(f"SELECT subjects::text FROM {AccessEntry._meta.db_table}")
        assert found.fetchall() == [("{[7,8)}",)]


@pytest.mark.django_db(transaction=True)
def test_nothing_leaves_when_the_log_cannot_be_written(signed):
    """A chain's head that somebody else holds: the request fails and has shown nothing."""
    look()
    parameters = {**connection.get_connection_params(), "cursor_factory": psycopg.Cursor}
    with psycopg.connect(**parameters) as other:
        other.execute("SELECT * FROM jokkerit_plugin_chainhead FOR UPDATE")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        with pytest.raises(OperationalError):
            look()
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 0")
    assert len(log()) == 1


def customers(*restricted: int) -> list[int]:
    """Make customers 1 to 4; the identity of some is restricted."""
    for number in range(1, 5):
        Customer.objects.create(pk=number, guest_email=f"{number}@example.com")
    for number in restricted:
        restrictions.restrict(number, ground=RestrictionGround.ACCURACY, actor=CONTROLLER)
    return [1, 2, 3, 4]


def test_the_identity_of_a_restricted_customer_is_refused_and_logged(signed):
    customers(3)
    with pytest.raises(guard.SubjectRestricted, match="controller"):
        look(subjects=[2, 3])
    entry = AccessEntry.objects.get()
    assert (entry.outcome, entry.reason, entry.subjects) == (
        "refused", "SUBJECT_RESTRICTED", "{[3,4)}",
    )  # fmt: skip


def test_a_restriction_holds_for_a_request_under_way(signed):
    customers()
    visit = guard.visit(STAFF, Purpose.SERVICE, act="customer", asks=[Category.NAME])
    visit.__enter__().saw([3])
    restrictions.restrict(3, ground=RestrictionGround.OBJECTION, actor=CONTROLLER)
    with pytest.raises(guard.SubjectRestricted):
        visit.__exit__(None, None, None)


def test_a_list_names_the_others_and_counts_everybody(signed, django_assert_num_queries):
    ids = customers(2, 3)
    asks = [Category.NAME, Category.PURCHASE]
    with guard.visit(STAFF, Purpose.SERVICE, act="customers", asks=asks) as visit:
        with django_assert_num_queries(1):
            shown = visit.open_to(ids)
        assert shown == {1, 4}
        visit.saw(shown)
        visit.saw_figures(ids)
    rows = AccessEntry.objects.order_by("seq").values_list("categories", "subjects", "count")
    assert list(rows) == [
        ("name purchase", "{[1,2),[4,5)}", 2),
        ("purchase", "{[2,4)}", 2),
    ]


def test_sums_do_not_change_by_a_restriction(signed):
    ids = customers(2, 3)
    asks = [Category.PURCHASE]
    with guard.visit(STAFF, Purpose.SERVICE, act="totals", asks=asks) as visit:
        assert visit.open_to(ids) == set(ids)
        visit.saw(ids)
    assert AccessEntry.objects.get().subjects == "{[1,5)}"


@pytest.mark.parametrize(
    ("actor", "named"), [(STAFF, {1, 4}), (ACCOUNTANT, {1, 2, 3, 4}), (CONTROLLER, {1, 2, 3, 4})]
)
def test_bookkeeping_goes_on_for_those_who_keep_the_books(signed, actor, named):
    firm(ACCOUNTANT)
    ids = customers(2, 3)
    with guard.visit(actor, Purpose.BOOKKEEPING, act="vouchers", asks=[Category.NAME]) as visit:
        assert visit.open_to(ids) == named
        visit.saw(named)
    assert AccessEntry.objects.get().outcome == "granted"


def test_who_sells_and_keeps_the_books_goes_on_as_a_bookkeeper(signed):
    ids = customers(2, 3)
    both = Actor("user:2", frozenset({Permission.MANAGE_PRIVACY, Permission.VIEW_REGISTER}))
    with guard.visit(both, Purpose.BOOKKEEPING, act="vouchers", asks=[Category.NAME]) as visit:
        assert visit.open_to(ids) == set(ids)


def test_a_claim_goes_on_while_its_debt_is_in_collection_and_no_other(signed):
    ids = customers(2, 3)
    Customer.objects.filter(pk=3).update(email="3@example.com")
    bought = ledgers.purchase(guest="3@example.com")
    hold = Hold.objects.create(
        purchase=bought, recipient=firm(kind="debt_collection"), ground=HoldGround.COLLECTION,
        categories="name", reason="x", review_on="2030-01-01", due_on="2026-01-01",
        lapses_on="2029-01-01", placed_by="user:2",
    )  # fmt: skip
    with guard.visit(STAFF, Purpose.COLLECTION, act="debts", asks=[Category.NAME]) as visit:
        assert visit.open_to(ids) == {1, 3, 4}
        assert visit.closed() == {2}
    Hold.objects.filter(pk=hold.pk).update(
        released_at=clock.now(), released_by="user:2", released_why="paid"
    )
    with guard.visit(STAFF, Purpose.COLLECTION, act="debts", asks=[Category.NAME]) as visit:
        assert visit.open_to(ids) == {1, 4}
        assert visit.closed() == {2, 3}


def test_a_lifted_restriction_withholds_nothing(signed):
    customers(3)
    (one,) = Customer.objects.get(pk=3).restrictions.all()
    today = clock.now().astimezone(clock.HELSINKI).date()
    restrictions.lift(one.pk, told_on=today, actor=CONTROLLER)
    look(subjects=[3])


def test_a_second_restriction_goes_on_when_the_first_is_lifted(signed):
    customers(3, 3)
    today = clock.now().astimezone(clock.HELSINKI).date()
    first = Customer.objects.get(pk=3).restrictions.first()
    restrictions.lift(first.pk, told_on=today, actor=CONTROLLER)
    with pytest.raises(guard.SubjectRestricted):
        look(subjects=[3])


def test_every_kind_of_identifier_has_its_category():
    assert set(IDENTIFIERS) == set(KnownIdentifier.Kind.values)


def test_apps_are_let_in_to_no_books_of_the_controllers(signed):
    app = Actor("app:5", frozenset({Permission.MANAGE_PRIVACY, Permission.VIEW_ACCOUNTING}))
    sign(app)
    with pytest.raises(guard.NoPermission, match="not apps"):
        office.enter(app, Permission.MANAGE_PRIVACY, act="accessLog")
    with pytest.raises(guard.NoMembership):
        office.enter(app, Permission.VIEW_ACCOUNTING, act="close month")
    assert [row[-2:] for row in AccessEntry.objects.values_list("act", "outcome", "reason")] == [
        ("refused", "NO_PERMISSION"), ("refused", "NO_MEMBERSHIP"),
    ]  # fmt: skip
    firm(app)
    office.enter(app, Permission.VIEW_ACCOUNTING, act="close month")
