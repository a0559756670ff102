"""The register's GraphQL in a real shop: Saleor's own tokens over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import requests

from demo.client import Client
from tests.saleor.live import Live

pytest_plugins = ("tests.saleor.fixtures_live",)

CUSTOMERS = "{ customers(first: 2) { totalCount edges { node { id lastName email } } } }"


@dataclass
class Desk:
    """Where somebody of the shop asks the register."""

    live: Live
    url: str

    def staff(self, name: str, permission: str) -> str:
        """Let a new staff user with one permission of ours sign in; return the token."""
        email = f"{name}@example.com"
        group = {
            "name": f"group of {name}", "addPermissions": [permission],
            "restrictedAccessToChannels": False,
        }  # fmt: skip
        admin = self.live.store.staff
        made = admin.mutate(
            "permissionGroupCreate", "group { id }", input=("PermissionGroupCreateInput!", group)
        )
        given = {"email": email, "addGroups": [made["group"]["id"]]}
        admin.mutate("staffCreate", "user { id }", input=("StaffCreateInput!", given))
        self.live.write(
            "UPDATE account_user SET password = (SELECT password FROM account_user"
            " WHERE email = 'admin@example.com'), is_confirmed = true WHERE email = %s",
            email,
        )
        return str(admin.as_person(email, "admin").token())

    def ask(self, token: str | None, query: str, **variables: Any) -> tuple[int, dict[str, Any]]:
        """Send a query; return the status and the answer."""
        answer = Client(self.url, token=token).post(query, variables)
        return answer.status, dict(answer.body or {})

    def must(self, token: str, query: str, **variables: Any) -> dict[str, Any]:
        """Ask what is answered without an error; return the data."""
        status, answer = self.ask(token, query, **variables)
        assert status == 200, answer
        assert "errors" not in answer, answer
        assert all(not one.get("errors") for one in answer["data"].values()), answer
        return dict(answer["data"])

    def logged(self, name: str) -> list[tuple[str, ...]]:
        """What the access log has of somebody: role, act, outcome, reason."""
        rows = self.live.database.execute(
            "SELECT role, act, outcome, reason FROM jokkerit_plugin_accessentry WHERE actor ="
            " (SELECT 'user:' || id FROM account_user WHERE email = %s) ORDER BY seq",
            [f"{name}@example.com"],
        )
        return [tuple(row.values()) for row in rows]


@pytest.fixture
def desk(live: Live) -> Desk:
    return Desk(live, f"{live.shop.url}/plugins/jokkerit.register/graphql/")


def test_staff_sign_and_read_a_customer_with_saleor_s_token(desk: Desk) -> None:
    token = desk.staff("graphql-reader", "JOKKERIT_VIEW_REGISTER")

    _, refused = desk.ask(token, CUSTOMERS)
    assert refused["data"] == {"customers": None}
    assert refused["errors"][0]["extensions"]["exception"]["code"] == "NO_AGREEMENT"
    _, text = desk.ask(token, "{ agreementText { version fi } me { roles } }")
    assert text["data"]["me"] == {"roles": ["STAFF"]}
    _, signed = desk.ask(
        token,
        "mutation($v: Int!) { agreementSign(version: $v, language: FI) { errors { code } } }",
        v=text["data"]["agreementText"]["version"],
    )
    assert signed["data"]["agreementSign"] == {"errors": []}

    status, found = desk.ask(token, CUSTOMERS)
    assert status == 200
    assert found["data"]["customers"]["totalCount"] > 2
    node = found["data"]["customers"]["edges"][0]["node"]
    query = "query($id: ID!) { customer(id: $id) { email purchases(first: 1) { totalCount } } }"
    _, one = desk.ask(token, query, id=node["id"])
    assert one["data"]["customer"]["email"] == node["email"]
    assert one["data"]["customer"]["purchases"]["totalCount"] >= 1
    _, books = desk.ask(token, "{ accessLog(first: 1) { totalCount } }")
    assert books["errors"][0]["extensions"]["exception"]["code"] == "NO_PERMISSION"
    assert desk.logged("graphql-reader") == [
        ("", "customers", "refused", "NO_AGREEMENT"),
        ("staff", "customers", "granted", ""),
        ("staff", "customer", "granted", ""),
        ("", "accessLog", "refused", "NO_PERMISSION"),
    ]


def test_no_token_a_broken_one_and_a_customer_s_are_nobody(desk: Desk) -> None:
    reader = desk.staff("graphql-nobody", "JOKKERIT_VIEW_REGISTER")
    customer = desk.live.stage.account().acting()
    for token in (None, "nonsense", reader[:-3] + "abc", customer.token()):
        status, answer = desk.ask(token, CUSTOMERS)
        assert status == 401
        assert answer["errors"][0]["extensions"]["exception"]["code"] == "NOT_SIGNED_IN"


def test_introspection_does_not_mix_with_saleor_s_own(desk: Desk) -> None:
    query = "{ __schema { queryType { fields { name } } } }"
    for _ in range(2):
        _, mine = desk.ask(None, query)
        names = {field["name"] for field in mine["data"]["__schema"]["queryType"]["fields"]}
        assert "customers" in names
        assert "accessLog" in names
        own = desk.live.stage.guest.call(query)
        assert "accessLog" not in {f["name"] for f in own["__schema"]["queryType"]["fields"]}


def test_saleor_lets_other_origins_ask_and_nothing_answers_a_get(desk: Desk) -> None:
    asked = requests.options(desk.url, headers={"Origin": "https://dash.example"}, timeout=30)
    assert asked.headers["access-control-allow-origin"] == "https://dash.example"
    assert requests.get(desk.url, timeout=30).status_code == 405
