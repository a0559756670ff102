"""A no holds at every address of a customer, also when nobody knows any more whose they were."""

from datetime import timedelta

import pytest
from django.db import transaction

from jokkerit_plugin import clock, keys
from jokkerit_plugin.access import copies
from jokkerit_plugin.marketing import (
    choices,
    contact_keys,
    contacts,
    ledger,
    parting,
    reach,
    soft_opt_in,
    store,
    upkeep,
)
from jokkerit_plugin.models import (
    Customer,
    Erasure,
    KnownIdentifier,
    MarketingEvent,
    Parting,
    PlanBatch,
    Request,
    Suppression,
)
from jokkerit_plugin.policy.marketing import Channel, Kind
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.retention.replay import replay
from tests.backups import Snapshot
from tests.erasing import erase as as_a_batch
from tests.forgetting import buys, erase, follow, told
from tests.opting import AINO, KEY, NEWER, ask, declared_empty, key
from tests.races import overtaken

pytestmark = pytest.mark.django_db(transaction=True)

EMAIL, SMS, PHONE = Channel.EMAIL, Channel.SMS, Channel.PHONE
OLD, EINO, NUMBER = "old@example.com", "eino@example.com", "+358401234567"


@pytest.fixture
def old(shop, monkeypatch):
    """Aino, who has two e-mail addresses, and Eino, who has one; neither bought for years."""
    key(monkeypatch, KEY)
    declared_empty()
    shop.account(5, email=AINO, former_emails=[OLD])
    buys(shop, "aino", user=5)
    buys(shop, "eino")
    told()
    return shop


def says_no(address: str = AINO, channel: Channel = EMAIL, customer: int | None = None) -> None:
    """Say no to an address by its link, which tells the register no more than its key."""
    [found] = contact_keys.keys(channel, address)
    with transaction.atomic():
        if customer:
            ledger.record(Kind.OBJECTION, channel, address, source="staff", customer=customer)
        else:
            ledger.oppose(found.digest, found.version, channel, source="link")


def consents(address: str) -> None:
    with transaction.atomic():
        ledger.record(Kind.RECONSENT, EMAIL, address, source="staff:telephone")


def listed() -> set[bytes]:
    return {bytes(one.digest) for one in Suppression.objects.filter(lifted_at=None)}


def aino() -> int:
    return Customer.objects.get(saleor_user=5).pk


def test_a_no_by_link_holds_at_the_other_addresses_after_the_erasure(old):
    says_no()
    erase(old)
    assert not KnownIdentifier.objects.filter(value=OLD).exists()
    assert ask(OLD).reason == "opted_out"
    # Hers alone, and on this channel alone.
    assert ask(EINO).reason == "no_consent"
    assert set(Suppression.objects.values_list("channel", flat=True)) == {"email"}


def test_a_no_while_the_erasure_is_at_work_holds_at_the_other_addresses(old):
    # The list is not empty: somebody has said no before.
    says_no(EINO)
    overtaken(lambda: as_a_batch(Part.CONTACT, [aino()]), says_no, after=(parting, "close"))
    assert not Customer.objects.filter(saleor_user=5).exists()
    assert {ask(one).reason for one in (AINO, OLD)} == {"opted_out"}


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_it_holds_though_the_process_is_killed_when_the_erasure_is_committed(old, monkeypatch):
    says_no(EINO)
    with monkeypatch.context() as killed:
        killed.setattr(parting, "_put_late", lambda *_: None)
        overtaken(lambda: as_a_batch(Part.CONTACT, [aino()]), says_no, after=(parting, "close"))
    assert ask(OLD).reason == "no_consent"
    a_minute_on(monkeypatch)
    assert {ask(one).reason for one in (AINO, OLD)} == {"opted_out"}


def test_it_holds_though_it_is_committed_after_the_erasure(old, monkeypatch):
    says_no(EINO)
    overtaken(says_no, lambda: as_a_batch(Part.CONTACT, [aino()]), after=(reach, "siblings"))
    assert not Customer.objects.filter(saleor_user=5).exists()
    a_minute_on(monkeypatch)
    assert {ask(one).reason for one in (AINO, OLD)} == {"opted_out"}


