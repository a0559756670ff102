"""What things are called that the policy names, or the shop alone has."""

import re
from collections.abc import Mapping

from django import template

from ...policy.languages import Language
from ...policy.roles import Role
from ...policy.wording import PURPOSES, ROLES
from .words import day, word, words

register = template.Library()


@register.simple_tag(takes_context=True)
def due(context: template.Context, kind: str, value: str) -> str:
    """Say a part or rule of a dry run: the policy's, or of what is the shop's alone."""
    known = words(context["language"])["words"]
    return str(known[kind].get(value.lower()) or word(context, f"due_{kind}", value))


@register.simple_tag(takes_context=True)
def fact(context: template.Context, name: str) -> str:
    """Say what a fact of the description is about ("retention books")."""
    code = context["language"]
    known = words(code)["words"]
    if found := known["setting"].get(name) or known["fact"].get(name.replace(" ", "_")):
        return str(found)
    kind, _, rest = name.partition(" ")
    return f"{word(context, 'fact', kind)}: {_told(kind, rest, code)}"


@register.simple_tag(takes_context=True)
def fact_value(context: template.Context, name: str, value: str) -> str:
    """Say what a fact of the description is; what a setting quotes stands as it is."""
    known = words(context["language"])["words"]
    if name in known["setting"]:
        return value
    head, sign, clock = value.rpartition("; ") if name.startswith("retention ") else (value, "", "")
    said = re.sub(r"[^;:,]+", lambda found: _part(found[0], known), head)
    # A delivery is what data is for, and what a term begins with.
    return f"{said}{sign}{known['clock'].get(clock, clock)}"


@register.simple_tag(takes_context=True)
def event_more(context: template.Context, event: Mapping[str, str]) -> str:
    """Say what an event's code adds: another request's number, or how and when a copy was given."""
    first, _, rest = event["code"].partition(" ")
    if first == "see":
        return f", {context['text']['see']} {rest}"
    if event["what"] == "HANDED":
        return f": {word(context, 'handed', first)}, {day(rest, context['language'])}"
    return ""


def _part(text: str, known: Mapping[str, Mapping[str, str]]) -> str:
    bare = text.strip()
    count, _, unit = bare.partition(" ")
    kinds = ("fact_word", "purpose", "category", "part")
    said = next((known[kind][bare] for kind in kinds if bare in known[kind]), bare)
    if count.isdecimal() and unit in known["term"]:
        said = f"{count} {known['term'][unit]}"
    return text.replace(bare, said)


def _told(kind: str, name: str, code: str) -> str:
    at = Language.of(code)
    if kind == "purpose":
        return {one.value: texts[at] for one, texts in PURPOSES.items()}.get(name, name)
    if kind == "access" and name in {one.value for one in Role}:
        return ROLES[Role(name)][at]
    rules: dict[str, str] = words(code)["words"]["rule"]
    return rules.get(name, name) if kind == "retention" else name
