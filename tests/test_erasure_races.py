"""Erasing against everything that may happen at the same moment, on connections of their own.

The batch that erases is stopped where it hurts; the other one goes on until it waits for the
batch's locks, which PostgreSQL says, or is done.
"""

import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection, connections, transaction

from jokkerit_plugin import clock
from jokkerit_plugin.access import restrictions
from jokkerit_plugin.access.restrictions import RestrictionError
from jokkerit_plugin.disclosure import holds
from jokkerit_plugin.disclosure.holds import HoldError
from jokkerit_plugin.models import (
    Customer,
    ErasedKey,
    Hold,
    KnownIdentifier,
    PostalAddress,
    Purchase,
    Request,
    Restriction,
    SearchWords,
    SetAside,
)
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.holds import HoldGround
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.policy.requests import RefusalGround, RequestKind
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.register import erasure, inbox, intake
from jokkerit_plugin.retention import keeps
from jokkerit_plugin.rights import forms, opening, requests, store
from jokkerit_plugin.rights.content import Content
from jokkerit_plugin.rights.errors import RequestError
from jokkerit_plugin.shop.snapshots import Kind
from tests.asking import KEYS, fills_in
from tests.erasing import erase, take
from tests.paper_shop import PaperShop, key_of
from tests.people import CONTROLLER, MANAGER, sign
from tests.races import overtaken

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def signed() -> None:
    sign(CONTROLLER, MANAGER)


