"""One transaction a batch: claimed, asked again, erased and receipted together."""

import json
import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from jokkerit_plugin import clock, telemetry
from jokkerit_plugin.access import chain
from jokkerit_plugin.disclosure import holds
from jokkerit_plugin.models import (
    Customer,
    Erasure,
    Owed,
    Plan,
    PlanBatch,
    Purchase,
    Request,
    Restriction,
)
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.holds import HoldGround
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.register import erasure
from jokkerit_plugin.retention import batches, keeps, ledger, night, owed, plans, status
from jokkerit_plugin.shop import erasers
from jokkerit_plugin.shop.erasers import Hindrance, ShopPart
from tests.forgetting import (
    FORGOTTEN,
    LATELY,
    FakeEraser,
    approved,
    buys,
    erase,
    follow,
    told,
    voucher_of,
)
from tests.paper_shop import PaperShop
from tests.people import CONTROLLER

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = ("aino", "eino", "veikko", "lempi", "tauno", "helmi")


@pytest.fixture
def saleor(shop: PaperShop):
    """The shop's own tables, where erasing is chosen."""
    shop.port.settings = replace(shop.port.settings, erase_in_shop=True)
    fake = FakeEraser()
    erasers.install(fake)
    yield fake
    erasers.install(None)


def guests(shop: PaperShop, *names: str, **changes) -> dict[str, int]:
    """Let these buy long ago and be told; return their keys."""
    found = {name: buys(shop, name, **changes).customer_id for name in names}
    told()
    return found


def erased(part: str = "contact") -> list[int]:
    """Return whose part was erased, as the receipts say: with repetitions, if there were any."""
    rows = Erasure.objects.filter(part=part).values_list("subjects", flat=True)
    return sorted(pk for row in rows for pk in chain.as_ids(row))


def small_batches(monkeypatch, size: int = 1) -> None:
    monkeypatch.setattr(plans, "SIZE", size)


def test_a_batch_leaves_a_receipt_of_keys_and_figures(shop, monkeypatch):
    buyers = guests(shop, *NAMES)
    measured: Counter[str] = Counter()

    def measure(name: str, value: float = 1, **attributes: str) -> None:
        if name == "jokkerit.retention.erased":
            measured[attributes["part"]] += value

    monkeypatch.setattr(telemetry, "measure", measure)
    erase(shop)
    assert erased() == sorted(buyers.values())
    receipt = Erasure.objects.get(part="contact")
    assert receipt.count == len(NAMES)
    assert measured[Part.CONTACT] == sum(json.loads(receipt.rows).values()) > 0
    assert chain.verify(Erasure) == []
    assert set(receipt.shop_keys) == {
        str(key) for key in Purchase.objects.values_list("saleor_order", flat=True)
    }


def test_a_plan_runs_once_whoever_works_on_it(shop, monkeypatch):
    small_batches(monkeypatch)
    buyers = guests(shop, *NAMES)
    plan = approved(shop)
    plan = night.begin(clock.today(), shop.port.config())
    until = clock.now() + timedelta(minutes=1)
    ready = threading.Barrier(3)

    def work() -> None:
        ready.wait()
        batches.run(plan, until=until)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert erased() == sorted(buyers.values())
    assert chain.verify(Erasure) == []
    assert not plan.batches.filter(done_at=None).exists()


def test_a_batch_that_somebody_works_on_is_passed_over_and_taken_when_they_die(shop, monkeypatch):
    small_batches(monkeypatch)
    buyers = guests(shop, "aino", "eino")
    approved(shop)
    config = shop.port.config()
    plan = night.begin(clock.today(), config)
    claimed, die = threading.Event(), threading.Event()

    def stall() -> None:
        with transaction.atomic():
            assert batches._claim(plan, config) is not None
            claimed.set()
            die.wait()
            transaction.set_rollback(True)
        connection.close()

    other = threading.Thread(target=stall)
    other.start()
    claimed.wait()
    assert batches._one(plan, config)
    assert not batches._one(plan, config)
    assert len(erased()) == 1
    die.set()
    other.join()
    night.work(plan, until=clock.now() + timedelta(minutes=1))
    assert erased() == sorted(buyers.values())


