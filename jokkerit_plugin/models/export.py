"""Files that were made for accounting software, frozen, and the links to fetch them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .access_log import SubjectSet
from .recipient import Recipient


class Export(models.Model):
    """One file: what it holds, for whom, and the digest by which it is known to be unchanged.

    The bytes are in the database and not in the shop's file storage, which serves what is in it
    to everybody; and they come into being in one transaction with the record of disclosure.
    """

    format = models.CharField(max_length=16)
    #: First and last day of the entries, in Helsinki.
    first = models.DateField()
    last = models.DateField()
    filename = models.CharField(max_length=100)
    #: `AccountMap.version`; 0: the shipped defaults.
    account_map = models.PositiveIntegerField(default=0)
    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="exports")
    purpose = models.CharField(max_length=16)
    #: Sorted names of categories, separated by spaces.
    categories = models.CharField(max_length=80)
    #: The customers whose purchases are in it.
    subjects = SubjectSet()
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="jokkerit_export_digest"
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="jokkerit_export_not_empty"),
            models.CheckConstraint(
                condition=Q(last__gte=models.F("first")), name="jokkerit_export_period"
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at"], name="jokkerit_export_newest"),
            # Invoices are found by their voucher, to be erased with the buyer's name.
            models.Index(
                fields=["filename"], condition=Q(format="finvoice"), name="jokkerit_export_invoice"
            ),
        ]

    def __str__(self) -> str:
        return f"export {self.pk}"


class ExportChunk(models.Model):
    """A part of a file's bytes, so that neither writing nor reading holds the whole."""

    export = models.ForeignKey(Export, models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["export", "number"], name="jokkerit_chunk_once")
        ]

    def __str__(self) -> str:
        return f"chunk {self.number} of export {self.export_id}"


class ExportJob(models.Model):
    """A file that somebody asked for, and a worker makes; kept for a month when it is done."""

    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=64)
    #: Code names of their permissions then, separated by spaces: no more is done for them.
    permissions = models.CharField(max_length=200)
    format = models.CharField(max_length=16)
    first = models.DateField()
    last = models.DateField()
    currency = models.CharField(max_length=3, blank=True, db_default="")
    rounded = models.BooleanField(db_default=False)
    language = models.CharField(max_length=2)
    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="+")
    #: Entries of the period, and how many of them are written.
    total = models.BigIntegerField(null=True)
    entries = models.BigIntegerField(db_default=0)
    #: When a worker took it, or said last that it is at work; and how many have begun.
    claimed_at = models.DateTimeField(null=True)
    tries = models.IntegerField(db_default=0)
    finished_at = models.DateTimeField(null=True)
    #: Key of the `Export`, which may be erased before; null: none was made, `code` and `problem`
    #: say why.
    export = models.BigIntegerField(null=True)
    code = models.CharField(max_length=64, blank=True, db_default="")
    problem = models.TextField(blank=True, db_default="")

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at=None, export=None, code="")
                | Q(finished_at__isnull=False, export__isnull=False, code="")
                | Q(finished_at__isnull=False, export=None) & ~Q(code=""),
                name="jokkerit_export_job_ended",
            ),
            models.CheckConstraint(
                condition=Q(last__gte=models.F("first")), name="jokkerit_export_job_period"
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(finished_at=None), name="jokkerit_export_job_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"export job {self.pk}"

    @property
    def state(self) -> str:
        """`waiting`, `running`, `done` or `failed`."""
        if self.finished_at:
            return "failed" if self.code else "done"
        return "running" if self.claimed_at else "waiting"


class DownloadLink(models.Model):
    """Leave for one person to fetch one file once, within a minute, without a token.

    The file is an export, or one that is made as it is sent: its path, and what it was asked for.
    """

    export = models.ForeignKey(Export, models.CASCADE, null=True, related_name="links")
    file = models.CharField(max_length=40, blank=True, default="")
    #: A search may name an address or a customer: it goes with the link.
    asked = models.JSONField(null=True)
    holder = models.CharField(max_length=64)
    #: Code names of the holder's permissions at issue, separated by spaces.
    permissions = models.CharField(max_length=200)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(export__isnull=True, asked__isnull=False) & ~Q(file="")
                | Q(export__isnull=False, asked__isnull=True, file=""),
                name="jokkerit_link_one_file",
            )
        ]

    def __str__(self) -> str:
        return f"link {self.pk}"
