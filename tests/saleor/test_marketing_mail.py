"""A real mail round: from the plugin's headers over SMTP to a click over HTTP, in a real shop."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from unittest import mock

import pytest
import requests

from demo.client import Client
from tests.saleor.live import until
from tests.saleor.posted import HOME, KEYS, Posted
from tests.saleor.test_graphql import Desk
from tests.saleor.test_vat import sell

pytest_plugins = ("tests.saleor.fixtures_inside", "tests.saleor.fixtures_live")

OWN = """mutation($text: MarketingTextInput) { ownMarketingUpdate(language: "fi", text: $text,
    channels: [{channel: EMAIL, isAllowed: true}]) {
    permissions { channel isAllowed ground } errors { code message } } }"""
SIGN = "mutation($v: Int!) { agreementSign(version: $v, language: SV) { errors { code } } }"
LOOK = """query($number: String!) { purchases(first: 1, filter: {numbers: [$number]}) {
    edges { node { customer { id email } } } } }"""
RECORD = """mutation($input: BreachInput!) { breachRecord(input: $input) {
    breach { id } errors { field message code } } }"""
LEFT = "query($id: ID!) { breach(id: $id) { hoursLeft } }"
ASSESS = """mutation($id: ID!) { breachAssess(id: $id, risk: HIGH, reasons: "Names") {
    errors { field message code } } }"""
SEARCH = """mutation($id: ID!, $input: BreachSearchInput!) { breachSearch(id: $id, input: $input) {
    errors { field message code } } }"""
AFFECTED = """query($id: ID!, $told: BreachTold) {
    breachAffected(breach: $id, told: $told, first: 9) { edges { node { customer } } } }"""
TELL = """mutation($id: ID!, $letter: [BreachLetterInput!]!) {
    breachTell(id: $id, letter: $letter) { errors { field message code } } }"""
PERMISSIONS = "{ ownMarketing { channel isAllowed ground } }"


@dataclass
class Mailing(Posted):
    """A shop that sends advertisements too."""

    def over_http(self, link: str) -> str:
        """Of an https link the address at which this shop answers."""
        host = self.live.shop.url.removeprefix("http://")
        assert link.startswith(f"https://{host}{HOME}"), link
        return link.replace("https:", "http:", 1)

    def suppressed(self) -> int:
        row = self.live.database.execute(
            "SELECT count(*) AS n FROM jokkerit_plugin_suppression WHERE lifted_at IS NULL"
        ).fetchone()
        assert row
        return int(row["n"])

    def send(self, address: str) -> EmailMessage:
        """Send an advertisement with the register's headers, as a sender does; what arrived."""
        from django.core.mail import EmailMultiAlternatives, get_connection

        from jokkerit_plugin.marketing import contact_keys, links
        from jokkerit_plugin.policy.marketing import Channel

        with mock.patch.dict("os.environ", JOKKERIT_KEYS=KEYS):
            key = contact_keys.keys(Channel.EMAIL, address)[0]
            headers = links.headers(links.token(key, Channel.EMAIL), pages=self.home)
        smtp = get_connection(
            "django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=self.box.port
        )
        letter = EmailMultiAlternatives(
            "Syksyn uutuudet – höst", "Katso!", "shop@example.com", [address],
            headers=headers, connection=smtp,
        )  # fmt: skip
        letter.attach_alternative("<p>Katso!</p>", "text/html")
        assert letter.send() == 1
        return self.box.wait(lambda one: address in str(one["To"]))


@pytest.fixture(scope="module")
def mailing(posted: Posted) -> Mailing:
    posted.live.commands.run("register_import_optouts", "--none")
    return Mailing(posted.live, posted.box)


def link_in(letter: EmailMessage) -> str:
    """The one https address of RFC 8058."""
    assert len(letter.get_all("List-Unsubscribe") or ()) == 1
    assert letter["List-Unsubscribe-Post"].strip() == "List-Unsubscribe=One-Click"
    [found] = re.findall(r"<(https:[^>]+)>", letter["List-Unsubscribe"])
    return str(found)


MULTIPART = (
    b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
)


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
@pytest.mark.parametrize("body", ["urlencoded", "multipart", "chunked"])
@pytest.mark.parametrize("active", [True, False])
def test_a_click_in_a_real_mail_puts_the_address_on_the_list(
    mailing: Mailing, inside: None, body: str, active: bool
) -> None:
    address = f"{body}{active}@example.com".lower()
    letter = mailing.send(address)
    url = mailing.over_http(link_in(letter))
    assert address not in url
    before = mailing.suppressed()
    mailing.live.configure(active=active)
    try:
        # A scanner looks at it first.
        for method in ("GET", "HEAD"):
            looked = requests.request(method, url, timeout=30, allow_redirects=False)
            assert looked.status_code == 200
        assert mailing.suppressed() == before

        multipart = {"Content-Type": "multipart/form-data; boundary=b"}
        sent: dict[str, object] = {
            "urlencoded": {"data": {"List-Unsubscribe": "One-Click"}},
            "multipart": {"data": MULTIPART, "headers": multipart},
            "chunked": {"data": iter([MULTIPART]), "headers": multipart},
        }[body]
        clicked = requests.post(url, timeout=30, allow_redirects=False, **sent)  # type: ignore[arg-type]
        assert (clicked.status_code, clicked.text) == (200, "You are unsubscribed.\n")
        assert not clicked.cookies
        assert "Location" not in clicked.headers
        assert mailing.suppressed() == before + 1
        again = requests.post(url, data={"List-Unsubscribe": "One-Click"}, timeout=30)
        assert (again.status_code, mailing.suppressed()) == (200, before + 1)
    finally:
        mailing.live.configure(active=True)