def test_what_fails_before_the_receipt_is_undone_and_tried_again(shop, monkeypatch):
    guests(shop, "aino")
    approved(shop)
    plan = night.begin(clock.today(), shop.port.config())
    whole = ledger.append
    calls = []

    def once(content):
        calls.append(content)
        if len(calls) == 1:
            raise RuntimeError
        return whole(content)

    monkeypatch.setattr(ledger, "append", once)
    batches._one(plan, shop.port.config())
    assert Customer.objects.count() == 1
    assert not Erasure.objects.exists()
    batch = plan.batches.get(part="contact")
    assert (batch.attempts, batch.error, batch.done_at) == (1, "RuntimeError", None)
    night.work(plan, until=clock.now() + timedelta(minutes=1))
    assert not Customer.objects.exists()
    assert Erasure.objects.filter(part="contact").count() == 1


def test_a_batch_that_fails_always_is_left_and_said(shop, monkeypatch):
    guests(shop, "aino")

    def broken(content):
        raise RuntimeError

    monkeypatch.setattr(ledger, "append", broken)
    plan = erase(shop, failing=True)
    assert plan.state == Plan.State.LEFT
    assert "failed 3 times" in plan.problem


def test_one_row_that_cannot_go_does_not_keep_the_others(shop, saleor):
    for user, name in enumerate(NAMES, 1):
        shop.account(user, email=f"{name}@example.com")
        buys(shop, name, user=user)
    told()
    saleor.there[ShopPart.ACCOUNT] = {str(user) for user in range(1, 7)}
    saleor.breaks_on = {"4"}
    erase(shop, failing=True)
    assert set(Customer.objects.values_list("saleor_user", flat=True)) == {4}
    batch = PlanBatch.objects.get(part="contact")
    assert (batch.erased, batch.left_over, batch.error) == (5, 1, "IntegrityError")
    assert chain.verify(Erasure) == []


def test_what_was_undone_is_not_counted(shop, monkeypatch):
    guests(shop, *NAMES)
    before = Customer.objects.count()
    usual, asked = batches.execute, []

    def fails_once(sql, params):
        asked.append(sql)
        if len(asked) == 1:
            raise IntegrityError("one of them")
        return usual(sql, params)

    monkeypatch.setattr(batches, "execute", fails_once)
    erase(shop, failing=True)
    counted = [json.loads(one.rows) for one in Erasure.objects.filter(part="contact")]
    assert [one["jokkerit_plugin_customer"] for one in counted] == [before]


@pytest.mark.parametrize("what", ["hold", "order", "restriction"])
def test_what_comes_just_before_the_lock_is_seen_under_it(shop, monkeypatch, what):
    buyer = guests(shop, "aino")["aino"]
    lock_subjects = erasure.lock_subjects

    def comes():
        if what == "hold":
            holds.place(
                ground=HoldGround.DISPUTE, reason="Riita",
                review_on=clock.today() + timedelta(days=30),
                categories=[Category.NAME], customer=buyer, actor=CONTROLLER,
            )  # fmt: skip
        elif what == "order":
            buys(shop, "again", email="aino@example.com", when=clock.now().isoformat())
        else:
            Restriction.objects.create(customer_id=buyer, since=clock.now(), ground="accuracy")
        connection.close()

    def late(part, ids, **how):
        if part is Part.CONTACT:
            other = threading.Thread(target=comes)
            other.start()
            other.join()
        return lock_subjects(part, ids, **how)

    monkeypatch.setattr(erasure, "lock_subjects", late)
    erase(shop)
    assert Customer.objects.get().email == "aino@example.com"
    assert erased() == []


def test_who_bought_since_the_plan_stays(shop):
    buyers = guests(shop, "aino", "eino")
    approved(shop)
    shop.order("new", email="eino@example.com", placed_at=LATELY)
    follow(shop)
    night.by_hand()
    assert erased() == [buyers["aino"]]
    batch = PlanBatch.objects.get(part="contact")
    assert (batch.erased, batch.left_over) == (1, 1)


def test_who_is_held_since_the_plan_stays_until_the_hold_ends(shop):
    buyers = guests(shop, "aino", "eino")
    approved(shop)
    hold = holds.place(
        customer=buyers["eino"], categories=[Category.NAME, Category.EMAIL],
        ground=HoldGround.DISPUTE, reason="A dispute", review_on=clock.today(), actor=CONTROLLER,
    )  # fmt: skip
    night.by_hand()
    assert erased() == [buyers["aino"]]
    hold.released_at, hold.released_by, hold.released_why = clock.now(), "user:1", "settled"
    hold.save()
    Plan.objects.update(night=clock.today() - timedelta(days=1))
    night.by_hand()
    assert erased() == sorted(buyers.values())


