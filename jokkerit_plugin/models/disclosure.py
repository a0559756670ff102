"""What was given to third parties: whose data, to whom, for what, on which ground."""

from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q

from ..policy.recipients import TransferGround
from .access_log import SubjectSet
from .chain import ChainLink
from .recipient import Recipient


class Disclosure(ChainLink):
    """One disclosure, or one that was refused; never changed, hash-chained, keys only."""

    class Outcome(models.TextChoices):
        DONE = "done"
        REFUSED = "refused"

    at = models.DateTimeField()
    #: `user:<id>` or `app:<id>` of the shop, or the name of a command.
    actor = models.CharField(max_length=64)
    #: Null: refused, since there is no such recipient.
    recipient = models.ForeignKey(Recipient, models.PROTECT, null=True, related_name="disclosures")
    purpose = models.CharField(max_length=16)
    #: Sorted names of categories, separated by spaces.
    categories = models.CharField(max_length=80)
    subjects = SubjectSet()
    count = models.BigIntegerField()
    #: What was given: a format, or a record's key, for example `purchase 12`.
    what = models.CharField(max_length=80)
    #: SHA-256 of the bytes that were given, in hexadecimal digits.
    sha256 = models.CharField(max_length=64, blank=True)
    #: Why it may leave the European Union; empty: it does not, or was refused.
    ground = models.CharField(
        max_length=24, blank=True, choices=[(one, one) for one in TransferGround]
    )
    outcome = models.CharField(max_length=8, choices=Outcome)
    #: Code of the refusal, empty when done.
    reason = models.CharField(max_length=40, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="done", reason="", recipient__isnull=False)
                | (Q(outcome="refused", ground="") & ~Q(reason="")),
                name="jokkerit_disclosure_outcome",
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex="^([0-9a-f]{64})?$"), name="jokkerit_disclosure_digest"
            ),
        ]
        indexes = [
            models.Index(fields=["at"], name="jokkerit_disclosure_at"),
            GistIndex(fields=["subjects"], name="jokkerit_disclosure_subjects"),
        ]

    def __str__(self) -> str:
        return f"disclosure {self.seq}"
