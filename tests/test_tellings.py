"""Recipients of data are told of what becomes of it, and only those who had it (article 19)."""

import pytest
from django.db import transaction

from jokkerit_plugin import clock
from jokkerit_plugin.access import looks, recipients, restrictions
from jokkerit_plugin.access.controllers import ControllersOnly
from jokkerit_plugin.access.restrictions import RestrictionError
from jokkerit_plugin.disclosure import ledger
from jokkerit_plugin.models import AccessEntry, Customer, Request, Restriction, Telling
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.corrections import TOLD, Field, Told
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.policy.purposes import Purpose
from jokkerit_plugin.policy.requests import RequestKind
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.rights import (
    lifting,
    opening,
    proofs,
    rectification,
    requests,
    store,
    tellings,
    words,
)
from jokkerit_plugin.rights.rectification import Wanted
from tests.asking import attend
from tests.buyers import company
from tests.erasing import erase, take
from tests.people import CONTROLLER, MANAGER, sign
from tests.races import overtaken

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]


@pytest.fixture
def guest(shop) -> int:
    sign(CONTROLLER, MANAGER)
    shop.order("a", status="fulfilled")
    take(shop)
    return Customer.objects.get().pk


def given(customer: int, *kinds: Category, language: str = "en", name: str = "Perintä") -> int:
    """Give a customer's data to a company that has an address; return its key."""
    firm = company("debt_collection", name)
    email = f"{firm.pk}@example.com"
    recipients.record_contact(firm.pk, email=email, language=language, actor=CONTROLLER)
    with transaction.atomic():
        ledger.record(
            recipient=firm, purpose=Purpose.COLLECTION, categories=frozenset(kinds),
            subjects=[customer], actor=CONTROLLER,
        )  # fmt: skip
    return firm.pk


def told(shop, firm: int) -> list[str]:
    return [subject for subject, _, to in attend(shop) if to == [f"{firm}@example.com"]]


def restricted(customer: int) -> Restriction:
    made = opening.open_for(customer, kind=RequestKind.RESTRICTION, how="seen", actor=MANAGER)
    requests.decide(made.pk, accept=True, restriction=RestrictionGround.ACCURACY, actor=CONTROLLER)
    return Restriction.objects.latest("pk")


def lift(found: Restriction) -> None:
    lifting.lift(found.pk, told_on=clock.today(), actor=CONTROLLER)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_who_was_told_of_a_restriction_is_told_when_it_ends(shop, guest, language):
    firm = given(guest, Category.NAME, language=language)
    found = restricted(guest)
    texts = words.texts("tellings", language)
    assert told(shop, firm) == [texts["restriction"]["subject"]]
    lift(found)
    assert told(shop, firm)[1:] == [texts["lifted"]["subject"]]
    row = Telling.objects.get(what=Told.LIFTED)
    assert (row.customer, row.orders, row.categories) == (guest, ["1"], "name")
    _, text = tellings.write(row, shop.port.settings)
    assert not any(one in text for one in ("{", "}", "Aino", "Mäkelä", "@"))


def test_who_was_not_told_of_a_restriction_yet_never_is(shop, guest):
    firm = given(guest, Category.NAME)
    lift(restricted(guest))
    assert told(shop, firm) == []
    assert not Telling.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_who_lifts_does_not_wait_for_the_mail_server_and_who_is_being_told_is_told_the_end(
    shop, guest
):
    firm = given(guest, Category.NAME)
    found = restricted(guest)
    config = shop.port.settings
    sent, lifted = overtaken(
        lambda: tellings.send_waiting(config, shop.port),
        lambda: lifting.lift(found.pk, told_on=clock.today(), actor=CONTROLLER),
        after=(tellings, "write"),
    )
    assert not isinstance(lifted, Exception), lifted
    assert sent == 2
    texts = words.texts("tellings", "en")
    assert told(shop, firm) == [texts["restriction"]["subject"], texts["lifted"]["subject"]]


def test_a_restriction_that_has_ended_is_told_to_nobody(shop, guest, monkeypatch):
    """In the sender's hands when it was lifted, and the mail failed."""
    firm = given(guest, Category.NAME)
    found = restricted(guest)
    restrictions.lift(found.pk, told_on=clock.today(), actor=CONTROLLER)
    assert told(shop, firm) == []
    assert not Telling.objects.exists()


def test_while_another_restriction_holds_nothing_has_ended(shop, guest):
    firm = given(guest, Category.NAME)
    first, second = restricted(guest), restricted(guest)
    assert len(told(shop, firm)) == 2
    lift(first)
    assert len(told(shop, firm)) == 2
    lift(second)
    assert told(shop, firm)[2:] == ["The restriction of customer data that we gave you has ended"]
    # Restricted anew, and lifted again, they are told again.
    third = restricted(guest)
    told(shop, firm)
    lift(third)
    assert len(told(shop, firm)) == 5


