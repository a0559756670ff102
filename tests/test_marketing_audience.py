"""Whom marketing may be sent to now, and nobody else."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.access import restrictions
from jokkerit_plugin.access.guard import Refused
from jokkerit_plugin.marketing import audience, contacts, ledger, links
from jokkerit_plugin.marketing.audience import AudienceClosed, Recipient, Segment
from jokkerit_plugin.marketing.contacts import BadPurpose
from jokkerit_plugin.models import AccessEntry, Customer, OptOutImport
from jokkerit_plugin.policy.marketing import Channel, Kind
from jokkerit_plugin.policy.purposes import Purpose
from jokkerit_plugin.policy.restriction import RestrictionGround
from tests.erasing import take
from tests.opting import KEY, declared_empty, key
from tests.paper_shop import PaperShop, line, party
from tests.people import ACCOUNTANT, CONTROLLER, STAFF, sign
from tests.test_marketing_doors import post

pytestmark = pytest.mark.django_db
EMAIL, SMS, PHONE, POST = Channel
NOW = (clock.now() - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%S.000000Z")


@pytest.fixture(autouse=True)
def marketing(shop, monkeypatch):
    key(monkeypatch, KEY)
    declared_empty()
    sign(CONTROLLER, STAFF)


def buyer(shop: PaperShop, name: str, *, says: Kind | None = Kind.RECONSENT, **changes) -> str:
    email = f"{name}@example.com"
    who = party(name.title(), "Niemi", phone="", street_1=f"{name} 1", **changes.pop("party", {}))
    shop.order(name, **{"email": email, "billing": who, "shipping": who, "placed_at": NOW,
                        **changes})  # fmt: skip
    take(shop)
    if says:
        ledger.record(says, EMAIL, email, source="link")
    return email


def found(channel: Channel = EMAIL, **segment) -> list[Recipient]:
    pages = audience.export(STAFF, channel, Segment(**segment))
    return [one for page in pages for one in page]


def names(channel: Channel = EMAIL, **segment) -> list[str]:
    return [one.name.partition(" ")[0].lower() for one in found(channel, **segment)]


@pytest.mark.promise("P-USE-MARKETING")
def test_the_audience_is_who_may_be_written_to(shop):
    buyer(shop, "aino")
    buyer(shop, "eino", says=None)
    buyer(shop, "lempi", says=Kind.OBJECTION)
    buyer(shop, "yritys", says=None, party={"company_name": "Yritys Oy"})
    Customer.objects.filter(email="yritys@example.com").update(vat_id="FI23685823")
    buyer(shop, "kirjattu", says=None, party={"company_name": "Kuka vain"})
    assert names() == ["aino", "yritys"]
    assert names(POST) == ["aino", "eino", "lempi", "yritys", "kirjattu"]
    answers = contacts.may_contact([(one.address, EMAIL) for one in found()])
    assert [one.allowed for one in answers] == [True, True]


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
@pytest.mark.parametrize("absorbed", [False, True])
def test_its_link_stops_everything_for_a_company_of_which_nothing_was_said(shop, absorbed):
    who = party("", "", company_name="Yritys Oy")
    bought = {"email": "yritys@example.com", "billing": who, "shipping": who, "placed_at": NOW}
    shop.order("1", **bought)
    take(shop)
    Customer.objects.update(vat_id="FI23685823")
    [one] = found()
    assert [len(found(where)) for where in (SMS, PHONE, POST)] == [1, 1, 1]
    if absorbed:
        shop.account(5, email="yritys@example.com")
        shop.order("1", **bought, user=5)
        take(shop)
        Customer.objects.update(vat_id="FI23685823")
    post(f"preferences/{one.link.rstrip('/').rpartition('/')[2]}/", "nothing=yes")
    assert [found(where) for where in Channel] == [[], [], [], []]


def test_each_row_carries_its_link_and_headers(shop):
    shop.port.settings = replace(shop.port.settings, unsubscribe_mailbox="pois@example.fi")
    buyer(shop, "aino")
    [one] = found()
    token = one.link.rstrip("/").rpartition("/")[2]
    assert links.read(token).channel is EMAIL
    assert one.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert one.headers["List-Unsubscribe"].startswith("<https://")
    assert "mailto:pois@example.fi" in one.headers["List-Unsubscribe"]
    assert (one.address, one.language) == ("aino@example.com", "fi")


def test_segments(shop):
    buyer(shop, "aino", lines=[line("saw")])
    buyer(shop, "berit", language="sv-fi", party={"country": "SE"})
    buyer(shop, "eino", placed_at="2020-01-01T00:00:00.000000Z", lines=[line("axe")])
    assert names(language="sv") == ["berit"]
    assert names(country="se") == ["berit"]
    assert names(sku="SKU-saw") == ["aino"]
    assert names(bought_since=date(2021, 1, 1)) == ["aino", "berit"]
    assert names(sku="SKU-axe", bought_since=date(2021, 1, 1)) == []
    assert names() == ["aino", "berit", "eino"]


def test_who_wants_no_profile_is_in_no_segment_by_purchases(shop):
    email = buyer(shop, "aino")
    ledger.record(Kind.NO_PROFILE, EMAIL, email, source="link")
    assert names() == ["aino"]
    assert names(bought_since=date(2021, 1, 1)) == []


def test_a_recall_reaches_who_said_no_and_needs_no_key(shop, monkeypatch):
    """Another purpose, and in the log as that one: General Product Safety Regulation, art. 35."""
    email = buyer(shop, "aino", says=Kind.OBJECTION, lines=[line("saw")])
    ledger.record(Kind.NO_PROFILE, EMAIL, email, source="link")
    buyer(shop, "eino", lines=[line("axe")])
    monkeypatch.delenv("JOKKERIT_KEYS")
    OptOutImport.objects.all().delete()
    pages = audience.export(STAFF, EMAIL, Segment(sku="SKU-saw"), purpose=Purpose.CLAIMS)
    reached = [one for page in pages for one in page]
    assert [(one.address, one.link, one.headers) for one in reached] == [(email, "", {})]
    row = AccessEntry.objects.get(act="audience")
    assert (row.purpose, row.count) == ("claims", 1)
    with pytest.raises(BadPurpose):
        next(audience.export(STAFF, EMAIL, purpose=Purpose.COMMUNICATION))


def test_a_restricted_customer_is_left_out(shop):
    buyer(shop, "aino")
    restrictions.restrict(
        Customer.objects.get().pk, ground=RestrictionGround.OBJECTION, actor=CONTROLLER
    )
    assert names() == []
    assert contacts.may_contact([("aino@example.com", EMAIL)])[0].reason == "restricted"


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_nor_is_an_account_of_the_same_name_at_the_place_of_a_restricted_guest(shop):
    buyer(shop, "aino")
    shop.account(5, email="toinen@example.com")
    shop.order("2", user=5, email="toinen@example.com",
               billing=party("Aino", "Niemi", phone="", street_1="aino 1"))  # fmt: skip
    take(shop)
    assert names(POST) == ["aino"]
    restrictions.restrict(
        Customer.objects.get(saleor_user=None).pk, ground=RestrictionGround.ACCURACY,
        actor=CONTROLLER,
    )  # fmt: skip
    assert names(POST) == []


@pytest.mark.promise("P-PURPOSE-BOUND", "P-ACCESS-STAFF")
def test_each_page_is_one_use_for_marketing_and_in_the_log_before_it_goes_out(shop, monkeypatch):
    monkeypatch.setattr(audience, "PAGE", 2)
    for name in ("aino", "eino", "lempi"):
        buyer(shop, name)
    pages = audience.export(STAFF, EMAIL)
    seen = 0
    for page in iter(lambda: next(pages, None), None):
        seen += len(page)
        rows = AccessEntry.objects.filter(act="audience", purpose="marketing")
        assert sum(rows.values_list("count", flat=True)) == seen
    assert seen == 3


@pytest.mark.promise("P-PURPOSE-BOUND", breaks=True)
def test_the_accounting_firm_has_no_audience(shop):
    sign(ACCOUNTANT)
    with pytest.raises(Refused):
        next(audience.export(ACCOUNTANT, EMAIL))


def test_whoever_opposes_after_the_first_page_is_on_no_later_one(shop, monkeypatch):
    monkeypatch.setattr(audience, "PAGE", 1)
    for name in ("aino", "eino"):
        buyer(shop, name)
    pages = audience.export(STAFF, EMAIL)
    next(pages)
    ledger.record(Kind.OBJECTION, EMAIL, "eino@example.com", source="link")
    assert list(pages) == []


def test_a_list_ends_where_the_plugin_is_deactivated(shop, monkeypatch):
    monkeypatch.setattr(audience, "PAGE", 1)
    for name in ("aino", "eino"):
        buyer(shop, name)
    pages = audience.export(STAFF, EMAIL)
    next(pages)
    shop.port.settings = replace(shop.port.settings, active=False)
    with pytest.raises(AudienceClosed, match="deactivated"):
        next(pages)


def test_before_the_old_opt_outs_are_in_there_is_no_audience(shop):
    buyer(shop, "aino")
    OptOutImport.objects.all().delete()
    with pytest.raises(AudienceClosed, match="old opt-outs"):
        found()
    assert contacts.may_contact([("aino@example.com", EMAIL)])[0].reason == "opt_outs_missing"
