"""The plugin's form in the Dashboard: fields, labels and help, as Saleor wants them."""

from collections.abc import Iterable
from typing import Any

from saleor.plugins.base_plugin import ConfigurationTypeField as Type

from .settings_description import DESCRIPTION
from .settings_retention import RETENTION
from .settings_status import STATUS

#: name: (type, default, label, help)
FIELDS: dict[str, tuple[str, Any, str, str]] = {
    "fill_orders": (
        Type.BOOLEAN,
        True,
        "Fill the register from orders",
        (
            "Customers and purchases enter the register when an order is placed and follow every "
            "later change of it. Switch off to leave the register as it stands."
        ),
    ),
    "fill_checkouts": (
        Type.BOOLEAN,
        False,
        "Keep traces of unfinished checkouts",
        (
            "A checkout that became no order is kept for a short time as a trace. It is in no "
            "search and in no mailing."
        ),
    ),
    "checkout_days": (
        Type.STRING,
        "30",
        "Days to keep a trace",
        (
            "A whole number from 1 to 90. Traces of checkouts, and of accounts that never bought, "
            "are erased after this many days."
        ),
    ),
    **DESCRIPTION,
    "financial_year_end": (
        Type.STRING,
        "",
        "End of the financial year",
        (
            "Its last day as MM-DD, for example 12-31. How long accounting records are kept is "
            "counted from it; while it is empty they are kept as if a year had 18 months, and the "
            "accounts reckon with the calendar year."
        ),
    ),
    "financial_year_changes": (
        Type.STRING,
        "",
        "Changed financial years",
        (
            "Last days of financial years that end, or ended, on another day than the one above: "
            "YYYY-MM-DD, separated by commas. After a change write the last day of the last year "
            "under the old rule; for a year longer than twelve months its own last day, too."
        ),
    ),
    "vat_basis": (
        Type.STRING,
        "invoice",
        "VAT is accounted for by",
        (
            "invoice: by delivery or earlier payment, the general rule. cash: domestic sales by "
            "payment, for small companies that have chosen so. Months that are closed stay."
        ),
    ),
    "vat_oss": (
        Type.BOOLEAN,
        True,
        "Distance sales in the One Stop Shop",
        (
            "Sales to consumers in other EU countries are declared in the OSS return. Switch off "
            "while they stay below the threshold and are taxed in Finland."
        ),
    ),
    "gift_cards": (
        Type.STRING,
        "",
        "Gift cards",
        (
            "single: everything they buy has one VAT rate, and they are taxed when sold. multi: "
            "they are a means of payment. Empty: treated as multi, and the report says so."
        ),
    ),
    "voucher_start": (
        Type.STRING,
        "",
        "Vouchers from",
        (
            "First day whose sales get voucher numbers, YYYY-MM-DD. Choose a day after the last "
            "one that is booked already; empty: nothing is numbered."
        ),
    ),
    "voucher_prefix": (
        Type.STRING,
        "MYY",
        "Voucher series",
        "How voucher numbers begin, one to six capital letters or digits: MYY-2026-000123.",
    ),
    "accounting_emails": (
        Type.STRING,
        "",
        "Who closes the months",
        "E-mail addresses that are told when a month can be closed, separated by commas.",
    ),
    "unsubscribe_mailbox": (
        Type.STRING,
        "",
        "Mailbox for unsubscribing",
        (
            "An e-mail address that is named in every marketing message beside the link, if "
            "somebody reads what comes there and records the opt-outs. Empty: the link alone."
        ),
    ),
    "marketing_double_opt_in": (
        Type.BOOLEAN,
        True,
        "Consents by e-mail are confirmed",
        (
            "Somebody who consents to e-mail gets one mail with a link, and counts from when it "
            "was followed: nobody can sign up another's address."
        ),
    ),
    "soft_opt_in_from": (
        Type.STRING,
        "",
        "Soft opt-in from",
        (
            "First day whose orders may let customers be written to of similar products, "
            "YYYY-MM-DD: only those whose own data shows that the opt-out was offered. Empty: no "
            "order does."
        ),
    ),
    "iban": (
        Type.STRING,
        "",
        "IBAN",
        "The bank account that Finvoice invoices are paid to, for example FI21 1234 5600 0007 85.",
    ),
    "bic": (
        Type.STRING,
        "",
        "BIC",
        "The bank of that account, for example NDEAFIHH. Finvoice needs both.",
    ),
    "excluded_channels": (
        Type.STRING,
        "",
        "Channels left out",
        (
            "Slugs of channels whose orders belong to another company, separated by commas. Their "
            "orders never enter this register."
        ),
    ),
    "excluded_gateways": (
        Type.STRING,
        "",
        "Payment gateways left out",
        (
            "Identifiers of payment gateways whose money belongs to another company, separated by "
            "commas. Orders paid through them never enter this register."
        ),
    ),
    "test_channels": (
        Type.STRING,
        "",
        "Test channels",
        (
            "Slugs of channels that are used for trying things out, separated by commas. Their "
            "orders are marked as tests and stay out of the accounts."
        ),
    ),
    "test_gateways": (
        Type.STRING,
        "",
        "Test payment gateways",
        (
            "Identifiers of payment gateways that move no real money, separated by commas. Orders "
            "paid through them are marked as tests and stay out of the accounts."
        ),
    ),
    "vat_id_keys": (
        Type.STRING,
        "vatId, vat_id",
        "Metadata keys of the VAT ID",
        (
            "Where the storefront leaves a business customer's VAT ID: metadata keys of the order, "
            "the billing address or the account, separated by commas; the first filled one counts."
        ),
    ),
    **RETENTION,
    **STATUS,
}

