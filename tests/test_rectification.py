"""Rectification: what is right stands in the register and the shop, and vouchers stay."""

from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from jokkerit_plugin import clock
from jokkerit_plugin.access import looks, recipients, restrictions
from jokkerit_plugin.access.controllers import ControllersOnly
from jokkerit_plugin.access.guard import NoPermission, SubjectRestricted
from jokkerit_plugin.checks import check_corrections
from jokkerit_plugin.disclosure import ledger
from jokkerit_plugin.errors import RegisterError
from jokkerit_plugin.keys import NoKey
from jokkerit_plugin.marketing import choices, contact_keys, contacts, reach
from jokkerit_plugin.marketing.contact_keys import Postal
from jokkerit_plugin.models import (
    AccessEntry,
    Correction,
    CorrectionTask,
    Customer,
    PostalAddress,
    Purchase,
    RequestEvent,
    Restriction,
    Telling,
    Voucher,
    VoucherNote,
)
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.corrections import Field
from jokkerit_plugin.policy.marketing import Channel, Ground
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.policy.purposes import Purpose
from jokkerit_plugin.policy.requests import RequestKind
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.register import corrections, inbox, search
from jokkerit_plugin.retention.proof import persons
from jokkerit_plugin.retention.proof.needles import NeedleKind
from jokkerit_plugin.rights import carrying, opening, rectification, requests, status, tellings
from jokkerit_plugin.rights.archive import held
from jokkerit_plugin.rights.archive.whose import Whose
from jokkerit_plugin.rights.correctable import CorrectionError
from jokkerit_plugin.rights.errors import RequestError
from jokkerit_plugin.rights.rectification import Wanted
from jokkerit_plugin.shop.corrections import ShopRefused
from tests.asking import KEYS, at, attend, send
from tests.bookkeeping import follow, sell
from tests.buyers import company
from tests.erasing import erase, take
from tests.paper_shop import party
from tests.people import CONTROLLER, MANAGER, OTHER_CONTROLLER, STAFF, sign
from tests.standing import standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]

DAY = "2026-03-02T10:00:00.000000Z"


def furnished(shop, monkeypatch) -> int:
    """An account with an address book and a delivered order."""
    monkeypatch.setenv("JOKKERIT_KEYS", KEYS)
    sign(CONTROLLER, OTHER_CONTROLLER, STAFF, MANAGER)
    book = [{"key": 1, "party": party(), "default_billing": True, "default_shipping": True}]
    shop.account(5, email="aino@example.com", addresses=book)
    shop.order("a", user=5, status="fulfilled", **dict.fromkeys(("paid_at", "delivered_at"), DAY))
    take(shop)
    return Customer.objects.get().pk


aino = standing(__name__, furnished)


@pytest.fixture
def guest(shop) -> int:
    """A guest with a delivered order."""
    sign(CONTROLLER, OTHER_CONTROLLER, STAFF, MANAGER)
    shop.order("a", status="fulfilled", **dict.fromkeys(("paid_at", "delivered_at"), DAY))
    take(shop)
    return Customer.objects.get().pk


def correct(customer, request=None, actor=MANAGER, addresses=None, **texts):
    wanted = Wanted({Field(name): value for name, value in texts.items()}, addresses or {})
    return rectification.rectify(
        customer, wanted, reason="The customer called.", request=request, actor=actor
    )


def found(text):
    kinds = {Category.NAME, Category.EMAIL, Category.PHONE}
    return Customer.objects.filter(search.matching(text, kinds)).exists()


def account(shop, user=5):
    return shop.port.customers([user], shop.port.settings)[0]


def drain(shop):
    """Take in whatever the register itself noted in its inbox, too."""
    take(shop)
    inbox.drain()


