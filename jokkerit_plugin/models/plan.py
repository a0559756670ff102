"""A dry run: exactly what would be erased on a day, and what was done with it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import JSONField, Q, Value
from django.db.models.functions import Now

from .access_log import SubjectSet


class Plan(models.Model):
    """What is due on `day`, batch by batch. A run erases what stands in its batches, no more."""

    class State(models.TextChoices):
        #: Waits for the controller.
        WAITING = "waiting"
        #: Approved, and runs in the next night.
        APPROVED = "approved"
        RUNNING = "running"
        DONE = "done"
        #: Its night ended before it did, or another plan took its place.
        LEFT = "left"

    day = models.DateField()
    made_at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=8, choices=State, db_default=State.WAITING)
    #: `Config.retention_digest` under which it was made: what decides what is due.
    settings = models.CharField(max_length=16)
    #: Part to rule to how many, as it was shown.
    counts = models.JSONField(db_default=Value({}, JSONField()))
    #: SHA-256 over all batches, in hexadecimal digits.
    digest = models.CharField(max_length=64, blank=True, db_default="")
    approved_at = models.DateTimeField(null=True)
    #: `user:<id>`, a command, or `schedule`: by the standing approval of the same settings.
    approved_by = models.CharField(max_length=64, blank=True, db_default="")
    #: The day on which its night began; null: it has not run.
    night = models.DateField(null=True)
    finished_at = models.DateTimeField(null=True)
    #: When everybody had been told who was to be told in its night.
    told_at = models.DateTimeField(null=True)
    #: What kept the night from doing all of it: a sentence, nobody's data.
    problem = models.CharField(max_length=300, blank=True, db_default="")

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "left"]) | Q(approved_at__isnull=False),
                name="jokkerit_plan_approved_before_run",
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by="")
                | (Q(approved_at__isnull=False) & ~Q(approved_by="")),
                name="jokkerit_plan_approved_by",
            ),
            models.UniqueConstraint(
                fields=["state"],
                condition=Q(state__in=["waiting", "approved", "running"]),
                name="jokkerit_plan_one_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["night"], name="jokkerit_plan_night")]

    def __str__(self) -> str:
        return f"plan {self.pk}"


class PlanBatch(models.Model):
    """Some hundred subjects, erased in one transaction. Locked while somebody works on it."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="batches")
    #: Counts from 1; parts follow each other.
    number = models.IntegerField()
    #: A `policy.parts.Part`, or a `shop.erasers.ShopPart` that has no part of ours.
    part = models.CharField(max_length=16)
    #: Customers or purchases; empty for what is the shop's alone.
    subjects = SubjectSet()
    #: Keys of the shop, for what is the shop's alone.
    keys = ArrayField(models.CharField(max_length=64), default=list)
    #: Subjects of the plan up to and with this batch: what the daily limit is held against.
    upto = models.BigIntegerField()
    done_at = models.DateTimeField(null=True)
    erased = models.IntegerField(db_default=0)
    #: Kept after all, or not to be touched that night: the next plan has them again.
    left_over = models.IntegerField(db_default=0)
    attempts = models.SmallIntegerField(db_default=0)
    #: Class and place of the last failure.
    error = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="jokkerit_plan_batch_once")
        ]
        indexes = [
            models.Index(
                fields=["plan", "number"], condition=Q(done_at=None), name="jokkerit_plan_open"
            )
        ]

    def __str__(self) -> str:
        return f"batch {self.pk}"
