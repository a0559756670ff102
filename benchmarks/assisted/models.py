"""Customers and their orders; each class names its personal data in a `PrivacyMeta`."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Party(models.Model):
    """Name and address."""

    first_name = models.TextField(blank=True)
    last_name = models.TextField(blank=True)
    company_name = models.TextField(blank=True)
    street_1 = models.TextField(blank=True)
    street_2 = models.TextField(blank=True)
    postal_code = models.TextField(blank=True)
    city = models.TextField(blank=True)
    country = models.CharField(max_length=2, blank=True)
    email = models.TextField(blank=True)
    phone = models.TextField(blank=True)

    class Meta:
        abstract = True


_PARTY = [field.name for field in Party._meta.local_fields]


class Customer(Party):
    """Who bought."""

    entered_at = models.DateTimeField()

    class PrivacyMeta:
        fields: ClassVar[list[str]] = _PARTY

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}, {self.email}"


class Order(Party):
    """What they bought, to which name and address."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="orders")
    number = models.CharField(max_length=64)
    placed_at = models.DateTimeField()
    currency = models.CharField(max_length=3)
    net = models.DecimalField(max_digits=20, decimal_places=3)
    gross = models.DecimalField(max_digits=20, decimal_places=3)

    class PrivacyMeta:
        fields: ClassVar[list[str]] = _PARTY

    def __str__(self) -> str:
        return self.number
