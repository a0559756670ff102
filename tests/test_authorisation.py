"""The authorisation matrix: every field of the schema and every path, for everybody."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.http.response import HttpResponseBase
from graphql import GraphQLObjectType, get_named_type

from jokkerit_plugin import clock, keys
from jokkerit_plugin.access import restrictions
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.accounting import close, periods
from jokkerit_plugin.disclosure import collection, flows, transfers
from jokkerit_plugin.marketing import contact_keys, links, uploads
from jokkerit_plugin.marketing import ledger as ledger_of_marketing
from jokkerit_plugin.models import (
    AccessEntry,
    Affected,
    Archive,
    BilledLine,
    Breach,
    BreachEvent,
    BreachSearch,
    Certificate,
    Closing,
    Controller,
    Correction,
    CorrectionTask,
    Customer,
    Export,
    ExportJob,
    Incident,
    IncidentLine,
    OptOutFile,
    OptOutImport,
    Plan,
    Purchase,
    Recipient,
    RefusedLines,
    Request,
    RequestEvent,
    RequestLetter,
    Telling,
    Voucher,
    VoucherNote,
)
from jokkerit_plugin.policy.marketing import Channel, Kind
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.policy.site_log import Refusal
from jokkerit_plugin.register import corrections
from jokkerit_plugin.retention import ledger
from jokkerit_plugin.shop.accounts import ShopAccounts
from jokkerit_plugin.shop.flows import Flow, FlowKind
from jokkerit_plugin.web import assets, health, routes
from jokkerit_plugin.web.schema import SCHEMA
from jokkerit_plugin.web.schema.base import to_global_id
from tests import authorisation
from tests.authorisation import CALLERS, DOORS, MUTATIONS, PATHS, TYPES
from tests.bookkeeping import exported, follow
from tests.buyers import company
from tests.graphql import House, codes
from tests.logs import logged
from tests.opting import declared_empty
from tests.paper_shop import PaperShop, key_of, line, party
from tests.published import described, published

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
    "Use": {"no_role"},
    "MarketingClosed": set(CALLERS),
    "Missing": set(CALLERS) - {"no_role", "lapsed", "firmless"},
}
#: Types in which a refusal stands as `errors`: signing is refused by its payload.
PAYLOADS = {"AgreementSign", "Mutation"}
#: What no refused answer may hold.
SECRETS = ("aino@example.com", "Mäkelä", "Aino", "Kaskitie", "401234567")


@pytest.fixture
def house(shop, monkeypatch):
    shop.order(
        "one", email="aino@example.com", billing=party("Aino", "Mäkelä"),
        invoices=[{"key": 1, "number": "L1", "created_at": "2026-03-01T10:00:00.000000Z"}],
        movements=[{"key": "payment:1", "kind": "payment", "amount": "12.550", "currency": "EUR",
                    "at": "2026-03-01T10:00:00.000000Z", "gateway": "g", "reference": "r"}],
        deliveries=[{"key": 1, "line": str(key_of("line one")), "status": "fulfilled",
                    "quantity": 1, "at": "2026-03-02T10:00:00.000000Z"}],
    )  # fmt: skip
    shop.order("two", email="restricted@example.com")
    shop.order(
        "older", email="older@example.com", status="fulfilled",
        **dict.fromkeys(("placed_at", "paid_at", "delivered_at"), "2024-05-01T10:00:00.000000Z"),
    )  # fmt: skip
    shop.order("stale", email="stale@example.com", placed_at="2025-03-01T10:00:00.000000Z")
    # Sold on the spot: a gift card, and something at a rate that was no longer in force.
    shop.order("three", email="eino@example.com", lines=[
        line("card", is_gift_card=True, net="50.000", gross="50.000", tax_rate="0.0000"),
        line("late", net="10.000", gross="12.400", tax_rate="0.2400"),
    ], delivered_at="2026-03-02T10:00:00.000000Z", net="60.000", gross="62.400")  # fmt: skip
    # Paid in another quarter and member state, not delivered, and given back in part.
    moved = {"key": "payment:4", "kind": "payment", "amount": "11.900", "currency": "EUR",
             "at": "2025-12-30T10:00:00.000000Z", "gateway": "g", "reference": "r"}  # fmt: skip
    back = {"key": "payment:5", "kind": "refund", "amount": "1.190",
            "at": "2026-03-03T10:00:00.000000Z"}  # fmt: skip
    shop.order(
        "four", email="eino@example.com", tax_country="DE", movements=[moved, moved | back],
        lines=[line("four", net="10.000", gross="11.900", tax_rate="0.1900")],
    )  # fmt: skip
    shop.port.settings = replace(shop.port.settings, voucher_start=date(2026, 1, 1))
    follow(shop)
    shop.port.accounts = lambda *_: ShopAccounts(iter(()), iter(()), iter(()))
    monkeypatch.setenv(keys.VARIABLE, "2026:" + "ab" * 32)
    shop.port.settings = replace(shop.port.settings, marketing_double_opt_in=False)
    house = House(shop)
    house.everybody_signs()
    an_export()
    Closing.objects.create(
        first=date(2020, 1, 1), last=date(2020, 1, 31), closed_by="user:3", figures={}, entries=0,
        digest=close.digest(periods.month("2020-01"))[1],
    )  # fmt: skip
    other = Customer.objects.get(email="restricted@example.com")
    controller = Actor.of(house.people["controller"])
    restrictions.restrict(other.pk, ground=RestrictionGround.ACCURACY, actor=controller)
    house.ask("{ purchases(first: 1) { totalCount } }", "staff")
    _markets(house)
    _discloses(house, other, controller)
    _describes(shop)
    _retains(other)
    _was_breached(other)
    _corrects()
    _logs(Customer.objects.get(email="aino@example.com"))
    Certificate.objects.create(
        origin="sample", customer=other.pk, verdict="leftover", hits=1, left_over=1,
        findings=[{"table": "t", "column": "c", "key": "1", "kinds": ["email"], "rule": "",
                   "ground": "", "until": None}],
    )  # fmt: skip
    return house


def _describes(shop: PaperShop) -> None:
    """Two versions, with what changed; now something is missing."""
    published(shop)
    published(shop, detail_years=2)
    described(shop, privacy_contact="")


def _markets(house: House) -> None:
    """Accounts of all who are customers too, a consent, and an import."""
    for caller in (*house.people.values(), None):
        kind, _, key = caller.key.partition(":") if caller else ("user", "", "12")
        if kind == "user":
            house.shop.account(int(key))
    aino = Customer.objects.get(email="aino@example.com")
    ledger_of_marketing.record(
        Kind.CONSENT, Channel.EMAIL, "aino@example.com", source="staff:telephone", customer=aino.pk
    )
    declared_empty()
    house.shop.port.settings = replace(house.shop.port.settings, business_id="2368582-3")
    Controller.objects.create(
        word="new", business_id="2368582-3", name="Jokkerit Trading Oy", by="user:1",
        since=datetime(2020, 1, 1, tzinfo=UTC), at=clock.now(),
    )  # fmt: skip
    uploads.store([b"email\n"], actor=Actor.of(house.people["controller"]))


def _logs(aino: Customer) -> None:
    """Lines of one day, an incident, and a voucher that rests on one of them."""
    at = datetime(2026, 3, 5, 10, tzinfo=UTC)
    one = logged(at, customer=aino.pk, path="/login", method="POST", status=401)
    RefusedLines.objects.create(day=at.date(), reason=Refusal.BINARY, count=1)
    incident = Incident.objects.create(
        purpose="security", reason="Guessing", since=at, until=at + timedelta(hours=1),
        opened_by="user:1", review_on=date(2030, 1, 1),
    )  # fmt: skip
    fields = [field.attname for field in IncidentLine._meta.concrete_fields]
    copied = {name: getattr(one, name) for name in fields if hasattr(one, name) and name != "id"}
    IncidentLine.objects.create(incident=incident, line=one.pk, **copied)
    voucher = Voucher.objects.filter(purchase__customer=aino).first()
    BilledLine.objects.create(
        purchase=voucher.purchase, voucher=voucher, line=one.pk, at=at, method="GET", path="/",
        status=200, size=1, duration=1,
    )  # fmt: skip


def _retains(asked: Customer) -> None:
    """A dry run, a receipt, and a request for erasure."""
    plan = Plan.objects.create(
        day=date(2026, 3, 1), state=Plan.State.LEFT, settings="x", counts={"contact": {"x": 1}}
    )
    ledger.append(
        ledger.receipt(
            plan=plan.pk, part="contact", subjects=[9999], shop_keys=[], rows={}, in_shop=False,
            at=clock.now(),
        )
    )  # fmt: skip
    request = Request.objects.create(
        customer=asked.pk, origin="customer_deleted", state="asks", opened_at=clock.now(),
        due_on="2026-12-01",
    )  # fmt: skip
    RequestEvent.objects.create(request=request, what="received", actor="shop")
    RequestLetter.objects.create(request=request, what="received")
    own = Customer.objects.create(saleor_user=12, email="own@example.com")
    Request.objects.create(
        customer=own.pk, origin="account", state="accepted", kind="erasure", proof="account",
        opened_at=clock.now(), decided_at=clock.now(), decided_by="user:1", due_on="2026-12-01",
    )  # fmt: skip
    for one in (RequestEvent(what="received"), RequestLetter(what="received")):
        one.request = Request.objects.latest("pk")
        one.save()


def _was_breached(affected: Customer) -> None:
    """A breach with a search, somebody affected, and a letter."""
    words = dict.fromkeys(("happened", "consequences", "measures"), "x")
    row = Breach.objects.create(
        state="open", recorded_at=clock.now(), recorded_by="user:1", happened="x",
        letter={"fi": words}, aware_at=clock.now(), due_at=clock.now(), letters_at=clock.now(),
    )  # fmt: skip
    BreachEvent.objects.create(breach=row, what="recorded", actor="user:1")
    BreachSearch.objects.create(
        breach=row, kind="held", categories="email", asked_at=clock.now(), asked_by="user:1"
    )
    Affected.objects.create(breach=row, customer=affected.pk, categories="email")


def _corrects() -> None:
    """A correction with its note on a voucher, a task, and a recipient to be told."""
    aino = Customer.objects.get(email="aino@example.com")
    now = clock.now()
    made = Correction.objects.create(
        customer=aino, field="last_name", last_name="Virtanen", by="user:1", carried="done",
        carried_at=now,
    )  # fmt: skip
    corrections.seal(made, {"last_name": "Mäkelä"}, "She called.")
    made.save()
    VoucherNote.objects.create(purchase=aino.purchases.get(), by="user:1", party_last_name="Oja")
    CorrectionTask.objects.create(
        customer=aino, field="email", sign="bounce", evidence="event:1", opened_by="shop"
    )
    day = date(2026, 3, 1)
    Telling.objects.create(
        recipient=Recipient.objects.earliest("pk"), what="rectification", customer=aino.pk,
        source="correction 1", categories="name", orders=["1"], first_on=day, last_on=day,
        ready_at=now,
    )  # fmt: skip


def _discloses(house: House, debtor: Customer, controller: Actor) -> None:
    """A debt in collection, a request for a transfer, and a way out."""
    today = clock.now().astimezone(clock.HELSINKI).date()
    collection.hand_over(
        debtor.purchases.get().pk, company("debt_collection", "Perintä", actor=controller).pk,
        due_on=today, reason="Reminded twice", review_on=today, actor=controller,
    )  # fmt: skip
    abroad = company("processor", "Toinen", "US", actor=controller)
    transfers.record_request(
        debtor.pk, recipient=abroad.pk, version=transfers.in_force().version, language="fi",
        risks_told=True, requested_at=clock.now(), channel="letter", actor=controller,
    )  # fmt: skip
    flows.register("mail", "mail.example", recipient=abroad.pk, actor=controller)
    house.shop.port.ways_out = [Flow(FlowKind.MAIL, "EMAIL_URL", "mail.example")]


def an_export() -> Export:
    """Make a small file for the accounting firm, as they are stored."""
    export = exported("j.csv", b"Tosite;\r\n")
    ExportJob.objects.create(
        asked_at=clock.now(), asked_by="user:3", format="xlsx", first=export.first,
        last=export.last, language="fi", recipient=export.recipient,
    )  # fmt: skip
    return export


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
    for kind in TYPES:
        with _undone():
            wrong += _wrong(house, kind)
    assert wrong == []


def _wrong(house: House, kind: str) -> Iterator[str]:
    """Ask for every field of a type, and say what is wrong with the answers."""
    for door, together in authorisation.asked(kind):
        query = _query(kind, together)
        for caller, expected in zip(CALLERS, DOORS[door], strict=True):
            before = _last_entry()
            answer = house.ask(query, caller.replace("_", " "))
            fault = _fault(answer, kind, together, caller, expected, _content(query))
            if fault := fault or _unlogged(answer, expected, _refusals(before)):
                yield f"{kind} {together} for {caller}: {fault}"


@contextmanager
def _undone() -> Iterator[None]:
    """Take back what is done inside: the house is built once for many questions."""
    cache.clear()
    before = transaction.savepoint()
    yield
    transaction.savepoint_rollback(before)


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


def _refusals(after: int) -> list[str]:
    """The reasons that the log tells of since an entry, in their order."""
    found = AccessEntry.objects.filter(outcome="refused", seq__gt=after).order_by("seq")
    return list(found.values_list("reason", flat=True))


def _unlogged(answer: Any, expected: str, logged: list[str]) -> str:
    """Say what is wrong with what the log tells of a refusal: each is in it, and nothing else is.

    Who has no key cannot be logged, and who must not sign is told so by the payload.
    """
    if expected in {"ok", "NOT_SIGNED_IN", "AGREEMENT"}:
        return ""
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
        with _undone():
            found[path] = [
                str(ask[path](caller.replace("_", " ")).status_code) for caller in CALLERS
            ]
    assert found == {path: list(PATHS[path]) for path in routes.ROUTES}


def _query(kind: str, fields: list[str]) -> str:
    def nested(field: str) -> bool:
        return isinstance(get_named_type(OBJECTS[kind].fields[field].type), GraphQLObjectType)

    query = authorisation.query(kind, fields, nested)
    for model in (Customer, Purchase):
        query = query.replace(f"%({model.__name__.lower()})s", _id(model, "aino@example.com"))
    for name, model in (("file", OptOutFile), ("import", OptOutImport)):
        if row := model.objects.first():
            query = query.replace(f"%({name})s", to_global_id(f"Register{model.__name__}", row.pk))
    if request := Request.objects.order_by("pk").first():
        query = query.replace("%(request)s", to_global_id("RegisterRequest", request.pk))
    if letter := RequestLetter.objects.order_by("pk").first():
        query = query.replace("%(letter)s", to_global_id("RegisterRequestLetter", letter.pk))
    if breach := Breach.objects.order_by("pk").first():
        query = query.replace("%(breach)s", to_global_id("RegisterBreach", breach.pk))
    if made := Correction.objects.first():
        query = query.replace("%(correction)s", to_global_id("RegisterCorrection", made.pk))
    return query.replace("%(debtor)s", _id(Customer, "restricted@example.com"))


def _id(model: Any, email: str) -> str:
    return to_global_id(f"Register{model.__name__}", model.objects.get(email=email).pk)


def _content(query: str) -> set[str]:
    """The mistake of the content that a mutation's arguments hold."""
    for name, (_, code) in MUTATIONS.items():
        if query.startswith(f"mutation {{ {name}("):
            return {code} - {"ok"}
    return set()