def test_the_page_and_its_style_sheet_come_from_the_shop_alone(
    mailing: Mailing, inside: None
) -> None:
    url = mailing.over_http(link_in(mailing.send("page@example.com")))
    page = requests.get(url, headers={"Accept-Language": "sv"}, timeout=30)
    assert "Vill du förbjuda direktmarknadsföring?" in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    [style] = re.findall(r'rel="stylesheet" href="([^"]+)"', page.text)
    found = requests.get(f"{mailing.live.shop.url}{style}", timeout=30)
    assert (found.status_code, found.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert requests.get(f"{mailing.home}unsubscribe/forged/", timeout=30).status_code == 404
    huge = requests.post(url, data={"x": "y" * 20_000}, timeout=30)
    assert huge.status_code == 413


@pytest.mark.promise("P-USE-MARKETING")
def test_a_customer_agrees_by_their_own_token_and_confirms_by_a_real_mail(mailing: Mailing) -> None:
    # Nobody is written to before the whole shop was read, as after the plugin rested.
    mailing.live.reconcile()
    account = mailing.live.stage.account()
    asks = Client(f"{mailing.home}graphql/", token=account.acting().token())
    answer = asks.post(OWN, {"text": {"version": "1", "words": "Saa lähettää."}})
    assert answer.status == 200
    found = dict(answer.body or {})["data"]["ownMarketingUpdate"]
    assert found["errors"] == []
    assert ground(found["permissions"]) == "UNCONFIRMED"

    mailing.live.task("jokkerit_plugin.tasks.confirm_opt_ins")
    letter = mailing.box.wait(
        lambda one: account.email in str(one["To"]) and "/confirm/" in str(one.get_content())
    )
    assert letter["Subject"] == "Vahvista suostumuksesi markkinointiin"
    [link] = re.findall(r"https://\S+/confirm/\S+/", letter.get_content())
    url = mailing.over_http(link)
    assert "Vahvista" in requests.get(url, timeout=30).text
    assert ground(own(asks)) == "UNCONFIRMED"
    assert requests.post(url, data={"confirm": "yes"}, timeout=30).status_code == 200
    until(lambda: ground(own(asks)) == "CONSENT", lambda: own(asks))


def test_who_is_affected_by_a_breach_gets_a_real_letter_once(mailing: Mailing) -> None:
    """Whom an account opened is found in the access log, and told once."""
    live, desk = mailing.live, Desk(mailing.live, f"{mailing.home}graphql/")
    live.configure(privacy_contact="Jouko Paunonen, tietosuoja@shop.example")
    sold = [sell(live, "sverige", "SE", {"JR-KAHVI": 1}) for _ in range(2)]
    live.settle()
    token = str(live.store.staff.token())

    def ask(query: str, **variables: object) -> dict[str, Any]:
        status, body = desk.ask(token, query, **variables)
        assert (status, body.get("errors")) == (200, None), body
        found = dict(next(iter(body["data"].values())))
        assert not found.get("errors"), body
        return found

    text = ask("{ agreementText { version } }")
    ask(SIGN, v=text["version"])
    seen = ask(LOOK, number=sold[0].number)["edges"][0]["node"]["customer"]
    known = {"happened": "A token was stolen", "awareAt": stamp(0), "categories": ["EMAIL"]}
    breach = ask(RECORD, input=known)["breach"]["id"]
    assert 71.9 < ask(LEFT, id=breach)["hoursLeft"] <= 72
    ask(ASSESS, id=breach)
    looks = {"kind": "LOOKS", "actor": ask("{ me { key } }")["key"], "since": stamp(-3600),
             "until": stamp(60)}  # fmt: skip
    ask(SEARCH, id=breach, input=looks)

    def affected() -> list[str]:
        rows = ask(AFFECTED, id=breach)["edges"]
        return [one["node"]["customer"] for one in rows]

    live.task("jokkerit_plugin.tasks.attend_breaches")
    until(lambda: bool(affected()), affected)
    assert affected() == [seen["id"]]
    words = {"happened": "Nyckel stulen", "consequences": "Bluffbrev", "measures": "Ny nyckel"}
    ask(TELL, id=breach, letter=[{"language": one, **words} for one in ("FI", "SV", "EN")])
    live.task("jokkerit_plugin.tasks.attend_breaches")
    letter = mailing.box.wait(lambda one: "Bluffbrev" in plain(one))
    assert seen["email"] in str(letter["To"])
    assert "tietosuoja@shop.example" in letter.get_content()
    until(lambda: bool(ask(AFFECTED, id=breach, told="MAILED")["edges"]), affected)
    live.task("jokkerit_plugin.tasks.attend_breaches")
    live.settle()
    told = [one for one in mailing.box.letters if "Bluffbrev" in plain(one)]
    assert len(told) == 1


def plain(letter: EmailMessage) -> str:
    """What a letter says: the shop's own have HTML beside it."""
    body = letter.get_body(("plain",))
    return str(body.get_content()) if body else ""


def stamp(seconds: int) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def own(asks: Client) -> list[dict[str, object]]:
    found: list[dict[str, object]] = dict(asks.post(PERMISSIONS, {}).body or {})["data"][
        "ownMarketing"
    ]
    return found


def ground(permissions: list[dict[str, object]]) -> object:
    [found] = [one["ground"] for one in permissions if one["channel"] == "EMAIL"]
    return found
