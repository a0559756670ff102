"""Reads the settings as people type them in the Dashboard into one `Config`."""

import calendar
import re
from collections.abc import Mapping
from datetime import date
from urllib.parse import urlsplit

from stdnum import bic, iban
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fi import ytunnus

from .config import CLAIMS_MONTHS, VAT_ID_KEYS, Config
from .errors import SettingError
from .policy.recipients import EU, OUTSIDE
from .policy.site_log import DAYS, MOST_DAYS

VAT_BASES = ("invoice", "cash")
GIFT_CARDS = ("single", "multi")
#: Name and address on vouchers: as long as the books, or as the Accounting Act keeps vouchers.
IDENTITY_YEARS = ("10", "6")
_BOOKS = (
    "The Accounting Act (1336/1997, ch. 2 s. 10) keeps books for ten years from the end of the"
    " financial year, and the register description promises as much:"
)

_LOG = "Site log data is kept for twelve months at most:"


def parse(values: Mapping[str, object], *, active: bool) -> Config:
    """Build a `Config` from the raw values of the Dashboard (strings, booleans, null).

    Raises `SettingError` naming the field that cannot be used.
    """
    return Config(
        active=active,
        fill_orders=_flag(values, "fill_orders", default=True),
        fill_checkouts=_flag(values, "fill_checkouts", default=False),
        checkout_days=_number(values, "checkout_days", 30, 1, 90),
        controller_name=_text(values, "controller_name"),
        business_id=_business_id(_text(values, "business_id")),
        controller_address=_text(values, "controller_address"),
        controller_contact=_text(values, "controller_contact"),
        privacy_contact=_text(values, "privacy_contact"),
        dashboards=_addresses(values, "dashboards"),
        data_protection_officer=_text(values, "data_protection_officer"),
        hosting_country=_country(_text(values, "hosting_country")),
        backups_encrypted_on=_date(_text(values, "backups_encrypted_on"), "backups_encrypted_on"),
        financial_year_end=_month_day(_text(values, "financial_year_end")),
        financial_year_said=bool(_text(values, "financial_year_end")),
        excluded_channels=_names(values, "excluded_channels"),
        excluded_gateways=_names(values, "excluded_gateways"),
        test_channels=_names(values, "test_channels"),
        test_gateways=_names(values, "test_gateways"),
        vat_id_keys=_names(values, "vat_id_keys") or VAT_ID_KEYS,
        financial_year_changes=_dates(values, "financial_year_changes"),
        vat_basis=_choice(values, "vat_basis", VAT_BASES) or VAT_BASES[0],
        vat_oss=_flag(values, "vat_oss", default=True),
        gift_cards=_choice(values, "gift_cards", GIFT_CARDS),
        voucher_start=_date(_text(values, "voucher_start"), "voucher_start"),
        voucher_prefix=_prefix(_text(values, "voucher_prefix")),
        accounting_emails=_emails(values, "accounting_emails"),
        unsubscribe_mailbox=_mailbox(values, "unsubscribe_mailbox"),
        iban=_iban(_text(values, "iban")),
        bic=_bic(_text(values, "bic")),
        erase_in_shop=_flag(values, "erase_in_shop", default=False),
        retention=_flag(values, "retention", default=True),
        retention_hour=_number(values, "retention_hour", 3, 0, 23),
        retention_daily_limit=_number(values, "retention_daily_limit", 20_000, 1, 10_000_000),
        bookkeeping_years=_number(values, "bookkeeping_years", 10, 10, 100, why=_BOOKS),
        identity_years=int(_choice(values, "identity_years", IDENTITY_YEARS) or 10),
        inactive_months=_number(values, "inactive_months", 36, 1, 120),
        detail_years=_number(values, "detail_years", 3, 1, 10),
        claims_months=_months_by_type(values, "claims_months"),
        site_log_days=_number(values, "site_log_days", DAYS, 1, MOST_DAYS, why=_LOG),
        site_log_address_days=(_number(values, "site_log_address_days", 0, 1, MOST_DAYS) or None),
        marketing_double_opt_in=_flag(values, "marketing_double_opt_in", default=True),
        soft_opt_in_from=_date(_text(values, "soft_opt_in_from"), "soft_opt_in_from"),
    )


def _text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    return value.strip() if isinstance(value, str) else ""


def _flag(values: Mapping[str, object], name: str, *, default: bool) -> bool:
    value = values.get(name)
    if value is None or value == "":
        return default
    if isinstance(value, bool):
        return value
    if str(value).lower() in {"true", "false"}:
        return str(value).lower() == "true"
    raise SettingError("Choose yes or no.", field=name)


def _names(values: Mapping[str, object], name: str) -> tuple[str, ...]:
    # Not at spaces: gateways have names of several words. The order is kept: keys are tried in it.
    parts = (part.strip() for part in re.split(r"[\n,;]+", _text(values, name)))
    return tuple(dict.fromkeys(part for part in parts if part))


