"""The console in the Dashboard's frame: whom it believes, whom it tells, and what it shows."""

import base64
import dataclasses

import pytest
from playwright.sync_api import expect

from jokkerit_plugin.models import AccessEntry, Purchase
from jokkerit_plugin.shop.accounts import ShopAccounts
from tests.bookkeeping import follow
from tests.browsing import CHROMIUM
from tests.consoles import browser_page, one_browser  # noqa: F401 - fixtures
from tests.frames import framed, inside, outside, told
from tests.graphql import HOME, House
from tests.paper_shop import party
from tests.published import published

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine"),
]
KEPT = """() => {
    try { return [{...localStorage}, {...sessionStorage}] } catch { return "none" }
}"""
APP = base64.b64encode(b"App:7").decode()


@pytest.fixture
def house(shop, live_server):
    shop.order("one", email="aino@example.com", billing=party("Aino", "Mäkelä"))
    follow(shop)
    shop.port.accounts = lambda *_: ShopAccounts(iter(()), iter(()), iter(()))
    allow(shop, outside(live_server.url))
    house = House(shop)
    house.everybody_signs()
    return house


def allow(shop, *dashboards):
    shop.port.settings = dataclasses.replace(shop.port.settings, dashboards=dashboards)


def of_order(page="card"):
    order = base64.b64encode(f"Order:{Purchase.objects.get().saleor_order}".encode()).decode()
    return f"{page}/?domain=x&saleorApiUrl=x&id={APP}&theme=defaultLight&orderId={order}"


def test_a_card_shows_the_buyer_grows_and_opens_the_whole_page(page, live_server):
    framed(page, live_server.url, of_order(), token="staff")
    expect(inside(page).locator("#page h1")).to_have_text("Aino Mäkelä")
    page.wait_for_function("got.some((one) => one.type === 'widgetResize')")
    assert 100 < told(page, "widgetResize")[-1]["height"] < 600
    inside(page).get_by_role("link").click()
    page.wait_for_function("got.some((one) => one.type === 'redirect')")
    (to,) = (one["to"] for one in told(page, "redirect"))
    assert to.startswith(f"/extensions/app/{APP.replace('=', '%3D')}/open/?orderId=")
    assert page.said == []


def test_the_shop_s_id_leads_to_the_card_and_the_dashboard_s_parameters_are_dropped(
    page, live_server
):
    framed(page, live_server.url, of_order("open"), token="staff")
    expect(inside(page).locator("#page h1")).to_contain_text("Aino Mäkelä")
    frame = page.frames[1]
    assert f"{HOME}console/customer/?id=" in frame.url
    assert "theme" not in frame.url
    assert frame.evaluate("document.documentElement.dataset.theme") == "defaultLight"
    kept = frame.evaluate(KEPT)
    assert kept in ("none", [{}, {}])


def test_theme_language_and_a_renewed_token_are_taken_over(page, live_server, house):
    framed(page, live_server.url, "customers/", token="staff")
    expect(inside(page).locator("#page h1")).to_have_text("Asiakkaat")
    root = inside(page).locator("html")
    page.evaluate("post('theme', { theme: 'defaultDark' })")
    expect(root).to_have_attribute("data-theme", "defaultDark")
    # The browser is Finnish, and the Dashboard speaks none: its English is no choice.
    page.evaluate("post('localeChanged', { locale: 'sv' })")
    expect(root).to_have_attribute("lang", "fi")
    inside(page).get_by_role("button", name="In English").click()
    expect(inside(page).locator("#page h1")).to_have_text("Customers")
    page.evaluate("post('localeChanged', { locale: 'sv' })")
    expect(root).to_have_attribute("lang", "en")
    house.people["renewed"] = house.people.pop("staff")
    page.evaluate("post('tokenRefresh', { token: 'renewed' })")
    inside(page).locator("nav >> text=Confidentiality").click()
    expect(inside(page).locator("#page h1")).to_contain_text("onfidentiality")
    assert page.said == []


def test_a_refused_token_is_said_once_and_a_better_one_goes_on(page, live_server):
    framed(page, live_server.url, "customers/", token="nobody's")
    note = inside(page).locator("#note")
    expect(note).to_contain_text("ei hyväksytty")
    assert len(told(page, "notifyReady")) == 2
    page.evaluate("post('tokenRefresh', { token: 'staff' })")
    expect(inside(page).locator("#page h1")).to_have_text("Asiakkaat")
    expect(note).to_be_hidden()


def test_who_may_not_see_the_place_gets_no_token_and_is_told(page, live_server):
    framed(page, live_server.url, "customers/", token="")
    expect(inside(page).locator("#note")).to_contain_text("ei hyväksytty")


def test_only_the_frame_around_it_is_believed(page, live_server):
    framed(page, live_server.url, "customers/", token=None)
    page.wait_for_function("got.some((one) => one.type === 'notifyReady')")
    page.frames[2].evaluate(
        """() => parent.frames[0].postMessage(
            { type: "handshake", payload: { token: "staff" } }, "*")"""
    )
    page.frames[1].evaluate(
        """() => window.postMessage({ type: "handshake", payload: { token: "staff" } }, "*")"""
    )
    page.frames[1].evaluate("() => new Promise((done) => setTimeout(done, 0))")
    assert page.frames[1].query_selector("#page main") is None
    assert AccessEntry.objects.filter(act="customers").count() == 0


def test_a_stranger_s_frame_shows_nothing_and_hears_nothing(page, live_server, house):
    allow(house.shop, "https://dashboard.example.com")
    framed(page, live_server.url, "customers/", token="staff")
    page.wait_for_function("document.readyState === 'complete'")
    assert told(page, "notifyReady") == []
    assert AccessEntry.objects.filter(act="customers").count() == 0
    assert any("frame-ancestors" in one for one in page.said)


def test_what_leads_out_of_the_frame_the_dashboard_is_asked_to_open(page, live_server, house):
    published(house.shop, dashboards=house.shop.port.settings.dashboards)
    framed(page, live_server.url, "description/", token="controller")
    inside(page).get_by_role("link", name="Avaa asiakkaiden sivu").click()
    page.wait_for_function("got.some((one) => one.type === 'redirect')")
    (to,) = told(page, "redirect")
    assert (to["to"], to["newContext"]) == (f"{live_server.url}{HOME}", True)
