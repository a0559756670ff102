"""GraphQL: what is read, by whom, for what, and what the log says of it."""

import base64
import json
import re
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from graphql import parse, validate

from dev.paths import ROOT
from jokkerit_plugin import clock
from jokkerit_plugin.access import chain, restrictions
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.models import (
    AccessEntry,
    Customer,
    Disclosure,
    Grant,
    Purchase,
    Recipient,
    Signature,
)
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.register import intake
from jokkerit_plugin.web.schema import SCHEMA
from tests.graphql import House, codes
from tests.paper_shop import party
from tests.standing import standing

pytestmark = pytest.mark.django_db


def furnished(shop, monkeypatch):
    def buys(name: str, first: str, last: str, **changes) -> None:
        shop.order(name, email=f"{name}@example.com", billing=party(first, last), **changes)

    buys("aino", "Aino", "Mäkelä", placed_at="2026-01-10T10:00:00.000000Z")
    buys("eino", "Eino", "Virtanen", placed_at="2026-02-10T10:00:00.000000Z", currency="SEK")
    buys("åsa", "Åsa", "Öberg", placed_at="2026-03-10T10:00:00.000000Z", channel="sweden")
    shop.order("again", email="aino@example.com", billing=party("Aino", "Mäkelä"),
               placed_at="2026-03-31T21:30:00.000000Z", status="fulfilled")  # fmt: skip
    shop.order("counter", email="", user=None, placed_at="2026-04-01T10:00:00.000000Z")
    with transaction.atomic():
        intake.apply(shop.delivered(), port=shop.port, config=shop.port.config())
    house = House(shop)
    house.everybody_signs()
    return house


house = standing(__name__, furnished)


def names(answer) -> list[str]:
    return [edge["node"]["lastName"] for edge in answer["data"]["customers"]["edges"]]


def numbers(answer) -> list[str]:
    return [edge["node"]["number"] for edge in answer["data"]["purchases"]["edges"]]


def restrict(house, email) -> Customer:
    customer = Customer.objects.get(email=email)
    controller = Actor.of(house.people["controller"])
    restrictions.restrict(customer.pk, ground=RestrictionGround.ACCURACY, actor=controller)
    return customer


def log() -> list[tuple[str, ...]]:
    return list(
        AccessEntry.objects.order_by("seq").values_list(
            "actor", "role", "purpose", "categories", "act", "count", "outcome", "reason"
        )
    )


CARD = "{ customers(first: 10) { totalCount edges { node { id firstName lastName email } } } }"


def test_customers_in_finnish_order_and_one_row_in_the_log(house):
    answer = house.ask(CARD)
    assert names(answer) == ["Mäkelä", "Virtanen", "Öberg"]
    assert answer["data"]["customers"]["totalCount"] == 3
    assert log() == [
        ("user:2", "staff", "service", "email name", "customers", 3, "granted", "")
    ]  # fmt: skip
    assert list(chain.verify(AccessEntry)) == []


def test_search_and_sorting(house):
    found = "{ edges { node { lastName } } } }"
    query = f"query($s: String) {{ customers(first: 9, filter: {{search: $s}}) {found}"
    assert names(house.ask(query, s="ÅSA")) == ["Öberg"]
    assert names(house.ask(query, s="asa")) == []
    assert names(house.ask(query, s="040 1234567")) == ["Mäkelä", "Virtanen", "Öberg"]
    assert names(house.ask(query, s="#2")) == ["Virtanen"]
    by = f"{{ customers(last: 2, sortBy: {{field: NAME, direction: DESC}}) {found}"
    assert names(house.ask(by)) == ["Virtanen", "Mäkelä"]


@pytest.mark.parametrize("search", ["aino", "aino@ex", "mäk", "0401234567", "#1", "4"])
def test_a_search_does_not_tell_that_a_restricted_customer_is_found(house, search):
    query = "query($s: String) { customers(first: 9, filter: {search: $s}) { totalCount } }"
    before = house.ask(query, s=search)["data"]["customers"]["totalCount"]
    restrict(house, "aino@example.com")
    after = house.ask(query, s=search)["data"]["customers"]["totalCount"]
    assert (before, after) == ((3, 2) if search.startswith("04") else (1, 0))
    assert house.ask("{ customers(first: 1) { totalCount } }")["data"]["customers"] == {
        "totalCount": 3
    }


