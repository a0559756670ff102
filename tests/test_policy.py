"""The policy, written out: every role, category and purpose has its expected answer."""

import pytest

from jokkerit_plugin.policy.categories import TITLES, Category
from jokkerit_plugin.policy.purposes import GROUNDS, Basis, Purpose
from jokkerit_plugin.policy.recipients import (
    DISCLOSURES,
    EU,
    RecipientKind,
    TransferGround,
    in_eu,
    transfer_ground,
)
from jokkerit_plugin.policy.roles import Role, allowed

# N name, P postal address, E e-mail, T phone, L site log, O purchase; "-": refused.
MATRIX = """
                 staff   accounting_firm  maintainer  controller
delivery         NPETO   -                -           NPETO
service          NPETO   -                -           NPETO
communication    NPETO   -                -           NPETO
invoicing        NPETO   NPO              -           NPETO
debt_collection  NPETO   -                -           NPETO
marketing        NPETO   -                -           NPETO
security         -       -                L           L
error_fixing     -       -                L           L
log_billing      -       -                -           NLO
bookkeeping      NPO     NPO              -           NPO
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


@pytest.mark.parametrize(
    ("customer", "requested", "ground"),
    [
        ("FI", False, None),
        ("AX", False, None),
        ("", False, None),
        ("FI", True, TransferGround.CUSTOMER_REQUEST),
        ("NO", False, TransferGround.CUSTOMER_LOCATED_OUTSIDE),
        ("NO", True, TransferGround.CUSTOMER_REQUEST),
        ("GL", False, TransferGround.CUSTOMER_LOCATED_OUTSIDE),
    ],
)
def test_grounds_of_a_transfer_out_of_the_union(customer, requested, ground):
    found = transfer_ground(customer_country=customer, customer_requested=requested)
    assert found is ground
