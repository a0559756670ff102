"""The shop's own sweeps: abandoned checkouts, orphan addresses, payloads, idle accounts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.shop.erasers import Draft, ShopPart
from tests.saleor import rows
from tests.saleor.inside import strict_writer
from tests.saleor.marked import MARK, address, fetch, mark, read, remains
from tests.saleor.test_erasers_orders import eraser
from tests.saleor.test_erasers_people import cart

pytest_plugins = ("tests.saleor.fixtures_inside",)

CHECKOUT, ADDRESS, PAYLOAD, ACCOUNT = (
    ShopPart.CHECKOUT, ShopPart.ADDRESS, ShopPart.PAYLOAD, ShopPart.ACCOUNT,
)  # fmt: skip


def ago(days: int) -> datetime:
    return clock.now() - timedelta(days=days)


def found(part: ShopPart, before: datetime, *, page: int = 100) -> list[str]:
    """Every overdue key, a page at a time."""
    keys: list[str] = []
    with strict_writer():
        while more := eraser().overdue(part, before, after=keys[-1] if keys else "", limit=page):
            keys += more
    return keys


def idle(before: datetime, *, page: int = 100, **given: Any) -> dict[str, datetime]:
    """Every idle account, a page at a time."""
    found: dict[str, datetime] = {}
    with strict_writer():
        while more := eraser().idle(before, after=next(reversed(found), ""), limit=page, **given):
            found |= more
    return found


def sweep(part: ShopPart, keys: list[str]) -> Any:
    with strict_writer():
        assert eraser().take(part, keys) == keys
        return eraser().erase(part, keys)


def left_out(monkeypatch: pytest.MonkeyPatch, *channels: str) -> None:
    """These channels are another company's."""
    from jokkerit_plugin.shop.port import shop

    config = replace(shop().config(), excluded_channels=channels)
    monkeypatch.setattr(type(shop()), "config", lambda _self: config)


