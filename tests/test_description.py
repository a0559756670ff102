"""The register description: true because it is written from policy and settings, or an alarm."""

import hashlib
import json
import logging
from dataclasses import fields, replace
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core import checks
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from jokkerit_plugin import clock, overview, tasks
from jokkerit_plugin.access.controllers import ControllersOnly
from jokkerit_plugin.config import Config
from jokkerit_plugin.description import document, facts, status, versions
from jokkerit_plugin.description.facts import SETTINGS, Company, Facts
from jokkerit_plugin.description.notice import contacts, notice
from jokkerit_plugin.description.record import record
from jokkerit_plugin.description.versions import DescriptionError
from jokkerit_plugin.marketing.audience import Segment
from jokkerit_plugin.models import Description, Recipient, Signature
from jokkerit_plugin.policy import categories, purposes, recipients, roles, schedule, wording
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.languages import Language
from jokkerit_plugin.policy.periods import Period
from jokkerit_plugin.policy.purposes import GROUNDS, Basis, Ground, Purpose
from jokkerit_plugin.policy.recipients import RecipientKind, TransferGround
from jokkerit_plugin.policy.roles import Role
from jokkerit_plugin.shop import erasers
from tests.forgetting import FakeEraser, approved
from tests.people import APP, CONTROLLER, STAFF, firm, sign
from tests.published import described, published

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 28)


def settled(**changes) -> Facts:
    filled = {
        "active": True, "controller_name": "Jokkerit Trading Oy", "business_id": "2368582-3",
        "controller_address": "Kaskitie 7\n51900 Juva", "hosting_country": "FI",
        "controller_contact": "jouko.paunonen@jokkerit.fi\n+358 500 653 313",
        "privacy_contact": "Jouko Paunonen",
    }  # fmt: skip
    config = Config(**{**filled, **changes})
    erases = config.active and config.retention
    return Facts(config, erases=erases, erases_in_shop=erases and config.erase_in_shop)


def texts(found: Facts) -> list[str]:
    return [one.plain() for one in versions.draft(found)]


@pytest.mark.promise("P-LAW")
@pytest.mark.parametrize("language", Language)
def test_the_notice_has_all_that_articles_13_and_14_demand(language):
    found = notice(settled(), language)
    assert [section.name for section in found.sections] == [
        "about", "controller", "name", "who", "purposes", "data", "sources", "access",
        "disclosure", "transfer", "retention", "protection", "rights", "complaint", "automated",
    ]  # fmt: skip
    text = found.plain()
    for purpose, ground in GROUNDS.items():
        assert wording.PURPOSES[purpose][language] in text
        assert ground.basis.value in text
        # Article 13(1)(d): the interest itself, where that is the basis.
        if ground.basis is Basis.LEGITIMATE_INTEREST:
            assert wording.INTERESTS[purpose][language] in text
    for rule in schedule.in_force(clock.today()).values():
        assert rule.words(language, Config()) in text
    for article in ("15", "16", "17", "18", "20", "21", "7"):
        assert any(f"{article} " in line or f" {article})" in line for line in text.splitlines())
    assert "tietosuoja.fi" in text


@pytest.mark.parametrize("language", Language)
def test_the_record_has_all_that_article_30_demands(language):
    found = record(settled(), language)
    assert [section.name for section in found.sections] == [
        "about", "controller", "name", "purposes", "subjects", "data", "access", "recipients",
        "transfer", "retention", "measures",
    ]  # fmt: skip
    text = found.plain()
    for rule in schedule.in_force(clock.today()).values():
        assert rule.ground[language] in text
    assert "AccessEntry" not in text
    assert "PostalAddress" in text


@pytest.mark.promise("P-CONTROLLER", "P-CONTACT")
@pytest.mark.parametrize("language", Language)
def test_the_description_names_the_controller_and_whom_to_ask(language):
    config = settled().config
    for found in (notice(settled(), language), record(settled(), language),
                  contacts(config, language)):  # fmt: skip
        for name in SETTINGS:
            value = getattr(config, name)
            if name != "hosting_country":
                assert value in found.plain()
    officer = settled(data_protection_officer="Tiina Tieto, tiina@example.com")
    assert "Tiina Tieto" in notice(officer, language).plain()


@pytest.mark.promise("P-NAME")
def test_the_register_has_a_name(shop):
    assert (
        "Jokkerit Trading Oy verkkokauppa-asiakasrekisteri"
        in notice(settled(), Language.FI).plain()
    )


