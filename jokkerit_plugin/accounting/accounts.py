"""The mapping of entries to accounts: read, check, replace as a whole, and look up."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from babel.numbers import list_currencies
from django.db import IntegrityError, transaction
from pydantic import TypeAdapter, ValidationError

from ..access import guard
from ..access.actor import Actor
from ..access.controllers import controller_only
from ..errors import RegisterError
from ..models import AccountMap
from ..policy.categories import Category
from ..policy.purposes import Purpose
from .chart import DEFAULTS, TAXED, Rule
from .entries import Entry, EntryKind, Treatment

_RULES = TypeAdapter(tuple[Rule, ...])
#: Treatments under which the seller owes VAT.
_OWED = {None, Treatment.DOMESTIC, Treatment.OSS}


class MappingError(RegisterError):
    """A mapping that cannot be used; `field` is `rules.<index>.<name>`."""

    code = "ACCOUNT_MAP"


class NoAccount(RegisterError):
    """The mapping has no rule for an entry."""

    code = "NO_ACCOUNT"


def in_force() -> tuple[int, tuple[Rule, ...]]:
    """Return version and rules; version 0 are the shipped defaults."""
    newest = AccountMap.objects.order_by("-version").first()
    return (newest.version, _RULES.validate_python(newest.rules)) if newest else (0, DEFAULTS)


def read(*, actor: Actor) -> tuple[int, list[dict[str, Any]]]:
    """Return version and rules as plain data, for those who keep the books."""
    with guard.visit(actor, Purpose.BOOKKEEPING, act="accounts", asks=[Category.PURCHASE]):
        version, rules = in_force()
    return version, _RULES.dump_python(rules, mode="json")


def replace(rules: Sequence[Mapping[str, Any]], *, version: int, actor: Actor) -> AccountMap:
    """Put a whole mapping in force, or raise `MappingError` or `ControllersOnly`.

    `rules` are the fields of `Rule`; `version` is the one that they were made from, so that
    nobody overwrites what somebody else has just changed.
    """
    controller_only(actor, "replace accounts")
    checked = parse(rules)
    stale = MappingError("Somebody has changed the accounts: read them again.", field="version")
    if in_force()[0] != version:
        raise stale
    try:
        with transaction.atomic():
            return AccountMap.objects.create(
                version=version + 1,
                rules=_RULES.dump_python(checked, mode="json"),
                edited_by=actor.key,
            )
    except IntegrityError:
        raise stale from None


def parse(rules: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Turn plain data into rules that fit together; raise `MappingError` naming the field."""
    try:
        found = _RULES.validate_python(list(rules))
    except ValidationError as error:
        place = error.errors()[0]["loc"]
        number = f"Rule {int(place[0]) + 1}: " if place else ""
        message = f"{number}this is not a usable value. {_HELP.get(str(place[-1]), '')}".strip()
        raise MappingError(message, field=".".join(map(str, ("rules", *place)))) from None
    for index, rule in enumerate(found):
        _check(index, rule)
    _check_dates(found)
    _check_whole(found)
    return found


_HELP = {
    "kind": f"Choose one of {', '.join(EntryKind)}.",
    "treatment": f"Choose one of {', '.join(Treatment)}, or leave it empty.",
    "currency": "Give three capital letters, for example EUR.",
    "rate": "Give a fraction, for example 0.255.",
    **dict.fromkeys(("debit", "credit", "vat"), "An account has four to eight digits."),
    "vat_code": "A VAT code has at most twelve letters and digits.",
    **dict.fromkeys(("starts", "ends"), "Give a date as YYYY-MM-DD."),
}


def _check(index: int, rule: Rule) -> None:
    def refuse(field: str, message: str) -> MappingError:
        return MappingError(f"Rule {index + 1}: {message}", field=f"rules.{index}.{field}")

    if rule.currency not in list_currencies():
        raise refuse("currency", f"there is no currency {rule.currency}.")
    if rule.starts and rule.ends and rule.ends < rule.starts:
        raise refuse("ends", "it ends before it starts.")
    if rule.debit in {rule.credit, rule.vat}:
        raise refuse("debit", "debit and credit are the same account.")
    if rule.kind not in TAXED and rule.vat:
        raise refuse("vat", f"{rule.kind.value} carries no VAT.")
    if rule.kind in TAXED and not rule.vat and rule.treatment in _OWED and rule.rate != 0:
        message = "the VAT has no account, so debit and credit would differ."
        raise refuse("vat", message)


def _check_dates(rules: Sequence[Rule]) -> None:
    last: dict[object, tuple[date, int]] = {}
    order = sorted(range(len(rules)), key=lambda one: rules[one].starts or date.min)
    for index in order:
        rule = rules[index]
        key = (rule.kind, rule.currency, rule.treatment, rule.rate, rule.gateway)
        ends, other = last.get(key, (None, 0))
        if ends and (rule.starts or date.min) <= ends:
            message = f"Rules {other + 1} and {index + 1} are for the same entries and days."
            raise MappingError(message, field=f"rules.{index}.starts")
        last[key] = (rule.ends or date.max, index)


def _check_whole(rules: Sequence[Rule]) -> None:
    if not rules:
        raise MappingError("There is no rule.", field="rules")
    for currency in sorted({rule.currency for rule in rules}):
        found = {rule.kind for rule in rules if rule.currency == currency}
        if missing := [kind.value for kind in EntryKind if kind not in found]:
            message = f"{currency} has no accounts for {', '.join(missing)}."
            raise MappingError(message, field="rules")


def finder(rules: Iterable[Rule]) -> Callable[[Entry], Rule]:
    """Return what looks up an entry's rule; it raises `NoAccount`."""
    # The rule that names most comes first; a gateway weighs more than a rate or a treatment.
    ordered = sorted(
        rules,
        key=lambda one: (bool(one.gateway), one.rate is not None, bool(one.treatment)),
        reverse=True,
    )
    currencies = {rule.currency for rule in ordered}
    fitting: dict[object, list[Rule]] = {}

    def find(entry: Entry) -> Rule:
        key = (entry.kind, entry.currency, entry.treatment, entry.rate, entry.gateway)
        if key not in fitting:
            fitting[key] = [rule for rule in ordered if _fits(rule, entry)]
        for rule in fitting[key]:
            if (rule.starts or entry.day) <= entry.day <= (rule.ends or entry.day):
                return rule
        if entry.currency not in currencies:
            message = f"There are no accounts for {entry.currency} (order {entry.order_number})."
            raise NoAccount(message, field="currency")
        rate = "no rate" if entry.rate is None else f"{(entry.rate * 100).normalize():f} %"
        message = (
            f"There is no account for {entry.kind.value}, {entry.treatment.value}, {rate}, on"
            f" {entry.day} (order {entry.order_number})."
        )
        raise NoAccount(message, field="rules")

    return find


def _fits(rule: Rule, entry: Entry) -> bool:
    return (
        rule.kind is entry.kind
        and rule.currency == entry.currency
        and rule.treatment in {None, entry.treatment}
        and (rule.rate is None or rule.rate == entry.rate)
        and rule.gateway in {"", entry.gateway}
    )
