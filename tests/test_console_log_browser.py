"""The console's pages of the site log in a real browser."""

from datetime import datetime, time, timedelta

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.config import Config
from jokkerit_plugin.models import Customer
from jokkerit_plugin.policy.purposes import Purpose
from jokkerit_plugin.shop.accounts import ShopAccounts
from jokkerit_plugin.sitelog import incidents, store
from jokkerit_plugin.sitelog.search import Wanted
from tests.bookkeeping import follow
from tests.browsing import CHROMIUM
from tests.consoles import browser_page, faults, one_browser, sign_in  # noqa: F401 - fixtures
from tests.graphql import House
from tests.logs import ago, by_day
from tests.paper_shop import party

__all__ = ["by_day"]

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("by_day"),
    pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine"),
]

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
SCANNER = "<script>alert(1)</script> \\x1b[2J'; DROP TABLE x; --"


def raw(at: datetime, request: str, status: int, *, address: str, agent: str, user: str) -> bytes:
    """A line as nginx writes it."""
    return (
        f'{address} - - [{at:%d/%b/%Y:%H:%M:%S +0000}] "{request} HTTP/1.1" {status} 5120'
        f' "https://kauppa.example/fi/" "{agent}" rt=0.042 user={user}'
    ).encode()


@pytest.fixture
def house(shop, by_day):
    shop.account(7, email="aino@example.com")
    shop.order("one", user=7, email="aino@example.com", billing=party("Aino", "Mäkelä"))
    follow(shop)
    shop.port.accounts = lambda *_: ShopAccounts(iter(()), iter(()), iter(()))
    house = House(shop)
    house.everybody_signs()
    lines = []
    for number in range(40):
        at = ago(minutes=25 * number + 5)
        lines.append(raw(at, "GET /fi/tuote/villasukat", 200, address="198.51.100.23",
                         agent=FIREFOX, user="7"))  # fmt: skip
        if number % 2:
            lines.append(raw(at, "POST /kirjaudu/", 403, address="203.0.113.9", agent="curl/8.5",
                             user="-"))  # fmt: skip
        if number % 5 == 0:
            lines.append(raw(at, "POST /graphql/", 502, address="198.51.100.23", agent=FIREFOX,
                             user="7"))  # fmt: skip
    lines.append(raw(ago(minutes=3), "GET /<b>wp-login.php</b>", 404, address="203.0.113.66",
                     agent=SCANNER, user="-"))  # fmt: skip
    month = clock.today().replace(day=1) - timedelta(days=1)
    for number in range(20):
        day = datetime.combine(month - timedelta(days=number), time(9), clock.HELSINKI)
        at = day.astimezone(ago().tzinfo)
        lines += [raw(at + timedelta(seconds=one), "POST /graphql/", 200, address="198.51.100.23",
                      agent=FIREFOX, user="7") for one in range(1 + number * 7 % 11)]  # fmt: skip
    counts = store.take_raw(lines, config=Config(active=True))
    assert counts["taken"] == len(lines)
    assert Customer.objects.count() == 1
    wanted = Wanted(ago(days=2), ago(days=-5), address="203.0.113.9")
    incidents.begin(
        Purpose.SECURITY, wanted, reason="Samasta osoitteesta arvailtiin salasanoja yön aikana.",
        review_on=clock.today() + timedelta(days=14),
        actor=Actor.of(house.people["controller"]),
    )  # fmt: skip
    return house


def test_a_controller_goes_from_refused_log_ins_to_an_incident_by_keyboard(page):
    sign_in(page, "controller", "logins/")
    page.wait_for_selector("figure svg")
    page.focus("#page tbody form button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#found table")
    assert page.input_value("#address") == "203.0.113.9"
    assert "/console/loglines/" not in page.url
    page.focus("#found details summary")
    page.keyboard.press("Enter")
    page.click("#found details form:last-of-type button")
    page.wait_for_selector("#reason")
    assert page.input_value("#address") == "203.0.113.9"
    page.fill("#reason", "Arvailu jatkui")
    page.fill("#until", f"{clock.today() + timedelta(days=1)}T00:00")
    page.click("main details[open] > form button:last-of-type")
    page.wait_for_selector(".good a")
    assert "203.0.113.9" not in page.url
    assert page.said == []


def test_lines_are_downloaded_and_the_page_stays(page):
    sign_in(page, "maintainer", "loglines/")
    page.click("#page form button")
    page.wait_for_selector("#found table")
    assert page.query_selector("#found script") is None
    assert page.query_selector("#found b") is None
    with page.expect_download() as started:
        page.click("#found > form button:has-text('CSV')")
    assert started.value.suggested_filename == "site-log-lines.csv"
    assert "villasukat" in started.value.path().read_text(encoding="utf-8-sig")
    assert page.is_visible("#found table")
    assert page.said == []


PAGES = {
    "log-errors": ("maintainer", "logerrors/"),
    "log-errorlines": ("maintainer", "logerrors/", "#page tbody form button"),
    "log-search": ("controller", "loglines/"),
    "log-logins": ("maintainer", "logins/"),
    "log-lines": ("controller", "logins/", "#page tbody form button"),
    "log-usage": ("controller", "logusage/"),
    "log-usagelines": ("controller", "logusage/", "#page tbody form button"),
    "log-incidents": ("controller", "incidents/"),
    "log-incident": ("controller", "incidents/", "#page tbody a"),
}


def test_every_page_is_accessible_and_fits_a_telephone(page):
    assert faults(page, PAGES) == {}
    assert page.said == []
