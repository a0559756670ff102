"""The mapping of entries to accounts: defaults, effective dates, editing, and what is refused."""

from datetime import date

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.access import guard
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.access.controllers import ControllersOnly
from jokkerit_plugin.accounting import accounts
from jokkerit_plugin.accounting.accounts import MappingError, NoAccount
from jokkerit_plugin.accounting.chart import DEFAULTS, Rule
from jokkerit_plugin.models import AccessEntry, AccountMap, Signature
from jokkerit_plugin.policy.permissions import Permission
from tests.ledgers import ACCOUNTANT, CONTROLLER, STRANGER, D, K, T, entry, let_in

PLAIN = [rule.model_dump(mode="json") for rule in DEFAULTS]


@pytest.mark.parametrize(
    ("kind", "treatment", "rate", "day", "credit", "vat", "code"),
    [
        (K.SALE, T.DOMESTIC, "0.255", date(2024, 9, 1), "3001", "2939", "KOMY"),
        (K.SALE, T.DOMESTIC, "0.24", date(2013, 1, 1), "3002", "2939", "KOMY"),
        (K.SALE, T.DOMESTIC, "0.24", date(2024, 8, 31), "3002", "2939", "KOMY"),
        # A rate that was not in force is listed, and booked as it stands.
        (K.SALE, T.DOMESTIC, "0.255", date(2024, 8, 31), "3001", "2939", "KOMY"),
        (K.SALE, T.DOMESTIC, "0.135", date(2025, 12, 31), "3004", "2939", "KOMY"),
        (K.REFUND, T.DOMESTIC, "0.24", date(2024, 10, 5), "3002", "2939", "KOMY"),
        (K.SALE, T.DOMESTIC, "0.14", date(2025, 12, 31), "3003", "2939", "KOMY"),
        (K.SALE, T.DOMESTIC, "0.135", date(2026, 1, 1), "3004", "2939", "KOMY"),
        (K.SALE, T.DOMESTIC, "0.10", date(2026, 1, 1), "3005", "2939", "KOMY"),
        (K.SALE, T.DOMESTIC, "0", date(2026, 1, 1), "3006", None, "NONE"),
        (K.SALE, T.OSS, "0.25", date(2026, 1, 1), "3020", "2938", "NONE"),
        (K.SALE, T.REVERSE_CHARGE, "0", date(2026, 1, 1), "3030", None, "EUMY"),
        (K.SALE, T.EXPORT, None, date(2026, 1, 1), "3040", None, "MUUL"),
        (K.SHIPPING, T.DOMESTIC, "0.255", date(2026, 1, 1), "3101", "2939", "KOMY"),
        (K.GIFT_CARD_TAXED, T.DOMESTIC, "0.255", date(2026, 1, 1), "3001", "2939", "KOMY"),
        (K.GIFT_CARD_SOLD, T.NONE, None, date(2026, 1, 1), "2869", None, ""),
        (K.PAYMENT, T.NONE, None, date(2026, 1, 1), "1701", None, ""),
        (K.ADVANCE, T.NONE, None, date(2026, 1, 1), "2861", None, ""),
    ],
)
def test_the_shipped_accounts(kind, treatment, rate, day, credit, vat, code):
    found = accounts.finder(DEFAULTS)(
        entry(kind, treatment=treatment, rate=None if rate is None else D(rate), day=day)
    )
    assert (found.credit, found.vat, found.vat_code) == (credit, vat, code)


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"rate": D("0.22"), "day": date(2024, 8, 31)}, "rules", "22 %, on 2024-08-31"),
        ({"rate": None}, "rules", "no rate"),
        ({"currency": "SEK"}, "currency", "no accounts for SEK"),
    ],
)
def test_an_entry_without_an_account_is_named(given, field, says):
    with pytest.raises(NoAccount, match=says) as refused:
        accounts.finder(DEFAULTS)(entry(**given))
    assert refused.value.field == field
    assert "1001" in refused.value.message


def test_the_rule_that_names_most_decides():
    common = {"kind": K.PAYMENT, "credit": "1701"}
    rules = [
        Rule(**common, debit="1729"),
        Rule(**common, debit="1711", gateway="stripe"),
        Rule(**common, debit="1713", gateway="stripe", ends=date(2026, 1, 31), treatment=T.NONE),
    ]
    find = accounts.finder(rules)
    paid = {"kind": K.PAYMENT, "net": "5", "gross": "5"}
    assert find(entry(**paid)).debit == "1729"
    assert find(entry(**paid, gateway="stripe")).debit == "1711"
    assert find(entry(**paid, gateway="stripe", day=date(2026, 1, 31))).debit == "1713"


def changed(index: int = 0, **fields: object) -> list[dict[str, object]]:
    return [{**rule, **fields} if at == index else rule for at, rule in enumerate(PLAIN)]


