"""Debt collection: handed over once, when owed; held until paid, written off or lapsed."""

import hashlib
import json
import threading
from datetime import date, timedelta

import pytest
from django.db import connections

from jokkerit_plugin import clock, tasks
from jokkerit_plugin.access import chain, guard, members, recipients, restrictions
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.disclosure import collection, history, holds
from jokkerit_plugin.disclosure.holds import HoldError
from jokkerit_plugin.disclosure.terms import DisclosureRefused
from jokkerit_plugin.models import AccessEntry, Delivery, Disclosure, Hold, Purchase
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.holds import HoldGround, Release, add_years
from jokkerit_plugin.policy.permissions import Permission
from jokkerit_plugin.policy.recipients import DISCLOSURES, RecipientKind
from jokkerit_plugin.policy.restriction import RestrictionGround
from tests.buyers import bought, company, money
from tests.people import ACCOUNTANT, CONTROLLER, MANAGER, STAFF, sign
from tests.standing import standing

pytestmark = pytest.mark.django_db

TODAY = clock.now().astimezone(clock.HELSINKI).date()
DUE = date(2026, 3, 15)
KEPT = DISCLOSURES[RecipientKind.COLLECTION][1]


def furnished(shop, monkeypatch):
    sign(STAFF, MANAGER, CONTROLLER, ACCOUNTANT)
    return company("debt_collection", "Perintä")


collector = standing(__name__, furnished)


def hand_over(purchase, to, **changes):
    given = {
        "due_on": DUE, "reason": "Two reminders were not answered",
        "review_on": TODAY + timedelta(days=180), "actor": MANAGER,
    } | changes  # fmt: skip
    return collection.hand_over(purchase.pk, to.pk, **given)


@pytest.mark.promise("P-NO-DISCLOSURE")
def test_the_collector_gets_name_contacts_and_purchase_and_the_data_is_held(shop, collector):
    purchase = bought(shop, "aino")
    given = hand_over(purchase, collector)
    claim = json.loads(given.document)
    assert claim["debtor"]["last_name"] == "Mäkelä"
    assert claim["debtor"]["street_1"] == "Kaskitie 1"
    assert claim["contact"] == {"email": "aino@example.com", "phone": "+358401234567"}
    assert claim["purchase"]["owed"] == "12.550"
    assert claim["purchase"]["due_on"] == "2026-03-15"
    assert [line["name"] for line in claim["purchase"]["lines"]] == ["aino"]
    row = Disclosure.objects.get()
    assert (row.recipient, row.purpose, row.what) == (
        collector, "debt_collection", f"purchase {purchase.pk}",
    )  # fmt: skip
    assert row.sha256 == hashlib.sha256(given.document).hexdigest()
    entry = AccessEntry.objects.get()
    assert (entry.act, entry.purpose, entry.count) == ("hand over", "debt_collection", 1)
    assert (given.hold.purchase_id, given.hold.ground) == (purchase.pk, HoldGround.COLLECTION)
    assert set(given.hold.categories.split()) == KEPT
    assert given.hold.lapses_on == date(2029, 3, 15)
    assert [one.name for one in history.recipients_of(purchase.customer_id)] == ["Perintä"]


@pytest.mark.parametrize(
    "changes",
    [
        {"movements": [money("payment", "12.550")]},
        {"movements": [money("payment", "20.000")]},
        {"movements": [money("payment", "10.000"), money("payment", "2.550")]},
        # Paid and given back: the shop owes nothing more, and neither does the customer.
        {"movements": [money("payment", "12.550"), money("refund", "12.550")]},
        {"gross": "0.000", "gift_card_amount": "12.550"},
        {"status": "canceled"},
        {"status": "unconfirmed"},
        {"status": "expired"},
        {"status": "returned"},
        {"cancelled_at": "2026-03-02T10:00:00.000000Z"},
    ],
)
def test_what_is_not_owed_is_not_handed_over_and_the_refusal_is_logged(shop, collector, changes):
    purchase = bought(shop, "aino", **changes)
    with pytest.raises(DisclosureRefused) as refused:
        hand_over(purchase, collector)
    assert refused.value.code == "NOT_OWED"
    row = Disclosure.objects.get()
    assert (row.outcome, row.reason, row.count) == ("refused", "NOT_OWED", 1)
    assert not Hold.objects.exists()
    assert not AccessEntry.objects.exists()