class TestCheckouts:
    def test_an_abandoned_one_goes_with_its_addresses(self, inside: None) -> None:
        from saleor.checkout.models import CheckoutLine
        from saleor.product.models import ProductVariant

        tables = ("checkout_checkout", "checkout_checkoutline", "checkout_checkoutmetadata",
                  "account_address")  # fmt: skip
        made, fresh = cart(), rows.checkout(email="fresh@example.com")
        line = CheckoutLine.objects.create(
            checkout=made, variant=ProductVariant.objects.first(), quantity=1, currency="EUR"
        )
        mark("checkout_checkoutline", line.pk)
        keys = found(CHECKOUT, ago(30))
        assert str(made.pk) in keys
        assert str(fresh.pk) not in keys
        sweep(CHECKOUT, keys)
        assert remains(read(*tables)) == set()
        assert type(fresh).objects.filter(pk=fresh.pk).exists()
        fetch("SET CONSTRAINTS ALL IMMEDIATE")

    def test_payments_of_nothing_are_emptied(self, inside: None) -> None:
        from saleor.payment.models import Payment, TransactionItem

        tables = ("payment_payment", "payment_transaction", "payment_transactionitem",
                  "payment_transactionevent")  # fmt: skip
        made = cart()
        attached = Payment.objects.create(checkout=made, gateway="g", currency="EUR")
        lost = Payment.objects.create(gateway="g", currency="EUR")
        for one in (attached, lost):
            mark("payment_payment", one.pk, billing_email=f"{MARK}@example.com")
            mark("payment_transaction", rows.attempt(one, "auth", "1", is_success=False).pk)
        item = TransactionItem.objects.create(currency="EUR", app_identifier="")
        mark("payment_transactionitem", item.pk)
        event = rows.reported(item, "info", "0", f"{MARK}-1", 1)
        mark("payment_transactionevent", event.pk)
        fetch("UPDATE payment_payment SET created_at = now() - interval '99 days'")
        fetch("UPDATE payment_transactionitem SET created_at = now() - interval '99 days'")
        keys = found(CHECKOUT, ago(30), page=1)
        assert {str(made.pk), f"payment:{lost.pk}", f"transaction:{item.pk}"} <= set(keys)
        assert len(keys) == len(set(keys))
        sweep(CHECKOUT, keys)
        assert remains(read(*tables)) == set()
        attached.refresh_from_db()
        assert attached.checkout_id is None
        assert not [key for key in found(CHECKOUT, ago(30)) if key in keys]

    @pytest.mark.parametrize(
        "said",
        [{"cc_last_digits": "4242"}, {"payment_method_name": "Visa"}, {"metadata": {"a": "b"}}],
    )
    def test_whatever_is_emptied_is_found_by_it(self, inside: None, said: Any) -> None:
        from saleor.payment.models import TransactionItem

        if not {one.name for one in TransactionItem._meta.get_fields()} >= said.keys():
            pytest.skip("this Saleor has no such column")
        item = TransactionItem.objects.create(currency="EUR", name="", **said)
        fetch("UPDATE payment_transactionitem SET created_at = now() - interval '99 days'")
        keys = found(CHECKOUT, ago(30))
        assert keys == [f"transaction:{item.pk}"]
        sweep(CHECKOUT, keys)
        assert found(CHECKOUT, ago(30)) == []

    def test_of_whom_a_request_waits_they_stay(self, inside: None) -> None:
        from jokkerit_plugin.models import Customer, KnownIdentifier, Request

        asks, buyer = rows.user("asks@example.com"), rows.user("b@example.com")
        guest = Customer.objects.create(guest_email="guest@example.com")
        customer = Customer.objects.create(saleor_user=buyer.pk)
        KnownIdentifier.objects.create(
            customer=guest, kind="email", value="guest@example.com", first_at=ago(9)
        )
        carts = [cart(user=asks), cart(user=buyer), cart(user=None, email="Guest@example.com")]
        keys = {str(one.pk) for one in carts}
        assert keys <= set(found(CHECKOUT, ago(30)))
        assert str(asks.pk) in idle(clock.now())
        for whose in ({"account": asks.pk}, {"customer": customer.pk}, {"customer": guest.pk}):
            Request.objects.create(
                **whose, kind="erasure", origin="account", state="open", opened_at=ago(1),
                due_on=clock.today(),
            )  # fmt: skip
        assert not keys & set(found(CHECKOUT, ago(30)))
        assert eraser().take(CHECKOUT, sorted(keys)) == []
        assert str(asks.pk) not in idle(clock.now())
        Request.objects.update(state="withdrawn", decided_at=ago(0), decided_by="user:1")
        assert keys <= set(found(CHECKOUT, ago(30)))

    def test_another_company_s_are_its_own(
        self, inside: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = cart(channel=rows.channel("outlet"))
        mine, buyer, former = cart(), rows.user("b@example.com"), rows.user("f@example.com")
        done = {"channel": other.channel, "status": "fulfilled", "charge_status": "full"}
        rows.order(user=buyer, created_at=ago(9), **done)
        rows.order(user=former, created_at=ago(2000), **done)
        accounts = [str(buyer.pk), str(former.pk)]
        assert {str(other.pk), str(mine.pk)} <= set(found(CHECKOUT, ago(30)))
        assert eraser().take(ACCOUNT, accounts) == accounts
        left_out(monkeypatch, "outlet")
        keys = found(CHECKOUT, ago(30))
        assert str(mine.pk) in keys
        assert str(other.pk) not in keys
        assert eraser().take(CHECKOUT, [str(other.pk)]) == []
        assert eraser().take(ACCOUNT, accounts) == [str(former.pk)]
        # Nor with a customer of both.
        with strict_writer():
            eraser().erase(ACCOUNT, [str(former.pk)], emails=[other.email])
        assert type(other).objects.filter(pk=other.pk).exists()
        assert not type(mine).objects.filter(pk=mine.pk).exists()

    def test_one_that_is_used_again_is_left(self, inside: None) -> None:
        made = cart()
        [key] = [key for key in found(CHECKOUT, ago(30)) if key == str(made.pk)]
        fetch("UPDATE checkout_checkout SET last_change = now() WHERE token = %s", made.pk)
        assert eraser().take(CHECKOUT, [key]) == []


class TestAddresses:
    @pytest.fixture
    def tomorrow(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        real = clock.now

        def pass_days(days: float) -> None:
            monkeypatch.setattr(clock, "now", lambda: real() + timedelta(days=days))

        return pass_days

    def test_orphans_of_yesterday_go(self, inside: None, tomorrow: Any) -> None:
        orphan, used = address(), address()
        rows.user("book@example.com").addresses.add(used)
        assert found(ADDRESS, ago(1)) == []
        tomorrow(1.1)
        young = address()
        keys = found(ADDRESS, ago(1), page=2)
        assert str(orphan.pk) in keys
        assert not {str(used.pk), str(young.pk)} & set(keys)
        done = sweep(ADDRESS, keys)
        assert done.rows == {"account_address": len(keys)}
        tomorrow(2.2)
        assert found(ADDRESS, ago(1)) == [str(young.pk)]
        fetch("SET CONSTRAINTS ALL IMMEDIATE")

    def test_one_that_found_a_use_is_left(self, inside: None) -> None:
        orphan = address()
        keys = [str(orphan.pk)]
        assert eraser().take(ADDRESS, keys) == keys
        rows.order(billing_address=orphan)
        assert eraser().erase(ADDRESS, keys).rows == {}
        assert eraser().take(ADDRESS, keys) == []


class TestPayloads:
    def test_what_webhooks_were_told_goes_with_its_file(self, inside: None) -> None:
        from saleor.core.models import EventDelivery, EventDeliveryAttempt, EventPayload

        from tests.saleor.staff import app
        from tests.saleor.test_flows import webhook

        machine, _ = app("machine")
        hook = webhook(machine, "https://elsewhere.example/")
        sent, on_its_way, young = (
            EventPayload.objects.create_with_payload_file(f'{{"{MARK}": 1}}') for _ in range(3)
        )
        for payload, status in ((sent, "success"), (on_its_way, "pending")):
            delivery = EventDelivery.objects.create(
                payload=payload, webhook=hook, status=status, event_type="order_created"
            )
            EventDeliveryAttempt.objects.create(delivery=delivery, response=MARK)
        old = [sent.pk, on_its_way.pk]
        fetch("UPDATE core_eventpayload SET created_at = now() - interval '9 days'"
              " WHERE id = ANY(%s)", old)  # fmt: skip
        storage, name = sent.payload_file.storage, sent.payload_file.name
        try:
            keys = found(PAYLOAD, ago(3))
            assert str(sent.pk) in keys
            assert not {str(on_its_way.pk), str(young.pk)} & set(keys)
            done = sweep(PAYLOAD, keys)
            assert storage.exists(name)
            eraser().remove_files(done.files)
            assert not storage.exists(name)
        finally:
            for one in (sent, on_its_way, young):
                storage.delete(one.payload_file.name)
        left = read("core_eventpayload", "core_eventdelivery", "core_eventdeliveryattempt")
        assert set(left["core_eventpayload"]) >= {str(on_its_way.pk), str(young.pk)}
        assert str(sent.pk) not in left["core_eventpayload"]
        assert len(left["core_eventdeliveryattempt"]) == 1


class TestAccounts:
    def test_people_who_never_bought_and_stay_away(self, inside: None) -> None:
        idle_one, seen, bought, shopping = (
            rows.user(f"{name}@example.com", date_joined=ago(2000))
            for name in ("idle", "seen", "bought", "shopping")
        )
        type(seen).objects.filter(pk=seen.pk).update(last_login=ago(10))
        rows.order(user=bought)
        rows.checkout(user=shopping)
        rows.user("clerk@example.com", is_staff=True, date_joined=ago(2000))
        rows.user("new@example.com")
        mine = {str(one.pk): one.email for one in (idle_one, seen, bought, shopping)}
        keys = idle(ago(1000), page=1)
        assert keys[str(idle_one.pk)] == idle_one.date_joined
        assert list(idle(ago(1000), among=[str(idle_one.pk), str(seen.pk)])) == [str(idle_one.pk)]
        assert idle(ago(5))[str(seen.pk)] > ago(11)
        assert [mine[key] for key in keys if key in mine] == ["idle@example.com"]
        assert not {"clerk@example.com", "new@example.com"} & {
            row["email"] for key, row in read("account_user")["account_user"].items()
            if key in keys
        }  # fmt: skip

    def test_whose_orders_are_all_erased_is_nobody_s_customer(self, inside: None) -> None:
        from jokkerit_plugin.models import Customer, ErasedKey, Purchase
        from tests.kept import Bought, Person, insert

        gone, half, known, left = (
            rows.user(f"{name}@example.com", date_joined=ago(2000))
            for name in ("gone", "half", "known", "left")
        )
        for user, erased in ((gone, True), (half, True), (half, False), (known, True)):
            order = rows.order(user=user, created_at=ago(1900))
            if erased:
                key = str(order.pk)
                ErasedKey.objects.create(kind="order", key=key, erased_at=clock.now())
        Customer.objects.create(saleor_user=known.pk)
        # The contact went while the account was left: its owner has come back since.
        order = rows.order(user=left, created_at=ago(1900))
        _, [purchase] = insert(Person((Bought(contact_gone=True),), account=False))
        Purchase.objects.filter(pk=purchase).update(saleor_order=order.pk)
        keys = idle(ago(1000))
        assert {str(gone.pk), str(left.pk)} <= set(keys)
        assert not {str(half.pk), str(known.pk)} & set(keys)

    def test_who_was_told_goes_in_the_night_and_who_logged_in_stays(
        self, inside: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from jokkerit_plugin.retention import batches, notices, strangers
        from jokkerit_plugin.shop.port import shop

        config = replace(shop().config(), erase_in_shop=True, controller_name="Jokkerit")
        idle_one, late = (
            rows.user(f"{name}@example.com", date_joined=ago(2000), language_code="sv")
            for name in ("idle", "late")
        )
        keys = sorted((str(idle_one.pk), str(late.pk)), key=int)
        sent: list[tuple[str, list[str]]] = []
        monkeypatch.setattr(
            type(shop()), "mail", lambda _self, subject, _text, to: sent.append((subject, to))
        )
        now, today = clock.now(), ago(0).astimezone(clock.HELSINKI).date()
        with strict_writer(), shop().writer():
            for _ in range(2):
                notices.tell(today, config, shop(), until=now + timedelta(hours=1), most=999)
            mine = [to for subject, to in sent if subject.startswith("Vi raderar ditt konto")]
            assert sorted(mine) == [["idle@example.com"], ["late@example.com"]]
            later = today + timedelta(days=31)
            assert strangers.still_due(keys, later - timedelta(days=1), config) == set()
            assert strangers.still_due(keys, later, config) == set(keys)
            type(late).objects.filter(pk=late.pk).update(last_login=now)
            monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=31))
            done = batches._of_the_shop(ACCOUNT, keys, config)
        assert done.keys == [str(idle_one.pk)]
        assert done.rows["account_user"] == 1
        assert list(type(late).objects.filter(pk__in=keys)) == [late]
        fetch("SET CONSTRAINTS ALL IMMEDIATE")


def test_drafts_are_listed_for_the_controller(inside: None) -> None:
    old, _ = rows.order(status="draft"), rows.order(status="draft")
    fetch("UPDATE order_order SET created_at = now() - interval '2 years',"
          " updated_at = now() - interval '2 years' WHERE id = %s", old.pk)  # fmt: skip
    old.refresh_from_db()
    found = Draft(str(old.pk), str(old.number), old.updated_at)
    assert eraser().drafts(ago(365), limit=10) == [found]
    assert eraser().count_drafts(ago(365)) == 1


def test_orders_are_the_register_s_to_judge(inside: None) -> None:
    rows.order(status="fulfilled", charge_status="full")
    for part in (ACCOUNT, ShopPart.ORDER_DETAIL, ShopPart.ORDER_IDENTITY):
        assert eraser().overdue(part, clock.now(), limit=10) == []


def test_rows_that_were_made_before(inside: None) -> None:
    user, order, made = rows.user("old@example.com"), rows.order(), rows.checkout()
    for part, key in (
        (ACCOUNT, str(user.pk)),
        (ShopPart.ORDER_DETAIL, str(order.pk)),
        (ShopPart.ORDER_IDENTITY, str(order.pk)),
        (CHECKOUT, str(made.pk)),
    ):
        assert eraser().existed(part, [key], clock.now() + timedelta(hours=1)) == [key]
        assert eraser().existed(part, [key], ago(1)) == []
    assert eraser().existed(ADDRESS, ["1"], clock.now()) == []