def test_the_daily_limit_leaves_the_rest_to_the_next_night(shop):
    shop.port.settings = replace(shop.port.settings, retention_daily_limit=4)
    buyers = guests(shop, *NAMES)
    plan = erase(shop)
    assert (plan.state, len(erased())) == (Plan.State.LEFT, 4)
    Plan.objects.update(night=clock.today() - timedelta(days=1))
    night.by_hand()
    assert erased() == sorted(buyers.values())


def test_the_account_goes_with_its_customer_and_the_e_mails_and_names_that_were_theirs(
    shop, saleor
):
    shop.account(
        5, email="uusi@example.com", former_emails=["vanha@example.com"],
        first_name="Aino", last_name="Äyräs",
    )  # fmt: skip
    buys(shop, "aino", user=5)
    # Staff correct the name that no purchase carries, and their own event has it still.
    shop.account(5, last_name="Äyräväinen")
    follow(shop)
    shop.account(5, last_name="Äyräs")
    buys(shop, "muu", email="vanha@example.com", when=LATELY)
    told()
    saleor.there[ShopPart.ACCOUNT] = {"5", "6"}
    erase(shop)
    assert saleor.there[ShopPart.ACCOUNT] == {"6"}
    assert "uusi@example.com" in saleor.emails
    assert "vanha@example.com" not in saleor.emails, "somebody else's by now"
    # The shop's events say it without the account's key.
    assert saleor.names >= {"Aino Äyräs", "Aino Äyräväinen"}
    receipt = Erasure.objects.get(part="contact")
    assert receipt.in_shop
    assert "5" in receipt.shop_keys


def test_who_cannot_be_touched_in_the_shop_waits_whole(shop, saleor):
    shop.account(5)
    buys(shop, "aino", user=5)
    told()
    saleor.there[ShopPart.ACCOUNT], saleor.held = {"5"}, {"5"}
    erase(shop)
    assert Customer.objects.filter(saleor_user=5).exists()
    assert not Owed.objects.exists()
    saleor.held = set()
    Plan.objects.update(night=clock.today() - timedelta(days=1))
    night.by_hand()
    assert not Customer.objects.exists()
    assert saleor.there[ShopPart.ACCOUNT] == set()


def test_what_the_shop_needs_for_long_is_said_and_a_clerk_is_forgotten_as_a_customer(shop, saleor):
    for user, name in ((5, "aino"), (6, "eino"), (7, "veikko")):
        shop.account(user)
        buys(shop, name, user=user)
    told()
    saleor.there[ShopPart.ACCOUNT] = {"5", "6", "7"}
    saleor.hinders = {"5": Hindrance.CHECKOUT, "6": Hindrance.STAFF}
    erase(shop)
    assert list(Customer.objects.values_list("saleor_user", flat=True)) == [5]
    assert saleor.there[ShopPart.ACCOUNT] == {"5", "6"}
    [said] = [one for one in status.problems(shop.port.config()) if "stay in Saleor" in one]
    assert said.startswith("1 accounts are over, and stay in Saleor since a checkout holds money")
    assert said.endswith(": 5.")


@pytest.mark.parametrize("in_shop", [True, False])
@pytest.mark.parametrize("why", [Hindrance.STAFF, Hindrance.OTHERS])
def test_a_clerk_s_or_another_company_s_account_is_not_owed(shop, saleor, why, in_shop):
    shop.port.settings = replace(shop.port.settings, erase_in_shop=in_shop)
    shop.account(6)
    buys(shop, "eino", user=6)
    told()
    saleor.hinders = {"6": why}
    erase(shop)
    assert not Customer.objects.exists()
    assert not Owed.objects.filter(what="account").exists()


@pytest.mark.parametrize(
    ("why", "rule"),
    [
        (Hindrance.CARD, "balance"), (Hindrance.CHECKOUT, "balance"),
        (Hindrance.ORDER, "open_order"), (Hindrance.STAFF, None), (Hindrance.OTHERS, None),
    ],
)  # fmt: skip
def test_what_the_shop_alone_has_open_is_named_as_keeping_its_customer(shop, saleor, why, rule):
    shop.account(5)
    customer = buys(shop, "aino", user=5).customer_id
    saleor.hinders = {"5": why}

    def kept() -> set[tuple[str, str]]:
        found = keeps.of_customers([customer], clock.today(), shop.port.settings)[customer]
        return {(one.part, one.rule) for one in found if one.until is None}

    assert kept() == ({(Part.CONTACT, rule)} if rule else set())
    shop.port.settings = replace(shop.port.settings, erase_in_shop=False)
    assert kept() == set()


