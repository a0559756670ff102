"""The authorisation matrix: every field of the schema and every path, for everybody."""

import functools
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.http.response import HttpResponseBase
from graphql import GraphQLObjectType, get_named_type

from jokkerit_plugin import clock
from jokkerit_plugin.marketing import contact_keys, links
from jokkerit_plugin.models import (
    AccessEntry,
    Archive,
    Breach,
    Correction,
    Customer,
    Export,
    OptOutFile,
    OptOutImport,
    Purchase,
    Request,
    RequestLetter,
)
from jokkerit_plugin.policy.marketing import Channel
from jokkerit_plugin.web import assets, executing, health, routes, view
from jokkerit_plugin.web.schema import SCHEMA
from jokkerit_plugin.web.schema.base import to_global_id
from tests import authorisation, full_house
from tests.authorisation import CALLERS, DOORS, MUTATIONS, PATHS, TYPES
from tests.full_house import undone
from tests.graphql import House, codes
from tests.standing import standing

pytestmark = pytest.mark.django_db

OBJECTS = {
    name: kind
    for name, kind in SCHEMA.get_type_map().items()
    if isinstance(kind, GraphQLObjectType) and not name.startswith("__")
}
ROWS = {
    f"{kind}.{field}": door
    for kind, (_, doors) in TYPES.items()
    for door, fields in doors.items()
    for field in fields.split()
}
#: Who is shown none of these, though the door is open: nothing is missing, no role to use.
EMPTY = {
    "OwnRequest": set(CALLERS) - {"customer"},
    # The logs of the house are whole.
    "ChainFault": set(CALLERS),
    "PermittedUse": {"no_role"},
    "MarketingObstacle": set(CALLERS),
    "AccessObstacle": set(CALLERS) - {"no_role", "lapsed", "firmless"},
}
#: Types in which a refusal stands as `errors`: signing is refused by its payload.
PAYLOADS = {"AgreementSign", "Mutation"}
#: Who has no key cannot be logged, and who must not sign is told so by the payload.
UNLOGGED = {"ok", "NOT_SIGNED_IN", "AGREEMENT"}
#: What no refused answer may hold.
SECRETS = ("aino@example.com", "Mäkelä", "Aino", "Kaskitie", "401234567")


def furnished(shop, monkeypatch):
    # What everybody asks in the same words is read and held against the schema once.
    monkeypatch.setattr(view, "parse", functools.cache(view.parse))
    monkeypatch.setattr(executing, "faults", functools.cache(executing.faults))
    return full_house.fill(shop, monkeypatch)


house = standing(__name__, furnished)


def test_every_field_has_a_row_and_every_row_a_field():
    fields = {f"{name}.{field}" for name, kind in OBJECTS.items() for field in kind.fields}
    assert fields - set(ROWS) == set(), "a new field: who may reach it?"
    assert set(ROWS) - fields == set(), "rows of fields that are gone"
    assert sum(len(fields.split()) for _, doors in TYPES.values() for fields in doors.values()) == (
        len(ROWS)
    ), "a field has two rows"


def test_every_path_has_a_row_and_every_row_a_path():
    assert set(PATHS) == set(routes.ROUTES)


def test_every_door_says_something_of_everybody():
    assert {len(outcomes) for outcomes in (*DOORS.values(), *PATHS.values())} == {len(CALLERS)}


def test_a_mutation_without_a_permission_is_known_by_name():
    """Signing is open to those without one; of claims and books the guard decides by purpose."""
    assert {name.partition(".")[2] for name, door in ROWS.items()
            if name.startswith("Mutation.") and door != "books"} == {
        "agreementSign", "holdReview", "holdInterrupt", "holdRelease", "collectionHandOver",
        "monthClose", "exportCreate", "exportStart", "exportLink", "audienceLink", "siteLogLink",
        "requestOpen", "requestProve",
        "requestContent", "requestLetter", "ownRequestOpen", "customerMarketingUpdate",
        "ownMarketingUpdate", "customerRectify", "correctionContent", "correctionTaskOpen",
        "correctionTaskClose",
    }  # fmt: skip


