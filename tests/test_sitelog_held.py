"""Lines that outlast their day: with an incident, and with an invoice."""

from datetime import UTC, date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from jokkerit_plugin import clock
from jokkerit_plugin.access import restrictions
from jokkerit_plugin.access.guard import NoPermission, PurposeRefused
from jokkerit_plugin.models import (
    AccessEntry,
    BilledLine,
    Customer,
    Incident,
    IncidentLine,
    Purchase,
    SiteLine,
    Voucher,
)
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.policy.purposes import Purpose
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.register import erasure
from jokkerit_plugin.sitelog import billing, days, incidents, search, store
from jokkerit_plugin.sitelog.billing import BillingError
from jokkerit_plugin.sitelog.incidents import IncidentError
from jokkerit_plugin.sitelog.search import Wanted
from tests.kept import Bought, Person, insert
from tests.logs import ago, logged
from tests.people import CONTROLLER, MAINTAINER, sign

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def signed() -> None:
    sign(CONTROLLER, MAINTAINER)


def soon() -> date:
    return clock.today() + timedelta(days=30)


def begin(
    purpose=Purpose.SECURITY, *, actor=CONTROLLER, review_on=None, reason="Guessing", **given
):
    wanted = Wanted(ago(days=2), ago(hours=-2), **given)
    return incidents.begin(
        purpose, wanted, reason=reason, review_on=review_on or soon(), actor=actor
    )


def paths(incident: Incident) -> list[str]:
    return sorted(incident.lines.values_list("path", flat=True))


def test_an_incident_holds_the_lines_that_meet_its_terms():
    logged(path="/admin/a", address="203.0.113.9")
    logged(path="/admin/b", address="203.0.113.10")
    logged(path="/shop", address="203.0.113.9")
    logged(ago(days=3), path="/admin/c", address="203.0.113.9")
    assert paths(begin(address="203.0.113.9")) == ["/admin/a", "/shop"]
    assert paths(begin(path="/admin/")) == ["/admin/a", "/admin/b"]
    row = AccessEntry.objects.latest("seq")
    assert (row.act, row.purpose, row.outcome) == ("incidentOpen", "security", "granted")


def test_lines_to_come_are_copied_too_and_none_twice():
    logged(path="/one")
    incident = begin()
    logged(path="/two")
    [today] = [one for one in days.tables() if one.day == ago(hours=1).date()]
    assert incidents.copy_day(today) == 1
    assert incidents.copy_day(today) == 0
    assert paths(incident) == ["/one", "/two"]


def test_a_search_adds_what_the_terms_do_not_find():
    logged(path="/one", customer=None, status=500)
    logged(ago(days=20), path="/old", status=500)
    logged(ago(days=20), path="/fine")
    incident = begin(path="/nothing")
    found = Wanted(ago(days=21), ago(days=19), status=(500, 599))
    assert incidents.add(incident.pk, found, actor=CONTROLLER) == 1
    assert incidents.add(incident.pk, found, actor=CONTROLLER) == 0
    assert paths(incident) == ["/old"]


def test_closing_lets_go_of_the_lines_and_of_whom_it_was_about():
    logged(path="/one")
    incident = begin(address="203.0.113.9", path="/")
    closed = incidents.close(incident.pk, actor=CONTROLLER)
    assert not IncidentLine.objects.exists()
    assert SiteLine.objects.count() == 1
    assert (closed.address, closed.customer, closed.path) == (None, None, "")
    assert closed.closed_by == CONTROLLER.key
    for act in (
        lambda: incidents.close(incident.pk, actor=CONTROLLER),
        lambda: incidents.add(incident.pk, Wanted(ago(days=1), ago()), actor=CONTROLLER),
        lambda: incidents.review(incident.pk, review_on=soon(), actor=CONTROLLER),
    ):
        with pytest.raises(IncidentError, match="no such open incident"):
            act()


@pytest.mark.promise("P-LOG-PURPOSES")
def test_of_an_error_no_address_is_held():
    logged(path="/one", status=500)
    incident = begin(Purpose.ERROR_FIXING, path="/one")
    assert incident.lines.get().address is None
    with pytest.raises(PurposeRefused):
        begin(Purpose.ERROR_FIXING, address="203.0.113.9")
    assert AccessEntry.objects.filter(outcome="refused", act="incidentOpen").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(address="203.0.113.9")


@pytest.mark.promise("P-LOG-PURPOSES", breaks=True)
def test_the_lines_of_an_incident_are_for_its_own_purpose():
    logged(path="/one")
    incident = begin()
    found = search.of_incident(incident.pk, Purpose.SECURITY)
    assert list(found.values_list("path", flat=True)) == ["/one"]
    assert not search.of_incident(incident.pk, Purpose.ERROR_FIXING).exists()
    with pytest.raises(PurposeRefused):
        search.of_incident(incident.pk, Purpose.LOG_BILLING)


@pytest.mark.parametrize("purpose", [Purpose.LOG_BILLING])
def test_for_billing_there_is_no_incident(purpose):
    with pytest.raises(IncidentError, match="security or error_fixing"):
        begin(purpose)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 2001}, "reason"),
        ({"review_on": date(2020, 1, 1)}, "review_on"),
        ({"review_on": date(2100, 1, 1)}, "review_on"),
        ({"customer": 9999}, "customer"),
        ({"address": "203.0.113.0/24"}, None),
    ],
)
def test_an_incident_that_cannot_be_is_not_opened(given, field):
    with pytest.raises(IncidentError) as caught:
        begin(**given)
    assert caught.value.field == field
    assert not Incident.objects.exists()


