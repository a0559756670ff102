"""What templates ask of the policy, and of lists that the API gave."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.http import QueryDict

from ...policy.requests import GROUNDS, PROVED, RequestKind, RequestState

register = template.Library()

_PROVED = {one.name for one in PROVED}


@register.filter
def grounds(kind: str) -> list[str]:
    """Return the grounds on which a request of a kind may be refused, as the API names them."""
    return sorted(one.name for one in GROUNDS[RequestKind[kind]])


@register.filter
def unsent(letters: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a letter waits: the one who asked has not been told."""
    return any(one["sentAt"] is None for one in letters)


@register.filter
def of_kind(edges: Sequence[Mapping[str, Any]], kind: str) -> bool:
    """Tell whether a request of a kind is among them: of one kind there is one under way."""
    return any(edge["node"]["kind"] == kind for edge in edges)


@register.filter
def running(searches: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a search for those who are affected is not computed yet."""
    return any(not one["doneAt"] and not one["discardedAt"] for one in searches)


@register.filter
def signers(edges: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return who has signed, each once."""
    return sorted({edge["node"]["signer"] for edge in edges})


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
def doable(edges: Sequence[Mapping[str, Any]], controller: bool) -> list[Mapping[str, Any]]:
    """Return the requests for rectification that may be done: of whom it is known who asks.

    Those that are not granted yet the controller grants by doing them.
    """
    rows = [edge["node"] for edge in edges]
    return [
        one for one in rows
        if one["proof"] in _PROVED and not one["isPartial"]
        and (controller or one["state"] == RequestState.ACCEPTED.name)
    ]  # fmt: skip
