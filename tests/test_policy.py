"""The policy, written out: every role, category and purpose has its expected answer."""

import re
from datetime import date

import pytest

from jokkerit_plugin.policy.categories import TITLES, Category
from jokkerit_plugin.policy.holds import RELEASES, add_years, lapses_on
from jokkerit_plugin.policy.purposes import GROUNDS, Basis, Purpose
from jokkerit_plugin.policy.recipients import (
    DISCLOSURES,
    EU,
    OUTSIDE,
    RecipientKind,
    in_eu,
)
from jokkerit_plugin.policy.restriction import withheld
from jokkerit_plugin.policy.roles import GRANT_LONGEST, MEMBERS_ONLY, Role, allowed

# N name, P postal address, E e-mail, T phone, L site log, O purchase; "-": refused.
MATRIX = """
                 staff   accounting_firm  maintainer  controller
delivery         NPETO   -                -           NPETO
service          NPETO   -                -           NPETO
communication    NPETO   -                -           NPETO
invoicing        NPETO   NPO              -           NPETO
debt_collection  NPETO   -                -           NPETO
claims           NPETO   -                -           NPETO
marketing        NPETO   -                -           NPETO
security         -       -                L           L
error_fixing     -       -                L           L
log_billing      -       -                -           NLO
bookkeeping      NPO     NPO              -           NPO
rights           NPETO   -                -           NPETO
"""
LETTERS = {
    "N": Category.NAME, "P": Category.POSTAL, "E": Category.EMAIL, "T": Category.PHONE,
    "L": Category.LOG, "O": Category.PURCHASE,
}  # fmt: skip


def cells() -> list[tuple[Role, Purpose, Category, bool]]:
    header, *lines = MATRIX.strip().splitlines()
    return [
        (Role(role), Purpose(purpose), category, letter in cell)
        for purpose, *row in (line.split() for line in lines)
        for role, cell in zip(header.split(), row, strict=True)
        for letter, category in LETTERS.items()
    ]


def test_the_matrix_covers_every_role_category_and_purpose():
    assert len(cells()) == len(Role) * len(Purpose) * len(Category)
    assert len(set(LETTERS.values())) == len(Category)


@pytest.mark.promise("P-ACCESS-STAFF", "P-ACCESS-ACCOUNTING", "P-ACCESS-MAINTAINERS")
@pytest.mark.promise("P-PURPOSE-BOUND", breaks=True)
@pytest.mark.parametrize(("role", "purpose", "category", "expected"), cells())
def test_each_cell_of_the_matrix(role, purpose, category, expected):
    assert (category in allowed(role, purpose)) is expected


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_grant_opens_customer_data_to_maintainers_for_mending_errors_only(purpose):
    added = allowed(Role.MAINTAINER, purpose, granted=True) - allowed(Role.MAINTAINER, purpose)
    expected = set(Category) - {Category.LOG} if purpose is Purpose.ERROR_FIXING else set()
    assert added == expected


@pytest.mark.parametrize("role", [Role.STAFF, Role.ACCOUNTING, Role.CONTROLLER])
@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_grant_gives_other_roles_nothing(role, purpose):
    assert allowed(role, purpose, granted=True) == allowed(role, purpose)


# What a recipient's people and apps may do at most, whatever permissions they hold.
ACTING = """
                 bookkeeping  invoicing  debt_collection
delivery         -            -          -
service          -            -          -
communication    -            -          -
invoicing        NPO          NPEO       -
debt_collection  -            -          NPETO
claims           -            -          -
marketing        -            -          -
security         -            -          -
error_fixing     -            -          -
log_billing      -            -          -
bookkeeping      NPO          -          -
rights           -            -          -
"""


def acting_cells() -> list[tuple[RecipientKind, Purpose, Category, bool]]:
    header, *lines = ACTING.strip().splitlines()
    return [
        (RecipientKind(kind), Purpose(purpose), category, letter in cell)
        for purpose, *row in (line.split() for line in lines)
        for kind, cell in zip(header.split(), row, strict=True)
        for letter, category in LETTERS.items()
    ]


def test_the_second_matrix_covers_every_kind_purpose_and_category():
    assert len(acting_cells()) == len(RecipientKind) * len(Purpose) * len(Category)


@pytest.mark.promise("P-NO-DISCLOSURE", "P-PURPOSE-BOUND", breaks=True)
@pytest.mark.parametrize(("kind", "purpose", "category", "expected"), acting_cells())
def test_who_acts_for_a_recipient_does_its_work_only(kind, purpose, category, expected):
    found = {
        role for role in Role
        if category in allowed(role, purpose, granted=True, acting=kind)
    }  # fmt: skip
    by_role = {role for role in Role if category in allowed(role, purpose, granted=True)}
    assert found == (by_role if expected else set())
    assert bool(found) is expected


def test_the_accountants_role_is_for_members_of_a_bookkeeping_firm_alone():
    assert MEMBERS_ONLY == {Role.ACCOUNTING: RecipientKind.BOOKKEEPING}


def test_a_grant_lasts_a_week_at_most():
    assert GRANT_LONGEST.days == 7


# Whether a restricted customer is left out of a use: "x" yes, "-" no, "c" unless a debt of theirs
# is in collection, "b" unless the use is of somebody who keeps the books.
RESTRICTED = """
                 N P E T L O
delivery         x x x x x -
service          x x x x x -
communication    x x x x x -
invoicing        x x x x x -
debt_collection  c c c c c -
claims           x x x x x -
marketing        x x x x x -
security         x x x x x -
error_fixing     x x x x x -
log_billing      x x x x x -
bookkeeping      b b x x x -
rights           - - - - - -
"""