@pytest.mark.promise("P-RECTIFY-REQUEST")
def test_an_accounts_name_email_and_phone_are_right_at_once_and_in_the_shop(shop, aino):
    correct(aino, last_name="Korhonen", email="aino.k@example.com", phone="040 765 4321")
    row = Customer.objects.get()
    assert (row.last_name, row.email, row.phone) == (
        "Korhonen", "aino.k@example.com", "+358407654321",
    )  # fmt: skip
    assert found("Korhonen")
    assert found("aino.k@example.com")
    assert found("0407654321")
    for old in ("Mäkelä", "aino@example.com", "0401234567"):
        assert not found(old)
    there = account(shop)
    assert (there.last_name, there.email) == ("Korhonen", "aino.k@example.com")
    assert there.addresses[0].party.last_name == "Korhonen"
    assert there.addresses[0].party.phone == "+358407654321"
    drain(shop)
    row = Customer.objects.get()
    assert (row.last_name, row.email, row.phone) == (
        "Korhonen", "aino.k@example.com", "+358407654321",
    )  # fmt: skip
    assert not found("Mäkelä")
    assert not found("aino@example.com")


def test_the_shops_old_values_do_not_come_back_while_it_has_not_agreed(shop, aino, monkeypatch):
    def refuse(what):
        raise OSError("no shop")

    monkeypatch.setattr(shop.port, "correct", refuse)
    correct(
        aino, last_name="Korhonen", email="aino.k@example.com",
        addresses={PostalAddress.objects.get().pk: {"street_1": "Kaskitie 7"}},
    )  # fmt: skip
    shop.account(5, language="sv")
    shop.order("a", status="returned")
    take(shop)
    row = Customer.objects.get()
    assert (row.last_name, row.email, row.language) == ("Korhonen", "aino.k@example.com", "sv")
    (place,) = PostalAddress.objects.all()
    assert (place.street_1, place.last_name, place.in_book) == ("Kaskitie 7", "Korhonen", True)
    assert not found("Mäkelä")
    assert not found("aino@example.com")
    assert account(shop).last_name == "Mäkelä"
    assert set(Correction.objects.values_list("carried", "attempts")) == {("waiting", 1)}


