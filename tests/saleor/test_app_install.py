"""An app that Saleor installs from a manifest, as the accounting firm's software would be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.saleor.live import Live, until
from tests.saleor.test_accountant import VAT, codes, text_in_force
from tests.saleor.test_graphql import CUSTOMERS, Desk

pytest_plugins = ("tests.saleor.fixtures_live",)

NAME = "Kirjanpito-ohjelma"
FIRM = {
    "kind": "BOOKKEEPING", "name": "Ohjelmatilit", "businessId": "2368582-3", "country": "FI",
    "agreementSignedOn": "2026-01-01", "confidentialitySignedOn": "2026-01-01",
}  # fmt: skip
SIGN = "mutation($v: Int!) { agreementSign(version: $v, language: FI) { errors { code } } }"
RECORD = """mutation($who: String!, $v: Int!) { agreementRecord(
    signer: $who, version: $v, language: FI) { errors { code } } }"""
REGISTER = """mutation($input: RecipientRegisterInput!) { recipientRegister(input: $input) {
    recipient { id } errors { code } } }"""
ADD = """mutation($firm: ID!, $who: String!, $minder: String) { memberAdd(
    recipient: $firm, holder: $who, responsible: $minder) { errors { field code } } }"""
ME = "{ me { key roles permissions missing { code } } }"
YEAR = {"financialYear": "2026"}


@contextmanager
def software() -> Iterator[tuple[str, list[str]]]:
    """Serve a manifest; yields its address and the tokens that Saleor sends."""
    tokens: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            home = f"http://127.0.0.1:{self.server.server_address[1]}"
            self.tell({
                "id": "tests.kirjanpito", "version": "1.0.0", "name": NAME,
                "permissions": ["JOKKERIT_VIEW_ACCOUNTING", "MANAGE_PRODUCTS"],
                "tokenTargetUrl": f"{home}/register", "appUrl": f"{home}/",
            })  # fmt: skip

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            tokens.append(json.loads(body)["auth_token"])
            self.tell({})

        def tell(self, found: dict[str, Any]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/manifest", tokens
        server.shutdown()


def install(live: Live) -> str:
    """Install the app as the Dashboard does; return its token."""
    with software() as (manifest, tokens):
        given = {
            "appName": NAME, "manifestUrl": manifest, "permissions": [
                "JOKKERIT_VIEW_ACCOUNTING", "MANAGE_PRODUCTS",
            ], "activateAfterInstallation": True,
        }  # fmt: skip
        admin = live.store.staff
        admin.mutate("appInstall", "appInstallation { id }", input=("AppInstallInput!", given))
        failed = "SELECT message FROM app_appinstallation WHERE app_name = %s"
        ready = "SELECT 1 FROM app_app WHERE name = %s AND is_installed AND is_active"
        until(
            lambda: bool(tokens and live.database.execute(ready, [NAME]).fetchall()),
            lambda: live.database.execute(failed, [NAME]).fetchall(),
        )
    return tokens[0]


def test_an_app_installed_from_a_manifest_acts_for_a_firm_with_somebody_responsible(
    live: Live,
) -> None:
    desk = Desk(live, f"{live.shop.url}/plugins/jokkerit.register/graphql/")
    controller, token = str(live.store.staff.token()), install(live)

    def rule(query: str, **given: Any) -> dict[str, Any]:
        _, answer = desk.ask(controller, query, **given)
        assert "errors" not in answer, answer
        return next(iter(answer["data"].values()))

    def me() -> dict[str, Any]:
        return desk.ask(token, ME)[1]["data"]["me"]

    def asked() -> list[str]:
        return codes(desk.ask(token, VAT, period=YEAR)[1])

    # Installed with the permission, and nothing more than that.
    key = me()["key"]
    assert key.startswith("app:")
    assert me() == {
        "key": key, "roles": ["ACCOUNTING"], "missing": {"code": "NO_AGREEMENT"},
        "permissions": ["JOKKERIT_VIEW_ACCOUNTING"],
    }  # fmt: skip
    version = text_in_force(desk, token)
    _, answer = desk.ask(token, SIGN, v=version)
    assert [one["code"] for one in answer["data"]["agreementSign"]["errors"]] == ["AGREEMENT"]
    assert asked() == ["NO_AGREEMENT"]

    # The controller records its agreement; it acts for nobody yet.
    rule(SIGN, v=version)
    assert rule(RECORD, who=key, v=version)["errors"] == []
    assert asked() == ["NO_MEMBERSHIP"]
    firm = rule(REGISTER, input=FIRM)["recipient"]["id"]
    nobody = rule(ADD, firm=firm, who=key)["errors"]
    assert nobody == [{"field": "responsible", "code": "RECIPIENT"}]

    # Whoever is responsible for it must have signed.
    minder = desk.staff("app-minder", "JOKKERIT_VIEW_ACCOUNTING")
    person = desk.ask(minder, ME)[1]["data"]["me"]["key"]
    assert rule(ADD, firm=firm, who=key, minder=person)["errors"] == []
    assert asked() == ["NO_MEMBERSHIP"]
    assert desk.ask(minder, SIGN, v=version)[1]["data"]["agreementSign"]["errors"] == []
    assert asked() == []
    assert me()["missing"] is None
    assert codes(desk.ask(token, CUSTOMERS)[1]) == ["PURPOSE_REFUSED"]

    # The firm ends, and with it the app and its token.
    end = "mutation($id: ID!) { recipientEnd(id: $id) { holders stillOpen errors { code } } }"
    assert rule(end, id=firm) == {"holders": [key], "stillOpen": [], "errors": []}
    assert desk.ask(token, VAT, period=YEAR)[0] == 401
    rows = live.database.execute(
        "SELECT act, outcome, reason FROM jokkerit_plugin_accessentry WHERE actor = %s"
        " ORDER BY seq",
        [key],
    )
    assert [tuple(row.values()) for row in rows] == [
        ("sign agreement", "refused", "AGREEMENT"),
        ("VAT report", "refused", "NO_AGREEMENT"),
        ("VAT report", "refused", "NO_MEMBERSHIP"),
        ("VAT report", "refused", "NO_MEMBERSHIP"),
        ("VAT report", "granted", ""),
        ("customers", "refused", "PURPOSE_REFUSED"),
    ]
