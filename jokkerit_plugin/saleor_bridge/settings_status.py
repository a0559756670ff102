"""The part of the Dashboard's form that only tells: how the register is, and what it lacks."""

from typing import Any

from saleor.plugins.base_plugin import ConfigurationTypeField as Type

#: As `settings_form.FIELDS`.
STATUS: dict[str, tuple[str, Any, str, str]] = {
    "status_problems": (
        Type.OUTPUT,
        "",
        "What needs attention",
        "Empty when all is well.",
    ),
    "status_missing": (
        Type.OUTPUT,
        "",
        "Settings that are missing",
        "What must be filled in below before the register description can be published.",
    ),
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
}
