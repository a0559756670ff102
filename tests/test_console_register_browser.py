"""The controller's pages in a real browser, filled by the register's own functions."""

from datetime import timedelta

import pytest

from jokkerit_plugin import clock, keys
from jokkerit_plugin.marketing import contact_keys, links
from jokkerit_plugin.models import Certificate, Customer, Hold, Plan
from jokkerit_plugin.policy.marketing import Channel
from jokkerit_plugin.policy.requests import RequestKind
from jokkerit_plugin.register import sweep
from jokkerit_plugin.retention import plans
from jokkerit_plugin.rights.content import Content
from jokkerit_plugin.shop.flows import Flow, FlowKind
from tests.asking import attend, fills_in, link, taken_down
from tests.browsing import CHROMIUM, COLOURS, too_wide, unprintable, violations
from tests.consoles import (  # noqa: F401 - fixtures
    browser_page,
    faults,
    look_again,
    one_browser,
    picture,
    sign_in,
)
from tests.forgetting import buys, erase, follow
from tests.graphql import HOME, House
from tests.paper_shop import party
from tests.people import MANAGER, sign
from tests.published import published

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine"),
]

LEFT = {"table": "order_order", "column": "user_email", "key": "1", "kinds": ["email"], "rule": "",
        "ground": "", "until": None}  # fmt: skip


@pytest.fixture
def house(shop, monkeypatch):
    monkeypatch.setenv(keys.VARIABLE, "2026:" + "ab" * 32)
    house = House(shop)
    house.everybody_signs()
    published(shop)
    sweep.run(sweep.start("backfill"))
    for number, name in enumerate(("aino", "eino", "väinö")):
        when = (clock.now() - timedelta(days=365 * 3 - 40 * number)).isoformat()
        buys(shop, f"{number}", when=when, billing=party(name.title(), "Mäkelä"))
    old = buys(shop, "kyllikki")
    Hold.objects.create(
        customer=old.customer, categories="name", ground="dispute", reason="Riita toimituksesta",
        placed_by="user:1", review_on=clock.today() - timedelta(days=3),
    )  # fmt: skip
    buys(shop, "impi")
    erase(shop)
    buys(shop, "toivo")
    shop.order("late", placed_at="2025-03-01T10:00:00.000000Z")
    follow(shop)
    shop.port.ways_out = [Flow(FlowKind.MAIL, "EMAIL_URL", "mail.example")]
    Certificate.objects.create(
        origin="sample", customer=9, verdict="leftover", hits=1, left_over=1, tables=80,
        rows=1200, findings=[LEFT],
    )  # fmt: skip
    house.ask("{ customers(first: 1) { totalCount } }", "staff")
    house.ask("{ customers(first: 1) { totalCount } }", "accountant")
    return house


def test_the_controller_makes_a_dry_run_and_approves_it_by_keyboard(page, house):
    sign_in(page, "controller", "retention/")
    page.focus("text=Tee koeajo")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Tämä koeajo odottaa hyväksyntääsi")
    page.focus("summary:has-text('Hyväksy poistaminen')")
    page.keyboard.press("Enter")
    page.focus("text=Hyväksyn poistamisen")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Hyväksytty. Poistetaan ensi yönä")
    assert page.said == []


def test_a_run_is_followed_to_its_end_without_a_hand(page, house, shop):
    plan = plans.make(shop.port.config())
    Plan.objects.filter(pk=plan.pk).update(
        state="running", approved_at=clock.now(), approved_by="user:1", night=clock.today()
    )
    page.clock.install()
    sign_in(page, "controller", "retention/")
    page.wait_for_selector("#plans progress")
    page.focus("text=Todistukset >> nth=-1")
    Plan.objects.filter(pk=plan.pk).update(state="done", finished_at=clock.now())
    look_again(page)
    page.wait_for_selector("#plans progress", state="detached")
    assert page.url.endswith("/retention/")
    assert page.evaluate("document.activeElement.tagName") == "A"
    assert page.said == []


