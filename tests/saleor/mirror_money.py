"""The mirror of money: what Saleor's two payment interfaces say has moved for an order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.saleor.mirror_rows import Database, Row, children, grouped, read

LEGACY = {
    "capture": "payment",
    "external": "payment",
    "refund": "refund",
    "refund_reversed": "refund_reversed",
}
EVENTS = {
    "charge_success": "payment",
    "refund_success": "refund",
    "refund_reverse": "refund_reversed",
    "charge_back": "chargeback",
}
#: Saleor commits an event of a transaction first and the order's total later: a process that is
#: killed in between leaves them apart, in Saleor itself.
HALF_DONE = "Saleor's own movements are not total_charged_amount"
SIGNS = {"payment": 1, "refund_reversed": 1, "refund": -1, "chargeback": -1}


@dataclass(frozen=True)
class Money:
    """Saleor's tables of payments, by what they belong to."""

    payments: Mapping[Any, list[Row]]
    attempts: Mapping[int, list[Row]]
    transactions: Mapping[Any, list[Row]]
    events: Mapping[int, list[Row]]


def read_money(database: Database) -> Money:
    """Everything that any payment left."""
    return Money(
        payments=grouped(read(database, "payment_payment"), "order_id"),
        attempts=grouped(read(database, "payment_transaction"), "payment_id"),
        transactions=grouped(read(database, "payment_transactionitem"), "order_id"),
        events=grouped(read(database, "payment_transactionevent"), "transaction_id"),
    )


def payment_dates(order: Row, money: Money) -> list[Any]:
    """When money came in for the order, ascending."""
    return sorted(one["at"] for one in _moved(order, money).values() if one["kind"] == "payment")


def compare(what: str, order: Row, money: Money, register: Mapping[str, Row]) -> list[str]:
    """Compare each movement, and Saleor's own with what it says was charged in all."""
    moved = _moved(order, money)
    found = children(f"{what} movement", moved, register)
    total = sum((SIGNS[row["kind"]] * row["amount"] for row in moved.values()), Decimal(0))
    if total != order["total_charged_amount"]:
        found.append(f"{what}: {HALF_DONE}")
    return found


def _moved(order: Row, money: Money) -> dict[str, dict[str, Any]]:
    moved: dict[str, dict[str, Any]] = {}
    for payment in money.payments.get(order["id"], []):
        for attempt in money.attempts.get(payment["id"], []):
            if attempt["is_success"] and attempt["kind"] in LEGACY and attempt["amount"]:
                moved[f"payment:{attempt['id']}"] = {
                    "kind": LEGACY[attempt["kind"]],
                    "amount": attempt["amount"],
                    "currency": attempt["currency"],
                    "at": attempt["created_at"],
                    "gateway": payment["gateway"],
                    "reference": attempt["token"] or payment["psp_reference"] or "",
                }
    for transaction in money.transactions.get(order["id"], []):
        for event in _newest(money.events.get(transaction["id"], [])):
            moved[f"event:{event['id']}"] = _event(transaction, event)
    return moved


def _newest(events: list[Row]) -> list[Row]:
    """Of the events that tell the same thing twice only the last, and those that tell of money."""
    last: dict[Any, Row] = {}
    for event in sorted(events, key=lambda row: (row["created_at"], row["id"])):
        if event["include_in_calculations"] and event["type"] in EVENTS and event["amount_value"]:
            said = event["psp_reference"] or event["id"]
            last[event["type"], said] = event
    return list(last.values())


def _event(transaction: Row, event: Row) -> dict[str, Any]:
    kind = EVENTS[event["type"]]
    if event["type"] == "charge_success" and event["amount_value"] < 0:
        kind = "refund"
    return {
        "kind": kind,
        "amount": abs(event["amount_value"]),
        "currency": event["currency"],
        "at": event["created_at"],
        "gateway": transaction["app_identifier"] or transaction["name"] or "",
        "reference": event["psp_reference"] or transaction["psp_reference"] or "",
    }
