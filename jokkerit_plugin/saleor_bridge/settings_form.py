"""The plugin's form in the Dashboard: fields, labels and help, as Saleor wants them."""

from typing import Any

from saleor.plugins.base_plugin import ConfigurationTypeField as Type

from .settings_retention import RETENTION

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
    "controller_name": (
        Type.STRING,
        "",
        "Controller",
        "The company that answers for the register, by its registered name.",
    ),
    "business_id": (
        Type.STRING,
        "",
        "Business ID",
        "The controller's Finnish business ID (Y-tunnus), for example 2368582-3.",
    ),
    "controller_address": (
        Type.MULTILINE,
        "",
        "Controller's address",
        "Street, postal code and town, as the register description shows them.",
    ),
    "controller_contact": (
        Type.MULTILINE,
        "",
        "Controller's contact details",
        "The e-mail address and telephone number that the register description shows.",
    ),
    "privacy_contact": (
        Type.STRING,
        "",
        "Contact person for the register",
        "Who answers customers' questions about their data.",
    ),
    "data_protection_officer": (
        Type.STRING,
        "",
        "Data protection officer",
        "Name and contact details, if the company has one.",
    ),
    "hosting_country": (
        Type.STRING,
        "",
        "Country of the servers",
        (
            "Where the shop's servers stand, as two letters, for example FI. The register "
            "description promises the European Union."
        ),
    ),
    "backups_encrypted_on": (
        Type.STRING,
        "",
        "Backups are encrypted, checked on",
        (
            "The day on which somebody last made sure that every backup of the database is "
            "encrypted, YYYY-MM-DD. It holds for a year."
        ),
    ),
    "financial_year_end": (
        Type.STRING,
        "12-31",
        "End of the financial year",
        (
            "Its last day as MM-DD, for example 12-31. How long accounting records are kept is "
            "counted from it."
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
            "Somebody who consents to e-mail gets one mail with a link, and counts from when it was "
            "followed: nobody can sign up another's address."
        ),
    ),
    "soft_opt_in_from": (
        Type.STRING,
        "",
        "Soft opt-in from",
        (
            "First day whose orders may let customers be written to of similar products, YYYY-MM-DD: "
            "only those whose own data shows that the opt-out was offered. Empty: no order does."
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
    "status_backlog": (
        Type.OUTPUT,
        "",
        "Waiting",
        "Events of the shop that are not in the register yet.",
    ),
    "status_complete_to": (
        Type.OUTPUT,
        "",
        "Complete to",
        (
            "Everything that happened in the shop before this moment is in the register, by "
            "comparison with the whole shop. A comparison runs every night."
        ),
    ),
    "status_last_error": (
        Type.OUTPUT,
        "",
        "Last error",
        "Why the latest row that could not be taken in was set aside.",
    ),
    "status_without_agreement": (
        Type.OUTPUT,
        "",
        "Without agreement",
        (
            "How many users and apps can see customers in Saleor itself and have not signed the "
            "confidentiality agreement in force, and which."
        ),
    ),
    "status_outward_flows": (
        Type.OUTPUT,
        "",
        "Unmatched outward flows",
        (
            "How many ways lead data out of Saleor (webhooks, apps, payment services, mail, file "
            "storage, error tracking, hosting) to nobody who is registered for it in the European "
            "Union, and which."
        ),
    ),
    "status_retention": (
        Type.OUTPUT,
        "",
        "Erasing",
        "What is due, what was erased last, and what waits for the controller.",
    ),
    "status_description": (
        Type.OUTPUT,
        "",
        "Register description",
        (
            "Which version is published, what is missing before one can be, and what has made the "
            "published text untrue."
        ),
    ),
    "status_problems": (
        Type.OUTPUT,
        "",
        "What needs attention",
        "Empty when all is well.",
    ),
}

CONFIG_STRUCTURE: dict[str, dict[str, str]] = {
    name: {"type": kind, "label": label, "help_text": help_text}
    for name, (kind, _, label, help_text) in FIELDS.items()
}

DEFAULT_CONFIGURATION: list[dict[str, Any]] = [
    {"name": name, "value": default} for name, (_, default, _, _) in FIELDS.items()
]
