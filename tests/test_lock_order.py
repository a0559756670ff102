"""Requests of people who become one just then: customers, requests and letters in one order.

Whoever takes them the other way round would stop here for good: PostgreSQL ends one of two that
wait for each other, and the test finds its error.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from jokkerit_plugin import clock
from jokkerit_plugin.access import staying
from jokkerit_plugin.models import (
    Correction,
    CorrectionTask,
    Customer,
    Request,
    RequestLetter,
    Restriction,
)
from jokkerit_plugin.policy.corrections import Field
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.policy.requests import RefusalGround, RequestKind
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.register import correcting, corrections, customers, inherited
from jokkerit_plugin.rights import (
    forms,
    letter_texts,
    letters,
    lifting,
    opening,
    proofs,
    rectification,
    requests,
    signs,
    store,
)
from jokkerit_plugin.rights.content import Content
from jokkerit_plugin.rights.errors import RequestError
from jokkerit_plugin.rights.rectification import Wanted
from tests.asking import fills_in, send
from tests.erasing import erase, take
from tests.people import CONTROLLER, MANAGER, sign
from tests.races import overtaken

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("keyed")]

Act = Callable[[], object]


@pytest.fixture
def heir(shop) -> int:
    """An account, and a guest of the same mailbox with an order."""
    sign(CONTROLLER, MANAGER)
    shop.account(5, email="aino@example.com")
    shop.order("a", user=5)
    shop.order("b", email="aino@example.com")
    take(shop)
    return Customer.objects.get(saleor_user=5).pk


@pytest.fixture
def guest(heir) -> int:
    return Customer.objects.get(guest_email="aino@example.com").pk


def merge(shop) -> Act:
    """Let the shop attach the guest's order to the account: they are one person."""

    def act() -> None:
        shop.order("b", user=5, email="aino@example.com")
        take(shop)

    return act


def asked(customer: int, kind: RequestKind) -> int:
    return opening.open_for(customer, kind=kind, how="seen", actor=MANAGER).pk


def restrict(pk: int) -> Act:
    return lambda: requests.decide(
        pk, accept=True, restriction=RestrictionGround.ACCURACY, actor=CONTROLLER
    )


def deciding(customer: int) -> Act:
    return restrict(asked(customer, RequestKind.RESTRICTION))


def refusing(customer: int) -> Act:
    pk = asked(customer, RequestKind.ERASURE)
    requests.decide(pk, accept=True, actor=CONTROLLER)
    return lambda: requests.decide(
        pk, accept=False, ground=RefusalGround.LEGAL_CLAIMS, actor=CONTROLLER
    )


def taking_down(customer: int) -> Act:
    return lambda: asked(customer, RequestKind.PORTABILITY)


def proving(customer: int) -> Act:
    made = Request.objects.create(
        kind="restriction", origin="form", state="open", opened_at=clock.now(),
        due_on=clock.today(), proof="mailbox",
    )  # fmt: skip
    return lambda: proofs.prove(made.pk, customer=customer, how="seen", actor=MANAGER)


def correcting_for(customer: int) -> Act:
    pk = asked(customer, RequestKind.RECTIFICATION)
    return lambda: rectification.rectify(
        customer, Wanted({Field.PHONE: "0407654321"}), reason="x", request=pk, actor=CONTROLLER
    )


def objecting(customer: int) -> Act:
    return lambda: opening.open_for(
        customer, kind=RequestKind.OBJECTION, how="seen", marketing=True, actor=MANAGER
    )


def announcing(customer: int) -> Act:
    restrict(asked(customer, RequestKind.RESTRICTION))()
    pk = Restriction.objects.get().pk
    return lambda: lifting.announce(pk, reason="x", actor=CONTROLLER)


def telling(customer: int) -> Act:
    announcing(customer)()
    pk = Request.objects.latest("pk").pk
    return lambda: letters.told(pk, actor=CONTROLLER)


def lifting_it(customer: int) -> Act:
    restrict(asked(customer, RequestKind.RESTRICTION))()
    pk = Restriction.objects.get().pk
    return lambda: lifting.lift(pk, told_on=clock.today(), actor=CONTROLLER)