def a_minute_on(monkeypatch) -> None:
    at = clock.now() + timedelta(seconds=61)
    monkeypatch.setattr(clock, "now", lambda: at)
    upkeep.carry(seconds=5)
    assert not Parting.objects.exists()
    assert not MarketingEvent.objects.exclude(customer=None).exists()


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_a_no_that_nobody_has_heard_yet_is_heard_at_the_erasure(old, monkeypatch):
    # The process was killed between the drain and what it hears.
    old.order("last", user=5, email=AINO, marketing={"marketingOptOut": "email"})
    follow(old)
    assert ask(OLD).reason == "unheard"
    monkeypatch.delenv("JOKKERIT_KEYS")
    with pytest.raises(keys.NoKey):
        as_a_batch(Part.CONTACT, [aino()])
    key(monkeypatch, KEY)
    as_a_batch(Part.CONTACT, [aino()])
    assert {ask(one).reason for one in (AINO, OLD)} == {"opted_out"}


def locked(monkeypatch) -> list[set[bytes]]:
    """Return what is locked from now on, by statement."""
    taken: list[set[bytes]] = []
    lock = store.lock

    def seen(digests):
        taken.append(set(digests))
        lock(digests)

    monkeypatch.setattr(store, "lock", seen)
    return taken


def test_the_addresses_of_what_is_heard_at_the_erasure_are_locked_at_once(old, monkeypatch):
    said = {"marketingOptOut": "email"}
    old.order("aino", user=5, email="z@example.com", marketing=said)
    old.account(5, email=AINO, former_emails=[OLD], marketing=said)
    old.order("eino", email=EINO, marketing=said)
    follow(old)
    taken = locked(monkeypatch)
    with transaction.atomic():
        soft_opt_in.hear(list(Customer.objects.values_list("pk", flat=True)))
    first, *others = taken
    # Taken one after the other, they would be waited for in a circle.
    assert others
    assert first.issuperset(set().union(*others))


def test_a_choice_locks_all_addresses_before_its_first_word(old, monkeypatch):
    taken = locked(monkeypatch)
    customer = Customer.objects.get(saleor_user=5)
    reached = reach.of_customer(customer)
    with transaction.atomic():
        choices.choose(reached, {EMAIL: False}, source="storefront", customer=customer.pk)
        choices.profile(reached, False, source="storefront", customer=customer.pk)
    first, *others = taken
    assert first.issuperset(set().union(*others))


def test_what_is_closed_at_the_erasure_is_copied_at_once(old, monkeypatch, tmp_path):
    monkeypatch.setenv(copies.VARIABLE, str(tmp_path))
    says_no()
    erase(old)
    assert Suppression.objects.count() == 2
    assert not Suppression.objects.filter(copied=False).exists()


def test_their_own_later_yes_to_the_other_address_stays(old):
    says_no()
    consents(OLD)
    erase(old)
    assert (ask(OLD).reason, ask(AINO).reason) == ("consent", "opted_out")


def test_their_later_yes_stays_where_the_list_alone_remembers_it(old, monkeypatch):
    says_no()
    [other] = contact_keys.keys(EMAIL, OLD)
    with transaction.atomic():
        before = clock.now() - timedelta(days=1)
        store.suppress(other, [EMAIL], at=before, reason=Kind.OBJECTION)
        store.lift([other], EMAIL, at=clock.now())
    key(monkeypatch, NEWER, KEY)
    erase(old)
    assert (ask(OLD).reason, ask(AINO).reason) == ("no_consent", "opted_out")


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_a_no_to_profiling_holds_at_the_other_addresses_after_the_erasure(old):
    consents(OLD)
    with transaction.atomic():
        ledger.record(Kind.NO_PROFILE, EMAIL, AINO, source="link")
    erase(old)
    [other] = contacts.permissions([(EMAIL, OLD)])
    assert (other.allowed, other.profiling) == (True, False)
    assert MarketingEvent.objects.filter(kind="no_profile").count() == 2


def test_who_said_no_nowhere_is_put_on_no_list(old):
    says_no(EINO)
    before = listed()
    erase(old)
    assert listed() == before
    assert not Customer.objects.exists()