@pytest.mark.promise("P-NAME", breaks=True)
def test_a_register_that_has_no_name_or_another_is_not_published_or_an_alarm(shop):
    with pytest.raises(DescriptionError) as refusal:
        published(shop, controller_name="")
    assert refusal.value.field == "controller_name"
    published(shop)
    described(shop, controller_name="Toinen Oy")
    [said] = status.problems(shop.port.settings)
    assert 'controller_name: "Jokkerit Trading Oy", now "Toinen Oy"' in said


@pytest.mark.promise("P-USE-DELIVERY", "P-USE-SALE", "P-USE-CONTACT", "P-USE-INVOICING")
@pytest.mark.promise("P-USE-COLLECTION", "P-USE-MARKETING", "P-PURPOSE-RELATION")
def test_every_purpose_of_the_policy_is_told_and_no_other():
    found = notice(settled(), Language.EN)
    (section,) = [one for one in found.sections if one.name == "purposes"]
    (table,) = [block for block in section.blocks if block.head]
    assert [row[0] for row in table.rows] == [wording.PURPOSES[one][2] for one in Purpose]


@pytest.mark.promise("P-LAWFUL")
def test_every_purpose_has_a_ground_in_law_that_is_told():
    assert set(GROUNDS) == set(Purpose) == set(wording.PURPOSES)
    assert set(wording.BASES) == set(Basis)
    interests = {
        one for one, ground in GROUNDS.items() if ground.basis is Basis.LEGITIMATE_INTEREST
    }
    assert set(wording.INTERESTS) == interests
    duties = {one for one, ground in GROUNDS.items() if ground.basis is Basis.LEGAL_OBLIGATION}
    assert set(wording.OBLIGATIONS) == duties
    assert set(wording.ROLES) == set(Role)
    assert set(wording.RECIPIENTS) == set(RecipientKind)
    assert set(wording.TRANSFERS) == set(TransferGround)


def test_every_text_is_there_in_three_languages_that_differ():
    def lines(found):
        return [len(section.blocks) for section in found.sections]

    for write in (notice, record):
        three = [write(settled(), language) for language in Language]
        assert len({json.dumps(lines(one)) for one in three}) == 1
        for section in zip(*(one.sections for one in three), strict=True):
            headings = {one.heading for one in section}
            assert len(headings) == 3 or headings == {""}
        assert "{" not in "".join(one.plain() for one in three)


def test_companies_stand_in_the_text_with_their_work_and_country():
    found = replace(settled(), companies=(
        Company("bookkeeping", "Tilit Oy", "FI"), Company("processor", "Palvelin AB", "SE"),
    ))  # fmt: skip
    assert "Tilit Oy (Suomi)" in notice(found, Language.FI).plain()
    assert "Palvelin AB (Sverige)" in notice(found, Language.SV).plain()
    assert "Palvelin AB (Sweden)" in record(found, Language.EN).plain()


# What is not in the text: how the register works, and what only the accounts need.
SILENT = {
    "fill_orders", "fill_checkouts", "financial_year_end",
    "financial_year_said", "excluded_channels",
    "excluded_gateways", "test_channels", "test_gateways", "vat_id_keys",
    "financial_year_changes", "vat_basis", "vat_oss", "gift_cards", "voucher_start",
    "voucher_prefix", "accounting_emails", "iban", "bic", "retention_hour",
    "retention_daily_limit", "backups_encrypted_on", "unusable", "dashboards", "soft_opt_in_from",
    "marketing_double_opt_in", "unsubscribe_mailbox", "site_log_address_days",
}  # fmt: skip
CHANGED = {
    "controller_name": "Toinen Oy", "business_id": "1790235-0", "controller_address": "Muu tie 1",
    "controller_contact": "muu@example.com, 040 123 4567", "privacy_contact": "Muu",
    "data_protection_officer": "Muu", "hosting_country": "SE", "checkout_days": 60,
    "erase_in_shop": True, "retention": False, "bookkeeping_years": 12, "identity_years": 6,
    "inactive_months": 24, "detail_years": 2, "claims_months": (("*", 36),),
    "site_log_days": 30, "active": False,
}  # fmt: skip


def test_every_setting_is_in_the_text_or_known_not_to_be():
    assert {one.name for one in fields(Config)} == SILENT | set(CHANGED)


