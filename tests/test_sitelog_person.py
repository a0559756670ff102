"""One person's lines: in the copy, at erasure, in the proof; and lines that go meanwhile."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from jokkerit_plugin import clock
from jokkerit_plugin.config import Config
from jokkerit_plugin.models import (
    BilledLine,
    Customer,
    IncidentLine,
    Purchase,
    SiteLine,
    Voucher,
)
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.policy.purposes import Purpose
from jokkerit_plugin.register import held_lines
from jokkerit_plugin.retention import proof
from jokkerit_plugin.retention.proof import columns, needles, search
from jokkerit_plugin.rights.archive import held, writing
from jokkerit_plugin.rights.archive.whose import Whose
from jokkerit_plugin.sitelog import billing, expiry, incidents
from jokkerit_plugin.sitelog.billing import BillingError
from jokkerit_plugin.sitelog.search import Wanted
from jokkerit_plugin.web import log_files
from tests.erasing import erase, take
from tests.graphql import House
from tests.logs import ago, by_day, logged
from tests.paper_shop import party
from tests.people import CONTROLLER, sign
from tests.races import overtaken
from tests.standing import standing

__all__ = ["by_day"]

pytestmark = pytest.mark.django_db
#: For what must be committed to be seen.
committed = pytest.mark.usefixtures("by_day")


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("JOKKERIT_KEYS", "2026:" + "ab" * 32)


def furnished(shop, monkeypatch) -> Customer:
    monkeypatch.setenv("JOKKERIT_KEYS", "2026:" + "ab" * 32)
    sign(CONTROLLER)
    shop.port.settings = replace(shop.port.settings, voucher_start=date(2026, 1, 1))
    shop.account(5, email="aino@example.com")
    shop.account(6, email="eino@example.com", first_name="Eino", last_name="Virtanen")
    shop.order("a", user=5)
    theirs = party("Eino", "Virtanen", street_1="Vieraantie 3", phone="+358508888888")
    shop.order("b", user=6, email="eino@example.com", billing=theirs, shipping=theirs)
    take(shop)
    return Customer.objects.get(email="aino@example.com")


aino = standing(__name__, furnished)


def begin(**given):
    return incidents.begin(
        Purpose.SECURITY, Wanted(ago(days=20), ago(days=-5), **given), reason="Guessing",
        review_on=clock.today() + timedelta(days=9), actor=CONTROLLER,
    )  # fmt: skip


def copied(whose: Whose, shop, language="en") -> zipfile.ZipFile:
    out = io.BytesIO()
    with transaction.atomic():
        writing.write(out, whose, shop.port.settings, language)
    return zipfile.ZipFile(out)


@pytest.mark.promise("P-DATA-LOG")
def test_the_copy_has_the_persons_lines_and_nobody_elses(shop, aino):
    other = Customer.objects.get(email="eino@example.com")
    logged(path="/mine", customer=aino.pk, agent="=Firefox")
    logged(path="/theirs", customer=other.pk)
    logged(path="/nobodys")
    begin(path="/")
    archive = copied(Whose(aino.pk), shop)
    lines = json.loads(archive.read("json/SiteLine.json"))
    assert [(one["path"], one["address"]) for one in lines] == [("/mine", "203.0.113.9")]
    assert [one["path"] for one in json.loads(archive.read("json/IncidentLine.json"))] == ["/mine"]
    text = archive.read("csv/SiteLine.csv").decode("utf-8-sig")
    assert [row["agent"] for row in csv.DictReader(io.StringIO(text))] == ["'=Firefox"]
    page = archive.read("index.html").decode()
    assert "Your visits to our site" in page
    assert "203.0.113.9" in page
    assert "/theirs" not in page
    assert "/nobodys" not in page


def test_the_copy_has_lines_that_are_not_linked_yet(shop, aino):
    cart = "8c2f4e0a-3b1d-4c5e-9f60-718293a4b5c6"
    Purchase.objects.filter(customer=aino).update(checkout_token=cart)
    logged(path="/browsed", saleor_user=5)
    logged(path="/paid", checkout=cart)
    logged(path="/theirs", saleor_user=6)
    logged(path="/for-her", saleor_user=6, checkout=cart)
    begin(path="/")
    archive = copied(Whose(aino.pk), shop)
    for name in held.LINES:
        found = json.loads(archive.read(f"json/{name}.json"))
        assert sorted(one["path"] for one in found) == ["/browsed", "/paid"]


def test_the_copy_of_an_account_that_never_bought_has_its_lines(shop, aino):
    shop.account(7, email="uusi@example.com", first_name="Uuno", last_name="Uusi")
    logged(path="/mine", saleor_user=7)
    logged(path="/theirs", saleor_user=8)
    logged(path="/nobodys")
    logged(path="/customers", customer=aino.pk, saleor_user=7)
    begin(path="/")
    archive = copied(Whose(0, account=7), shop)
    for name in held.LINES:
        assert [one["path"] for one in json.loads(archive.read(f"json/{name}.json"))] == ["/mine"]


def test_a_copy_of_some_purchases_has_no_lines(shop, aino):
    logged(customer=aino.pk)
    archive = copied(Whose(aino.pk, tuple(aino.purchases.values_list("pk", flat=True))), shop)
    assert "json/SiteLine.json" not in archive.namelist()


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_copy_shows_hostile_lines_as_text(shop, aino, language):
    logged(path="/<script>alert(1)</script>", customer=aino.pk)
    page = copied(Whose(aino.pk), shop, language).read("index.html").decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page


def test_the_copy_has_what_an_invoice_rests_on(shop, aino):
    voucher = _voucher(aino)
    line = logged(path="/api/x", customer=aino.pk)
    billing.hold(voucher.code, since=line.at, until=ago(), actor=CONTROLLER)
    archive = copied(Whose(aino.pk), shop)
    assert [one["path"] for one in json.loads(archive.read("json/BilledLine.json"))] == ["/api/x"]
    assert "Visits that an invoice rests on" in archive.read("index.html").decode()


def _voucher(customer: Customer) -> Voucher:
    purchase = Purchase.objects.get(customer=customer)
    return Voucher.objects.filter(purchase=purchase).first() or Voucher.objects.create(
        purchase=purchase, prefix="MYY", year_end=date(2026, 12, 31), number=77, code="MYY-77",
        kind="sale", source="77", day=date(2026, 3, 1),
    )  # fmt: skip


@pytest.mark.promise("P-KEEP-PURPOSE")
def test_erasing_leaves_no_line_of_the_person_but_what_is_held(shop, aino):
    logged(path="/before", customer=aino.pk)
    incident = begin(customer=aino.pk)
    logged(path="/after", customer=aino.pk)
    logged(path="/by-account", saleor_user=5)
    other = Customer.objects.get(email="eino@example.com")
    logged(path="/theirs", customer=other.pk, saleor_user=6)
    erase(Part.CONTACT, [aino.pk])
    assert not SiteLine.objects.filter(customer=aino.pk).exists()
    assert not SiteLine.objects.filter(saleor_user=5).exists()
    assert SiteLine.objects.filter(customer=other.pk).count() == 1
    assert sorted(incident.lines.values_list("path", flat=True)) == ["/after", "/before"]
    assert incident.lines.filter(saleor_user=5).count() == 0


@committed
def test_the_proof_finds_a_line_that_was_left(shop, aino):
    made = _ticketed(aino, lambda: erase(Part.CONTACT, [aino.pk]))
    assert made.verdict in {"clean", "kept"}

    other = Customer.objects.get(email="eino@example.com")

    def erase_and_leave() -> None:
        erase(Part.CONTACT, [other.pk])
        logged(path="/left", customer=other.pk)

    made = _ticketed(other, erase_and_leave)
    [left] = [one for one in made.findings if not one["rule"]]
    assert left["table"] == f"jokkerit_plugin_siteline_{ago(hours=1):%Y%m%d}"
    assert (left["column"], left["kinds"]) == ("customer", ["site_log"])
    assert made.verdict == "leftover"


def _left_in_a_copy(customer: Customer) -> None:
    """Erase, and let an incident's copy name the customer as before."""
    logged(path="/", customer=customer.pk)
    begin(path="/")
    erase(Part.CONTACT, [customer.pk])
    IncidentLine.objects.update(customer=customer.pk)


