"""Confidentiality agreements: their texts, and who has signed which."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from .description import Description
from .text import TextFields


class AgreementText(TextFields):
    """What everybody with access signs."""

    #: How long a signature of this text holds.
    valid_days = models.PositiveIntegerField(default=1096)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"agreement text {self.version}"


class Signature(models.Model):
    """A signature, or the record of one given on paper; never changed but for its revocation."""

    #: `user:<id>` or `app:<id>` of the shop, or `paper:<id>` of somebody without an account.
    signer = models.CharField(max_length=64)
    text = models.ForeignKey(AgreementText, models.PROTECT, related_name="signatures")
    language = models.CharField(max_length=2)
    digest = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    #: Who recorded a signature that the signer did not give in person.
    recorded_by = models.CharField(max_length=64, blank=True, default="")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=64, blank=True, default="")
    #: Somebody whose agreement was revoked cannot sign again until the controller lets them.
    readmitted_at = models.DateTimeField(null=True)
    readmitted_by = models.CharField(max_length=64, blank=True, default="", db_default="")
    #: The description in force, whose purposes were agreed to; None: there was none.
    description = models.ForeignKey(Description, models.PROTECT, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("signed_at")), name="jokkerit_signature_expires_later"
            ),
            # An app cannot sign: the controller records the agreement with its processor.
            models.CheckConstraint(
                condition=Q(signer__startswith="user:") | ~Q(recorded_by=""),
                name="jokkerit_signature_in_person",
            ),
        ]
        indexes = [models.Index(fields=["signer", "-signed_at"], name="jokkerit_signature_latest")]

    def __str__(self) -> str:
        return f"signature {self.pk}"


class Grant(models.Model):
    """A time-boxed, reasoned opening of customers' data to one maintainer."""

    holder = models.CharField(max_length=64)
    reason = models.TextField()
    granted_by = models.CharField(max_length=64)
    granted_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, blank=True, default="", db_default="")

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="jokkerit_grant_has_a_reason"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("granted_at")), name="jokkerit_grant_expires_later"
            ),
        ]
        indexes = [models.Index(fields=["holder", "expires_at"], name="jokkerit_grant_holder")]

    def __str__(self) -> str:
        return f"grant {self.pk}"
