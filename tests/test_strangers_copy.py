"""Between the proof and the copy people merge, mailboxes change hands, relatives order."""

import io
import zipfile
from threading import Thread

import pytest
from django.db import connections

from jokkerit_plugin.models import Archive, Customer, Purchase, Request, RequestEvent
from jokkerit_plugin.policy.requests import RefusalGround, RequestKind
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.rights import answering, links, opening, requests
from jokkerit_plugin.rights.archive import writing
from jokkerit_plugin.rights.errors import RequestError
from tests.asking import asks, attend, link
from tests.erasing import take
from tests.paper_shop import party
from tests.people import CONTROLLER, MANAGER, sign
from tests.races import overtaken

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]
AINO = {"name": "Aino Mäkelä", "postal_code": "51900"}


def text_of(made: Archive) -> str:
    archive = zipfile.ZipFile(io.BytesIO(b"".join(writing.read(made))))
    return "\n".join(archive.read(name).decode("utf-8-sig") for name in archive.namelist())


def granted(shop, **given) -> Request:
    row = asks(shop, **AINO | given)
    assert (row.state, row.purchases) == ("accepted", None)
    return row


def taken_back(row: Request, shop) -> None:
    before = len(shop.port.outbox())
    sent = attend(shop)[before:]
    row.refresh_from_db()
    assert (row.state, row.proof, row.decided_by) == ("open", "mailbox", "")
    assert "We need to know more before we can answer" in {subject for subject, _, _ in sent}
    assert {to[0] for _, _, to in sent} == {"aino@example.com"}
    assert not Archive.objects.exists()
    assert RequestEvent.objects.filter(request=row, what="reopened", actor="shop").count() == 1
    # And so it stays.
    attend(shop)
    assert RequestEvent.objects.filter(request=row, what="reopened").count() == 1


def test_a_guest_who_goes_up_in_somebody_else_gets_nothing_of_theirs(shop):
    """Staff correct the e-mail of an order that stood under a wrong mailbox."""
    shop.order("a")
    shop.account(6, email="eino@example.com", first_name="Eino", last_name="Virtanen")
    shop.order("b", user=6, email="eino@example.com", billing=party("Eino", "Virtanen"))
    take(shop)
    row = granted(shop)
    shop.order("a", user=6, email="eino@example.com")
    take(shop)
    row.refresh_from_db()
    assert row.customer == Customer.objects.get(saleor_user=6).pk
    taken_back(row, shop)


@pytest.mark.parametrize("state", ["accepted", "open"])
def test_nor_by_what_staff_saw_of_the_guest(shop, state):
    """The answer goes to the guest's mailbox: an heir with another one is asked about again."""
    sign(CONTROLLER, MANAGER)
    shop.order("a")
    shop.account(6, email="eino@example.com", first_name="Eino", last_name="Virtanen")
    shop.order("b", user=6, email="eino@example.com", billing=party("Eino", "Virtanen"))
    take(shop)
    guest = Customer.objects.get(guest_email="aino@example.com").pk
    row = opening.open_for(
        guest, kind=RequestKind.ACCESS, how="seen", actor=MANAGER,
        email="aino@example.com" if state == "accepted" else "elsewhere@example.com",
    )  # fmt: skip
    assert row.state == state
    shop.order("a", user=6, email="eino@example.com")
    take(shop)
    row.refresh_from_db()
    assert (row.state, row.proof, row.purchases) == ("open", "mailbox", [])
    attend(shop)
    assert not Archive.objects.exists()
    assert row.events.filter(what="reopened").count() == 1
    assert row.letters.filter(what="proof").exists()


@pytest.mark.parametrize(
    ("kind", "granted"),
    [
        (RequestKind.ERASURE, False), (RequestKind.ERASURE, True),
        (RequestKind.RESTRICTION, False), (RequestKind.RECTIFICATION, False),
    ],
)  # fmt: skip
def test_nor_is_somebody_else_erased_or_restricted_by_what_staff_saw(shop, kind, granted):
    sign(CONTROLLER, MANAGER)
    shop.order("a")
    shop.account(6, email="eino@example.com", first_name="Eino", last_name="Virtanen")
    shop.order("b", user=6, email="eino@example.com", billing=party("Eino", "Virtanen"))
    take(shop)
    guest = Customer.objects.get(guest_email="aino@example.com").pk
    row = opening.open_for(guest, kind=kind, how="seen", actor=MANAGER, email="aino@example.com")
    if granted:
        requests.decide(row.pk, accept=True, actor=CONTROLLER)
    shop.order("a", user=6, email="eino@example.com")
    take(shop)
    row.refresh_from_db()
    assert (row.state, row.proof, row.purchases, row.proof_note) == ("open", "mailbox", [], "")
    ground = RestrictionGround.ACCURACY if kind is RequestKind.RESTRICTION else None
    with pytest.raises(RequestError, match="prove it first"):
        requests.decide(row.pk, accept=True, actor=CONTROLLER, restriction=ground)
    assert row.letters.filter(what="proof").exists()