@committed
def test_the_proof_finds_a_line_that_was_left_in_a_copy(aino, monkeypatch):
    monkeypatch.setattr(held_lines, "forget_erased", lambda: 0)
    made = _ticketed(aino, lambda: _left_in_a_copy(aino))
    [left] = [one for one in made.findings if not one["rule"]]
    assert (left["table"], left["column"]) == ("jokkerit_plugin_incidentline", "customer")
    assert left["key"] == str(IncidentLine.objects.get().pk)


@committed
def test_what_a_copy_took_in_meanwhile_is_gone_before_the_proof(aino):
    made = _ticketed(aino, lambda: _left_in_a_copy(aino))
    assert IncidentLine.objects.get().customer is None
    assert not [one for one in made.findings if not one["rule"]]


def _ticketed(customer: Customer, act):
    """Open a ticket, erase, and certify."""
    from jokkerit_plugin.models import Certificate, ProofTicket
    from jokkerit_plugin.retention.proof import tickets

    with transaction.atomic():
        assert tickets.open_ticket(customers=[customer.pk]) == 1
    act()
    ProofTicket.objects.update(ready_at=clock.now())
    proof.certify()
    return Certificate.objects.latest("pk")


@committed
def test_a_line_that_names_somebody_is_kept_until_its_day_goes(shop, aino):
    at = ago(days=3)
    logged(at, path="/search/aino-mäkelä", customer=aino.pk)
    begin(path="/search")
    made = proof.prove(customer=aino.pk)
    found = {one["table"]: one for one in made.findings}
    day = found[f"jokkerit_plugin_siteline_{at:%Y%m%d}"]
    assert (day["column"], day["rule"]) == ("path", "site_log")
    until = at.date() + timedelta(days=shop.port.settings.site_log_days - 1)
    assert day["until"] == until.isoformat()
    kept = found["jokkerit_plugin_incidentline"]
    assert (kept["rule"], kept["until"]) == ("incident", None)
    assert made.verdict == "kept"


