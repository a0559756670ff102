"""The accounting firm at work in a real shop: lets itself in, reads, fetches, and goes out."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import requests

from demo.records import Placed
from tests import authorisation
from tests.saleor.live import Live, Seen, until
from tests.saleor.test_graphql import Desk
from tests.saleor.test_vat import PARTS, sell

pytest_plugins = ("tests.saleor.fixtures_live",)

GROUP = "Tilitoimisto / Accounting firm"
EMAIL = "tilitoimisto@example.com"
FIRM = {
    "kind": "BOOKKEEPING", "name": "Tilitoimisto", "businessId": "1234567-1", "country": "FI",
    "agreementSignedOn": "2026-01-01", "confidentialitySignedOn": "2026-01-01",
}  # fmt: skip
MIXED = {"JR-PAITA": 1, "JR-KAHVI": 3, "JR-LEHTI": 1}
#: Saleor's own tables: lines and shipping of orders by currency, country and rate.
SHOP = f"""
    SELECT o.currency, a.country, part.rate, sum(part.net) AS net, sum(part.gross) AS gross
    FROM order_order o JOIN account_address a ON a.id = o.shipping_address_id
    JOIN ({PARTS}) part ON part.order_id = o.id
    WHERE o.id = ANY(%s::uuid[]) GROUP BY 1, 2, 3"""

SIGN = "mutation($v: Int!) { agreementSign(version: $v, language: FI) { errors { code } } }"
VAT = """query($period: PeriodInput!) { vatReport(period: $period) {
    unbooked lines { currency country rate net gross } boxes { box amount } } }"""
REGISTER = """mutation($input: RecipientRegisterInput!) { recipientRegister(input: $input) {
    recipient { id } errors { message } } }"""
JOIN = """mutation($firm: ID!, $who: String!) { memberAdd(recipient: $firm, holder: $who) {
    errors { message } } }"""
CREATE = """mutation($input: ExportCreateInput!) { exportCreate(input: $input) {
    export { id url sha256 size filename } errors { field message code } } }"""
LINK = "mutation($id: ID!) { exportLink(id: $id) { url seconds errors { code } } }"
SCHEMA = """{ __schema { types { name kind fields(includeDeprecated: true) { name type {
    kind ofType { kind ofType { kind ofType { kind ofType { kind } } } } } } } } }"""
FORMATS = ("JOURNAL_CSV", "XLSX", "NETVISOR", "PROCOUNTOR", "FINVOICE")

#: What the accountant asks beyond the work with more than a field's name: the query, the refusal.
#: Every field of the schema is asked by the matrix's own table (`everything_else`).
ELSEWHERE = {
    "customers": ("{ customers(first: 1) { totalCount } }", "PURPOSE_REFUSED"),
    "customer": ('{ customer(id: "x") { email } }', "PURPOSE_REFUSED"),
    "purchases": (
        "{ purchases(first: 1, purpose: MARKETING) { totalCount } }", "PURPOSE_REFUSED",
    ),
    "accessLog": ("{ accessLog(first: 1) { totalCount } }", "NO_PERMISSION"),
    "agreements": ("{ agreements(first: 1) { totalCount } }", "NO_PERMISSION"),
    "grants": ("{ grants(first: 1) { totalCount } }", "NO_PERMISSION"),
    "recipients": ("{ recipients(first: 1) { totalCount } }", "NO_PERMISSION"),
    "restrictions": ("{ restrictions(first: 1) { totalCount } }", "NO_PERMISSION"),
    "accountMapReplace": (
        "mutation { accountMapReplace(version: 0, rules: []) { errors { code } } }",
        "NO_PERMISSION",
    ),
    "agreementReadmit": (
        'mutation { agreementReadmit(signer: "user:1") { errors { code } } }', "NO_PERMISSION",
    ),
    "memberEnd": ('mutation { memberEnd(id: "x") { errors { code } } }', "NO_PERMISSION"),
}  # fmt: skip

Sums = dict[tuple[str, str, Decimal | None], tuple[Decimal, Decimal]]


@dataclass
class Office:
    """The accountant, the controller, and the desk at which both ask."""

    desk: Desk
    controller: str
    token: str
    key: str
    firm: str

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Ask as the accountant; return the whole answer."""
        return self.desk.ask(self.token, query, **variables)[1]

    def rule(self, query: str, **variables: Any) -> dict[str, Any]:
        """Ask as the controller; return the data, which has no errors."""
        return self.desk.must(self.controller, query, **variables)

    def get(self, url: str, token: str = "", method: str = "GET") -> requests.Response:
        """Fetch an address of the shop's host."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        host = self.desk.live.shop.url
        return requests.request(method, host + url, headers=headers, timeout=60)

    def refusals(self) -> list[tuple[str, str]]:
        """What the controller finds in the access log that the accountant was refused."""
        query = """query($actor: String, $after: String) { accessLog(
            first: 100, after: $after, filter: {actor: $actor, outcome: REFUSED}) {
            edges { node { act reason } } pageInfo { hasNextPage endCursor } } }"""
        found, page = list[tuple[str, str]](), {"hasNextPage": True, "endCursor": None}
        while page["hasNextPage"]:
            answer = self.rule(query, actor=self.key, after=page["endCursor"])["accessLog"]
            found += [(edge["node"]["act"], edge["node"]["reason"]) for edge in answer["edges"]]
            page = answer["pageInfo"]
        return found[::-1]


def codes(answer: dict[str, Any]) -> list[str]:
    return [one["extensions"]["exception"]["code"] for one in answer.get("errors", ())]


def hire(live: Live) -> str:
    """Make a staff user of the accounting firm's group by Saleor's own API; return the token."""
    admin = live.store.staff
    found = admin.call("{ permissionGroups(first: 100) { edges { node { id name } } } }")
    groups = {one["node"]["name"]: one["node"]["id"] for one in found["permissionGroups"]["edges"]}
    given = {"email": EMAIL, "addGroups": [groups[GROUP]]}
    admin.mutate("staffCreate", "user { id }", input=("StaffCreateInput!", given))
    live.write(
        "UPDATE account_user SET password = (SELECT password FROM account_user"
        " WHERE email = 'admin@example.com'), is_confirmed = true WHERE email = %s",
        EMAIL,
    )
    return str(admin.as_person(EMAIL, "admin").token())


def text_in_force(desk: Desk, token: str) -> int:
    _, answer = desk.ask(token, "{ agreementText { version } }")
    return int(answer["data"]["agreementText"]["version"])


@pytest.fixture(scope="module")
def office(live: Live) -> Office:
    """A shop set up for an accounting firm, which is registered; its accountant is hired."""
    live.commands.run("register_setup")
    live.configure(
        voucher_start="2000-01-01", controller_name="Jokkerit Trading Oy",
        business_id="2368582-3", controller_address="Kaskitie 7\n51900 Juva",
        iban="FI21 1234 5600 0007 85", bic="NDEAFIHH",
    )  # fmt: skip
    desk = Desk(live, f"{live.shop.url}/plugins/jokkerit.register/graphql/")
    controller = desk.staff("books-controller", "JOKKERIT_MANAGE_PRIVACY")
    desk.ask(controller, SIGN, v=text_in_force(desk, controller))
    token = hire(live)
    _, me = desk.ask(token, "{ me { key roles } }")
    assert me["data"]["me"]["roles"] == ["ACCOUNTING"]
    made = Office(desk, controller, token, me["data"]["me"]["key"], "")
    made.firm = made.rule(REGISTER, input=FIRM)["recipientRegister"]["recipient"]["id"]
    return made


def reported(office: Office, day: date) -> Sums:
    """The report of the year by currency, country and rate, when all is booked."""
    office.desk.live.settle()
    period = {"financialYear": str(day.year)}
    answers: list[dict[str, Any]] = []

    def booked() -> bool:
        answers.append(office.ask(VAT, period=period)["data"]["vatReport"])
        if answers[-1]["unbooked"]:
            office.desk.live.drain()
        return not answers[-1]["unbooked"]

    until(booked, lambda: f"{answers[-1]['unbooked']} purchases wait to be booked")
    return summed(answers[-1])


def summed(report: dict[str, Any]) -> Sums:
    """Net and gross of a VAT report by currency, country and rate."""
    sums: Sums = defaultdict(lambda: (Decimal(0), Decimal(0)))
    for one in report["lines"]:
        rate = None if one["rate"] is None else Decimal(one["rate"])
        key = (one["currency"], one["country"], rate)
        net, gross = sums[key]
        sums[key] = net + Decimal(one["net"]), gross + Decimal(one["gross"])
    return sums


def added(before: Sums, after: Sums) -> Sums:
    found = {
        key: (after[key][0] - before[key][0], after[key][1] - before[key][1])
        for key in {*before, *after}
    }
    return {key: both for key, both in found.items() if any(both)}


def in_the_shop(live: Live, orders: list[Placed]) -> Sums:
    rows = live.database.execute(SHOP, [[order.key for order in orders]])
    found = {
        (row["currency"], row["country"], row["rate"]): (row["net"], row["gross"]) for row in rows
    }
    return {key: both for key, both in found.items() if any(both)}


@pytest.mark.promise("P-ACCESS-ACCOUNTING", "P-AGREEMENT", "P-USE-INVOICING", "P-PURPOSE-BOUND")
@pytest.mark.promise("P-NO-DISCLOSURE")
@pytest.mark.promise("P-ACCESS-ACCOUNTING", "P-AGREEMENT", "P-PURPOSE-BOUND", breaks=True)
def test_an_accountant_s_whole_life_in_a_real_shop(live: Live, office: Office) -> None:
    # Nothing before the firm has taken them in and they have signed.
    year = {"financialYear": "2026"}
    assert codes(office.ask(VAT, period=year)) == ["NO_AGREEMENT"]
    version = text_in_force(office.desk, office.token)
    assert office.ask(SIGN, v=version)["data"]["agreementSign"] == {"errors": []}
    assert codes(office.ask(VAT, period=year)) == ["NO_MEMBERSHIP"]
    office.rule(JOIN, firm=office.firm, who=office.key)
    assert office.refusals() == [("VAT report", "NO_AGREEMENT"), ("VAT report", "NO_MEMBERSHIP")]

    # The VAT report follows the shop's own tables, to the cent.
    day = today(live)
    before = reported(office, day)
    orders = [sell(live, "suomi", country, MIXED) for country in ("FI", "FI", "DE")]
    live.follows(Seen(orders=tuple(order.key for order in orders)))
    shop = in_the_shop(live, orders)
    assert added(before, reported(office, day)) == shop
    assert {country for _, country, _ in shop} == {"FI", "DE"}
    assert len(shop) >= 5

    # Every file is made, fetched by token and by link, and is what was promised.
    made = {form: create(office, form, day, orders[0]) for form in FORMATS}
    for form, export in made.items():
        by_token = office.get(export["url"], office.token)
        assert (by_token.status_code, by_token.headers["Cache-Control"]) == (200, "no-store"), form
        link = office.ask(LINK, id=export["id"])["data"]["exportLink"]["url"]
        assert office.get(link, method="HEAD").status_code == 405
        by_link = office.get(link)
        for answer in (by_token, by_link):
            assert hashlib.sha256(answer.content).hexdigest() == export["sha256"]
            assert answer.headers["X-Content-SHA256"] == export["sha256"]
            assert len(answer.content) == export["size"]
            assert f'filename="{export["filename"]}"' in answer.headers["Content-Disposition"]
        assert office.get(link).status_code == 403, f"{form}: a link works once"
    assert orders[0].number in office.get(made["JOURNAL_CSV"]["url"], office.token).text
    given = disclosed(live)
    assert {export["sha256"] for export in made.values()} <= given
    assert office.refusals()[2:] == [("export download", "LINK_REFUSED")] * len(FORMATS)

    # Everything else is refused, and stands in the log.
    for field, (query, code) in ELSEWHERE.items():
        assert codes(office.ask(query)) == [code], field
    told = office.refusals()[2 + len(FORMATS) :]
    assert told == [(field, code) for field, (_, code) in ELSEWHERE.items()]

    everything_else(office, orders[0])

    # The firm ends: at once there is nothing more for its token, its link, or a new token.
    link = office.ask(LINK, id=made["XLSX"]["id"])["data"]["exportLink"]["url"]
    end = "mutation($id: ID!) { recipientEnd(id: $id) { holders stillOpen errors { code } } }"
    ended = office.rule(end, id=office.firm)["recipientEnd"]
    assert (ended["holders"], ended["stillOpen"]) == ([office.key], [])
    assert office.desk.ask(office.token, VAT, period=year)[0] == 401
    assert office.get(made["XLSX"]["url"], office.token).status_code == 401
    assert office.get(link).status_code == 403
    again = str(live.store.staff.as_person(EMAIL, "admin").token())
    _, answer = office.desk.ask(again, VAT, period=year)
    assert codes(answer) == ["NO_PERMISSION"]
    assert office.get(made["XLSX"]["url"], again).status_code == 403
    assert office.refusals()[-3:] == [
        ("export download", "NO_PERMISSION"),
        ("VAT report", "NO_PERMISSION"),
        ("export download", "NO_PERMISSION"),
    ]
    outcome = """mutation($id: ID!, $on: Date!) { recipientRecordOutcome(
        id: $id, outcome: DELETED, on: $on) { errors { message } } }"""
    office.rule(outcome, id=office.firm, on=today(live).isoformat())


def everything_else(office: Office, order: Placed) -> None:
    """Ask for every field of the schema that the matrix closes to the accountant.

    Each is refused with the matrix's code, and stands in the log; a field without a row fails.
    """
    nested = schema(office)
    rows = {
        f"{kind}.{field}"
        for kind, (_, doors) in authorisation.TYPES.items()
        for fields in doors.values()
        for field in fields.split()
    }
    assert set(nested) == rows, (
        "a new field, or rows of one that is gone: see tests/authorisation.py"
    )
    before, told = len(office.refusals()), list[tuple[int, str]]()
    ids = {"customer": "UmVnaXN0ZXJDdXN0b21lcjox", "purchase": purchase_id(office, order)}
    ids["debtor"] = ids["customer"]
    ids["request"] = "UmVnaXN0ZXJSZXF1ZXN0OjE="
    for kind in authorisation.TYPES:
        for door, fields in authorisation.asked(kind):
            code = authorisation.expected(door, "accountant")
            if code == "ok":
                continue
            nests = {field: nested[f"{kind}.{field}"] for field in fields}
            query = authorisation.query(kind, fields, nests.__getitem__)
            for name, key in ids.items():
                query = query.replace(f"%({name})s", key)
            answer = office.ask(query)
            assert set(codes(answer)) == {code}, query
            told.append((len(codes(answer)), code))
    logged = [reason for _, reason in office.refusals()[before:]]
    assert logged == [code for times, code in told for _ in range(times)]


def schema(office: Office) -> dict[str, bool]:
    """Every field of an object in the schema that the shop serves, and whether it has fields."""
    found = office.rule(SCHEMA)["__schema"]["types"]
    objects = {one["name"]: one["fields"] for one in found if one["kind"] == "OBJECT"}

    def is_object(kind: dict[str, Any]) -> bool:
        return is_object(kind["ofType"]) if kind.get("ofType") else kind["kind"] == "OBJECT"

    return {
        f"{name}.{field['name']}": is_object(field["type"])
        for name, fields in objects.items()
        if not name.startswith("__")
        for field in fields
    }


def purchase_id(office: Office, order: Placed) -> str:
    query = "query($n: [String!]) { purchases(first: 1, filter: {numbers: $n}) {"
    found = office.ask(f"{query} edges {{ node {{ id }} }} }} }}", n=[order.number])
    return str(found["data"]["purchases"]["edges"][0]["node"]["id"])


def create(office: Office, form: str, day: date, order: Placed) -> dict[str, Any]:
    """Make a file of the day's euros, or of one order's voucher."""
    if form == "FINVOICE":
        purchase = purchase_id(office, order)
        query = """query($id: ID!) { vouchers(first: 9, filter: {purchase: $id, kind: SALE}) {
            edges { node { code } } } }"""
        [edge] = office.ask(query, id=purchase)["data"]["vouchers"]["edges"]
        about: dict[str, Any] = {"voucher": edge["node"]["code"]}
    else:
        period = {"from": day.isoformat(), "to": today(office.desk.live).isoformat()}
        about = {"period": period, "currency": "EUR"}
    answer = office.ask(CREATE, input={"format": form, "language": "FI", **about})
    assert answer["data"]["exportCreate"]["errors"] == [], form
    export: dict[str, Any] = answer["data"]["exportCreate"]["export"]
    return export


def disclosed(live: Live) -> set[str]:
    """The digests in the ledger of disclosures."""
    rows = live.database.execute(
        "SELECT sha256 FROM jokkerit_plugin_disclosure WHERE outcome = 'done' AND purpose ="
        " 'bookkeeping'"
    )
    return {row["sha256"] for row in rows}


def today(live: Live) -> date:
    """The day in Helsinki, as the shop's database has it."""
    row = live.database.execute("SELECT (now() AT TIME ZONE 'Europe/Helsinki')::date AS day")
    [found] = row.fetchall()
    day: date = found["day"]
    return day
