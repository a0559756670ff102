"""What recipients of data are to be told: article 19."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from ..policy.corrections import Told
from .acts import Sending
from .recipient import Recipient


class Telling(Sending):
    """One recipient is told of one correction, erasure, restriction or its end; a task until it is.

    It outlives the customer: `orders` are the numbers by which the recipient knows the data.
    """

    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="tellings")
    what = models.CharField(max_length=13, choices=[(one, one) for one in Told])
    #: What it comes of: `correction 12`, `request 5`, `restriction 7`, `lifting 7`.
    source = models.CharField(max_length=40)
    #: Key of the `Customer`; there may be none any more.
    customer = models.BigIntegerField()
    request = models.BigIntegerField(null=True)
    #: Sorted names of categories, separated by spaces.
    categories = models.CharField(max_length=80)
    orders = models.JSONField()
    #: Days in Helsinki of the first and last disclosure.
    first_on = models.DateField()
    last_on = models.DateField()
    made_at = models.DateTimeField(db_default=Now())
    #: Null: what it tells of is not done yet.
    ready_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    #: `shop`, or who told them in another way.
    told_by = models.CharField(max_length=64, blank=True, db_default="")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["recipient", "source"], name="jokkerit_telling_once"),
            models.CheckConstraint(
                condition=Q(told_at=None, told_by="") | Q(told_at__isnull=False) & ~Q(told_by=""),
                name="jokkerit_telling_told_by",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(told_at=None), name="jokkerit_telling_waiting"
            ),
            models.Index(fields=["customer"], name="jokkerit_telling_customer"),
        ]

    def __str__(self) -> str:
        return f"telling {self.pk}"
