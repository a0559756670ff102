"""Settings as typed in the Dashboard."""

from datetime import date

import pytest

from jokkerit_plugin.config import Config
from jokkerit_plugin.errors import SettingError
from jokkerit_plugin.settings import parse


def test_nothing_configured_is_the_safe_default():
    unsaid = Config(active=True, financial_year_said=False)
    assert parse({}, active=True) == unsaid
    assert parse({"fill_orders": None, "checkout_days": ""}, active=True) == unsaid
    assert Config().fill_orders
    assert not Config().fill_checkouts


def test_values_are_read_as_people_type_them():
    config = parse(
        {
            "fill_orders": "false",
            "fill_checkouts": True,
            "checkout_days": " 14 ",
            "business_id": "FI23685823",
            "financial_year_end": "6-30",
            "excluded_channels": "trial, outlet\ntrial;",
            "excluded_gateways": "theirs",
            "test_gateways": "Mark as paid, dummy",
            "financial_year_changes": "2027-06-30, 2025-12-31",
            "vat_basis": " Cash ",
            "vat_oss": "false",
            "gift_cards": "multi",
            "voucher_start": "2026-01-01",
            "voucher_prefix": "VK",
            "accounting_emails": "tili@example.com; toinen@example.com",
            "iban": "fi21 1234 5600 0007 85",
            "bic": "ndeafihh",
            "erase_in_shop": "true",
            "retention": "false",
            "retention_hour": "0",
            "retention_daily_limit": "10000000",
            "bookkeeping_years": " 12 ",
            "identity_years": "6",
            "inactive_months": "24",
            "detail_years": "1",
            "claims_months": "power-tools: 60\nshirt:12, gift : 0",
        },
        active=True,
    )
    assert (config.fill_orders, config.fill_checkouts, config.checkout_days) == (False, True, 14)
    assert config.business_id == "2368582-3"
    assert config.financial_year_end == "06-30"
    assert config.excluded_channels == ("trial", "outlet")
    assert config.excluded_gateways == ("theirs",)
    assert config.test_gateways == ("Mark as paid", "dummy")
    assert config.financial_year_changes == (date(2025, 12, 31), date(2027, 6, 30))
    assert (config.vat_basis, config.vat_oss, config.gift_cards) == ("cash", False, "multi")
    assert (config.voucher_start, config.voucher_prefix) == (date(2026, 1, 1), "VK")
    assert config.accounting_emails == ("tili@example.com", "toinen@example.com")
    assert (config.iban, config.bic) == ("FI2112345600000785", "NDEAFIHH")
    assert (config.erase_in_shop, config.retention, config.retention_hour) == (True, False, 0)
    assert (config.retention_daily_limit, config.bookkeeping_years) == (10_000_000, 12)
    assert (config.identity_years, config.inactive_months, config.detail_years) == (6, 24, 1)
    # What is named for no type stays as it is by default.
    assert dict(config.claims_months) == {"power-tools": 60, "shirt": 12, "gift": 0, "*": 24}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fill_orders", "perhaps"),
        ("checkout_days", "0"),
        ("checkout_days", "91"),
        ("checkout_days", "-3"),
        ("checkout_days", "³"),
        ("checkout_days", "soon"),
        ("checkout_days", "1" * 5000),
        ("business_id", "2368582-4"),
        ("business_id", "123"),
        ("financial_year_end", "31.12."),
        ("financial_year_end", "13-01"),
        ("financial_year_end", "02-30"),
        ("financial_year_end", "00-10"),
        ("financial_year_end", "١٢-٣١"),
        ("financial_year_changes", "2025-12-31, 2026-02-30"),
        ("financial_year_changes", "12-31"),
        ("vat_basis", "whenever"),
        ("gift_cards", "both"),
        ("voucher_start", "1.1.2026"),
        ("voucher_start", "2026-02-30"),
        ("voucher_start", "0001-01-01"),
        ("voucher_start", "20260101"),
        ("voucher_prefix", "myy"),
        ("voucher_prefix", "MYY-2026"),
        ("accounting_emails", "tili@example.com, tilitoimisto"),
        ("iban", "FI21 1234 5600 0007 86"),
        ("iban", "159030-776"),
        ("bic", "NDEAFI"),
        ("retention_hour", "24"),
        ("retention_hour", "3:00"),
        ("retention_daily_limit", "0"),
        ("retention_daily_limit", "10000001"),
        ("bookkeeping_years", "9"),
        ("bookkeeping_years", "0"),
        ("bookkeeping_years", "-12"),
        ("bookkeeping_years", "1" * 5000),
        ("identity_years", "5"),
        ("identity_years", "ten"),
        ("site_log_days", "0"),
        ("site_log_days", "366"),
        ("site_log_days", "ninety"),
        ("site_log_address_days", "0"),
        ("site_log_address_days", "366"),
        ("inactive_months", "0"),
        ("inactive_months", "121"),
        ("detail_years", "0"),
        ("claims_months", "power-tools 60"),
        ("claims_months", "power-tools: 361"),
        ("claims_months", ": 12"),
        ("claims_months", "saw: soon"),
    ],
)
def test_a_value_that_cannot_be_used_names_its_field(field, value):
    with pytest.raises(SettingError) as refused:
        parse({field: value}, active=True)
    assert refused.value.field == field