def test_the_log_is_proved_to_its_end(page, house, monkeypatch):
    monkeypatch.setattr("jokkerit_plugin.web.schema.chains.STEP", 2)
    sign_in(page, "controller", "access/")
    page.click("text=Tarkista nyt")
    page.wait_for_selector("text=Luettelo on ehjä")
    assert page.said == []


def test_a_new_recipient_is_registered(page, house):
    sign_in(page, "controller", "recipients/")
    page.fill("#name", "Palvelimet Oy")
    page.fill("#business", "2368582-3")
    page.select_option("#kind", "PROCESSOR")
    page.click("button:has-text('Rekisteröi') >> nth=-1")
    page.wait_for_selector("h3:has-text('Palvelimet Oy')")
    assert page.said == []


PAGES = {
    "start": ("controller", "start/"),
    "settings": ("controller", "settings/"),
    "retention": ("controller", "retention/"),
    "months": ("controller", "months/"),
    "erasures": ("controller", "erasures/?prove=true"),
    "certificates": ("controller", "certificates/"),
    "stale": ("controller", "stale/"),
    "description": ("controller", "description/"),
    "version": ("controller", "version/?version=1"),
    "recipients": ("controller", "recipients/"),
    "disclosures": ("controller", "disclosures/"),
    "access": ("controller", "access/"),
    "team": ("controller", "team/"),
    "transfers": ("controller", "transfers/"),
}


def test_every_page_of_the_controllers_is_accessible_and_fits_a_telephone(page, shop):
    plans.make(shop.port.config())
    assert faults(page, PAGES, printed=("certificates", "version", "retention")) == {}
    assert page.said == []


def _public(shop) -> dict[str, tuple[str, ...]]:
    """Return where each page is that is read without signing in, and what is pressed there."""
    asked = Content("toivo@example.com", "Toivo Mäkelä", "00100", (), "")
    confirm = f"requests/confirm/{fills_in(shop, asked, RequestKind.ERASURE)}/"
    sign(MANAGER)
    taken_down(Customer.objects.get(email="toivo@example.com").pk, RequestKind.ACCESS)
    copy = next(link(text, "copy") for _, text, _ in attend(shop) if "/requests/copy/" in text)
    key = contact_keys.keys(Channel.EMAIL, "toivo@example.com")[0]
    leave = links.token(key, Channel.EMAIL)
    opt_in = f"confirm/{links.confirmation(key, Channel.EMAIL, at=clock.now())}/"
    return {
        "notice": ("",), "requests": ("requests/",), "requests-wrong": ("requests/", "button"),
        "requests-confirm": (confirm,), "requests-confirmed": (confirm, "button"),
        "requests-gone": (confirm,), "copy": (f"requests/copy/{copy}/",),
        "unsubscribe": (f"unsubscribe/{leave}/",),
        "unsubscribed": (f"unsubscribe/{leave}/", "button"),
        "preferences": (f"preferences/{leave}/",),
        "preferences-saved": (f"preferences/{leave}/", "button"),
        "opt-in": (opt_in,), "opted-in": (opt_in, "button"),
    }  # fmt: skip


def test_every_public_page_is_accessible_on_a_telephone_and_on_paper(page, house, shop):
    wrong = {}
    for name, (path, *pressed) in _public(shop).items():
        page.emulate_media(media="screen", color_scheme="light")
        page.set_viewport_size({"width": 360, "height": 740})
        page.goto(f"{HOME}{path}")
        for one in pressed:
            page.evaluate("document.forms[0].noValidate = true")
            page.click(f"main {one}")
        found = violations(page)
        found += ["too wide"] if too_wide(page) else []
        picture(page, f"public-{name}-light-360")
        page.emulate_media(color_scheme="dark")
        found += [f"{one} (dark)" for one in violations(page, only=COLOURS)]
        found += ["too wide (dark)"] if too_wide(page) else []
        picture(page, f"public-{name}-dark-360")
        found += unprintable(page)
        picture(page, f"public-{name}-print")
        if found:
            wrong[name] = found
    assert wrong == {}
