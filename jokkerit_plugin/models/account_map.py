"""The accounts and VAT codes that the controller has set for the bookkeeping files."""

from django.db import models
from django.db.models.functions import Now


class AccountMap(models.Model):
    """One version of the mapping, never changed; the highest is in force.

    `rules` is a list of `accounting.chart.Rule` as JSON. None at all: the shipped defaults.
    """

    version = models.PositiveIntegerField(primary_key=True)
    rules = models.JSONField()
    edited_at = models.DateTimeField(db_default=Now())
    edited_by = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"account map {self.version}"
