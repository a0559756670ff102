"""The first hour and the settings, for the controller: what is set, and what is still to do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import graphene

from ... import checklist
from ...access import office
from ...access.actor import Actor
from ...config import Config
from ...description import notice
from ...policy.languages import Language
from ...policy.permissions import Permission
from ...register.steps import TITLES, Step, StepName
from ...shop.port import shop
from .enums import LanguageEnum, enumeration
from .mutations import mutation

ChecklistStepName = enumeration(
    StepName, "ChecklistStepName", "A step of the first hour, in the order in which they are done.",
    **{one.name: f"{TITLES[one]}." for one in StepName},
)  # fmt: skip

#: Part of the form to its settings.
GROUPS = {
    "CONTROLLER": "controller_name business_id controller_address controller_contact"
    " privacy_contact data_protection_officer hosting_country backups_encrypted_on dashboards",
    "FILLING": "active fill_orders fill_checkouts checkout_days excluded_channels"
    " excluded_gateways test_channels test_gateways vat_id_keys",
    "BOOKS": "financial_year_end financial_year_changes vat_basis vat_oss gift_cards voucher_start"
    " voucher_prefix accounting_emails iban bic",
    "RETENTION": "retention erase_in_shop retention_hour retention_daily_limit bookkeeping_years"
    " identity_years inactive_months detail_years claims_months",
    "MARKETING": "marketing_double_opt_in soft_opt_in_from unsubscribe_mailbox",
    "SITE_LOG": "site_log_days site_log_address_days",
}
SettingGroup = enumeration(
    ((one, one) for one in GROUPS), "SettingGroup", "A part of the form.",
    CONTROLLER="Who the controller is, and where the servers are.",
    FILLING="What is read of the shop.", BOOKS="Financial year, VAT and vouchers.",
    RETENTION="How long data is kept.", MARKETING="Consents.", SITE_LOG="How long lines are kept.",
)  # fmt: skip


class ChecklistStep(graphene.ObjectType):
    """One step of the first hour."""

    name = ChecklistStepName(required=True, description="Which step.")
    is_done = graphene.Boolean(required=True, description="As things stand now.")
    at = graphene.DateTime(description="When it was done, where that is known.")
    what = graphene.List(
        graphene.NonNull(graphene.String), required=True,
        description="What is missing, or is to be looked at: settings, ways out, facts, a number.",
    )  # fmt: skip

    @staticmethod
    def resolve_name(step: Step, _info: Any) -> str:
        return step.name.value

    @staticmethod
    def resolve_is_done(step: Step, _info: Any) -> bool:
        return step.done


class FinancialYear(graphene.ObjectType):
    """Its first and last day."""

    first_day = graphene.Date(required=True, description="Included.")
    last_day = graphene.Date(required=True, description="Included.")


class Checklist(graphene.ObjectType):
    """What is done once, in the first hour."""

    is_done = graphene.Boolean(required=True, description="All steps are.")
    steps = graphene.List(
        graphene.NonNull(ChecklistStep), required=True,
        description="In the order in which they are done.",
    )  # fmt: skip
    register_name = graphene.String(
        required=True, language=LanguageEnum(required=True, description="Of the name."),
        description="As in the description; empty: no controller is named.",
    )  # fmt: skip
    financial_years = graphene.List(
        graphene.NonNull(FinancialYear), required=True, description="The last, this and the next."
    )

    @staticmethod
    def resolve_is_done(found: "_Found", _info: Any) -> bool:
        return all(one.done for one in found.steps)

    @staticmethod
    def resolve_register_name(found: "_Found", _info: Any, language: str) -> str:
        named = found.config.controller_name
        return notice.name(found.config, Language.of(language)) if named else ""

    @staticmethod
    def resolve_financial_years(found: "_Found", _info: Any) -> list[FinancialYear]:
        return [FinancialYear(*one) for one in checklist.financial_years(found.config)]


@dataclass(frozen=True, slots=True)
class _Found:
    config: Config
    steps: tuple[Step, ...]


class Setting(graphene.ObjectType):
    """A setting of the plugin as it counts; it is changed in the shop's Dashboard."""

    name = graphene.String(required=True, description="As in docs/reference/settings.md.")
    group = SettingGroup(required=True, description="Part of the form.")
    value = graphene.String(required=True, description="`true`, `false`, a day, or text.")
    is_usual = graphene.Boolean(required=True, description="It is what counts when nobody chose.")
    problem = graphene.String(required=True, description="Why the stored value cannot be used.")


class Query(graphene.ObjectType):
    """Reading them."""

    checklist = graphene.Field(Checklist, description="The first hour.")
    settings = graphene.List(
        graphene.NonNull(Setting), description="Every setting as it counts now."
    )

    @staticmethod
    def resolve_checklist(_root: Any, info: Any) -> _Found:
        _enter(info)
        config = shop().config()
        return _Found(config, checklist.steps(config))

    @staticmethod
    def resolve_settings(_root: Any, info: Any) -> list[Setting]:
        _enter(info)
        return list(_settings(shop().config()))


def _enter(info: Any) -> None:
    office.enter(info.context.actor, Permission.MANAGE_PRIVACY, act=info.field_name)


def _settings(config: Config) -> Iterator[Setting]:
    usual = {one.name: getattr(Config(active=True), one.name) for one in fields(Config)}
    problems = dict(config.unusable)
    for group, names in GROUPS.items():
        for name in names.split():
            value = getattr(config, name)
            yield Setting(
                name=name, group=group, value=_written(value), is_usual=value == usual[name],
                problem=problems.get(name, ""),
            )  # fmt: skip


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "\n".join(
            f"{one[0]}: {one[1]}" if isinstance(one, tuple) else _written(one) for one in value
        )
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _test_mail(*, actor: Actor, to: str, language: str) -> Mapping[str, Any]:
    return {"sent_at": checklist.test_mail(to, language=language, actor=actor).done_at}


class Mutation(graphene.ObjectType):
    """Trying."""

    mail_test = mutation(
        "MailTest", _test_mail,
        takes={
            "to": graphene.String(required=True, description="One address; it is not stored."),
            "language": LanguageEnum(required=True, description="Of the mail."),
        },
        gives={
            "sent_at": graphene.Field(
                graphene.DateTime,
                description="When the mail server took it; null where there are `errors`.",
            ),
        },
        description="Send a mail that says that the register's mail works.",
    )  # fmt: skip
