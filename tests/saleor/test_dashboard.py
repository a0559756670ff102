"""The register in a real Dashboard, which is given by DASHBOARD=<built folder>."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from dev.pictures import save
from dev.servers import Servers
from dev.shop import Shop
from jokkerit_plugin.saleor_bridge.version import series
from tests.browsing import CHROMIUM, chromium
from tests.saleor.built_dashboard import BUILT, frame, picture, served, signed_in
from tests.saleor.live import Live, logs_of, this_saleor
from tests.saleor.test_accountant import FIRM
from tests.saleor.test_app_install import ADD, REGISTER, SIGN
from tests.saleor.test_graphql import Desk

pytestmark = [
    pytest.mark.skipif(not BUILT, reason="no built Dashboard is given (DASHBOARD)"),
    pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine"),
]
ACCOUNTANT = "tilitoimisto"
#: Takes away an advertisement of the Dashboard's own, which covers its menu.
UNSOLD = """() => [...document.querySelectorAll("button")]
    .find((one) => one.textContent.includes("Explore Pulse"))?.closest(":has(video)")?.remove()"""
RENEWED = """() => new Promise((done) => {
    setTimeout(() => done(false), 120000);
    addEventListener("message", ({ data }) => data.type === "tokenRefresh" && done(true));
})"""


@dataclass
class Place:
    """A shop with its Dashboard, and the administrator signed in there."""

    live: Live
    desk: Desk
    address: str
    browser: Browser
    page: Page
    customer: str
    order: str

    def rule(self, query: str, token: str = "", **given: object) -> dict[str, object]:
        """Ask the register as the administrator, or with another token."""
        token = token or str(self.live.store.staff.token())
        _, answer = self.desk.ask(token, query, **given)
        assert "errors" not in answer, answer
        found: dict[str, object] = next(iter(answer["data"].values()))
        return found


@pytest.fixture(scope="module")
def place(own_servers: Servers) -> Iterator[Place]:
    saleor, api = this_saleor(), [""]
    # The Dashboard needs its time.
    expect.set_options(timeout=60_000)
    with served(api) as address, chromium() as browser:
        environment = {
            "DASHBOARD_URL": f"{address}/",
            "JWT_TTL_APP_ACCESS": "62 seconds",
            "JOKKERIT_KEYS": f"2026:{'ab' * 32}",
        }
        with Shop(
            saleor, own_servers, environment=environment, logs=logs_of(saleor, "dashboard")
        ) as shop:
            api[0] = f"{shop.url}/graphql/"
            live = Live(shop)
            live.commands.start()
            shop.start()
            for command in (
                ("migrate", "jokkerit_plugin"), ("register_setup",), ("register_backfill",),
                ("register_install_dashboard_app", "--language", "fi"),
            ):  # fmt: skip
                live.commands.run(*command)
            account = live.stage.account("suomi")
            bought = live.stage.buy("suomi", account.person, client=account.acting())
            live.settle()
            desk = Desk(live, f"{shop.url}/plugins/jokkerit.register/graphql/")
            page = signed_in(browser, address, "admin@example.com")
            customer, order = str(bought.user), bought.id
            yield Place(live, desk, address, browser, page, customer, order)
            live.kill()


def test_1_the_card_beside_a_customer_asks_to_sign_and_then_shows_them(place: Place) -> None:
    page = place.page
    page.goto(f"/customers/{place.customer}")
    expect(frame(page).locator("#main")).to_contain_text("Allekirjoita ensin")
    picture(page, "customer-unsigned")
    frame(page).get_by_role("link").click()
    page.wait_for_url("**/extensions/app/**")
    expect(frame(page).locator("#page h1")).to_have_text("Salassapitositoumus")
    picture(page, "agreement")
    frame(page).locator("#main button").first.click()
    expect(frame(page).locator(".good")).to_be_visible()
    page.goto(f"/customers/{place.customer}")
    expect(frame(page).locator("#main")).to_contain_text("Avaa asiakaskortti")
    inner = frame(page).locator("#main").evaluate("one => one.getBoundingClientRect().bottom")
    expect(page.locator('iframe[src*="jokkerit.register"]')).to_have_css(
        "height", f"{math.ceil(inner + 8)}px"
    )
    picture(page, "customer")


def test_2_the_card_opens_the_whole_card_as_a_page_of_the_dashboard(place: Place) -> None:
    page = place.page
    page.goto(f"/customers/{place.customer}")
    name = frame(page).locator("#page h1").inner_text()
    frame(page).get_by_role("link").click()
    page.wait_for_url("**/extensions/app/**/open**")
    expect(frame(page).locator("#page h1")).to_have_text(name)
    expect(frame(page).locator("nav")).to_be_visible()
    picture(page, "card")


def test_3_the_customer_s_menu_opens_the_same(place: Place) -> None:
    page = place.page
    page.goto(f"/customers/{place.customer}")
    name = frame(page).locator("#page h1").inner_text()
    page.click("[data-test-id=show-more-button]")
    picture(page, "customer-menu")
    page.get_by_text("Avaa asiakasrekisterissä").click()
    page.wait_for_url("**/extensions/app/**/open**")
    expect(frame(page).locator("#page h1")).to_have_text(name)


def test_4_an_order_shows_its_buyer(place: Place) -> None:
    page = place.page
    page.goto(f"/orders/{place.order}")
    expect(frame(page).locator("#main")).to_contain_text("Avaa asiakaskortti")
    frame(page).locator("#main").scroll_into_view_if_needed()
    picture(page, "order")


def test_5_the_menu_has_the_register_which_follows_theme_and_renewed_tokens(place: Place) -> None:
    page = place.page
    tokens: list[str] = []
    page.on(
        "request",
        lambda one: (
            tokens.append(one.headers["authorization"])
            if "jokkerit.register/console" in one.url and "authorization" in one.headers
            else None
        ),
    )
    page.goto("/")
    page.get_by_role("link", name="Customers").first.click()
    page.get_by_role("link", name="Asiakasrekisteri").click()
    expect(frame(page).locator("#page h1")).to_have_text("Asiakkaat")
    picture(page, "customers")
    root = frame(page).locator("html")
    before = root.get_attribute("data-theme")
    # By the keyboard: an advertisement of the Dashboard's own covers the menu.
    page.focus("[data-test-id=userMenu]")
    page.keyboard.press("Enter")
    page.locator("[data-test-id=theme-switch]").evaluate("one => one.click()")
    expect(root).not_to_have_attribute("data-theme", str(before))
    page.keyboard.press("Escape")
    picture(page, "customers-other-theme")
    first = tokens[-1]
    # The Dashboard renews it half a minute before its end.
    assert page.frames[-1].evaluate(RENEWED)
    frame(page).locator("nav a").last.click()
    expect(frame(page).locator("nav a").last).to_have_attribute("aria-current", "page")
    assert tokens[-1] != first


def test_6_the_accountant_finds_last_month_at_home(place: Place) -> None:
    if series(place.live.shop.version) < (3, 23):
        pytest.skip("this Dashboard's home page shows no cards")
    token = place.desk.staff(ACCOUNTANT, "JOKKERIT_VIEW_ACCOUNTING")
    version = place.rule("{ agreementText { version } }")["version"]
    place.rule(SIGN, token, v=version)
    me = place.rule("{ me { key } }", token)["key"]
    firm = place.rule(REGISTER, input=FIRM)["recipient"]
    place.rule(ADD, firm=firm["id"], who=me)  # type: ignore[index]
    page = signed_in(place.browser, place.address, f"{ACCOUNTANT}@example.com")
    page.goto("/home")
    expect(frame(page).locator("#main")).to_contain_text("Avaa kuukausi")
    picture(page, "home")
    frame(page).get_by_role("link").click()
    page.wait_for_url("**/extensions/app/**/month**")
    expect(frame(page).locator("#month")).to_be_visible()
    picture(page, "month")


def test_7_the_plugin_s_own_page(place: Place) -> None:
    page = place.page
    page.set_viewport_size({"width": 1400, "height": 4600})
    page.goto("/extensions/plugin/jokkerit.register")
    expect(page.locator("input[name=status_missing]")).to_have_value(
        "Controller, Business ID, Controller's address, Controller's contact details,"
        " Contact person for the register, Country of the servers"
    )
    picture(page, "plugin")
    page.locator("input[name=business_id]").fill("1234567-0")
    with page.expect_response(lambda one: "pluginUpdate" in (one.request.post_data or "")) as sent:
        page.click("[data-test-id=button-bar-confirm]")
    (error,) = sent.value.json()["data"]["pluginUpdate"]["errors"]
    assert error["field"] == "business_id"
    picture(page, "plugin-refused")
    page.set_viewport_size({"width": 1400, "height": 1000})


@pytest.mark.skipif(not os.environ.get("PICTURES"), reason="no picture is asked for (PICTURES)")
def test_8_the_picture_of_the_documents(place: Place) -> None:
    place.live.commands.run("register_install_dashboard_app", "--language", "en")
    page = signed_in(place.browser, place.address, "admin@example.com", locale="en-GB")
    page.set_viewport_size({"width": 1400, "height": 860})
    page.goto(f"/customers/{place.customer}")
    expect(frame(page).locator("#main")).to_contain_text("Open the customer's card")
    page.evaluate(UNSOLD)
    save(page.screenshot(), "dashboard")
