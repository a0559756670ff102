"""The console's pages of books and marketing in a real browser: Chromium, headless."""

import pytest

from jokkerit_plugin import tasks
from tests.browsing import CHROMIUM, violations
from tests.console_books import kept, market
from tests.consoles import browser_page, faults, look_again, one_browser, sign_in  # noqa: F401 - fixtures

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine"),
]


@pytest.fixture
def house(shop, monkeypatch):
    return kept(shop, monkeypatch)


def test_a_file_is_made_while_one_looks_and_the_page_says_so_by_itself(page):
    page.clock.install()
    sign_in(page, "accountant", "files/?month=2026-03")
    page.click("text=Tee tiedosto >> nth=0")
    page.wait_for_selector("#jobs >> text=odottaa vuoroaan")
    where = page.url
    page.focus("#month")
    # Looking again fails: what was known stays, and that is said until it succeeds.
    page.route("**/console/files/", lambda route: route.fulfill(status=500, body="<p>Broken</p>"))
    look_again(page)
    page.wait_for_selector("#jobs + .unrenewed")
    assert "Tietoja ei voitu päivittää" in page.inner_text("#jobs + .unrenewed")
    assert page.is_visible("#jobs >> text=odottaa vuoroaan")
    page.unroute("**/console/files/")
    tasks.make_files()
    look_again(page)
    page.wait_for_selector("#jobs >> text=netvisor-2026-03-01")
    assert page.query_selector(".unrenewed") is None
    page.said.clear()
    # Looking again neither moves the focus nor leaves a trace in the history.
    assert page.evaluate("document.activeElement.id") == "month"
    assert page.url == where
    with page.expect_download() as fetched:
        page.click("#jobs button >> text=Lataa")
    assert fetched.value.suggested_filename.startswith("netvisor-2026-03")
    assert page.said == []


def test_the_month_compares_by_itself_and_is_closed_after_one_question(page):
    sign_in(page, "accountant", "month/?month=2026-03")
    page.wait_for_selector("#tie >> text=Erot tilauksittain")
    page.click("summary:has-text('Sulje kuukausi')")
    page.click("button.grave")
    page.wait_for_selector(".good:has-text('Kuukausi on suljettu.')")
    page.click("text=← Helmikuu 2026")
    page.wait_for_selector("h1:has-text('Helmikuu 2026')")
    assert page.said == []


def test_a_list_of_opt_outs_is_brought_by_keyboard_and_told_while_it_is_read(page, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("Email,Nimi\nlempi@example.com,Lempi\nrikki,R\n")
    page.clock.install()
    sign_in(page, "controller", "optouts/")
    page.set_input_files("#file", file)
    page.focus("#file")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#address-1")
    assert page.input_value("#address-1") == "1"
    assert violations(page) == []
    page.click("text=Kokeile")
    page.wait_for_selector("#imports progress")
    tasks.take_in_opt_outs()
    look_again(page)
    page.wait_for_selector("#imports >> text=1 kieltoa lisättäisiin")
    assert violations(page) == []
    page.click("summary:has-text('Tuo kiellot näin')")
    page.click("#imports button.grave")
    page.wait_for_selector("#imports progress")
    tasks.take_in_opt_outs()
    look_again(page)
    page.wait_for_selector("#imports >> text=1 kieltoa lisättiin")
    assert page.said == []


PAGES = {
    "month-full": ("accountant", "month/?month=2026-03"),
    "vat": ("accountant", "vat/?period.quarter=2026-Q1"),
    "tie": ("accountant", "tie/?period.month=2026-03"),
    "openitems": ("accountant", "openitems/?on=2026-03-31"),
    "vouchers": ("accountant", "vouchers/"),
    "voucher": ("controller", "voucher/?code=MYY-2026-000001"),
    "files": ("controller", "files/?month=2026-03"),
    "closings": ("accountant", "closings/"),
    "accounts": ("controller", "accounts/"),
    "marketing": ("staff", "marketing/"),
    "audience": ("staff", "audience/?counted=on&channel=EMAIL"),
    "optouts": ("controller", "optouts/"),
}


def test_every_page_is_accessible_and_fits_a_telephone(house, page):
    market()
    house.ask(
        'mutation { exportStart(input: {format: XLSX, period: {month: "2026-03"}, language: FI})'
        " { errors { message } } }", "accountant",
    )  # fmt: skip
    tasks.make_files()
    house.ask('mutation { monthClose(month: "2026-03") { errors { message } } }', "accountant")
    assert faults(page, PAGES, printed=("month-full", "vat", "voucher")) == {}
    assert page.said == []
