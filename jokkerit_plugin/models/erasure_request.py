"""Requests that a customer be erased, and accounts that went without anybody saying why."""

from django.db import models
from django.db.models import Q


class ErasureRequest(models.Model):
    """A request, or a question to staff whether one was made; keys only, so it outlives them."""

    class Origin(models.TextChoices):
        #: The customer deleted the account in the shop, confirming it by mail.
        ACCOUNT_DELETED = "account_deleted"
        #: Staff deleted it there, or it was found gone.
        CUSTOMER_DELETED = "customer_deleted"
        STAFF = "staff"
        RIGHTS = "rights"

    class State(models.TextChoices):
        #: Staff are asked whether the customer wants to be erased.
        ASKS = "asks"
        OPEN = "open"
        #: The contact part goes as soon as nothing else keeps it.
        ACCEPTED = "accepted"
        REFUSED = "refused"
        DONE = "done"

    #: Key of the `Customer`; there may be none any more.
    customer = models.BigIntegerField()
    origin = models.CharField(max_length=16, choices=Origin)
    state = models.CharField(max_length=8, choices=State)
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    #: `user:<id>` of the shop, or `shop` where the customer's own deletion decided it.
    decided_by = models.CharField(max_length=64, blank=True, default="")
    done_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["asks", "open"], decided_at=None, decided_by="")
                | Q(state__in=["accepted", "refused", "done"], decided_at__isnull=False)
                & ~Q(decided_by=""),
                name="jokkerit_request_decided",
            ),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False)
                | ~Q(state="done") & Q(done_at=None),
                name="jokkerit_request_done",
            ),
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(state__in=["asks", "open", "accepted"]),
                name="jokkerit_request_once",
            ),
        ]
        indexes = [models.Index(fields=["customer"], name="jokkerit_request_customer")]

    def __str__(self) -> str:
        return f"erasure request {self.pk}"
