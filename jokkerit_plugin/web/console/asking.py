"""What templates ask of the policy, and of lists that the API gave."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.http import QueryDict

from ... import clock
from ...policy.breaches import UNTOLD, BreachState
from ...policy.recipients import in_eu
from ...policy.requests import GROUNDS, PROVED, RequestKind, RequestState
from ...policy.roles import Role

register = template.Library()

#: None: the API did not give the list, and says why.
_Rows = Sequence[Mapping[str, Any]] | None
_PROVED = {one.name for one in PROVED}
_UNTOLD = {one.name for one in UNTOLD}
#: What of an event of a breach is in the controller's own words, and the moment that its clock has.
_WRITTEN = (
    "happened", "who", "consequences", "measures", "aware_at", "risk_reasons", "late_reasons",
    "exempt_reasons", "reference", "reason",
)  # fmt: skip


@register.filter
def grounds(kind: str) -> list[str]:
    """Return the grounds on which a request of a kind may be refused, as the API names them."""
    return sorted(one.name for one in GROUNDS[RequestKind[kind]])


@register.filter
def unsent(letters: _Rows) -> bool:
    """Tell whether a letter waits: the one who asked has not been told. A copy is handed over."""
    return any(one["sentAt"] is None and one["what"] != "ARCHIVE" for one in letters or ())


@register.filter
def copy_waits(letters: _Rows) -> bool:
    """Tell whether the letter with the link to a copy waits: nobody has been given it."""
    return any(one["sentAt"] is None and one["what"] == "ARCHIVE" for one in letters or ())


@register.filter
def fetched_by_us(events: _Rows) -> bool:
    """Tell whether the controller fetched a copy, and nobody has recorded that it was given."""
    last = [one for one in events or () if one["what"] in {"FETCHED", "HANDED"}][-1:]
    return any(one["what"] == "FETCHED" and one["actor"] != "person" for one in last)


@register.filter
def of_kind(edges: _Rows, kind: str) -> bool:
    """Tell whether a request of a kind is among them: of one kind there is one under way."""
    return any(edge["node"]["kind"] == kind for edge in edges or ())


@register.filter
def under_way(edges: _Rows, kind: str) -> bool:
    """Tell whether the same cannot be asked: an objection to marketing can beside another one."""
    return any(
        edge["node"]["kind"] == kind
        and (kind != RequestKind.OBJECTION.name or edge["node"]["isMarketing"])
        for edge in edges or ()
    )


@register.filter
def running(searches: _Rows) -> bool:
    """Tell whether a search for those who are affected is not computed yet."""
    return any(not one["doneAt"] and not one["discardedAt"] for one in searches or ())


@register.filter
def may_be_told(breach: Mapping[str, Any], told: str) -> bool:
    """Tell whether the controller may record of people in this state that they were told."""
    return breach["state"] == BreachState.ASSESSED.name and told in _UNTOLD


@register.filter
def written_down(values: str) -> list[tuple[str, str]]:
    """Return what was written at an event of a breach (its values as JSON), by name."""
    found = json.loads(values)
    return [(name, found[name]) for name in _WRITTEN if found.get(name)]


@register.filter
def signers(edges: _Rows) -> list[str]:
    """Return who has signed, each once."""
    return sorted({edge["node"]["signer"] for edge in edges or ()})


@register.simple_tag(takes_context=True)
def typed(context: template.Context, operation: str, name: str, usual: str | None = "") -> str:
    """Return what was typed into a form that was refused, to be mended; else what is usual."""
    given = context["given"]
    if context.get("refused") and given.get("operation") == operation:
        return str(given.get(name, ""))
    return usual or ""


@register.filter
def under(given: QueryDict, name: str) -> dict[str, Any]:
    """Return what a form gave of an input, by its fields' names."""
    start = f"{name}."
    return {
        one.removeprefix(start): given.getlist(one) if one == f"{name}.categories" else given[one]
        for one in given
        if one.startswith(start)
    }


@register.filter
def maintainers(users: _Rows) -> list[Mapping[str, Any]]:
    """Return those to whom a grant opens something: people who see the log, and no more."""
    return [
        one for one in users or ()
        if one["isActive"] and Role.MAINTAINER.name in one["roles"]
        and one["key"].startswith("user:")
    ]  # fmt: skip


@register.filter
def outside(edges: _Rows) -> list[Mapping[str, Any]]:
    """Return the recipients that are outside the European Union."""
    return [edge["node"] for edge in edges or () if not in_eu(edge["node"]["country"])]


@register.filter
def passed(moment: str) -> bool:
    """Tell whether a moment (ISO 8601, with its zone) is past."""
    return datetime.fromisoformat(moment) <= clock.now()


@register.filter
def doable(edges: _Rows, controller: bool) -> list[Mapping[str, Any]]:
    """Return the requests for rectification that may be done: of whom it is known who asks.

    Those that are not granted yet the controller grants by doing them.
    """
    rows = [edge["node"] for edge in edges or ()]
    return [
        one for one in rows
        if one["proof"] in _PROVED and not one["isPartial"]
        and (controller or one["state"] == RequestState.ACCEPTED.name)
    ]  # fmt: skip