def test_every_field_for_everybody(house):
    wrong: list[str] = []
    keys = _keys()
    for kind in TYPES:
        with undone():
            wrong += _wrong(house, kind, keys)
    assert wrong == []


def _wrong(house: House, kind: str, keys: dict[str, str]) -> Iterator[str]:
    """Ask for every field of a type, and say what is wrong with the answers."""
    for door, together in authorisation.asked(kind):
        query = _query(kind, together, keys)
        before = _last_entry()
        answers = {caller: house.ask(query, caller.replace("_", " ")) for caller in CALLERS}
        refusals = _refusals(before)
        for caller, expected in zip(CALLERS, DOORS[door], strict=True):
            answer = answers[caller]
            fault = _fault(answer, kind, together, caller, expected, _content(query))
            if expected not in UNLOGGED and not fault:
                logged = refusals.get(house.people[caller.replace("_", " ")].key, [])
                fault = _unlogged(answer, expected, logged)
            if fault:
                yield f"{kind} {together} for {caller}: {fault}"


def _fault(
    answer: Any, kind: str, fields: list[str], caller: str, expected: str, content: set[str]
) -> str:
    """Say what is wrong with an answer, or nothing."""
    found = codes(answer)
    values = {field: list(_values(answer.get("data"), field)) for field in fields}
    if expected == "ok":
        if found != content:
            return f"{found or 'ok'}, not {content or 'ok'}"
        unseen = [field for field in fields if not values[field]]
        return f"{unseen} not in the answer" if unseen and caller not in EMPTY.get(kind, ()) else ""
    if found != {expected}:
        return f"{found or 'ok'}, not {expected}"
    named = {str(error["path"][-1]) for error in answer.get("errors", ()) if "path" in error}
    for field in fields:
        if [one for one in values[field] if one is not None] and kind not in PAYLOADS:
            return f"{field} is shown"
        if values[field] and field not in named and kind not in PAYLOADS:
            return f"{field} is silently null"
    return "tells too much" if any(secret in str(answer) for secret in SECRETS) else ""


def _last_entry() -> int:
    return AccessEntry.objects.order_by("-seq").values_list("seq", flat=True)[0]


def _refusals(after: int) -> dict[str, list[str]]:
    """The reasons that the log tells of since an entry, in their order, by whom it refused."""
    found: dict[str, list[str]] = {}
    logged = AccessEntry.objects.filter(outcome="refused", seq__gt=after).order_by("seq")
    for actor, reason in logged.values_list("actor", "reason"):
        found.setdefault(actor, []).append(reason)
    return found


def _unlogged(answer: Any, expected: str, logged: list[str]) -> str:
    """Say what is wrong with the log of a refusal: each is in it, and nothing else is."""
    fine = set(logged) == {expected} and len(logged) >= len(authorisation.refused_at(answer))
    return "" if fine else f"the log has {logged or 'nothing'}"


def _values(data: Any, name: str) -> Iterator[Any]:
    if isinstance(data, list):
        for one in data:
            yield from _values(one, name)
    elif isinstance(data, dict):
        for key, value in data.items():
            if key == name:
                yield value
            yield from _values(value, name)


def test_a_refusal_is_in_the_log_with_the_field_at_the_top(house):
    house.ask("{ customers(first: 1) { totalCount } }", "accountant")
    house.ask("{ accessLog(first: 1) { totalCount } }", "staff")
    house.ask('mutation { agreementReadmit(signer: "user:9") { errors { code } } }', "staff")
    refused = AccessEntry.objects.filter(outcome="refused").order_by("seq")
    assert list(refused.values_list("actor", "act", "reason")) == [
        ("user:3", "customers", "PURPOSE_REFUSED"),
        ("user:2", "accessLog", "NO_PERMISSION"),
        ("user:2", "agreementReadmit", "NO_PERMISSION"),
    ]  # fmt: skip


