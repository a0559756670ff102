"""Files of the site log by a link: for one person, one question, once."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import OperationalError
from django.test import RequestFactory

from jokkerit_plugin import clock
from jokkerit_plugin.access import links
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.models import (
    AccessEntry,
    Customer,
    DownloadLink,
    Incident,
    IncidentLine,
    Signature,
    SiteLine,
)
from jokkerit_plugin.sitelog import days, expiry, incidents
from jokkerit_plugin.tasks import JobFailed, keep_site_log
from jokkerit_plugin.web import routes
from tests.graphql import HOME, House
from tests.logs import ago, by_day, logged
from tests.standing import standing

__all__ = ["by_day"]

pytestmark = pytest.mark.django_db

LINK = """mutation($input: SiteLogFileInput!) {
    siteLogLink(input: $input) { url seconds errors { field code } } }"""


def furnished(shop, monkeypatch) -> House:
    house = House(shop)
    house.everybody_signs()
    return house


house = standing(__name__, furnished)


def link(house: House, token: str = "maintainer", **given: Any) -> str:
    """Return the link's address."""
    asked = {"file": "LINES", "purpose": "SECURITY"} | given
    found = house.ask(LINK, token, input=asked)["data"]["siteLogLink"]
    assert (found["errors"], found["seconds"]) == ([], 60)
    assert found["url"].startswith(f"{HOME}site-log/")
    return found["url"]


def fetch(url: str, **headers: str) -> Any:
    parts = urlsplit(url)
    path = parts.path.removeprefix(HOME)
    return routes.serve(RequestFactory().get(url, **headers), path, active=True)


def read(response: Any) -> list[list[str]]:
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def log() -> list[tuple[str, str, str, str]]:
    found = AccessEntry.objects.order_by("seq")
    return list(found.values_list("act", "purpose", "outcome", "reason"))


def test_a_link_fetches_what_it_was_made_for_once(house):
    logged(path="/a", address="203.0.113.7")
    logged(path="/b", address="198.51.100.1")
    today = clock.today()
    on = {"gte": f"{today - timedelta(days=2)}", "lte": f"{today}"}
    url = link(house, filter={"address": "203.0.113.0/24", "on": on, "status": {"lte": 299}})
    assert "203.0.113" not in url
    found = read(fetch(url))
    assert [row[4] for row in found] == ["path", "/a"]
    assert log()[-2:] == [
        ("siteLogLink", "security", "granted", ""),
        ("site-log/lines.csv", "security", "granted", ""),
    ]
    again = fetch(url)
    assert (again.status_code, b"LINK_REFUSED" in again.content) == (403, True)
    assert log()[-1] == ("site-log/lines.csv", "", "refused", "LINK_REFUSED")


@pytest.mark.parametrize(
    ("given", "purpose", "heads"),
    [
        ({"file": "LINES", "purpose": "LOG_BILLING"}, "log_billing", "at customer method path"),
        ({"file": "LINES", "purpose": "ERROR_FIXING"}, "error_fixing", "at customer method path"),
        ({"file": "ERRORS"}, "error_fixing", "path status count first last"),
        ({"file": "LOG_INS"}, "security", "address count first last"),
        ({"file": "USAGE", "month": "2026-11"}, "log_billing", "customer month requests"),
    ],
    ids=lambda given: given.get("file") if isinstance(given, dict) else "",
)
def test_each_file_is_for_its_own_purpose(house, given, purpose, heads):
    url = link(house, "controller", **{"purpose": None} | given)
    assert " ".join(read(fetch(url))[0]).startswith(heads)
    assert {one[1] for one in log()[-2:]} == {purpose}


