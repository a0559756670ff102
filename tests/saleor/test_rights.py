"""Each right from end to end in a real shop: from the customer's click to the copy or certificate.

For an account holder and for a guest, with the mail that comes out of an SMTP server. Who decides
is the controller, over GraphQL.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from base64 import b64encode
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from functools import cached_property
from typing import Any

import pytest
import requests

from demo import orders
from demo.client import Client
from demo.people import Person
from demo.records import Placed
from tests.saleor.live import Seen, until
from tests.saleor.posted import HOME, Posted
from tests.saleor.test_accountant import SIGN, text_in_force
from tests.saleor.test_graphql import Desk
from tests.saleor.whereabouts import whereabouts

pytest_plugins = ("tests.saleor.fixtures_live",)

OPEN = """mutation($kind: RequestKind!, $text: String) { ownRequestOpen(kind: $kind, message: $text)
    { request { state } errors { code message } } }"""
LIST = """{ requests(first: 50, sortBy: {field: NEWEST, direction: ASC}) { edges { node {
    id kind state customer letters { what sentAt } events { what actor } } } } }"""
LOOK = """query($id: ID!) { customer(id: $id) { lastName } }"""
SEARCH = (
    "query($s: String!) { customers(first: 9, filter: {search: $s}) { edges { node { id } } } }"
)
RECTIFY = """mutation($customer: ID!, $request: ID!, $right: CustomerDetailsInput!) {
    customerRectify(
    customer: $customer, request: $request, right: $right, reason: "Asiakas pyysi.") {
    corrections { field } errors { code field message } } }"""
LIFT = "mutation($id: ID!) { restrictionLift(id: $id) { errors { code } } }"


@dataclass
class House(Posted):
    """A shop, its controller, and staff who read."""

    desk: Desk

    @cached_property
    def people(self) -> dict[str, Client]:
        """The controller and staff, whose tokens are made anew before they end."""
        return {
            name: self.live.store.staff.as_person(f"rights-{name}@example.com", "admin")
            for name in ("controller", "staff", "manager")
        }

    @property
    def controller(self) -> str | None:
        return self.people["controller"].token()

    @property
    def staff(self) -> str | None:
        return self.people["staff"].token()

    def rule(self, query: str, **variables: Any) -> dict[str, Any]:
        """Ask as the controller; return the data, which has no errors."""
        return self.desk.must(self.controller, query, **variables)

    def attend(self) -> None:
        self.live.task("jokkerit_plugin.tasks.attend_requests")

    def letter(self, asker: Asker, subject: str) -> str:
        """Wait for a letter; what it says."""
        self.attend()

        def is_it(one: EmailMessage) -> bool:
            return asker.email in str(one["To"]) and one["Subject"] == subject

        found = self.box.wait(is_it)
        self.box.letters.remove(found)
        return str(found.get_content())

    def url(self, letter: str, door: str) -> str:
        """The address at which this shop answers for the link in a letter."""
        [found] = re.findall(rf"https?://\S+/requests/{door}/\S+", letter)
        host = self.live.shop.url.removeprefix("http://")
        assert f"//{host}{HOME}" in found
        return str(found).replace("https:", "http:", 1)

    def press(self, letter: str, door: str) -> requests.Response:
        """Look at a link, as mail scanners do, and then press its button."""
        url = self.url(letter, door)
        for method in ("GET", "HEAD", "GET"):
            looked = requests.request(method, url, timeout=30, allow_redirects=False)
            assert looked.status_code == 200
            assert looked.headers["Content-Type"].startswith("text/html")
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return requests.post(url, headers=form, timeout=60, allow_redirects=False)

    def write(self, asker: Asker, kind: str) -> None:
        """Fill in the form, and confirm it by the button behind the link in the letter."""
        # A mailbox gets three such letters a day; here one person uses all rights in a minute.
        self.live.commands.run("shell", "-c", "from django.core.cache import cache; cache.clear()")
        person = asker.person
        fields = {
            "kind": kind, "email": asker.email, "message": "Kiitos!",
            "name": f"{person.first_name} {person.last_name}",
            "postal_code": person.address["postalCode"],
        }  # fmt: skip
        sent = requests.post(f"{self.home}requests/?lang=fi", fields, timeout=30)
        assert sent.status_code == 200, sent.text
        pressed = self.press(self.letter(asker, "Vahvista tietojasi koskeva pyyntö"), "confirm")
        assert pressed.status_code == 200

    def ask(self, asker: Asker, kind: str) -> str:
        """Ask as one can: with the account's token, or by the form; the request's id."""
        if asker.client is None:
            self.write(asker, kind.lower())
        else:
            client = Client(self.desk.url, token=asker.client.token())
            answer = dict(client.post(OPEN, {"kind": kind, "text": "Kiitos!"}).body or {})
            assert answer["data"]["ownRequestOpen"]["errors"] == [], answer
        self.letter(asker, "Olemme saaneet pyyntösi")
        return str(self.request(asker, kind)["id"])

    def request(self, asker: Asker, kind: str) -> dict[str, Any]:
        found = self.rule(LIST)["requests"]["edges"]
        *_, newest = [
            edge["node"] for edge in found
            if (edge["node"]["customer"], edge["node"]["kind"]) == (asker.gid, kind)
        ]  # fmt: skip
        return dict(newest)

    def one(self, sql: str, *values: object) -> Any:
        row = self.live.database.execute(sql, values).fetchone()
        return None if row is None else next(iter(row.values()))


@dataclass
class Asker:
    """Somebody who bought once, and got it."""

    person: Person
    email: str
    order: Placed
    client: Client | None
    user: int | None
    customer: int = 0
    others: list[str] = field(default_factory=list)

    @property
    def gid(self) -> str:
        return b64encode(f"RegisterCustomer:{self.customer}".encode()).decode()


@pytest.fixture(scope="module")
def house(posted: Posted) -> House:
    posted.live.configure(erase_in_shop=True, privacy_contact="tietosuoja@example.org")
    posted.live.commands.run("register_setup")
    made = House(posted.live, posted.box, Desk(posted.live, f"{posted.home}graphql/"))
    for token in (
        made.desk.staff("rights-controller", "JOKKERIT_MANAGE_PRIVACY"),
        made.desk.staff("rights-staff", "JOKKERIT_VIEW_REGISTER"),
        made.desk.staff("rights-manager", "JOKKERIT_MANAGE_REGISTER"),
    ):
        made.desk.ask(token, SIGN, v=text_in_force(made.desk, token))
    return made


@pytest.fixture(scope="module", params=["account", "guest"])
def asker(request: pytest.FixtureRequest, house: House) -> Asker:
    """Each right is asked by the same person in turn; erasure comes last."""
    stage = house.live.stage
    stranger = stage.buy("suomi", stage.person("suomi"), {"JR-KIRJA": 1})
    if request.param == "account":
        account = stage.account()
        person, client, user = account.person, account.acting(), int(account.key)
        order = stage.buy("suomi", person, {"JR-KIRJA": 1}, client=client)
    else:
        person, client, user = stage.person("suomi"), None, None
        order = stage.buy("suomi", person, {"JR-KIRJA": 1})
    order = orders.fulfil(stage.shop, order)
    house.live.follows(
        Seen(orders=(order.key, stranger.key), accounts=() if user is None else (user,))
    )
    made = Asker(person, order.email, order, client, user, others=[stranger.email])
    made.customer = house.one(
        "SELECT customer_id FROM jokkerit_plugin_purchase WHERE saleor_order = %s", order.key
    )
    return made


def files(content: bytes) -> dict[str, str]:
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    return {name: archive.read(name).decode("utf-8-sig", "replace") for name in archive.namelist()}


@pytest.mark.parametrize("kind", ["access", "portability"])
def test_a_copy_from_the_form_to_the_zip(house: House, asker: Asker, kind: str) -> None:
    house.write(asker, kind)
    house.letter(asker, "Olemme saaneet pyyntösi")

    letter = house.letter(asker, "Jäljennös tiedoistasi on valmis")
    fetched = house.press(letter, "copy")

    assert fetched.headers["Content-Type"] == "application/zip"
    assert fetched.headers["Cache-Control"] == "no-store"
    told = files(fetched.content)
    [bought] = json.loads(told["json/Purchase.json"])
    assert bought["number"] == asker.order.number
    [row] = json.loads(told["json/order_order.json"])
    assert (row["id"], row["user_email"]) == (asker.order.key, asker.email)
    assert ("json/account_user.json" in told) == (asker.user is not None)
    assert f"<h3>Tilaus {asker.order.number}</h3>" in told["index.html"]
    assert asker.order.number in told["csv/Purchase.csv"]
    assert "1336/1997" in told["json/retention.json"]
    everything = "\n".join(told.values())
    assert asker.person.last_name in everything
    assert [one for one in asker.others if one in everything] == []
    row = house.request(asker, kind.upper())
    assert (row["state"], row["events"][-1]) == ("DONE", {"what": "FETCHED", "actor": "person"})


def test_a_copy_by_the_account_s_token(house: House, asker: Asker) -> None:
    if asker.client is None:
        # Without an account there is no token: the door is the form's.
        status, answer = house.desk.ask(None, OPEN, kind="ACCESS")
        assert "NOT_SIGNED_IN" in json.dumps(answer), (status, answer)
        return
    client = Client(house.desk.url, token=asker.client.token())
    answer = dict(client.post(OPEN, {"kind": "ACCESS"}).body or {})["data"]["ownRequestOpen"]
    assert answer == {"request": {"state": "ACCEPTED"}, "errors": []}
    letter = house.letter(asker, "Jäljennös tiedoistasi on valmis")
    told = files(house.press(letter, "copy").content)
    [user] = json.loads(told["json/account_user.json"])
    assert (user["email"], user["password"]) == (asker.email, "(not shown)")


def test_a_rectification_comes_to_its_end_and_its_letter(house: House, asker: Asker) -> None:
    request = house.ask(asker, "RECTIFICATION")
    content = house.rule(
        "mutation($id: ID!) { requestAccept(id: $id) { request { state } errors { code } } }",
        id=request,
    )
    assert content["requestAccept"]["request"] == {"state": "ACCEPTED"}
    house.rule(
        "mutation($id: ID!) { requestCorrected(id: $id, isAlreadyRight: true)"
        " { errors { code } } }",
        id=request,
    )
    assert "Olemme oikaisseet tietosi." in house.letter(asker, "Pyyntösi on täytetty")
    assert house.request(asker, "RECTIFICATION")["state"] == "DONE"


def test_an_objection_and_one_to_direct_marketing(house: House, asker: Asker) -> None:
    before = house.one("SELECT count(*) FROM jokkerit_plugin_suppression WHERE lifted_at IS NULL")
    house.write(asker, "marketing")
    assert "Emme enää lähetä sinulle markkinointia" in house.letter(asker, "Pyyntösi on täytetty")
    closed = house.one("SELECT count(*) FROM jokkerit_plugin_suppression WHERE lifted_at IS NULL")
    assert closed > before
    objected = "SELECT count(*) FROM jokkerit_plugin_purchase WHERE objected_at IS NOT NULL"
    before = house.one(objected)
    request = house.ask(asker, "OBJECTION")
    house.rule("mutation($id: ID!) { requestAccept(id: $id) { errors { code } } }", id=request)
    letter = house.letter(asker, "Pyyntösi on täytetty")
    assert "merkinneet vastustuksesi" in letter
    assert "tositteilta" in letter
    assert house.one(objected) > before


def test_a_restriction_is_in_force_marked_and_told_before_it_is_lifted(
    house: House, asker: Asker
) -> None:
    request = house.ask(asker, "RESTRICTION")
    assert look(house, asker) == asker.person.last_name
    house.rule(
        "mutation($id: ID!) { requestAccept(id: $id, restriction: ACCURACY)"
        " { request { state } errors { code } } }",
        id=request,
    )
    assert "emme käytä niitä" in house.letter(asker, "Pyyntösi on täytetty")
    assert look(house, asker) == "SUBJECT_RESTRICTED"
    assert marked(house, asker) == ("true" if asker.user else None)
    [found] = [
        edge["node"]["id"] for edge in house.rule(
            "query($c: ID) { restrictions(first: 9, filter: {customer: $c, isLifted: false})"
            " { edges { node { id } } } }", c=asker.gid,
        )["restrictions"]["edges"]
    ]  # fmt: skip

    # Who was not told is not lifted.
    _, refused = house.desk.ask(house.controller, LIFT, id=found)
    assert refused["data"]["restrictionLift"]["errors"] == [{"code": "RESTRICTION"}]
    house.rule(
        'mutation($id: ID!) { restrictionAnnounce(id: $id, reason: "Nimi on nyt oikein.")'
        " { errors { code } } }",
        id=found,
    )
    assert look(house, asker) == "SUBJECT_RESTRICTED"
    letter = house.letter(asker, "Tietojesi käytön rajoitus päättyy")
    assert "Nimi on nyt oikein." in letter
    house.rule(LIFT, id=found)
    assert look(house, asker) == asker.person.last_name
    house.attend()
    until(lambda: marked(house, asker) is None, lambda: "the mark is still there")


def look(house: House, asker: Asker) -> str:
    """What staff see of the customer: the last name, or why they do not."""
    _, answer = house.desk.ask(house.staff, LOOK, id=asker.gid)
    if errors := answer.get("errors"):
        return str(errors[0]["extensions"]["exception"]["code"])
    return str(answer["data"]["customer"]["lastName"])


def marked(house: House, asker: Asker) -> str | None:
    found = house.one(
        "SELECT private_metadata ->> 'jokkerit.restricted' FROM account_user WHERE id = %s",
        asker.user or 0,
    )
    return None if found is None else str(found)


@pytest.mark.promise("P-RECTIFY-REQUEST")
def test_a_rectification_from_the_form_to_the_name_that_is_right(
    house: House, asker: Asker
) -> None:
    """From the click: the form, its mail and link; staff correct; the letter says so."""
    house.write(asker, "rectification")
    house.letter(asker, "Olemme saaneet pyyntösi")
    request = house.request(asker, "RECTIFICATION")["id"]
    wrong, right = asker.person.last_name, f"Oikea{asker.customer}"
    assert asker.gid in found_by(house, wrong)
    manager = house.people["manager"].token()
    given = {"customer": asker.gid, "request": request, "right": {"lastName": right}}

    # The controller grants it first.
    _, refused = house.desk.ask(manager, RECTIFY, **given)
    assert [one["code"] for one in refused["data"]["customerRectify"]["errors"]] == ["REQUEST"]
    house.rule("mutation($id: ID!) { requestAccept(id: $id) { errors { code } } }", id=request)
    _, done = house.desk.ask(manager, RECTIFY, **given)
    made = done["data"]["customerRectify"]
    assert made["errors"] == [], done
    assert {"field": "LAST_NAME"} in made["corrections"]

    assert "Olemme oikaisseet tietosi." in house.letter(asker, "Pyyntösi on täytetty")
    row = house.request(asker, "RECTIFICATION")
    assert row["state"] == "DONE"
    assert {"ACCEPTED", "CORRECTED", "DONE"} <= {one["what"] for one in row["events"]}
    assert look(house, asker) == right
    assert asker.gid in found_by(house, right)
    assert asker.gid not in found_by(house, wrong)
    if asker.user is not None:
        name = house.one("SELECT last_name FROM account_user WHERE id = %s", asker.user)
        assert name == right
    # The order is over, and its voucher stays as it was issued.
    billed = "SELECT party_last_name FROM jokkerit_plugin_purchase WHERE saleor_order = %s"
    assert house.one(billed, asker.order.key) == wrong


def found_by(house: House, text: str) -> set[str]:
    """Return the customers whom staff find by a text."""
    _, answer = house.desk.ask(house.staff, SEARCH, s=text)
    assert "errors" not in answer, answer
    return {edge["node"]["id"] for edge in answer["data"]["customers"]["edges"]}


def test_the_controller_is_reminded_by_the_worker_of_what_is_due(
    house: House, asker: Asker
) -> None:
    """Of a request whose mailbox is nobody's, too: the last day is tomorrow."""
    stranger = replace(asker, email=f"tuntematon.{asker.email}", client=None)
    house.write(stranger, "access")
    house.letter(stranger, "Olemme saaneet pyyntösi")
    request = house.one(
        "UPDATE jokkerit_plugin_request SET due_on = CURRENT_DATE + 1, reminded = NULL"
        " WHERE id = (SELECT max(id) FROM jokkerit_plugin_request WHERE customer IS NULL)"
        " RETURNING id"
    )
    house.attend()
    reminder = house.box.wait(lambda one: "tietosuoja@example.org" in str(one["To"]))
    house.box.letters.remove(reminder)
    assert f"Request {request}" in str(reminder["Subject"])
    assert asker.email not in reminder.get_content()


