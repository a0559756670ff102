"""The plugin's settings as the rest of the code reads them: one frozen `Config`."""

import calendar
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from stdnum import bic, iban
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fi import ytunnus

from .errors import SettingError
from .shop.documents import FORMAT

#: Metadata keys in which a storefront leaves the buyer's VAT id.
VAT_ID_KEYS = ("vatId", "vat_id")
VAT_BASES = ("invoice", "cash")
GIFT_CARDS = ("single", "multi")


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of the one controller that this installation serves."""

    active: bool = False
    fill_orders: bool = True
    fill_checkouts: bool = False
    checkout_days: int = 30
    controller_name: str = ""
    business_id: str = ""
    controller_address: str = ""
    controller_contact: str = ""
    privacy_contact: str = ""
    financial_year_end: str = "12-31"
    excluded_channels: tuple[str, ...] = ()
    excluded_gateways: tuple[str, ...] = ()
    test_channels: tuple[str, ...] = ()
    test_gateways: tuple[str, ...] = ()
    vat_id_keys: tuple[str, ...] = VAT_ID_KEYS
    #: Last days of financial years that ended, or will end, off the yearly rule.
    financial_year_changes: tuple[date, ...] = ()
    #: "invoice" (the general rule) or "cash".
    vat_basis: str = "invoice"
    #: Distance sales in the Union are declared in the One Stop Shop.
    vat_oss: bool = True
    #: "single", "multi", or empty while nobody chose.
    gift_cards: str = ""
    #: First day whose entries get vouchers; None: none are numbered.
    voucher_start: date | None = None
    voucher_prefix: str = "MYY"
    accounting_emails: tuple[str, ...] = ()
    #: Where invoices are paid to, without spaces.
    iban: str = ""
    bic: str = ""

    @property
    def others(self) -> dict[str, list[str]]:
        """What marks another company's orders, as parameters of statements: see `leaves_out`."""
        return {
            "excluded": list(self.excluded_channels),
            "excluded_gateways": list(self.excluded_gateways),
        }

    def leaves_out(self, channel: str, gateways: Iterable[str] = ()) -> bool:
        """Tell whether an order is another company's: by its channel, or a gateway it used."""
        others = self.others
        return channel in others["excluded"] or not set(gateways).isdisjoint(
            others["excluded_gateways"]
        )

    @property
    def scope(self) -> str:
        """Fingerprint of all that decides how a row of the shop is read.

        It salts every digest, so a changed setting makes rows outdated and the next
        reconciliation reads them anew.
        """
        return _fingerprint(FORMAT, self.test_channels, self.test_gateways, self.vat_id_keys)

    @property
    def reach(self) -> str:
        """Fingerprint of all that decides which rows of the shop belong into the register.

        A comparison that was made under another one proves nothing.
        """
        return _fingerprint(
            self.scope,
            self.fill_orders,
            self.fill_checkouts,
            *self.others.values(),
        )


def _fingerprint(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def parse(values: Mapping[str, object], *, active: bool) -> Config:
    """Build a `Config` from the raw values of the Dashboard (strings, booleans, null).

    Raises `SettingError` naming the field that cannot be used.
    """
    return Config(
        active=active,
        fill_orders=_flag(values, "fill_orders", default=True),
        fill_checkouts=_flag(values, "fill_checkouts", default=False),
        checkout_days=_days(_text(values, "checkout_days")),
        controller_name=_text(values, "controller_name"),
        business_id=_business_id(_text(values, "business_id")),
        controller_address=_text(values, "controller_address"),
        controller_contact=_text(values, "controller_contact"),
        privacy_contact=_text(values, "privacy_contact"),
        financial_year_end=_month_day(_text(values, "financial_year_end")),
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
        iban=_iban(_text(values, "iban")),
        bic=_bic(_text(values, "bic")),
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


def _days(text: str) -> int:
    if not text:
        return 30
    if not (re.fullmatch(r"\d{1,2}", text, re.ASCII) and 1 <= int(text) <= 90):
        raise SettingError("Give a whole number of days from 1 to 90.", field="checkout_days")
    return int(text)


def _business_id(text: str) -> str:
    if not text:
        return ""
    try:
        compact: str = ytunnus.validate(text)
    except NumberError:
        message = "This is not a Finnish business id: seven digits, a hyphen and a check digit."
        raise SettingError(message, field="business_id") from None
    return f"{compact[:7]}-{compact[7:]}"


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
