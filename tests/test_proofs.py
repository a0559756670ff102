"""Whose request it is: what a better proof takes over, and what happens when a proof is lost."""

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.models import Correction, Customer, Purchase, Request, Restriction, Suppression
from jokkerit_plugin.policy.corrections import Field
from jokkerit_plugin.policy.requests import RefusalGround, RequestKind
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.rights import opening, proofs, rectification, requests, status
from jokkerit_plugin.rights.errors import RequestError
from jokkerit_plugin.rights.rectification import Wanted
from tests.asking import asks, at, attend, keyed_somebody, send
from tests.erasing import take
from tests.paper_shop import party
from tests.people import CONTROLLER, MANAGER
from tests.standing import standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]

aino = standing(__name__, keyed_somebody)

WHO = {"name": "Aino Mäkelä", "postal_code": "51900"}


def by_account(kind: RequestKind, customer: int) -> Request:
    return opening.open_by_account(5, kind=kind)


def by_staff(kind: RequestKind, customer: int) -> Request:
    return opening.open_for(customer, kind=kind, how="seen", actor=MANAGER)


@pytest.mark.parametrize("opens", [by_account, by_staff])
@pytest.mark.parametrize("kind", [RequestKind.ERASURE, RequestKind.ACCESS])
def test_a_mailbox_that_was_not_proved_bars_nobody(shop, aino, monkeypatch, opens, kind):
    at(monkeypatch, "2027-03-10 12:00")
    strangers = asks(shop, kind)
    assert (strangers.customer, strangers.proof) == (aino, "mailbox")
    at(monkeypatch, "2027-03-12 12:00")
    own = opens(kind, aino)
    strangers.refresh_from_db()
    assert (strangers.state, strangers.decided_by) == ("withdrawn", "shop")
    event = strangers.events.latest("pk")
    assert (event.what, event.code) == ("withdrawn", f"see {own.pk}")
    assert own.state == ("open" if kind is RequestKind.ERASURE else "accepted")
    assert (own.opened_at, own.due_on) == (strangers.opened_at, strangers.due_on)
    with pytest.raises(RequestError, match="under way already"):
        opens(kind, aino)


def test_what_staff_prove_takes_the_place_of_a_mailbox(shop, aino):
    strangers = asks(shop, RequestKind.ERASURE)
    other = asks(shop, RequestKind.ERASURE, email="uusi@example.com")
    assert other.customer is None
    proofs.prove(other.pk, customer=aino, how="seen", actor=MANAGER)
    states = dict(Request.objects.values_list("pk", "state"))
    assert states == {strangers.pk: "withdrawn", other.pk: "open"}


def test_the_time_of_what_is_taken_over_never_makes_it_later(shop, aino, monkeypatch):
    at(monkeypatch, "2027-03-10 12:00")
    first = asks(shop, RequestKind.ERASURE, email="uusi@example.com")
    at(monkeypatch, "2027-03-20 12:00")
    asks(shop, RequestKind.ERASURE)
    row = proofs.prove(first.pk, customer=aino, how="seen", actor=MANAGER)
    assert (row.opened_at, row.due_on) == (first.opened_at, first.due_on)


def test_an_extension_goes_with_the_time_that_is_taken_over(shop, aino, monkeypatch):
    at(monkeypatch, "2027-03-10 12:00")
    first = asks(shop, RequestKind.ERASURE)
    requests.extend(first.pk, reason="x", actor=CONTROLLER)
    send(shop)
    at(monkeypatch, "2027-03-20 12:00")
    own = by_account(RequestKind.ERASURE, aino)
    assert (own.due_on.isoformat(), own.extended_by) == ("2027-06-10", "shop")
    with pytest.raises(RequestError, match="once is all"):
        requests.extend(own.pk, reason="x", actor=CONTROLLER)


def in_part(shop, kind: RequestKind) -> Request:
    """Somebody whose name is on one order of several asks for the whole."""
    heikki = party("Heikki", "Mäkelä", postal_code="00100")
    shop.order("b", user=5, billing=heikki, shipping=heikki)
    take(shop)
    row = asks(shop, kind, name="Heikki Mäkelä", postal_code="00100")
    assert (row.proof, row.state, len(row.purchases)) == ("matched", "open", 1)
    return row


def test_who_proves_a_part_is_asked_for_more_and_bars_nobody(shop, aino):
    part = in_part(shop, RequestKind.ERASURE)
    assert part.letters.filter(what="proof").exists()
    own = by_account(RequestKind.ERASURE, aino)
    part.refresh_from_db()
    assert (part.state, own.state, own.purchases) == ("withdrawn", "open", None)


