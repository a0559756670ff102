"""Money: what the register takes for movements sums up to what Saleor says was charged."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from jokkerit_plugin.config import Config
from jokkerit_plugin.saleor_bridge import snapshots
from tests.saleor import rows
from tests.saleor.reading import read

pytest_plugins = ("tests.saleor.fixtures_inside",)

SIGNS = {"payment": 1, "refund_reversed": 1, "refund": -1, "chargeback": -1}


def moved(order: Any) -> list[tuple[str, Decimal]]:
    return [(m.kind.value, m.amount) for m in read(order).movements]


def total(order: Any) -> Decimal:
    return sum((SIGNS[kind] * amount for kind, amount in moved(order)), Decimal(0))


@pytest.mark.usefixtures("inside")
class TestLegacy:
    """payment_payment and payment_transaction."""

    @pytest.mark.parametrize(
        ("kind", "fields", "expected"),
        [
            ("capture", {}, [("payment", Decimal(10))]),
            ("external", {}, [("payment", Decimal(10))]),
            ("refund", {}, [("refund", Decimal(10))]),
            ("refund_reversed", {}, [("refund_reversed", Decimal(10))]),
            ("capture", {"is_success": False}, []),
            ("capture", {"action_required": True}, []),
            ("auth", {}, []),
            ("void", {}, []),
            ("cancel", {}, []),
            ("confirm", {}, []),
            ("pending", {}, []),
            ("refund_ongoing", {}, []),
            ("action_to_confirm", {}, []),
            ("capture_failed", {}, []),
        ],
    )
    def test_which_attempts_moved_money(
        self, kind: str, fields: dict[str, Any], expected: list[tuple[str, Decimal]]
    ) -> None:
        order = rows.order()

        rows.attempt(rows.payment(order), kind, "10", **fields)

        assert moved(order) == expected

    def test_a_capture_that_failed_afterwards_is_taken_back(self) -> None:
        order = rows.order()
        paid = rows.payment(order)

        rows.attempt(paid, "capture", "10")
        rows.attempt(paid, "capture_failed", "10")

        assert moved(order) == [("payment", Decimal(10)), ("chargeback", Decimal(10))]

    def test_a_movement_says_when_where_and_what_for(self) -> None:
        order = rows.order(currency="KWD")
        paid = rows.payment(order, psp_reference="psp-1")
        one = rows.attempt(paid, "capture", "10.125", token="pi_1")
        other = rows.attempt(paid, "refund", "0.005", token="")

        first, second = read(order).movements

        assert (first.key, first.amount, first.currency) == (
            f"payment:{one.pk}",
            Decimal("10.125"),
            "KWD",
        )
        assert (first.gateway, first.reference) == ("mirumee.payments.dummy", "pi_1")
        assert first.at == one.created_at
        assert (second.key, second.reference) == (f"payment:{other.pk}", "psp-1")


@pytest.mark.usefixtures("inside")
class TestTransactions:
    """payment_transactionitem and payment_transactionevent."""

    def test_events_outside_saleor_s_calculations_are_none(self) -> None:
        order = rows.order()
        event = rows.reported(rows.transaction(order), "charge_success", "10", "a", 1)

        type(event).objects.filter(pk=event.pk).update(include_in_calculations=False)

        assert moved(order) == []

    def test_a_refund_that_an_app_books_by_hand_counts_once(self) -> None:
        order = rows.order()
        item = rows.transaction(order)

        # As transactionUpdate(amountCharged: 60, amountRefunded: 40) after a charge of 100.
        rows.reported(item, "charge_success", "100", None, 1)
        rows.reported(item, "charge_success", "-40", None, 2)
        rows.reported(item, "refund_success", "40", None, 2)

        assert moved(order) == [("payment", Decimal(100)), ("refund", Decimal(40))]
        assert total(order) == rows.recalculated(order).total_charged_amount == 60

    def test_of_events_with_one_reference_the_newest_counts(self) -> None:
        order = rows.order()
        item = rows.transaction(order)

        rows.reported(item, "charge_success", "100", "a", 1)
        rows.reported(item, "charge_success", "90", "a", 2)
        rows.reported(item, "refund_success", "30", "a", 3)

        assert moved(order) == [("payment", Decimal(90)), ("refund", Decimal(30))]

    @pytest.mark.parametrize(("failed_at", "expected"), [(0, 1), (1, 0), (2, 0)])
    def test_a_failure_after_a_success_undoes_it(self, failed_at: int, expected: int) -> None:
        order = rows.order()
        item = rows.transaction(order)

        rows.reported(item, "charge_success", "100", "a", 1)
        rows.reported(item, "charge_failure", "100", "a", failed_at)

        assert len(moved(order)) == expected
        assert total(order) == rows.recalculated(order).total_charged_amount

    def test_a_requested_refund_moves_nothing_yet(self) -> None:
        order = rows.order()
        item = rows.transaction(order)

        rows.reported(item, "charge_success", "100", "a", 1)
        rows.reported(item, "refund_request", "40", "r", 2)

        assert rows.recalculated(order).total_charged_amount == 60
        assert moved(order) == [("payment", Decimal(100))]

    def test_a_movement_says_when_where_and_what_for(self) -> None:
        order = rows.order()
        named = rows.transaction(order, name="Mark as paid", psp_reference="item")
        by_app = rows.transaction(order, app_identifier="app.stripe", name="Card")
        one = rows.reported(named, "charge_success", "1", None, 1)
        other = rows.reported(by_app, "charge_success", "2", "ch_1", 2)

        first, second = read(order).movements

        assert (first.key, first.gateway, first.reference) == (
            f"event:{one.pk}",
            "Mark as paid",
            "item",
        )
        assert (second.key, second.gateway, second.reference) == (
            f"event:{other.pk}",
            "app.stripe",
            "ch_1",
        )
        assert second.at == rows.at(2)

    @pytest.mark.parametrize("seed", range(60))
    def test_whatever_is_reported_the_sum_is_saleor_s(self, seed: int) -> None:
        order, chance = rows.order(), random.Random(seed)
        kinds = ["success", "request", "failure"]
        for _ in range(chance.randint(1, 3)):
            item = rows.transaction(order)
            # Saleor leaves open which of two events of one moment is the newer.
            minutes = chance.sample(range(100), 14)
            for minute in minutes:
                kind = chance.choice(
                    [f"{what}_{how}" for what in ("charge", "refund") for how in kinds]
                    + ["charge_back", "refund_reverse", "authorization_success", "info"]
                )
                reference = chance.choice(["a", "b", "c", None, ""])
                rows.reported(item, kind, str(chance.randint(1, 9)), reference, minute)

        charged = rows.recalculated(order).total_charged_amount

        pending = sum(item.refund_pending_value for item in order.payment_transactions.all())
        assert total(order) - pending == charged


@pytest.mark.usefixtures("inside")
class TestTheShop:
    """What populatedb paid for."""

    def test_the_sum_is_what_saleor_says_was_charged(self) -> None:
        from saleor.order.models import Order

        charged = dict(Order.objects.values_list("pk", "total_charged_amount"))
        found = snapshots.orders(list(charged), Config())

        assert len(found) >= 20
        for order in found:
            sums = (SIGNS[m.kind.value] * m.amount for m in order.movements)
            assert sum(sums, Decimal(0)) == charged[order.key]


@pytest.mark.usefixtures("inside")
class TestGiftCards:
    """What gift cards took off the order's total."""

    def card(self, code: str) -> Any:
        from saleor.giftcard.models import GiftCard

        amount = {"currency": "EUR", "initial_balance_amount": 50, "current_balance_amount": 50}
        return GiftCard.objects.create(code=code, **amount)

    def used(self, order: Any, card: Any, before: object, after: object) -> None:
        from saleor.giftcard.models import GiftCardEvent

        balance = {"currency": "EUR", "old_current_balance": before, "current_balance": after}
        GiftCardEvent.objects.create(
            gift_card=card, order=order, type="used_in_order", parameters={"balance": balance}
        )

    @pytest.mark.parametrize(
        ("before", "after", "expected"),
        [
            ("50.000", "29.105", "20.895"),
            (Decimal("50.000"), Decimal("0E-3"), "50.000"),
            (50, 49.9, "0.100"),
            ("fifty", None, "0.000"),
        ],
    )
    def test_the_difference_of_balances_counts(
        self, before: object, after: object, expected: str
    ) -> None:
        order = rows.order()

        self.used(order, self.card("A"), before, after)

        assert read(order).gift_card_amount == Decimal(expected)

    def test_several_cards_add_up(self) -> None:
        order = rows.order()

        self.used(order, self.card("A"), "50.000", "0.000")
        self.used(order, self.card("B"), "50.000", "45.000")

        assert read(order).gift_card_amount == 55

    def test_a_card_used_as_a_payment_is_a_movement_and_no_deduction(self) -> None:
        from jokkerit_plugin.saleor_bridge.documents.parts import has_field
        from jokkerit_plugin.shop.snapshots import GIFT_CARD_GATEWAY

        if not has_field("payment.TransactionItem", "gift_card"):
            pytest.skip("this Saleor has no gift-card payment gateway")
        order, card = rows.order(), self.card("A")
        item = rows.transaction(order, app_identifier=GIFT_CARD_GATEWAY, gift_card=card)
        rows.reported(item, "charge_success", "20", "x", 1)
        self.used(order, card, "50.000", "30.000")
        self.used(order, card, "30.000", "25.000")

        assert read(order).gift_card_amount == 5
        assert moved(order) == [("payment", Decimal(20))]
