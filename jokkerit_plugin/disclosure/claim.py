"""What a collector gets of one unpaid purchase: debtor, contacts, purchase, payments. JSON."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

from ..models import Delivery, Movement, Purchase, PurchaseLine
from ..register.rows import fetch, table
from ..shop.snapshots import MovementKind

_PARTY = (
    "first_name", "last_name", "company_name", "street_1", "street_2", "postal_code", "city",
    "city_area", "country_area", "country",
)  # fmt: skip

#: Money that came in for a purchase `p`. A refund does not make a debt of what was paid; a
#: payment that the buyer's bank took back does.
_PAID = (
    "(SELECT coalesce(sum(CASE m.kind"
    f" WHEN '{MovementKind.PAYMENT}' THEN m.amount WHEN '{MovementKind.CHARGEBACK}' THEN -m.amount"
    f" ELSE 0 END), 0) FROM {table(Movement)} AS m"
    " WHERE m.purchase_id = p.id AND m.currency = p.currency)"
)

_RETURNED = (
    "(SELECT coalesce(sum(round(l.gross * least(h.quantity, l.quantity) / l.quantity, 2)), 0)"
    f" FROM {table(PurchaseLine)} AS l JOIN (SELECT purchase_id, saleor_line,"
    f" sum(quantity) AS quantity FROM {table(Delivery)}"
    " WHERE purchase_id = p.id AND status IN ('returned', 'refunded_and_returned')"
    " GROUP BY 1, 2) AS h"
    " USING (purchase_id, saleor_line) WHERE l.purchase_id = p.id AND l.quantity > 0)"
)
#: What is still to be paid for a purchase `p`; of what came back nothing is.
OWED = f"(p.gross - {_PAID} - {_RETURNED})"


def owed(purchase: int) -> Decimal:
    """Return what is still to be paid for a purchase, in its currency; 0 or less: nothing."""
    rows = fetch(f"SELECT {OWED} FROM {table(Purchase)} AS p WHERE p.id = %s", [purchase])
    return Decimal(rows[0][0])


def document(purchase: Purchase, *, due_on: date) -> bytes:
    """Return the claim as JSON (UTF-8, sorted names; amounts as text, times in UTC)."""
    customer = purchase.customer
    party = {name: getattr(purchase, f"party_{name}") for name in _PARTY}
    found: dict[str, Any] = {
        "debtor": {name: value for name, value in party.items() if value},
        "contact": {
            "email": purchase.email or (customer.email if customer else ""),
            "phone": customer.phone if customer else "",
        },
        "purchase": {
            "number": purchase.number,
            "placed_at": purchase.placed_at,
            "delivered_at": purchase.delivered_at,
            "due_on": due_on,
            "currency": purchase.currency,
            "gross": purchase.gross,
            "owed": owed(purchase.pk),
            "lines": list(
                PurchaseLine.objects.filter(purchase=purchase)
                .order_by("pk")
                .values("name", "variant", "quantity", "gross")
            ),
            "payments": list(
                Movement.objects.filter(purchase=purchase)
                .order_by("at", "pk")
                .values("kind", "amount", "currency", "at")
            ),
        },
    }
    return json.dumps(found, default=_text, ensure_ascii=False, sort_keys=True).encode()


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