def _number(
    values: Mapping[str, object], name: str, default: int, least: int, most: int, *, why: str = ""
) -> int:
    text = _text(values, name)
    if not text:
        return default
    if not (re.fullmatch(r"\d{1,8}", text, re.ASCII) and least <= int(text) <= most):
        message = f"{why} give a whole number from {least:,} to {most:,}.".strip()
        raise SettingError(message[0].upper() + message[1:], field=name)
    return int(text)


def _months_by_type(values: Mapping[str, object], name: str) -> tuple[tuple[str, int], ...]:
    found = dict(CLAIMS_MONTHS)
    for line in _names(values, name):
        slug, _, months = (part.strip() for part in line.partition(":"))
        if not slug or not re.fullmatch(r"\d{1,3}", months, re.ASCII) or int(months) > 360:
            message = (
                "Give a product type's slug and months up to 360 a line, for example"
                " power-tools: 60. * stands for all others."
            )
            raise SettingError(message, field=name)
        found[slug] = int(months)
    return tuple(sorted(found.items()))


def _business_id(text: str) -> str:
    if not text:
        return ""
    try:
        compact: str = ytunnus.validate(text)
    except NumberError:
        message = "This is not a Finnish business id: seven digits, a hyphen and a check digit."
        raise SettingError(message, field="business_id") from None
    return f"{compact[:7]}-{compact[7:]}"


def _country(text: str) -> str:
    code = text.upper()
    if code and code not in EU | OUTSIDE:
        message = "Give the country as two letters (ISO 3166-1), for example FI."
        raise SettingError(message, field="hosting_country")
    return code


def _iban(text: str) -> str:
    try:
        return str(iban.validate(text)) if text else ""
    except NumberError:
        message = "This is no IBAN: the country's letters, two check digits and the account."
        raise SettingError(message, field="iban") from None


def _bic(text: str) -> str:
    try:
        return str(bic.validate(text)) if text else ""
    except NumberError:
        raise SettingError(
            "This is no BIC: eight or eleven letters and digits.", field="bic"
        ) from None


def _month_day(text: str) -> str:
    if not text:
        return "12-31"
    match = re.fullmatch(r"(\d{1,2})-(\d{1,2})", text, re.ASCII)
    month, day = (int(part) for part in match.groups()) if match else (0, 0)
    # A leap year as the yardstick: a financial year may end on 29 February.
    if not (1 <= month <= 12 and 1 <= day <= calendar.monthrange(2028, month)[1]):
        message = "Give the last day of the financial year as MM-DD, for example 12-31."
        raise SettingError(message, field="financial_year_end")
    return f"{month:02}-{day:02}"


def _choice(values: Mapping[str, object], name: str, choices: tuple[str, ...]) -> str:
    text = _text(values, name).lower()
    if text and text not in choices:
        raise SettingError(f"Write {' or '.join(choices)}.", field=name)
    return text


def _date(text: str, field: str) -> date | None:
    if not text:
        return None
    match = re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII)
    try:
        found = date.fromisoformat(text) if match else None
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year < 2200:
        message = "Give a day that exists as YYYY-MM-DD, for example 2026-01-01."
        raise SettingError(message, field=field)
    return found


def _dates(values: Mapping[str, object], name: str) -> tuple[date, ...]:
    found = (_date(text, name) for text in _names(values, name))
    return tuple(sorted({day for day in found if day}))


def _prefix(text: str) -> str:
    if not text:
        return "MYY"
    if not re.fullmatch(r"[A-Z0-9]{1,6}", text, re.ASCII):
        message = "Give one to six capital letters or digits, for example MYY."
        raise SettingError(message, field="voucher_prefix")
    return text


def _emails(values: Mapping[str, object], name: str) -> tuple[str, ...]:
    found = _names(values, name)
    if not all(re.fullmatch(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+", one) for one in found):
        raise SettingError("Give e-mail addresses, separated by commas.", field=name)
    return found


def origin(address: str) -> str:
    """Return the origin of an address ("https://shop.example/dashboard/"); "" of what has none.

    Unencrypted only on one's own machine: what frames our pages could be put in its place.
    """
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    safe = parts.scheme == "https" or (
        parts.scheme == "http" and host in {"localhost", "127.0.0.1"}
    )
    if not safe or parts.username or not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", host):
        return ""
    usual = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != usual else "")


def address(text: str) -> str:
    """Return an address with its path and no slash at its end; "" of what has no origin."""
    found = origin(text)
    path = urlsplit(text.strip()).path.strip("/") if found else ""
    return f"{found}/{path}" if re.fullmatch(r"[\w./-]+", path, re.ASCII) else found


def _addresses(values: Mapping[str, object], name: str) -> tuple[str, ...]:
    found = [address(one) for one in _names(values, name)]
    if not all(found):
        message = (
            "Give the address with https://, as the browser shows it, for example"
            " https://dashboard.example.com/."
        )
        raise SettingError(message, field=name)
    return tuple(dict.fromkeys(found))


def _mailbox(values: Mapping[str, object], name: str) -> str:
    found = _emails(values, name)
    if len(found) > 1:
        raise SettingError("Give one e-mail address.", field=name)
    return "".join(found)
