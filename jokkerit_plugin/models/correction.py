"""What was wrong of a customer, what is right, who corrected it, when and why."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from ..policy.corrections import TEXTS, Carried, Field
from .address import PartyFields
from .customer import Customer
from .purchase import BuyerFields, Purchase


class Correction(PartyFields):
    """One correction. The columns of the party, and `email`, hold what is right.

    Of one text (`TEXTS`) its own column alone; of an address all of them. It goes with the
    customer. What was wrong is encrypted (`register/corrections.py`), and goes sooner.
    """

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="corrections")
    field = models.CharField(max_length=12, choices=[(one, one) for one in Field])
    email = models.TextField(blank=True, db_default="")
    #: Fingerprint of an address that was wrong: wherever the shop says it, the right one holds.
    wrong = models.CharField(max_length=32, blank=True, db_default="")
    at = models.DateTimeField(db_default=Now())
    #: `user:<id>` of the shop.
    by = models.CharField(max_length=64)
    #: A sentence of who corrected it, about the correction; encrypted with what was wrong.
    key_version = models.CharField(max_length=16, blank=True, db_default="")
    sealed = models.BinaryField(null=True)
    #: Key of the `Request` that asked for it; null: noticed otherwise.
    request = models.BigIntegerField(null=True)
    carried = models.CharField(max_length=8, choices=[(one, one) for one in Carried])
    #: When the shop agreed, or had no place for it.
    carried_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(db_default=0)
    next_at = models.DateTimeField(db_default=Now())
    error = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=~Q(by=""), name="jokkerit_correction_by"),
            models.CheckConstraint(
                condition=Q(field="address") & ~Q(wrong="")
                | Q(field__in=sorted(TEXTS)) & Q(wrong=""),
                name="jokkerit_correction_wrong",
            ),
            models.CheckConstraint(
                condition=Q(carried="waiting", carried_at=None)
                | ~Q(carried="waiting") & Q(carried_at__isnull=False),
                name="jokkerit_correction_carried",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(carried="waiting"),
                name="jokkerit_correction_waiting",
            ),
            models.Index(
                fields=["at"], condition=Q(sealed__isnull=False), name="jokkerit_correction_sealed"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"correction {self.pk}"


class VoucherNote(BuyerFields):
    """What is right of the buyer on a purchase's vouchers, which themselves stay as issued.

    The country is a fact about the buyer; how the sale is taxed stands on the purchase. It goes
    with the buyer's name and address on the vouchers.
    """

    purchase = models.ForeignKey(Purchase, models.CASCADE, related_name="voucher_notes")
    at = models.DateTimeField(db_default=Now())
    by = models.CharField(max_length=64)
    request = models.BigIntegerField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=~Q(by=""), name="jokkerit_vouchernote_by")]

    def __str__(self) -> str:
        return f"voucher note {self.pk}"
