"""How far work is, and what stands in the way: what templates ask of the API's answers."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import template

from .words import sentence, words

register = template.Library()


@register.filter
def at_work(edges: Sequence[Mapping[str, Any]] | None) -> bool:
    """Tell whether some work of a list is not done yet: then the page looks again."""
    return any(edge["node"]["state"] in {"WAITING", "RUNNING"} for edge in edges or ())


@register.filter
def not_done(edges: Sequence[Mapping[str, Any]] | None) -> list[Mapping[str, Any]]:
    """Return what of a list is still at work, or failed."""
    return [edge for edge in edges or () if edge["node"]["state"] != "DONE"]


@register.simple_tag(takes_context=True)
def obstacle(context: template.Context, found: Mapping[str, str]) -> str:
    """Say what keeps a month from being closed; with its number, where it tells of one."""
    known = words(context["language"])["words"]["obstacle"].get(found["code"].lower(), "")
    number = re.search(r"\d[\d-]*", found["message"])
    text: str = known or found["message"]
    return text.format(number=number[0] if number else "")


@register.simple_tag(takes_context=True)
def said(context: template.Context, code: str, message: str, field: str = "") -> str:
    """Say an error that stands in an answer."""
    return sentence(message, code, field, context["language"])


@register.simple_tag(takes_context=True)
def closed_for(context: template.Context, found: Mapping[str, str]) -> str:
    """Say why nobody may be contacted, and what to do."""
    known = words(context["language"])["words"]["closed"]
    return str(known.get(found["code"].lower(), found["message"]))


@register.filter
def rule_changes(
    given: Mapping[str, str], rules: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return what a form changes in the rules of the accounts, a change of one field a row."""
    found: list[dict[str, Any]] = []
    for place, rule in enumerate(rules):
        if given.get(f"rules.{place}.without"):
            found.append({"rule": rule})
            continue
        for name in ("debit", "credit", "vat", "vatCode"):
            was, now = rule[name] or "", given.get(f"rules.{place}.{name}", "").strip()
            if was != now:
                found.append({"rule": rule, "name": name, "was": was, "now": now})
    start = f"rules.{len(rules)}."
    if given.get(f"{start}kind"):
        new = {name.removeprefix(start): one for name, one in given.items() if start in name}
        found.append({"rule": new, "is_new": True})
    return found


@register.filter
def looks_like_address(column: str) -> bool:
    """Tell whether a column of a file is likely to hold addresses, by its name."""
    return any(part in column.lower() for part in ("mail", "posti", "phone", "puhelin", "address"))


@register.filter
def field(row: Mapping[str, Any], name: str) -> Any:
    """Return a field whose name the template holds in a variable."""
    return row.get(name)
