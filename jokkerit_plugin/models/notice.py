"""That an inactive customer was told of the coming erasure."""

from django.db import models
from django.db.models import Q

from .customer import Customer


class Notice(models.Model):
    """One mail that was sent, or refused for good.

    Activity since moves the term, and the notice counts no more.
    """

    customer = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="notices")
    #: The shop's key of an account that never bought, and so is no customer.
    user = models.BigIntegerField(null=True)
    #: The last day of the inactive term that it told of.
    term = models.DateField()
    told_at = models.DateTimeField()
    #: fi, sv or en.
    language = models.CharField(max_length=2)
    #: No mail server takes mail for the address: it is as if there were none. The database drops
    #: the notice when the customer gets another.
    refused = models.BooleanField(default=False, db_default=False)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["customer", "term"], name="jokkerit_notice_once"),
            models.UniqueConstraint(fields=["user", "term"], name="jokkerit_notice_user_once"),
            models.CheckConstraint(
                condition=Q(customer__isnull=False) ^ Q(user__isnull=False),
                name="jokkerit_notice_customer_or_user",
            ),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}"
