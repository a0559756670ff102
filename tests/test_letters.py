"""Letters: every one renders in three languages, and what comes of one that was sent, or told."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import transaction

from jokkerit_plugin import clock
from jokkerit_plugin.models import (
    Archive,
    CorrectionTask,
    Customer,
    Request,
    RequestLetter,
    Restriction,
    Telling,
)
from jokkerit_plugin.policy import requests as policy
from jokkerit_plugin.policy.languages import LANGUAGES, Language
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.policy.requests import RefusalGround, RequestKind
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.rights import (
    answering,
    letter_texts,
    letters,
    lifting,
    opening,
    proofs,
    requests,
    status,
    store,
)
from jokkerit_plugin.rights.words import texts
from jokkerit_plugin.shop.port import AddressRefused, MailError
from tests.asking import asks, at, attend, keyed_somebody, send, taken_down
from tests.buyers import company
from tests.erasing import erase
from tests.kept import due
from tests.people import CONTROLLER, MANAGER, sign
from tests.standing import standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]

aino = standing(__name__, keyed_somebody)

What = RequestLetter.What
DAY = "2026-03-02T10:00:00.000000Z"
REASON = "Nimesi on nyt oikein."
COPIES = (RequestKind.ACCESS, RequestKind.PORTABILITY)
#: What each kind may be told, beside what all are.
ALSO = {What.ACCEPTED: (RequestKind.ERASURE,), What.ARCHIVE: COPIES,
        What.LIFTING: (RequestKind.RESTRICTION,)}  # fmt: skip
VARIANTS = [
    (kind, what)
    for what in What
    for kind in RequestKind
    if kind in ALSO.get(what, tuple(RequestKind))
]


def decided(pk: int, kind: RequestKind, reason: str = "") -> Request:
    ground = RestrictionGround.ACCURACY if kind is RequestKind.RESTRICTION else None
    return requests.decide(pk, accept=True, restriction=ground, reason=reason, actor=CONTROLLER)


def rendered(shop, what: str, language: str, *, reason: str = "", **columns) -> tuple[str, str]:
    """Write a letter of a request that is made for it."""
    state = {"state": "accepted", "decided_at": clock.now(), "decided_by": "user:1"}
    row = Request.objects.create(
        origin="staff", opened_at=clock.now(), due_on=date(2027, 4, 10), **state | columns
    )
    if what == What.ARCHIVE:
        Archive.objects.create(
            request=row, made_at=clock.now(), expires_at=clock.now() + timedelta(days=7),
            sha256="0" * 64, size=0,
        )  # fmt: skip
    letter = RequestLetter.objects.create(request=row, what=what, reason=reason)
    config = replace(
        shop.port.settings, controller_name="Jokkerit Trading Oy", privacy_contact="tietosuoja@x.fi"
    )
    return letter_texts.write(letter, config, language)


def whole(subject: str, text: str, language: str) -> None:
    """Assert that nothing was left unfilled, and that it says who answers."""
    assert subject
    assert "\n" not in subject
    for one in ("{", "}", " None", "\n\n\n", "<"):
        assert one not in subject + text
    assert text.startswith(texts("letters", language)["frame"]["hello"] + "\n\n")
    assert text.endswith("\nJokkerit Trading Oy\ntietosuoja@x.fi\n")


@pytest.mark.parametrize("reason", ["", REASON])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "what"), VARIANTS)
def test_every_letter_of_every_right_renders_in_every_language(shop, kind, what, language, reason):
    refused = {"state": "refused", "ground": "excessive"} if what == What.REFUSED else {}
    said = "Jäljelle jää." if what == What.ACCEPTED else reason
    subject, text = rendered(shop, what, language, kind=kind, reason=said, **refused)
    whole(subject, text, language)
    frame = texts("letters", language)["frame"]
    assert (frame["complaint"] in text) == (
        what in {What.REFUSED, What.EXTENDED, What.ACCEPTED, What.LIFTING}
    )
    title = policy.TITLES[kind][Language.of(language)]
    if what != What.CONFIRM:
        (row,) = Request.objects.all()
        assert title in text
        assert str(row.pk) in text
    if said and what in {What.REFUSED, What.EXTENDED, What.LIFTING, What.DONE, What.ACCEPTED}:
        assert said in text
    if what in {What.CONFIRM, What.ARCHIVE, What.PROOF, What.LIFTING}:
        assert f"lang={language}" in text
    others = [one for one in LANGUAGES if one != language]
    assert all(texts("letters", one)[what]["subject"] != subject for one in others)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ground", RefusalGround)
def test_every_ground_of_a_refusal_is_said(shop, ground, language):
    subject, text = rendered(
        shop, What.REFUSED, language, kind=RequestKind.ERASURE, state="refused", ground=ground
    )
    whole(subject, text, language)
    assert texts("letters", language)["grounds"][ground] in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("erase_in_shop", [True, False])
def test_what_is_promised_of_the_shop_is_what_the_settings_say(shop, language, erase_in_shop):
    shop.port.settings = replace(shop.port.settings, erase_in_shop=erase_in_shop)
    own = texts("letters", language)
    for what, said in (
        (What.ACCEPTED, own["accepted"]["everywhere" if erase_in_shop else "register"]),
        (What.DONE, own["done"]["erasure" if erase_in_shop else "erasure_register"]),
    ):
        subject, text = rendered(shop, what, language, kind=RequestKind.ERASURE)
        whole(subject, text, language)
        assert said in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_objection_to_marketing_a_part_of_a_copy_and_recipients_are_said(shop, language):
    own = texts("letters", language)
    objects = {"kind": RequestKind.OBJECTION, "marketing": True}
    subject, text = rendered(shop, What.DONE, language, proof="account", **objects)
    whole(subject, text, language)
    assert own["done"]["objection"] in text
    # A mailbox alone, or a part of what is known by it, speaks for itself.
    for known in ({"proof": "mailbox"}, {"proof": "matched", "purchases": [1]}):
        _, said = rendered(shop, What.DONE, language, **objects, **known)
        assert own["done"]["objection_mailbox"] in said
    assert own["done"]["objection_vouchers"] not in text
    subject, text = rendered(shop, What.ARCHIVE, language, kind=RequestKind.ACCESS, purchases=[1])
    whole(subject, text, language)
    assert own["archive"]["rest"].partition("{")[0] in text
    sign(CONTROLLER)
    firm = company("debt_collection", "Perintä")
    subject, text = rendered(shop, What.DONE, language, kind=RequestKind.RECTIFICATION)
    assert "Perintä" not in text
    Telling.objects.create(
        recipient=firm, what="rectification", source="correction 1", customer=1, categories="name",
        request=Request.objects.latest("pk").pk, orders=[], first_on=DAY[:10], last_on=DAY[:10],
    )  # fmt: skip
    letter = RequestLetter.objects.latest("pk")
    config = replace(
        shop.port.settings, controller_name="Jokkerit Trading Oy", privacy_contact="tietosuoja@x.fi"
    )
    subject, text = letter_texts.write(letter, config, language)
    whole(subject, text, language)
    assert "Perintä." in text


@pytest.mark.parametrize("kind", RequestKind)
def test_the_reason_of_what_is_granted_is_in_the_letter(shop, aino, kind, monkeypatch):
    if kind in COPIES:
        # Nobody knows yet whose it is, so that it is not granted by itself.
        monkeypatch.setattr(opening, "go_on", lambda *_: None)
    made = taken_down(aino, kind)
    decided(made.pk, kind, REASON)
    if kind is RequestKind.RECTIFICATION:
        attend(shop)
        requests.corrected(made.pk, already_right=True, reason="Kiitos.", actor=CONTROLLER)
    said = [text for _, text, _ in attend(shop) if REASON in text]
    assert len(said) == 1
    assert ("Kiitos." in said[0]) == (kind is RequestKind.RECTIFICATION)


@pytest.mark.parametrize("kind", RequestKind)
def test_what_is_told_in_another_way_is_told(shop, aino, kind, monkeypatch):
    made = taken_down(aino, kind)
    requests.decide(
        made.pk, accept=False, ground=RefusalGround.EXCESSIVE, actor=CONTROLLER
    ) if kind not in COPIES else answering.make_copies(shop.port.settings)
    at(monkeypatch, "2027-03-10 12:00")
    if kind in COPIES:
        # See test_by_hand.py.
        with pytest.raises(letters.RegisterError, match="Hand the copy over"):
            letters.told(made.pk, actor=CONTROLLER)
        return
    assert letters.told(made.pk, actor=CONTROLLER) == 1
    (letter,) = made.letters.all()
    assert (letter.sent_at, letter.sent_by, letter.error) == (clock.now(), "user:1", "")
    assert letters.told(made.pk, actor=CONTROLLER) == 0
    assert send(shop) == []


def test_an_extension_that_was_told_counts_in_time_and_not_later(shop, aino, monkeypatch):
    at(monkeypatch, "2027-03-10 12:00")
    made = taken_down(aino)
    requests.extend(made.pk, reason="x", actor=CONTROLLER)
    at(monkeypatch, "2027-04-11 00:00")
    with pytest.raises(letters.RegisterError, match="could not be told in time"):
        letters.told(made.pk, actor=CONTROLLER)
    assert made.letters.get().sent_at is None
    at(monkeypatch, "2027-04-10 23:59")
    assert letters.told(made.pk, actor=CONTROLLER) == 1
    made.refresh_from_db()
    assert (made.due_on, made.extended_by) == (date(2027, 6, 10), "user:1")


def test_an_extension_that_is_late_keeps_no_other_letter(shop, aino, monkeypatch):
    at(monkeypatch, "2027-03-10 12:00")
    made = taken_down(aino)
    requests.extend(made.pk, reason="x", actor=CONTROLLER)
    at(monkeypatch, "2027-04-11 00:00")
    requests.decide(made.pk, accept=True, actor=CONTROLLER)
    letters.note_erasures(shop.port.settings)
    assert letters.told(made.pk, actor=CONTROLLER) == 1
    waiting = made.letters.filter(sent_at=None)
    assert [one.what for one in waiting] == [What.EXTENDED]
    assert send(shop) == []
    assert not waiting.all().exists()
    made.refresh_from_db()
    assert (made.due_on, made.extended_at) == (date(2027, 4, 10), None)


def test_who_is_proved_by_now_is_not_asked_for_more(shop, aino):
    row = asks(shop, RequestKind.ERASURE)
    assert row.letters.filter(what=What.PROOF, sent_at=None).exists()
    proofs.prove(row.pk, customer=aino, how="seen", actor=MANAGER)
    assert not any(to == ["aino@example.com"] and "send the form once more" in text
                   for _, text, to in send(shop))  # fmt: skip
    assert not row.letters.filter(what=What.PROOF).exists()


def test_what_is_lifted_by_now_is_not_announced(shop, aino):
    made = decided(taken_down(aino, RequestKind.RESTRICTION).pk, RequestKind.RESTRICTION)
    send(shop)
    pk = Restriction.objects.get().pk
    lifting.announce(pk, reason="x", actor=CONTROLLER)
    lifting.lift(pk, told_on=clock.today(), actor=CONTROLLER)
    assert len(send(shop)) == 1
    assert not made.letters.filter(what=What.LIFTING).exists()


def test_nobody_is_told_that_the_answer_takes_longer_after_it(shop, aino):
    made = taken_down(aino, RequestKind.OBJECTION)
    requests.extend(made.pk, reason="x", actor=CONTROLLER)
    requests.decide(made.pk, accept=True, actor=CONTROLLER)
    assert len(send(shop)) == 1
    assert [one.what for one in made.letters.all()] == [What.DONE]


def erased(shop, aino) -> Request:
    """An erasure that is done, of which nothing has been told yet."""
    made = taken_down(aino)
    decided(made.pk, RequestKind.ERASURE)
    letters.note_erasures(shop.port.settings)
    erase(Part.CONTACT, [aino])
    letters.note_erasures(shop.port.settings)
    made.refresh_from_db()
    assert (made.state, made.sealed is None, made.letters.count()) == ("done", False, 2)
    return made


def test_of_an_erased_person_without_an_address_staff_learn_that_letters_are_due(
    shop, aino, monkeypatch
):
    at(monkeypatch, "2027-03-10 09:00")
    Customer.objects.update(email="")
    made = taken_down(aino)
    decided(made.pk, RequestKind.ERASURE)
    erase(Part.CONTACT, [aino])
    for hour in (10, 11, 12):
        at(monkeypatch, f"2027-03-10 {hour}:00")
        assert send(shop) == []
    waiting = made.letters.filter(sent_at=None, attempts=3)
    assert {one.what for one in waiting} == {What.ACCEPTED, What.DONE}
    found = [one for one in status.problems(shop.port.settings) if "in another way" in one]
    assert len(found) == 1
    assert f"Requests {made.pk}" in found[0]
    assert letters.told(made.pk, actor=CONTROLLER) == 2
    attend(shop)
    assert made.letters.count() == 2


def test_an_erasure_that_is_granted_anew_is_told_anew(shop, aino):
    row = asks(shop, RequestKind.ERASURE, name="Aino Mäkelä", postal_code="51900")
    decided(row.pk, RequestKind.ERASURE)
    send(shop)
    with transaction.atomic():
        proofs.ask_again(store.locked(row.pk))
    send(shop)
    proofs.prove(row.pk, customer=aino, how="seen", actor=MANAGER)
    again = decided(row.pk, RequestKind.ERASURE)
    assert aino in due(Part.CONTACT, clock.today(), shop.port.settings)
    sent = send(shop)
    title = texts("letters", "en")["accepted"]["subject"]
    assert [subject for subject, _, _ in sent].count(title) == 2
    # Where it comes of the account's deletion, nobody is erased before it is told anew.
    Request.objects.update(decided_at=again.decided_at + timedelta(days=1))
    assert aino not in due(Part.CONTACT, clock.today(), shop.port.settings)
    letters.note_erasures(shop.port.settings)
    assert again.letters.filter(what=What.ACCEPTED, sent_at=None).count() == 1


def test_the_address_of_somebody_erased_goes_when_they_were_told_in_another_way(shop, aino):
    made = erased(shop, aino)
    assert letters.told(made.pk, actor=CONTROLLER) == 2
    made.refresh_from_db()
    assert (made.key_version, made.sealed) == ("", None)


def test_the_address_of_somebody_erased_stays_until_the_last_letter(shop, aino, monkeypatch):
    made = erased(shop, aino)
    real = shop.port.mail

    def mail(subject, text, to):
        if subject == texts("letters", "fi")["accepted"]["subject"]:
            raise MailError("not now")
        real(subject, text, to)

    monkeypatch.setattr(shop.port, "mail", mail)
    assert len(send(shop)) == 1
    made.refresh_from_db()
    assert made.sealed is not None
    monkeypatch.setattr(shop.port, "mail", real)
    RequestLetter.objects.update(next_at=clock.now())
    assert len(send(shop)) == 2
    made.refresh_from_db()
    assert made.sealed is None


def test_what_comes_of_a_letter_follows_after_a_worker_was_killed(shop, aino, monkeypatch):
    at(monkeypatch, "2027-03-10 12:00")
    longer = taken_down(aino, RequestKind.RECTIFICATION)
    requests.extend(longer.pk, reason="x", actor=CONTROLLER)
    limited = taken_down(aino, RequestKind.RESTRICTION)
    decided(limited.pk, RequestKind.RESTRICTION)
    lifting.announce(Restriction.objects.get().pk, reason="x", actor=CONTROLLER)
    with monkeypatch.context() as killed:
        killed.setattr(letters, "follow", lambda: None)
        send(shop)
    assert Request.objects.get(pk=longer.pk).extended_at is None
    assert Restriction.objects.get().told_on is None
    at(monkeypatch, "2027-03-11 12:00")
    send(shop)
    assert Request.objects.get(pk=longer.pk).due_on == date(2027, 6, 10)
    assert Restriction.objects.get().told_on == date(2027, 3, 10)


@pytest.mark.parametrize("end", ["refused", "withdrawn"])
def test_a_letter_that_was_held_while_its_request_ended_promises_nothing_later(
    shop, aino, end, monkeypatch
):
    made = taken_down(aino)
    decided(made.pk, RequestKind.ERASURE)
    letters.note_erasures(shop.port.settings)

    def refuse():
        if end == "refused":
            requests.decide(
                made.pk, accept=False, ground=RefusalGround.STILL_NEEDED, actor=CONTROLLER
            )
        else:
            requests.withdraw(made.pk, actor=CONTROLLER)

    # As if the mail server had failed just then, with the letter in its hands.
    with monkeypatch.context() as held:
        held.setattr(requests.store, "unsay", lambda row: None)
        refuse()
    sent = [subject for subject, _, _ in send(shop)]
    assert sent == ["Vastauksemme pyyntöösi"] * (end == "refused")
    assert not RequestLetter.objects.filter(what=What.ACCEPTED).exists()


def test_an_address_that_no_server_takes_is_a_task_and_anothers_is_not(shop, aino, monkeypatch):
    def refuse(*_):
        raise AddressRefused("gone")

    requests.decide(
        taken_down(aino).pk, accept=False, ground=RefusalGround.EXCESSIVE, actor=CONTROLLER
    )
    requests.decide(
        taken_down(aino, RequestKind.OBJECTION, email="lawyer@example.com").pk, accept=False,
        ground=RefusalGround.EXCESSIVE, actor=CONTROLLER,
    )  # fmt: skip
    monkeypatch.setattr(shop.port, "mail", refuse)
    send(shop)
    (task,) = CorrectionTask.objects.all()
    assert (task.customer_id, task.field, task.sign) == (aino, "email", "letter")
    assert set(RequestLetter.objects.values_list("attempts", flat=True)) == {1}


def test_a_confirmation_is_not_asked_for_twice(shop, aino):
    row = asks(shop)
    RequestLetter.objects.create(request=row, what="confirm") if not row.letters.filter(
        what="confirm"
    ).exists() else row.letters.filter(what="confirm").update(sent_at=None, sent_by="")
    before = len(shop.port.outbox())
    assert not any("/requests/confirm/" in text for _, text, _ in send(shop)[before:])
