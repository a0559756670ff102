"""GraphQL: what leaves the shop and what is held because of claims, by whom, and what is logged."""

import json
from datetime import timedelta

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.access import chain
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.models import AccessEntry, Disclosure, Hold, Purchase
from jokkerit_plugin.shop.flows import Flow, FlowKind
from jokkerit_plugin.web.schema.base import to_global_id
from tests.buyers import bought, company, money
from tests.graphql import House, codes
from tests.paper_shop import party
from tests.standing import standing

pytestmark = pytest.mark.django_db

TODAY = clock.now().astimezone(clock.HELSINKI).date()
NAMES = ("Aino", "Mäkelä", "Kaskitie", "aino@example.com", "401234567")

HAND_OVER = """mutation($input: CollectionHandOverInput!) { collectionHandOver(input: $input) {
    document hold { id purchase recipient { name } categories lapsesOn }
    errors { field code } } }"""
PLACE = """mutation($input: HoldPlaceInput!) { holdPlace(input: $input) {
    hold { id customer ground reviewOn } errors { field code } } }"""
RELEASE = """mutation($id: ID!, $r: HoldReleaseReason!) {
    holdRelease(id: $id, releaseReason: $r) {
    hold { releaseReason releasedBy } errors { field code message } } }"""


def furnished(shop, monkeypatch):
    house = House(shop)
    house.everybody_signs()
    return house


house = standing(__name__, furnished)


@pytest.fixture
def controller(house):
    return Actor.of(house.people["controller"])


@pytest.fixture
def collector(controller):
    return company("debt_collection", "Perintä", actor=controller)


def gid(row) -> str:
    kinds = {"RegisteredFlow": "Flow"}
    name = type(row).__name__
    return to_global_id(f"Register{kinds.get(name, name)}", row.pk)


def debt(purchase, collector, **changes):
    return {
        "purchase": gid(purchase), "recipient": gid(collector), "dueOn": "2026-03-15",
        "reason": "Reminded twice", "reviewOn": TODAY.isoformat(),
    } | changes  # fmt: skip


def claim(customer, **changes):
    return {
        "customer": to_global_id("RegisterCustomer", customer), "categories": ["NAME", "EMAIL"],
        "ground": "DISPUTE", "reason": "Case 12", "reviewOn": TODAY.isoformat(),
    } | changes  # fmt: skip


def log() -> list[tuple[str, ...]]:
    return list(
        AccessEntry.objects.order_by("seq").values_list(
            "actor", "act", "purpose", "categories", "count", "outcome"
        )
    )


def test_staff_hand_a_debt_over_see_it_and_end_it_each_logged_once(house, collector):
    purchase = bought(house.shop, "aino")
    found = house.ask("{ collectors { id name } }")["data"]["collectors"]
    assert found == [{"id": gid(collector), "name": "Perintä"}]
    AccessEntry.objects.all().delete()
    given = house.ask(HAND_OVER, "manager", input=debt(purchase, collector))["data"][
        "collectionHandOver"
    ]
    assert given["errors"] == []
    assert json.loads(given["document"])["debtor"]["last_name"] == "Mäkelä"
    assert given["hold"] == {
        "id": gid(Hold.objects.get()), "purchase": gid(purchase), "lapsesOn": "2029-03-15",
        "recipient": {"name": "Perintä"},
        "categories": ["EMAIL", "NAME", "PHONE", "POSTAL", "PURCHASE"],
    }  # fmt: skip
    listed = house.ask("{ holds(first: 9) { totalCount edges { node { id reason } } } }")
    assert listed["data"]["holds"] == {
        "totalCount": 1,
        "edges": [{"node": {"id": given["hold"]["id"], "reason": "Reminded twice"}}],
    }
    ended = house.ask(RELEASE, "manager", id=given["hold"]["id"], r="WRITTEN_OFF")["data"][
        "holdRelease"
    ]
    assert ended == {
        "hold": {"releaseReason": "WRITTEN_OFF", "releasedBy": "user:11"}, "errors": [],
    }  # fmt: skip
    every = "email name phone postal_address purchase"
    assert log() == [
        ("user:11", "hand over", "debt_collection", every, 1, "granted"),
        ("user:2", "holds", "debt_collection", "purchase", 1, "granted"),
        ("user:11", "release hold", "debt_collection", "purchase", 1, "granted"),
    ]
    assert [row.outcome for row in Disclosure.objects.all()] == ["done"]
    assert chain.verify(Disclosure) == []


