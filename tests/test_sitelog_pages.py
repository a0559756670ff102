"""The site log as CSV and as pages: streamed, guarded, and hostile lines shown as what they are."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from jokkerit_plugin.access import agreements, restrictions
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.access.guard import NoAgreement
from jokkerit_plugin.models import AccessEntry, Customer, Signature
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.sitelog.parsing import read
from jokkerit_plugin.web import log_files, plots
from jokkerit_plugin.web.schema.base import to_global_id
from tests.graphql import House
from tests.logs import ago, logged
from tests.standing import standing

pytestmark = pytest.mark.django_db

HOSTILE = [
    "/<script>alert(1)</script>",
    "/\"onload='x'",
    "/=HYPERLINK(1)",
    "/]]><svg/onload=1>",
    "/{{ secret }}",
    "/'; DROP TABLE jokkerit_plugin_siteline; --",
]
FORMULAS = ["=1+1", "+1", "-1", "@x", "＝1"]


def parsed(text: str) -> ET.Element:
    """Read what we wrote ourselves as XML: it is well formed, or this raises."""
    return ET.fromstring(text)  # noqa: S314 - our own


def furnished(shop, monkeypatch) -> House:
    house = House(shop)
    house.everybody_signs()
    return house


house = standing(__name__, furnished)


def lines(response) -> list[list[str]]:
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content)))


def test_a_file_has_the_columns_of_its_purpose(house):
    customer = Customer.objects.create(saleor_user=7).pk
    logged(path="/a", customer=customer)
    for purpose, heads in {
        "security": "at address customer method path status size duration referer agent",
        "error_fixing": "at customer method path status size duration referer agent",
        "log_billing": "at customer method path status size duration",
    }.items():
        response = house.look("lines.csv", "controller", {"purpose": purpose})
        first, row = lines(response)
        assert first == heads.split()
        assert dict(zip(first, row, strict=True))["customer"] == to_global_id(
            "RegisterCustomer", customer
        )
        logged_row = AccessEntry.objects.latest("seq")
        assert (logged_row.act, logged_row.purpose, logged_row.count) == (
            "site-log/lines.csv", purpose, 1,
        )  # fmt: skip


def test_a_file_of_many_pages_has_every_line_once_newest_first(house, monkeypatch):
    monkeypatch.setattr(log_files, "PAGE", 3)
    at = ago(hours=2)
    for number in range(5):
        logged(at, path=f"/{number}")
    for number in range(5, 9):
        logged(path=f"/{number}")
    found = lines(house.look("lines.csv", "maintainer", {"purpose": "security"}))
    paths = [row[found[0].index("path")] for row in found[1:]]
    assert paths == [f"/{number}" for number in range(8, -1, -1)]


def test_lines_that_became_somebodys_after_the_logs_row_are_left_out(house, monkeypatch):
    monkeypatch.setattr(log_files, "PAGE", 1)
    customer = Customer.objects.create(saleor_user=7).pk
    logged(ago(hours=2), path="/old")
    logged(path="/new")
    response = house.look("lines.csv", "maintainer", {"purpose": "security"})
    logged(ago(hours=3), path="/late", customer=customer)
    assert [row[4] for row in lines(response)[1:]] == ["/new", "/old"]
    assert AccessEntry.objects.latest("seq").count == 0


def test_lines_of_who_was_restricted_meanwhile_are_left_out_of_a_file_under_way(house, monkeypatch):
    monkeypatch.setattr(log_files, "PAGE", 1)
    aino, other = (Customer.objects.create(saleor_user=user).pk for user in (7, 8))
    for hours, (path, whose) in enumerate(
        [("/1", aino), ("/2", other), ("/3", None), ("/4", aino)], 1
    ):
        logged(ago(hours=hours), path=path, customer=whose)
    response = house.look("lines.csv", "maintainer", {"purpose": "security"})
    pieces = iter(response.streaming_content)
    first = next(pieces)
    controller = Actor.of(house.people["controller"])
    restrictions.restrict(aino, ground=RestrictionGround.ACCURACY, actor=controller)
    found = csv.reader(io.StringIO(b"".join([first, *pieces]).decode("utf-8-sig")))
    assert [row[4] for row in found][1:] == ["/1", "/2", "/3"]


@pytest.mark.promise("P-AGREEMENT", breaks=True)
def test_an_agreement_that_ends_ends_a_file_under_way(house, monkeypatch):
    monkeypatch.setattr(log_files, "PAGE", 1)
    for _ in range(3):
        logged()
    response = house.look("lines.csv", "maintainer", {"purpose": "security"})
    pieces = iter(response.streaming_content)
    next(pieces)
    maintainer = Actor.of(house.people["maintainer"])
    signature = Signature.objects.get(signer=maintainer.key)
    agreements.revoke(signature.pk, actor=Actor.of(house.people["controller"]))
    with pytest.raises(NoAgreement):
        list(pieces)


@pytest.mark.parametrize("start", FORMULAS)
def test_no_cell_is_a_formula(house, start):
    logged(agent=f"{start}(cmd)", path="/")
    found = lines(house.look("lines.csv", "maintainer", {"purpose": "security"}))
    assert found[1][-1].startswith("'")


@pytest.mark.parametrize("path", HOSTILE)
@pytest.mark.parametrize("code", ["fi", "sv", "en"])
def test_a_page_shows_hostile_lines_as_text(house, path, code):
    logged(path=path, status=500, agent=path)
    response = house.look("errors.html", "maintainer", HTTP_ACCEPT_LANGUAGE=code)
    text = response.content.decode()
    assert response["Content-Language"] == code
    shown = parsed(text.replace("<!DOCTYPE html>", "").replace(
        '<meta charset="utf-8">', "").replace(
        '<meta name="viewport" content="width=device-width, initial-scale=1">', ""
    ).replace('/">', '/"/>'))  # fmt: skip
    cells = [cell.text for cell in shown.iter("td")]
    assert path in cells
    tags = {tag.tag.rpartition("}")[2] for tag in shown.iter()}
    assert tags.isdisjoint({"script", "a", "img", "iframe", "style"})
    assert not any(name.startswith("on") for tag in shown.iter() for name in tag.attrib)


def test_a_hostile_line_is_read_stored_and_shown_as_text(house):
    raw = (
        b'203.0.113.9 - - [%s] "GET /\\x1b[2J<b>x</b> HTTP/1.1" 500 1 "-" "=cmd|<i>"'
        % ago(hours=1).strftime("%d/%b/%Y:%H:%M:%S +0000").encode()
    )
    from jokkerit_plugin.config import Config
    from jokkerit_plugin.sitelog import store

    store.take([read(raw, now=ago())], config=Config(active=True))
    found = house.look("errors.html", "maintainer").content
    assert b"\x1b" not in found
    assert b"<b>" not in found
    text = b"".join(
        house.look("lines.csv", "maintainer", {"purpose": "security"}).streaming_content
    )
    assert b"\x1b" not in text
    assert b",'=cmd" in text


def test_a_picture_has_a_title_a_description_and_a_table_beside_it(house):
    logged(path="/x", status=500)
    text = house.look("errors.html", "maintainer", HTTP_ACCEPT_LANGUAGE="fi").content.decode()
    svg = re.search(r"<svg.*</svg>", text, re.DOTALL)[0]
    root = parsed(svg)
    names = {child.tag.rpartition("}")[2]: child for child in root}
    assert root.get("role") == "img"
    assert root.get("aria-labelledby").split() == [
        names["title"].get("id"),
        names["desc"].get("id"),
    ]
    assert names["title"].text == "Virheet ajan mukaan"
    assert "yhteensä 1" in names["desc"].text
    assert text.count("<table>") == 2
    assert 'style="' not in text
    assert house.look("errors.html", "maintainer")["Content-Security-Policy"].startswith(
        "default-src 'none'"
    )


def test_the_words_of_a_picture_are_escaped():
    svg = plots.bars("<t>", "{first} & <a>", ["<&\"'"], [{"<k>": 1}])
    assert parsed(svg).tag
    assert not {"<t>", "<a>", "<k>"} & set(re.findall(r"<[a-z]>", svg))


def test_a_picture_of_nothing_is_one_too():
    assert parsed(plots.bars("t", "{total} {most}", [], [])) is not None
    assert parsed(plots.bars("t", "{total}", ["a"], [{}])) is not None


def test_the_picture_in_graphql_is_the_same(house):
    logged(path="/login", method="POST", status=403)
    found = house.ask('{ siteLogIns { plot(language: SV) groups { address count } } }',
                      "maintainer")["data"]["siteLogIns"]  # fmt: skip
    assert "Avvisade inloggningar" in found["plot"]
    assert found["groups"] == [{"address": "203.0.113.9", "count": 1}]


def test_log_ins_are_for_security_and_errors_for_mending(house):
    for view, purpose in {"log-ins.csv": "security", "errors.csv": "error_fixing"}.items():
        house.look(view, "maintainer")
        assert AccessEntry.objects.latest("seq").purpose == purpose


def test_usage_as_a_file_is_for_billing(house):
    customer = Customer.objects.create(saleor_user=7).pk
    at = ago(hours=1)
    logged(at, customer=customer, size=10, duration=2)
    asked = {"month": f"{at:%Y-%m}"}
    found = lines(house.look("usage.csv", "controller", asked))
    assert found[1][0] == to_global_id("RegisterCustomer", customer)
    assert found[1][2:] == ["1", "10", "2"]
    assert AccessEntry.objects.latest("seq").purpose == "log_billing"
    assert house.look("usage.csv", "maintainer", asked).status_code == 403


def test_usage_as_a_page_has_a_picture_by_day_and_who_used_most(house):
    aino, other = (Customer.objects.create(saleor_user=user).pk for user in (7, 8))
    at = datetime(2026, 3, 5, 12, tzinfo=UTC)
    logged(at, customer=other, size=10, duration=2)
    for hours in (0, 30):
        logged(at + timedelta(hours=hours), customer=aino, size=10, duration=2)
    logged(at)
    asked = {"month": "2026-03"}
    text = house.look("usage.html", "controller", asked, HTTP_ACCEPT_LANGUAGE="fi").content.decode()
    root = parsed(re.search(r"<svg.*</svg>", text, re.DOTALL)[0])
    names = {child.tag.rpartition("}")[2]: child.text for child in root}
    assert names["title"] == "Asiakkaiden pyynnöt päivittäin"
    assert "1.3.2026–31.3.2026, yhteensä 3, enimmillään 2." in names["desc"]
    assert [one.text for one in root.findall("{*}rect/{*}title")] == [
        "5.3.2026: pyynnöt: 2", "6.3.2026: pyynnöt: 1",
    ]  # fmt: skip
    ids = [to_global_id("RegisterCustomer", one) for one in (aino, other)]
    assert re.findall(r"<td>([A-Za-z0-9=]{20,})</td>", text) == ids
    row = AccessEntry.objects.latest("seq")
    assert (row.act, row.purpose, row.count) == ("site-log/usage.html", "log_billing", 2)
    assert house.look("usage.html", "maintainer", asked).status_code == 403
    assert house.look("usage.html", "controller", {}).status_code == 400


def test_usage_by_day_in_graphql_is_a_sum_of_all_or_one_customers(house):
    aino, other = (Customer.objects.create(saleor_user=user).pk for user in (7, 8))
    at = datetime(2026, 3, 31, 21, 30, tzinfo=UTC)
    logged(at - timedelta(hours=1), customer=aino)
    logged(at - timedelta(hours=2), customer=other)
    # April in Helsinki.
    logged(at, customer=aino)
    query = """query($customer: ID) { siteUsageByDay(month: "2026-03", customer: $customer) {
        times { at kind count } plot(language: EN) } }"""
    found = house.ask(query, "controller")["data"]["siteUsageByDay"]
    assert found["times"] == [{"at": "2026-03-31T00:00:00+03:00", "kind": "requests", "count": 2}]
    assert "31.3.2026: requests: 2" in found["plot"]
    row = AccessEntry.objects.latest("seq")
    assert (row.act, row.count, row.categories) == ("siteUsageByDay", 2, "site_log")
    found = house.ask(query, "controller", customer=to_global_id("RegisterCustomer", aino))
    assert [one["count"] for one in found["data"]["siteUsageByDay"]["times"]] == [1]
    assert AccessEntry.objects.latest("seq").count == 1
    restrictions.restrict(
        aino, ground=RestrictionGround.ACCURACY, actor=Actor.of(house.people["controller"])
    )
    found = house.ask(query, "controller")["data"]["siteUsageByDay"]
    assert [one["count"] for one in found["times"]] == [1]


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{",
        b"\xff",
        {"purpose": "security", "filter": []},
        {"purpose": "security", "filter": {"agent": "x"}},
        {"purpose": "security", "filter": {"at": {"gte": 5}}},
        {"purpose": "security", "filter": {"at": {"from": "2026-01-01T00:00:00Z"}}},
        {"purpose": "security", "filter": {"status": {"gte": True}}},
        {"purpose": "security", "filter": {"path": 7}},
        {"purpose": "security", "filter": {"address": "\u0000"}},
        {"purpose": "nothing"},
        {"purpose": ["security"]},
        {},
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(house, body):
    response = house.look("lines.csv", "maintainer", body)
    assert response.status_code == 400
    assert response.content.decode().endswith(")\n")


def test_only_post_is_answered_and_nothing_is_kept_by_a_browser(house):
    response = house.get("site-log/lines.csv/", "maintainer")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    logged()
    response = house.look("lines.csv", "maintainer", {"purpose": "security"})
    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.promise("P-LOG-PURPOSES", breaks=True)
def test_a_file_by_address_is_for_security_alone(house):
    logged()
    body = {"purpose": "error_fixing", "filter": {"address": "203.0.113.9"}}
    assert house.look("lines.csv", "maintainer", body).status_code == 403
    assert AccessEntry.objects.latest("seq").reason == "PURPOSE_REFUSED"