def test_a_newer_word_of_the_shop_stands(shop, aino, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(shop.port, "correct", lambda what: 1 / 0)
        correct(aino, last_name="Korhonen", email="aino.k@example.com")
    shop.account(5, last_name="Virtanen")
    Correction.objects.update(next_at="2026-01-01T00:00:00Z")
    carrying.carry()
    drain(shop)
    row = Customer.objects.get()
    assert (row.last_name, row.email) == ("Virtanen", "aino.k@example.com")
    told = dict(Correction.objects.exclude(field="address").values_list("field", "carried"))
    assert told == {"last_name": "left", "email": "done"}
    assert found("Virtanen")
    assert not found("Korhonen")


def test_a_guests_name_holds_until_a_newer_order_says_another(shop, guest):
    correct(guest, last_name="Korhonen", phone="0407654321")
    shop.order("a", status="returned")
    take(shop)
    row = Customer.objects.get()
    assert (row.last_name, row.phone) == ("Korhonen", "+358407654321")
    assert {one.last_name for one in PostalAddress.objects.all()} == {"Korhonen"}
    assert found("Korhonen")
    assert not found("Mäkelä")
    later = "2028-01-01T10:00:00.000000Z"
    shop.order("b", placed_at=later, billing=party(last="Virtanen"), shipping=None)
    take(shop)
    assert Customer.objects.get().last_name == "Virtanen"


def test_a_guests_wrong_mailbox_is_given_up_and_the_orders_follow(shop, guest):
    shop.order("b", status="unfulfilled")
    take(shop)
    correct(guest, email="right@example.com")
    assert not found("aino@example.com")
    assert found("right@example.com")
    drain(shop)
    row = Customer.objects.get()
    assert (row.email, row.guest_email) == ("right@example.com", "right@example.com")
    assert set(Purchase.objects.values_list("email", "customer")) == {("right@example.com", row.pk)}
    assert Correction.objects.get().customer_id == row.pk
    assert found("right@example.com")
    assert not found("aino@example.com")
    # It is still erased by.
    assert corrections.said_of([row.pk])["emails"] >= {"aino@example.com", "right@example.com"}


def test_an_open_order_is_corrected_in_the_shop_and_a_past_one_stays(shop, guest):
    shop.order("b", status="unfulfilled")
    take(shop)
    place = PostalAddress.objects.get()
    correct(guest, addresses={place.pk: {"street_1": "Kaskitie 7", "postal_code": "51901"}})
    drain(shop)
    there = {
        one.number: one
        for one in shop.port.orders(
            list(Purchase.objects.values_list("saleor_order", flat=True)), shop.port.settings
        )
    }
    assert (there["1"].shipping.street_1, there["2"].shipping.street_1) == (
        "Kaskitie 1", "Kaskitie 7",
    )  # fmt: skip
    assert there["2"].billing.street_1 == "Kaskitie 7"
    assert Purchase.objects.get(number="1").party_street_1 == "Kaskitie 1"
    assert Purchase.objects.get(number="2").party_street_1 == "Kaskitie 7"
    (place,) = PostalAddress.objects.all()
    assert (place.street_1, place.postal_code) == ("Kaskitie 7", "51901")


def test_what_is_wrong_again_after_it_was_corrected_back(shop, guest):
    correct(guest, last_name="Korhonen")
    correct(guest, last_name="Mäkelä")
    shop.order("a", status="returned")
    take(shop)
    assert Customer.objects.get().last_name == "Mäkelä"
    assert {one.last_name for one in PostalAddress.objects.all()} == {"Mäkelä"}
    assert found("Mäkelä")
    assert not found("Korhonen")


def test_somebody_elses_address_keeps_its_name(shop, guest):
    shop.order("b", shipping=party("Eino", "Mäkelä", phone="+358501112223"))
    take(shop)
    correct(guest, last_name="Korhonen", phone="0407654321")
    assert set(PostalAddress.objects.values_list("first_name", "last_name", "phone")) == {
        ("Aino", "Korhonen", "+358407654321"), ("Eino", "Mäkelä", "+358501112223"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "at", "field"),
    [
        ({"email": "aino@"}, {}, "email"),
        ({"email": "aino@example.com, b@example.com"}, {}, "email"),
        ({"email": "a" * 250 + "@example.com"}, {}, "email"),
        ({"phone": "123"}, {}, "phone"),
        ({"last_name": "Mäkelä"}, {}, "last_name"),
        ({"first_name": "", "last_name": ""}, {}, "last_name"),
        ({"last_name": "x" * 257}, {}, "last_name"),
        ({"last_name": "x\u202ey"}, {}, "last_name"),
        ({}, {"country": "FIN"}, "country"),
        ({}, {"country": "UK"}, "country"),
        ({}, {"postal_code": "5190"}, "postal_code"),
        ({}, {"street_1": ""}, "street_1"),
        ({}, {"street_1": "Kaskitie 1"}, "addresses"),
        ({}, {}, "texts"),
    ],
)
def test_what_cannot_be_right_is_refused_and_nothing_written(shop, aino, texts, at, field):
    place = PostalAddress.objects.get()
    before = Customer.objects.values().get(), PostalAddress.objects.values().get()
    with pytest.raises(CorrectionError) as refused:
        correct(aino, addresses={place.pk: at} if at else None, **texts)
    assert refused.value.field == field
    assert (Customer.objects.values().get(), PostalAddress.objects.values().get()) == before
    assert not Correction.objects.exists()


def test_two_people_never_become_one_by_a_correction(shop, aino):
    shop.account(6, email="eino@example.com")
    shop.order("b", user=6, email="eino@example.com")
    shop.order("g", email="guest@example.com")
    shop.order("h", email="other@example.com")
    take(shop)
    with pytest.raises(CorrectionError, match="Another customer"):
        correct(aino, email="Eino@example.com")
    guest = Customer.objects.get(guest_email="guest@example.com").pk
    with pytest.raises(CorrectionError, match="Another customer"):
        correct(guest, email="other@example.com")


def test_only_who_manages_corrects_through_the_guard(shop, aino):
    with pytest.raises(NoPermission):
        correct(aino, actor=STAFF, last_name="Korhonen")
    made = correct(aino, last_name="Korhonen")
    looked = AccessEntry.objects.filter(act="customerRectify")
    assert list(looked.values_list("outcome", "actor")) == [
        ("refused", "user:2"), ("granted", "user:21"),
    ]  # fmt: skip
    with pytest.raises(NoPermission):
        rectification.read(made.corrections[0], actor=STAFF)
    _, was, why = rectification.read(made.corrections[0], actor=MANAGER)
    assert (was, why) == ({"first_name": "Aino", "last_name": "Mäkelä"}, "The customer called.")
    assert "Mäkelä".encode() not in bytes(Correction.objects.earliest("pk").sealed)


def test_a_restricted_customer_is_corrected_and_shown_to_nobody(shop, aino):
    restrictions.restrict(aino, ground=RestrictionGround.ACCURACY, actor=CONTROLLER)
    made = correct(aino, last_name="Korhonen")
    assert Customer.objects.get().last_name == "Korhonen"
    with pytest.raises(SubjectRestricted):
        rectification.read(made.corrections[0], actor=MANAGER)


GUESSES = {
    "stale": (Wanted({Field.LAST_NAME: "Korhonen"}, was={Field.LAST_NAME: "Virtanen"}), "was"),
    "so already": (Wanted({Field.LAST_NAME: "Mäkelä"}), "last_name"),
    "taken": (Wanted({Field.EMAIL: "eino@example.com"}), "email"),
}


@pytest.fixture
def eino(shop, aino) -> int:
    shop.account(6, email="eino@example.com")
    shop.order("e", user=6, email="eino@example.com")
    take(shop)
    return Customer.objects.get(email="eino@example.com").pk


@pytest.mark.parametrize("guess", GUESSES)
def test_what_a_refusal_tells_is_in_the_log(shop, aino, eino, guess):
    wanted, field = GUESSES[guess]
    with pytest.raises(CorrectionError) as refused:
        rectification.rectify(aino, wanted, reason="x", actor=MANAGER)
    assert refused.value.field == field
    assert [one.act for one in looks.looks_at(aino)] == ["customerRectify"]
    logged = AccessEntry.objects.filter(act="customerRectify")
    assert set(logged.values_list("outcome", "actor")) == {("granted", "user:21")}
    # Whose mailbox it is has been told by that, too.
    assert len(looks.looks_at(eino)) == (guess == "taken")
    assert not Correction.objects.exists()


@pytest.mark.parametrize("guess", GUESSES)
def test_of_a_restricted_customer_no_guess_is_confirmed(shop, aino, eino, guess):
    restrictions.restrict(aino, ground=RestrictionGround.ACCURACY, actor=CONTROLLER)
    wanted, _ = GUESSES[guess]
    with pytest.raises(SubjectRestricted):
        rectification.rectify(aino, wanted, reason="x", actor=MANAGER)
    (row,) = AccessEntry.objects.filter(act="customerRectify")
    assert (row.outcome, row.actor) == ("refused", "user:21")
    assert not Correction.objects.exists()


def test_without_a_key_nothing_is_corrected(shop, aino, monkeypatch):
    monkeypatch.delenv("JOKKERIT_KEYS")
    with pytest.raises(NoKey):
        correct(aino, last_name="Korhonen")
    assert Customer.objects.get().last_name == "Mäkelä"


def together(*acts):
    """Do these at once, each in a thread; return what became of them."""
    start, outcomes = Barrier(len(acts)), []

    def run(act):
        start.wait()
        try:
            act()
            outcomes.append("done")
        except RegisterError as error:
            outcomes.append(error.field)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[act]) for act in acts]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return sorted(outcomes)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_correct_at_once_the_second_sees_that_it_was_changed(shop, aino):
    def act(actor, name):
        wanted = Wanted({Field.LAST_NAME: name}, was={Field.LAST_NAME: "Mäkelä"})
        return lambda: rectification.rectify(aino, wanted, reason="x", actor=actor)

    assert together(act(MANAGER, "Korhonen"), act(CONTROLLER, "Virtanen")) == ["done", "was"]
    assert Correction.objects.filter(field="last_name").count() == 1
    assert account(shop).last_name == Customer.objects.get().last_name


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(5))
def test_the_intake_at_the_same_time_brings_nothing_back(shop, aino, round_):
    shop.account(5, language="sv")
    shop.order("a", status="returned")

    def intake_():
        with transaction.atomic():
            take(shop)

    assert together(intake_, lambda: correct(aino, last_name="Korhonen", phone="0407654321")) == [
        "done", "done",
    ]  # fmt: skip
    drain(shop)
    row = Customer.objects.get()
    assert (row.last_name, row.phone, row.language) == ("Korhonen", "+358407654321", "sv")
    assert not found("Mäkelä")
    assert not found("0401234567")


