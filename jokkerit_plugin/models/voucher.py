"""Vouchers: numbered without a gap for each series and financial year."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .purchase import Purchase


class VoucherSeries(models.Model):
    """The last number given in a financial year. Locked by a transaction's last statement only."""

    prefix = models.CharField(max_length=6)
    #: Last day of the financial year.
    year_end = models.DateField()
    #: What numbers call the year.
    label = models.CharField(max_length=12)
    last = models.PositiveIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["prefix", "year_end"], name="jokkerit_series_year"),
            models.UniqueConstraint(fields=["prefix", "label"], name="jokkerit_series_label"),
        ]

    def __str__(self) -> str:
        return f"series {self.prefix}-{self.label}"


class Voucher(models.Model):
    """A voucher of a purchase: its sale, one refund, or a correction of closed days.

    A purchase has one sale voucher in each financial year that its sale and money fall into.
    It is never deleted, and its number never changes; it is voided when nothing is booked by it
    any more.
    """

    class Kind(models.TextChoices):
        SALE = "sale"
        CREDIT = "credit"
        CORRECTION = "correction"

    purchase = models.ForeignKey(Purchase, models.PROTECT, related_name="vouchers")
    prefix = models.CharField(max_length=6)
    year_end = models.DateField()
    number = models.PositiveIntegerField()
    #: As people read it: MYY-2026-000123.
    code = models.CharField(max_length=32)
    kind = models.CharField(max_length=10, choices=Kind)
    #: Key of what made a credit, or the first open day of a correction; empty for a sale.
    source = models.CharField(max_length=40, blank=True)
    #: Day of its first entry when it was numbered.
    day = models.DateField()
    #: The sale that it credits or corrects, or its beginning in an earlier year.
    original = models.ForeignKey("self", models.PROTECT, null=True, related_name="followers")
    made_at = models.DateTimeField(db_default=Now())
    voided_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["code"], name="jokkerit_voucher_code"),
            models.UniqueConstraint(
                fields=["prefix", "year_end", "number"], name="jokkerit_voucher_number"
            ),
            models.UniqueConstraint(
                fields=["purchase", "kind", "source", "year_end"],
                condition=Q(voided_at=None),
                name="jokkerit_voucher_once",
            ),
            models.CheckConstraint(condition=Q(number__gt=0), name="jokkerit_voucher_positive"),
        ]

    def __str__(self) -> str:
        return f"voucher {self.code}"
