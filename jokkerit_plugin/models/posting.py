"""The books: entries of purchases, written once their month is closed."""

from django.db import models

from .purchase import Purchase, amount
from .voucher import Voucher


class Posting(models.Model):
    """One `accounting.entries.Entry` as booked.

    Those of a closed day are never changed, added or removed; the database refuses it. The
    others are made anew when their purchase changes.
    """

    purchase = models.ForeignKey(Purchase, models.PROTECT, related_name="postings")
    voucher = models.ForeignKey(Voucher, models.PROTECT, null=True, related_name="postings")
    #: In Helsinki.
    day = models.DateField()
    kind = models.CharField(max_length=16)
    treatment = models.CharField(max_length=16)
    currency = models.CharField(max_length=3)
    country = models.CharField(max_length=2, blank=True)
    rate = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    net = amount()
    gross = amount()
    gateway = models.TextField(blank=True)
    #: Of a credit or correction in the One Stop Shop: first day of the quarter that it corrects.
    corrects = models.DateField(null=True)
    #: Names of `policy.vat.Cause`, sorted, separated by spaces.
    cause = models.CharField(max_length=80, blank=True)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["day"], name="jokkerit_posting_day"),
            models.Index(
                fields=["day"], condition=~models.Q(cause=""), name="jokkerit_posting_cause"
            ),
        ]

    def __str__(self) -> str:
        return f"posting {self.pk}"


class Ledger(models.Model):
    """The settings under which open entries are booked: one row."""

    rules = models.CharField(max_length=80)
    #: Since they changed, purchases up to this key are marked anew; null: all.
    marked_to = models.BigIntegerField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return "ledger"