@pytest.mark.parametrize(
    "movements",
    [
        [],
        [money("payment", "12.540")],
        [money("payment", "12.550"), money("chargeback", "12.550")],
        [money("payment", "12.550") | {"currency": "SEK"}],
    ],
)
def test_what_is_owed_in_part_or_again_can_be_handed_over(shop, collector, movements):
    hand_over(bought(shop, "aino", movements=movements), collector)
    assert Disclosure.objects.get().outcome == "done"


def came_back(purchase, quantity):
    [line] = purchase.lines.all()
    purchase.lines.update(quantity=3)
    Delivery.objects.create(
        saleor_fulfillment_line=1, purchase=purchase, saleor_line=line.saleor_line,
        status="returned", quantity=quantity, at=clock.now(),
    )  # fmt: skip


def test_what_came_back_is_not_claimed_and_paying_the_rest_ends_the_claim(shop, collector):
    purchase = bought(shop, "aino", status="partially_returned")
    came_back(purchase, 1)
    given = hand_over(purchase, collector)
    # 12.55 less a third, 4.18.
    assert json.loads(given.document)["purchase"]["owed"] == "8.370"
    assert collection.release_paid() == []
    bought(shop, "aino", status="partially_returned", movements=[money("payment", "8.370")])
    came_back(purchase, 1)
    assert collection.release_paid() == [given.hold.pk]


@pytest.mark.parametrize(
    "changes", [{"status": "partially_returned", "back": 3}, {"paid_at": clock.now(), "back": 0}]
)
def test_nothing_is_owed_of_what_came_back_or_was_paid_outside_the_records(
    shop, collector, changes
):
    purchase = bought(shop, "aino")
    if back := changes.pop("back"):
        came_back(purchase, back)
    Purchase.objects.update(**changes)
    with pytest.raises(DisclosureRefused) as refused:
        hand_over(purchase, collector)
    assert refused.value.code == "NOT_OWED"


@pytest.mark.parametrize("change", [{"absent_since": clock.now()}, {"is_test": True}])
def test_an_order_that_the_shop_lost_or_that_was_a_test_is_refused(shop, collector, change):
    purchase = bought(shop, "aino")
    Purchase.objects.update(**change)
    with pytest.raises(DisclosureRefused) as refused:
        hand_over(purchase, collector)
    assert refused.value.code == "NOT_OWED"


def test_a_debt_of_a_restricted_customer_is_handed_over_for_a_legal_claim_goes_on(shop, collector):
    purchase = bought(shop, "aino")
    restrictions.restrict(purchase.customer_id, ground=RestrictionGround.ACCURACY, actor=CONTROLLER)
    hand_over(purchase, collector)
    assert Hold.objects.get().purchase == purchase


def test_handing_over_twice_is_refused(shop, collector):
    purchase = bought(shop, "aino")
    hand_over(purchase, collector)
    with pytest.raises(DisclosureRefused) as refused:
        hand_over(purchase, collector)
    assert refused.value.code == "ALREADY_HANDED_OVER"
    assert Hold.objects.count() == 1
    assert list(Disclosure.objects.order_by("seq").values_list("outcome", flat=True)) == [
        "done", "refused",
    ]  # fmt: skip


@pytest.mark.promise("P-NO-DISCLOSURE", breaks=True)
@pytest.mark.parametrize("kind", ["bookkeeping", "invoicing", "processor"])
def test_only_a_collector_collects(shop, collector, kind):
    purchase = bought(shop, "aino")
    with pytest.raises(DisclosureRefused):
        hand_over(purchase, company(kind))
    recipients.end(collector.pk, actor=CONTROLLER)
    with pytest.raises(DisclosureRefused):
        hand_over(purchase, collector)
    assert not Hold.objects.exists()


@pytest.mark.promise("P-EU", breaks=True)
def test_a_collector_outside_the_union_gets_no_finn_and_nothing_is_held(shop, collector):
    purchase = bought(shop, "aino")
    with pytest.raises(DisclosureRefused) as refused:
        hand_over(purchase, company("debt_collection", "Toinen", "GB"))
    assert refused.value.code == "NO_TRANSFER_GROUND"
    assert not Hold.objects.exists()
    assert Disclosure.objects.get().outcome == "refused"


def test_only_who_may_collect_hands_over(shop, collector):
    purchase = bought(shop, "aino")
    for bought_or_not in (purchase, Purchase(pk=999)):
        with pytest.raises(guard.Refused):
            hand_over(bought_or_not, collector, actor=ACCOUNTANT)
    assert not Disclosure.objects.exists()
    assert set(AccessEntry.objects.values_list("outcome", flat=True)) == {"refused"}