ACTS = [deciding, refusing, taking_down, proving, correcting_for, objecting, announcing, telling,
        lifting_it]  # fmt: skip


@pytest.mark.parametrize("whose", ["guest", "heir"])
@pytest.mark.parametrize("made", ACTS)
@pytest.mark.parametrize("after", [(customers, "_hand_over"), (inherited, "hand_over")])
def test_who_acts_while_two_become_one_waits_and_acts_for_the_one(
    shop, heir, guest, made, whose, after
):
    # The other has one of each kind, too: two become one of them.
    other, own = (heir, guest) if whose == "guest" else (guest, heir)
    act = made(own)
    if made is deciding:
        asked(other, RequestKind.RESTRICTION)
    elif made is taking_down:
        asked(other, RequestKind.ACCESS)
    merged, done = overtaken(merge(shop), act, after=after)
    assert merged is None
    settled(heir, guest, done, made)


@pytest.mark.parametrize("whose", ["guest", "heir"])
@pytest.mark.parametrize("made", ACTS)
def test_two_become_one_while_somebody_acts_and_what_was_done_goes_with_them(
    shop, heir, guest, made, whose
):
    act = made(guest if whose == "guest" else heir)
    done, merged = overtaken(act, merge(shop), after=(correcting, "locked"))
    assert merged is None
    assert not isinstance(done, Exception), done
    settled(heir, guest, done, made)


def settled(heir: int, guest: int, done: object, made: Callable[[int], Act]) -> None:
    """Assert that no lock was waited for in a circle, and that nothing is left of the guest."""
    ended = made is deciding and isinstance(done, RequestError)
    assert ended or not isinstance(done, Exception), done
    assert not Customer.objects.filter(pk=guest).exists()
    for model in (Request, Restriction, Correction):
        assert not model.objects.exclude(customer=heir).exists()
    active = Request.objects.filter(state__in=["open", "accepted"])
    kinds = list(active.values_list("kind", flat=True))
    assert len(kinds) == len(set(kinds))


@pytest.mark.parametrize("after", [(customers, "_hand_over"), (inherited, "hand_over")])
def test_a_link_that_is_pressed_while_the_guest_goes_up_in_the_account(shop, heir, guest, after):
    first = asked(guest, RequestKind.ERASURE)
    token = fills_in(shop, Content("aino@example.com", "Aino Mäkelä", "51900"), RequestKind.ERASURE)
    merged, done = overtaken(merge(shop), lambda: forms.confirm(token), after=after)
    assert merged is None
    assert isinstance(done, Request), done
    assert (done.state, done.events.latest("pk").code) == ("withdrawn", f"see {first}")
    assert Request.objects.get(pk=first).customer == heir
    assert Request.objects.count() == 2


def test_a_link_that_is_pressed_just_before_the_guest_goes_up_in_the_account(shop, heir, guest):
    asked(guest, RequestKind.ERASURE)
    token = fills_in(shop, Content("aino@example.com", "Aino Mäkelä", "51900"), RequestKind.ERASURE)
    done, merged = overtaken(lambda: forms.confirm(token), merge(shop), after=(staying, "stay"))
    assert merged is None
    assert isinstance(done, Request), done
    assert Request.objects.filter(customer=heir, state="open").count() == 1


def test_a_letter_in_the_senders_hands_stops_nobody_who_decides(shop, heir):
    pk = asked(heir, RequestKind.ERASURE)
    requests.extend(pk, reason="x", actor=CONTROLLER)
    config = shop.port.settings
    sent, done = overtaken(
        lambda: letters.send_waiting(config, shop.port),
        lambda: requests.decide(
            pk, accept=False, ground=RefusalGround.EXCESSIVE, actor=CONTROLLER
        ),
        after=(letter_texts, "whereto"),
    )  # fmt: skip
    assert sent == 2
    assert isinstance(done, Request), done
    row = Request.objects.get()
    assert (row.state, row.extended_by) == ("refused", "shop")
    assert not RequestLetter.objects.filter(sent_at=None).exists()


