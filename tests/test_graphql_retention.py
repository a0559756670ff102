"""GraphQL of retention: stale orders and drafts, and what keeps whom, also of requests."""

from datetime import date, timedelta

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.models import Request
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.retention import stale
from jokkerit_plugin.shop import erasers
from jokkerit_plugin.shop.erasers import Draft
from jokkerit_plugin.web.schema.base import to_global_id
from tests.erasing import erase
from tests.forgetting import FakeEraser
from tests.graphql import House
from tests.kept import Bought, Person, insert

pytestmark = pytest.mark.django_db

STALE = """{ staleOrders(first: 9) { totalCount edges { node {
    purchase saleorOrder orderNumber placedOn status isUnpaid } } } }"""
KEEPS = "keeps { purchase part purpose rule ground until }"
ACCEPT = f"""mutation($id: ID!) {{
    requestAccept(id: $id) {{ request {{ state customer {KEEPS} }} errors {{ code }} }} }}"""
REQUESTS = "{ requests(first: 9) { edges { node { customer keeps { rule } } } } }"
DRAFT = "6f6f1f7c-2c56-4f5e-9a36-0d7b4a6c1f00"


@pytest.fixture
def house(shop):
    house = House(shop)
    house.everybody_signs()
    return house


@pytest.fixture
def saleor():
    fake = FakeEraser()
    erasers.install(fake)
    yield fake
    erasers.install(None)


def asked(person: Person) -> tuple[int, str]:
    """Let somebody ask to be erased; return the customer and the request's id."""
    customer, _ = insert(person)
    row = Request.objects.create(
        customer=customer, origin="account", proof="account", state="open",
        opened_at=clock.now(), due_on=clock.today(),
    )  # fmt: skip
    return customer, to_global_id("RegisterRequest", row.pk)


def test_the_list_of_stale_orders_has_old_drafts_too(house, saleor):
    _, [old] = insert(Person((Bought(placed=date(2020, 1, 1), status="unfulfilled"),)))
    now = clock.now()
    saleor.old_drafts = [
        Draft(DRAFT, "17", now - timedelta(days=800)), Draft("new", "18", now - timedelta(days=9))
    ]  # fmt: skip
    found = house.ask(STALE, "controller")["data"]["staleOrders"]
    assert found["totalCount"] == 2
    order, draft = (edge["node"] for edge in found["edges"])
    assert order["purchase"] == to_global_id("RegisterPurchase", old)
    assert (order["status"], order["isUnpaid"]) == ("unfulfilled", True)
    touched = (now - timedelta(days=800)).astimezone(clock.HELSINKI).date().isoformat()
    assert draft == {
        "purchase": None, "saleorOrder": DRAFT, "orderNumber": "17", "placedOn": touched,
        "status": "draft", "isUnpaid": False,
    }  # fmt: skip


def test_of_a_list_that_is_cut_the_count_is_true(house, saleor, monkeypatch):
    for _ in range(3):
        insert(Person((Bought(placed=date(2020, 1, 1), status="unfulfilled"),)))
    old = clock.now() - timedelta(days=800)
    saleor.old_drafts = [Draft(f"{DRAFT}{number}", str(number), old) for number in range(3)]
    orders, drafts = stale.stale_orders, stale.drafts
    monkeypatch.setattr(stale, "stale_orders", lambda day: orders(day, limit=2))
    monkeypatch.setattr(stale, "drafts", lambda day: drafts(day, limit=1))
    found = house.ask("{ staleOrders(first: 9) { totalCount edges { cursor } } }", "controller")
    assert found["data"]["staleOrders"]["totalCount"] == 6
    assert len(found["data"]["staleOrders"]["edges"]) == 3


def test_what_the_shops_eraser_refuses_to_read_is_not_listed(house, saleor):
    saleor.old_drafts = [Draft(DRAFT, "17", clock.now() - timedelta(days=800))]
    saleor.refuses = "order_order.nickname is unknown."
    assert house.ask(STALE, "controller")["data"]["staleOrders"]["totalCount"] == 0


def test_a_decision_says_what_keeps_the_rest_until_when(house):
    day = clock.today() - timedelta(days=1)
    bought = Bought(placed=day, delivered=day, paid=day, types=())
    customer, key = asked(Person((bought,), entered=day))
    before = house.ask(REQUESTS, "controller")["data"]["requests"]["edges"][0]["node"]
    assert {one["rule"] for one in before["keeps"]} >= {"request", "inactive", "detail"}

    found = house.ask(ACCEPT, "controller", id=key)["data"]["requestAccept"]

    request = found["request"]
    assert (request["state"], found["errors"]) == ("ACCEPTED", [])
    until = date(day.year + 10, 12, 31).isoformat()
    assert [(one["part"], one["rule"], one["until"]) for one in request["keeps"]] == [
        ("IDENTITY", "identity", until), ("FIGURES", "books", until),
    ]  # fmt: skip
    assert all("Accounting Act" in one["ground"] for one in request["keeps"])

    erase(Part.CONTACT, [customer])
    [edge] = house.ask(REQUESTS, "controller")["data"]["requests"]["edges"]
    assert edge["node"]["keeps"] == []


def test_what_keeps_a_page_of_requests_is_read_at_once(house, django_assert_max_num_queries):
    for _ in range(2):
        asked(Person((Bought(),)))
    with django_assert_max_num_queries(100) as few:
        house.ask(REQUESTS, "controller")
    for _ in range(5):
        asked(Person((Bought(),)))
    with django_assert_max_num_queries(len(few)):
        [*edges] = house.ask(REQUESTS, "controller")["data"]["requests"]["edges"]
    assert len(edges) == 7
    assert all(edge["node"]["keeps"] for edge in edges)


def test_what_keeps_a_customer_and_the_purchases(house):
    customer, [purchase] = insert(Person((Bought(placed=clock.today()),)))
    asking = f'{{ dataKeeps(customer: "%s") {KEEPS.removeprefix("keeps")} }}'
    found = house.ask(asking % to_global_id("RegisterCustomer", customer), "controller")
    rows = {(one["purchase"], one["part"], one["rule"]) for one in found["data"]["dataKeeps"]}
    assert (None, "CONTACT", "inactive") in rows
    assert (to_global_id("RegisterPurchase", purchase), "FIGURES", "books") in rows
