"""A restored backup brings back whom the ledger has erased: noticed, and erased again once."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import OperationalError

from jokkerit_plugin import clock, keys
from jokkerit_plugin.access import chain, copies, restrictions
from jokkerit_plugin.access.copies import NotReplayed
from jokkerit_plugin.disclosure import holds
from jokkerit_plugin.models import (
    Affected,
    ChainHead,
    Customer,
    Erasure,
    KnownIdentifier,
    Owed,
    PostalAddress,
    Purchase,
    Request,
)
from jokkerit_plugin.policy.breaches import Told
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.holds import HoldGround, Release
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.policy.requests import RefusalGround, RequestKind
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.register import erasure
from jokkerit_plugin.retention import ledger
from jokkerit_plugin.retention import replay as replaying
from jokkerit_plugin.retention.replay import replay
from jokkerit_plugin.rights import answering, opening, requests
from jokkerit_plugin.rights.breaches import attending
from jokkerit_plugin.shop import erasers
from jokkerit_plugin.shop.erasers import ShopPart
from jokkerit_plugin.shop.snapshots import Kind
from tests.backups import Dump, Snapshot
from tests.breaching import ordered
from tests.forgetting import LATELY, FakeEraser, buys, erase, follow, told, voucher_of
from tests.paper_shop import PaperShop
from tests.people import CONTROLLER, MANAGER, sign

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def saleor(shop: PaperShop, tmp_path: Path, monkeypatch):
    monkeypatch.setenv(keys.VARIABLE, f"2026:{'ab' * 32}")
    monkeypatch.setenv(copies.VARIABLE, str(tmp_path / "ledger"))
    shop.port.settings = replace(shop.port.settings, erase_in_shop=True)
    fake = FakeEraser()
    erasers.install(fake)
    yield fake
    erasers.install(None)


def register() -> dict[str, list[tuple[object, ...]]]:
    """Return what the register holds of people, and its ledger."""
    return {
        "customers": list(Customer.objects.order_by("pk").values_list("pk", "email")),
        "identifiers": list(KnownIdentifier.objects.order_by("pk").values_list("pk", "value")),
        "addresses": list(PostalAddress.objects.order_by("pk").values_list("pk", "street_1")),
        "purchases": list(
            Purchase.objects.order_by("pk").values_list("pk", "customer_id", "email")
        ),
        "ledger": [
            (seq, bytes(hash_)) for seq, hash_ in
            Erasure.objects.order_by("seq").values_list("seq", "hash")
        ],
    }  # fmt: skip


def test_a_restored_backup_is_noticed_and_replayed_once(shop, saleor, tmp_path):
    shop.account(5, email="aino@example.com")
    orders = {str(buys(shop, "aino", user=5).saleor_order)}
    orders.add(str(buys(shop, "eino").saleor_order))
    buys(shop, "lempi", when=LATELY)
    told()
    saleor.there[ShopPart.ACCOUNT] = {"5"}
    saleor.there[ShopPart.ORDER_DETAIL] = set(orders)
    backup = Dump(tmp_path)
    erase(shop)
    erased = register()
    assert [email for _, email in erased["customers"]] == ["lempi@example.com"]

    backup.restore()
    saleor.there[ShopPart.ACCOUNT] = {"5"}
    saleor.there[ShopPart.ORDER_DETAIL] = set(orders)
    assert Customer.objects.count() == 3
    with pytest.raises(NotReplayed, match="restored from a backup"):
        copies.check()

    done = replay()
    assert done.receipts == len(erased["ledger"])
    assert register() == erased
    assert saleor.there[ShopPart.ACCOUNT] == saleor.there[ShopPart.ORDER_DETAIL] == set()
    assert chain.verify(Erasure) == []
    copies.check()
    assert replay().receipts == 0
    assert register() == erased


def needs(what: str, customer: int) -> Callable[[], object]:
    """Let something need a customer; return how it is over."""
    if what == "hold":
        made = holds.place(
            customer=customer, categories=[Category.NAME], ground=HoldGround.DISPUTE,
            reason="Case 12", review_on=clock.today(), actor=CONTROLLER,
        )  # fmt: skip
        return lambda: holds.release(made.pk, reason=Release.SETTLED, actor=CONTROLLER)
    if what == "restriction":
        laid = restrictions.restrict(customer, ground=RestrictionGround.ACCURACY, actor=CONTROLLER)
        return lambda: restrictions.lift(laid.pk, told_on=clock.today(), actor=CONTROLLER)
    asked = opening.open_for(customer, kind=RequestKind(what), how="x", actor=MANAGER)
    if asked.kind == RequestKind.ERASURE:
        return lambda: requests.decide(asked.pk, accept=True, actor=CONTROLLER)
    return lambda: requests.decide(
        asked.pk, accept=False, ground=RefusalGround.EXCESSIVE, actor=CONTROLLER
    )


@pytest.mark.parametrize("what", ["erasure", "rectification", "hold", "restriction"])
def test_what_needed_somebody_when_the_backup_was_made_and_was_over_keeps_nobody(
    shop, saleor, what
):
    sign(CONTROLLER, MANAGER)
    bought = buys(shop, "aino")
    told()
    end = needs(what, bought.customer_id)
    backup = Snapshot()
    end()
    erase(shop)
    erased = register()
    assert erased["customers"] == []
    backup.restore()
    assert replay().kept == 0
    assert register() == erased
    if what == "erasure":
        row = Request.objects.get()
        assert (row.state, row.decided_by) == ("done", "shop")
        assert row.events.latest("pk").what == "done"


@pytest.mark.parametrize("what", ["erasure", "hold", "restriction"])
def test_what_has_needed_somebody_since_the_restore_keeps_them(shop, saleor, what):
    sign(CONTROLLER, MANAGER)
    bought = buys(shop, "aino")
    told()
    backup = Snapshot()
    erase(shop)
    backup.restore()
    needs(what, bought.customer_id)
    assert replay().kept == 2
    assert Customer.objects.get().pk == bought.customer_id
    assert Purchase.objects.get().email == "aino@example.com"


def test_nobody_is_sent_a_copy_before_the_replay(shop, saleor):
    sign(CONTROLLER, MANAGER)
    asked = buys(shop, "eino", when=LATELY).customer_id
    buys(shop, "aino")
    told()
    backup = Snapshot()
    erase(shop)
    backup.restore()
    opening.open_for(asked, kind=RequestKind.ACCESS, how="x", actor=MANAGER)
    assert answering.make_copies(shop.port.config()) == 0
    replay()
    assert answering.make_copies(shop.port.config()) == 1


def test_nobody_is_written_to_twice_about_a_breach_after_a_restore(shop, saleor):
    sign(CONTROLLER, MANAGER)
    buys(shop, "eino", when=LATELY)
    buys(shop, "aino")
    told()
    breach = ordered(shop)
    backup = Snapshot()
    attending.attend()
    erase(shop)
    wrote = len(shop.port.outbox())
    backup.restore()
    assert Affected.objects.filter(breach=breach, state=Told.WAITING).exists()
    attending.attend()
    replay()
    attending.attend()
    assert len(shop.port.outbox()) == wrote
    assert not Affected.objects.filter(breach=breach, state=Told.WAITING).exists()
    assert Affected.objects.filter(breach=breach, state=Told.SENDING).exists()


def test_a_hold_on_a_purchase_since_the_restore_keeps_whoever_bought_it(shop, saleor):
    sign(CONTROLLER)
    bought = buys(shop, "aino")
    told()
    backup = Snapshot()
    erase(shop)
    backup.restore()
    holds.place(
        purchase=bought.pk, categories=[Category.NAME], ground=HoldGround.DISPUTE,
        reason="Case 12", review_on=clock.today(), actor=CONTROLLER,
    )  # fmt: skip
    assert replay().kept == 2
    assert Purchase.objects.get().customer_id == bought.customer_id


def test_who_was_given_a_key_anew_is_not_erased(shop, saleor):
    buys(shop, "lempi", when=LATELY)
    backup = Snapshot()
    late = buys(shop, "aino")
    shop.account(5, email="user@example.com")
    old = buys(shop, "user", user=5).saleor_order
    told()
    saleor.there[ShopPart.ACCOUNT] = {"5"}
    erase(shop)
    backup.restore()
    shop.remove(Kind.ORDER, old)
    shop.rows.clear()

    # Keys go on from where the backup had them; the shop gives 5 to somebody else, who bought as
    # a guest before.
    new = buys(shop, "nuori", when=LATELY)
    assert new.customer_id == late.customer_id
    shop.account(5, email="toinen@example.com")
    buys(shop, "toinen", user=5, when=LATELY)
    saleor.there[ShopPart.ACCOUNT], saleor.made["5"] = {"5"}, clock.now()
    replay()
    assert set(Customer.objects.values_list("email", flat=True)) == {
        "lempi@example.com", "nuori@example.com", "toinen@example.com",
    }  # fmt: skip
    assert saleor.there[ShopPart.ACCOUNT] == {"5"}


def test_a_guest_who_was_taken_in_again_is_found_by_the_order(shop, saleor):
    buys(shop, "lempi", when=LATELY)
    backup = Snapshot()
    bought = buys(shop, "aino")
    told()
    erase(shop)
    backup.restore()
    buys(shop, "muu", when=LATELY)
    key = str(bought.saleor_order)
    shop.put(Kind.ORDER, key, shop.rows[Kind.ORDER, key] | {"placed_at": LATELY})
    follow(shop)
    assert Customer.objects.filter(email="aino@example.com").exists()
    replay()
    assert not Customer.objects.filter(email="aino@example.com").exists()


def test_who_has_bought_since_the_restore_stays(shop, saleor):
    buys(shop, "aino")
    told()
    backup = Snapshot()
    erase(shop)
    backup.restore()
    moment = clock.now().isoformat()
    buys(shop, "aino again", email="aino@example.com", when=moment)
    done = replay()
    assert done.kept >= 1
    assert Customer.objects.get().email == "aino@example.com"


def test_a_second_ledger_is_not_mixed_with_the_first(shop, saleor, tmp_path, monkeypatch):
    buys(shop, "aino")
    told()
    backup = Snapshot()
    erase(shop)
    backup.restore()
    monkeypatch.delenv(copies.VARIABLE)
    buys(shop, "eino")
    told()
    erase(shop)
    monkeypatch.setenv(copies.VARIABLE, str(tmp_path / "ledger"))
    with pytest.raises(NotReplayed):
        replay()


def test_another_ledger_erases_nothing(shop, saleor):
    """Something was erased since the restore, of which no copy was made yet."""
    bought = buys(shop, "aino")
    told()
    backup = Snapshot()
    erase(shop)
    backup.restore()
    ledger.append(ledger.receipt(
        plan=1, part="contact", subjects=[], shop_keys=["x"], rows={}, in_shop=False,
        at=clock.now(),
    ))  # fmt: skip
    Erasure.objects.filter(seq=1).update(seq=99)
    ChainHead.objects.filter(name=chain.chain_name(Erasure)).update(seq=0)
    with pytest.raises(NotReplayed, match="does not continue"):
        replay()
    assert Customer.objects.get().pk == bought.customer_id


def test_a_receipt_is_replayed_in_pieces_that_a_small_server_can_lock(shop, saleor, monkeypatch):
    names = ("aino", "eino", "veikko", "lempi", "tauno")
    orders = {str(buys(shop, name).saleor_order) for name in names}
    told()
    backup = Snapshot()
    erase(shop)
    erased = register()
    backup.restore()
    saleor.there[ShopPart.ORDER_DETAIL] = set(orders)
    lock_subjects, asked = erasure.lock_subjects, []

    def spied(part, ids, **how):
        asked.append(len(ids))
        if len(asked) == 2:
            raise OperationalError
        return lock_subjects(part, ids, **how)

    monkeypatch.setattr(replaying, "at_once", lambda: 2)
    monkeypatch.setattr(erasure, "lock_subjects", spied)
    with pytest.raises(OperationalError):
        replay()
    assert (Customer.objects.count(), Erasure.objects.count()) == (3, 0)

    done = replay()
    assert max(asked) == 2
    assert (done.receipts, register()) == (len(erased["ledger"]), erased)
    assert saleor.there[ShopPart.ORDER_DETAIL] == set()


@pytest.mark.parametrize("anew", [False, True])
def test_what_the_shop_was_to_keep_is_owed_again(shop, saleor, anew):
    shop.port.settings = replace(shop.port.settings, erase_in_shop=False)
    shop.account(5, email="aino@example.com")
    order = str(buys(shop, "aino", user=5).saleor_order)
    told()
    saleor.there[ShopPart.ACCOUNT], saleor.there[ShopPart.ORDER_DETAIL] = {"5"}, {order}
    saleor.there[ShopPart.MENTION] = {voucher_of("aino@example.com"), "card_event:5"}
    backup = Snapshot()
    erase(shop)
    owed = set(Owed.objects.values_list("what", "key"))
    of_account = {("account", "5"), ("mention", "card_event:5")}
    assert owed == of_account | {
        ("order_detail", order), ("mention", voucher_of("aino@example.com")),
    }  # fmt: skip
    backup.restore()
    if anew:
        # The shop gives 5 to somebody else.
        saleor.made["5"] = clock.now()
        owed -= of_account
    replay()
    assert set(Owed.objects.values_list("what", "key")) == owed


def test_a_shop_that_refuses_is_left_alone_and_owes(shop, saleor):
    buys(shop, "aino")
    told()
    backup = Snapshot()
    erase(shop)
    backup.restore()
    saleor.refuses, saleor.there[ShopPart.MENTION] = (
        "New columns.",
        {voucher_of("aino@example.com")},
    )
    saleor.emails.clear()
    replay()
    assert not saleor.emails
    assert set(Owed.objects.values_list("what", "key")) == {
        ("mention", voucher_of("aino@example.com"))
    }  # fmt: skip


def test_who_buys_just_before_the_replay_locks_them_stays(shop, saleor, monkeypatch):
    buys(shop, "aino")
    told()
    backup = Snapshot()
    erase(shop)
    backup.restore()
    lock_subjects = erasure.lock_subjects

    def late(part, ids, **how):
        if part is Part.CONTACT:
            buys(shop, "again", email="aino@example.com", when=clock.now().isoformat())
        return lock_subjects(part, ids, **how)

    monkeypatch.setattr(erasure, "lock_subjects", late)
    replay()
    assert Customer.objects.get().email == "aino@example.com"


def test_the_command_says_what_it_did(shop, saleor, capsys):
    buys(shop, "aino")
    told()
    backup = Snapshot()
    erase(shop)
    backup.restore()
    call_command("register_replay")
    assert "receipts replayed" in capsys.readouterr().out


def test_an_account_that_never_bought_goes_again_unless_it_bought_since(shop, saleor):
    backup = Snapshot()
    saleor.there[ShopPart.ACCOUNT] = {"5", "6"}
    Owed.objects.bulk_create(Owed(what="account", key=key, since=clock.now()) for key in "56")
    erase(shop)
    assert saleor.there[ShopPart.ACCOUNT] == set()
    backup.restore()
    shop.account(5)
    buys(shop, "aino", user=5, when=clock.now().isoformat())
    saleor.there[ShopPart.ACCOUNT] = {"5", "6"}
    assert replay().receipts == 1
    assert saleor.there[ShopPart.ACCOUNT] == {"5"}