@committed
def test_the_proof_goes_on_when_a_day_goes_meanwhile(aino):
    logged(ago(days=100), path="/old")
    tables = columns.searchable()[0]
    gone = f"jokkerit_plugin_siteline_{ago(days=100):%Y%m%d}"
    assert gone in {one.name for one in tables}
    expiry.expire(Config(active=True))
    needle = needles.Needle(0, needles.NeedleKind.EMAIL, "aino@example.com")
    found = search.through(tables, [needle])
    assert found.tables == len(tables)
    assert {hit.table.name for hit in found.hits} >= {"jokkerit_plugin_customer"}


@committed
def test_a_file_goes_on_when_its_day_goes_meanwhile(shop, aino, monkeypatch):
    monkeypatch.setattr(log_files, "PAGE", 1)
    house = House(shop)
    house.everybody_signs()
    logged(path="/new")
    for number in range(3):
        logged(ago(days=25, seconds=number), path=f"/old{number}")
    response = house.look(
        "lines.csv", "maintainer",
        {"purpose": "security",
         "filter": {"at": {"gte": ago(days=30).isoformat(), "lte": ago().isoformat()}}},
    )  # fmt: skip
    pieces = iter(response.streaming_content)
    text = next(pieces) + next(pieces)
    expiry.expire(Config(active=True, site_log_days=20))
    text += b"".join(pieces)
    assert text.count(b"/old") == 1
    assert b"/new" in text


@committed
def test_a_day_that_goes_waits_for_the_invoice_that_holds_it(aino):
    at = ago(days=25)
    voucher = _voucher(aino)
    logged(at, path="/api", customer=aino.pk)
    found, dropped = overtaken(
        lambda: billing.hold(voucher.code, since=at, until=ago(days=24), actor=CONTROLLER),
        lambda: expiry.expire(Config(active=True, site_log_days=20)),
        after=(billing, "_reaches"),
    )
    assert (found, dropped) == (1, 1)
    assert BilledLine.objects.count() == 1
    assert not SiteLine.objects.exists()


@committed
def test_an_invoice_that_comes_after_the_day_went_is_told(aino):
    at = ago(days=25)
    voucher = _voucher(aino)
    logged(at, path="/api", customer=aino.pk)
    logged(path="/api", customer=aino.pk)
    dropped, refused = overtaken(
        lambda: expiry.expire(Config(active=True, site_log_days=20)),
        lambda: billing.hold(voucher.code, since=at, until=ago(), actor=CONTROLLER),
        after=(expiry, "execute"),
    )
    assert dropped == 1
    assert isinstance(refused, BillingError)
    assert "are gone" in str(refused)
    assert not BilledLine.objects.exists()


@committed
def test_a_day_that_goes_waits_for_the_incident_that_holds_it(aino):
    logged(ago(days=15), path="/api")
    opened, dropped = overtaken(
        lambda: begin(path="/api"),
        lambda: expiry.expire(Config(active=True, site_log_days=10)),
        after=(incidents, "copy_to_incidents"),
    )
    assert dropped == 1
    assert not SiteLine.objects.exists()
    assert list(IncidentLine.objects.values_list("incident", "path")) == [(opened.pk, "/api")]


def test_a_held_line_keeps_its_address_when_those_of_its_day_are_cut(aino):
    config = Config(active=True, site_log_address_days=7)
    begin(path="/api")
    logged(ago(days=8), path="/api")
    expiry.cut_addresses(config)
    with connection.cursor() as cursor:
        cursor.execute("SELECT address::text FROM jokkerit_plugin_siteline")
        assert cursor.fetchall() == [("203.0.113.0/24",)]
    assert IncidentLine.objects.get().address == "203.0.113.9"
