"""What people said about marketing: kept as proof, by contact keys, never by an address."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .description import Description


class ContactField(models.Model):
    """A contact key (`marketing/contact_keys.py`), and the channel that it is about."""

    key_version = models.CharField(max_length=16)
    digest = models.BinaryField(max_length=32)
    channel = models.CharField(max_length=5)

    class Meta:
        abstract = True


class MarketingEvent(ContactField):
    """One event; the kinds are in `policy/marketing.py`. The database lets none be changed.

    Only the keys of the register may go, with whom they meant: `customer`, `saleor_order`; and that
    it was `copied` is noted.
    """

    kind = models.CharField(max_length=11)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    source = models.CharField(max_length=16)
    #: As in the log of who looked; empty: the person.
    actor = models.CharField(max_length=64, blank=True, db_default="")
    language = models.CharField(max_length=35, blank=True, db_default="")
    text_version = models.CharField(max_length=32, blank=True, db_default="")
    text_digest = models.BinaryField(max_length=32, null=True)
    #: The description of the register that was in force then; None: none was, or nobody said it.
    description = models.ForeignKey(
        Description, models.PROTECT, null=True, related_name="+", db_index=False
    )
    customer = models.BigIntegerField(null=True)
    saleor_order = models.UUIDField(null=True)
    #: Of a choice about profiling: it stands in the copies outside the database, too. The others
    #: are not copied: what they come to is in the list of suppressions.
    copied = models.BooleanField(db_default=False)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["key_version", "digest"], name="jokkerit_marketing_contact"),
            models.Index(
                fields=["customer"], condition=Q(customer__isnull=False),
                name="jokkerit_marketing_customer",
            ),
            models.Index(fields=["at"], name="jokkerit_marketing_at"),
            models.Index(
                fields=["id"], condition=Q(copied=False, kind__in=["profile", "no_profile"]),
                name="jokkerit_marketing_copy",
            ),
        ]  # fmt: skip
        constraints = [
            # An order is read again and again, and says so once.
            models.UniqueConstraint(
                fields=["saleor_order", "channel", "kind"], name="jokkerit_marketing_order_once"
            )
        ]

    def __str__(self) -> str:
        return f"marketing event {self.pk}"
