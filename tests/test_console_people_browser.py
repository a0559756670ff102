"""The console's pages of people in a real browser: Chromium, headless."""

from datetime import timedelta

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.models import Breach, Correction, Request
from jokkerit_plugin.policy.breaches import Found, Risk
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.rights.breaches import affected, records
from jokkerit_plugin.web.schema.base import to_global_id
from tests.asking import KEYS
from tests.breaching import recorded
from tests.browsing import CHROMIUM, unprintable
from tests.console_people import CONTROLLER, at, busy, of, peopled, request_of
from tests.consoles import (  # noqa: F401 - fixtures
    browser_page,
    faults,
    look_again,
    one_browser,
    picture,
    sign_in,
)
from tests.graphql import House

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine"),
]


@pytest.fixture
def house(shop, monkeypatch) -> House:
    monkeypatch.setenv("JOKKERIT_KEYS", KEYS)
    house = peopled(shop)
    busy(house, review_on=clock.today() + timedelta(days=30))
    breach = recorded()
    records.assess(breach.pk, risk=Risk.HIGH, reasons="Many names", actor=CONTROLLER)
    affected.search(breach.pk, kind=Found.HELD, categories=[Category.EMAIL], actor=CONTROLLER)
    return house


def test_a_customer_is_narrowed_down_corrected_and_asked_for_by_keyboard_alone(page):
    sign_in(page, "manager")
    page.focus("#search")
    page.keyboard.type("eino")
    page.wait_for_selector("#found tbody tr:only-child")
    page.focus("#found a")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Eino')")
    page.focus("main >> text=Oikaise tietoja")
    page.keyboard.press("Enter")
    page.wait_for_selector("#reason")
    page.focus('[name="right.lastName"]')
    page.keyboard.press("Control+A")
    page.keyboard.type("Aho")
    page.focus("#reason")
    page.keyboard.type("She called")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".good:has-text('sukunimi')")
    assert Correction.objects.filter(field="last_name").exists()
    assert page.said == []


def test_the_controller_decides_a_request_after_having_been_told_what_goes(page):
    sign_in(page, "controller", at("request", id=request_of("erasure")))
    assert page.is_visible("#stays")
    page.click("summary:has-text('Hyväksy')")
    page.click("details[open] button.grave")
    page.wait_for_selector(".good")
    assert Request.objects.get(kind="erasure").state == "accepted"
    assert page.said == []


def test_who_is_affected_comes_by_itself_and_what_is_open_and_in_focus_stays(page):
    affected.search(
        Breach.objects.get().pk, kind=Found.HELD, categories=[Category.NAME], actor=CONTROLLER
    )
    page.clock.install()
    sign_in(page, "controller", at("breach", id=_breach()))
    page.wait_for_selector("#affected progress")
    before = page.evaluate("history.length")
    page.click("#searches li:has-text('nimi') summary")
    page.focus("#searches details[open] button")
    with page.expect_response("**/breach/**"):
        look_again(page)
    assert page.is_visible("#searches li:has-text('nimi') details[open] button:focus")
    assert page.evaluate("history.length") == before
    # What is pressed in a part that looks again is answered with the whole page.
    page.keyboard.press("Enter")
    page.wait_for_selector(".good")
    page.wait_for_selector("#affected progress")
    page.click("#searches summary")
    page.focus("#searches details[open] button")
    affected.compute()
    look_again(page)
    page.wait_for_selector("#affected li:has-text('4: odottaa')")
    assert page.is_visible("#searches details[open] button:focus")
    assert page.is_visible("#searches :text('Haku löysi ihmisiä: 4')")
    assert page.said == []


def _breach():
    return to_global_id("RegisterBreach", Breach.objects.get().pk)


def test_every_page_is_accessible_and_fits_a_telephone(page):
    aino, restricted = of("Aino"), of("Väinö")
    pages = {
        "people-card": ("controller", at("customer", id=aino)),
        "people-card-staff": ("staff", at("customer", id=of("Eino"))),
        "people-restricted": ("controller", at("customer", id=restricted)),
        "people-rectify": ("manager", at("rectify", id=aino)),
        "people-choices": ("manager", at("choices", id=aino)),
        "people-hold": ("controller", at("hold", customer=aino)),
        "people-holds": ("controller", "holds/"),
        "people-purchase": ("staff", at("customer", id=aino), "#bought ~ table a"),
        "people-trail": ("controller", at("trail", customer=aino)),
        "people-ask": ("manager", at("ask", customer=aino)),
        "people-erase": ("controller", at("ask", customer=of("Kyllikki"), kind="ERASURE")),
        "people-requests": ("manager", "requests/"),
        "people-request": ("controller", at("request", id=request_of("erasure"))),
        "people-request-form": ("manager", at("request", id=request_of("rectification"))),
        "people-prove": ("manager", at("prove", request=request_of("rectification"))),
        "people-corrections": ("controller", "corrections/"),
        "people-breaches": ("controller", "breaches/"),
        "people-breach": ("controller", at("breach", id=_breach())),
        "people-breach-new": ("controller", "breachreport/"),
        "people-signatures": ("controller", "signatures/"),
    }
    printed = ("people-card", "people-request", "people-breach")
    assert faults(page, pages, printed=printed) == {}
    # A letter to be posted is alone on its sheet.
    sign_in(page, "manager", at("request", id=request_of("rectification")))
    page.click("button:has-text('Näytä kirje postitusta varten') >> nth=0")
    page.wait_for_selector(".letter")
    assert unprintable(page) == []
    picture(page, "people-letter-print")
    assert page.inner_text("body").strip() == page.inner_text(".letter").strip()
    assert page.said == []