def test_holds_that_are_no_debts_are_the_controller_s_to_place_see_and_end(house, collector):
    purchase = bought(house.shop, "aino")
    house.ask(HAND_OVER, "manager", input=debt(purchase, collector))
    placed = house.ask(PLACE, "controller", input=claim(purchase.customer_id))
    hold = placed["data"]["holdPlace"]["hold"]
    assert (hold["ground"], placed["data"]["holdPlace"]["errors"]) == ("DISPUTE", [])
    query = "{ holds(first: 9) { edges { node { ground } } } }"

    def grounds(token):
        return [one["node"]["ground"] for one in house.ask(query, token)["data"]["holds"]["edges"]]

    assert grounds("controller") == ["DISPUTE", "COLLECTION"]
    assert grounds("staff") == ["COLLECTION"]
    refused = house.ask(RELEASE, "manager", id=hold["id"], r="SETTLED")["data"]["holdRelease"]
    assert (refused["hold"], refused["errors"][0]["field"]) == (None, "id")
    again = (TODAY + timedelta(days=30)).isoformat()
    reviewed = house.ask(
        "mutation($id: ID!, $on: Date!) { holdReview(id: $id, reviewOn: $on)"
        " { hold { reviewOn } errors { code } } }",
        "controller", id=hold["id"], on=again,
    )  # fmt: skip
    assert reviewed["data"]["holdReview"] == {"hold": {"reviewOn": again}, "errors": []}
    assert house.codes(RELEASE, "controller", id=hold["id"], r="SETTLED") == set()
    assert house.codes(PLACE, "staff", input=claim(purchase.customer_id)) == {"NO_PERMISSION"}


def test_filters_and_order_of_holds(house, collector):
    one, other = bought(house.shop, "aino"), bought(house.shop, "bertta")
    for purchase in (one, other):
        house.ask(HAND_OVER, "manager", input=debt(purchase, collector))
    later = (TODAY + timedelta(days=9)).isoformat()
    house.ask(PLACE, "controller", input=claim(one.customer_id, reviewOn=later))
    first, second, third = Hold.objects.order_by("pk")
    Hold.objects.filter(pk=second.pk).update(review_on=TODAY - timedelta(days=1))
    house.ask(RELEASE, "manager", id=gid(first), r="WITHDRAWN")

    def found(given: str, page: str = "first: 9") -> list[str]:
        query = f"{{ holds({page}, filter: {{{given}}}) {{ edges {{ node {{ id }} cursor }} }} }}"
        edges = house.ask(query, "controller")["data"]["holds"]["edges"]
        found.cursor = edges[-1]["cursor"] if edges else None
        return [edge["node"]["id"] for edge in edges]

    assert found("isReleased: true") == [gid(first)]
    assert found("isReleased: false") == [gid(third), gid(second)]
    assert found("isReviewOverdue: true") == [gid(second)]
    assert found("isReviewOverdue: false, isReleased: false") == [gid(third)]
    assert found("ground: DISPUTE") == [gid(third)]
    assert found(f'purchase: "{gid(other)}"') == [gid(second)]
    assert found(f'customer: "{to_global_id("RegisterCustomer", one.customer_id)}"') == [
        gid(third), gid(first),
    ]  # fmt: skip
    by_review = "first: 1, sortBy: {field: REVIEW_ON, direction: ASC}"
    assert found("", by_review) == [gid(second)]
    assert found("", f'{by_review}, after: "{found.cursor}"') == [gid(first)]
    assert found("", f'{by_review}, after: "{found.cursor}"') == [gid(third)]


def test_the_customers_in_a_list_of_holds_are_in_the_log(house, collector):
    purchases = [bought(house.shop, name) for name in ("aino", "bertta", "cilla")]
    for purchase in purchases:
        house.ask(HAND_OVER, "manager", input=debt(purchase, collector))
    AccessEntry.objects.all().delete()
    house.ask("{ holds(first: 2) { edges { node { id } } } }")
    entry = AccessEntry.objects.get()
    seen = [one.customer_id for one in purchases[1:]]
    assert (entry.subjects, entry.count) == (chain.as_multirange(seen), 2)


