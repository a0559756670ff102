"""Which accounts entries are booked to: the accounting firm reads it, the controller changes it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import graphene

from ...access.actor import Actor
from ...accounting import accounts
from .mutations import changed, mutation
from .vat_enums import TreatmentEnum
from .vouchers import EntryKindEnum


class AccountRule(graphene.ObjectType):
    """Where the entries of one kind go: gross to `debit`, net to `credit`, VAT to `vat`."""

    kind = EntryKindEnum(required=True, description="Of which entries.")
    currency = graphene.String(required=True, description="ISO 4217.")
    treatment = TreatmentEnum(description="Null: any.")
    rate = graphene.Decimal(description="A fraction.")
    gateway = graphene.String(
        required=True, description="The payment service, as the shop calls it; empty: any."
    )
    starts = graphene.Date(description="First day; null: open.")
    ends = graphene.Date(description="Last day; null: open.")
    debit = graphene.String(
        required=True,
        description="Account, four to eight digits: takes gross; a negative amount changes sides.",
    )  # fmt: skip
    credit = graphene.String(required=True, description="Account that takes net.")
    vat = graphene.String(description="Account that takes the VAT; null: the kind carries none.")
    vat_code = graphene.String(required=True, description="Netvisor's code; empty: none.")

    @staticmethod
    def resolve_starts(rule: Mapping[str, Any], _info: Any) -> date | None:
        return date.fromisoformat(rule["starts"]) if rule["starts"] else None

    @staticmethod
    def resolve_ends(rule: Mapping[str, Any], _info: Any) -> date | None:
        return date.fromisoformat(rule["ends"]) if rule["ends"] else None


class AccountMap(graphene.ObjectType):
    """All rules; of those that fit an entry the one that names most decides."""

    version = graphene.Int(required=True, description="0: the shipped ones.")
    rules = graphene.List(
        graphene.NonNull(AccountRule), required=True,
        description="All of them; a new map replaces all.",
    )  # fmt: skip


class AccountRuleInput(graphene.InputObjectType):
    """A rule; what is left out fits every entry. Values are checked with the mapping."""

    kind = EntryKindEnum(required=True, description="Of which entries.")
    currency = graphene.String(required=True, description="ISO 4217.")
    treatment = TreatmentEnum(description="How VAT treats the sale.")
    rate = graphene.String(description="A fraction, for example 0.255.")
    gateway = graphene.String(description="The payment service, as the shop calls it.")
    starts = graphene.String(description="First day of the entry, YYYY-MM-DD.")
    ends = graphene.String(description="Last day of the entry, YYYY-MM-DD.")
    debit = graphene.String(
        required=True, description="Account, four to eight digits, not beginning with 0."
    )
    credit = graphene.String(required=True, description="Account, as `debit`.")
    vat = graphene.String(description="Account of the VAT; of kinds that carry VAT alone.")
    vat_code = graphene.String(description="Netvisor's, 12 letters or digits at most.")


class Query(graphene.ObjectType):
    """Reading the accounts."""

    account_map = graphene.Field(
        AccountMap, description="The map in force: which account each entry goes to."
    )

    @staticmethod
    def resolve_account_map(_root: Any, info: Any) -> Mapping[str, Any]:
        version, rules = accounts.read(actor=info.context.actor)
        return {"version": version, "rules": rules}


def _replace(
    *, actor: Actor, version: int, rules: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any]:
    # What is null is left out, as in a rule's own defaults.
    given = [{name: one for name, one in rule.items() if one is not None} for rule in rules]
    made = accounts.replace(given, version=version, actor=actor)
    return {"account_map": {"version": made.version, "rules": made.rules}}


class Mutation(graphene.ObjectType):
    """Changing the accounts."""

    account_map_replace = mutation(
        "AccountMapReplace", _replace,
        takes={
            "version": graphene.Int(required=True, description="The one that was read."),
            "rules": graphene.List(
                graphene.NonNull(AccountRuleInput), required=True,
                description="All rules; what is not among them is gone.",
            ),
        },
        gives={"account_map": changed(AccountMap)}, description="Put a whole mapping in force.",
    )  # fmt: skip
