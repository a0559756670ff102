"""The console's pages of the site log: who sees what, for which purpose, and the buttons."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.config import Config
from jokkerit_plugin.models import (
    AccessEntry,
    BilledLine,
    Customer,
    Incident,
    IncidentLine,
    Voucher,
)
from jokkerit_plugin.sitelog import store
from jokkerit_plugin.web.console import measures
from jokkerit_plugin.web.schema.base import to_global_id
from tests.graphql import House
from tests.kept import Bought, Person, insert
from tests.logs import ago, logged
from tests.standing import standing
from tests.test_console import get
from tests.test_sitelog_files import fetch, read

pytestmark = pytest.mark.django_db

HOSTILE = "/<script>alert(1)</script>\"'onload=x"
SEARCH = {"operation": "page", "find": "on"}


def furnished(shop, monkeypatch) -> House:
    house = House(shop)
    house.everybody_signs()
    return house


house = standing(__name__, furnished)


def post(path: str, token: str, **form: str) -> str:
    return get(path, token, "post", form)[1]


def looks() -> list[tuple[str, str, str]]:
    found = AccessEntry.objects.order_by("seq")
    return list(found.values_list("act", "purpose", "outcome"))


def opened(house: House, **form: str) -> str:
    """Open an incident by the page's form, and return the page."""
    return post("incidents/", "controller", operation="incidentOpen", **{
        "input.purpose": "SECURITY", "input.reason": "Salasanoja arvailtiin",
        "input.at.gte": f"{ago(days=1):%Y-%m-%dT%H:%M}", "input.address": "203.0.113.9",
        "input.at.lte": f"{ago(days=-1):%Y-%m-%dT%H:%M}",
        "input.reviewOn": (clock.today() + timedelta(days=9)).isoformat(), **form,
    })  # fmt: skip


def incident(purpose: str = "SECURITY") -> str:
    key = to_global_id("RegisterIncident", Incident.objects.latest("pk").pk)
    security = "&security=on" if purpose == "SECURITY" else ""
    return f"incident/?id={key}&purpose={purpose}{security}"


MENUS = {
    "maintainer": {"logerrors", "loglines", "logins", "incidents"},
    "controller": {"logerrors", "loglines", "logins", "incidents", "logusage"},
    "staff": set(),
    "accountant": set(),
}


@pytest.mark.parametrize("token", MENUS)
def test_the_menu_has_the_pages_of_ones_role(house, token):
    _, text = get("agreement/", token)
    found = set(re.findall(r'/console/(log\w+|incidents)/"', text))
    assert found == MENUS[token]


@pytest.mark.parametrize("name", ["loglines", "errorlines", "usagelines"])
def test_nothing_is_looked_up_before_somebody_searches(house, name):
    logged(path="/secret-page")
    before = looks()
    _, text = get(f"{name}/", "controller")
    assert "/secret-page" not in text
    assert 'id="found"' not in text
    assert looks() == before


PAGES = {
    "loglines": ("security", {"203.0.113.9", "Firefox"}, set()),
    "errorlines": ("error_fixing", {"Firefox"}, {"203.0.113.9", 'name="filter.address"'}),
    "usagelines": ("log_billing", set(), {"203.0.113.9", "Firefox", 'name="filter.address"'}),
}


@pytest.mark.promise("P-LOG-PURPOSES")
@pytest.mark.parametrize("name", PAGES)
def test_each_search_is_for_its_purpose_and_shows_what_that_shows(house, name):
    purpose, shown, hidden = PAGES[name]
    logged(path=HOSTILE, status=404, size=12_345)
    text = post(f"{name}/", "controller", **SEARCH)
    assert looks()[-1] == ("siteLines", purpose, "granted") or (
        "siteLines", purpose, "granted") in looks()  # fmt: skip
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;onload=x" in text
    assert "<script>" not in text
    assert "12,3\u00a0kt" in text
    assert all(one in text for one in shown)
    assert not any(one in text for one in hidden)