def test_a_letter_in_the_senders_hands_is_not_told_in_another_way(shop, heir):
    pk = asked(heir, RequestKind.ERASURE)
    requests.extend(pk, reason="x", actor=CONTROLLER)
    config = shop.port.settings
    sent, told = overtaken(
        lambda: letters.send_waiting(config, shop.port),
        lambda: letters.told(pk, actor=CONTROLLER),
        after=(letter_texts, "whereto"),
    )
    assert (sent, told) == (1, 0)
    assert Request.objects.get().extended_by == "shop"


def test_the_days_walk_and_a_guest_who_goes_up_in_an_account(shop, heir, guest):
    Customer.objects.filter(pk=guest).update(phone="123")
    CorrectionTask.objects.create(
        customer_id=guest, field="vat_id", sign="check", evidence="x", opened_by="shop"
    )
    people = list(Customer.objects.filter(pk=guest))

    def look() -> int:
        with transaction.atomic():
            return signs.look(people)

    merged, seen = overtaken(merge(shop), look, after=(customers, "_hand_over"))
    assert merged is None
    assert seen == 0
    assert not CorrectionTask.objects.exclude(customer=heir).exists()


def test_the_days_walk_just_before_a_guest_goes_up_in_an_account(shop, heir, guest):
    Customer.objects.filter(pk=guest).update(phone="123")
    people = list(Customer.objects.filter(pk=guest))

    def look() -> int:
        with transaction.atomic():
            return signs.look(people)

    seen, merged = overtaken(look, merge(shop), after=(staying, "stay"))
    assert merged is None
    assert seen == 1
    assert CorrectionTask.objects.get().customer_id == heir


def test_who_proves_and_who_erases_wait_for_each_other_in_one_order(shop, heir, guest):
    act = proving(guest)
    Request.objects.filter(proof="mailbox").update(kind="erasure")
    done, _ = overtaken(act, lambda: erase(Part.CONTACT, [guest]), after=(correcting, "locked"))
    assert isinstance(done, Request), done
    assert Customer.objects.filter(pk=guest).exists()


def test_a_correction_and_the_decision_of_its_request_end_in_one_of_two_ways(shop, heir):
    pk = asked(heir, RequestKind.RECTIFICATION)
    act = lambda: rectification.rectify(  # noqa: E731
        heir, Wanted({Field.PHONE: "0407654321"}), reason="x", request=pk, actor=CONTROLLER
    )
    refuse = lambda: requests.decide(  # noqa: E731
        pk, accept=False, ground=RefusalGround.ACCURATE, actor=CONTROLLER
    )
    corrected, refused = overtaken(act, refuse, after=(corrections, "seal"))
    assert corrected.corrections
    # It was granted with the correction, and may be refused until the shop agrees.
    assert isinstance(refused, Request | RequestError)
    assert Request.objects.get().state in {"refused", "done"}


def test_a_letter_is_sent_while_two_become_one(shop, heir, guest):
    for customer in (heir, guest):
        requests.extend(asked(customer, RequestKind.ERASURE), reason="x", actor=CONTROLLER)
    config = shop.port.settings
    sent, merged = overtaken(
        lambda: letters.send_waiting(config, shop.port), merge(shop),
        after=(letter_texts, "whereto"),
    )  # fmt: skip
    assert merged is None
    assert sent >= 1
    (row,) = Request.objects.filter(state="open")
    assert row.customer == heir
    RequestLetter.objects.update(next_at=clock.now() - timedelta(minutes=1))
    send(shop)
    assert not RequestLetter.objects.filter(sent_at=None).exists()


def test_what_was_said_meanwhile_is_looked_at_again(shop, heir, guest):
    made = Request.objects.create(
        kind="rectification", origin="form", state="open", opened_at=clock.now(),
        due_on=clock.today(), proof="mailbox",
    )  # fmt: skip

    def between(customer: int) -> Callable[..., object]:
        real = store.alone

        def alone(request_id: int) -> Request:
            Request.objects.filter(pk=request_id).update(customer=customer)
            return real(request_id)

        return alone

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "alone", between(heir))
        with pytest.raises(RequestError, match="said meanwhile"):
            requests.withdraw(made.pk, actor=CONTROLLER)