def test_nor_the_form_that_proves_the_whole_and_another_part_ends_nothing(shop, aino):
    part = in_part(shop, RequestKind.ERASURE)
    # Aino proves another part: staff see whose it is, and she is asked for more as he was.
    other = asks(shop, RequestKind.ERASURE, **WHO)
    assert (other.state, other.customer, other.proof) == ("open", None, "mailbox")
    assert {one.what for one in other.letters.filter(sent_at=None)} == {"received", "proof"}
    # What he writes once more is answered with the first.
    again = asks(shop, RequestKind.ERASURE, name="Heikki Mäkelä", postal_code="00100")
    assert (again.state, again.events.latest("pk").code) == ("withdrawn", f"see {part.pk}")
    at_home = tuple(
        (number, code)
        for number, code in Purchase.objects.values_list("number", "party_postal_code")
    )
    whole = asks(shop, RequestKind.ERASURE, orders=at_home)
    part.refresh_from_db()
    assert (part.state, whole.state, whole.purchases) == ("withdrawn", "open", None)


@pytest.mark.parametrize("who", [{}, WHO])
@pytest.mark.parametrize("kind", [RequestKind.RECTIFICATION, RequestKind.OBJECTION])
def test_what_else_somebody_writes_is_not_answered_with_the_first(shop, aino, kind, who):
    first = asks(shop, kind, message="My street is Kesäkuja 9", **who)
    second = asks(shop, kind, message="My name is Aino", **who)
    first.refresh_from_db()
    assert (first.state, second.state, second.customer) == ("open", "open", None)
    assert second.letters.filter(what="proof").exists() == (not who)
    # Written without a word it asks for nothing else.
    assert asks(shop, kind, **who).state == "withdrawn"
    requests.decide(first.pk, accept=False, ground=RefusalGround.EXCESSIVE, actor=CONTROLLER)
    assert proofs.prove(second.pk, customer=aino, how="seen", actor=MANAGER).customer == aino


def test_no_other_objection_stops_one_to_direct_marketing(shop, aino):
    other = asks(shop, RequestKind.OBJECTION, message="Do not profile me", **WHO)
    for made in (
        asks(shop, RequestKind.OBJECTION, marketing=True),
        opening.open_by_account(5, kind=RequestKind.OBJECTION, marketing=True),
    ):
        assert made.state == "done"
    other.refresh_from_db()
    assert other.state == "open"
    assert Suppression.objects.filter(lifted_at=None, channel="email").exists()


def matched(shop, kind: RequestKind) -> Request:
    row = asks(shop, kind, **WHO)
    assert (row.proof, row.purchases) == ("matched", None)
    return row


def moves_out(shop) -> None:
    """The account has another mailbox now: whoever has the first proves nothing any more."""
    shop.account(5, email="elsewhere@example.com")
    take(shop)


def open_again(shop, row: Request) -> None:
    row.refresh_from_db()
    assert (row.state, row.proof, row.purchases, row.decided_by) == ("open", "mailbox", [], "")
    assert row.events.filter(what="reopened", actor="shop").count() == 1
    before = len(shop.port.outbox())
    assert [subject for subject, _, _ in send(shop)[before:]].count(
        "We need to know more before we can answer"
    ) == 1


@pytest.mark.parametrize(
    "kind", [RequestKind.ERASURE, RequestKind.RESTRICTION, RequestKind.RECTIFICATION]
)
def test_what_is_granted_on_a_proof_that_is_lost_is_open_again_and_a_letter_asks(shop, aino, kind):
    row = matched(shop, kind)
    moves_out(shop)
    with pytest.raises(RequestError, match="not known any more"):
        requests.decide(
            row.pk, accept=True, restriction=RestrictionGround.ACCURACY, actor=CONTROLLER
        )
    open_again(shop, row)
    assert not Restriction.objects.exists()
    with pytest.raises(RequestError, match="not known yet"):
        requests.decide(
            row.pk, accept=True, restriction=RestrictionGround.ACCURACY, actor=CONTROLLER
        )


def test_a_relatives_order_since_does_not_go_with_what_was_proved(shop, aino):
    row = matched(shop, RequestKind.ERASURE)
    heikki = party("Heikki", "Mäkelä", postal_code="00100")
    shop.order("b", user=5, billing=heikki, shipping=heikki)
    take(shop)
    with pytest.raises(RequestError, match="not known any more"):
        requests.decide(row.pk, accept=True, actor=CONTROLLER)
    row.refresh_from_db()
    assert (row.state, row.proof, len(row.purchases)) == ("open", "matched", 1)
    assert row.letters.filter(what="proof").exists()


