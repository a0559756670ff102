"""Errors that are noticed otherwise than by a request: one task each, and an alarm by age."""

from datetime import timedelta

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.access.guard import NoPermission
from jokkerit_plugin.checks import check_corrections
from jokkerit_plugin.marketing import ledger
from jokkerit_plugin.models import CorrectionTask, MarketingEvent, Request, Sweep
from jokkerit_plugin.policy.corrections import RETURNS_WITHIN, Closed, Field, Noticed, Sign
from jokkerit_plugin.policy.marketing import Channel, Kind
from jokkerit_plugin.policy.requests import RefusalGround, RequestKind
from jokkerit_plugin.rights import corrections_noticed as noticed
from jokkerit_plugin.rights import opening, rectification, requests, signs, status
from jokkerit_plugin.rights.correctable import CorrectionError, fits
from jokkerit_plugin.rights.rectification import Wanted
from jokkerit_plugin.shop.port import AddressRefused
from tests.asking import at, send
from tests.erasing import take
from tests.paper_shop import key_of, party
from tests.people import CONTROLLER, MANAGER, STAFF

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]


def look() -> list[tuple[str, str, str]]:
    """Walk over all customers anew; return field, sign and outcome of all tasks."""
    Sweep.objects.all().delete()
    assert signs.walk(seconds=60)
    rows = CorrectionTask.objects.order_by("pk")
    return list(rows.values_list("field", "sign", "outcome"))


def bounces(when=None, customer=None):
    ledger.record(
        Kind.BOUNCE, Channel.EMAIL, "aino@example.com", source="import", at=when, customer=customer
    )


@pytest.mark.promise("P-RECTIFY-NOTICED")
def test_a_mailbox_that_bounces_is_seen_to_and_corrected(shop, aino):
    assert look() == []
    bounces()
    assert look() == look() == [("email", "bounce", "")]
    task = CorrectionTask.objects.get()
    with pytest.raises(CorrectionError, match="Nothing has been corrected"):
        noticed.close(task.pk, outcome=Closed.CORRECTED, actor=MANAGER)
    wanted = Wanted({Field.EMAIL: "right@example.com"})
    rectification.rectify(aino, wanted, reason="The mail came back.", actor=MANAGER)
    assert look() == [("email", "bounce", "corrected")]
    assert CorrectionTask.objects.get().closed_by == "user:21"
    with pytest.raises(CorrectionError, match="no such open task"):
        noticed.close(task.pk, outcome=Closed.RIGHT, actor=MANAGER)


@pytest.mark.promise("P-RECTIFY-NOTICED", breaks=True)
def test_a_task_that_nobody_sees_to_is_an_alarm(shop, aino, monkeypatch):
    at(monkeypatch, "2027-03-01 12:00")
    noticed.open_by_staff(aino, field=Noticed.ADDRESS, sign=Sign.RETURNED, actor=MANAGER)
    at(monkeypatch, "2027-03-15 11:59")
    assert not check_corrections(databases=["default"])
    at(monkeypatch, "2027-03-15 12:01")
    (said,) = [one for one in status.problems(shop.port.settings) if "not seen to" in one]
    assert str(CorrectionTask.objects.get().pk) in said
    assert [one.msg for one in check_corrections(databases=["default"])] == [said]
    noticed.close(CorrectionTask.objects.get().pk, outcome=Closed.GIVEN_UP, actor=MANAGER)
    assert not check_corrections(databases=["default"])


def test_what_cannot_be_right_opens_a_task_each_and_no_double(shop, aino):
    shop.account(5, vat_id="FI12345678")
    shop.order(
        "a", user=5, billing=party(phone="12", postal_code="519"), shipping=party(phone="12")
    )
    take(shop)
    expected = [("address", "check", ""), ("phone", "check", ""), ("vat_id", "check", "")]
    assert sorted(look()) == sorted(look()) == expected
    for task in CorrectionTask.objects.all():
        noticed.close(task.pk, outcome=Closed.RIGHT, actor=MANAGER)
    assert {outcome for _, _, outcome in look()} == {"right"}
    assert len(look()) == 3


def test_what_the_customer_puts_right_closes_its_task(shop, aino):
    shop.order("a", user=5, billing=party(phone="12"), shipping=party(phone="12"))
    take(shop)
    assert look() == [("phone", "check", "")]
    shop.order("a", user=5, billing=party(), shipping=party())
    take(shop)
    assert look() == [("phone", "check", "corrected")]
    assert CorrectionTask.objects.get().closed_by == "shop"
    # Wrong again, in the same way: a new error.
    shop.order("a", user=5, billing=party(phone="12"), shipping=party(phone="12"))
    take(shop)
    assert look()[1:] == [("phone", "check", "")]