@pytest.mark.parametrize("granted", [False, True])
def test_what_the_shop_may_keep_is_owed_and_goes_when_it_is_chosen(shop, saleor, granted):
    shop.port.settings = replace(shop.port.settings, erase_in_shop=False)
    shop.account(5)
    bought = buys(shop, "aino", user=5)
    order = str(bought.saleor_order)
    told()
    if granted:
        Request.objects.create(
            customer=bought.customer_id, origin="account_deleted", state="accepted",
            opened_at=clock.now(), decided_at=clock.now(), decided_by="shop",
        )  # fmt: skip
    saleor.there[ShopPart.ACCOUNT], saleor.there[ShopPart.ORDER_DETAIL] = {"5"}, {order}
    erase(shop)
    assert not Customer.objects.exists()
    # Of a granted erasure it is remembered, since a card with money on it keeps the others.
    assert set(Owed.objects.values_list("what", "key")) == {
        ("account", "5"), ("order_detail", order), *([("granted", "5")] if granted else []),
    }  # fmt: skip
    assert owed.count() == 2
    assert saleor.there[ShopPart.ACCOUNT] == {"5"}

    shop.port.settings = replace(shop.port.settings, erase_in_shop=True)
    Plan.objects.update(night=clock.today() - timedelta(days=1))
    erase(shop)
    assert saleor.there[ShopPart.ACCOUNT] == saleor.there[ShopPart.ORDER_DETAIL] == set()
    assert not Owed.objects.exists()
    assert set(Erasure.objects.filter(part="account").values_list("count", flat=True)) == {1}


@pytest.mark.parametrize("user", [None, 5])
def test_rows_that_name_somebody_by_e_mail_are_owed_too(shop, saleor, user):
    shop.port.settings = replace(shop.port.settings, erase_in_shop=False)
    if user:
        shop.account(user, email="aino@example.com")
    buys(shop, "aino", user=user)
    told()
    saleor.there[ShopPart.MENTION] = {
        voucher_of("aino@example.com"),
        voucher_of("eino@example.com"),
    }
    erase(shop)
    assert not Customer.objects.exists()
    owing = Owed.objects.filter(what="mention").values_list("key", flat=True)
    assert list(owing) == [voucher_of("aino@example.com")]

    shop.port.settings = replace(shop.port.settings, erase_in_shop=True)
    Plan.objects.update(night=clock.today() - timedelta(days=1))
    erase(shop)
    assert saleor.there[ShopPart.MENTION] == {voucher_of("eino@example.com")}
    assert not Owed.objects.exists()


def test_an_owed_account_that_bought_again_is_not_erased(shop, saleor):
    saleor.there[ShopPart.ACCOUNT] = {"5", "6"}
    Owed.objects.bulk_create(
        Owed(what="account", key=key, since=clock.now()) for key in ("5", "6", "7")
    )
    shop.account(5)
    buys(shop, "aino", user=5, when=LATELY)
    erase(shop)
    assert saleor.there[ShopPart.ACCOUNT] == {"5"}
    assert not Owed.objects.exists()


def test_an_owed_account_whose_owner_came_back_has_a_new_term(shop, saleor):
    saleor.there[ShopPart.ACCOUNT] = {"5", "6"}
    now = clock.now()
    Owed.objects.bulk_create(
        Owed(what="account", key=key, since=now - timedelta(days=9)) for key in ("5", "6")
    )
    shop.port.logins = {5: now, 6: now - timedelta(days=10)}
    saleor.seen = {"5": now}
    erase(shop)
    assert saleor.there[ShopPart.ACCOUNT] == {"5"}
    assert not Owed.objects.exists()