def test_who_may_only_see_debts_changes_none(shop, collector):
    purchase = bought(shop, "aino")
    hold = hand_over(purchase, collector).hold
    AccessEntry.objects.all().delete()
    for act in (
        lambda: hand_over(bought(shop, "bertta"), collector, actor=STAFF),
        lambda: holds.review(hold.pk, review_on=TODAY, actor=STAFF),
        lambda: holds.interrupt(hold.pk, on=TODAY, actor=STAFF),
        lambda: holds.release(hold.pk, reason=Release.WITHDRAWN, actor=STAFF),
    ):
        with pytest.raises(guard.NoPermission, match="JOKKERIT_MANAGE_REGISTER"):
            act()
    assert list(holds.visible_to(STAFF)) == [hold]
    assert Hold.objects.get(released_at=None).review_on == hold.review_on
    assert set(AccessEntry.objects.values_list("actor", "outcome", "reason")) == {
        (STAFF.key, "refused", "NO_PERMISSION")
    }
    assert AccessEntry.objects.count() == 4


def test_a_debt_that_is_settled_while_it_is_handed_over_leaves_no_look_logged(
    shop, collector, monkeypatch
):
    purchase = bought(shop, "aino")
    check = collection._check_owed

    def settled_after(found, intent):
        check(found, intent)
        Purchase.objects.update(status="canceled")

    monkeypatch.setattr(collection, "_check_owed", settled_after)
    with pytest.raises(DisclosureRefused) as refused:
        hand_over(purchase, collector)
    assert refused.value.code == "NOT_OWED"
    assert not AccessEntry.objects.exists()
    assert not Hold.objects.exists()
    assert Disclosure.objects.get().outcome == "refused"


def test_what_nobody_bought_is_not_handed_over(shop, collector):
    counter = bought(shop, "counter", email="")
    for purchase in (counter, Purchase(pk=999)):
        with pytest.raises(HoldError, match="no such purchase"):
            hand_over(purchase, collector)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"due_on": date(2026, 2, 28)}, "due_on"),
        ({"due_on": TODAY + timedelta(days=1)}, "due_on"),
        ({"interrupted_on": date(2026, 3, 14)}, "interrupted_on"),
        ({"interrupted_on": TODAY + timedelta(days=1)}, "interrupted_on"),
        ({"reason": ""}, "reason"),
        ({"review_on": TODAY - timedelta(days=1)}, "review_on"),
    ],
)
def test_impossible_days_and_empty_reasons_are_refused_at_their_field(
    shop, collector, changes, field
):
    with pytest.raises(HoldError) as refused:
        hand_over(bought(shop, "aino"), collector, **changes)
    assert refused.value.field == field
    assert not Disclosure.objects.exists()


def test_a_debt_that_has_lapsed_is_not_handed_over(shop, collector):
    old = bought(shop, "aino", placed_at="2020-01-10T10:00:00.000000Z")
    with pytest.raises(HoldError, match="lapsed at the end of 2023-02-28"):
        hand_over(old, collector, due_on=date(2020, 2, 29))
    given = hand_over(old, collector, due_on=date(2020, 2, 29), interrupted_on=TODAY)
    assert given.hold.lapses_on == add_years(TODAY, 3)


def test_payment_in_full_releases_by_itself_and_payment_in_part_does_not(shop, collector):
    purchase = bought(shop, "aino")
    hold = hand_over(purchase, collector).hold
    other = hand_over(bought(shop, "bertta"), collector).hold
    bought(shop, "aino", movements=[money("payment", "12.000")])
    tasks.release_paid_holds()
    assert not Hold.objects.exclude(released_at=None).exists()
    bought(shop, "aino", movements=[money("payment", "12.000"), money("payment", "0.550")])
    tasks.release_paid_holds()
    hold.refresh_from_db()
    other.refresh_from_db()
    assert (hold.released_why, hold.released_by) == ("paid", "task:release_paid")
    assert other.released_at is None
    assert collection.release_paid() == []


def test_after_its_payment_was_charged_back_a_debt_can_be_handed_over_again(shop, collector):
    purchase = bought(shop, "aino")
    hand_over(purchase, collector)
    paid = [money("payment", "12.550")]
    bought(shop, "aino", movements=paid)
    collection.release_paid()
    bought(shop, "aino", movements=[*paid, money("chargeback", "12.550")])
    hand_over(purchase, collector)
    assert Hold.objects.filter(released_at=None).count() == 1


