"""Months that are closed, and who was told that one can be."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class Closing(models.Model):
    """A month whose entries stand for good; the first one closes all days before it, too."""

    first = models.DateField()
    last = models.DateField(unique=True)
    closed_at = models.DateTimeField(db_default=Now())
    closed_by = models.CharField(max_length=64)
    #: The month's report as it stood: sums only.
    figures = models.JSONField()
    #: How many entries, and SHA-256 over them (`accounting.close.digest`).
    entries = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    #: Since entries of it were erased, their time being over: the digest then proves nothing.
    reduced_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(last__gte=F("first")), name="jokkerit_closing_period"
            )
        ]

    def __str__(self) -> str:
        return f"closing {self.last:%Y-%m}"


class Reminder(models.Model):
    """A mail that said that a month can be closed, and that was sent."""

    month = models.DateField(unique=True)
    told_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"reminder {self.month:%Y-%m}"
