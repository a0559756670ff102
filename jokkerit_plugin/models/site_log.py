"""Site log data: lines by day, where the reader stands, what incidents and invoices hold."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from ..policy.purposes import Purpose
from ..policy.site_log import Refusal
from .purchase import Purchase
from .voucher import Voucher


class LineFields(models.Model):
    """What `sitelog.minimised.Line` says, and the customer it belongs to, where known."""

    at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)
    agent = models.TextField()
    method = models.CharField(max_length=7)
    path = models.TextField()
    status = models.SmallIntegerField()
    size = models.BigIntegerField(null=True)
    #: Milliseconds.
    duration = models.IntegerField(null=True)
    referer = models.TextField()
    saleor_user = models.BigIntegerField(null=True)
    checkout = models.CharField(max_length=36, null=True)  # noqa: DJ001 - unknown is not empty
    #: No foreign key: a line may come before its customer, and goes by its day.
    customer = models.BigIntegerField(null=True)

    class Meta:
        abstract = True


class SiteLine(LineFields):
    """A line. The table is partitioned by the day of `at` in UTC; its SQL is in a migration.

    `id` alone is not unique to the database: the key is (at, id).
    """

    id = models.BigAutoField(primary_key=True)

    class Meta:
        managed = False
        default_permissions = ()
        db_table = "jokkerit_plugin_siteline"

    def __str__(self) -> str:
        return f"line {self.pk}"


class LogFile(models.Model):
    """A file that is followed, or has been read: moved in the transaction of its lines."""

    #: The path that is followed. The file itself goes through others when it is rotated, so it is
    #: known by what has been read of it: SHA-256 of its first line and of the last bytes.
    name = models.TextField()
    head = models.CharField(max_length=64)
    tail = models.CharField(max_length=64)
    #: Device and inode that it had when it was last read: tells apart two that begin alike.
    inode = models.CharField(max_length=41)
    #: Bytes taken; of a compressed file, of what it holds.
    position = models.BigIntegerField()
    #: The middle of a line that is too long stands next.
    inside = models.BooleanField(default=False)
    seen_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(position__gt=0), name="jokkerit_log_file_read"),
        ]
        indexes = [models.Index(fields=["name", "head"], name="jokkerit_log_file_head")]

    def __str__(self) -> str:
        return f"file {self.pk}"


class RefusedLines(models.Model):
    """How many lines of a day were kept out, and why."""

    day = models.DateField()
    reason = models.CharField(max_length=11, choices=[(one, one) for one in Refusal])
    count = models.BigIntegerField()
    #: The shape of the last of them (`minimised.shape`): it says how it looked, and nothing else.
    example = models.TextField(blank=True, default="")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["day", "reason"], name="jokkerit_refused_lines_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.reason}"


class Incident(models.Model):
    """Why lines are held longer than others: those that its terms find, until it is closed."""

    purpose = models.CharField(max_length=15, choices=[(one, one) for one in Purpose])
    #: A sentence for the controller, about what happened and not about a person.
    reason = models.TextField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)
    customer = models.BigIntegerField(null=True)
    path = models.TextField(blank=True, default="")
    opened_at = models.DateTimeField(db_default=Now())
    opened_by = models.CharField(max_length=64)
    review_on = models.DateField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose__in=[Purpose.SECURITY, Purpose.ERROR_FIXING]),
                name="jokkerit_incident_purpose",
            ),
            # Who mends an error needs no address.
            models.CheckConstraint(
                condition=Q(purpose=Purpose.SECURITY) | Q(address=None),
                name="jokkerit_incident_address",
            ),
            models.CheckConstraint(
                condition=Q(since__lt=models.F("until")), name="jokkerit_incident_time"
            ),
            models.CheckConstraint(
                condition=Q(reason__regex=r"\S"), name="jokkerit_incident_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"incident {self.pk}"


class IncidentLine(LineFields):
    """A line that an incident holds; it goes when the incident is closed."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="lines")
    line = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["incident", "line"], name="jokkerit_incident_line_once")
        ]
        indexes = [
            models.Index(
                fields=["customer"],
                condition=Q(customer__isnull=False),
                name="jokkerit_incident_customer",
            )
        ]

    def __str__(self) -> str:
        return f"line {self.line} of incident {self.incident_id}"


class BilledLine(models.Model):
    """A line that an invoice rests on: what was used, when and how much, and no more of whom.

    It goes with the purchase's figures, or when the controller lets go of it.
    """

    purchase = models.ForeignKey(Purchase, models.CASCADE, related_name="billed_lines")
    voucher = models.ForeignKey(Voucher, models.PROTECT, related_name="billed_lines")
    line = models.BigIntegerField()
    at = models.DateTimeField()
    method = models.CharField(max_length=7)
    path = models.TextField()
    status = models.SmallIntegerField()
    size = models.BigIntegerField(null=True)
    #: Milliseconds.
    duration = models.IntegerField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["voucher", "line"], name="jokkerit_billed_line_once")
        ]

    def __str__(self) -> str:
        return f"line {self.line} of voucher {self.voucher_id}"
