"""Customers whose data is kept but not used."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from ..policy.restriction import RestrictionGround
from .customer import Customer


class Restriction(models.Model):
    """A restriction of processing (GDPR article 18). In force until it is lifted.

    It has no end date: the customer must be told before it is lifted (article 18(3)).
    """

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="restrictions")
    ground = models.CharField(
        max_length=24, choices=[(one.value, one.name) for one in RestrictionGround]
    )
    since = models.DateTimeField(db_default=Now())
    restricted_by = models.CharField(max_length=64)
    #: The day on which the customer was told that it would be lifted.
    told_on = models.DateField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(lifted_at=None) | Q(told_on__isnull=False),
                name="jokkerit_restriction_told_before_lifted",
            )
        ]

    def __str__(self) -> str:
        return f"restriction {self.pk}"
