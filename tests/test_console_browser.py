"""The console in a real browser: Chromium, headless."""

import base64

import pytest

from jokkerit_plugin.models import Customer, Purchase, Request, Signature
from jokkerit_plugin.shop.accounts import ShopAccounts
from jokkerit_plugin.web.schema.base import to_global_id
from tests import console_host
from tests.bookkeeping import follow
from tests.browsing import CHROMIUM
from tests.consoles import PASSWORD, browser_page, faults, one_browser, sign_in  # noqa: F401 - fixtures
from tests.graphql import HOME, House
from tests.paper_shop import party

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine"),
]


@pytest.fixture
def house(shop):
    for number, name in enumerate(("Aino", "Eino", "Väinö", "Kyllikki")):
        shop.order(
            f"order {number}", email=f"{name[0].lower()}@example.com", billing=party(name, "Mäkelä")
        )
    follow(shop)
    shop.port.accounts = lambda *_: ShopAccounts(iter(()), iter(()), iter(()))
    house = House(shop)
    house.everybody_signs()
    return house


def test_staff_sign_in_search_and_open_a_card_by_keyboard_alone(page):
    page.goto(f"{HOME}console/")
    page.keyboard.type("staff@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#found table")
    page.focus("#search")
    page.keyboard.type("väinö")
    page.wait_for_selector("#found tbody tr:only-child")
    page.focus("#found a")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Väinö Mäkelä')")
    assert "/console/customer/" in page.url
    page.go_back()
    page.wait_for_selector("#search")
    assert page.said == []


def test_the_token_is_nowhere_but_in_memory(page):
    sign_in(page, "staff")
    kept = page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
    )
    assert kept == '[{},{},""]'
    page.reload()
    assert page.is_visible("#sign-in")


def test_a_wrong_password_says_so_and_lets_nobody_in(page):
    page.goto(f"{HOME}console/")
    page.fill("#email", "staff@example.com")
    page.fill("#password", "wrong")
    page.click("#sign-in button")
    page.wait_for_selector("#sign-in-error:visible")
    assert page.inner_text("#sign-in-error") == "Sähköpostiosoite tai salasana on väärin."
    assert page.query_selector("#page main") is None


def test_a_shop_that_signs_its_people_in_elsewhere_leads_to_the_dashboard(page, monkeypatch):
    monkeypatch.setattr(console_host, "OTHERS", [{"id": "mirumee.authentication.openidconnect"}])
    page.goto(f"{HOME}console/")
    page.fill("#email", "staff@example.com")
    page.fill("#password", "of another service")
    page.click("#sign-in button")
    page.wait_for_selector("#sign-in-error:visible")
    said = page.inner_text("#sign-in-error")
    assert "toisen palvelun kautta" in said
    assert "avaa asiakasrekisteri kaupan hallinnassa" in said


def _held_up(page, path):
    """Return the list to which what is asked for at a path goes, to be let on later."""
    held = []

    def hold(route):
        held.append(route)

    page.route(path, hold)
    return held


def test_an_answer_that_comes_after_signing_out_is_dropped(page):
    sign_in(page, "staff")
    held = _held_up(page, "**/console/holds/")
    page.click("nav >> text=Säilytyspäätökset")
    page.wait_for_selector("body:has(.htmx-request)")
    page.click("#sign-out")
    page.fill("#email", "accountant@example.com")
    page.fill("#password", PASSWORD)
    page.click("#sign-in button")
    page.wait_for_selector("#page main")
    shown = page.inner_text("#page h1")
    with page.expect_response("**/console/holds/") as late:
        held[0].continue_()
    late.value.finished()
    page.evaluate("() => new Promise((done) => setTimeout(done, 0))")
    assert page.inner_text("#page h1") == shown
    assert "/holds/" not in page.url


def test_of_two_pages_the_one_asked_for_last_is_shown(page):
    sign_in(page, "staff")
    held = _held_up(page, "**/console/holds/")
    page.click("nav >> text=Säilytyspäätökset")
    page.wait_for_selector("body:has(.htmx-request)")
    page.click("nav >> text=Salassapitositoumus")
    page.wait_for_selector("#page h1:has-text('Salassapitositoumus')")
    with page.expect_response("**/console/holds/") as late:
        held[0].continue_()
    late.value.finished()
    page.evaluate("() => new Promise((done) => setTimeout(done, 0))")
    assert "Salassapitositoumus" in page.inner_text("#page h1")
    assert page.url.endswith("/agreement/")