def test_every_path_for_everybody(house, monkeypatch):
    monkeypatch.setenv(health.VARIABLE, f"watch:{'cd' * 32}")
    key = contact_keys.keys(Channel.EMAIL, "aino@example.com")[0]
    link = links.token(key, Channel.EMAIL)
    confirmation = links.confirmation(key, Channel.EMAIL, at=clock.now())
    copy = Archive.objects.create(
        request=Request.objects.earliest("pk"), expires_at=clock.now() + timedelta(days=1),
        sha256="0" * 64, size=0,
    )  # fmt: skip
    ask: dict[str, Callable[[str], HttpResponseBase]] = {
        "graphql": lambda token: house.post({"query": "{ me { key } }"}, token),
        "downloads/<id>": lambda token: house.fetch(Export.objects.get().pk, token),
        "audience": lambda token: house.get("audience/?channel=email", token),
        "opt-outs/<id>/rejected": lambda token: house.get(
            f"opt-outs/{OptOutImport.objects.get().pk}/rejected/", token
        ),
        "": lambda token: house.get("", token),
        "description.<form>": lambda token: house.get("description.pdf", token),
        "record.<form>": lambda token: house.get("record.json", token),
        "assets/<asset>": lambda token: house.get(f"assets/{assets.served('pages.css')}/", token),
        "unsubscribe/<token>": lambda token: house.get(f"unsubscribe/{link}/", token),
        "preferences/<token>": lambda token: house.get(f"preferences/{link}/", token),
        "confirm/<token>": lambda token: house.get(f"confirm/{confirmation}/", token),
        "may-contact": lambda token: house.get("may-contact/", token, method="post"),
        "site-log/<view>": lambda token: house.look("errors.csv", token),
        "site-log": lambda token: house.get("site-log/", token, method="post"),
        "manifest": lambda token: house.get("manifest/", token),
        "console": lambda token: house.get("console/", token),
        "console/<page>": lambda token: house.get("console/customers/", token),
        "requests": lambda token: house.get("requests/", token),
        "requests/confirm/<token>": lambda token: house.get("requests/confirm/1~x~00/", token),
        "requests/copy/<token>": lambda token: house.get("requests/copy/1~x~00/", token),
        "requests/<id>/copy": lambda token: house.get(f"requests/{copy.request_id}/copy/", token),
        "health": lambda token: house.get("health/", token),
        "health/<probe>": lambda token: house.get("health/ready/", token),
    }
    found = {}
    for path in routes.ROUTES:
        with undone():
            found[path] = [
                str(ask[path](caller.replace("_", " ")).status_code) for caller in CALLERS
            ]
    assert found == {path: list(PATHS[path]) for path in routes.ROUTES}


def _query(kind: str, fields: list[str], keys: dict[str, str]) -> str:
    def nested(field: str) -> bool:
        return isinstance(get_named_type(OBJECTS[kind].fields[field].type), GraphQLObjectType)

    query = authorisation.query(kind, fields, nested)
    for name, key in keys.items():
        query = query.replace(f"%({name})s", key)
    return query


def _keys() -> dict[str, str]:
    """The ids of what the house has, by the name that stands for it in the queries."""
    first = {
        "file": OptOutFile, "import": OptOutImport, "request": Request, "letter": RequestLetter,
        "breach": Breach, "correction": Correction,
    }  # fmt: skip
    return {
        "customer": _id(Customer, email="aino@example.com"),
        "purchase": _id(Purchase, email="aino@example.com"),
        "debtor": _id(Customer, email="restricted@example.com"),
        **{name: _id(model) for name, model in first.items()},
    }


def _id(model: Any, **which: str) -> str:
    row = model.objects.filter(**which).earliest("pk")
    return to_global_id(f"Register{model.__name__}", row.pk)


def _content(query: str) -> set[str]:
    """The mistake of the content that a mutation's arguments hold."""
    for name, (_, code) in MUTATIONS.items():
        if query.startswith(f"mutation {{ {name}("):
            return {code} - {"ok"}
    return set()
