"""Customers' own requests that their data go outside the European Union."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from .customer import Customer
from .recipient import Recipient
from .text import TextFields


class TransferText(TextFields):
    """What a customer is told of the risks, and asks for."""

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"transfer text {self.version}"


class TransferRequest(models.Model):
    """An explicit request for one recipient (GDPR article 49(1)(a)); changed by revocation only."""

    class Channel(models.TextChoices):
        EMAIL = "email"
        LETTER = "letter"
        FORM = "form"
        IN_PERSON = "in_person"

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="transfer_requests")
    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="transfer_requests")
    text = models.ForeignKey(TransferText, models.PROTECT, related_name="requests")
    language = models.CharField(max_length=2)
    digest = models.CharField(max_length=64)
    risks_told = models.BooleanField()
    requested_at = models.DateTimeField()
    channel = models.CharField(max_length=16, choices=Channel)
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.CharField(max_length=64)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        default_permissions = ()
        constraints = [
            # Without it the request is no ground at all.
            models.CheckConstraint(
                condition=Q(risks_told=True), name="jokkerit_transfer_risks_told"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None) | Q(revoked_at__gte=F("requested_at")),
                name="jokkerit_transfer_revoked_later",
            ),
        ]
        indexes = [
            models.Index(
                fields=["customer", "recipient"],
                condition=Q(revoked_at=None),
                name="jokkerit_transfer_in_force",
            )
        ]

    def __str__(self) -> str:
        return f"transfer request {self.pk}"
