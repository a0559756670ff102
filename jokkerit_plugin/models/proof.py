"""The proof of an erasure: what is looked for, and what was found."""

from django.db import models
from django.db.models import JSONField, Q, Value
from django.db.models.functions import Now


class Origin(models.TextChoices):
    """Why a proof is made."""

    REQUEST = "request"
    SAMPLE = "sample"
    BY_HAND = "by_hand"


class ProofSubject(models.Model):
    """Whose erasure is proved: a customer, or a purchase, by keys that may be gone."""

    origin = models.CharField(max_length=8, choices=Origin)
    #: The plan that erases; null: none.
    plan = models.BigIntegerField(null=True)
    customer = models.BigIntegerField(null=True)
    purchase = models.BigIntegerField(null=True)

    class Meta:
        abstract = True


class ProofTicket(ProofSubject):
    """The identifiers to look for once they are erased, encrypted; lives 24 hours at most."""

    opened_at = models.DateTimeField(db_default=Now())
    key_version = models.CharField(max_length=16)
    sealed = models.BinaryField()
    #: The erasing is done, and the search may begin.
    ready_at = models.DateTimeField(null=True)
    #: When a worker began to search; it may have been killed since.
    claimed_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=False) ^ Q(purchase__isnull=False),
                name="jokkerit_ticket_customer_or_purchase",
            ),
            models.UniqueConstraint(
                fields=["plan", "customer"], name="jokkerit_ticket_customer_once"
            ),
            models.UniqueConstraint(
                fields=["plan", "purchase"], name="jokkerit_ticket_purchase_once"
            ),
        ]

    def __str__(self) -> str:
        return f"proof ticket {self.pk}"


class Certificate(ProofSubject):
    """What a search for a person's identifiers found; no personal data."""

    class Verdict(models.TextChoices):
        #: Nothing of the person stands anywhere.
        CLEAN = "clean"
        #: What stands is kept by a rule.
        KEPT = "kept"
        #: Something stands that nothing keeps.
        LEFTOVER = "leftover"
        #: The erasing did not end in time, or the key is gone: nothing was searched.
        MISSED = "missed"

    made_at = models.DateTimeField(db_default=Now())
    verdict = models.CharField(max_length=8, choices=Verdict)
    tables = models.IntegerField(db_default=0)
    columns = models.IntegerField(db_default=0)
    rows = models.BigIntegerField(db_default=0)
    #: Bytes of tables and files that were read.
    size = models.BigIntegerField(db_default=0)
    files = models.IntegerField(db_default=0)
    #: Files that hold no plain text: pictures, and what is packed.
    opaque_files = models.IntegerField(db_default=0)
    #: Names of tables that the register's database user may not read.
    closed = JSONField(db_default=Value([], JSONField()))
    #: How often an identifier stands in a place; of these, kept, left over, another's.
    hits = models.IntegerField(db_default=0)
    kept = models.IntegerField(db_default=0)
    left_over = models.IntegerField(db_default=0)
    #: In rows of somebody who shares the name, the street or the telephone.
    of_others = models.IntegerField(db_default=0)
    #: Where the first thousand stand: {table, column, key, kinds, rule, ground, until}.
    findings = JSONField(db_default=Value([], JSONField()))
    #: Somebody has dealt with what was left over.
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=64, blank=True, db_default="")

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(customer__isnull=False) ^ Q(purchase__isnull=False),
                name="jokkerit_certificate_customer_or_purchase",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_by="")
                | (Q(settled_at__isnull=False) & ~Q(settled_by="")),
                name="jokkerit_certificate_settled_by",
            ),
        ]
        indexes = [
            models.Index(fields=["customer"], name="jokkerit_certificate_customer"),
            models.Index(
                fields=["id"], condition=Q(settled_at=None, verdict__in=["leftover", "missed"]),
                name="jokkerit_certificate_open",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"certificate {self.pk}"