def test_lists_cost_the_same_however_many_rows(house, collector, django_assert_max_num_queries):
    queries = [
        "{ holds(first: 9) { edges { node { recipient { name } purchase } } } }",
        "{ disclosures(first: 9) { edges { node { recipient { name members { holder } } } } } }",
    ]

    def count(most: int) -> int:
        with django_assert_max_num_queries(most) as used:
            for query in queries:
                house.ask(query, "controller")
        return len(used)

    house.ask(HAND_OVER, "manager", input=debt(bought(house.shop, "aino"), collector))
    few = count(40)
    for name in ("bertta", "cilla", "doris"):
        house.ask(HAND_OVER, "manager", input=debt(bought(house.shop, name), collector))
    assert count(40) == few


def test_the_ledger_is_filtered_and_says_who_holds_a_customer_s_data(house, collector, controller):
    other = company("debt_collection", "Toinen", actor=controller)
    one, two = bought(house.shop, "aino"), bought(house.shop, "bertta")
    house.ask(HAND_OVER, "manager", input=debt(one, collector))
    house.ask(HAND_OVER, "manager", input=debt(two, other))
    house.ask(HAND_OVER, "manager", input=debt(two, other))
    customer = to_global_id("RegisterCustomer", one.customer_id)

    def found(given: str) -> list[str]:
        answer = house.ask(
            f"{{ disclosures(first: 9, filter: {{{given}}}) {{ edges {{ node {{ seq }} }} }} }}",
            "controller",
        )
        return [edge["node"]["seq"] for edge in answer["data"]["disclosures"]["edges"]]

    assert found("") == ["3", "2", "1"]
    assert found(f'recipient: "{gid(other)}"') == ["3", "2"]
    assert found(f'customer: "{customer}"') == ["1"]
    assert found("outcome: REFUSED") == ["3"]
    assert found("purpose: COLLECTION") == ["3", "2", "1"]
    assert found("purpose: BOOKKEEPING") == []
    assert found(f'on: {{gte: "{TODAY}", lte: "{TODAY}"}}') == ["3", "2", "1"]
    assert found('at: {lte: "2026-01-01T00:00:00Z"}') == []
    row = house.ask(
        "{ disclosures(last: 1) { edges { node { actor recipient { name } purpose categories count"
        " subjects what sha256 ground outcome reason } } } }",
        "controller",
    )["data"]["disclosures"]["edges"][0]["node"]
    assert row.pop("sha256") == Disclosure.objects.get(seq=1).sha256
    assert row == {
        "actor": "user:11", "recipient": {"name": "Perintä"}, "purpose": "COLLECTION",
        "categories": ["EMAIL", "NAME", "PHONE", "POSTAL", "PURCHASE"], "count": 1,
        "subjects": chain.as_multirange([one.customer_id]), "what": f"purchase {one.pk}",
        "ground": None, "outcome": "DONE", "reason": "",
    }  # fmt: skip
    holders = house.ask(
        f'{{ dataHolders(customer: "{customer}") {{ recipient name country endedAt }} }}',
        "controller",
    )
    assert holders["data"]["dataHolders"] == [
        {"recipient": gid(collector), "name": "Perintä", "country": "FI", "endedAt": None}
    ]


def test_what_was_disclosed_of_a_guest_is_found_by_the_account(house, collector):
    purchase = bought(house.shop, "aino")
    house.ask(HAND_OVER, "manager", input=debt(purchase, collector))
    house.shop.account(1, email="aino@example.com")
    account = bought(house.shop, "aino", user=1).customer_id
    assert account != purchase.customer_id
    customer = to_global_id("RegisterCustomer", account)
    for name in ("disclosures", "accessLog", "holds"):
        query = f'{name}(last: 1, filter: {{customer: "{customer}"}}) {{ edges {{ cursor }} }}'
        (found,) = house.ask(f"{{ {query} }}", "controller")["data"].values()
        assert len(found["edges"]) == 1
    holders = house.ask(f'{{ dataHolders(customer: "{customer}") {{ name }} }}', "controller")
    assert holders["data"]["dataHolders"] == [{"name": "Perintä"}]


