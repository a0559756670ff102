"""Who has no mailbox: letters that are printed, and a copy that the controller hands over."""

import io
import zipfile

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.access import restrictions
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.access.admission import NoAgreement, NoPermission
from jokkerit_plugin.access.chain import as_ids
from jokkerit_plugin.access.controllers import ControllersOnly
from jokkerit_plugin.models import AccessEntry, Archive, Customer, DownloadLink, Request
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.policy.permissions import Permission
from jokkerit_plugin.policy.requests import Handed, RefusalGround, RequestKind
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.rights import answering, by_hand, forms, letters, requests, status
from jokkerit_plugin.rights.content import Content
from jokkerit_plugin.rights.errors import RequestError
from jokkerit_plugin.web.schema.base import to_global_id
from tests.asking import asks, at, keyed_somebody, send, taken_down
from tests.erasing import erase
from tests.graphql import House
from tests.people import CONTROLLER, MANAGER, STAFF
from tests.standing import standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]

aino = standing(__name__, keyed_somebody)

UNSIGNED = Actor("user:99", frozenset({Permission.MANAGE_PRIVACY}))


@pytest.fixture
def copy(shop, aino, monkeypatch) -> Request:
    """A request on paper of somebody without a mailbox, whose copy is made."""
    at(monkeypatch, "2027-03-10 12:00")
    Customer.objects.update(email="")
    row = taken_down(aino, RequestKind.ACCESS)
    answering.make_copies(shop.port.settings)
    assert send(shop) == []
    return row


def fetched(row: Request, actor=CONTROLLER) -> zipfile.ZipFile:
    _, pieces = by_hand.fetch(row.pk, actor=actor)
    return zipfile.ZipFile(io.BytesIO(b"".join(pieces)))


def hand(row: Request, on: str, how: Handed = Handed.POST, actor=CONTROLLER) -> Request:
    day = clock.today().fromisoformat(on)
    return by_hand.handed_over(row.pk, how=how, on=day, actor=actor)


def letter_of(row: Request, what: str) -> int:
    return row.letters.get(what=what).pk


def test_a_copy_is_fetched_for_the_person_logged_and_handed_over(shop, copy, aino, monkeypatch):
    with pytest.raises(RequestError, match="not fetched yet"):
        hand(copy, "2027-03-10")
    found = fetched(copy)
    assert b"Kaskitie" in found.read("index.html")
    entry = AccessEntry.objects.get(act="requestCopy")
    assert (entry.actor, entry.role, entry.purpose, entry.outcome) == (
        "user:1", "controller", "rights", "granted",
    )  # fmt: skip
    assert entry.categories.split() == ["email", "name", "phone", "postal_address", "purchase"]
    assert list(as_ids(entry.subjects)) == [aino]
    event = copy.events.latest("pk")
    assert (event.what, event.actor) == ("fetched", "user:1")
    # To be told that it is there gives nobody their data.
    with pytest.raises(RequestError, match="Hand the copy over"):
        letters.told(copy.pk, actor=CONTROLLER)
    at(monkeypatch, "2027-03-12 12:00")
    for day in ("2027-03-09", "2027-03-13"):
        with pytest.raises(RequestError, match="Give the day"):
            hand(copy, day)
    copy.letters.update(attempts=3)
    assert any("could not be sent" in one for one in status.problems(shop.port.settings))
    hand(copy, "2027-03-11")
    letter = copy.letters.get()
    assert (letter.sent_at, letter.sent_by, letter.error) == (clock.now(), "user:1", "")
    event = copy.events.latest("pk")
    assert (event.what, event.actor, event.code) == ("handed", "user:1", "post 2027-03-11")
    with pytest.raises(RequestError, match="not fetched yet"):
        hand(copy, "2027-03-12")
    # It is not made again, and nothing is left to be done.
    at(monkeypatch, "2027-03-18 12:00")
    answering.attend()
    copy.refresh_from_db()
    assert (copy.state, Archive.objects.exists()) == ("done", False)
    assert not any("could not be sent" in one for one in status.problems(shop.port.settings))
    with pytest.raises(RequestError, match="no copy"):
        fetched(copy)