@pytest.mark.promise("P-KEEP-PURPOSE")
def test_an_erasure_from_the_click_to_the_certificate(house: House, asker: Asker) -> None:
    request = house.ask(asker, "ERASURE")
    live = house.live
    house.rule(
        "mutation($id: ID!) { requestAccept(id: $id) { request { state } errors { code } } }",
        id=request,
    )
    accepted = house.letter(asker, "Poistamme tietosi")
    assert "1336/1997" in accepted
    assert re.search(r"31\.12\.20\d\d", accepted)

    # The other one's night was yesterday: there is one a day.
    live.database.execute("UPDATE jokkerit_plugin_plan SET night = night - 1")
    plan = int(live.commands.run("register_retention").split()[1])
    live.commands.run("register_retention", "--approve", str(plan))
    ran, failed = live.commands.outcome("register_retention", "--run")
    assert not failed, ran
    live.task("jokkerit_plugin.tasks.certify")

    assert "Olemme poistaneet tietosi." in house.letter(asker, "Pyyntösi on täytetty")

    def certificate() -> Any:
        sql = (
            "SELECT jsonb_build_object('verdict', verdict, 'findings', findings) AS found"
            " FROM jokkerit_plugin_certificate WHERE customer = %s"
        )
        return house.one(sql, asker.customer)

    until(lambda: certificate() is not None, certificate)
    found = certificate()
    assert found["verdict"] == "kept"
    # What stands is on the certificate, each with the rule that keeps it.
    kept = {f"{one['table']}.{one['column']}" for one in found["findings"]}
    assert all(one["rule"] for one in found["findings"])
    assert standing(house, asker) - kept == set()
    gone = {
        "account_user.email", "jokkerit_plugin_customer.email",
        "jokkerit_plugin_customer.guest_email", "jokkerit_plugin_knownidentifier.value",
    }  # fmt: skip
    assert gone & kept == set()
    if asker.user is not None:
        assert house.one("SELECT 1 FROM account_user WHERE id = %s", asker.user) is None
    assert house.one("SELECT 1 FROM jokkerit_plugin_customer WHERE id = %s", asker.customer) is None
    row = house.request(asker, "ERASURE")
    assert row["state"] == "DONE"
    assert house.one(
        "SELECT sealed FROM jokkerit_plugin_request WHERE customer = %s AND kind = 'erasure'",
        asker.customer,
    ) is None  # fmt: skip


def standing(house: House, *askers: Asker) -> set[str]:
    """The columns in which an e-mail of theirs still stands."""
    return whereabouts(house.live.database, [one.email for one in askers])