@pytest.mark.parametrize("told", [False, True])
def test_nor_is_somebody_else_erased_by_what_was_granted_the_guest(shop, told):
    sign(CONTROLLER)
    shop.order("a")
    shop.account(6, email="eino@example.com", first_name="Eino", last_name="Virtanen")
    shop.order("b", user=6, email="eino@example.com", billing=party("Eino", "Virtanen"))
    take(shop)
    row = asks(shop, kind=RequestKind.ERASURE, **AINO)
    requests.decide(row.pk, accept=True, actor=CONTROLLER)
    if told:
        attend(shop)
    shop.order("a", user=6, email="eino@example.com")
    take(shop)
    row.refresh_from_db()
    assert row.customer == Customer.objects.get(saleor_user=6).pk
    assert row.purchases == []
    taken_back(row, shop)
    assert row.letters.filter(what="accepted").exists() == told


def test_a_guest_who_goes_up_in_the_account_of_the_same_mailbox_gets_the_copy(shop):
    shop.order("a")
    take(shop)
    granted(shop)
    shop.account(5, email="aino@example.com")
    shop.order("a", user=5)
    take(shop)
    attend(shop)
    assert "Mäkelä" in text_of(Archive.objects.get())


def test_an_account_that_leaves_the_mailbox_before_the_copy_is_made_gives_none(shop):
    shop.account(5, email="aino@example.com")
    shop.order("a", user=5)
    take(shop)
    row = granted(shop)
    shop.account(5, email="new@example.com", former_emails=["aino@example.com"])
    take(shop)
    taken_back(row, shop)


def test_what_a_relative_orders_before_the_copy_is_made_is_not_in_it(shop):
    shop.account(5, email="aino@example.com")
    shop.order("a", user=5)
    take(shop)
    row = granted(shop)
    shop.order("b", user=5, billing=party("Heikki", "Mäkelä"), shipping=party("Heikki", "Mäkelä"))
    take(shop)
    attend(shop)
    row.refresh_from_db()
    assert row.purchases == [Purchase.objects.get(party_first_name="Aino").pk]
    assert "Heikki" not in text_of(Archive.objects.get())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", ["Heikki", "Aino"])
def test_a_copy_is_of_one_moment_whoever_orders_while_it_is_made(shop, monkeypatch, who):
    shop.account(5, email="aino@example.com")
    shop.order("a", user=5)
    take(shop)
    row = granted(shop)
    real = writing._json

    def order():
        theirs = party(who, "Mäkelä", street_1="Uusikuja 9")
        shop.order("b", user=5, billing=theirs, shipping=theirs)
        take(shop)
        connections.close_all()

    def between(*given):
        # The page has been written by now.
        if not orders:
            orders.append(Thread(target=order))
            orders[0].start()
            orders[0].join()
        return real(*given)

    orders: list[Thread] = []
    monkeypatch.setattr(writing, "_json", between)
    attend(shop)
    row.refresh_from_db()
    assert Purchase.objects.count() == 2
    assert (row.state, row.purchases) == ("done", None)
    assert "Uusikuja" not in text_of(Archive.objects.get())


@pytest.mark.django_db(transaction=True)
def test_who_refuses_while_the_copy_is_made_does_not_wait_and_no_copy_is_left(shop):
    sign(CONTROLLER)
    shop.order("a")
    take(shop)
    row = granted(shop)
    config = shop.port.settings
    made, refused = overtaken(
        lambda: answering.make_copies(config),
        lambda: requests.decide(
            row.pk, accept=False, ground=RefusalGround.EXCESSIVE, actor=CONTROLLER
        ),
        after=(writing, "make"),
    )  # fmt: skip
    assert (made, refused.state) == (0, "refused")
    assert not Archive.objects.exists()
    assert answering.make_copies(config) == 0


