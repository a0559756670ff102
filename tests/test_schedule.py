"""The retention schedule: whole, in three languages, and every field has its part."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from django.apps import apps

from jokkerit_plugin.config import Config
from jokkerit_plugin.policy import parts, schedule
from jokkerit_plugin.policy.categories import FREE, Category
from jokkerit_plugin.policy.clocks import CLOCKS, Clock
from jokkerit_plugin.policy.fields import CLAIMS
from jokkerit_plugin.policy.languages import Language
from jokkerit_plugin.policy.parts import OWN_CLOCK, Part, categories_of, part_of
from jokkerit_plugin.policy.periods import Period
from jokkerit_plugin.policy.purposes import Purpose
from jokkerit_plugin.policy.schedule import SCHEDULE, Rule, in_force, keeping
from jokkerit_plugin.retention import statements

TODAY = date(2026, 11, 28)
RULES = in_force(TODAY)


@pytest.mark.promise("P-KEEP-PURPOSE")
def test_every_field_with_personal_data_goes_with_one_part_or_by_its_table_s_clock():
    homeless = [
        f"{model}.{field}"
        for model, fields in CLAIMS.items()
        for field, claim in fields.items()
        if claim != FREE and model not in OWN_CLOCK and part_of(model, field) is None
    ]
    assert homeless == []


def test_no_part_has_a_field_that_is_not_there_is_free_or_is_in_another():
    named = [
        (model, field)
        for models in parts.FIELDS.values()
        for model, fields in models.items()
        for field in fields.split()
    ]
    assert len(named) == len(set(named))
    assert {pair for pair in named if CLAIMS.get(pair[0], {}).get(pair[1], FREE) == FREE} == set()
    models = {model.__name__ for model in apps.get_app_config("jokkerit_plugin").get_models()}
    assert {model for model, _ in named} | OWN_CLOCK <= models


@pytest.mark.parametrize(
    ("part", "categories"),
    [
        (Part.CONTACT, {Category.NAME, Category.POSTAL, Category.EMAIL, Category.PHONE}),
        (Part.DETAIL, {Category.NAME, Category.EMAIL, Category.PURCHASE}),
        (Part.IDENTITY, {Category.NAME, Category.POSTAL, Category.PURCHASE}),
        (Part.FIGURES, {Category.PURCHASE, Category.POSTAL, Category.LOG}),
    ],
)
def test_what_a_hold_on_a_category_keeps(part, categories):
    assert categories_of(part) == categories


# Which rule keeps what: C contact, D detail, I identity, F figures.
KEPT = """
inactive     C
telling      C
detail       DIF
claims       DIF
identity     I
books        F
open_order   CDIF
hold         CDIF
request      CDIF
restriction  CDIF
breach       C
"""
LETTERS = {"C": Part.CONTACT, "D": Part.DETAIL, "I": Part.IDENTITY, "F": Part.FIGURES}


def test_the_matrix_of_rules_and_parts():
    rows = dict(line.split() for line in KEPT.strip().splitlines())
    expected = {name: {LETTERS[letter] for letter in cell} for name, cell in rows.items()}
    assert {name: set(rule.parts) for name, rule in RULES.items() if rule.parts} == expected
    for letter, part in LETTERS.items():
        names = [rule.name for rule in keeping(part, TODAY)]
        assert names == [name for name, cell in rows.items() if letter in cell]


@pytest.mark.parametrize("part", list(Part))
def test_every_rule_has_its_statement(part):
    found = statements.rows(part, TODAY)
    assert all(f"SELECT '{rule.name}' AS rule" in found for rule in keeping(part, TODAY))


def version(since: date, until: date | None = None, *, ground: str = "") -> Rule:
    """A version of a rule about books."""
    return Rule(
        "books", ("", "", ""), frozenset({Part.FIGURES}), Purpose.BOOKKEEPING, Clock.BOOKING,
        (ground, "", ""), since, until=until,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("day", "ground"),
    [
        (date(2020, 1, 1), "old"), (date(2027, 12, 31), "old"), (date(2028, 1, 1), "new"),
        (date(2030, 6, 30), "new"), (date(2030, 7, 1), None),
        # Before there were rules the first ones hold: without any, all would be due.
        (date(1999, 1, 1), "old"),
    ],
)  # fmt: skip
def test_which_rule_is_in_force_on_a_day(day, ground):
    versions = [
        version(date(2004, 1, 1), date(2027, 12, 31), ground="old"),
        version(date(2028, 1, 1), date(2030, 6, 30), ground="new"),
    ]
    found = in_force(day, versions)
    assert [rule.ground[0] for rule in found.values()] == ([ground] if ground else [])


def test_of_each_rule_one_version_is_in_force_at_a_time_and_one_today():
    assert set(RULES) == {rule.name for rule in SCHEDULE}
    for rule in SCHEDULE:
        days = [one.since for one in SCHEDULE if one.name == rule.name and one is not rule]
        assert not any(rule.since <= day <= (rule.until or date.max) for day in days)


@pytest.mark.parametrize("part", list(Part))
def test_a_rule_that_is_over_keeps_nothing(part, monkeypatch):
    over = [replace(rule, until=TODAY) if rule.name == "hold" else rule for rule in SCHEDULE]
    monkeypatch.setattr(schedule, "in_force", partial(in_force, rules=over))
    assert "'hold' AS rule" in statements.rows(part, TODAY)
    assert "'hold' AS rule" not in statements.rows(part, TODAY + timedelta(days=1))


def test_what_people_read_is_there_in_three_languages():
    texts = [rule.title for rule in RULES.values()]
    texts += [*parts.TITLES.values(), *CLOCKS.values()]
    assert all(len(text) == 3 and all(text) and len(set(text)) == 3 for text in texts)
    assert set(CLOCKS) == set(Clock)
    assert set(parts.TITLES) == set(Part)
    grounds = [rule.ground for rule in RULES.values()]
    assert all(len(text) == 3 and all(text) and len(set(text)) == 3 for text in grounds)


@pytest.mark.promise("P-KEEP-BOOKKEEPING")
@pytest.mark.parametrize(
    ("name", "config", "fi", "sv", "en"),
    [
        (
            "books", Config(),
            "10 vuotta tilikauden päättymisvuoden lopusta",
            "10 år från utgången av det år då räkenskapsperioden gick ut",
            "10 years from the end of the year in which the financial year ended",
        ),
        (
            "identity", Config(identity_years=6),
            "6 vuotta tilikauden päättymisvuoden lopusta",
            "6 år från utgången av det år då räkenskapsperioden gick ut",
            "6 years from the end of the year in which the financial year ended",
        ),
        (
            "inactive", Config(inactive_months=1),
            "1 kuukausi viimeisestä ostoksesta, kirjautumisesta tai suostumuksesta",
            "1 månad från det senaste köpet, den senaste inloggningen eller det senaste samtycket",
            "1 month from the last purchase, log-in or consent",
        ),
        (
            "claims", Config(claims_months=(("*", 24), ("saw", 60))),
            "60 kuukautta toimituksesta", "60 månader från leveransen", "60 months from delivery",
        ),
        (
            "telling", Config(), "30 päivää poistosta kertovasta ilmoituksesta",
            "30 dagar från meddelandet om raderingen", "30 days from the notice of the erasure",
        ),
        (
            "trace", Config(checkout_days=14), "14 päivää viimeisestä muutoksesta",
            "14 dagar från den senaste ändringen", "14 days from the last change",
        ),
        (
            "hold", Config(), "kunnes vaatimus on ratkaistu", "tills anspråket är avgjort",
            "until the claim is settled",
        ),
    ],
)  # fmt: skip
def test_lengths_as_words(name, config, fi, sv, en):
    assert [RULES[name].words(language, config) for language in Language] == [fi, sv, en]


def test_a_rule_s_setting_is_one_of_config_and_its_default_the_rule_s_length():
    for rule in RULES.values():
        if rule.setting:
            assert rule.term(Config()) == rule.length


@pytest.mark.parametrize(
    ("period", "text"),
    [
        (Period(years=1), "1 year"),
        (Period(years=1, months=6), "1 year and 6 months"),
        (Period(days=1), "1 day"),
        (Period(), "0 days"),
    ],
)
def test_a_period_as_words(period, text):
    assert period.words(Language.EN) == text