#: Where in PLAIN: a domestic sale, the same of export, a payment.
SALE, EXPORT, PAYMENT = (
    next(i for i, r in enumerate(DEFAULTS) if (r.kind, r.treatment) == one)
    for one in ((K.SALE, T.DOMESTIC), (K.SALE, T.EXPORT), (K.PAYMENT, None))
)


@pytest.mark.parametrize(
    ("rules", "field", "says"),
    [
        ([], "rules", "no rule"),
        (changed(3, kind="bribe"), "rules.3.kind", "Rule 4.*sale, shipping"),
        (changed(0, treatment="free"), "rules.0.treatment", "domestic"),
        (changed(0, debit="17"), "rules.0.debit", "four to eight digits"),
        (changed(0, credit="3001a"), "rules.0.credit", "four to eight digits"),
        (changed(0, vat="=2939"), "rules.0.vat", "four to eight digits"),
        (changed(0, vat_code="KO;MY"), "rules.0.vat_code", "twelve"),
        (changed(0, rate="25.5"), "rules.0.rate", "fraction"),
        (changed(0, starts="2026-02-30"), "rules.0.starts", "YYYY-MM-DD"),
        (
            changed(0, starts="2024-09-01", ends="2020-01-01"),
            "rules.0.ends",
            "ends before it starts",
        ),
        (changed(0, currency="euro"), "rules.0.currency", "three capital"),
        (changed(0, currency="EUX"), "rules.0.currency", "no currency EUX"),
        (changed(0, name="Aino"), "rules.0.name", "not a usable value"),
        (changed(SALE, vat=None), f"rules.{SALE}.vat", "would differ"),
        (changed(SALE, debit="3001"), f"rules.{SALE}.debit", "same account"),
        (changed(PAYMENT, vat="2939"), f"rules.{PAYMENT}.vat", "no VAT"),
        ([*PLAIN, PLAIN[0]], f"rules.{len(PLAIN)}.starts", "same entries and days"),
        (PLAIN[:-1], "rules", "EUR has no accounts for advance_used"),
        ([*PLAIN, {**PLAIN[0], "currency": "SEK"}], "rules", "SEK has no accounts for shipping"),
        ([{"kind": "sale"}], "rules.0.debit", "four to eight"),
        (["sale"], "rules.0", "Rule 1"),
    ],
)
@pytest.mark.django_db
def test_a_mapping_that_cannot_be_used_names_the_field_and_changes_nothing(rules, field, says):
    with pytest.raises(MappingError, match=says) as refused:
        accounts.replace(rules, version=0, actor=CONTROLLER)
    assert refused.value.field == field
    assert not AccountMap.objects.exists()


def test_rules_that_follow_each_other_do_not_overlap():
    rules = changed(SALE, starts="2024-09-01")
    before = {**PLAIN[SALE], "ends": "2024-08-31"}
    accounts.parse([*rules, before])
    with pytest.raises(MappingError, match="same entries and days"):
        accounts.parse([*rules, {**before, "ends": "2024-09-01"}])


def test_an_export_without_vat_needs_no_account_for_it():
    assert accounts.parse(changed(EXPORT, vat=None))[EXPORT].vat is None


@pytest.fixture
def signed(db):
    return let_in()


@pytest.mark.django_db
def test_the_controller_edits_and_the_accounting_firm_reads(signed):
    assert accounts.read(actor=ACCOUNTANT) == (0, PLAIN)
    accounts.replace(changed(SALE, credit="3011"), version=0, actor=CONTROLLER)
    version, rules = accounts.read(actor=ACCOUNTANT)
    assert (version, rules[SALE]["credit"]) == (1, "3011")
    assert accounts.finder(accounts.in_force()[1])(entry()).credit == "3011"
    with pytest.raises(ControllersOnly):
        accounts.replace(PLAIN, version=1, actor=ACCOUNTANT)
    assert AccountMap.objects.get().edited_by == CONTROLLER.key


@pytest.mark.django_db
def test_neither_an_app_nor_a_controller_whose_agreement_was_revoked_edits_it(signed):
    app = Actor("app:1", frozenset({Permission.MANAGE_PRIVACY}))
    Signature.objects.filter(signer=CONTROLLER.key).update(revoked_at=clock.now())
    for actor in (app, CONTROLLER):
        with pytest.raises(ControllersOnly):
            accounts.replace(PLAIN, version=0, actor=actor)
    assert not AccountMap.objects.exists()


@pytest.mark.django_db
def test_whoever_edits_an_outdated_mapping_is_told(signed):
    accounts.replace(PLAIN, version=0, actor=CONTROLLER)
    with pytest.raises(MappingError, match="read them again"):
        accounts.replace(changed(SALE, credit="3011"), version=0, actor=CONTROLLER)
    assert AccountMap.objects.count() == 1


@pytest.mark.django_db
def test_a_stranger_does_not_read_the_mapping_and_it_is_logged(signed):
    with pytest.raises(guard.NoPermission):
        accounts.read(actor=STRANGER)
    assert AccessEntry.objects.get().outcome == "refused"