@pytest.mark.promise("P-KEEP-PURPOSE", "P-KEEP-BOOKKEEPING")
@pytest.mark.parametrize("name", CHANGED)
def test_a_setting_that_the_text_tells_is_a_fact_of_it(name):
    before, after = settled(), settled(**{name: CHANGED[name]})
    assert texts(before) != texts(after)
    assert before.told() != after.told()


def test_a_term_that_is_the_longest_of_several_is_told_as_that():
    one, several = settled(), settled(claims_months=(("*", 24), ("book", 12)))
    assert texts(one) != texts(several)
    assert one.told() != several.told()
    shorter = settled(claims_months=(("*", 24), ("book", 6)))
    assert texts(shorter) == texts(several)
    assert shorter.told() == several.told()


@pytest.mark.parametrize(
    ("language", "profiling", "lists"),
    [(Language.FI, "on profilointia", "kieltorekistereistä"),
     (Language.SV, "är profilering", "spärregister"),
     (Language.EN, "is profiling", "opt-out lists")],
)  # fmt: skip
def test_the_notice_tells_of_profiling_and_of_every_source(language, profiling, lists):
    said = {
        one.name: " ".join(block.text for block in one.blocks)
        for one in notice(settled(), language).sections
    }
    assert (profiling in said["automated"]) == Segment(sku="x").profiles
    assert lists in said["sources"]


def _purposes(monkeypatch):
    monkeypatch.setitem(GROUNDS, Purpose.MARKETING, Ground(Basis.CONSENT, "", ""))


def _access(monkeypatch):
    wider = {**roles.ALLOWED[Role.ACCOUNTING], Purpose.MARKETING: frozenset({Category.EMAIL})}
    monkeypatch.setitem(roles.ALLOWED, Role.ACCOUNTING, wider)


def _disclosure(monkeypatch):
    more = (Purpose.BOOKKEEPING, frozenset({Category.PHONE}))
    monkeypatch.setitem(recipients.DISCLOSURES, RecipientKind.BOOKKEEPING, more)


def _rule(monkeypatch):
    longer = [
        replace(rule, length=Period(years=7)) if rule.name == "access_log" else rule
        for rule in schedule.SCHEDULE
    ]
    monkeypatch.setattr(schedule, "SCHEDULE", tuple(longer))


@pytest.mark.parametrize("change", [_purposes, _access, _disclosure, _rule])
def test_a_changed_policy_is_a_changed_text_and_fact(change, monkeypatch):
    before, told = texts(settled()), settled().told()
    change(monkeypatch)
    assert texts(settled()) != before
    assert settled().told() != told


