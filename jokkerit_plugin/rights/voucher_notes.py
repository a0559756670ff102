"""Vouchers whose buyer was corrected: they stay as they were issued, with a note beside them.

What is right now, when and by whom it was corrected is a row of its own: an issued voucher's
content is accounting material, and is not changed (Accounting Act 1336/1997, ch. 2).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from ..models import Customer, Invoice, Purchase, Voucher, VoucherNote
from ..policy.corrections import NAMES
from ..register.correcting import Change

#: Columns of a purchase's party.
PARTY = (
    "first_name", "last_name", "company_name", "street_1", "street_2", "postal_code", "city",
    "city_area", "country_area", "country",
)  # fmt: skip


def issued(customer: int) -> QuerySet[Purchase]:
    """Return a customer's purchases that a voucher stands on: ours, or an invoice of the shop's."""
    vouchers = Voucher.objects.filter(purchase=OuterRef("pk"), voided_at=None)
    invoices = Invoice.objects.filter(purchase=OuterRef("pk"))
    return Purchase.objects.filter(Exists(vouchers) | Exists(invoices), customer=customer)


def add(
    row: Customer, changes: Sequence[Change], *, at: datetime, by: str, request: int | None
) -> list[str]:
    """Note on each voucher that names what was wrong what is right; return the vouchers' codes.

    In the transaction that corrects.
    """
    purchases = issued(row.pk).filter(identity_erased_at=None).order_by("pk")
    said_by = purchases.values_list("pk", *(f"party_{name}" for name in PARTY))
    found = {
        pk: right
        for pk, *said in said_by.iterator(2000)
        if (right := _right(dict(zip(PARTY, said, strict=True)), changes))
    }
    VoucherNote.objects.bulk_create(
        VoucherNote(
            purchase_id=pk, at=at, by=by, request=request,
            **{f"party_{name}": value for name, value in right.items()},
        )
        for pk, right in found.items()
    )  # fmt: skip
    codes = Voucher.objects.filter(purchase__in=list(found), voided_at=None)
    return list(codes.order_by("pk").values_list("code", flat=True))


def _right(said: dict[str, str], changes: Sequence[Change]) -> dict[str, str]:
    """Return the party as it is right now; empty: it does not name what was wrong."""
    for one in changes:
        if one.place is not None and all(one.was[name] == said[name] for name in PARTY):
            right = {name: one.right[name] for name in PARTY}
            return {} if right == said else right
    right = said | dict(_names(said, changes))
    return {} if right == said else right


def _names(said: dict[str, str], changes: Sequence[Change]) -> Iterator[tuple[str, str]]:
    for one in changes:
        if one.field not in NAMES:
            continue
        # Both halves of the name: who has another first name is another person.
        if any(one.was.values()) and all(said[name] == was for name, was in one.was.items()):
            yield from one.right.items()