@pytest.mark.parametrize("why", [Release.PAID, Release.WRITTEN_OFF, Release.WITHDRAWN])
def test_staff_release_what_was_paid_elsewhere_written_off_or_withdrawn(shop, collector, why):
    hold = hand_over(bought(shop, "aino"), collector).hold
    assert holds.release(hold.pk, reason=why, actor=MANAGER).released_why == why
    assert AccessEntry.objects.order_by("-seq").first().act == "release hold"
    with pytest.raises(guard.Refused):
        holds.release(hold.pk, reason=why, actor=ACCOUNTANT)


def test_who_acts_for_a_collector_sees_and_changes_its_own_debts_only(shop, collector):
    own = hand_over(bought(shop, "aino"), collector).hold
    other = company("debt_collection", "Toinen")
    theirs = hand_over(bought(shop, "bertta"), other).hold
    clerk = Actor("user:20", frozenset({Permission.MANAGE_REGISTER}))
    sign(clerk)
    members.add(collector.pk, clerk.key, actor=CONTROLLER)
    assert list(holds.visible_to(clerk)) == [own]
    assert list(collection.collectors(actor=clerk)) == [collector]
    with pytest.raises(HoldError, match="no such hold"):
        holds.release(theirs.pk, reason=Release.PAID, actor=clerk)
    assert holds.release(own.pk, reason=Release.PAID, actor=clerk).released_by == "user:20"
    assert set(holds.visible_to(MANAGER)) == {own, theirs}
    assert list(collection.collectors(actor=MANAGER)) == [collector, other]


def test_limitation_releases_from_the_day_after_its_last(shop, collector, monkeypatch):
    hold = hand_over(bought(shop, "aino"), collector).hold
    with pytest.raises(HoldError, match="before the end of 2029-03-15"):
        holds.release(hold.pk, reason=Release.LAPSED, actor=CONTROLLER)
    # A day in Helsinki begins before it does in UTC.
    later = clock.datetime(2029, 3, 15, 22, 30, tzinfo=clock.UTC)
    monkeypatch.setattr(clock, "now", lambda: later)
    sign(CONTROLLER)
    assert holds.release(hold.pk, reason=Release.LAPSED, actor=CONTROLLER).released_at == later


def test_an_interruption_begins_the_limitation_anew(shop, collector):
    hold = hand_over(bought(shop, "aino"), collector).hold
    holds.interrupt(hold.pk, on=date(2026, 5, 1), actor=MANAGER)
    hold.refresh_from_db()
    assert (hold.interrupted_on, hold.lapses_on) == (date(2026, 5, 1), date(2029, 5, 1))
    for day in (date(2026, 4, 30), TODAY + timedelta(days=1)):
        with pytest.raises(HoldError, match="last interruption"):
            holds.interrupt(hold.pk, on=day, actor=MANAGER)


def test_a_payment_in_part_begins_it_anew_though_nobody_said_so(shop, collector, monkeypatch):
    hold = hand_over(bought(shop, "aino"), collector).hold
    part = money("payment", "1.000", "2026-07-01T10:00:00.000000Z")
    bought(shop, "aino", movements=[part])
    later = clock.datetime(2029, 6, 1, tzinfo=clock.UTC)
    monkeypatch.setattr(clock, "now", lambda: later)
    sign(MANAGER)
    with pytest.raises(HoldError, match="2029-07-01"):
        holds.release(hold.pk, reason=Release.LAPSED, actor=MANAGER)


def test_what_is_no_debt_cannot_be_interrupted(shop, collector):
    hold = holds.place(
        customer=bought(shop, "aino").customer_id, categories=[Category.NAME],
        ground=HoldGround.CLAIM, reason="A letter", review_on=TODAY, actor=CONTROLLER,
    )  # fmt: skip
    with pytest.raises(HoldError, match="not about a debt"):
        holds.interrupt(hold.pk, on=TODAY, actor=CONTROLLER)


@pytest.mark.django_db(transaction=True)
def test_two_hand_overs_at_once_give_one_hold_and_one_disclosure(shop, collector):
    purchase = bought(shop, "aino")
    outcomes = []
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        try:
            hand_over(purchase, collector)
            outcomes.append("done")
        except DisclosureRefused as refusal:
            outcomes.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ALREADY_HANDED_OVER", "done"]
    assert Hold.objects.count() == 1
    assert sorted(Disclosure.objects.values_list("outcome", flat=True)) == ["done", "refused"]
    assert chain.verify(Disclosure) == []