def test_a_lifting_that_is_refused_tells_nobody(shop, guest):
    firm = given(guest, Category.NAME)
    found = restricted(guest)
    told(shop, firm)
    with pytest.raises(RestrictionError):
        lifting.lift(found.pk, actor=CONTROLLER)
    with pytest.raises(ControllersOnly):
        lifting.lift(found.pk, told_on=clock.today(), actor=MANAGER)
    assert not Telling.objects.filter(what=Told.LIFTED).exists()
    assert AccessEntry.objects.filter(act="lift restriction", outcome="refused").count() == 1


def test_every_kind_of_telling_has_its_texts():
    assert set(TOLD) == set(Told)
    for language in ("fi", "sv", "en"):
        found = words.texts("tellings", language)
        assert set(found) == {"frame", *Told}
        assert all(found[one]["subject"] and found[one]["text"].strip() for one in Told)


def test_a_letter_names_those_alone_who_are_told(shop, guest):
    had = given(guest, Category.NAME)
    given(guest, Category.PHONE, name="Tili")
    names = dict(recipients.Recipient.objects.values_list("pk", "name"))
    asked = opening.open_for(guest, kind=RequestKind.RECTIFICATION, how="seen", actor=MANAGER)
    requests.decide(asked.pk, accept=True, actor=CONTROLLER)
    rectification.rectify(
        guest, Wanted({Field.LAST_NAME: "Korhonen"}), reason="x", request=asked.pk, actor=MANAGER
    )
    (letter,) = [text for _, text, to in attend(shop) if to == ["aino@example.com"]]
    assert f"{names[had]}." in letter
    assert "Tili" not in letter


def test_a_letter_of_a_restriction_names_whom_it_tells(shop, guest):
    had = given(guest, Category.NAME)
    gone = given(guest, Category.NAME, name="Tili")
    recipients.Recipient.objects.filter(pk=gone).update(
        data_outcome="deleted", data_outcome_on=clock.today()
    )
    restricted(guest)
    (letter,) = [text for _, text, to in attend(shop) if to == ["aino@example.com"]]
    assert recipients.Recipient.objects.get(pk=had).name in letter
    assert "Tili" not in letter


def test_of_an_objection_nobody_else_is_told(shop, guest):
    given(guest, Category.NAME)
    opening.open_for(guest, kind=RequestKind.OBJECTION, how="seen", marketing=True, actor=MANAGER)
    (letter,) = [text for _, text, to in attend(shop) if to == ["aino@example.com"]]
    assert "Perintä" not in letter


def test_a_telling_of_a_guest_who_went_up_in_an_account_is_read_and_logged(shop, guest):
    given(guest, Category.NAME)
    restrictions.restrict(guest, ground=RestrictionGround.CLAIMS, actor=CONTROLLER)
    tellings.restricted(Restriction.objects.get())
    Restriction.objects.all().delete()
    shop.account(1, email="aino@example.com")
    shop.order("a", status="fulfilled", user=1)
    take(shop)
    account = Customer.objects.get(saleor_user=1).pk
    (row,) = Telling.objects.all()
    assert row.customer == account != guest
    for customer in (account, guest):
        Telling.objects.update(customer=customer)
        before = looked(account)
        tellings.read(row.pk, actor=CONTROLLER)
        assert looked(account) == before + 1


def looked(customer: int) -> int:
    return len(looks.looks_at(customer))


def test_who_was_given_data_before_the_erasure_was_done_is_told_of_it(shop, guest):
    made = opening.open_for(guest, kind=RequestKind.ERASURE, how="seen", actor=MANAGER)
    requests.decide(made.pk, accept=True, actor=CONTROLLER)
    firm = given(guest, Category.NAME)
    erase(Part.CONTACT, [guest])
    assert told(shop, firm) == [words.texts("tellings", "en")["erasure"]["subject"]]


def test_an_erasure_that_is_granted_anew_is_told_as_things_stand_then(shop, guest):
    given(guest, Category.NAME)
    made = opening.open_for(guest, kind=RequestKind.ERASURE, how="seen", actor=MANAGER)
    requests.decide(made.pk, accept=True, actor=CONTROLLER)
    shop.order("later")
    take(shop)
    with transaction.atomic():
        proofs.ask_again(store.locked(made.pk))
    requests.decide(made.pk, accept=True, actor=CONTROLLER)
    assert Telling.objects.get().orders == ["2", "1"]


def test_a_telling_outlives_the_erased(shop, guest):
    firm = given(guest, Category.NAME)
    asked = opening.open_for(guest, kind=RequestKind.ERASURE, how="seen", actor=MANAGER)
    requests.decide(asked.pk, accept=True, actor=CONTROLLER)
    attend(shop)
    erase(Part.CONTACT, [guest])
    assert told(shop, firm) == ["Customer data that we gave you has been erased"]
    assert Request.objects.get().state == "done"
    row = Telling.objects.get()
    assert "1." in tellings.read(row.pk, actor=CONTROLLER)[2]