def test_the_same_facts_make_the_same_text_and_digest():
    assert versions.digest(settled()) == versions.digest(settled())
    stored = document.stored(versions.draft(settled()))
    assert document.read(stored["notice"]["sv"]) == notice(settled(), Language.SV)
    text = json.dumps(stored, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert versions.digest(settled()) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("name", [
    "controller_name", "business_id", "controller_address", "controller_contact",
    "privacy_contact", "hosting_country",
])  # fmt: skip
def test_nothing_is_published_half_empty_and_what_is_missing_is_said(shop, name):
    with pytest.raises(DescriptionError) as refusal:
        published(shop, **{name: ""})
    assert refusal.value.field == name
    assert not Description.objects.exists()
    assert name in overview.overview().description
    assert any(name in one for one in overview.overview().problems)


@pytest.mark.parametrize("contact", ["+358 500 653 313", "jouko.paunonen@jokkerit.fi"])
def test_contact_details_are_an_address_and_a_phone(shop, contact):
    with pytest.raises(DescriptionError, match="phone"):
        published(shop, controller_contact=contact)


def test_settings_default_to_nothing():
    assert {getattr(Config(), name) for name in SETTINGS} == {""}
    assert len(facts.missing(Config())) == 6


@pytest.mark.promise("P-LAW")
def test_publishing_stores_the_version_whole(shop):
    row = published(shop, note="The first")
    assert (row.version, row.note, row.published_by, row.changes) == (1, "The first", "user:1", [])
    assert row.digest == document.digest(row.documents) == versions.digest(facts.present())
    assert set(row.documents) == {"notice", "record"}
    assert all(set(held) == {"fi", "sv", "en"} for held in row.documents.values())
    assert versions.in_force() == row
    assert status.problems(shop.port.settings) == []
    assert "Version 1" in overview.overview().description


@pytest.mark.promise("P-LAW", breaks=True)
def test_a_register_without_a_published_description_is_not_healthy(shop):
    described(shop)
    found = overview.overview()
    assert any("not published" in one for one in found.problems)
    published(shop)
    assert not any("not published" in one for one in overview.overview().problems)


def test_a_register_that_was_never_used_is_left_in_peace(shop):
    assert status.problems(Config()) == []


def test_only_what_was_read_is_published(shop):
    described(shop)
    read = versions.digest(facts.present())
    described(shop, inactive_months=24)
    with pytest.raises(DescriptionError, match="changed since"):
        versions.publish(digest=read, note="", actor=CONTROLLER)


def test_the_same_text_is_not_published_twice(shop):
    published(shop)
    with pytest.raises(DescriptionError, match="already"):
        published(shop)


@pytest.mark.parametrize("actor", [STAFF, APP])
def test_only_a_controller_publishes(shop, actor):
    described(shop)
    digest = versions.digest(facts.present())
    with pytest.raises(ControllersOnly):
        versions.publish(digest=digest, note="", actor=actor)
    assert not Description.objects.exists()


def test_two_who_publish_at_once_do_not_both(shop, monkeypatch):
    published(shop)
    monkeypatch.setattr(versions, "in_force", lambda: None)
    with pytest.raises(DescriptionError, match="by now"):
        published(shop, inactive_months=24)


def test_a_published_version_cannot_be_changed_or_removed(shop):
    published(shop)
    for act in ("update(note='x')", "all().delete()"):
        with pytest.raises(DatabaseError), transaction.atomic():
            eval(f"Description.objects.{act}")  # noqa: S307
    assert Description.objects.get().note == ""


@pytest.mark.promise("P-LAW", "P-CONTROLLER", "P-CONTACT", breaks=True)
@pytest.mark.parametrize("name", CHANGED)
def test_a_setting_that_makes_the_text_untrue_is_an_alarm_until_it_is_published(shop, name, caplog):
    described(shop)
    approved(shop)
    published(shop)
    assert versions.drift(facts.present()) == []
    described(shop, **{name: CHANGED[name]})
    assert versions.drift(facts.present()) != []
    found = overview.overview()
    assert not found.healthy
    assert any("not true any more" in one for one in found.problems)
    assert "not true any more" in found.description
    (warning,) = checks.run_checks(databases=["default"], tags=["database"])
    assert (warning.id, "not true any more" in warning.msg) == ("jokkerit_plugin.W020", True)
    with caplog.at_level(logging.WARNING):
        tasks.watch_description()
    assert "not true any more" in caplog.text
    assert str(CHANGED[name]) not in caplog.text
    second = published(shop, **{name: CHANGED[name]})
    assert second.version == 2
    assert [one[0] for one in second.changes] != []
    assert status.problems(shop.port.settings) == []
    assert checks.run_checks(databases=["default"], tags=["database"]) == []


def test_what_keeps_the_erasing_from_being_done_makes_the_text_untrue(shop, monkeypatch):
    eraser = FakeEraser()
    monkeypatch.setattr(erasers, "eraser", lambda: eraser)
    described(shop, erase_in_shop=True)
    published(shop)
    assert "every night" not in notice(facts.present(), Language.EN).plain()
    approved(shop)
    assert [one.fact for one in versions.drift(facts.present())] == [
        "erased by itself", "erased in the shop",
    ]  # fmt: skip
    published(shop, erase_in_shop=True)
    assert "own tables, too" in notice(facts.present(), Language.EN).plain()
    eraser.refuses = "An unknown column."
    assert [one.fact for one in versions.drift(facts.present())] == ["erased in the shop"]
    assert "not true any more" in status.line(shop.port.settings)


@pytest.mark.parametrize("change", [_purposes, _access, _disclosure, _rule])
def test_a_policy_that_makes_the_text_untrue_is_an_alarm(shop, change, monkeypatch):
    published(shop)
    change(monkeypatch)
    assert len(versions.drift(facts.present())) == 1
    assert any("not true any more" in one for one in overview.overview().problems)


@pytest.mark.promise("P-NO-DISCLOSURE", breaks=True)
def test_a_company_that_the_text_does_not_name_is_an_alarm(shop):
    published(shop)
    firm()
    assert [str(one) for one in versions.drift(facts.present())] == [
        'company bookkeeping Tilitoimisto (FI): nothing, now "yes"'
    ]
    published(shop)
    Recipient.objects.update(ended_at=clock.now())
    assert [one.now for one in versions.drift(facts.present())] == [""]


def test_what_is_set_back_is_true_again(shop):
    published(shop)
    described(shop, inactive_months=24)
    assert status.problems(shop.port.settings) != []
    described(shop, inactive_months=36)
    assert status.problems(shop.port.settings) == []


def test_the_check_says_nothing_before_the_tables_are_there(shop):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE jokkerit_plugin_description RENAME TO elsewhere")
        assert checks.run_checks(databases=["default"], tags=["database"]) == []
        cursor.execute("ALTER TABLE elsewhere RENAME TO jokkerit_plugin_description")


def test_agreements_point_to_the_version_in_force(shop):
    sign(STAFF)
    earlier = Signature.objects.get()
    published(shop)
    sign(STAFF)
    assert earlier.description_id is None
    assert Signature.objects.latest("pk").description_id == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        Description.objects.all().delete()


def command(*options: str) -> str:
    out = StringIO()
    call_command("register_description", *options, stdout=out)
    return out.getvalue()


def test_the_command_prints_the_draft_and_publishes_what_was_read(shop):
    described(shop)
    text = command("--language", "en")
    digest = text.rstrip().rpartition(" ")[2]
    assert "Jokkerit Trading Oy" in text
    assert "Version 1 is published" in command("--publish", digest, "--note", "First")
    row = versions.in_force()
    assert row is not None
    assert (row.published_by, row.note) == ("command:register_description", "First")
    described(shop, controller_name="Toinen Oy")
    assert "Toinen Oy" not in command("--published", "--language", "sv")
    with pytest.raises(CommandError, match="changed since"):
        command("--publish", digest)
    assert "Seloste käsittelytoimista".upper() in command("--record")


def test_the_command_says_what_is_missing(shop):
    assert "! controller_name: Name the controller." in command()
    with pytest.raises(CommandError, match="controller_name"):
        command("--publish", "x")


def test_the_command_writes_a_pdf(shop, tmp_path):
    described(shop)
    assert command("--pdf", str(tmp_path / "x.pdf")) == ""
    assert (tmp_path / "x.pdf").read_bytes().startswith(b"%PDF-")


def test_the_command_checks_and_exits_with_one(shop):
    published(shop)
    assert "true" in command("--check")
    described(shop, backups_encrypted_on=None)
    with pytest.raises(SystemExit) as stop:
        command("--check")
    assert stop.value.code == 1


def test_the_earlier_text_is_version_0_and_not_what_is_in_force(shop, tmp_path):
    file = tmp_path / "old.txt"
    file.write_text("Rekisteriseloste\n\nREKISTERINPITÄJÄ\n\nJokkerit Trading Oy", encoding="utf-8")
    command("--store-earlier", str(file))
    row = Description.objects.get()
    assert (row.version, set(row.documents)) == (0, {"notice"})
    assert "REKISTERINPITÄJÄ" in document.read(row.documents["notice"]["fi"]).plain()
    assert versions.in_force() is None
    sign(STAFF)
    assert Signature.objects.get().description_id == 0
    with pytest.raises(CommandError, match="already"):
        command("--store-earlier", str(file))
    assert published(shop).version == 1


def test_a_setting_that_cannot_be_used_keeps_it_from_being_published(shop):
    with pytest.raises(DescriptionError) as refusal:
        published(shop, unusable=(("bookkeeping_years", "Too few."),))
    assert refusal.value.field == "bookkeeping_years"


def test_days_to_come_and_days_gone_by(shop):
    today = clock.now().astimezone(clock.HELSINKI).date()
    for day in (today + timedelta(days=1), today - timedelta(days=367), None):
        with pytest.raises(DescriptionError, match="backups"):
            published(shop, backups_encrypted_on=day)
    published(shop, backups_encrypted_on=today - timedelta(days=366))


def test_names_are_told_of_every_category_and_country():
    assert set(categories.TITLES) == set(Category)
    assert set(purposes.GROUNDS) == set(Purpose)
    assert "Islanti" in notice(settled(hosting_country="IS"), Language.FI).plain()