@pytest.mark.django_db(transaction=True)
def test_an_erasure_at_the_same_time_leaves_nothing(shop, aino):
    together(lambda: erase(Part.CONTACT, [aino]), lambda: correct(aino, last_name="Korhonen"))
    erase(Part.CONTACT, [aino])
    assert not Customer.objects.exists()
    assert not Correction.objects.exists()
    with pytest.raises(CorrectionError, match="no such customer"):
        correct(aino, last_name="Korhonen")


def test_a_request_ends_when_the_shop_agrees(shop, aino, monkeypatch):
    asked = opening.open_for(aino, kind=RequestKind.RECTIFICATION, how="passport", actor=MANAGER)
    with pytest.raises(RequestError, match="granted"):
        correct(aino, request=asked.pk, last_name="Korhonen")
    assert Customer.objects.get().last_name == "Mäkelä"
    with monkeypatch.context() as broken:
        broken.setattr(shop.port, "correct", lambda what: 1 / 0)
        correct(aino, request=asked.pk, actor=CONTROLLER, last_name="Korhonen")
    asked.refresh_from_db()
    assert asked.state == "accepted"
    with pytest.raises(RequestError, match="not taken the correction yet"):
        requests.corrected(asked.pk, already_right=True, actor=CONTROLLER)
    assert send(shop) == []
    Correction.objects.update(next_at="2026-01-01T00:00:00Z")
    carrying.carry()
    asked.refresh_from_db()
    assert asked.state == "done"
    ((_, text, _),) = send(shop)
    assert "Olemme oikaisseet tietosi." in text
    events = set(RequestEvent.objects.filter(request=asked).values_list("what", flat=True))
    assert {"accepted", "corrected", "done"} <= events


