"""Customers who were erased a moment ago, by the contact keys of their addresses."""

from django.db import models


class Parting(models.Model):
    """What a transaction that erases customers leaves for whatever comes after it, for a minute.

    `known`: by address the customer's id, its group of channels, and its keys as version and
    digest (`marketing/parting.py`).
    """

    at = models.DateTimeField()
    known = models.JSONField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"parting {self.pk}"