def test_requests_for_a_transfer_are_recorded_listed_and_taken_back(house, controller):
    abroad = company("bookkeeping", "Toinen", "US", actor=controller)
    customer = to_global_id("RegisterCustomer", bought(house.shop, "aino").customer_id)
    text = house.ask("{ transferText { version fi sv en digest } }", "controller")
    version = text["data"]["transferText"]["version"]
    record = """mutation($input: TransferRequestRecordInput!) {
        transferRequestRecord(input: $input) {
            transferRequest { id version channel recipient { name } customer }
            errors { field code } } }"""
    given = {
        "customer": customer, "recipient": gid(abroad), "version": version, "language": "SV",
        "risksTold": True, "requestedAt": clock.now().isoformat(), "channel": "LETTER",
    }  # fmt: skip
    made = house.ask(record, "controller", input=given)["data"]["transferRequestRecord"]
    request = made["transferRequest"]
    assert made["errors"] == []
    assert (request["channel"], request["recipient"]) == ("LETTER", {"name": "Toinen"})
    for changes, field in (
        ({"risksTold": False}, "risksTold"),
        ({"requestedAt": clock.now().replace(tzinfo=None).isoformat()}, "requestedAt"),
        ({"recipient": to_global_id("RegisterRecipient", 999)}, "recipient"),
        ({"version": version + 1}, "version"),
    ):
        answer = house.ask(record, "controller", input=given | changes)
        assert answer["data"]["transferRequestRecord"] == {
            "transferRequest": None, "errors": [{"field": field, "code": "TRANSFER"}],
        }  # fmt: skip

    def listed(given: str) -> list[str]:
        query = (
            f"{{ transferRequests(first: 9, filter: {{{given}}}) {{ edges {{ node {{ id }} }} }} }}"
        )
        edges = house.ask(query, "controller")["data"]["transferRequests"]["edges"]
        return [edge["node"]["id"] for edge in edges]

    assert listed(f'customer: "{customer}", recipient: "{gid(abroad)}"') == [request["id"]]
    revoke = """mutation($id: ID!) { transferRequestRevoke(id: $id) {
        transferRequest { revokedBy } errors { code } } }"""
    assert house.ask(revoke, "controller", id=request["id"])["data"]["transferRequestRevoke"] == {
        "transferRequest": {"revokedBy": "user:1"}, "errors": [],
    }  # fmt: skip
    assert house.codes(revoke, "controller", id=request["id"]) == {"TRANSFER"}
    assert (listed("isRevoked: false"), listed("isRevoked: true")) == ([], [request["id"]])
    published = house.ask(
        'mutation { transferTextPublish(input: {fi: "a", sv: "b", en: "c"})'
        " { transferText { version } errors { code } } }",
        "controller",
    )
    assert published["data"]["transferTextPublish"]["transferText"]["version"] == version + 1


@pytest.mark.promise("P-NO-DISCLOSURE", "P-EU", breaks=True)
def test_a_way_out_is_shown_as_a_problem_until_a_company_in_the_union_is_at_its_end(
    house, controller
):
    house.shop.port.ways_out = [Flow(FlowKind.WEBHOOK, "webhook:7", "hook.example")]
    query = "{ outwardFlows { kind name host target recipient { name } problem } }"

    def shown() -> dict:
        (one,) = house.ask(query, "controller")["data"]["outwardFlows"]
        return one

    assert shown() == {
        "kind": "WEBHOOK", "name": "webhook:7", "host": "hook.example", "target": "hook.example",
        "recipient": None, "problem": "UNREGISTERED",
    }  # fmt: skip
    register = """mutation($target: String!, $to: ID!) {
        flowRegister(kind: WEBHOOK, target: $target, recipient: $to) {
            registeredFlow { id } errors { field code } } }"""
    end = """mutation($id: ID!) { flowEnd(id: $id) {
        registeredFlow { endedBy } errors { field code } } }"""
    for name, country, problem in (("Toinen", "US", "OUTSIDE_EU"), ("Tili", "FI", None)):
        to = gid(company("processor", name, country, actor=controller))
        made = house.ask(register, "controller", target="hook.example", to=to)
        assert made["data"]["flowRegister"]["errors"] == []
        assert (shown()["recipient"], shown()["problem"]) == ({"name": name}, problem)
        key = made["data"]["flowRegister"]["registeredFlow"]["id"]
        if problem:
            house.ask(end, "controller", id=key)
    assert house.ask("{ outwardFlows(hasProblem: true) { name } }", "controller")["data"] == {
        "outwardFlows": []
    }
    assert len(
        house.ask("{ outwardFlows(hasProblem: false) { name } }", "controller")["data"][
            "outwardFlows"
        ]
    ) == 1  # fmt: skip
    listed = house.ask(
        "{ registeredFlows(first: 9, filter: {kind: WEBHOOK, isEnded: false})"
        " { edges { node { id target } } } }",
        "controller",
    )["data"]["registeredFlows"]["edges"]
    assert listed == [{"node": {"id": key, "target": "hook.example"}}]
    assert house.codes(register, "controller", target="hook.example", to=to) == {"FLOW"}


