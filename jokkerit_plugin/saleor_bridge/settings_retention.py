"""The part of the Dashboard's form that says how long data is kept."""

from typing import Any

from saleor.plugins.base_plugin import ConfigurationTypeField as Type

#: As `settings_form.FIELDS`.
RETENTION: dict[str, tuple[str, Any, str, str]] = {
    "retention": (
        Type.BOOLEAN,
        True,
        "Erase what nothing keeps",
        (
            "Every night the register erases what no purpose needs any longer. Nothing goes before "
            "the controller has approved a first dry run."
        ),
    ),
    "erase_in_shop": (
        Type.BOOLEAN,
        False,
        "Also erase in Saleor",
        (
            "What is erased in the register goes from Saleor's own tables and files, too. Look at "
            "a dry run first. While this is off, the status says that the promise is not kept."
        ),
    ),
    "retention_hour": (
        Type.STRING,
        "3",
        "Hour of erasing",
        "The hour of the night at which it begins, from 0 to 23, Finnish time.",
    ),
    "retention_daily_limit": (
        Type.STRING,
        "20000",
        "Erased a night at most",
        (
            "How many customers and purchases one night may erase, from 1 to 10,000,000. The rest "
            "goes in the following nights."
        ),
    ),
    "bookkeeping_years": (
        Type.STRING,
        "10",
        "Years to keep the books",
        (
            "Purchase figures, from the end of the year in which the financial year ended. At "
            "least 10: the Accounting Act, and what the register description promises."
        ),
    ),
    "identity_years": (
        Type.STRING,
        "10",
        "Years to keep names on vouchers",
        (
            "10: as long as the books, as the register description promises. 6: as long as the "
            "Accounting Act keeps vouchers; figures stay. The description says which."
        ),
    ),
    "inactive_months": (
        Type.STRING,
        "36",
        "Months until an inactive customer goes",
        (
            "From the last purchase, log-in or consent, from 1 to 120. A customer with an e-mail "
            "address is told 30 days before."
        ),
    ),
    "detail_years": (
        Type.STRING,
        "3",
        "Years to keep details of orders",
        ("What is on no voucher: e-mail address, notes, delivery. From delivery, from 1 to 10."),
    ),
    "claims_months": (
        Type.MULTILINE,
        "*: 24",
        "Months of warranty and recall",
        (
            "How long after delivery goods may come back or be called back: a product type's slug "
            "and months up to 360 a line, for example power-tools: 60. * stands for all others."
        ),
    ),
    "site_log_days": (
        Type.STRING,
        "90",
        "Days to keep the site log",
        (
            "A whole number from 1 to 365. Lines of a day go together after this many days; those "
            "that belong to an incident are kept with it."
        ),
    ),
    "site_log_address_days": (
        Type.STRING,
        "",
        "Days to keep whole addresses in the site log",
        (
            "A whole number from 1 to 365, or empty: addresses stay whole as long as their lines. "
            "After this many days of an address only its network is left (IPv4 /24, IPv6 /48)."
        ),
    ),
}