def test_what_was_posted_is_recorded_also_when_the_copy_was_made_again(shop, copy, monkeypatch):
    fetched(copy)
    at(monkeypatch, "2027-03-18 12:00")
    answering.attend()
    assert Archive.objects.get().made_at == clock.now()
    hand(copy, "2027-03-11", Handed.IN_PERSON)
    assert not copy.letters.filter(sent_at=None).exists()


def test_who_has_a_mailbox_may_have_the_copy_on_paper_all_the_same(shop, copy):
    Customer.objects.update(email="aino@example.com")
    copy.letters.update(next_at=clock.now())
    assert len(send(shop)) == 1
    fetched(copy)
    hand(copy, "2027-03-10", Handed.IN_PERSON)
    assert copy.letters.get().sent_by == "shop"
    assert copy.events.latest("pk").code == "in_person 2027-03-10"


def test_other_letters_are_told_while_a_copy_waits(shop, copy):
    copy.letters.create(what="received", made_at=clock.now())
    assert letters.told(copy.pk, actor=CONTROLLER) == 1
    assert [one.what for one in copy.letters.filter(sent_at=None)] == ["archive"]


def test_nobody_but_a_controller_who_has_signed_is_given_a_copy(copy):
    for actor, refusal in (
        (MANAGER, ControllersOnly), (STAFF, ControllersOnly), (UNSIGNED, NoAgreement),
    ):  # fmt: skip
        with pytest.raises(refusal):
            by_hand.fetch(copy.pk, actor=actor)
    # Nor whether there is one.
    with pytest.raises(NoAgreement):
        by_hand.fetch(copy.pk + 99, actor=UNSIGNED)
    with pytest.raises(ControllersOnly):
        hand(copy, "2027-03-10", actor=MANAGER)
    assert not copy.events.filter(what__in=["fetched", "handed"]).exists()
    assert Archive.objects.get().fetches == 0


def test_a_restricted_person_gets_what_they_ask_and_a_letter_by_post(shop, copy, aino):
    restrictions.restrict(aino, ground=RestrictionGround.CLAIMS, actor=CONTROLLER)
    assert fetched(copy).namelist()
    other = taken_down(aino, RequestKind.OBJECTION)
    requests.decide(
        other.pk, accept=False, ground=RefusalGround.COMPELLING, reason="Vaatimus on kesken.",
        actor=CONTROLLER,
    )  # fmt: skip
    found = by_hand.letter(letter_of(other, "refused"), actor=MANAGER)
    assert found.to == ("Aino Mäkelä", "Kaskitie 1", "51900 JUVA", "FI")
    assert "Vaatimus on kesken." in found.text
    assert found.subject == "Vastauksemme pyyntöösi"
    entry = AccessEntry.objects.get(act="requestLetter")
    assert (entry.actor, entry.purpose, list(as_ids(entry.subjects))) == (
        "user:21",
        "rights",
        [aino],
    )


def test_an_envelope_is_known_until_the_last_letter_of_who_is_erased(shop, aino):
    Customer.objects.update(email="")
    row = taken_down(aino, RequestKind.ERASURE)
    requests.decide(row.pk, accept=True, actor=CONTROLLER)
    erase(Part.CONTACT, [aino])
    assert send(shop) == []
    found = by_hand.letter(letter_of(row, "done"), actor=MANAGER)
    assert found.to == ("Aino Mäkelä", "Kaskitie 1", "51900 JUVA", "FI")
    assert letters.told(row.pk, actor=CONTROLLER) == 2
    row.refresh_from_db()
    assert (row.key_version, row.sealed) == ("", None)


