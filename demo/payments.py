"""Money, on both of Saleor's paths: transactions, as a payment app reports them, and the
older payments through the dummy gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo import records
from demo.client import Client, ShopError
from demo.records import Basket, Placed, pk

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from demo.shopfloor import Shop

# The dummy gateway's word for "reserve it, do not charge it yet".
RESERVE = "not-charged"


def charge(
    staff: Client, bought: Basket | Placed, amount: Decimal | None = None, *, psp: str = ""
) -> str:
    """A transaction that has been charged at once; gives its id."""
    return _transaction(staff, bought, "amountCharged", amount, psp)


def authorize(
    staff: Client, bought: Basket | Placed, amount: Decimal | None = None, *, psp: str = ""
) -> str:
    """A transaction that only reserves the money; `report` then charges or cancels it."""
    return _transaction(staff, bought, "amountAuthorized", amount, psp)


def _transaction(
    staff: Client, bought: Basket | Placed, field: str, amount: Decimal | None, psp: str
) -> str:
    currency = bought.currency if isinstance(bought, Placed) else bought.market.currency
    money = {"amount": str(bought.total if amount is None else amount), "currency": currency}
    reference = psp or f"PSP-{pk(bought.id)[-12:]}"
    made = staff.mutate(
        "transactionCreate",
        "transaction { id }",
        id=("ID!", bought.id),
        transaction=(
            "TransactionCreateInput!",
            {
                "name": "Verkkomaksu",
                "pspReference": reference,
                "availableActions": ["CHARGE", "REFUND", "CANCEL"],
                "externalUrl": f"https://maksut.example/{reference}",
                field: money,
            },
        ),
        transactionEvent=("TransactionEventInput", {"pspReference": reference, "message": "OK"}),
    )
    return str(made["transaction"]["id"])


def report(
    staff: Client,
    transaction: str,
    event: str,
    amount: Decimal,
    *,
    psp: str,
    message: str = "",
    time: datetime | None = None,
) -> None:
    """What the payment service tells: `event` is CHARGE_SUCCESS, REFUND_SUCCESS, CHARGE_BACK,
    CANCEL_SUCCESS or another of Saleor's TransactionEventTypeEnum."""
    staff.mutate(
        "transactionEventReport",
        id=("ID", transaction),
        type=("TransactionEventTypeEnum!", event),
        amount=("PositiveDecimal", str(amount)),
        pspReference=("String!", psp),
        message=("String", message),
        time=("DateTime", time.isoformat() if time else None),
    )


def overwrite(staff: Client, transaction: str, field: str, amount: Decimal, currency: str) -> None:
    """Sets a transaction's sum (`amountCharged`, `amountRefunded`...): nothing fires for it."""
    staff.mutate(
        "transactionUpdate",
        id=("ID", transaction),
        transaction=(
            "TransactionUpdateInput",
            {field: {"amount": str(amount), "currency": currency}},
        ),
    )


def refund(staff: Client, order: Placed, amount: Decimal, *, psp: str = "") -> str:
    """Money back on the order's first transaction; gives the reference of the refund."""
    reference = psp or f"PSP-{pk(order.id)[-12:]}-R{amount}"
    report(staff, order.transactions[0], "REFUND_SUCCESS", amount, psp=reference)
    return reference


def charge_back(staff: Client, order: Placed, amount: Decimal, *, psp: str = "") -> str:
    """The payer's bank takes the money back."""
    reference = psp or f"PSP-{pk(order.id)[-12:]}-B{amount}"
    message = "Maksaja kiistää ostoksen"
    report(staff, order.transactions[0], "CHARGE_BACK", amount, psp=reference, message=message)
    return reference


def pay_legacy(client: Client, shop: Shop, basket: Basket, *, reserve: bool = False) -> str:
    """A payment by the dummy gateway, charged when the order is placed; with `reserve` only
    reserved then, for `capture_legacy` or `void_legacy`."""
    if shop.legacy_gateway is None:
        reason = f"Saleor {shop.version} has no dummy gateway"
        raise ShopError("checkoutPaymentCreate", [{"code": "NO_GATEWAY", "message": reason}])
    settings = {
        "gateway": shop.legacy_gateway,
        "token": RESERVE if reserve else f"DUMMY-{basket.key[-12:]}",
        "amount": str(basket.total),
    }
    made = client.mutate(
        "checkoutPaymentCreate",
        "payment { id }",
        id=("ID", basket.id),
        input=("PaymentInput!", settings),
    )
    return str(made["payment"]["id"])


def capture_legacy(staff: Client, order: Placed, amount: Decimal | None = None) -> Placed:
    return _legacy(staff, "orderCapture", order, order.total if amount is None else amount)


def refund_legacy(staff: Client, order: Placed, amount: Decimal | None = None) -> Placed:
    return _legacy(staff, "orderRefund", order, order.total if amount is None else amount)


def void_legacy(staff: Client, order: Placed) -> Placed:
    """Lets go of money that was reserved only."""
    staff.mutate("orderVoid", id=("ID!", order.id))
    return records.look(staff, order.id)


def mark_as_paid(staff: Client, order: Placed, reference: str) -> Placed:
    """Paid outside the shop: a payment or a transaction, as the channel says."""
    staff.mutate(
        "orderMarkAsPaid", id=("ID!", order.id), transactionReference=("String", reference)
    )
    return records.look(staff, order.id)


def _legacy(staff: Client, mutation: str, order: Placed, amount: Decimal) -> Placed:
    staff.mutate(mutation, id=("ID!", order.id), amount=("PositiveDecimal!", str(amount)))
    return records.look(staff, order.id)