@pytest.mark.parametrize("granted", [True, False])
def test_what_they_gave_ends_with_an_erasure_that_they_asked_for(old, granted):
    source = "staff:telephone"
    with transaction.atomic():
        ledger.record(Kind.RECONSENT, EMAIL, AINO, source=source, customer=aino())
        eino = Customer.objects.get(email=EINO).pk
        ledger.record(Kind.RECONSENT, EMAIL, EINO, source=source, customer=eino)
    if granted:
        Request.objects.create(
            customer=aino(), origin="account", state="accepted", kind="erasure", proof="account",
            opened_at=clock.now(), decided_at=clock.now(), decided_by="user:1", due_on="2026-12-01",
        )  # fmt: skip
    assert (ask().allowed, ask(EINO).allowed) == (True, True)
    as_a_batch(Part.CONTACT, [aino()])
    assert (ask().allowed, ask(EINO).allowed) == (not granted, True)


def test_a_number_is_closed_for_what_was_opposed(old):
    old.account(5, email=AINO, addresses=[])
    Customer.objects.filter(pk=aino()).update(phone=NUMBER)
    KnownIdentifier.objects.create(customer_id=aino(), kind="phone", value="+358501234567",
                                   first_at=clock.now(), last_at=clock.now())  # fmt: skip
    says_no("+358501234567", SMS)
    erase(old)
    assert ask(NUMBER, SMS).reason == "opted_out"
    assert ask(NUMBER, PHONE).reason == "no_objection"


def test_an_address_that_only_an_event_still_names_is_closed(old):
    gone = "gone@example.com"
    with transaction.atomic():
        ledger.record(Kind.CONSENT, SMS, NUMBER, source="staff:telephone", customer=aino())
        ledger.record(Kind.RECONSENT, EMAIL, gone, source="staff:telephone", customer=aino())
    says_no()
    # By hand: their consent of today keeps an inactive customer.
    as_a_batch(Part.CONTACT, [aino()])
    assert ask(gone).reason == "opted_out"
    assert ask(NUMBER, SMS).reason != "opted_out"


@pytest.mark.parametrize("keys", [(), ("2026:" + "ef" * 32,), (NEWER,)])
def test_without_the_key_who_said_no_waits_and_the_others_go(old, monkeypatch, keys):
    says_no(customer=aino())
    key(monkeypatch, *keys)
    erase(old, failing=True)
    assert [one.saleor_user for one in Customer.objects.all()] == [5]
    assert PlanBatch.objects.exclude(error="").filter(part="contact", left_over=1).exists()
    assert MarketingEvent.objects.filter(customer=aino()).exists()

    key(monkeypatch, KEY)
    as_a_batch(Part.CONTACT, [aino()])
    assert not Customer.objects.exists()
    assert ask(OLD).reason == "opted_out"


def test_a_replay_closes_them_as_the_erasure_did(old, monkeypatch, tmp_path):
    monkeypatch.setenv(copies.VARIABLE, str(tmp_path / "ledger"))
    says_no()
    backup = Snapshot()
    erase(old)
    backup.restore()
    assert Suppression.objects.count() == 1
    replay()
    assert Erasure.objects.filter(part="contact").exists()
    assert not Customer.objects.exists()
    assert len(listed()) == 2


def test_a_replay_ends_what_all_gave_since_no_receipt_says_who_had_asked(old):
    with transaction.atomic():
        ledger.record(Kind.RECONSENT, EMAIL, AINO, source="staff:telephone", customer=aino())
    assert ask().allowed
    with transaction.atomic():
        parting.close([aino()], replayed=True)
    assert ask().reason == "no_consent"


def test_those_of_a_batch_are_closed_by_as_many_statements_as_one(
    old, django_assert_max_num_queries
):
    for number in range(12):
        old.account(20 + number, email=f"a{number}@example.com",
                    former_emails=[f"b{number}@example.com"])  # fmt: skip
        buys(old, f"order {number}", user=20 + number)
        says_no(f"a{number}@example.com")
    everybody = list(Customer.objects.values_list("pk", flat=True))
    with transaction.atomic(), django_assert_max_num_queries(19):
        parting.close(everybody)
    assert len(listed()) == 24