def test_somebody_elses_request_is_not_done_with_it(shop, aino):
    shop.order("b", email="eino@example.com")
    take(shop)
    eino = Customer.objects.get(email="eino@example.com").pk
    asked = opening.open_for(eino, kind=RequestKind.RECTIFICATION, how="x", actor=MANAGER)
    with pytest.raises(RequestError, match="of this customer"):
        correct(aino, request=asked.pk, actor=CONTROLLER, last_name="Korhonen")
    assert Customer.objects.get(pk=aino).last_name == "Mäkelä"


@pytest.mark.promise("P-RECTIFY-REQUEST", breaks=True)
def test_a_correction_that_the_shop_does_not_take_is_an_alarm(shop, aino, monkeypatch):
    monkeypatch.setattr(shop.port, "correct", lambda what: 1 / 0)
    made = correct(aino, last_name="Korhonen")
    assert not any("has not taken" in one for one in status.problems(shop.port.settings))
    Correction.objects.update(at=clock.now() - timedelta(hours=2))
    (said,) = [one for one in status.problems(shop.port.settings) if "has not taken" in one]
    assert str(made.corrections[0]) in said
    assert "Korhonen" not in said
    (warned,) = check_corrections(databases=["default"])
    assert (warned.id, warned.msg) == ("jokkerit_plugin.W022", said)
    monkeypatch.undo()
    monkeypatch.setenv("JOKKERIT_KEYS", KEYS)
    Correction.objects.update(next_at="2026-01-01T00:00:00Z")
    carrying.carry()
    assert not check_corrections(databases=["default"])


