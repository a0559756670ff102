"""Searches of the site log: what each purpose finds and sees, and what is logged of it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from jokkerit_plugin.access.guard import PurposeRefused
from jokkerit_plugin.models import AccessEntry, Customer, SiteLine
from jokkerit_plugin.policy import log_uses
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.purposes import Purpose
from jokkerit_plugin.policy.roles import ALLOWED
from jokkerit_plugin.sitelog import search, views
from jokkerit_plugin.sitelog.search import SearchError, Wanted
from tests.graphql import House
from tests.logs import ago, logged

pytestmark = pytest.mark.django_db

P = Purpose


def today(**given) -> Wanted:
    return Wanted(ago(days=1), ago(hours=-1), **given)


def paths(wanted: Wanted, purpose: Purpose = P.SECURITY) -> list[str]:
    return sorted(search.lines(wanted, purpose).values_list("path", flat=True))


@pytest.mark.promise("P-LOG-PURPOSES")
def test_the_purposes_of_the_policy_are_those_of_the_roles_and_no_others():
    of_roles = {
        purpose
        for allowed in ALLOWED.values()
        for purpose, categories in allowed.items()
        if Category.LOG in categories
    }
    assert of_roles == set(log_uses.SHOWN)
    assert set(log_uses.SHOWN) == {P.SECURITY, P.ERROR_FIXING, P.LOG_BILLING}


@pytest.mark.promise("P-LOG-PURPOSES")
def test_an_address_is_seen_for_security_alone():
    assert [one for one, fields in log_uses.SHOWN.items() if "address" in fields] == [P.SECURITY]
    assert log_uses.SHOWN[P.LOG_BILLING] < log_uses.SHOWN[P.ERROR_FIXING]


def test_one_searches_by_time_address_customer_path_and_status():
    logged(path="/one", address="203.0.113.9", customer=7, status=404)
    logged(path="/one/more", address="203.0.113.10", status=500)
    logged(path="/two", address="2001:db8::7", customer=8)
    logged(ago(days=2), path="/old", customer=7)

    assert paths(today()) == ["/one", "/one/more", "/two"]
    assert paths(today(customer=7)) == ["/one"]
    assert paths(today(path="/one")) == ["/one", "/one/more"]
    assert paths(today(path="/one/")) == ["/one/more"]
    assert paths(today(status=(500, 599))) == ["/one/more"]
    assert paths(today(address="203.0.113.9")) == ["/one"]
    assert paths(today(address="203.0.113.0/24")) == ["/one", "/one/more"]
    assert paths(today(address="2001:db8::/32")) == ["/two"]
    assert paths(Wanted(ago(days=3), ago(days=1))) == ["/old"]


def test_of_an_address_that_was_cut_its_network_is_found_and_no_neighbour():
    logged(path="/cut", address="203.0.113.9")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE jokkerit_plugin_siteline SET address = '203.0.113.0/24'")
    assert paths(today(address="203.0.113.0/24")) == ["/cut"]
    assert paths(today(address="203.0.113.9")) == []


@pytest.mark.parametrize("sign", ["%", "_", "\\", "'; DROP TABLE jokkerit_plugin_siteline; --"])
def test_signs_of_patterns_and_of_sql_are_signs(sign):
    logged(path=f"/a{sign}b")
    logged(path="/axb")
    assert paths(today(path=f"/a{sign}")) == [f"/a{sign}b"]


@pytest.mark.parametrize(
    ("purpose", "names"),
    [
        (P.ERROR_FIXING, {"address": "203.0.113.9"}),
        (P.LOG_BILLING, {"address": "203.0.113.0/24"}),
        (P.MARKETING, {}),
        (P.SERVICE, {"customer": 1}),
    ],
)
@pytest.mark.promise("P-LOG-PURPOSES", breaks=True)
def test_what_a_purpose_does_not_show_it_does_not_search_by(purpose, names):
    with pytest.raises(PurposeRefused, match="does not use this"):
        search.lines(today(**names), purpose)


def test_only_the_columns_of_the_purpose_are_read():
    logged()
    one = search.lines(today(), P.LOG_BILLING).get()
    assert one.get_deferred_fields() == {
        "address", "agent", "referer", "saleor_user", "checkout",
    }  # fmt: skip


def test_a_search_is_bounded():
    now = datetime(2026, 3, 31, 12, tzinfo=UTC)
    month = timedelta(days=31)
    assert search.period(now - month, now) == (now - month, now)
    assert search.period(None, now) == (now - timedelta(days=1), now)
    with pytest.raises(SearchError, match="31 days"):
        search.period(now - timedelta(days=32), now)
    with pytest.raises(SearchError, match="before it begins"):
        search.period(now, now)


def test_a_search_without_an_end_is_until_now_or_as_long_as_one_may_be():
    old = datetime(2026, 3, 1, tzinfo=UTC)
    assert search.period(old, None) == (old, old + log_uses.LONGEST)
    since, until = search.period(ago(hours=1), None)
    assert since < until <= ago()


def test_restricted_customers_are_in_no_search_and_no_sum():
    logged(path="/open", customer=7, status=500)
    logged(path="/closed", customer=8, status=500)
    logged(path="/nobody", status=500)
    found = search.lines(today(), P.SECURITY, closed={8}).values_list("path", flat=True)
    assert sorted(found) == ["/nobody", "/open"]
    groups = views.errors(today(), closed={8}).groups
    assert sorted(one.path for one in groups) == ["/nobody", "/open"]
    found = views.usage(today(), after=None, size=10, closed={8})
    assert [one.customer for one in found] == [7]


def test_errors_by_path_and_status_and_over_time():
    for status in (500, 500, 404, 200, 302):
        logged(path="/checkout", status=status, customer=7)
    logged(ago(hours=3), path="/other", status=404)
    found = views.errors(today())
    assert [(one.path, one.status, one.count) for one in found.groups] == [
        ("/checkout", 500, 2), ("/checkout", 404, 1), ("/other", 404, 1),
    ]  # fmt: skip
    assert sorted((one.kind, one.count) for one in found.times) == [
        ("4xx", 1), ("4xx", 1), ("5xx", 2),
    ]  # fmt: skip
    assert {one.at for one in found.times} <= set(views.bins(today()))
    assert found.customers == [7]


@pytest.mark.parametrize("days", [1, 31])
def test_every_hour_or_day_of_a_time_has_its_place_also_when_clocks_are_set(days):
    for end in (datetime(2026, 3, 30, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC)):
        wanted = Wanted(end - timedelta(days=days), end)
        found = views.bins(wanted)
        assert len(set(found)) == len(found) == (24 if days == 1 else 32)
        assert found == sorted(found)


def test_refused_log_ins_by_address():
    for path in ("/login", "/fi/account/login/", "/Sign-In", "/api/token/*"):
        logged(path=path, method="POST", status=403, address="203.0.113.9")
    logged(path="/dashboard/", status=401, address="198.51.100.7")
    logged(path="/login", method="POST", status=302, address="198.51.100.7")
    logged(path="/login", method="GET", status=404, address="198.51.100.7")
    logged(path="/loginsight", method="POST", status=403, address="198.51.100.7")
    found = views.log_ins(today())
    assert [(one.address, one.count) for one in found.groups] == [
        ("203.0.113.9", 4), ("198.51.100.7", 1),
    ]  # fmt: skip
    assert {one.kind: one.count for one in found.times} == {"401": 1, "403": 4}


def test_usage_by_customer_a_page_at_a_time():
    for customer in (3, 1, 2, 1):
        logged(customer=customer, size=10, duration=2)
    logged(customer=2, size=None, duration=None)
    logged()
    first = views.usage(today(), after=None, size=2)
    assert [(one.customer, one.requests, one.size, one.duration) for one in first] == [
        (1, 2, 20, 4), (2, 2, 10, 2),
    ]  # fmt: skip
    assert [one.customer for one in views.usage(today(), after=2, size=2)] == [3]
    back = views.usage(today(), after=3, size=2, backwards=True)
    assert [one.customer for one in back] == [2, 1]
    assert views.users(today()) == 3


@pytest.fixture
def house(shop) -> House:
    house = House(shop)
    house.everybody_signs()
    return house


LINES = (
    "query($p: Purpose!, $f: SiteLineFilterInput) { siteLines(first: 10, purpose: $p,"
    " filter: $f) { totalCount edges { node { %s } } } }"
)


@pytest.mark.promise("P-LOG-PURPOSES")
def test_the_log_says_whose_lines_were_seen_and_for_what(house):
    logged(customer=Customer.objects.create(saleor_user=7).pk)
    other = Customer.objects.create(saleor_user=8)
    logged(ago(days=3), customer=other.pk)
    found = house.ask(LINES % "address path customer", "maintainer", p="SECURITY")
    [edge] = found["data"]["siteLines"]["edges"]
    assert edge["node"]["address"] == "203.0.113.9"
    row = AccessEntry.objects.latest("seq")
    assert (row.act, row.purpose, row.categories, row.count, row.outcome) == (
        "siteLines", "security", "site_log", 1, "granted",
    )  # fmt: skip


@pytest.mark.promise("P-LOG-PURPOSES", breaks=True)
def test_an_address_is_refused_to_whoever_mends_errors_and_that_is_logged_once(house):
    for _ in range(3):
        logged(status=500)
    found = house.ask(LINES % "path address", "maintainer", p="ERROR_FIXING")
    nodes = [edge["node"] for edge in found["data"]["siteLines"]["edges"]]
    assert nodes == [{"path": "/", "address": None}] * 3
    assert {one["extensions"]["exception"]["code"] for one in found["errors"]} == {
        "PURPOSE_REFUSED"
    }
    refused = AccessEntry.objects.filter(outcome="refused")
    assert [(one.act, one.purpose) for one in refused] == [("siteLines", "error_fixing")]
    assert "203.0.113.9" not in str(found)


@pytest.mark.parametrize("purpose", ["ERROR_FIXING", "LOG_BILLING"])
def test_a_search_by_address_for_another_purpose_is_refused_and_logged(house, purpose):
    logged(customer=Customer.objects.create(saleor_user=7).pk)
    asked = {"p": purpose, "f": {"address": "203.0.113.9"}}
    assert house.codes(LINES % "path", "controller", **asked) == {"PURPOSE_REFUSED"}
    assert AccessEntry.objects.filter(outcome="refused", purpose=purpose.lower()).count() == 1
    granted = AccessEntry.objects.filter(outcome="granted", act="siteLines")
    assert sum(granted.values_list("count", flat=True)) == 0


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"address": "nowhere"}, "address"),
        ({"address": "203.0.113.9/24"}, "address"),
        ({"path": "no-slash"}, "path"),
        ({"status": {"gte": 600}}, "status"),
        ({"status": {"gte": 500, "lte": 400}}, "status"),
        ({"customer": "x"}, "customer"),
        ({"incident": "x"}, "incident"),
        ({"on": {"gte": "2026-01-01", "lte": "2026-03-01"}}, "at"),
        ({"at": {"gte": "2026-01-01T00:00:00"}}, "at"),
        ({"at": {"gte": "2026-01-01T00:00:00Z"}, "on": {"gte": "2026-01-01"}}, "on"),
        ({"voucher": "MYY-2026-000001", "path": "/"}, "voucher"),
    ],
)
def test_a_search_that_cannot_be_names_the_field(house, given, field):
    found = house.ask(LINES % "path", "controller", p="SECURITY", f=given)
    assert [one["extensions"].get("field") for one in found["errors"]] == [field]


def test_pages_hold_while_lines_come_and_go(house):
    at = ago(hours=2)
    for number in range(5):
        logged(at, path=f"/{number}")
    query = (
        "query($a: String) { siteLines(purpose: SECURITY, first: 2, after: $a) {"
        " pageInfo { hasNextPage endCursor } edges { node { path } } } }"
    )
    seen, after = [], None
    while True:
        page = house.ask(query, "maintainer", a=after)["data"]["siteLines"]
        seen += [edge["node"]["path"] for edge in page["edges"]]
        logged(path="/new")
        SiteLine.objects.filter(path="/4").delete()
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert seen == ["/4", "/3", "/2", "/1", "/0"]


def test_a_count_ends_somewhere(house, monkeypatch):
    monkeypatch.setattr(search, "COUNTED", 2)
    for _ in range(4):
        logged()
    found = house.ask(LINES % "path", "maintainer", p="SECURITY")
    assert found["data"]["siteLines"]["totalCount"] == 2
