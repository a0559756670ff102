"""Money that moved for a purchase, and the invoices that asked for it."""

from django.db import models

from ..shop.snapshots import MovementKind
from .purchase import Purchase, amount


class Movement(models.Model):
    """A payment, refund or chargeback; `amount` is positive, `kind` gives the direction."""

    #: `payment:<id>` or `event:<id>`, after Saleor's two payment APIs.
    source = models.CharField(max_length=40)
    purchase = models.ForeignKey(Purchase, models.CASCADE, related_name="movements")
    kind = models.CharField(max_length=16, choices=[(kind, kind) for kind in MovementKind])
    amount = amount()
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()
    gateway = models.TextField(blank=True, default="")
    reference = models.TextField(blank=True, default="")

    class Meta:
        default_permissions = ()
        # `unique=True` on a text makes a second index, for LIKE.
        constraints = [
            models.UniqueConstraint(fields=["source"], name="jokkerit_movement_source_once")
        ]

    def __str__(self) -> str:
        return f"movement {self.pk}"


class Invoice(models.Model):
    """An invoice of the shop; its number may be empty and need not be unique."""

    saleor_invoice = models.BigIntegerField(unique=True)
    purchase = models.ForeignKey(Purchase, models.CASCADE, related_name="invoices")
    number = models.CharField(max_length=255, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"invoice {self.pk}"