@pytest.mark.promise("P-LOG-PURPOSES", breaks=True)
@pytest.mark.parametrize(
    ("token", "given", "code"),
    [
        ("maintainer", {"file": "USAGE", "month": "2026-11"}, "PURPOSE_REFUSED"),
        ("maintainer", {"purpose": "LOG_BILLING"}, "PURPOSE_REFUSED"),
        ("staff", {"file": "ERRORS"}, "PURPOSE_REFUSED"),
        ("no role", {"file": "ERRORS"}, "NO_PERMISSION"),
        ("lapsed", {"file": "ERRORS"}, "NO_AGREEMENT"),
        (
            "controller",
            {"purpose": "ERROR_FIXING", "filter": {"address": "::1"}},
            "PURPOSE_REFUSED",
        ),
    ],
)
def test_nobody_gets_a_link_to_what_they_may_not_see(house, token, given, code):
    asked = {"file": "LINES", "purpose": "SECURITY"} | given
    assert house.codes(LINK, token, input=asked) == {code}
    assert AccessEntry.objects.latest("seq").reason == code
    assert not DownloadLink.objects.exists()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"file": "LINES"}, "INVALID"),
        ({"file": "USAGE"}, "INVALID"),
        ({"file": "USAGE", "month": "x"}, "PERIOD"),
        ({"file": "ERRORS", "filter": {"path": "x"}}, "INVALID"),
        ({"file": "ERRORS", "filter": {"on": {"gte": "2026-01-01"}}}, None),
        (
            {"file": "ERRORS", "filter": {"on": {"gte": "2026-01-01", "lte": "2026-03-01"}}},
            "SITE_LOG",
        ),
    ],
)
def test_what_the_file_would_be_refused_for_is_said_at_once(house, given, code):
    found = house.ask(LINK, "controller", input=given)["data"]["siteLogLink"]
    assert [one["code"] for one in found["errors"]] == ([code] if code else [])
    assert bool(found["url"]) is (code is None)


def test_a_link_without_a_filter_fetches_all(house):
    logged(path="/a")
    assert [row[4] for row in read(fetch(link(house, filter=None)))[1:]] == ["/a"]


def test_a_link_is_for_its_own_file(house):
    url = link(house, file="LINES").replace("lines.csv", "errors.csv")
    assert fetch(url).status_code == 403
    assert not DownloadLink.objects.exists()


@pytest.mark.parametrize("token", ["", "x", "é", "WzEsMV0:x"])
def test_what_is_no_link_of_ours_fills_no_log(house, token):
    before = log()
    assert fetch(f"{HOME}site-log/lines.csv/?link={token}").status_code == 403
    assert log() == before


def test_a_browser_that_fetches_ahead_uses_no_link_up(house):
    url = link(house)
    assert fetch(url, HTTP_SEC_PURPOSE="prefetch").status_code == 403
    assert fetch(url).status_code == 200


def test_a_link_keeps_moments_to_the_second(house):
    logged(ago(minutes=5), path="/late")
    logged(ago(minutes=15), path="/in")
    logged(ago(minutes=25), path="/early")
    at = {"gte": ago(minutes=20).isoformat(), "lte": ago(minutes=10).isoformat()}
    assert [row[4] for row in read(fetch(link(house, filter={"at": at})))[1:]] == ["/in"]


def test_pages_have_no_links(house):
    assert fetch(f"{HOME}site-log/errors.html/?link=x").status_code == 405


def test_a_link_ends_with_its_holders_agreement(house):
    url = link(house)
    holder = Actor.of(house.people["maintainer"]).key
    Signature.objects.filter(signer=holder).update(revoked_at=clock.now())
    assert fetch(url).status_code == 403
    assert log()[-1][2:] == ("refused", "NO_AGREEMENT")


def test_a_link_is_of_the_lines_as_they_are_when_it_is_used(house, shop):
    customer = Customer.objects.create(saleor_user=7).pk
    url = link(house)
    logged(path="/new", customer=customer)
    assert [row[4] for row in read(fetch(url))[1:]] == ["/new"]
    assert AccessEntry.objects.latest("seq").count == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_looked_for_goes_with_the_link(house, by_day, monkeypatch):
    link(house, filter={"address": "203.0.113.7"})
    assert DownloadLink.objects.get().asked["filter"] == {"address": "203.0.113.7"}
    keep_site_log()
    assert DownloadLink.objects.exists()
    later = clock.now() + links.LIFETIME + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    keep_site_log()
    assert not DownloadLink.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_over_goes_from_a_register_that_is_switched_off(house, shop, by_day):
    logged(ago(days=100))
    shop.port.settings = replace(shop.port.settings, active=False)
    keep_site_log()
    assert not SiteLine.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_day_that_cannot_go_keeps_nothing_else(house, by_day, monkeypatch):
    link(house)
    logged(customer=2**40)
    incident = Incident.objects.create(
        purpose="security", reason="Guessing", since=ago(days=2), until=ago(days=-2),
        opened_by="user:1", review_on=clock.today(),
    )  # fmt: skip
    [day] = [one for one in days.tables() if one.day == ago(hours=1).date()]
    incidents.copy_day(day)

    def waits(_config) -> int:
        raise OperationalError

    monkeypatch.setattr(expiry, "expire", waits)
    later = clock.now() + links.LIFETIME + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(JobFailed, match="OperationalError"):
        keep_site_log()
    assert not DownloadLink.objects.exists()
    assert IncidentLine.objects.get(incident=incident).customer is None
