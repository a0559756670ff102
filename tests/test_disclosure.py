"""Disclosures: to whom, for what, what of it, and what is refused; and the customer's answer."""

import hashlib

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from jokkerit_plugin import keys
from jokkerit_plugin.access import chain, members, recipients
from jokkerit_plugin.disclosure import history, ledger
from jokkerit_plugin.disclosure.terms import DisclosureRefused
from jokkerit_plugin.models import (
    AccessEntry,
    Customer,
    Disclosure,
    FormerCustomer,
    Recipient,
)
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.purposes import Purpose
from jokkerit_plugin.policy.recipients import DISCLOSURES, RecipientKind
from tests.buyers import company
from tests.people import ACCOUNTANT, CONTROLLER, MAINTAINER, MANAGER, sign

pytestmark = pytest.mark.django_db

DIGEST = hashlib.sha256(b"file").hexdigest()
VOUCHER = frozenset({Category.NAME, Category.POSTAL, Category.PURCHASE})


@pytest.fixture(autouse=True)
def signed():
    sign(CONTROLLER, MANAGER, ACCOUNTANT, MAINTAINER)


@pytest.fixture(autouse=True)
def customers():
    Customer.objects.bulk_create(
        Customer(pk=pk, guest_email=f"{pk}@example.com") for pk in range(1, 13)
    )


def give(recipient, subjects=(7,), purpose=Purpose.BOOKKEEPING, categories=VOUCHER, actor=MANAGER):
    """Store a file and record it, as exports do."""
    with ledger.refusals_logged(), transaction.atomic():
        return ledger.record(
            recipient=recipient, purpose=purpose, categories=categories, subjects=subjects,
            sha256=DIGEST, what="journal_csv", actor=actor,
        )  # fmt: skip


def rows() -> list[tuple[str, str, int]]:
    return list(Disclosure.objects.order_by("seq").values_list("outcome", "reason", "count"))


@pytest.mark.promise("P-NO-DISCLOSURE")
def test_a_disclosure_is_one_row_with_all_that_one_must_know_of_it():
    firm = company()
    give(firm, subjects=[9, 7, 8])
    row = Disclosure.objects.get()
    assert (row.actor, row.recipient, row.purpose) == (MANAGER.key, firm, "bookkeeping")
    assert (row.categories, row.what) == ("name postal_address purchase", "journal_csv")
    assert (row.subjects, row.count, row.sha256) == ("{[7,10)}", 3, DIGEST)
    assert (row.outcome, row.reason, row.ground) == ("done", "", "")
    assert chain.verify(Disclosure) == []


@pytest.mark.parametrize("kind", list(RecipientKind))
def test_each_kind_gets_its_purpose_and_its_categories(kind):
    purpose, categories = DISCLOSURES[kind]
    give(company(kind), purpose=purpose, categories=categories)
    assert rows() == [("done", "", 1)]


@pytest.mark.promise("P-NO-DISCLOSURE", breaks=True)
@pytest.mark.parametrize(
    ("firm", "how", "code"),
    [
        ({"agreement_signed_on": None}, {}, "NO_PROCESSING_AGREEMENT"),
        ({"confidentiality_signed_on": None}, {}, "NO_CONFIDENTIALITY"),
        ({"kind": "processor"}, {}, "KIND_NOT_DESCRIBED"),
        ({"kind": "invoicing"}, {}, "WRONG_PURPOSE"),
        ({}, {"purpose": Purpose.INVOICING}, "WRONG_PURPOSE"),
        ({}, {"purpose": Purpose.MARKETING}, "WRONG_PURPOSE"),
    ],
)
def test_anything_else_is_refused_and_logged(firm, how, code):
    to = company(**firm)
    with pytest.raises(DisclosureRefused) as refused:
        give(to, **how)
    assert refused.value.code == code
    assert rows() == [("refused", code, 1)]
    assert not AccessEntry.objects.exists()
    assert chain.verify(Disclosure) == []


@pytest.mark.parametrize("subjects", [[987654321], [7, 987654321]])
def test_keys_that_are_no_customers_are_refused(subjects):
    with pytest.raises(DisclosureRefused) as refused:
        give(company(), subjects=subjects)
    assert (refused.value.code, refused.value.field) == ("NO_CUSTOMERS", "subjects")
    assert rows() == [("refused", "NO_CUSTOMERS", len(subjects))]


def test_a_file_with_nobody_in_it_is_no_disclosure_yet_has_its_terms():
    firm = company()
    assert give(firm, subjects=[]) == []
    Recipient.objects.filter(pk=firm.pk).update(agreement_signed_on=None)
    with pytest.raises(DisclosureRefused):
        give(firm, subjects=[])
    assert rows() == [("refused", "NO_PROCESSING_AGREEMENT", 0)]


def test_a_recipient_that_ended_or_does_not_exist_gets_nothing():
    ended = company()
    recipients.end(ended.pk, actor=CONTROLLER)
    for to, code in ((ended, "RECIPIENT_ENDED"), (Recipient(pk=999), "NO_RECIPIENT")):
        with pytest.raises(DisclosureRefused) as refused:
            give(to)
        assert refused.value.code == code
    assert rows() == [("refused", "RECIPIENT_ENDED", 1), ("refused", "NO_RECIPIENT", 1)]
    assert Disclosure.objects.get(reason="NO_RECIPIENT").recipient is None


@pytest.mark.promise("P-NO-DISCLOSURE", breaks=True)
@pytest.mark.parametrize("categories", [VOUCHER | {Category.PHONE}, frozenset()])
def test_one_category_too_many_or_none_refuses_the_whole(categories):
    firm = company()
    with pytest.raises(DisclosureRefused) as refused:
        give(firm, categories=categories)
    assert refused.value.code == "WRONG_CATEGORIES"
    assert rows() == [("refused", "WRONG_CATEGORIES", 1)]