def test_saying_that_it_is_for_a_debt_shows_no_restricted_customer(house):
    restrict(house, "aino@example.com")
    query = "{ customers(first: 9, purpose: COLLECTION) { edges { node { lastName } } } }"
    assert names(house.ask(query)) == ["Virtanen", "Öberg"]


@pytest.mark.usefixtures("keyed")
def test_an_error_names_the_field_as_the_schema_does(house):
    customer = Customer.objects.get(email="aino@example.com")
    given = {
        "customer": _id("RegisterCustomer", customer.pk),
        "address": _id("RegisterAddress", customer.addresses.get().pk),
    }  # fmt: skip
    made = house.ask(
        """mutation($customer: ID!, $address: ID!) { customerRectify(
            customer: $customer, reason: "x",
            right: {addresses: [{id: $address, streetAddress1: ""}]}
        ) { errors { field code } } }""",
        "manager",
        **given,
    )["data"]["customerRectify"]
    assert made == {"errors": [{"field": "streetAddress1", "code": "CORRECTION"}]}


def test_a_search_by_phone_is_logged_as_such(house):
    house.ask('{ customers(first: 1, filter: {search: "0401234567"}) { totalCount } }')
    assert log()[-1][3] == "email name phone purchase"
    house.ask('{ customers(first: 1, filter: {search: "aino"}) { totalCount } }')
    assert log()[-1][3] == "email name"


def test_a_customer_with_all_that_belongs_to_them(house):
    key = Customer.objects.get(email="aino@example.com").pk
    found = house.ask(
        """query($id: ID!) { customer(id: $id, purpose: DELIVERY) {
            lastName email phone isStaff saleorUser
            addresses { streetAddress1 city phone } identifiers { kind value }
            purchases(first: 1) { totalCount edges { node {
                number gross currency party { lastName } lines { name net gross taxRate } } } }
        } }""",
        id=_id("RegisterCustomer", key),
    )["data"]["customer"]
    assert found["addresses"] == [
        {"streetAddress1": "Kaskitie 1", "city": "JUVA", "phone": "+358401234567"}
    ]
    assert {one["kind"] for one in found["identifiers"]} == {"EMAIL", "PHONE"}
    assert (found["purchases"]["totalCount"], found["saleorUser"]) == (2, None)
    node = found["purchases"]["edges"][0]["node"]
    assert (node["number"], node["gross"], node["party"]) == ("4", "12.550", {"lastName": "Mäkelä"})
    assert node["lines"][0]["taxRate"] == "0.2550"
    assert log() == [
        ("user:2", "staff", "delivery", "email name phone postal_address purchase", "customer", 1,
         "granted", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", ["5", "4", "3", "2", "1"]),
        ('numbers: ["2", "3"]', ["3", "2"]),
        ('status: ["fulfilled"]', ["4"]),
        ('channels: ["sweden"]', ["3"]),
        ('currency: "SEK"', ["2"]),
        ('placedOn: {gte: "2026-02-10", lte: "2026-02-10"}', ["2"]),
        # Half past midnight in Helsinki, though still March in UTC.
        ('placedOn: {gte: "2026-04-01"}', ["5", "4"]),
        ('placedAt: {lte: "2026-02-10T10:00:00Z"}', ["2", "1"]),
        ("isTest: true", []),
        ('isTest: false, currency: "EUR", channels: ["sweden"]', ["3"]),
        ("numbers: []", []),
    ],
)
def test_filters_of_purchases(house, given, expected):
    query = f"{{ purchases(first: 9, filter: {{{given}}}) {{ edges {{ node {{ number }} }} }} }}"
    assert numbers(house.ask(query)) == expected


