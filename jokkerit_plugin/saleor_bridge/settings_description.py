"""The part of the Dashboard's form that the register description is filled in from."""

from typing import Any

from saleor.plugins.base_plugin import ConfigurationTypeField as Type

#: As `settings_form.FIELDS`.
DESCRIPTION: dict[str, tuple[str, Any, str, str]] = {
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
    "dashboards": (
        Type.STRING,
        "",
        "Address of the Dashboard",
        (
            "Where this Dashboard is opened, as the browser shows it, for example"
            " https://dashboard.example.com/; several separated by commas. Only there the register"
            " is shown in the Dashboard. Empty: where DASHBOARD_URL or the shop's own address says."
        ),
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
}