def test_a_copy_that_the_shops_storage_fails_keeps_no_other_letter(shop, monkeypatch, caplog):
    shop.order("a")
    take(shop)
    row = granted(shop)
    with monkeypatch.context() as broken:
        broken.setattr(writing, "make", lambda *_: {}["aino@example.com"])
        (sent,) = attend(shop)[-1:]
    assert sent[2] == ["aino@example.com"]
    assert row.letters.get(what="received").sent_at
    assert f"the copy of request {row.pk} failed: KeyError" in caplog.text
    assert "aino@" not in caplog.text
    attend(shop)
    assert Archive.objects.get().request == row


@pytest.mark.parametrize("kind", [RequestKind.ERASURE, RequestKind.RESTRICTION])
def test_nor_is_the_whole_erased_or_restricted_by_a_proof_that_is_over(shop, kind):
    sign(CONTROLLER)
    shop.account(5, email="aino@example.com")
    shop.order("a", user=5)
    take(shop)
    row = asks(shop, kind=kind, **AINO)
    assert row.proof == "matched"
    shop.account(5, email="new@example.com", former_emails=["aino@example.com"])
    take(shop)
    with pytest.raises(RequestError, match="not known"):
        requests.decide(
            row.pk, accept=True, restriction=RestrictionGround.ACCURACY, actor=CONTROLLER
        )
    assert Request.objects.get(pk=row.pk).state == "open"


def test_two_accounts_of_one_mailbox_one_after_the_other(shop):
    """Aino moved on to another mailbox, and Eino opened an account with hers."""
    shop.account(5, email="aino@example.com")
    shop.order("a", user=5)
    take(shop)
    shop.account(5, email="new@example.com", former_emails=["aino@example.com"])
    shop.account(6, email="aino@example.com", first_name="Eino", last_name="Virtanen")
    eino = party("Eino", "Virtanen", street_1="Vieraantie 3", phone="+358508888888")
    shop.order("b", user=6, billing=eino, shipping=eino)
    take(shop)
    asked = asks(shop, **AINO)
    assert (asked.customer, asked.proof) == (Customer.objects.get(saleor_user=6).pk, "mailbox")
    asks(shop, kind=RequestKind.PORTABILITY, name="Eino Virtanen", postal_code="51900")
    asks(shop, email="new@example.com", **AINO)
    attend(shop)
    for made in Archive.objects.select_related("request"):
        text = text_of(made)
        theirs, others = ("Mäkelä", "Virtanen"), ("Virtanen", "Mäkelä")
        mine, other = theirs if made.request.customer != asked.customer else others
        assert mine in text
        assert other not in text
    assert Archive.objects.count() == 2


def test_the_link_of_an_account_goes_to_its_mailbox_whoever_has_the_token(shop):
    """Somebody may have opened an account under a mailbox that the shop never had confirmed."""
    shop.account(5, email="aino@example.com")
    shop.order("a", user=5)
    take(shop)
    opening.open_by_account(5, kind=RequestKind.ACCESS)
    assert {to[0] for _, _, to in attend(shop)} == {"aino@example.com"}


def test_a_link_opens_its_own_copy_alone_also_when_people_have_merged(shop):
    sign(CONTROLLER, MANAGER)
    shop.order("a")
    shop.order("b", email="guest@example.com", billing=party("Outi", "Salo"))
    take(shop)
    aino, outi = (
        Customer.objects.get(guest_email=f"{one}@example.com") for one in ("aino", "guest")
    )
    tokens = []
    for one in (aino, outi):
        opening.open_for(one.pk, kind=RequestKind.ACCESS, how="seen", actor=MANAGER)
        tokens.append(link(attend(shop)[-1][1], "copy"))
    shop.account(5, email="aino@example.com")
    shop.order("a", user=5)
    shop.order("b", user=5, email="aino@example.com")
    take(shop)
    assert set(Request.objects.values_list("customer", flat=True)) == {
        Customer.objects.get(saleor_user=5).pk
    }
    hers, others = (text_of(links.opened(token)) for token in tokens)
    assert ("Mäkelä" in hers, "Salo" in hers) == (True, False)
    assert "Salo" in others