def test_who_may_see_the_log_opens_no_incident():
    with pytest.raises(NoPermission):
        begin(actor=MAINTAINER)


def test_an_incident_about_a_restricted_customer_can_be_opened_and_shows_nothing():
    customer = Customer.objects.create(saleor_user=7)
    logged(customer=customer.pk)
    restrictions.restrict(customer.pk, ground=RestrictionGround.CLAIMS, actor=CONTROLLER)
    assert begin(customer=customer.pk).lines.count() == 1


def test_incidents_that_nobody_looks_after_are_named(monkeypatch):
    incident = begin(review_on=clock.today())
    assert not incidents.overdue().exists()
    later = clock.now() + timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert [one.pk for one in incidents.overdue()] == [incident.pk]


@pytest.fixture
def bought() -> Purchase:
    customer, [purchase] = insert(Person((Bought(vouchers=(date(2026, 3, 1),)),)))
    logged(path="/api/a", customer=customer, size=10, duration=3, status=201)
    logged(path="/api/b", customer=customer, size=None)
    logged(path="/api/c", customer=customer + 1)
    # Soon after midnight the time of `hold` begins on the day before.
    store.make_days({ago(hours=1.5).astimezone(UTC).date()})
    return Purchase.objects.get(pk=purchase)


def hold(purchase: Purchase, **given) -> int:
    times = {"since": ago(hours=1.5), "until": ago()} | given
    return billing.hold(purchase.vouchers.get().code, **times, actor=CONTROLLER)


def test_an_invoice_holds_when_and_how_much_and_neither_address_nor_agent(bought):
    assert hold(bought) == 2
    assert hold(bought) == 0
    assert sorted(BilledLine.objects.values_list("path", "status", "size")) == [
        ("/api/a", 201, 10), ("/api/b", 200, None),
    ]  # fmt: skip
    names = {field.name for field in BilledLine._meta.concrete_fields}
    assert names.isdisjoint({"address", "agent", "referer", "saleor_user", "checkout"})
    row = AccessEntry.objects.filter(act="invoiceLinesHold").latest("seq")
    assert (row.purpose, row.count, row.outcome) == ("log_billing", 1, "granted")
    [sums] = billing.sums([bought.vouchers.get().pk]).values()
    assert (sums.requests, sums.size, sums.duration) == (2, 10, 8)


def test_an_invoice_rests_on_no_days_that_are_gone(bought):
    with pytest.raises(BillingError, match="are gone"):
        hold(bought, since=ago(days=400))
    assert not BilledLine.objects.exists()


@pytest.mark.parametrize("given", [{"until": None}, {"since": None}])
def test_a_time_that_is_not_over_is_not_held(bought, given):
    later = {name: ago(hours=-1) for name in given}
    with pytest.raises(BillingError, match="time that is over"):
        hold(bought, **later)


def test_without_lines_nothing_is_held(bought):
    SiteLine.objects.all().delete()
    with pytest.raises(BillingError, match="no lines"):
        hold(bought)


def test_a_void_voucher_holds_nothing(bought):
    Voucher.objects.update(voided_at=clock.now())
    with pytest.raises(BillingError, match="void"):
        hold(bought)


def test_what_an_invoice_rests_on_is_not_changed(bought):
    hold(bought)
    with pytest.raises(DatabaseError, match="is not changed"), transaction.atomic():
        BilledLine.objects.update(size=0)


@pytest.mark.promise("P-KEEP-BOOKKEEPING")
def test_what_an_invoice_rests_on_goes_with_the_purchases_figures(bought):
    hold(bought)
    erasure.lock_subjects(Part.CONTACT, [bought.customer_id])
    erasure.erase(Part.CONTACT, [bought.customer_id], clock.now())
    assert BilledLine.objects.count() == 2
    erasure.lock_subjects(Part.FIGURES, [bought.pk])
    rows = erasure.erase(Part.FIGURES, [bought.pk], clock.now())
    assert rows["jokkerit_plugin_billedline"] == 2
    assert not BilledLine.objects.exists()


def test_the_controller_lets_go_of_it(bought):
    hold(bought)
    code = bought.vouchers.get().code
    assert billing.release(code, actor=CONTROLLER) == 2
    assert AccessEntry.objects.latest("seq").act == "invoiceLinesRelease"
    with pytest.raises(PurposeRefused):
        billing.release(code, actor=MAINTAINER)


@pytest.mark.promise("P-LOG-PURPOSES", breaks=True)
def test_what_invoices_rest_on_is_seen_for_billing_alone(bought):
    hold(bought)
    code = bought.vouchers.get().code
    found = search.of_voucher(code, Purpose.LOG_BILLING)
    assert {one.customer for one in found} == {bought.customer_id}
    assert not search.of_voucher(code, Purpose.LOG_BILLING, closed={bought.customer_id}).exists()
    for purpose in (Purpose.SECURITY, Purpose.ERROR_FIXING, Purpose.BOOKKEEPING):
        with pytest.raises(PurposeRefused):
            search.of_voucher(code, purpose)