@pytest.mark.promise("P-LOG-PURPOSES", breaks=True)
def test_a_search_by_address_for_mending_errors_is_refused(house):
    logged()
    text = post("errorlines/", "maintainer", **SEARCH, **{"filter.address": "203.0.113.9"})
    assert 'role="alert"' in text
    assert 'id="found"' not in text
    assert ("siteLines", "error_fixing", "refused") in looks()


def test_one_searches_by_time_address_path_status_and_customer(house):
    aino = Customer.objects.create(saleor_user=7).pk
    logged(ago(hours=2), path="/a", status=500, customer=aino, address="198.51.100.1")
    logged(ago(hours=2), path="/a/b", status=404)
    logged(ago(hours=9), path="/old", status=200)
    key = to_global_id("RegisterCustomer", aino)
    at = ago(hours=3).astimezone(clock.HELSINKI)

    def found(**given: str) -> set[str]:
        asked = {name.replace("__", "."): value for name, value in given.items()}
        text = post("loglines/", "maintainer", **SEARCH, **asked)
        return set(re.findall(r'class="said">GET ([^<\s]+)', text))

    assert found() == {"/a", "/a/b", "/old"}
    assert found(filter__at__gte=f"{at:%Y-%m-%dT%H:%M}") == {"/a", "/a/b"}
    assert found(filter__address="198.51.100.0/24") == {"/a"}
    assert found(filter__path="/a/") == {"/a/b"}
    assert found(filter__status__gte="400", filter__status__lte="499") == {"/a/b"}
    assert found(filter__customer=key) == {"/a"}


def test_the_form_keeps_what_was_asked_and_pages_turn_both_ways(house):
    for number in range(30):
        logged(ago(minutes=number + 1), path=f"/p{number:02}")
    form = {**SEARCH, "filter.path": "/", "filter.at.gte": f"{ago(days=1):%Y-%m-%dT%H:%M}"}
    text = post("loglines/", "maintainer", **form)
    assert 'name="filter.path" autocomplete="off" spellcheck="false" value="/"' in text
    assert "30 riviä" in text
    assert "/p24" in text
    assert "/p25" not in text
    after = re.search(r'name="after" value="([^"]+)"', text)[1]
    text = post("loglines/", "maintainer", **form, after=after)
    assert "/p29" in text
    assert "/p24" not in text
    before = re.search(r'name="before" value="([^"]+)"', text)[1]
    text = post("loglines/", "maintainer", **form, before=before)
    assert "/p24" in text
    assert 'role="alert"' not in text


def test_a_maintainer_is_told_a_customers_number_and_the_controller_led_to_them(house):
    aino = Customer.objects.create(saleor_user=7).pk
    logged(customer=aino)
    assert f"asiakas {aino}" in post("loglines/", "maintainer", **SEARCH)
    assert "/console/customer/" not in post("loglines/", "maintainer", **SEARCH)
    assert "/console/customer/?id=" in post("loglines/", "controller", **SEARCH)


def test_lines_are_fetched_by_a_link_that_works_once(house):
    logged(path="/a")
    logged(path="/b")
    form = {"operation": "siteLogLink", "input.file": "LINES", "input.purpose": "SECURITY",
            "input.filter.path": "/a"}  # fmt: skip
    response, _ = get("loglines/", "maintainer", "post", form)
    assert response.status_code == 204
    url = response["HX-Redirect"]
    assert [row[4] for row in read(fetch(url))] == ["path", "/a"]
    assert fetch(url).status_code == 403


def test_errors_by_path_and_status_with_a_picture_and_a_way_to_their_lines(house):
    for _ in range(3):
        logged(path=HOSTILE, status=500)
    logged(path="/gone", status=404)
    store.take_raw([b"<script>Zk3p</script> \x1b[2J"], config=Config(active=True))
    _, text = get("logerrors/", "maintainer")
    assert "Virheet ajan mukaan" in text
    assert r"&lt;aaaaaa&gt;Aa9a&lt;/aaaaaa&gt; \x1b[9A" in text
    assert "ei tekstiä" in text
    assert "virhe palvelimessa" in text
    assert "<script>" not in text
    assert text.index("500") < text.index("/gone")
    assert ("siteErrors", "error_fixing", "granted") in looks()
    form = dict(re.findall(
        r'name="(filter[.\w]+)" value="([^"]*)"', text[text.index("/console/errorlines/") :]
    )[:5])  # fmt: skip
    assert form["filter.status.gte"] == "500"
    _, text = get("logerrors/", "maintainer", HTTP_ACCEPT_LANGUAGE="en")
    assert "Errors over time" in text