def test_a_refusal_is_logged_once_however_often_it_is_asked_for():
    with pytest.raises(DisclosureRefused), ledger.refusals_logged():
        give(company("processor"))
    assert rows() == [("refused", "KIND_NOT_DESCRIBED", 1)]


def test_a_fourth_kind_says_that_a_description_comes_first():
    with pytest.raises(DisclosureRefused, match="newly published description first"):
        give(company("processor"))


def test_whoever_acts_for_a_firm_gives_to_no_other():
    own, other = company(), company(name="Toinen")
    members.add(own.pk, ACCOUNTANT.key, actor=CONTROLLER)
    give(own, actor=ACCOUNTANT)
    with pytest.raises(DisclosureRefused) as refused:
        give(other, actor=ACCOUNTANT)
    assert refused.value.code == "NOT_YOUR_RECIPIENT"


def test_a_transaction_that_rolls_back_discloses_nothing():
    firm = company()
    with transaction.atomic():
        give(firm)
        transaction.set_rollback(True)
    assert rows() == []
    give(firm)
    assert Disclosure.objects.get().seq == 1


@pytest.mark.parametrize(
    "change",
    [
        "subjects = '{[1,99)}'",
        "recipient_id = NULL, outcome = 'refused', reason = 'X'",
        "what = ''",
    ],
)
def test_a_changed_row_shows_in_the_chain(change):
    firm = company()
    for _ in range(3):
        give(firm)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {Disclosure._meta.db_table} SET {change} WHERE seq = 2")
    assert [fault.seq for fault in chain.verify(Disclosure)] == [2]


def test_the_commands_verify_and_sign_the_ledger_too(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv(keys.VARIABLE, f"2026:{'cd' * 40}")
    firm = company()
    for _ in range(2):
        give(firm)
    file = tmp_path / "checkpoint.json"
    call_command("register_checkpoint", ledger=True, output=file)
    call_command("register_verify_log", str(file), ledger=True)
    assert capsys.readouterr().out == "Rows 1 to 2. The log is whole.\n"
    Disclosure.objects.filter(seq=2).delete()
    with pytest.raises(SystemExit):
        call_command("register_verify_log", str(file), ledger=True)
    assert "Row 2: missing" in capsys.readouterr().out


def test_a_row_cannot_be_done_and_refused():
    give(company())
    with pytest.raises(IntegrityError, match="jokkerit_disclosure_outcome"), transaction.atomic():
        Disclosure.objects.update(outcome="refused")


def test_a_customer_is_told_exactly_to_whom_and_when():
    tili, toinen = company(), company(name="Toinen")
    give(tili, subjects=range(1, 13))
    give(toinen, subjects=[6, 8])
    give(toinen, subjects=[7, 12], categories=frozenset({Category.PURCHASE}))
    found = history.disclosures_of(7)
    assert [(one.name, one.purpose, one.country) for one in found] == [
        ("Toinen", Purpose.BOOKKEEPING, "FI"),
        ("Tili", Purpose.BOOKKEEPING, "FI"),
    ]
    assert found[0].categories == (Category.PURCHASE,)
    assert [one.seq for one in history.disclosures_of(7, before=found[0].seq, limit=1)] == [1]
    assert history.disclosures_of(5000) == []


def test_a_refused_disclosure_was_none():
    with pytest.raises(DisclosureRefused):
        give(company("processor"))
    assert history.disclosures_of(7) == []
    assert history.recipients_of(7) == []


def test_those_to_be_told_of_a_change_are_each_named_once_with_all_they_got():
    tili, toinen = company(), company(name="Toinen")
    for categories in ({Category.PURCHASE}, {Category.NAME, Category.PURCHASE}):
        give(tili, subjects=[7], categories=frozenset(categories))
    give(toinen, subjects=[8])
    recipients.end(tili.pk, actor=CONTROLLER)
    (told,) = history.recipients_of(7)
    assert (told.recipient, told.categories) == (tili.pk, {Category.NAME, Category.PURCHASE})
    assert told.ended_at
    assert told.first_at < told.last_at


def test_what_was_disclosed_of_the_guest_that_they_were_counts_too():
    heir = Customer.objects.create(pk=77, saleor_user=1)
    guest = Customer.objects.create(pk=777, guest_email="guest@example.com")
    give(company(), subjects=[777])
    guest.delete()
    FormerCustomer.objects.create(pk=777, customer=heir)
    assert len(history.disclosures_of(heir.pk)) == 1
    assert len(history.recipients_of(heir.pk)) == 1


def test_the_question_of_one_customer_is_answered_from_an_index():
    give(company())
    columns = [field.column for field in Disclosure._meta.concrete_fields]
    new = {"seq": "seq + n", "subjects": "int8multirange(int8range(9 * n, 9 * n + 1))"}
    with connection.cursor() as cursor:
        # Of a handful of rows the whole of any index is as cheap.
        cursor.execute(
            f"INSERT INTO jokkerit_plugin_disclosure ({', '.join(columns)})"
            f" SELECT {', '.join(new.get(one, one) for one in columns)}"
            " FROM jokkerit_plugin_disclosure CROSS JOIN generate_series(1, 3000) AS n"
        )
        cursor.execute("ANALYZE jokkerit_plugin_disclosure")
        for sql, extra in ((history._ONE_BY_ONE, [50]), (history._BY_RECIPIENT, [])):
            cursor.execute(f"EXPLAIN {sql}", ["{[7,8)}", history._END, *extra])
            assert "jokkerit_disclosure_subjects" in str(cursor.fetchall())