#: The Dashboard has no headings and puts all checkboxes last, so each label begins with its group.
GROUPS: dict[str, tuple[str, ...]] = {
    "Status": tuple(STATUS),
    "Controller": (
        "controller_name", "business_id", "controller_address", "controller_contact",
        "privacy_contact", "data_protection_officer",
    ),
    "Servers": ("dashboards", "hosting_country", "backups_encrypted_on"),
    "Filling": (
        "fill_orders", "fill_checkouts", "checkout_days", "excluded_channels", "excluded_gateways",
        "test_channels", "test_gateways", "vat_id_keys",
    ),
    "Bookkeeping": (
        "financial_year_end", "financial_year_changes", "vat_basis", "vat_oss", "gift_cards",
        "voucher_start", "voucher_prefix", "accounting_emails", "iban", "bic",
    ),
    "Erasing": (
        "retention", "erase_in_shop", "retention_hour", "retention_daily_limit",
        "bookkeeping_years", "identity_years", "inactive_months", "detail_years", "claims_months",
    ),
    "Marketing": ("marketing_double_opt_in", "soft_opt_in_from", "unsubscribe_mailbox"),
    "Site log": ("site_log_days", "site_log_address_days"),
}  # fmt: skip


def _label(group: str, label: str) -> str:
    return label if label.startswith(group) else f"{group}: {label}"


#: In the order of the groups: what the Dashboard shows.
CONFIG_STRUCTURE: dict[str, dict[str, str]] = {
    name: {
        "type": FIELDS[name][0],
        "label": _label(group, FIELDS[name][2]),
        "help_text": FIELDS[name][3],
    }
    for group, names in GROUPS.items()
    for name in names
}

DEFAULT_CONFIGURATION: list[dict[str, Any]] = [
    {"name": name, "value": FIELDS[name][1]} for name in CONFIG_STRUCTURE
]


def in_order(fields: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return stored fields as the form has them: a row keeps the order in which it was saved."""
    places = {name: place for place, name in enumerate(CONFIG_STRUCTURE)}
    known = (field for field in fields if field["name"] in places)
    return sorted(known, key=lambda field: places[field["name"]])
