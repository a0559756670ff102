"""Two at once, on two connections: whatever they do to a request is done once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.access import restrictions
from jokkerit_plugin.access.restrictions import RestrictionError
from jokkerit_plugin.models import (
    Archive,
    Customer,
    Request,
    RequestEvent,
    RequestLetter,
    Restriction,
)
from jokkerit_plugin.policy.requests import RefusalGround, RequestKind
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.rights import (
    answering,
    forms,
    letter_texts,
    letters,
    lifting,
    links,
    opening,
    proofs,
    requests,
    store,
)
from jokkerit_plugin.rights.archive import writing
from jokkerit_plugin.rights.content import Content
from jokkerit_plugin.rights.errors import RequestError
from tests.asking import attend, link, send
from tests.erasing import take
from tests.people import CONTROLLER, MANAGER, OTHER_CONTROLLER, sign
from tests.races import overtaken

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("keyed")]

LOCKED = (store, "locked")
EXCESSIVE = RefusalGround.EXCESSIVE


@pytest.fixture
def aino(shop) -> int:
    sign(CONTROLLER, OTHER_CONTROLLER, MANAGER)
    shop.account(5, email="aino@example.com")
    shop.order("a", user=5)
    shop.order("b", email="guest@example.com")
    take(shop)
    return Customer.objects.get(saleor_user=5).pk


def taken_down(customer: int, kind: RequestKind) -> int:
    return opening.open_for(customer, kind=kind, how="passport shown", actor=MANAGER).pk


def accept(pk, actor):
    return requests.decide(pk, accept=True, restriction=RestrictionGround.ACCURACY, actor=actor)


def refuse(pk, actor):
    return requests.decide(pk, accept=False, ground=EXCESSIVE, actor=actor)


def withdraw(pk, actor):
    return requests.withdraw(pk, actor=actor)


@pytest.mark.parametrize("first", [accept, refuse, withdraw])
@pytest.mark.parametrize("second", [accept, refuse, withdraw])
def test_of_two_who_decide_the_first_does(aino, first, second):
    pk = taken_down(aino, RequestKind.RESTRICTION)
    done, refused = overtaken(
        lambda: first(pk, CONTROLLER), lambda: second(pk, OTHER_CONTROLLER), after=LOCKED
    )
    assert isinstance(done, Request), done
    assert isinstance(refused, RequestError)
    row = Request.objects.get()
    assert (row.state, row.decided_by) == (done.state, CONTROLLER.key)
    decided = RequestEvent.objects.filter(what__in=["accepted", "refused", "withdrawn"])
    assert [one.actor for one in decided] == [CONTROLLER.key]
    assert RequestLetter.objects.count() == (first is not withdraw)
    assert Restriction.objects.count() == (first is accept)


def test_of_two_who_have_corrected_one_tells(aino):
    pk = taken_down(aino, RequestKind.RECTIFICATION)
    requests.decide(pk, accept=True, actor=CONTROLLER)
    done, refused = overtaken(
        lambda: requests.corrected(pk, already_right=True, actor=CONTROLLER),
        lambda: requests.corrected(pk, already_right=True, actor=OTHER_CONTROLLER),
        after=LOCKED,
    )
    assert (done.state, type(refused)) == ("done", RequestError)
    assert RequestLetter.objects.filter(what="done").count() == 1


def test_of_two_who_extend_one_gives_the_reason(shop, aino):
    pk = taken_down(aino, RequestKind.ERASURE)
    done, refused = overtaken(
        lambda: requests.extend(pk, reason="one", actor=CONTROLLER),
        lambda: requests.extend(pk, reason="two", actor=OTHER_CONTROLLER),
        after=LOCKED,
    )
    assert (type(done), type(refused)) == (Request, RequestError)
    ((_, text, _),) = send(shop)
    assert "one" in text


def test_of_two_who_prove_it_for_different_people_the_first_is_believed(shop, aino):
    guest = Customer.objects.get(guest_email="guest@example.com").pk
    forms.receive(Content("x@example.com"), kind=RequestKind.ACCESS, language="en")
    forms.confirm(link(send(shop)[-1][1], "confirm"))
    pk = Request.objects.get().pk
    done, refused = overtaken(
        lambda: proofs.prove(pk, customer=aino, how="seen", actor=MANAGER),
        lambda: proofs.prove(pk, customer=guest, how="seen", actor=CONTROLLER),
        after=(store, "alone"),
    )
    assert (done.customer, type(refused)) == (aino, RequestError)
    assert Request.objects.get().customer == aino


def test_a_link_that_is_pressed_twice_begins_one_request(shop, aino):
    written = Content("aino@example.com", "Aino Mäkelä", "51900")
    forms.receive(written, kind=RequestKind.ACCESS, language="en")
    token = link(send(shop)[-1][1], "confirm")
    done, again = overtaken(
        lambda: forms.confirm(token), lambda: forms.confirm(token), after=(links, "confirmed")
    )
    assert [done, again].count(None) == 1
    assert Request.objects.filter(state="accepted").count() == 1
    assert RequestEvent.objects.filter(what="confirmed").count() == 1


def test_two_workers_make_one_copy_and_send_each_letter_once(shop, aino):
    taken_down(aino, RequestKind.ACCESS)
    config = shop.port.settings
    made = overtaken(
        lambda: answering.make_copies(config), lambda: answering.make_copies(config),
        after=(writing, "make"),
    )  # fmt: skip
    assert made == (1, 0)
    assert Archive.objects.count() == 1
    sent = overtaken(
        lambda: letters.send_waiting(config, shop.port),
        lambda: letters.send_waiting(config, shop.port),
        after=(letter_texts, "write"),
    )
    assert sent == (1, 0)
    assert len(shop.port.outbox()) == 1


def test_two_workers_remind_once(shop, aino, monkeypatch):
    taken_down(aino, RequestKind.ERASURE)
    config = replace(shop.port.settings, privacy_contact="privacy@example.com")
    later = clock.now() + timedelta(days=29)
    monkeypatch.setattr(clock, "now", lambda: later)
    told = overtaken(
        lambda: answering.remind(config, shop.port), lambda: answering.remind(config, shop.port),
        after=(answering, "_stage"),
    )  # fmt: skip
    assert told == (1, 0)
    assert len(shop.port.outbox()) == 1


def test_of_two_who_lift_or_announce_one_does(shop, aino):
    accept(taken_down(aino, RequestKind.RESTRICTION), CONTROLLER)
    attend(shop)
    (pk,) = Restriction.objects.values_list("pk", flat=True)
    done, refused = overtaken(
        lambda: lifting.announce(pk, reason="one", actor=CONTROLLER),
        lambda: lifting.announce(pk, reason="two", actor=OTHER_CONTROLLER),
        after=(restrictions, "locked"),
    )
    assert (type(done), type(refused)) == (Restriction, RequestError)
    attend(shop)
    done, refused = overtaken(
        lambda: restrictions.lift(pk, actor=CONTROLLER),
        lambda: restrictions.lift(pk, actor=OTHER_CONTROLLER),
        after=(restrictions, "locked"),
    )
    assert (type(done), type(refused)) == (Restriction, RestrictionError)
    assert Restriction.objects.get().lifted_by == CONTROLLER.key