def test_the_scope_follows_what_decides_how_rows_are_read():
    base = Config(active=True)
    assert base.scope == Config(active=False, checkout_days=5).scope
    assert base.scope != Config(test_channels=("a",)).scope
    assert base.scope != Config(test_gateways=("a",)).scope
    assert base.scope != Config(vat_id_keys=("a",)).scope


@pytest.mark.parametrize(
    "setting",
    [
        {"fill_orders": False},
        {"fill_checkouts": True},
        {"excluded_channels": ("a",)},
        {"excluded_gateways": ("a",)},
        {"test_channels": ("a",)},
    ],
)
def test_a_comparison_proves_nothing_once_other_rows_belong(setting):
    assert Config(active=True).reach != Config(active=True, **setting).reach


@pytest.mark.parametrize(
    ("channel", "gateways", "theirs"),
    [
        ("ours", (), False),
        ("ours", ("dummy",), False),
        ("outlet", (), True),
        ("ours", ("dummy", "theirs"), True),
    ],
)
def test_an_order_is_another_company_s_by_its_channel_or_a_gateway(channel, gateways, theirs):
    config = Config(excluded_channels=("outlet",), excluded_gateways=("theirs",))
    assert config.leaves_out(channel, gateways) is theirs
    assert config.others == {"excluded": ["outlet"], "excluded_gateways": ["theirs"]}


@pytest.mark.promise("P-KEEP-BOOKKEEPING", breaks=True)
def test_books_below_ten_years_are_refused_with_the_law_that_wants_them():
    with pytest.raises(SettingError, match=r"Accounting Act \(1336/1997, ch\. 2 s\. 10\)"):
        parse({"bookkeeping_years": "6"}, active=True)


def test_a_term_that_cannot_be_read_refuses_all_erasing_and_other_settings_do_not():
    assert Config().retention_refusal == ""
    assert Config(unusable=(("checkout_days", "Give days."),)).retention_refusal == ""
    refusal = Config(unusable=(("bookkeeping_years", "Give 10."),)).retention_refusal
    assert (
        refusal == "Nothing is erased, since a setting cannot be used. bookkeeping_years: Give 10."
    )


@pytest.mark.parametrize(
    ("setting", "decides"),
    [
        ({"bookkeeping_years": 11}, True),
        ({"identity_years": 6}, True),
        ({"inactive_months": 12}, True),
        ({"detail_years": 1}, True),
        ({"claims_months": (("*", 1),)}, True),
        ({"financial_year_end": "06-30"}, True),
        ({"financial_year_said": False}, True),
        ({"financial_year_changes": (date(2025, 12, 31),)}, True),
        ({"erase_in_shop": True}, True),
        ({"test_channels": ("a",)}, True),
        ({"test_gateways": ("a",)}, True),
        ({"vat_id_keys": ("a",)}, True),
        ({"excluded_channels": ("a",)}, True),
        ({"excluded_gateways": ("a",)}, True),
        ({"retention_hour": 4}, False),
        ({"retention_daily_limit": 1}, False),
        ({"controller_name": "Oy"}, False),
    ],
)
def test_an_approved_dry_run_is_bound_to_the_settings_that_decide_what_is_due(setting, decides):
    assert (Config().retention_digest != Config(**setting).retention_digest) is decides


@pytest.mark.parametrize(
    ("typed", "said"), [({}, False), ("", False), (" ", False), ("12-31", True)]
)
def test_a_financial_year_that_nobody_typed_is_not_said(typed, said):
    config = parse({"financial_year_end": typed}, active=True)
    assert (config.financial_year_end, config.financial_year_said) == ("12-31", said)