def test_refused_log_ins_by_address_for_security(house):
    logged(path="/login", method="POST", status=403)
    _, text = get("logins/", "maintainer")
    assert "Torjutut kirjautumiset ajan mukaan" in text
    assert 'name="filter.address" value="203.0.113.9"' in text
    assert ("siteLogIns", "security", "granted") in looks()
    assert "203.0.113.9" not in get("logins/", "staff")[1]


@pytest.mark.parametrize("name", ["logerrors", "logins", "incidents", "logusage"])
def test_an_empty_page_says_so_and_is_no_error(house, name):
    _, text = get(f"{name}/", "controller")
    assert 'role="alert"' not in text
    assert "<svg" not in text
    assert "ei ole" in text or "mikään" in text.lower()


def test_usage_of_a_month_is_the_controllers(house):
    aino = Customer.objects.create(saleor_user=7).pk
    logged(datetime(2026, 3, 5, 12, tzinfo=UTC), customer=aino, size=2_500_000, duration=1500)
    _, text = get("logusage/?month=2026-03", "controller")
    assert "Asiakkaiden pyynnöt päivittäin" in text
    assert f"asiakas {aino}" in text
    assert "2,5\u00a0Mt" in text
    assert "1,5\u00a0s" in text
    assert ("siteUsage", "log_billing", "granted") in looks()
    _, text = get("logusage/?month=2026-03", "maintainer")
    assert f"asiakas {aino}" not in text
    assert ("siteUsage", "log_billing", "refused") in looks()


def test_an_incident_is_opened_filled_reviewed_and_closed(house):
    logged(path="/wp-login.php", status=404)
    logged(path="/other", address="198.51.100.1")
    text = opened(house)
    assert "Poikkeama on avattu. 1" in text
    assert "Salasanoja arvailtiin" in text
    # Something else that belongs to it is found by a search.
    key = to_global_id("RegisterIncident", Incident.objects.get().pk)
    text = post("loglines/", "controller", **SEARCH, **{"filter.path": "/other"})
    assert f'<option value="{key}">' in text
    text = post("loglines/", "controller", operation="incidentAddLines", id=key,
                **{"filter.path": "/other"})  # fmt: skip
    assert "1 uutta riviä kopioitiin poikkeamaan." in text
    _, text = get(incident(), "controller")
    assert "2 säilytettyä riviä" in text
    assert "/wp-login.php" in text
    assert "198.51.100.1" in text
    later = (clock.today() + timedelta(days=40)).isoformat()
    post(incident(), "controller", operation="incidentReview", id=key, reviewOn=later)
    assert Incident.objects.get().review_on.isoformat() == later
    assert "poistetaan heti eikä niitä saa takaisin" in get(incident(), "controller")[1]
    text = post(incident(), "controller", operation="incidentClose", id=key)
    assert "Poikkeama on suljettu" in text
    assert 'role="alert"' not in text
    assert not IncidentLine.objects.exists()
    assert "suljettu" in get("incidents/", "maintainer")[1]


def test_of_an_error_an_incident_shows_no_address(house):
    logged(path="/broken", status=500)
    text = opened(house, **{"input.purpose": "ERROR_FIXING", "input.address": "",
                            "input.path": "/broken"})  # fmt: skip
    assert "1 riviä kopioitiin" in text
    _, text = get(incident("ERROR_FIXING"), "maintainer")
    assert "/broken" in text
    assert "203.0.113.9" not in text
    assert 'role="alert"' not in text