def test_what_the_shop_refuses_keeps_no_other_and_what_is_righter_takes_its_place(
    shop, aino, monkeypatch
):
    usual = shop.port.correct

    def picky(what):
        if what.right == "taken@example.com":
            raise ShopRefused("Another account of the shop has this e-mail address.")
        return usual(what)

    monkeypatch.setattr(shop.port, "correct", picky)
    correct(aino, email="taken@example.com", last_name="Korhonen")
    assert (account(shop).last_name, account(shop).email) == ("Korhonen", "aino@example.com")
    correct(aino, email="free@example.com")
    assert account(shop).email == "free@example.com"
    drain(shop)
    assert Customer.objects.get().email == "free@example.com"
    ends = Correction.objects.filter(field="email").order_by("pk")
    assert list(ends.values_list("carried", flat=True)) == ["left", "done"]


def test_a_voucher_stays_as_it_was_issued_with_a_note_beside_it(shop, guest):
    shop.port.settings = replace(shop.port.settings, voucher_start=date(2026, 1, 1))
    sell(shop, "b", "2026-03-05", status="unfulfilled")
    follow(shop)
    kept = list(Voucher.objects.order_by("pk").values())
    party_before = Purchase.objects.order_by("pk").values_list("party_last_name", "party_street_1")
    before = list(party_before)
    place = PostalAddress.objects.get()
    made = correct(guest, addresses={place.pk: {"street_1": "Kaskitie 7"}}, last_name="Korhonen")
    follow(shop)
    assert kept
    assert list(Voucher.objects.order_by("pk").values()) == kept
    assert list(party_before) == before
    assert sorted(made.vouchers) == sorted(one["code"] for one in kept)
    notes = VoucherNote.objects.values_list("party_last_name", "party_street_1", "by")
    assert set(notes) == {("Korhonen", "Kaskitie 7", "user:21")}
    # Where the goods go is right all the same.
    order = Purchase.objects.get(number="2").saleor_order
    (there,) = shop.port.orders([order], shop.port.settings)
    assert (there.billing.street_1, there.shipping.street_1) == ("Kaskitie 1", "Kaskitie 7")
    erase(Part.IDENTITY, Purchase.objects.values_list("pk", flat=True))
    assert not VoucherNote.objects.exists()


def test_who_had_the_wrong_data_is_told_in_their_language(shop, guest):
    firm = company("debt_collection", "Perintä")
    mute = company("bookkeeping", "Tili")
    recipients.record_contact(firm.pk, email="p@example.com", language="sv", actor=CONTROLLER)
    for one, purpose, kinds in (
        (firm, Purpose.COLLECTION, {Category.NAME, Category.PHONE}),
        (mute, Purpose.BOOKKEEPING, {Category.NAME}),
    ):
        ledger.record(
            recipient=one, purpose=purpose, categories=frozenset(kinds), subjects=[guest],
            actor=CONTROLLER,
        )  # fmt: skip
    assert correct(guest, email="right@example.com").tellings == 0
    made = correct(guest, last_name="Korhonen")
    assert made.tellings == 2
    tellings.send_waiting(shop.port.settings, shop.port)
    ((subject, text, _),) = [one for one in shop.port.outbox() if one[2] == ["p@example.com"]]
    assert subject == "Kunduppgifter som vi lämnat ut till er har rättats"
    assert "Uppgifter: namn." in text
    assert "Beställningar som ni känner igen kunden på: 1." in text
    assert not any(one in text for one in ("Korhonen", "Mäkelä", "Aino", "@"))
    (left,) = tellings.waiting()
    assert left.recipient_id == mute.pk
    Telling.objects.filter(pk=left.pk).update(ready_at=clock.now() - timedelta(days=8))
    assert any("have not been told" in one for one in status.problems(shop.port.settings))
    with pytest.raises(ControllersOnly):
        tellings.told(left.pk, actor=MANAGER)
    tellings.told(left.pk, actor=CONTROLLER)
    assert not tellings.waiting().exists()
    with pytest.raises(RequestError):
        tellings.told(left.pk, actor=CONTROLLER)


