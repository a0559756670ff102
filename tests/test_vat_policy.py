"""VAT as data: rates and their days, territory, treatment."""

from datetime import date
from decimal import Decimal

import pytest

from jokkerit_plugin.policy import vat
from jokkerit_plugin.policy.vat import Cause, Treatment

D, T = Decimal, Treatment


@pytest.mark.parametrize(
    ("rate", "day", "expected"),
    [
        ("0.24", "2024-08-31", True),
        ("0.24", "2024-09-01", False),
        ("0.255", "2024-08-31", False),
        ("0.255", "2024-09-01", True),
        ("0.14", "2025-12-31", True),
        ("0.14", "2026-01-01", False),
        ("0.135", "2025-12-31", False),
        ("0.135", "2026-01-01", True),
        ("0.1", "2013-01-01", True),
        ("0.1", "2012-12-31", False),
        ("0.2550", "2026-01-01", True),
        ("0.25", "2026-01-01", False),
        ("0", "2026-01-01", False),
        (None, "2026-01-01", False),
    ],
)
def test_when_a_rate_is_in_force(rate, day, expected):
    found = D(rate) if rate is not None else None
    assert vat.in_force(found, date.fromisoformat(day)) is expected


@pytest.mark.parametrize(
    ("rate", "box"),
    [
        ("0.24", "301"),
        ("0.255", "301"),
        ("0.14", "302"),
        ("0.135", "302"),
        ("0.1", "303"),
        ("0.23", None),
    ],
)
def test_a_credit_at_an_old_rate_still_has_its_box(rate, box):
    assert vat.box(D(rate)) == box
    assert vat.box(None) is None


@pytest.mark.parametrize(
    ("country", "tax", "vat_id", "expected", "below_threshold"),
    [
        ("FI", 5, "", T.DOMESTIC, T.DOMESTIC),
        ("fi", 5, "", T.DOMESTIC, T.DOMESTIC),
        ("FI", 0, "", T.ZERO_RATED, T.ZERO_RATED),
        ("FI", 0, "FI23685823", T.ZERO_RATED, T.ZERO_RATED),
        ("", 5, "", T.DOMESTIC, T.DOMESTIC),
        ("AX", 0, "", T.EXPORT, T.EXPORT),
        ("AX", 5, "", T.DOMESTIC, T.DOMESTIC),
        ("NO", 0, "", T.EXPORT, T.EXPORT),
        ("NO", 0, "NO123456789MVA", T.EXPORT, T.EXPORT),
        ("NO", 5, "", T.DOMESTIC, T.DOMESTIC),
        ("IS", 0, "", T.EXPORT, T.EXPORT),
        ("CH", 0, "", T.EXPORT, T.EXPORT),
        ("GL", 0, "", T.EXPORT, T.EXPORT),
        ("RE", 0, "", T.EXPORT, T.EXPORT),
        ("GB", 0, "", T.EXPORT, T.EXPORT),
        ("GB", 0, "GB980780684", T.EXPORT, T.EXPORT),
        ("GB", 0, "XI980780684", T.REVERSE_CHARGE, T.REVERSE_CHARGE),
        ("SE", 5, "", T.OSS, T.DOMESTIC),
        ("MC", 5, "", T.OSS, T.DOMESTIC),
        ("DE", 5, "DE123456788", T.OSS, T.DOMESTIC),
        ("DE", 0, "DE123456788", T.REVERSE_CHARGE, T.REVERSE_CHARGE),
        ("GR", 0, "EL094259216", T.REVERSE_CHARGE, T.REVERSE_CHARGE),
        ("DE", 0, "", T.OSS, T.ZERO_RATED),
        ("DE", 0, "de 123 456 788", T.REVERSE_CHARGE, T.REVERSE_CHARGE),
        ("SE", 0, "DE123456788", T.REVERSE_CHARGE, T.REVERSE_CHARGE),
        ("DE", 0, "DE123456789", T.OSS, T.ZERO_RATED),
        ("DE", 0, "none", T.OSS, T.ZERO_RATED),
        ("SE", 0, "FI23685823", T.OSS, T.ZERO_RATED),
        ("SE", 0, "EU372022452", T.OSS, T.ZERO_RATED),
        ("GB", 0, "XI123456789", T.EXPORT, T.EXPORT),
    ],
)
def test_the_treatment_of_a_sale(country, tax, vat_id, expected, below_threshold):
    for oss, wanted in ((True, expected), (False, below_threshold)):
        found = vat.treatment(country, vat=D(tax), order_vat=D(tax), vat_id=vat_id, oss=oss)
        assert found is wanted


def test_a_line_without_vat_in_a_taxed_order_is_no_reverse_charge():
    found = vat.treatment("DE", vat=D(0), order_vat=D(5), vat_id="DE123456788", oss=True)
    assert found is T.OSS


@pytest.mark.parametrize(
    ("country", "tax", "order_tax", "vat_id", "expected"),
    [
        ("FI", 5, 5, "", []),
        ("FI", 0, 0, "", [Cause.ZERO]),
        ("FI", 0, 5, "", [Cause.ZERO]),
        ("FI", 0, 0, "DE123456788", [Cause.ZERO]),
        ("FI", 5, 5, "none", []),
        ("AX", 5, 5, "", [Cause.TERRITORY]),
        ("NO", 5, 5, "", [Cause.TERRITORY]),
        ("NO", 0, 0, "", []),
        ("NO", 0, 0, "NO123456789MVA", []),
        ("", 5, 5, "", [Cause.COUNTRY]),
        ("", 0, 0, "", [Cause.COUNTRY]),
        ("SE", 5, 5, "", []),
        ("SE", 0, 0, "", [Cause.EXEMPT]),
        ("SE", 0, 5, "", [Cause.EXEMPT]),
        ("SE", 0, 0, "none", [Cause.EXEMPT, Cause.VAT_ID]),
        ("SE", 0, 0, "FI23685823", [Cause.EXEMPT, Cause.VAT_ID]),
        ("SE", 5, 5, "none", [Cause.VAT_ID]),
        ("DE", 0, 0, "DE123456788", []),
        ("DE", 5, 5, "DE123456788", [Cause.BUSINESS]),
        ("DE", 0, 5, "DE123456788", [Cause.BUSINESS]),
    ],
)
def test_what_a_person_should_look_at(country, tax, order_tax, vat_id, expected):
    found = vat.causes(country, vat=D(tax), order_vat=D(order_tax), vat_id=vat_id)
    assert found == expected