@pytest.mark.parametrize("what", ["hold", "longer", "late hold"])
def test_an_owed_order_is_asked_again_what_keeps_it(shop, saleor, what):
    shop.port.settings = replace(shop.port.settings, erase_in_shop=False)
    bought = {name: buys(shop, name) for name in ("aino", "eino")}
    orders = {name: str(one.saleor_order) for name, one in bought.items()}
    saleor.there[ShopPart.ORDER_DETAIL] = set(orders.values())
    erase(shop)
    assert set(Owed.objects.values_list("key", flat=True)) == set(orders.values())

    shop.port.settings = replace(
        shop.port.settings, erase_in_shop=True, detail_years=10 if what == "longer" else 3
    )
    Plan.objects.update(night=clock.today() - timedelta(days=1))
    dispute = {
        "purchase": bought["aino"].pk, "categories": [Category.EMAIL], "reason": "Riita",
        "ground": HoldGround.DISPUTE, "review_on": clock.today(), "actor": CONTROLLER,
    }  # fmt: skip
    if what == "hold":
        holds.place(**dispute)
    approved(shop)
    planned = {key for batch in PlanBatch.objects.filter(part="order_detail") for key in batch.keys}
    if what == "late hold":
        holds.place(**dispute)
    night.by_hand()
    kept = set(orders.values()) if what == "longer" else {orders["aino"]}
    assert planned == set(orders.values()) - (set() if what == "late hold" else kept)
    assert saleor.there[ShopPart.ORDER_DETAIL] == kept
    assert set(Owed.objects.values_list("key", flat=True)) == kept


def test_while_the_shops_eraser_refuses_contact_waits_and_the_rest_is_owed(shop, saleor):
    saleor.refuses = "unknown column"
    order = str(buys(shop, "aino").saleor_order)
    told()
    erase(shop)
    assert Customer.objects.exists()
    assert list(Owed.objects.values_list("what", "key")) == [("order_detail", order)]


def test_files_go_after_the_commit_and_those_that_a_killed_worker_left_later(shop, saleor):
    order = str(buys(shop, "aino").saleor_order)
    saleor.there[ShopPart.ORDER_DETAIL], saleor.files = {order}, {order: "thumbs/1.png"}
    told()
    Owed.objects.create(what="file", key="thumbs/left.png", since=clock.now())
    erase(shop)
    assert sorted(saleor.removed) == ["thumbs/1.png", "thumbs/left.png"]
    assert not Owed.objects.exists()


def test_figures_go_last_and_only_without_a_person(shop):
    buys(shop, "aino", when=FORGOTTEN)
    told()
    plan = erase(shop)
    order = list(plan.batches.order_by("number").values_list("part", flat=True))
    assert order == ["contact", "detail", "identity", "figures"]
    assert not Purchase.objects.exists()
    assert [one.part for one in Erasure.objects.order_by("seq")] == order


def test_figures_stay_while_somebody_is_named(shop, monkeypatch):
    bought = buys(shop, "aino", when=FORGOTTEN)
    due = batches.keeps.all_due
    monkeypatch.setattr(
        batches.keeps, "all_due",
        lambda part, *args, **kwargs: [] if part is Part.IDENTITY else due(part, *args, **kwargs),
    )  # fmt: skip
    erase(shop)
    assert Purchase.objects.filter(pk=bought.pk).exists()


def test_what_is_the_shops_alone_goes_by_its_own_clock(shop, saleor):
    saleor.there[ShopPart.CHECKOUT] = {"old", "young", "moved"}
    saleor.made["young"] = clock.now()
    approved(shop)
    saleor.held = {"moved"}
    plan = night.by_hand()
    assert saleor.there[ShopPart.CHECKOUT] == {"young", "moved"}
    batch = plan.batches.get(part="checkout")
    assert (batch.keys, batch.erased, batch.left_over) == (["moved", "old"], 1, 1)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"inactive_months": 60}, "The settings changed."),
        ({"active": False}, "The plugin or its retention is off."),
        # It counts as its default, so that the fingerprint is the same.
        ({"unusable": (("bookkeeping_years", "too short"),)}, "bookkeeping_years: too short"),
    ],
)
def test_a_setting_that_changes_stops_the_run(shop, monkeypatch, change, why):
    small_batches(monkeypatch)
    guests(shop, *NAMES)
    approved(shop)
    plan = night.begin(clock.today(), shop.port.config())
    batches._one(plan, shop.port.config())
    shop.port.settings = replace(shop.port.settings, **change)
    assert not night.work(plan, until=clock.now() + timedelta(minutes=1))
    plan.refresh_from_db()
    assert (len(erased()), plan.state) == (1, Plan.State.LEFT)
    assert why in plan.problem