def test_maintainers_see_incidents_and_open_none(house):
    opened(house)
    _, text = get("incidents/", "maintainer")
    assert "Salasanoja arvailtiin" in text
    assert 'value="incidentOpen"' not in text
    _, text = get(incident(), "maintainer")
    assert 'value="incidentClose"' not in text
    text = post("incidents/", "maintainer", operation="incidentOpen", **{
        "input.purpose": "SECURITY", "input.reason": "x", "input.at.gte": "2026-03-01T00:00",
        "input.at.lte": "2026-03-02T00:00", "input.reviewOn": "2026-12-31",
    })  # fmt: skip
    assert 'role="alert"' in text
    assert Incident.objects.count() == 1


def test_a_search_leads_to_an_incident_with_the_same_terms(house):
    text = post("incidents/", "controller", operation="page", **{
        "input.purpose": "SECURITY", "input.address": "203.0.113.7", "input.path": "/x",
        "input.at.gte": "2026-03-01T10:00",
    })  # fmt: skip
    assert "<details open>" in text
    for value in ("203.0.113.7", "/x", "2026-03-01T10:00"):
        assert f'value="{value}"' in text
    assert Incident.objects.count() == 0


def test_what_is_wrong_in_a_form_is_said_and_what_was_written_stays(house):
    text = opened(house, **{"input.reviewOn": "2020-01-01"})
    assert 'role="alert"' in text
    assert "Salasanoja arvailtiin</textarea>" in text
    assert not Incident.objects.exists()


def test_an_incident_that_is_not_there_says_so(house):
    key = to_global_id("RegisterIncident", 99999)
    _, text = get(f"incident/?id={key}&purpose=SECURITY", "maintainer")
    assert "Tällaista poikkeamaa ei ole." in text


def test_lines_are_held_with_an_invoice_and_let_go(house):
    customer, [purchase] = insert(Person((Bought(vouchers=(date(2026, 3, 1),)),)))
    logged(customer=customer, size=10)
    code = Voucher.objects.get(purchase=purchase).code
    here = f"logusage/?month={ago():%Y-%m}"
    at, now = (one.astimezone(clock.HELSINKI) for one in (ago(hours=1), ago()))
    form = {"operation": "invoiceLinesHold", "month": f"{ago():%Y-%m}", "voucher": code,
            "since": f"{at:%Y-%m-%dT%H:%M}", "until": f"{now:%Y-%m-%dT%H:%M}"}  # fmt: skip
    assert "1 riviä säilytetään nyt" in post(here, "controller", **form)
    assert BilledLine.objects.count() == 1
    _, text = get(here, "controller")
    assert f'<th scope="row">{code}</th>' in text
    assert "poistetaan tositteelta heti" in text
    text = post(here, "controller", operation="invoiceLinesRelease", voucher=code)
    assert "1 riviä poistettiin tositteelta." in text
    assert not BilledLine.objects.exists()


def test_an_invoice_that_is_not_there_is_named_and_the_form_stays(house):
    text = post("logusage/?month=2026-03", "controller", operation="invoiceLinesHold",
                month="2026-03", voucher="none", since="2026-03-01T00:00",
                until="2026-04-01T00:00")  # fmt: skip
    assert 'role="alert"' in text
    assert 'value="none"' in text
    assert 'value="2026-03-01T00:00"' in text


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (measures.size(0, "fi"), "0\u00a0t"),
        (measures.size(999, "en"), "999\u00a0B"),
        (measures.size(999_950, "en"), "1.0\u00a0MB"),
        (measures.size(123_456_789, "fi"), "123\u00a0Mt"),
        (measures.size(None, "fi"), ""),
        (measures.lasted(999, "en"), "999\u00a0ms"),
        (measures.lasted(1_234_567, "fi"), "1\u00a0234,6\u00a0s"),
        (measures.second("2026-10-25T01:00:05+00:00", "fi"), "25.10.2026 klo 3.00.05"),
        (measures.second("2026-03-05T22:00:05+00:00", "en"), "6 Mar 2026, 00:00:05"),
        (measures.month_end("2028-02"), "2028-02-29T23:59"),
        (measures.month_end("2026-13"), ""),
    ],
)
def test_how_sizes_spans_and_moments_are_written(written, expected):
    assert written == expected