def restricted_cells() -> list[tuple[Purpose, Category, str]]:
    header, *lines = RESTRICTED.strip().splitlines()
    return [
        (Purpose(purpose), LETTERS[letter], cell)
        for purpose, *row in (line.split() for line in lines)
        for letter, cell in zip(header.split(), row, strict=True)
    ]


def test_the_third_matrix_covers_every_purpose_and_category():
    assert len(restricted_cells()) == len(Purpose) * len(Category)


@pytest.mark.parametrize("claimed", [False, True])
@pytest.mark.parametrize(
    ("role", "keeps_books"),
    [
        (Role.ACCOUNTING, True),
        (Role.MAINTAINER, False),
        (Role.STAFF, False),
        (Role.CONTROLLER, True),
    ],
)
@pytest.mark.parametrize(("purpose", "category", "cell"), restricted_cells())
def test_what_a_restriction_withholds(purpose, category, cell, role, keeps_books, claimed):
    expected = {"x": True, "-": False, "c": not claimed, "b": not keeps_books}[cell]
    for used in ([category], [Category.PURCHASE, category]):
        assert withheld(purpose, used, roles=[role], claimed=claimed) is expected


@pytest.mark.promise("P-LOG-PURPOSES")
@pytest.mark.parametrize("role", list(Role))
def test_site_log_is_for_security_errors_and_billing_only(role):
    purposes = {one for one in Purpose if Category.LOG in allowed(role, one, granted=True)}
    assert purposes <= {Purpose.SECURITY, Purpose.ERROR_FIXING, Purpose.LOG_BILLING}


def test_every_purpose_has_a_ground_and_an_interest_where_that_is_the_basis():
    assert set(GROUNDS) == set(Purpose)
    for ground in GROUNDS.values():
        assert bool(ground.interest) is (ground.basis is Basis.LEGITIMATE_INTEREST)


def test_every_category_has_a_title_in_three_languages():
    assert set(TITLES) == set(Category)
    assert all(len(titles) == 3 and all(titles) for titles in TITLES.values())


@pytest.mark.promise("P-NO-DISCLOSURE")
@pytest.mark.parametrize(
    ("kind", "purpose", "letters"),
    [
        (RecipientKind.BOOKKEEPING, Purpose.BOOKKEEPING, "NPO"),
        (RecipientKind.INVOICING, Purpose.INVOICING, "NPEO"),
        (RecipientKind.COLLECTION, Purpose.COLLECTION, "NPETO"),
    ],
)
def test_what_each_recipient_gets(kind, purpose, letters):
    assert DISCLOSURES[kind] == (purpose, {LETTERS[letter] for letter in letters})


def test_there_are_three_kinds_of_recipients():
    assert len(RecipientKind) == 3


@pytest.mark.promise("P-EU")
@pytest.mark.parametrize(
    ("code", "inside"),
    [
        ("FI", True), ("fi", True), ("GR", True), ("IE", True),
        # Territories with a code of their own that belong to the Union.
        ("AX", True), ("GF", True), ("GP", True), ("MQ", True), ("RE", True), ("YT", True),
        ("MF", True),
        # The European Economic Area and adequate countries are not the Union.
        ("IS", False), ("LI", False), ("NO", False), ("CH", False), ("GB", False), ("US", False),
        # Overseas countries that are not the Union.
        ("GL", False), ("FO", False), ("PM", False), ("BL", False), ("NC", False), ("PF", False),
        ("WF", False), ("AW", False), ("CW", False), ("SX", False), ("BQ", False),
        # Not ISO codes of a country.
        ("EL", False), ("UK", False), ("EU", False), ("XI", False), ("", False),
    ],
)  # fmt: skip
def test_what_is_the_union(code, inside):
    assert in_eu(code) is inside


def test_the_union_has_27_members_and_seven_territories():
    assert len(EU) == 27 + 7


@pytest.mark.promise("P-EU", breaks=True)
def test_every_code_of_iso_3166_is_inside_or_outside_and_none_is_both():
    assert len(OUTSIDE) == 249 - len(EU)
    assert not OUTSIDE & EU
    assert all(re.fullmatch("[A-Z]{2}", code) for code in OUTSIDE | EU)


@pytest.mark.parametrize(
    ("begins", "last"),
    [
        ("2024-03-01", "2027-03-01"),
        ("2023-12-31", "2026-12-31"),
        # 29 February: the month's last day where the year has none.
        ("2024-02-29", "2027-02-28"),
        ("2028-02-29", "2031-02-28"),
        ("2025-02-28", "2028-02-28"),
    ],
)
def test_a_debt_lapses_at_the_end_of_the_same_day_three_years_later(begins, last):
    assert lapses_on(date.fromisoformat(begins)) == date.fromisoformat(last)


def test_a_leap_day_is_kept_where_the_year_has_one():
    assert add_years(date(2024, 2, 29), 4) == date(2028, 2, 29)


def test_what_ends_which_hold():
    assert {ground.value: sorted(ends) for ground, ends in RELEASES.items()} == {
        "debt_collection": ["lapsed", "paid", "withdrawn", "written_off"],
        "dispute": ["settled", "withdrawn"],
        "legal_claim": ["settled", "withdrawn"],
        "authority": ["settled", "withdrawn"],
    }
