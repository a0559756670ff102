"""Errors that were noticed otherwise than by a request: staff see to each."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from ..policy.corrections import Closed, Noticed, Sign
from .customer import Customer


class CorrectionTask(models.Model):
    """Something of a customer seems wrong. One is open of a customer and field; keys and codes."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="correction_tasks")
    field = models.CharField(max_length=8, choices=[(one, one) for one in Noticed])
    sign = models.CharField(max_length=8, choices=[(one, one) for one in Sign])
    #: Key of what showed it (`event:12`), or of a check a keyed hash of the value: what was said
    #: to be right is not asked about again.
    evidence = models.CharField(max_length=64)
    opened_at = models.DateTimeField(db_default=Now())
    #: `shop`: by itself.
    opened_by = models.CharField(max_length=64)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=64, blank=True, db_default="")
    outcome = models.CharField(
        max_length=9, choices=[(one, one) for one in Closed], blank=True, db_default=""
    )

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "field"], condition=Q(closed_at=None),
                name="jokkerit_correctiontask_open",
            ),
            models.UniqueConstraint(
                fields=["customer", "field", "sign", "evidence"],
                name="jokkerit_correctiontask_once",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by="", outcome="")
                | Q(closed_at__isnull=False) & ~Q(closed_by="") & ~Q(outcome=""),
                name="jokkerit_correctiontask_closed",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["opened_at"], condition=Q(closed_at=None),
                name="jokkerit_correctiontask_age",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"correction task {self.pk}"
