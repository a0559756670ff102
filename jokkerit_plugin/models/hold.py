"""Legal holds: data that may not be erased yet, because of a claim."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from ..policy.holds import HoldGround, Release
from .customer import Customer
from .purchase import Purchase
from .recipient import Recipient

_OPEN = Q(released_at=None)


class Hold(models.Model):
    """A hold on a customer's data, or on that of one purchase and whoever it belongs to."""

    customer = models.ForeignKey(Customer, models.PROTECT, null=True, related_name="holds")
    purchase = models.ForeignKey(Purchase, models.PROTECT, null=True, related_name="holds")
    #: Sorted names of the categories that are kept, separated by spaces.
    categories = models.CharField(max_length=80)
    ground = models.CharField(max_length=16, choices=[(one, one) for one in HoldGround])
    #: A sentence for the controller, about the claim and not the person.
    reason = models.TextField()
    #: Of a debt in collection: who collects it.
    recipient = models.ForeignKey(Recipient, models.PROTECT, null=True, related_name="holds")
    placed_at = models.DateTimeField(db_default=Now())
    placed_by = models.CharField(max_length=64)
    review_on = models.DateField()
    #: Of a debt: when it fell due, when its limitation was last interrupted, its last day.
    due_on = models.DateField(null=True)
    interrupted_on = models.DateField(null=True)
    lapses_on = models.DateField(null=True)
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=64, blank=True, default="")
    released_why = models.CharField(
        max_length=16, choices=[(one, one) for one in Release], blank=True, default=""
    )

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=False) ^ Q(purchase__isnull=False),
                name="jokkerit_hold_customer_or_purchase",
            ),
            models.CheckConstraint(
                condition=Q(reason__regex=r"\S"), name="jokkerit_hold_has_a_reason"
            ),
            models.CheckConstraint(condition=~Q(categories=""), name="jokkerit_hold_keeps"),
            models.CheckConstraint(
                condition=Q(released_at=None, released_by="", released_why="")
                | (Q(released_at__isnull=False) & ~Q(released_by="") & ~Q(released_why="")),
                name="jokkerit_hold_released_why",
            ),
            models.CheckConstraint(
                condition=~Q(ground=HoldGround.COLLECTION)
                | Q(
                    purchase__isnull=False, recipient__isnull=False, due_on__isnull=False,
                    lapses_on__isnull=False,
                ),
                name="jokkerit_hold_collection_whole",
            ),
            models.UniqueConstraint(
                fields=["purchase"],
                condition=_OPEN & Q(ground=HoldGround.COLLECTION),
                name="jokkerit_hold_collected_once",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["customer"], condition=_OPEN, name="jokkerit_hold_customer"),
            models.Index(fields=["purchase"], condition=_OPEN, name="jokkerit_hold_purchase"),
            models.Index(fields=["review_on"], condition=_OPEN, name="jokkerit_hold_review"),
        ]

    def __str__(self) -> str:
        return f"hold {self.pk}"

    @property
    def subject(self) -> int | None:
        """The customer whose data is held; of a purchase, whoever it belongs to now."""
        return self.purchase.customer_id if self.purchase else self.customer_id