def test_the_language_is_switched_before_and_after_signing_in(page):
    page.goto(f"{HOME}console/")
    page.click("text=In English")
    page.wait_for_selector("label:has-text('E-mail')")
    assert page.inner_text("#sign-in button") == "Sign in"
    page.fill("#email", "staff@example.com")
    page.fill("#password", "wrong")
    page.click("#sign-in button")
    page.wait_for_selector("#sign-in-error:has-text('wrong')")
    page.fill("#password", PASSWORD)
    page.click("#sign-in button")
    page.wait_for_selector("#page h1:has-text('Customers')")
    page.click("text=Suomeksi")
    page.wait_for_selector("#page h1:has-text('Asiakkaat')")
    page.wait_for_selector("#sign-out:has-text('Kirjaudu ulos')")
    assert page.said == []


def test_a_lost_connection_is_said_and_the_page_stays(page):
    sign_in(page, "staff")
    page.context.set_offline(True)
    page.click("nav >> text=Salassapitositoumus")
    page.wait_for_selector("#unreached:visible")
    assert page.inner_text("#page h1") == "Asiakkaat"
    page.context.set_offline(False)
    page.click("nav >> text=Salassapitositoumus")
    page.wait_for_selector("#page h1:has-text('Salassapitositoumus')")
    assert not page.is_visible("#unreached")


@pytest.fixture
def writing(page, house, monkeypatch):
    """A form that is being written, with a token that is renewed before each request."""
    monkeypatch.setenv("JOKKERIT_KEYS", "2026:" + "ab" * 32)
    said = base64.urlsafe_b64encode(b'{"exp": 9, "user_id": "VXNlcjox"}').decode().rstrip("=")
    token = f"a.{said}.c"
    monkeypatch.setitem(console_host.TOKENS, "controller", token)
    house.people[token] = house.people["controller"]
    sign_in(page, "controller", f"ask/?customer={_first_customer()}&kind=ACCESS")
    page.fill("#how", "Passi nähty")
    page.fill("#message", "Pitkä selitys, jota ei kirjoiteta kahdesti.")
    return token


def _first_customer():
    return to_global_id("RegisterCustomer", Customer.objects.order_by("pk")[0].pk)


def _sign_in_again(page, name):
    page.wait_for_selector("#sign-in:visible")
    assert not page.is_visible("#page")
    page.fill("#email", f"{name}@example.com")
    page.fill("#password", PASSWORD)
    page.click("#sign-in button")
    page.wait_for_selector("#page main")


def test_without_a_connection_what_is_being_written_stays(page, writing):
    page.context.set_offline(True)
    page.click("#page form button:has-text('Kirjaa')")
    page.wait_for_selector("#unreached:visible")
    assert page.input_value("#how") == "Passi nähty"
    page.context.set_offline(False)
    page.click("#page form button:has-text('Kirjaa')")
    page.wait_for_selector("#page >> text=Pyyntö on kirjattu")
    assert Request.objects.exists()


def test_who_must_sign_in_again_finds_what_was_being_written(page, house, writing):
    known = house.people.pop(writing)
    page.click("#page form button:has-text('Kirjaa')")
    page.wait_for_selector("#sign-in:visible")
    house.people[writing] = known
    _sign_in_again(page, "controller")
    assert page.input_value("#message").startswith("Pitkä selitys")
    house.people.pop(writing)
    page.click("#page form button:has-text('Kirjaa')")
    _sign_in_again(page, "staff")
    assert page.query_selector("#message") is None or page.input_value("#message") == ""
    page.click("#sign-out")
    assert page.query_selector("#page main") is None


def test_the_accountant_signs_and_then_sees_last_month(page):
    Signature.objects.filter(signer="user:3").delete()
    sign_in(page, "accountant")
    assert "Salassapitositoumus" in page.inner_text("#page h1")
    page.click("#page button")
    page.wait_for_selector(".good")
    page.click("nav >> text=Kuukausi")
    page.wait_for_selector("#page h1:has-text('20')")
    assert page.said == []


PAGES = {
    "sign-in": ("staff", None),
    "customers": ("staff", "customers/"),
    "nobody": ("staff", "customers/?filter.search=zzz"),
    "card": ("staff", "customers/?filter.search=aino", "#found a"),
    "month": ("accountant", "month/?month=2026-03"),
    "agreement": ("controller", "agreement/"),
    "refused": ("accountant", "customers/"),
    "told": ("staff", "nothing/"),
    "dashboard-brief": ("accountant", "brief/?month=2026-03"),
    "dashboard-unknown": ("staff", "open/?customerId=VXNlcjo0NzEx"),
}


def test_every_page_is_accessible_and_fits_a_telephone(page):
    Customer.objects.filter(first_name="Aino").update(email=f"{'aino.katariina.' * 3}@example.com")
    order = base64.b64encode(f"Order:{Purchase.objects.first().saleor_order}".encode()).decode()
    card = {"dashboard-card": ("staff", f"card/?orderId={order}")}
    assert faults(page, PAGES | card) == {}
    assert [one for one in page.said if "404" not in one] == []