@pytest.mark.parametrize(
    "given",
    [
        'filter: {placedOn: {gte: "2026-02-02", lte: "2026-02-01"}}',
        'filter: {placedOn: {lte: "9999-12-31"}}',
        'filter: {placedOn: {gte: "0001-01-01"}}',
        'filter: {placedAt: {gte: "2026-02-02T00:00:00"}}',
        'filter: {customer: "nonsense"}',
        'filter: {customer: "VXNlcjox"}',
        "filter: {numbers: [" + ", ".join(f'"{n}"' for n in range(101)) + "]}",
        'filter: {currency: "\\u0000"}',
        'filter: {currency: "\\ud800"}',
        'after: "nonsense"',
        'after: "WyJOVU1CRVIiLCAiMSIsIDFd"',
        'after: "W10="',
        'after: "WyJQTEFDRURfQVQiLCAiMDAwMS0wMS0wMVQwMDowMDowMFoiLCAxXQ=="',
        'after: "' + "W" * 4000 + '"',
        'before: "x"',
        "last: 1",
    ],
)
def test_bad_input_is_told_and_nothing_is_shown(house, given):
    answer = house.ask(f"{{ purchases(first: 2, {given}) {{ edges {{ node {{ number }} }} }} }}")
    assert codes(answer) == {"INVALID"}
    assert answer["data"] == {"purchases": None}


def test_a_search_has_254_characters_at_most(house):
    query = "query($s: String) { customers(first: 1, filter: {search: $s}) { totalCount } }"
    assert house.codes(query, s="a " * 127) == set()
    assert house.codes(query, s="a " * 128) == {"INVALID"}


@pytest.mark.parametrize("given", ["", "(first: 0)", "(first: 101)", "(last: -1)"])
def test_a_page_has_1_to_100_rows(house, given):
    assert house.codes(f"{{ customers{given} {{ totalCount }} }}") == {"INVALID"}