class Other(threading.Thread):
    """Does something on a connection of its own; keeps what it raised."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self.act = act
        self.error: Exception | None = None
        self.pid = 0
        self.connected = threading.Event()

    def run(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                [self.pid] = cursor.fetchone()
            self.connected.set()
            self.act()
        except Exception as error:  # noqa: BLE001 - for the test to look at
            self.error = error
        finally:
            connections.close_all()

    def waits(self) -> bool:
        """Go on until it waits for a lock (True) or has ended (False)."""
        self.connected.wait()
        pause = threading.Event()
        while self.is_alive():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'",
                    [self.pid],
                )
                if cursor.fetchone():
                    return True
            pause.wait(0.01)
        return False


def meanwhile(act: Callable[[], object], *, part: Part, ids: list[int]) -> tuple[bool, Other]:
    """Let `act` begin when the batch holds its locks and has asked; return whether it waited."""
    other = Other(act)
    with transaction.atomic():
        found = list(erasure.lock_subjects(part, ids))
        other.start()
        waited = other.waits()
        erasure.erase(part, found, clock.now())
    other.join()
    return waited, other


def tell(shop: PaperShop) -> Callable[[], object]:
    events = list(shop.delivered())
    return lambda: inbox.work(events, port=shop.port, config=shop.port.config())


@pytest.fixture
def aino(shop: PaperShop) -> int:
    shop.account(5, email="aino@example.com")
    shop.order("a", user=5)
    take(shop)
    return Customer.objects.get().pk


def nobody() -> bool:
    people = (Customer, KnownIdentifier, PostalAddress, SearchWords)
    return not any(one.objects.exists() for one in people)


def test_a_drain_of_an_old_order_waits_and_finds_the_customer_gone(shop, aino):
    shop.order("a", status="fulfilled")
    waited, _ = meanwhile(tell(shop), part=Part.CONTACT, ids=[aino])
    assert waited
    assert nobody()
    assert Purchase.objects.get().status == "fulfilled"
    assert not SetAside.objects.exists()


def test_a_rectification_waits_and_finds_the_customer_gone(shop, aino):
    shop.account(5, email="aino.new@example.com", former_emails=["aino@example.com"])
    waited, _ = meanwhile(tell(shop), part=Part.CONTACT, ids=[aino])
    assert waited
    assert nobody()
    assert not SetAside.objects.exists()


def test_a_new_order_waits_and_begins_a_new_entry(shop, aino):
    shop.order("new", user=5, placed_at=clock.now().isoformat())
    waited, _ = meanwhile(tell(shop), part=Part.CONTACT, ids=[aino])
    assert waited
    customer = Customer.objects.get()
    assert customer.pk != aino
    assert customer.purchases.get().saleor_order == key_of("order new")
    assert Purchase.objects.get(customer=None).contact_erased_at is not None


def test_a_guests_new_order_waits_and_begins_a_new_entry(shop):
    shop.order("a", email="eino@example.com")
    take(shop)
    old = Customer.objects.get().pk
    shop.order("new", email="Eino@example.com", placed_at=clock.now().isoformat())
    waited, _ = meanwhile(tell(shop), part=Part.CONTACT, ids=[old])
    assert waited
    assert Customer.objects.get().purchases.get().saleor_order == key_of("order new")


def test_a_new_order_that_came_first_is_seen_when_it_is_asked_again(shop, aino):
    """The batch waits for the drain; what it then reads has the new purchase."""
    shop.order("new", user=5, placed_at=clock.now().isoformat())
    events = list(shop.delivered())
    found: list[list[str]] = []

    def batch() -> None:
        with transaction.atomic():
            subject = erasure.lock_subjects(Part.CONTACT, [aino])[aino]
            found.append(sorted(map(str, subject.orders)))

    other = Other(batch)
    with transaction.atomic():
        intake.apply(events, port=shop.port, config=shop.port.config())
        other.start()
        assert other.waits()
    other.join()
    assert other.error is None
    assert found == [sorted(str(key_of(f"order {name}")) for name in ("a", "new"))]


def place(**whose: int) -> Callable[[], object]:
    return lambda: holds.place(
        categories=[Category.NAME], ground=HoldGround.DISPUTE, reason="Case 12",
        review_on=clock.now().date() + timedelta(days=90), actor=CONTROLLER, **whose,
    )  # fmt: skip


def test_a_hold_on_the_customer_waits_and_finds_nobody(aino):
    waited, other = meanwhile(place(customer=aino), part=Part.CONTACT, ids=[aino])
    assert waited
    assert isinstance(other.error, HoldError)
    assert nobody()
    assert not Hold.objects.exists()


@pytest.mark.parametrize("part", [Part.CONTACT, Part.DETAIL, Part.IDENTITY])
def test_a_hold_on_a_purchase_waits_and_holds_what_is_left(aino, part):
    purchase = Purchase.objects.get().pk
    ids = [aino] if part is Part.CONTACT else [purchase]
    waited, other = meanwhile(place(purchase=purchase), part=part, ids=ids)
    assert waited
    assert other.error is None
    assert Hold.objects.get().purchase_id == purchase


def test_a_hold_on_a_purchase_finds_it_gone_with_its_figures(aino):
    purchase = Purchase.objects.get().pk
    waited, other = meanwhile(place(purchase=purchase), part=Part.FIGURES, ids=[purchase])
    assert waited
    assert isinstance(other.error, HoldError)
    assert not Purchase.objects.exists()


def test_an_objection_waits_and_finds_nobody(aino):
    def object_to() -> None:
        restrictions.restrict(aino, ground=RestrictionGround.OBJECTION, actor=CONTROLLER)

    waited, other = meanwhile(object_to, part=Part.CONTACT, ids=[aino])
    assert waited
    assert isinstance(other.error, RestrictionError)
    assert nobody()


@pytest.mark.parametrize("what", ["hold", "objection"])
def test_what_came_first_keeps_the_customer(aino, what):
    def batch() -> None:
        erase(Part.CONTACT, [aino])

    other = Other(batch)
    with transaction.atomic():
        if what == "hold":
            place(customer=aino)()
        else:
            restrictions.restrict(aino, ground=RestrictionGround.OBJECTION, actor=CONTROLLER)
        other.start()
        assert other.waits()
    other.join()
    assert other.error is None
    assert Customer.objects.get().pk == aino
    assert Hold.objects.exists() or Restriction.objects.exists()


def asking(shop: PaperShop, way: str, customer: int) -> Callable[[], object]:
    """Return how somebody asks to be erased in a way; what is to be done before is done."""
    if way == "form":
        token = fills_in(shop, Content(email="aino@example.com"), RequestKind.ERASURE)
        return lambda: forms.confirm(token)
    if way == "account":
        return lambda: opening.open_by_account(5, kind=RequestKind.ERASURE)
    return lambda: opening.open_for(
        customer, kind=RequestKind.ERASURE, how="by phone", actor=MANAGER
    )


WAYS = ["form", "account", "staff"]


@pytest.mark.parametrize("way", WAYS)
def test_a_request_waits_and_finds_nobody(shop, aino, way, monkeypatch):
    monkeypatch.setenv("JOKKERIT_KEYS", KEYS)
    waited, other = meanwhile(asking(shop, way, aino), part=Part.CONTACT, ids=[aino])
    assert waited
    assert nobody()
    if way == "form":
        # The mailbox is proved, whoever it belongs to: somebody will answer it.
        assert other.error is None
        assert Request.objects.values_list("customer", "state").get() == (None, "open")
    else:
        assert isinstance(other.error, RequestError)
        assert not Request.objects.exists()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("part", [Part.CONTACT, Part.DETAIL])
def test_a_request_that_came_first_keeps_what_it_is_about(shop, aino, way, part, monkeypatch):
    monkeypatch.setenv("JOKKERIT_KEYS", KEYS)
    act = asking(shop, way, aino)
    purchase = Purchase.objects.get()
    ids = [aino if part is Part.CONTACT else purchase.pk]
    _, due = overtaken(
        act, lambda: as_a_batch(shop, part, ids, date(2070, 1, 1)), after=(store, "note")
    )
    assert due == set()
    assert Request.objects.get().customer == aino


def as_a_batch(shop: PaperShop, part: Part, ids: list[int], day: date) -> set[int]:
    """Erase what is still due when it is locked, and return it."""
    with transaction.atomic():
        found = erasure.lock_subjects(part, ids)
        due = keeps.still_due(part, list(found), day, shop.port.config())
        erasure.erase(part, sorted(due), clock.now())
    return due


@pytest.fixture
def granted(shop: PaperShop, aino: int) -> Request:
    """An erasure that was granted, and nothing keeps."""
    shop.order("a", status="fulfilled", paid_at="2026-03-02T10:00:00.000000Z")
    take(shop)
    asked = opening.open_by_account(5, kind=RequestKind.ERASURE)
    return requests.decide(asked.pk, accept=True, actor=CONTROLLER)


def take_back(request: Request) -> Callable[[], object]:
    return lambda: requests.decide(
        request.pk, accept=False, ground=RefusalGround.LEGAL_CLAIMS, actor=CONTROLLER
    )


def test_who_would_refuse_a_granted_erasure_waits_and_finds_it_done(aino, granted):
    waited, other = meanwhile(take_back(granted), part=Part.CONTACT, ids=[aino])
    assert waited
    assert isinstance(other.error, RequestError)
    assert nobody()
    assert Request.objects.get().state == "done"


@pytest.mark.parametrize("part", [Part.CONTACT, Part.DETAIL])
def test_a_granted_erasure_that_is_refused_first_erases_nothing(shop, aino, granted, part):
    ids = [aino if part is Part.CONTACT else Purchase.objects.get().pk]
    done: list[set[int]] = []
    other = Other(lambda: done.append(as_a_batch(shop, part, ids, clock.today())))
    with transaction.atomic():
        take_back(granted)()
        other.start()
        assert other.waits()
    other.join()
    assert other.error is None
    assert done == [set()]


@pytest.mark.parametrize("part", [Part.CONTACT, Part.DETAIL])
def test_who_buys_between_the_grant_and_the_erasing_stays(shop, aino, granted, part):
    """The batch waits for the drain, and what it then asks again knows of the purchase."""
    ids = [aino if part is Part.CONTACT else Purchase.objects.get().pk]
    shop.order(
        "new", user=5, placed_at=clock.now().isoformat(), status="fulfilled",
        paid_at=clock.now().isoformat(),
    )  # fmt: skip
    events = list(shop.delivered())
    done: list[set[int]] = []
    other = Other(lambda: done.append(as_a_batch(shop, part, ids, clock.today())))
    with transaction.atomic():
        intake.apply(events, port=shop.port, config=shop.port.config())
        other.start()
        assert other.waits()
    other.join()
    assert other.error is None
    assert done == [set()]
    assert Request.objects.values_list("state", "ground").get() == ("refused", "bought_again")


def test_who_buys_while_the_granted_erasing_is_done_begins_a_new_entry(shop, aino, granted):
    shop.order("new", user=5, placed_at=clock.now().isoformat())
    waited, _ = meanwhile(tell(shop), part=Part.CONTACT, ids=[aino])
    assert waited
    assert Customer.objects.get().purchases.get().saleor_order == key_of("order new")
    assert Request.objects.values_list("customer", "state").get() == (aino, "done")


def test_a_customers_own_deletion_waits_and_asks_nobody(shop, aino):
    shop.remove(Kind.CUSTOMER, 5)
    shop.events = [(Kind.LEFT, "5")]
    waited, _ = meanwhile(tell(shop), part=Part.CONTACT, ids=[aino])
    assert waited
    assert nobody()
    assert not Request.objects.exists()


def test_two_workers_on_the_same_customers_erase_them_once(shop, aino):
    rows: list[dict[str, int]] = []
    waited, other = meanwhile(
        lambda: rows.append(erase(Part.CONTACT, [aino])), part=Part.CONTACT, ids=[aino]
    )
    assert waited
    assert other.error is None
    assert rows == [{}]
    assert ErasedKey.objects.count() == 1


def test_a_batch_that_is_rolled_back_leaves_everything(shop, aino):
    shop.order("a", status="fulfilled")
    other = Other(tell(shop))
    with transaction.atomic():
        found = list(erasure.lock_subjects(Part.CONTACT, [aino]))
        other.start()
        assert other.waits()
        erasure.erase(Part.CONTACT, found, clock.now())
        transaction.set_rollback(True)
    other.join()
    purchase = Purchase.objects.get()
    assert (purchase.customer_id, purchase.status) == (aino, "fulfilled")
    assert purchase.contact_erased_at is None
    assert not ErasedKey.objects.exists()


@pytest.mark.parametrize("part", [Part.DETAIL, Part.IDENTITY, Part.FIGURES])
def test_a_drain_waits_for_the_parts_of_a_purchase(shop, aino, part):
    purchase = Purchase.objects.get().pk
    shop.order("a", status="fulfilled")
    waited, _ = meanwhile(tell(shop), part=part, ids=[purchase])
    assert waited
    left = Purchase.objects.all()
    if part is Part.FIGURES:
        assert not left
    else:
        assert left[0].status == "fulfilled"
        assert (left[0].email if part is Part.DETAIL else left[0].party_last_name) == ""


def test_batches_and_drains_at_once_never_wait_in_a_circle(shop):
    """Whoever waits in a circle is thrown out by PostgreSQL, and would be set aside or raise."""
    for number in range(30):
        shop.account(number + 1)
        shop.order(f"{number}", user=number + 1)
        shop.order(f"{number}b", user=number + 1)
    take(shop)
    customers = list(Customer.objects.values_list("pk", flat=True))
    purchases = list(Purchase.objects.values_list("pk", flat=True))
    for number in range(30):
        shop.account(number + 1, email=f"new{number}@example.com")
        shop.order(f"{number}", status="fulfilled")
    events = list(shop.delivered())
    config = shop.port.config()
    others = [
        Other(lambda: inbox.work(events[::-1], port=shop.port, config=config)),
        Other(lambda: inbox.work(events, port=shop.port, config=config)),
        Other(lambda: erase(Part.DETAIL, purchases[::-1])),
        Other(lambda: erase(Part.IDENTITY, purchases)),
        Other(lambda: erase(Part.CONTACT, customers[::2])),
        Other(lambda: erase(Part.CONTACT, customers[::-1])),
    ]
    for other in others:
        other.start()
    for other in others:
        other.join()
    assert [one.error for one in others if one.error] == []
    assert not SetAside.objects.exists()
    assert nobody()
    assert not Purchase.objects.exclude(email="", party_last_name="").exists()