def test_a_letter_that_is_sent_not_ones_own_or_holds_a_link_is_not_shown(shop, copy, aino):
    with pytest.raises(RequestError, match="for the person alone"):
        by_hand.letter(letter_of(copy, "archive"), actor=CONTROLLER)
    row = asks(shop, RequestKind.ERASURE, email="uusi@example.com")
    waiting = letter_of(row, "received")
    with pytest.raises(NoPermission):
        by_hand.letter(waiting, actor=STAFF)
    # It is not known whose it is: it goes to no address of the register's.
    assert by_hand.letter(waiting, actor=MANAGER).to == ()
    send(shop)
    with pytest.raises(RequestError, match="no such letter"):
        by_hand.letter(waiting, actor=MANAGER)
    unproved = forms.receive(Content("uusi@example.com"), kind=RequestKind.ACCESS, language="fi")
    with pytest.raises(RequestError, match="for the person alone"):
        by_hand.letter(letter_of(unproved, "confirm"), actor=CONTROLLER)


def test_the_link_to_a_copy_works_once_and_for_its_holder(shop, copy, monkeypatch):
    house = House(shop)
    house.everybody_signs()
    ask = (
        f'(id: "{to_global_id("RegisterRequest", copy.pk)}") {{ url seconds errors {{ code }} }} }}'
    )
    made = house.ask(f"mutation {{ requestCopyLink{ask}", "controller")["data"]["requestCopyLink"]
    assert (made["seconds"], made["errors"]) == (60, [])
    path = made["url"].partition("/plugins/jokkerit.register/")[2]
    # Of another request it opens nothing.
    other = path.replace(f"requests/{copy.pk}/", f"requests/{copy.pk + 1}/")
    assert house.get(other).status_code == 403
    assert not DownloadLink.objects.exists()
    made = house.ask(f"mutation {{ requestCopyLink{ask}", "controller")["data"]["requestCopyLink"]
    path = made["url"].partition("/plugins/jokkerit.register/")[2]
    answer = house.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert answer["Content-Disposition"] == 'attachment; filename="data-2027-03-10.zip"'
    content = b"".join(answer.streaming_content)
    assert len(content) == int(answer["Content-Length"])
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    assert house.get(path).status_code == 403
    assert Archive.objects.get().fetches == 1
    at(monkeypatch, "2027-03-18 12:00")
    answer = house.ask(f"mutation {{ requestCopyLink{ask}", "controller")["data"]
    assert answer["requestCopyLink"]["errors"] == [{"code": "REQUEST"}]
    assert house.get(f"requests/{copy.pk}/copy/", "controller").status_code == 404


def test_what_ends_for_the_controller_ends_for_a_copy_under_way(copy, monkeypatch):
    _, pieces = by_hand.fetch(copy.pk, actor=CONTROLLER)
    monkeypatch.setattr("jokkerit_plugin.access.agreements.signed", lambda _: set())
    with pytest.raises(NoAgreement):
        list(pieces)


def test_nobody_looks_for_the_purpose_of_the_requests(shop, aino):
    house = House(shop)
    house.everybody_signs()
    for query in (
        "customers(first: 1, purpose: RIGHTS) { totalCount }",
        "purchases(first: 1, purpose: RIGHTS) { totalCount }",
        "audience(first: 1, channel: EMAIL, purpose: RIGHTS) { pageInfo { hasNextPage } }",
        "audienceCount(channel: EMAIL, purpose: RIGHTS) { customers }",
    ):
        assert house.codes(f"{{ {query} }}", "controller") == {"INVALID"}


def test_a_copy_that_nobody_was_given_is_named(shop, copy, monkeypatch):
    for hour in (13, 14):
        at(monkeypatch, f"2027-03-10 {hour}:00")
        send(shop)
    found = [one for one in status.problems(shop.port.settings) if "requestHandedOver" in one]
    assert len(found) == 1
    assert str(copy.pk) in found[0]