@pytest.mark.parametrize("sort", ["NAME", "ENTERED_AT"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_pages_there_and_back_again(house, sort, direction):
    query = (
        "query($first: Int, $after: String, $last: Int, $before: String) {"
        " customers(first: $first, after: $after, last: $last, before: $before,"
        f" sortBy: {{field: {sort}, direction: {direction}}})"
        " { edges { node { lastName } cursor }"
        " pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
    )
    whole = names(house.ask(query, first=10))
    there, info = [], {"endCursor": None, "hasNextPage": True}
    while info["hasNextPage"]:
        answer = house.ask(query, first=1, after=info["endCursor"])
        there += names(answer)
        info = answer["data"]["customers"]["pageInfo"]
    assert there == whole
    assert (info["hasPreviousPage"], info["hasNextPage"]) == (True, False)
    back = names(house.ask(query, last=2, before=info["startCursor"]))
    assert back == whole[:2]


def test_a_cursor_holds_though_its_row_is_gone(house):
    query = (
        "query($a: String) { purchases(first: 2, after: $a) { edges { node { number } cursor } } }"
    )
    cursor = house.ask(query)["data"]["purchases"]["edges"][1]["cursor"]
    Purchase.objects.filter(number__in=["4", "5"]).delete()
    assert numbers(house.ask(query, a=cursor)) == ["3", "2"]


@pytest.mark.parametrize("sort", ["", ", sortBy: {field: NAME, direction: DESC}"])
@pytest.mark.parametrize("restricted", ["aino@example.com", "eino@example.com"])
def test_no_page_in_the_order_of_names_tells_where_a_restricted_customer_stands(
    house, sort, restricted
):
    query = (
        f"query($a: String) {{ customers(first: 1, after: $a{sort})"
        " { totalCount edges { node { lastName } } pageInfo { endCursor hasNextPage } } }"
    )

    def walk() -> list[tuple[list[str], bool, int]]:
        pages, cursor = [], None
        while not pages or cursor:
            answer = house.ask(query, a=cursor)
            found = answer["data"]["customers"]
            more = found["pageInfo"]["hasNextPage"]
            pages.append((names(answer), more, found["totalCount"]))
            cursor = found["pageInfo"]["endCursor"] if more else None
        return pages

    whole = walk()
    hidden = Customer.objects.get(email=restricted).last_name
    restrict(house, restricted)
    left = [page for page in whole if page[0] != [hidden]]
    assert len(left) == 2
    assert walk() == [(left[0][0], True, 3), (left[1][0], False, 3)]


def test_a_cursor_does_not_name_whom_its_page_leaves_out(house):
    restrict(house, "aino@example.com")
    query = (
        "query($a: String) { customers(first: 1, after: $a, sortBy: {field: ENTERED_AT,"
        " direction: ASC}) { edges { node { lastName } } pageInfo { endCursor } } }"
    )
    found = house.ask(query)["data"]["customers"]
    assert found["edges"] == []
    cursor = found["pageInfo"]["endCursor"]
    told = base64.urlsafe_b64decode(cursor)
    assert b"aino" not in told
    assert len(told) == 16 + 128
    assert names(house.ask(query, a=cursor)) != []
    for place in range(0, len(cursor), 16):
        other = "A" if cursor[place] != "A" else "B"
        changed = cursor[:place] + other + cursor[place + 1 :]
        assert house.codes(query, a=changed) == {"INVALID"}


@pytest.mark.promise("P-PURPOSE-BOUND", breaks=True)
def test_what_a_purpose_does_not_give_is_refused_at_its_place_and_nothing_else(house):
    answer = house.ask(
        "{ purchases(first: 1) { edges { node { number email party { lastName city } vatId"
        " customer { id } } } } }",
        "accountant",
    )
    node = answer["data"]["purchases"]["edges"][0]["node"]
    assert node == {
        "number": "5", "email": None, "party": {"lastName": "Mäkelä", "city": "JUVA"},
        "vatId": "", "customer": None,
    }  # fmt: skip
    places = {tuple(one["path"]): codes({"errors": [one]}) for one in answer["errors"]}
    assert places == {
        ("purchases", "edges", 0, "node", "email"): {"PURPOSE_REFUSED"},
        ("purchases", "edges", 0, "node", "customer"): {"PURPOSE_REFUSED"},
    }
    assert [row[2:5] + row[6:] for row in log()] == [
        ("bookkeeping", "email purchase", "purchases", "refused", "PURPOSE_REFUSED"),
        ("bookkeeping", "email name postal_address purchase", "purchases", "refused",
         "PURPOSE_REFUSED"),
        ("bookkeeping", "name postal_address purchase", "purchases", "granted", ""),
    ]  # fmt: skip


def test_a_refusal_is_logged_once_a_request_however_many_rows(house):
    answer = house.ask("{ purchases(first: 9) { edges { node { email } } } }", "accountant")
    assert len(answer["errors"]) == 5
    assert [row[6] for row in log()] == ["refused", "granted"]


def test_fields_of_one_request_for_one_purpose_are_one_row(house):
    house.ask(
        "{ a: customers(first: 1) { edges { node { phone } } }"
        " b: customers(last: 1) { edges { node { email } } }"
        " c: customers(last: 1, purpose: MARKETING) { edges { node { email } } } }"
    )
    assert [(row[2], row[3], row[5]) for row in log()] == [
        ("service", "email name phone", 2),
        ("marketing", "email name", 1),
    ]


def test_the_identity_of_a_restricted_customer_stays_back_and_the_figures_remain(house):
    aino = restrict(house, "aino@example.com")
    assert names(house.ask(CARD)) == ["Virtanen", "Öberg"]
    assert house.codes(
        "query($id: ID!) { customer(id: $id) { email } }", id=_id("RegisterCustomer", aino.pk)
    ) == {"SUBJECT_RESTRICTED"}
    AccessEntry.objects.all().delete()
    answer = house.ask("{ purchases(first: 9) { edges { node { gross party { lastName } } } } }")
    found = [edge["node"] for edge in answer["data"]["purchases"]["edges"]]
    assert [node["gross"] for node in found] == ["12.550"] * 5
    assert [node["party"]["lastName"] for node in found] == [
        "Mäkelä", None, "Öberg", "Virtanen", None,
    ]  # fmt: skip
    assert codes(answer) == {"SUBJECT_RESTRICTED"}
    assert [(row[3], row[5], row[6], row[7]) for row in log()] == [
        ("name purchase", 2, "granted", ""),
        ("purchase", 1, "granted", ""),
        ("name purchase", 1, "refused", "SUBJECT_RESTRICTED"),
    ]
    # Bookkeeping goes on.
    answer = house.ask(
        "{ purchases(first: 9) { edges { node { party { lastName } } } } }", "accountant"
    )
    assert "errors" not in answer


@pytest.mark.promise("P-AGREEMENT", breaks=True)
def test_an_agreement_revoked_under_way_lets_nothing_out(house, monkeypatch):
    from jokkerit_plugin.web.reading import Reading

    sealed = Reading.seal

    def revoked(reading):
        Signature.objects.filter(signer="user:2").update(revoked_at=clock.now())
        sealed(reading)

    monkeypatch.setattr(Reading, "seal", revoked)
    answer = house.ask(CARD)
    assert answer["data"] is None
    assert codes(answer) == {"NO_AGREEMENT"}
    assert "Mäkelä" not in json.dumps(answer, ensure_ascii=False)
    assert log()[-1][6:] == ("refused", "NO_AGREEMENT")


def test_when_the_log_cannot_be_written_nothing_leaves(house, monkeypatch, caplog):
    def broken(model, content):
        raise ZeroDivisionError("Mäkelä")

    monkeypatch.setattr(chain, "append", broken)
    response = house.post({"query": CARD}, "staff")
    assert response.status_code == 500
    assert json.loads(response.content) == {
        "errors": [
            {
                "message": "Internal Server Error",
                "extensions": {"exception": {"code": "INTERNAL_ERROR"}},
            }
        ]
    }
    assert "Mäkelä" not in caplog.text


def test_a_bug_in_a_field_tells_nobody_what_the_row_held(house, monkeypatch, caplog):
    def broken(*args, **kwargs):
        raise ValueError("Mäkelä aino@example.com")

    monkeypatch.setattr("jokkerit_plugin.web.reading.Look.name", broken)
    answer = house.ask(CARD)
    assert codes(answer) == {"INTERNAL_ERROR"}
    assert answer["data"] == {"customers": None}
    assert "Mäkelä" not in caplog.text
    assert "ValueError" in caplog.text


def test_children_are_fetched_for_a_whole_page_at_once(house, django_assert_max_num_queries):
    query = (
        "{ purchases(first: 9) { edges { node { lines { name } movements { amount }"
        " customer { lastName addresses { city } identifiers { kind } } } } } }"
    )
    with django_assert_max_num_queries(36) as few:
        house.ask(query)
    for n in range(20):
        house.shop.order(f"more {n}", email=f"more{n}@example.com")
    with transaction.atomic():
        intake.apply(house.shop.delivered(), port=house.shop.port, config=house.shop.port.config())
    with django_assert_max_num_queries(len(few)):
        house.ask(query.replace("9", "100"))


def test_who_i_am_and_what_is_missing(house):
    query = (
        "{ me { key roles permissions missing { code message } agreement { language }"
        " uses { purpose } } }"
    )
    me = house.ask(query)["data"]["me"]
    assert (me["key"], me["roles"], me["permissions"]) == (
        "user:2", ["STAFF"], ["JOKKERIT_VIEW_REGISTER"],
    )  # fmt: skip
    assert (me["missing"], me["agreement"]) == (None, {"language": "FI"})
    assert {"purpose": "DELIVERY"} in me["uses"]
    assert house.ask(query, "lapsed")["data"]["me"]["missing"]["code"] == "NO_AGREEMENT"
    assert house.ask(query, "no role")["data"]["me"]["missing"]["code"] == "NO_PERMISSION"
    assert log() == []


def test_somebody_new_reads_the_text_signs_and_is_let_in(house):
    house.people["new"] = house.people["staff"].__class__(
        "user:77", house.people["staff"].permissions
    )
    assert house.codes(CARD, "new") == {"NO_AGREEMENT"}
    text = house.ask("{ agreementText { version fi sv en } }", "new")["data"]["agreementText"]
    answer = house.ask(
        "mutation($v: Int!) { agreementSign(version: $v, language: SV) {"
        " agreement { signer version } errors { field message code } } }",
        "new", v=text["version"],
    )  # fmt: skip
    assert answer["data"]["agreementSign"] == {
        "agreement": {"signer": "user:77", "version": 1}, "errors": [],
    }  # fmt: skip
    assert "errors" not in house.ask(CARD, "new")


def test_errors_of_a_mutation_name_field_message_and_code(house):
    answer = house.ask(
        "mutation { agreementSign(version: 99, language: FI) { errors { field message code } } }"
    )
    (error,) = answer["data"]["agreementSign"]["errors"]
    assert (error["field"], error["code"]) == ("version", "AGREEMENT")
    assert error["message"]


def test_the_controller_keeps_the_books(house):
    Grant.objects.all().delete()

    def act(query, **variables):
        answer = house.ask(query, "controller", **variables)
        assert codes(answer) == set(), answer
        (payload,) = answer["data"].values()
        return payload

    act("mutation { agreementRecord(signer: \"paper:Matti\", version: 1, language: FI)"
        " { agreement { id } errors { code } } }")  # fmt: skip
    rows = act('{ agreements(first: 9, filter: {signer: "user:2"}) { edges { node { id } } } }')
    key = rows["edges"][0]["node"]["id"]
    act(
        "mutation($id: ID!) { agreementRevoke(id: $id)"
        " { agreement { revokedAt } errors { code } } }",
        id=key,
    )
    assert house.codes(CARD) == {"NO_AGREEMENT"}
    act('mutation { agreementReadmit(signer: "user:2") { errors { code } } }')
    act("mutation { agreementPublish(input: {fi: \"a\", sv: \"b\", en: \"c\", validDays: 9})"
        " { agreementText { version } errors { code } } }")  # fmt: skip
    act("mutation { agreementSign(version: 2, language: FI) { errors { code } } }")
    until = (clock.now() + timedelta(days=1)).isoformat()
    grant = act("mutation($u: DateTime!) {"
                " grantCreate(holder: \"user:4\", reason: \"ticket 1\", until: $u)"
                " { grant { id holder } errors { code } } }", u=until)["grant"]  # fmt: skip
    assert act("{ grants(first: 1, filter: {isInForce: true}) { totalCount } }") == {
        "totalCount": 1
    }
    act(
        "mutation($id: ID!) { grantEnd(id: $id) { grant { endedAt } errors { code } } }",
        id=grant["id"],
    )
    assert act("{ grants(first: 1, filter: {isInForce: false}) { totalCount } }") == {
        "totalCount": 1
    }
    firm = act(
        'mutation { recipientRegister(input: {kind: INVOICING, name: "Laskut Oy",'
        ' businessId: "1234567-1", country: "FI"}) { recipient { id } errors { code } } }'
    )["recipient"]["id"]
    act("mutation($id: ID!) { recipientRecordAgreements(id: $id, agreementSignedOn: \"2026-01-01\")"
        " { recipient { agreementSignedOn } errors { code } } }", id=firm)  # fmt: skip
    member = act("mutation($id: ID!) { memberAdd(recipient: $id, holder: \"user:88\")"
                 " { member { id } errors { code } } }", id=firm)["member"]["id"]  # fmt: skip
    assert act("mutation($id: ID!) { memberEnd(id: $id) { holders stillOpen errors { code } } }",
               id=member) == {"holders": ["user:88"], "stillOpen": [], "errors": []}  # fmt: skip
    act("mutation($id: ID!) { recipientEnd(id: $id) { holders errors { code } } }", id=firm)
    rows = act(
        "{ recipients(first: 9, filter: {isEnded: true})"
        " { edges { node { id members { holder } } } } }"
    )
    assert rows["edges"] == [{"node": {"id": firm, "members": [{"holder": "user:88"}]}}]
    today = clock.now().astimezone(clock.HELSINKI).date().isoformat()
    act("mutation($id: ID!, $on: Date!) {"
        " recipientRecordOutcome(id: $id, outcome: DELETED, on: $on)"
        " { recipient { dataOutcome } errors { code } } }", id=firm, on=today)  # fmt: skip
    aino = _id("RegisterCustomer", Customer.objects.get(email="aino@example.com").pk)
    key = act("mutation($c: ID!) { restrictionCreate(customer: $c, ground: ACCURACY)"
              " { restriction { id } errors { code } } }", c=aino)["restriction"]["id"]  # fmt: skip
    act("mutation($id: ID!, $on: Date!) { restrictionLift(id: $id, toldOn: $on)"
        " { restriction { liftedAt } errors { code } } }", id=key, on=today)  # fmt: skip
    rows = act(
        "{ restrictions(first: 1, filter: {isLifted: true}) { edges { node { customer } } } }"
    )
    assert rows["edges"] == [{"node": {"customer": aino}}]


def test_the_access_log_is_filtered(house):
    house.ask(CARD)
    house.ask("{ purchases(first: 1) { totalCount } }", "accountant")
    house.ask(CARD, "lapsed")
    aino = _id("RegisterCustomer", Customer.objects.get(email="aino@example.com").pk)

    def seen(given: str) -> list[str]:
        answer = house.ask(
            f"{{ accessLog(first: 9, filter: {{{given}}})"
            " { edges { node { seq actor act } } } }",
            "controller",
        )
        return [edge["node"]["actor"] for edge in answer["data"]["accessLog"]["edges"]]

    assert seen("") == ["user:7", "user:3", "user:2"]
    assert seen('actor: "user:3"') == ["user:3"]
    assert seen("outcome: REFUSED") == ["user:7"]
    assert seen("role: STAFF, purpose: SERVICE") == ["user:2"]
    assert seen(f'customer: "{aino}"') == ["user:2"]
    assert seen('act: "purchases"') == ["user:3"]
    assert seen('at: {lte: "2001-01-01T00:00:00Z"}') == []
    assert seen('on: {gte: "2001-01-01"}') == ["user:7", "user:3", "user:2"]


def test_an_unknown_customer_is_not_found(house):
    assert house.codes(
        "query($id: ID!) { customer(id: $id) { email } }", id=_id("RegisterCustomer", 10**9)
    ) == {"NOT_FOUND"}


def test_every_request_in_the_documentation_is_one():
    text = (ROOT / "docs" / "graphql.md").read_text(encoding="utf-8")
    blocks = [one for one in text.split("\n\n") if re.match(r" {4}(\{ |query|mutation)", one)]
    assert len(blocks) > 9
    for one in blocks:
        assert validate(SCHEMA, parse(one)) == []


def _id(kind: str, key: int) -> str:
    from jokkerit_plugin.web.schema.base import to_global_id

    return to_global_id(kind, key)


BOOKS = [(AccessEntry, "accessLog"), (Disclosure, "disclosures")]


@pytest.mark.parametrize(("model", "book"), BOOKS)
def test_a_page_of_a_log_is_bounded_though_its_rows_name_many(house, model, book):
    many = range(1, 20_001, 2)
    for subjects in (many, [7, 9]):
        write(model, subjects)
    answer = house.ask(
        f"{{ {book}(first: 2) {{ totalCount edges {{ node {{ count subjects }} }} }} }}",
        "controller",
    )
    few, lot = [edge["node"] for edge in answer["data"][book]["edges"]]
    assert few == {"count": 2, "subjects": "{[7,8),[9,10)}"}
    assert lot["count"] == 10_000
    assert 3900 < len(lot["subjects"]) <= 4000
    shown = list(chain.as_ids(lot["subjects"]))
    assert shown == list(many[: len(shown)])


@pytest.mark.parametrize(("model", "book"), BOOKS)
def test_whose_data_it_was_is_read_from_the_database_when_it_is_shown(house, model, book):
    for key in (7, 9):
        write(model, [key])
    with CaptureQueriesContext(connection) as queries:
        house.ask(f"{{ {book}(first: 2) {{ edges {{ node {{ seq }} }} }} }}", "controller")
    assert not [one["sql"] for one in queries if "subjects" in one["sql"]]
    with CaptureQueriesContext(connection) as queries:
        shown = f"{{ {book}(first: 2) {{ edges {{ node {{ subjects }} }} }} }}"
        answer = house.ask(shown, "controller")
    assert len([one for one in queries if "subjects" in one["sql"]]) == 1
    edges = answer["data"][book]["edges"]
    assert [edge["node"]["subjects"] for edge in edges] == ["{[9,10)}", "{[7,8)}"]


def write(model, subjects) -> None:
    """Write a row of the log or the ledger."""
    own = {
        AccessEntry: {"role": "staff", "act": "x"},
        Disclosure: {"what": "x", "sha256": "", "ground": ""},
    }[model]
    if model is Disclosure:
        own["recipient_id"] = Recipient.objects.get().pk
    with transaction.atomic():
        chain.append(model, {
            "at": clock.now(), "actor": "user:2", "purpose": "service", "categories": "name",
            "subjects": chain.as_multirange(subjects), "count": len(subjects), "reason": "",
            "outcome": {AccessEntry: "granted", Disclosure: "done"}[model], **own,
        })  # fmt: skip