@pytest.mark.parametrize("granted", [True, False])
def test_nobody_is_corrected_on_a_proof_that_is_lost(shop, aino, granted):
    row = matched(shop, RequestKind.RECTIFICATION)
    if granted:
        requests.decide(row.pk, accept=True, actor=CONTROLLER)
    moves_out(shop)
    with pytest.raises(RequestError, match="not known any more"):
        rectification.rectify(
            aino, Wanted({Field.LAST_NAME: "Korhonen"}), reason="x", request=row.pk,
            actor=CONTROLLER,
        )  # fmt: skip
    open_again(shop, row)
    assert Customer.objects.get().last_name == "Mäkelä"
    assert not Correction.objects.exists()


def test_a_proof_that_holds_is_acted_on(shop, aino):
    row = matched(shop, RequestKind.ERASURE)
    assert requests.decide(row.pk, accept=True, actor=CONTROLLER).state == "accepted"


def test_the_token_of_an_account_that_never_bought_ends_marketing(shop):
    book = [
        {
            "key": 1,
            "party": party("Uuno", "Uusi", phone="+358401112223"),
            "default_billing": True,
            "default_shipping": True,
        }
    ]
    shop.account(7, email="uusi@example.com", addresses=book)
    take(shop)
    made = opening.open_by_account(7, kind=RequestKind.OBJECTION, marketing=True)
    assert (made.customer, made.account, made.state) == (None, 7, "done")
    closed = Suppression.objects.filter(lifted_at=None)
    assert {one.channel for one in closed} == {"email", "sms", "phone", "post"}
    assert any((to == ["uusi@example.com"] and "no more marketing" in text.lower())
               or "markkinointia" in text for _, text, to in attend(shop))  # fmt: skip
    with pytest.raises(RequestError, match="holds nothing"):
        opening.open_by_account(7, kind=RequestKind.OBJECTION)
    # Over, it may be asked again.
    assert opening.open_by_account(7, kind=RequestKind.OBJECTION, marketing=True).state == "done"


def test_an_erasure_answers_where_a_correction_says(shop, aino, monkeypatch):
    asked = opening.open_by_account(5, kind=RequestKind.ERASURE)
    requests.decide(asked.pk, accept=True, actor=CONTROLLER)
    # Its address is sealed now.
    send(shop)
    monkeypatch.setattr(shop.port, "correct", lambda what: 1 / 0)
    rectification.rectify(
        aino, Wanted({Field.EMAIL: "right@example.com"}), reason="x", actor=MANAGER
    )
    Request.objects.update(state="done", done_at=clock.now())
    Customer.objects.update(email="")
    assert send(shop)[-1][2] == ["right@example.com"]


def test_a_key_that_was_retired_stops_no_correction(shop, aino, monkeypatch):
    asked = opening.open_by_account(5, kind=RequestKind.ERASURE, message="x")
    requests.decide(asked.pk, accept=True, actor=CONTROLLER)
    monkeypatch.setenv("JOKKERIT_KEYS", "2027:" + "cd" * 32)
    rectification.rectify(
        aino, Wanted({Field.EMAIL: "right@example.com"}), reason="x", actor=MANAGER
    )
    assert Customer.objects.get().email == "right@example.com"
    # The status names it: of what waits, and of what a copy would have.
    assert named(shop, "(2026)")
    Request.objects.update(state="done", done_at=clock.now())
    assert not named(shop, "sealed")
    Correction.objects.update(key_version="2025")
    assert named(shop, "(2025)")


def named(shop, words: str) -> bool:
    return any(words in one for one in status.problems(shop.port.settings))


def test_a_correction_leaves_the_mailbox_that_somebody_proved(shop, aino):
    row = matched(shop, RequestKind.ERASURE)
    rectification.rectify(
        aino, Wanted({Field.EMAIL: "right@example.com"}), reason="x", actor=MANAGER
    )
    requests.decide(row.pk, accept=False, ground=RefusalGround.EXCESSIVE, actor=CONTROLLER)
    assert send(shop)[-1][2] == ["aino@example.com"]


def test_no_letter_promises_an_end_of_marketing_that_reached_no_address(shop, aino):
    row = matched(shop, RequestKind.OBJECTION)
    Request.objects.update(marketing=True, proof="staff", proof_note="x", proved_by="user:1",
                           key_version="", sealed=None, customer=aino + 1)  # fmt: skip
    with pytest.raises(RequestError, match="to which address"):
        requests.decide(row.pk, accept=True, actor=CONTROLLER)
    row.refresh_from_db()
    assert row.state == "open"
    assert not row.letters.filter(what="done").exists()