def test_of_an_erasure_and_a_restriction_they_are_told_too(shop, guest):
    firm = company("debt_collection", "Perintä")
    recipients.record_contact(firm.pk, email="p@example.com", language="fi", actor=CONTROLLER)
    ledger.record(
        recipient=firm, purpose=Purpose.COLLECTION, categories=frozenset({Category.NAME}),
        subjects=[guest], actor=CONTROLLER,
    )  # fmt: skip
    limit = opening.open_for(guest, kind=RequestKind.RESTRICTION, how="x", actor=MANAGER)
    requests.decide(limit.pk, accept=True, restriction=RestrictionGround.ACCURACY, actor=CONTROLLER)
    end = opening.open_for(guest, kind=RequestKind.ERASURE, how="x", actor=MANAGER)
    requests.decide(end.pk, accept=True, actor=CONTROLLER)
    subjects = lambda: [one[0] for one in attend(shop) if one[2] == ["p@example.com"]]  # noqa: E731
    assert subjects() == ["Teille luovuttamiemme asiakastietojen käsittelyä on rajoitettu"]
    Restriction.objects.all().delete()
    erase(Part.CONTACT, [guest])
    assert subjects()[1:] == ["Teille luovuttamiamme asiakastietoja on poistettu"]


def test_what_was_wrong_is_forgotten_after_three_years_and_what_is_right_holds(
    shop, guest, monkeypatch
):
    at(monkeypatch, "2027-03-10 12:00")
    correct(guest, last_name="Korhonen")
    at(monkeypatch, "2030-03-10 12:00")
    assert carrying.forget() == 0
    at(monkeypatch, "2030-03-11 12:00")
    assert carrying.forget() == Correction.objects.count()
    assert not Correction.objects.exclude(sealed=None).exists()
    shop.order("a", status="returned")
    take(shop)
    assert Customer.objects.get().last_name == "Korhonen"


def test_the_copy_says_what_was_corrected_and_the_proof_looks_for_it(shop, guest):
    correct(guest, last_name="Korhonen")
    tables = {one.model: one for one in held.of_register(Whose(guest))}
    with transaction.atomic():
        rows = list(tables["Correction"].rows())
    texts = [str(value) for row in rows for value in row]
    assert any("last_name: Mäkelä\nThe customer called." in text for text in texts)
    (person,) = persons.read(customers=[guest])
    assert (NeedleKind.NAME, "Aino\nMäkelä") in person.identifiers
    assert (NeedleKind.NAME, "Aino\nKorhonen") in person.identifiers
    assert "Aino Mäkelä" in corrections.said_of([guest])["names"]


def test_a_guests_tasks_go_on_with_the_heir(shop, guest):
    shop.order("b", email="other@example.com")
    take(shop)
    heir = Customer.objects.get(email="other@example.com").pk
    for customer, field in ((guest, "email"), (guest, "phone"), (heir, "phone")):
        CorrectionTask.objects.create(
            customer_id=customer, field=field, sign="staff", evidence=str(customer),
            opened_by="user:1",
        )  # fmt: skip
    shop.order("a", email="other@example.com")
    take(shop)
    found = CorrectionTask.objects.values_list("customer", "field", "evidence")
    assert set(found) == {(heir, "email", str(guest)), (heir, "phone", str(heir))}


def test_an_opt_out_goes_on_for_what_is_right(shop, guest):
    reached = reach.of_customer(Customer.objects.get())
    no = {Channel.EMAIL: False, Channel.POST: False}
    choices.choose(reached, no, source="staff:telephone", actor=MANAGER, customer=guest)
    place = PostalAddress.objects.get()
    correct(
        guest, email="right@example.com", phone="0407654321",
        addresses={place.pk: {"street_1": "Kaskitie 7"}},
    )  # fmt: skip
    new = [
        (Channel.EMAIL, "right@example.com"), (Channel.PHONE, "+358407654321"),
        (Channel.POST, Postal("Aino Mäkelä", "Kaskitie 7", "51900", "FI")),
    ]  # fmt: skip
    asked = [(channel, contact_keys.normalise(channel, one)) for channel, one in new]
    grounds = [one.ground for one in contacts.permissions(asked)]
    assert grounds[0] == grounds[2] == Ground.OPTED_OUT
    assert grounds[1] != Ground.OPTED_OUT
