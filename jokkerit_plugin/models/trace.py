"""What a person left behind without buying: short-lived, in no search and no audience."""

from django.db import models

from .address import PartyFields


class Trace(PartyFields):
    """A checkout that is not an order, or an account that has not bought.

    It never makes a customer. It goes `checkout_days` after `changed_at`, when the
    shop loses the row, and when an order makes a customer of the person.
    """

    class Kind(models.TextChoices):
        ACCOUNT = "customer"
        CHECKOUT = "checkout"

    kind = models.CharField(max_length=8, choices=Kind)
    #: The shop's primary key as text.
    key = models.CharField(max_length=36)
    saleor_user = models.BigIntegerField(null=True)
    email = models.TextField(blank=True, default="")
    language = models.CharField(max_length=35, blank=True, default="")
    changed_at = models.DateTimeField(db_index=True)
    outside = models.JSONField(default=list)
    digest = models.CharField(max_length=32)
    #: As a customer's: what it says of marketing, and what of that was taken in.
    said = models.CharField(max_length=32, blank=True, db_default="")
    heard = models.CharField(max_length=32, blank=True, db_default="")

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="jokkerit_trace_once")]
        indexes = [
            models.Index(
                fields=["saleor_user"],
                condition=models.Q(saleor_user__isnull=False),
                name="jokkerit_trace_user",
            ),
            models.Index(
                fields=["id"],
                condition=~models.Q(said=models.F("heard")),
                name="jokkerit_trace_unheard",
            ),
        ]

    def __str__(self) -> str:
        return f"trace {self.pk}"
