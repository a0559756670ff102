"""The console's pages of books and marketing, over HTTP: what they show, what buttons do."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jokkerit_plugin import clock, tasks
from jokkerit_plugin.accounting.chart import DEFAULTS
from jokkerit_plugin.models import (
    AccessEntry,
    AccountMap,
    Closing,
    Controller,
    Export,
    ExportJob,
    OptOutImport,
    Suppression,
)
from jokkerit_plugin.web.console import spans, words
from jokkerit_plugin.web.schema.base import to_global_id
from tests.console_books import firm, kept, market
from tests.graphql import HOME
from tests.standing import standing
from tests.test_console import get

pytestmark = pytest.mark.django_db


def furnished(shop, monkeypatch):
    return kept(shop, monkeypatch)


house = standing(__name__, furnished)


def post(path, token, **data):
    return get(path, token, "post", {name.replace("__", "."): one for name, one in data.items()})


def clean(text: str) -> str:
    return re.sub(r"\s+", " ", text)


# Periods.


def test_a_month_is_named_stepped_and_part_of_a_quarter():
    assert spans.month_name("2026-03-01", "fi") == "Maaliskuu 2026"
    assert spans.month_name("2026-03", "en") == "March 2026"
    steps = [("2026-01", -1), ("2026-12", 1), ("2026-Q1", -1), ("2026-Q4", 1), ("2026", 1),
             ("2026-2", 1), ("x", 1)]  # fmt: skip
    assert [spans.stepped(*one) for one in steps] == [
        "2025-12", "2027-01", "2025-Q4", "2027-Q1", "2027", "", "",
    ]  # fmt: skip
    assert [spans.quarter_of(one) for one in ("2026-03-01", "2026-04", "2026-12")] == [
        "2026-Q1", "2026-Q2", "2026-Q4",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-02-01", "2026-02-28", "Helmikuu 2026"),
        ("2026-04-01", "2026-06-30", "Q2/2026"),
        ("2026-02-01", "2026-04-30", "1.2.2026–30.4.2026"),
        ("2026-03-02", "2026-03-31", "2.3.2026–31.3.2026"),
    ],
)
def test_a_range_of_days_is_named(first, last, said):
    assert spans.span({"language": "fi"}, first, last) == said


# The month.


def test_the_month_is_in_words_with_the_ways_to_others(house):
    _, text = get("month/?month=2026-03", "accountant")
    assert "<h1>Maaliskuu 2026</h1>" in text
    for path in ("month/?month=2026-02", "month/?month=2026-04", "vat/?period.quarter=2026-Q1",
                 "vat/?period.financialYear=2026", "openitems/?on=2026-03-31"):  # fmt: skip
        assert f'href="{HOME}console/{path}"' in text
    assert "Kuukausi on auki ja valmis suljettavaksi." in text
    assert 'role="alert"' not in text
    entry = AccessEntry.objects.get(act="month report")
    assert (entry.actor, entry.purpose) == ("user:3", "bookkeeping")


def test_what_keeps_a_month_open_is_said_in_finnish(house):
    _, text = get("month/?month=2026-05", "accountant")
    assert "Kuukausi on vielä kesken." in text
    assert 'value="monthClose"' not in text
    Closing.objects.create(
        first="2026-02-01", last="2026-02-28", closed_by="user:3", figures={}, entries=0,
        digest="0" * 64,
    )  # fmt: skip
    _, text = get("month/?month=2026-04", "accountant")
    assert "Sulje ensin 2026-03: kuukaudet suljetaan järjestyksessä." in text


def test_every_obstacle_has_its_words():
    codes = {"closed", "not_over", "not_next", "not_compared", "not_followed", "set_aside",
             "settings", "unbooked", "unbookable"}  # fmt: skip
    for code in words.LANGUAGES:
        assert set(words.words(code)["words"]["obstacle"]) == codes


def test_a_month_is_closed_and_stands_among_the_closed(house):
    _, text = post("month/?month=2026-03", "accountant", operation="monthClose", month="2026-03")
    assert "Kuukausi on suljettu." in text
    assert 'value="monthClose"' not in text
    _, text = get("closings/", "accountant")
    assert "Maaliskuu 2026" in text
    assert "Muuttumaton" in text


def test_staff_have_no_books_in_their_menu_and_cannot_close(house):
    _, text = get("customers/", "staff")
    assert "/console/month/" not in text
    _, text = post("month/?month=2026-03", "staff", operation="monthClose", month="2026-03")
    assert 'role="alert"' in text
    assert not Closing.objects.exists()


# VAT, tie-out, open items.


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("", "Huhtikuu 2026"),
        ("?period.month=2026-03", "Maaliskuu 2026"),
        ("?period.quarter=2026-Q1", "Q1/2026"),
        ("?period.financialYear=2026", "1.1.2026–31.12.2026"),
        ("?period.from=2026-03-02&period.to=2026-03-31", "2.3.2026–31.3.2026"),
    ],
)
def test_the_vat_of_any_period(house, query, title):
    _, text = get(f"vat/{query}", "accountant")
    assert f"<h1>Arvonlisävero, {title}</h1>" in text
    assert 'role="alert"' not in text


def test_what_to_look_at_is_named_and_leads_to_its_voucher(house):
    _, text = get("vat/?period.month=2026-03", "accountant")
    assert "Verokanta ei ollut voimassa sinä päivänä" in text
    number = re.search(r"vouchers/\?filter\.search=(\d+)", text)[1]
    _, text = get(f"vouchers/?filter.search={number}", "accountant")
    assert "124,00" in text


def test_differences_with_the_shop_are_named(house):
    _, text = get("tie/?period.month=2026-03", "accountant")
    assert 'id="tie"' in text
    assert "Erot tilauksittain" in text
    assert "Poistettu" in text or "Selvitettävä" in text


def test_what_is_open_at_a_day(house):
    _, text = get("openitems/?on=2026-03-31", "accountant")
    assert "12,55" in text
    _, text = get("openitems/?on=2026-02-28", "accountant")
    assert "Mitään ei ole avoinna." in text


# Vouchers.


def test_vouchers_are_found_by_code_number_order_and_day(house):
    def found(**given) -> list[str]:
        _, text = post("vouchers/", "accountant", operation="page", **given)
        return re.findall(r"voucher/\?code=([A-Z0-9-]+)", text)

    assert len(found()) == 8
    assert found(filter__search="MYY-2026-000002") == ["MYY-2026-000002"]
    assert "MYY-2026-000002" in found(filter__search="2")
    assert found(filter__search="999") == []
    days = {"filter__period__from": "2026-04-01", "filter__period__to": "2026-04-30"}
    [credit] = found(**days)
    assert found(filter__kind="CREDIT") == [credit]


def test_a_voucher_shows_its_entries_order_and_buyer_as_issued(house):
    _, text = get("voucher/?code=MYY-2026-000001", "accountant")
    assert "Tosite MYY-2026-000001" in text
    parts = ("Aino Mäkelä", "Kaskitie 1", "12,55", "Myynti", "25,5", "Nimi ja osoite sellaisina")
    for part in parts:
        assert part in text
    assert "@example.com" not in text
    assert 'name="input.recipient"' not in text
    _, text = get("voucher/?code=MYY-2026-999999", "accountant")
    assert "Tällä numerolla ei ole tositetta." in text


def test_a_finvoice_is_made_by_the_firm_and_by_the_controller_for_it(house):
    given = {"operation": "exportCreate", "input__format": "FINVOICE",
             "input__voucher": "MYY-2026-000001", "input__language": "FI"}  # fmt: skip
    _, text = post("voucher/?code=MYY-2026-000001", "accountant", **given)
    assert "Verkkolasku on tehty" in text
    _, text = get("voucher/?code=MYY-2026-000001", "controller")
    assert "Tilit Oy" in text
    _, text = post(
        "voucher/?code=MYY-2026-000001", "controller", **given,
        input__recipient=to_global_id("RegisterRecipient", firm()),
    )  # fmt: skip
    assert "Verkkolasku on tehty" in text
    assert Export.objects.count() == 2


# Files.


def test_a_file_is_asked_for_made_by_a_worker_and_fetched(house):
    given = {"operation": "exportStart", "input__format": "NETVISOR", "input__language": "FI",
             "input__period__month": "2026-03"}  # fmt: skip
    _, text = post("files/", "accountant", **given)
    assert "odottaa vuoroaan" in text
    assert 'hx-trigger="every 3s"' in text
    tasks.make_files()
    _, text = get("files/", "accountant")
    assert 'hx-trigger="every 3s"' not in text
    assert "netvisor-2026-03-01-2026-03-31.csv" in text
    export = to_global_id("RegisterExport", Export.objects.get().pk)
    response, _ = post("files/", "accountant", operation="exportLink", id=export)
    assert "/downloads/" in response["HX-Redirect"]


def test_a_file_that_cannot_be_made_says_why(house):
    given = {"operation": "exportStart", "input__format": "NETVISOR", "input__language": "FI",
             "input__period__month": "2026-01"}  # fmt: skip
    post("files/", "accountant", **given)
    tasks.make_files()
    assert ExportJob.objects.get().code == "EXPORT"
    _, text = get("files/", "accountant")
    assert "ei onnistunut" in text
    assert "Kaudella ei ole kirjattavaa." in text


# Accounts.


def test_the_accountant_reads_the_accounts_and_the_controller_changes_them(house):
    _, text = get("accounts/", "accountant")
    assert "3001" in text
    assert 'value="accountMapReplace"' not in text
    _, text = get("accounts/", "controller")
    given = dict(re.findall(r'name="((?:rules\.\d+\.\w+|version))" value="([^"]*)"', text))
    changed = next(name for name in given if given[name] == "3001" and name.endswith("credit"))
    given |= {changed: "3101", "operation": "accountMapReplace"}
    # Sales at no VAT at home: the other rules for sales fit these, too.
    gone = next(name for name in given if name.endswith(".rate") and float(given[name]) == 0)
    given[gone.replace("rate", "without")] = "on"
    _, text = get("accounts/", "controller", "post", given | {"operation": "page"})
    shown = text.partition('id="changes"')[2]
    assert "3001 → <strong>3101</strong>" in shown
    assert shown.count("<strong>poistetaan</strong>") == 1
    assert shown.count("<li>") == 2
    assert not AccountMap.objects.exists()
    shown = dict(re.findall(r'name="((?:rules\.\d+\.\w+|version))" value="([^"]*)"', shown))
    assert shown == {name: one for name, one in given.items() if name != "operation"}
    _, text = get("accounts/", "controller", "post", given)
    assert "Tilikartta on vaihdettu." in text
    made = AccountMap.objects.get()
    assert made.rules[int(changed.split(".")[1])]["credit"] == "3101"
    assert len(made.rules) == len(DEFAULTS) - 1


# Marketing.


def test_the_state_of_marketing_is_said_plainly(house):
    _, text = get("marketing/", "staff")
    assert "Vanhoja kieltoja ei ole vielä tuotu" in text
    market()
    _, text = get("marketing/", "staff")
    assert "Markkinointia saa lähettää" in text
    assert "<svg" in text
    assert "style=" not in text
    assert "Lupa annettu: <strong>2</strong>" in text
    assert "Kielto voimassa: <strong>1</strong>" in text


def test_a_missing_key_is_said_and_whom_to_ask(house, monkeypatch):
    monkeypatch.delenv("JOKKERIT_KEYS")
    _, text = get("marketing/", "staff")
    assert "puuttuu avain (JOKKERIT_KEYS)" in text


def test_an_audience_is_counted_and_fetched_by_a_link_once(house):
    market()
    _, text = get("audience/", "staff")
    assert "<h2>Kohderyhmän koko" not in text
    _, text = get("audience/?counted=on&channel=EMAIL&filter.language=FI", "staff")
    assert "<strong>2</strong>" in clean(text)
    response, _ = post(
        "audience/", "staff", operation="audienceLink", channel="EMAIL", filter__language="FI"
    )
    path = response["HX-Redirect"].removeprefix(HOME)
    lines = b"".join(house.get(path).streaming_content).decode().splitlines()
    assert len(lines) == 3
    assert house.get(path).status_code == 403


def test_a_recalls_list_is_fetched_also_while_marketing_is_closed(house, monkeypatch):
    market()
    OptOutImport.objects.all().delete()
    text = get("audience/?counted=on&channel=EMAIL", "staff")[1]
    assert '<option value="">' not in text.partition('id="purpose"')[2].partition("</select>")[0]
    text = get("audience/?counted=on&channel=EMAIL&purpose=CLAIMS", "controller")[1]
    assert "jossa ei markkinoida" in text
    response, _ = post(
        "audience/", "controller", operation="audienceLink", channel="EMAIL", purpose="CLAIMS"
    )
    path = response["HX-Redirect"].removeprefix(HOME)
    lines = b"".join(house.get(path).streaming_content).decode()
    assert lines.count('"link": ""') == lines.count("@example.com")
    assert lines.count("@example.com") > 1


def test_old_opt_outs_are_sent_tried_and_taken_in(house):
    text = "Email,Nimi\nlempi@example.com,Lempi\nrikki,Rikki\n"
    file = SimpleUploadedFile("list.csv", text.encode(), "text/csv")
    _, page = post("optout/", "controller", operation="optOutsUpload", file=file)
    assert "1: Email" in page
    stored = re.search(r'name="file" value="([^"]+)"', page)[1]
    given = {"file": stored, "layout__channel": "EMAIL", "layout__address": "1"}
    _, page = post("optouts/", "controller", operation="optOutsTakeIn", isDryRun="true", **given)
    assert 'hx-trigger="every 3s"' in page
    tasks.take_in_opt_outs()
    _, page = get("optouts/", "controller")
    assert "1 kieltoa lisättäisiin" in clean(page)
    assert not Suppression.objects.exists()
    tried = to_global_id("RegisterOptOutImport", OptOutImport.objects.get().pk)
    response, _ = post("optouts/", "controller", operation="optOutReportLink", id=tried)
    report = house.get(response["HX-Redirect"].removeprefix(HOME))
    assert b"".join(report.streaming_content) == b"line,reason\r\n3,bad_address\r\n"
    post("optouts/", "controller", operation="optOutsRepeat", id=tried)
    tasks.take_in_opt_outs()
    _, page = get("optouts/", "controller")
    assert "1 kieltoa lisättiin" in clean(page)
    assert Suppression.objects.count() == 1
    assert "Markkinointia saa lähettää" in page


def test_that_there_are_none_is_declared_by_the_controller(house):
    _, text = get("optouts/", "controller")
    assert 'value="optOutsDeclareNone"' in text
    _, text = post("optouts/", "controller", operation="optOutsDeclareNone")
    assert "Vahvistus on kirjattu." in text
    assert 'value="optOutsDeclareNone"' not in text
    _, text = get("optouts/", "staff")
    assert 'role="alert"' in text


def test_whose_a_new_business_id_is_is_said_by_the_controller(house):
    OptOutImport.objects.create(started_by="user:1", finished_at=clock.now(), declared=True)
    Controller.objects.create(
        word="first", business_id="1643256-1", by="shop", at=clock.now() - timedelta(days=9)
    )
    house.shop.port.settings = replace(house.shop.port.settings, business_id="2368582-3")
    _, text = get("marketing/", "controller")
    assert "luvat eivät siirry" in text
    assert f'href="{HOME}console/optouts/"' in text
    _, text = get("optouts/", "controller")
    assert text.count('value="controllerDeclare"') == 2
    given = {"operation": "controllerDeclare", "newFrom": clock.today().isoformat()}
    _, text = post("optouts/", "controller", businessId="1643256-1", **given)
    assert "Kirjoita Y-tunnus, joka asetuksissa on nyt" in text
    _, text = post("optouts/", "controller", businessId="2368582-3", **given)
    assert "Vahvistus on kirjattu." in text
    assert 'value="controllerDeclare"' not in text
    made = Controller.objects.latest("pk")
    assert (made.word, made.by) == ("new", "user:1")