@pytest.mark.promise("P-NO-DISCLOSURE", "P-USE-COLLECTION", breaks=True)
@pytest.mark.parametrize(
    ("spoil", "code", "field"),
    [
        (lambda to, bought: bought(movements=[money("payment", "12.550")]), "NOT_OWED", "purchase"),
        (lambda to, bought: bought(status="canceled"), "NOT_OWED", "purchase"),
        (lambda to, bought: update(to, kind="processor"), "KIND_NOT_DESCRIBED", "recipient"),
        (lambda to, bought: update(to, kind="invoicing"), "WRONG_PURPOSE", "purpose"),
        (lambda to, bought: update(to, country="US"), "NO_TRANSFER_GROUND", "subjects"),
        (lambda to, bought: update(to, ended_at=clock.now()), "RECIPIENT_ENDED", "recipient"),
        (
            lambda to, bought: update(to, confidentiality_signed_on=None),
            "NO_CONFIDENTIALITY", "recipient",
        ),
    ],
)  # fmt: skip
def test_a_refusal_says_what_is_missing_names_nobody_and_is_in_the_ledger(
    house, collector, spoil, code, field
):
    purchase = bought(house.shop, "aino", billing=party("Aino", "Mäkelä"))
    spoil(collector, lambda **changes: bought(house.shop, "aino", **changes))
    query = HAND_OVER.replace("field code", "field code message")
    answer = house.ask(query, "manager", input=debt(purchase, collector))
    payload = answer["data"]["collectionHandOver"]
    (error,) = payload["errors"]
    assert (error["code"], error["field"]) == (code, field)
    assert (payload["document"], payload["hold"]) == (None, None)
    assert not [name for name in NAMES if name in json.dumps(answer, ensure_ascii=False)]
    row = Disclosure.objects.get()
    assert (row.outcome, row.reason) == ("refused", code)
    assert not [name for name in NAMES if name in row.what + row.reason]
    assert not Hold.objects.exists()


def test_days_that_cannot_be_and_reasons_left_out_are_errors_at_their_field(house, collector):
    purchase = bought(house.shop, "aino")
    for changes, field in (
        ({"dueOn": "2020-01-01"}, "dueOn"),
        ({"dueOn": "9999-12-31"}, "dueOn"),
        ({"interruptedOn": "0001-01-01"}, "interruptedOn"),
        ({"reviewOn": "9999-12-31"}, "reviewOn"),
        ({"reason": " "}, "reason"),
        ({"purchase": to_global_id("RegisterPurchase", 999)}, "purchase"),
    ):
        answer = house.ask(HAND_OVER, "manager", input=debt(purchase, collector) | changes)
        assert answer["data"]["collectionHandOver"]["errors"] == [{"field": field, "code": "HOLD"}]
    assert codes(house.ask(HAND_OVER, "manager", input=debt(purchase, purchase))) == {"INVALID"}
    assert not Disclosure.objects.exists()
    assert Purchase.objects.get().holds.count() == 0


def update(row, **changes) -> None:
    type(row).objects.filter(pk=row.pk).update(**changes)
