"""Customers who were erased a moment ago, by the contact keys of their addresses."""

from django.db import models


class Parting(models.Model):
    """What a transaction that erased customers leaves for the one after it.

    `known`: by address the customer's id, its group of channels, and its keys as version and
    digest. It goes when what was said during the erasure is carried (`marketing/parting.py`).
    """

    known = models.JSONField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"parting {self.pk}"
