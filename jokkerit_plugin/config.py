"""The plugin's settings as the rest of the code reads them: one frozen `Config`."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from .policy.site_log import DAYS
from .shop.documents import FORMAT

#: Metadata keys in which a storefront leaves the buyer's VAT id.
VAT_ID_KEYS = ("vatId", "vat_id")
#: Months in which a buyer may come back about goods, by the slug of their product type; "*": all
#: others. Two years: Directive (EU) 2019/771, art. 10.
CLAIMS_MONTHS = (("*", 24),)


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
    #: Origins (`https://dashboard.example.com`) in whose frames the console is shown.
    dashboards: tuple[str, ...] = ()
    data_protection_officer: str = ""
    #: ISO 3166-1 alpha-2: where the shop's servers stand, as the controller says.
    hosting_country: str = ""
    #: When the controller last made sure that backups are encrypted.
    backups_encrypted_on: date | None = None
    financial_year_end: str = "12-31"
    #: Somebody has typed that end. Else it may be another: accounts reckon with the calendar year,
    #: and what is erased with the longest year that the law allows.
    financial_year_said: bool = True
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
    #: Where messages may be unsubscribed from by mail; empty: nowhere.
    unsubscribe_mailbox: str = ""
    #: Where invoices are paid to, without spaces.
    iban: str = ""
    bic: str = ""
    #: Erase in the shop's own tables, too.
    erase_in_shop: bool = False
    #: Erase what nothing keeps.
    retention: bool = True
    #: Hour in Helsinki at which the night's erasing begins, and how many subjects it may erase.
    retention_hour: int = 3
    retention_daily_limit: int = 20_000
    bookkeeping_years: int = 10
    identity_years: int = 10
    inactive_months: int = 36
    detail_years: int = 3
    claims_months: tuple[tuple[str, int], ...] = CLAIMS_MONTHS
    #: Days that lines of site logs are kept, and after which their addresses are cut; None: never.
    site_log_days: int = DAYS
    site_log_address_days: int | None = None
    #: A consent by e-mail counts once the link of a mail was followed.
    marketing_double_opt_in: bool = True
    #: First day whose orders may give soft opt-in; None: none does.
    soft_opt_in_from: date | None = None

    @property
    def contact(self) -> str:
        """Who answers for the register and how to reach them: lines for the end of a mail."""
        parts = (
            self.controller_name, self.controller_address, self.controller_contact,
            self.privacy_contact,
        )  # fmt: skip
        return "\n".join(part for part in parts if part)

    #: Stored values that cannot be used and count as their defaults: field and sentence.
    unusable: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    @property
    def retention_refusal(self) -> str:
        """Why nothing may be erased under these settings; empty: it may.

        A term that stands in the database and cannot be used (books kept below ten years, say)
        must not turn into another one in silence.
        """
        found = " ".join(f"{name}: {why}" for name, why in self.unusable if name in _TERMS)
        return f"Nothing is erased, since a setting cannot be used. {found}" if found else ""

    @property
    def retention_digest(self) -> str:
        """Fingerprint of all that decides what is due and where it is erased.

        A dry run that was approved under another one is no longer what would be erased.
        """
        names = (*_TERMS, "checkout_days", *_READING)
        return _fingerprint(*(str(getattr(self, name)) for name in names))

    @property
    def terms(self) -> str:
        """Fingerprint of all that decides whether an order is over when it is first met."""
        return _fingerprint(*(str(getattr(self, name)) for name in _BOOKS))

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


#: The settings from which it follows what is due, and where it is erased. `checkout_days` decides
#: of the shop's checkouts, too; unusable, it keeps these and nothing else from being erased.
_BOOKS = (
    "bookkeeping_years", "detail_years", "claims_months", "financial_year_end",
    "financial_year_said", "financial_year_changes", "retention",
)  # fmt: skip
_TERMS = (*_BOOKS, "erase_in_shop", "identity_years", "inactive_months")
#: Those by which a row of the shop is read as a test, as another company's, or as bookkeeping's.
_READING = (
    "test_channels", "test_gateways", "vat_id_keys", "excluded_channels", "excluded_gateways",
)  # fmt: skip


def _fingerprint(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