def test_a_bounce_that_was_given_up_is_asked_about_again_by_a_new_one_only(shop, aino):
    bounces()
    look()
    noticed.close(CorrectionTask.objects.get().pk, outcome=Closed.GIVEN_UP, actor=MANAGER)
    assert look() == [("email", "bounce", "given_up")]
    again = MarketingEvent.objects.get()
    again.pk, again.at = None, clock.now()
    again.save()
    assert look() == [("email", "bounce", "given_up"), ("email", "bounce", "")]


def test_a_parcel_that_found_nobody_opens_a_task_once(shop, aino, monkeypatch):
    evidence = {"order parcel": "fulfillment:7", "order old": "fulfillment:6"}
    hour = clock.now() - timedelta(hours=1)
    known = {key_of(name): (one, hour) for name, one in evidence.items()}
    monkeypatch.setattr(
        shop.port, "undelivered",
        lambda orders: {one: known[one] for one in orders if one in known},
    )  # fmt: skip
    old = (clock.now() - RETURNS_WITHIN - timedelta(minutes=1)).isoformat()
    shop.order("old", user=5, status="fulfilled", placed_at=old)
    take(shop)
    assert look() == []
    # One that is sent again leaves its order as it was.
    shop.order("parcel", user=5, status="fulfilled", placed_at=clock.now().isoformat())
    take(shop)
    assert look() == look() == [("address", "returned", "")]
    noticed.close(CorrectionTask.objects.get().pk, outcome=Closed.RIGHT, actor=MANAGER)
    assert look() == [("address", "returned", "right")]


def test_a_letter_that_no_server_takes_opens_a_task(shop, aino, monkeypatch):
    def refuse(*_):
        raise AddressRefused("The mail server refused the address for good.")

    for email in ("", "elsewhere@example.com"):
        made = opening.open_for(
            aino, kind=RequestKind.RECTIFICATION, how="x", email=email, actor=MANAGER
        )
        requests.decide(made.pk, accept=False, ground=RefusalGround.ACCURATE, actor=CONTROLLER)
    monkeypatch.setattr(shop.port, "mail", refuse)
    send(shop)
    task = CorrectionTask.objects.get()
    assert (task.customer_id, task.field, task.sign) == (aino, "email", "letter")
    assert Request.objects.count() == 2


def test_only_who_manages_opens_and_closes(shop, aino):
    with pytest.raises(NoPermission):
        noticed.open_by_staff(aino, field=Noticed.ADDRESS, sign=Sign.RETURNED, actor=STAFF)
    with pytest.raises(CorrectionError, match="by themselves"):
        noticed.open_by_staff(aino, field=Noticed.EMAIL, sign=Sign.BOUNCE, actor=MANAGER)
    made = noticed.open_by_staff(aino, field=Noticed.ADDRESS, sign=Sign.RETURNED, actor=MANAGER)
    again = noticed.open_by_staff(aino, field=Noticed.ADDRESS, sign=Sign.STAFF, actor=MANAGER)
    assert made.pk == again.pk
    with pytest.raises(NoPermission):
        noticed.close(made.pk, outcome=Closed.RIGHT, actor=STAFF)


def test_the_walk_goes_on_where_it_was_and_once_a_day(shop, aino, monkeypatch):
    monkeypatch.setattr(signs, "BATCH", 1)
    for name in "bcd":
        shop.order(name, email=f"{name}@example.com", billing=party(phone="1"), shipping=None)
    take(shop)
    assert not signs.walk(seconds=-1)
    assert Sweep.objects.get().seen == 1
    assert signs.walk(seconds=60)
    assert Sweep.objects.get().seen == 4
    assert CorrectionTask.objects.count() == 3
    assert signs.walk(seconds=60)
    assert Sweep.objects.count() == 1


@pytest.mark.parametrize(
    ("country", "code", "expected"),
    [
        ("FI", "51900", True), ("FI", "5190", False), ("FI", "FI-51900", True),
        ("AX", "22100", True), ("AX", "51900", False), ("SE", "111 22", True),
        ("SE", "11122", True), ("GB", "SW1A 1AA", True), ("GB", "12345", False),
        ("NL", "1234 ab", True), ("PL", "00950", False), ("BR", "anything", True),
    ],
)  # fmt: skip
def test_a_postal_code_is_of_its_country(country, code, expected):
    assert fits(country, code) is expected
