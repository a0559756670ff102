"""A no is the person's, not the address's: addresses that come later, post, numbers as typed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction

from jokkerit_plugin import clock
from jokkerit_plugin.access import restrictions
from jokkerit_plugin.marketing import (
    audience,
    choices,
    contact_keys,
    contacts,
    ledger,
    reach,
    soft_opt_in,
    upkeep,
)
from jokkerit_plugin.models import (
    Customer,
    InboxEvent,
    KnownIdentifier,
    MarketingEvent,
    PostalAddress,
    Sweep,
)
from jokkerit_plugin.policy.marketing import Channel, Ground, Kind
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.policy.requests import RequestKind
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.register import inbox, proof, sweep
from jokkerit_plugin.rights import opening
from jokkerit_plugin.shop.snapshots import Kind as Moved
from tests.erasing import erase, take
from tests.opting import AINO, KEY, NEWER, ask, declared_empty, key
from tests.paper_shop import PaperShop, key_of, party
from tests.people import CONTROLLER, STAFF, sign

pytestmark = pytest.mark.django_db
EMAIL, SMS, PHONE, POST = Channel
NEW = "aino.uusi@example.com"
NUMBER = "+358401234567"
HOME, AWAY = "Aino Mäkelä|Kaskitie 1|51900|FI", "Aino Mäkelä|Toinen katu 2|00100|FI"


@pytest.fixture(autouse=True)
def marketing(shop, monkeypatch):
    key(monkeypatch, KEY)
    declared_empty()
    sign(CONTROLLER, STAFF)


def says(kind: Kind, address: str = AINO, channel: Channel = EMAIL, source: str = "link", **more):
    return ledger.record(kind, channel, address, source=source, **more)


def account(shop: PaperShop, **changes) -> Customer:
    shop.account(5, **{"email": AINO, **changes})
    shop.order("1", user=5, email=AINO)
    take(shop)
    return Customer.objects.get()


def moves(shop: PaperShop, email: str = NEW) -> None:
    shop.account(5, email=email, former_emails=[AINO])
    take(shop)


def test_a_no_follows_to_an_address_that_comes_later(shop):
    account(shop)
    says(Kind.OBJECTION)
    moves(shop)
    assert ask(NEW).reason == "opted_out"
    # Neither an order nor a form there is the person's own yes.
    says(Kind.SOFT_OPT_IN, NEW, source="order")
    assert ask(NEW).reason == "opted_out"
    says(Kind.RECONSENT, NEW)
    assert ask(NEW).reason == "consent"
    assert ask(AINO).reason == "opted_out"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", [Kind.OBJECTION, Kind.DECLARED, Kind.COMPLAINT])
def test_a_no_to_a_former_address_ends_what_the_present_one_had(shop, kind):
    account(shop)
    moves(shop)
    says(Kind.RECONSENT, NEW)
    assert ask(NEW).allowed
    says(kind, AINO, source="import" if kind is Kind.DECLARED else "link")
    assert ask(NEW).reason == "opted_out"
    assert [one for page in audience.export(STAFF, EMAIL) for one in page] == []


def test_a_bounce_is_the_address_s_own(shop):
    account(shop)
    moves(shop)
    says(Kind.RECONSENT, NEW)
    says(Kind.BOUNCE, AINO, source="mail")
    assert ask(NEW).allowed


def test_another_s_no_and_another_channel_s_do_not_follow(shop):
    account(shop)
    moves(shop)
    says(Kind.RECONSENT, NEW)
    says(Kind.OBJECTION, "eino@example.com")
    says(Kind.OBJECTION, "+358401234567", SMS)
    assert ask(NEW).allowed


def test_a_no_under_an_older_key_follows_too(shop, monkeypatch):
    account(shop)
    says(Kind.OBJECTION)
    key(monkeypatch, NEWER, KEY)
    moves(shop)
    assert ask(NEW).reason == "opted_out"


def test_a_no_follows_from_an_address_that_the_register_has_forgotten(shop):
    customer = account(shop)
    says(Kind.OBJECTION, "kauan.sitten@example.com", customer=customer.pk)
    assert ask(AINO).reason == "opted_out"


@pytest.mark.django_db(transaction=True)
def test_post_to_another_place_of_the_same_person(shop):
    account(shop)
    assert ask(HOME, POST).reason == "no_objection"
    says(Kind.OBJECTION, HOME, POST)
    shop.order("2", user=5, email=AINO, shipping=party(street_1="Toinen katu 2", city="Helsinki",
                                                       postal_code="00100"))  # fmt: skip
    take(shop)
    assert ask(AWAY, POST).reason == "opted_out"
    assert ask("Eino Mäkelä|Toinen katu 2|00100|FI", POST).reason == "no_objection"
    assert [one for page in audience.export(STAFF, POST) for one in page] == []


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_a_no_to_a_place_from_a_file_outlives_the_place(shop):
    def lives(*places: str) -> None:
        book = [
            {"key": key, "party": party(street_1=street, postal_code=code), "default_billing": True,
             "default_shipping": False}
            for key, (_, street, code, _) in enumerate(one.split("|") for one in places)
        ]  # fmt: skip
        shop.account(5, email=AINO, addresses=book)
        take(shop)

    account(shop)
    lives(HOME, AWAY)
    says(Kind.DECLARED, AWAY, POST, source="import")
    for _ in range(2):
        Sweep.objects.filter(name="marketing").delete()
        upkeep.walk(seconds=5)
    assert MarketingEvent.objects.filter(customer=Customer.objects.get().pk).count() == 1
    lives(HOME)
    assert not PostalAddress.objects.filter(postal_code="00100").exists()
    assert ask(HOME, POST).reason == "opted_out"


@pytest.mark.parametrize(
    ("street", "code"),
    [("Große Straße 3", "D-10115"), ("ΟΔΟΣ 3", "111 22"), ("Улица 7", "１０１１５")],
)
def test_post_is_looked_for_however_it_is_written(shop, street, code):
    where = party(street_1=street, postal_code=code, country="DE")
    shop.order("1", email=AINO, billing=where, shipping=where)
    take(shop)
    restrictions.restrict(
        Customer.objects.get().pk, ground=RestrictionGround.ACCURACY, actor=CONTROLLER
    )
    asked = f"aino MÄKELÄ|{street.upper()}|{code}|de"
    assert ask(asked, POST).reason == "restricted"


def test_who_is_restricted_gets_no_post_and_no_call_however_the_number_was_typed(shop):
    typed = party(phone="040 1234 567")
    shop.order("1", email=AINO, billing=typed, shipping=typed)
    take(shop)
    customer = Customer.objects.get()
    assert KnownIdentifier.objects.filter(value="0401234567").exists()
    for address, channel in ((HOME, POST), ("+358401234567", PHONE)):
        assert ask(address, channel).allowed
    restrictions.restrict(customer.pk, ground=RestrictionGround.OBJECTION, actor=CONTROLLER)
    for address, channel in ((HOME, POST), ("+358 40 1234567", PHONE), ("0401234567", PHONE)):
        assert ask(address, channel).reason == "restricted"


@pytest.mark.parametrize("typed", ["0401234567", "00358401234567", "358401234567", "+3580401234567",
                                   "+358401234567", "401234567"])  # fmt: skip
def test_every_way_of_a_number_finds_its_customer(shop, typed):
    customer = account(shop)
    now = clock.now()
    KnownIdentifier.objects.filter(kind="phone").delete()
    KnownIdentifier.objects.create(
        customer=customer, kind="phone", value=typed, first_at=now, last_at=None
    )
    restrictions.restrict(customer.pk, ground=RestrictionGround.OBJECTION, actor=CONTROLLER)
    assert contact_keys.normalise(PHONE, typed) == "+358401234567"
    assert ask("+358401234567", PHONE).reason == "restricted"


def test_another_customer_s_yes_at_a_number_of_both_takes_no_no_of_mine_back(shop):
    shop.order("1", email="eino@example.com")
    take(shop)
    eino = Customer.objects.get()
    shop.account(5, email=AINO)
    shop.order("2", user=5, email=AINO)
    take(shop)
    aino = Customer.objects.get(saleor_user=5)
    says(Kind.OBJECTION, NUMBER, PHONE, customer=aino.pk)
    # Said to staff, by whom the number is known as his.
    says(Kind.CONSENT, NUMBER, PHONE, source="staff:telephone", customer=eino.pk)
    assert ask(NUMBER, PHONE).reason == "consent"
    shop.order("3", user=5, email=AINO, billing=party(phone="+358409999999"))
    take(shop)
    assert ask("+358409999999", PHONE).reason == "opted_out"
    # Erased, he leaves her as she is: nobody knows any more whose that yes was.
    with transaction.atomic():
        erase(Part.CONTACT, [eino.pk])
        assert ask("+358409999999", PHONE).reason == "opted_out"
        transaction.set_rollback(True)
    # Erased, she leaves his as it is.
    erase(Part.CONTACT, [aino.pk])
    assert ask("+358409999999", PHONE).reason == "opted_out"
    assert ask(NUMBER, PHONE).reason == "consent"


# A no before there is an address.


def silent_order(shop: PaperShop, name: str = "1", phone: str = "", **changes) -> None:
    who = party(phone=phone)
    shop.order(name, **{"email": AINO, "billing": who, "shipping": who, **changes})
    take(shop)
    soft_opt_in.keep()


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
@pytest.mark.parametrize("known", [True, False])
def test_a_no_to_calls_holds_for_the_number_that_comes_later(shop, known):
    silent_order(shop)
    customer = Customer.objects.get()
    choices.choose(
        reach.of_customer(customer), {PHONE: False, SMS: False}, source="staff:telephone",
        customer=customer.pk if known else None,
    )  # fmt: skip
    choices.profile(reach.of_customer(customer), False, source="staff:telephone")
    silent_order(shop, "2", NUMBER)
    assert ask(NUMBER, PHONE).reason == ask(NUMBER, SMS).reason == "opted_out"
    assert ask(HOME, POST).reason == "no_objection"
    assert ask().reason == "no_consent"
    # Their own later yes to the number opens it, and nothing else.
    says(Kind.RECONSENT, NUMBER, PHONE)
    assert contacts.permissions([(PHONE, NUMBER)])[0].ground is Ground.CONSENT
    assert not contacts.permissions([(PHONE, NUMBER)])[0].profiling
    assert ask(NUMBER, SMS).reason == "opted_out"


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_a_no_to_everything_at_an_order_without_a_number_holds_for_the_next(shop):
    silent_order(shop, marketing={"marketingOptOut": "true"})
    silent_order(shop, "2", NUMBER)
    assert ask(NUMBER, PHONE).reason == "opted_out"


def test_a_no_of_an_account_without_a_number_holds_for_the_one_that_comes(shop):
    shop.account(5, email=AINO, marketing={"marketingOptOut": "phone"})
    silent_order(shop, user=5)
    shop.account(5, email=AINO)
    silent_order(shop, "2", NUMBER, user=5)
    assert ask(NUMBER, PHONE).reason == "opted_out"
    assert ask(NUMBER, SMS).reason == "no_consent"


def test_a_no_before_there_was_a_number_outlives_the_customer(shop):
    silent_order(shop, marketing={"marketingOptOut": "phone"})
    erase(Part.CONTACT, [Customer.objects.get().pk])
    silent_order(shop, "2", NUMBER)
    assert ask(NUMBER, PHONE).reason == "opted_out"


# What is not taken in yet.


@pytest.mark.django_db(transaction=True)
def test_an_account_that_changed_is_closed_until_it_is_heard(shop):
    account(shop)
    says(Kind.RECONSENT)
    assert ask().allowed
    shop.account(5, email=AINO, marketing={"marketingOptOut": "email"})
    shop.delivered()
    inbox.note(Moved.CUSTOMER, ["5"])
    assert ask().reason == "unheard"
    inbox.drain()
    account_ = Customer.objects.get()
    assert account_.said != account_.heard
    assert ask().reason == "unheard"
    assert [one for page in audience.export(STAFF, EMAIL) for one in page] == []
    soft_opt_in.keep()
    assert ask().reason == "opted_out"


def test_an_account_that_could_not_be_read_stays_closed(shop, monkeypatch):
    account(shop)
    says(Kind.RECONSENT)
    from jokkerit_plugin.models import SetAside

    now = clock.now()
    SetAside.objects.create(kind="customer", key="5", reason="x", first_at=now, last_at=now)
    assert ask().reason == "unheard"


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_nobody_is_written_to_while_the_shop_knows_what_the_register_has_not_read(
    shop, monkeypatch
):
    account(shop)
    says(Kind.RECONSENT)
    inbox.note(Moved.ORDER, [key_of("2")])
    assert ask().allowed
    with monkeypatch.context() as then:
        later = clock.now() + timedelta(minutes=16)
        then.setattr(clock, "now", lambda: later)
        assert ask().reason == "behind"
        inbox.drain()
        assert ask().allowed


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_nobody_is_written_to_until_the_whole_shop_was_read_nor_after_a_rest(shop):
    account(shop)
    says(Kind.RECONSENT)
    Sweep.objects.all().delete()
    assert ask().reason == "behind"
    walk = sweep.start(Sweep.Name.BACKFILL)
    assert ask().reason == "behind"
    sweep.run(walk)
    assert ask().allowed
    proof.invalidate()
    assert ask().reason == "behind"
    sweep.run(sweep.start(Sweep.Name.BY_HAND))
    assert ask().allowed


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_nobody_is_written_to_while_no_orders_are_read(shop):
    account(shop)
    says(Kind.RECONSENT)
    sweep.run(sweep.start(Sweep.Name.BACKFILL))
    on = shop.port.settings
    shop.port.settings = replace(on, fill_orders=False)
    assert ask().reason == "behind"
    inbox.drain()
    assert ask().reason == "behind"
    sweep.run(sweep.start(Sweep.Name.BY_HAND))
    assert ask().reason == "behind"
    inbox.drain()
    shop.port.settings = on
    assert ask().reason == "behind"
    sweep.run(sweep.start(Sweep.Name.BY_HAND))
    assert ask().allowed


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
@pytest.mark.parametrize(
    ("name", "whose", "now", "aside", "later"),
    [
        ("1", {"user": 5, "email": AINO}, "unheard", "unheard", ("unheard", "consent")),
        ("2", {"user": 5, "email": "x"}, "consent", "unheard", ("unheard", "consent")),
        ("2", {"email": AINO}, "consent", "unheard", ("unheard", "consent")),
        # Her number, or where she lives.
        ("2", {"email": "x", "billing": party()}, "consent", "unheard", ("unheard", "consent")),
        ("2", {"email": "x"}, "consent", "consent", ("behind", "behind")),
    ],
)
def test_an_order_that_could_not_be_read_closes_whom_it_may_concern(
    shop, monkeypatch, name, whose, now, aside, later
):
    account(shop)
    says(Kind.RECONSENT)
    ledger.record(Kind.RECONSENT, EMAIL, "eino@example.com", source="link")
    monkeypatch.setattr(inbox, "apply", lambda *_, **__: 1 / 0)
    nobody = {"user": None, "billing": None, "shipping": None}
    shop.order(name, **nobody | whose, marketing={"marketingOptOut": "email"})
    shop.delivered()
    inbox.note(Moved.ORDER, [key_of(f"order {name}")])
    assert ask().reason == now
    inbox.drain()
    assert not InboxEvent.objects.exists()
    assert ask().reason == aside
    at = clock.now() + timedelta(minutes=16)
    monkeypatch.setattr(clock, "now", lambda: at)
    assert (ask().reason, ask("eino@example.com").reason) == later
    closed = contacts.closed()
    assert (str(key_of(f"order {name}")) in str(closed)) is (later[0] == "behind")


def test_an_order_that_says_no_closes_its_customer_before_it_is_heard(shop):
    account(shop)
    says(Kind.RECONSENT, at=clock.now() - timedelta(hours=1))
    at = (clock.now() - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
    shop.order("2", user=5, email=AINO, placed_at=at, marketing={"marketingOptOut": "email"})
    take(shop)
    assert ask().reason == "unheard"
    assert contacts.may_contact([("eino@example.com", EMAIL)])[0].reason == "no_consent"
    soft_opt_in.keep()
    assert ask().reason == "opted_out"


@pytest.mark.django_db(transaction=True)
@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_an_objection_that_staff_take_down_closes_every_address(shop):
    customer = account(shop, former_emails=["vanha@example.com"])
    says(Kind.RECONSENT)
    opening.open_for(
        customer.pk, kind=RequestKind.OBJECTION, how="tunsi tilauksensa", marketing=True,
        actor=CONTROLLER,
    )  # fmt: skip
    for address, channel in ((AINO, EMAIL), ("vanha@example.com", EMAIL), (HOME, POST)):
        assert ask(address, channel).reason == "opted_out"
