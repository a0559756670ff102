"""Files of opt-outs that were taken in, and the word that there are none."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .sealed import SealedChunk


class OptOutFile(models.Model):
    """A file that was sent by a browser, for a day: its bytes are in chunks, encrypted."""

    uploaded_at = models.DateTimeField()
    uploaded_by = models.CharField(max_length=64)
    size = models.BigIntegerField(db_default=0)
    #: SHA-256 of the file, as hexadecimal digits; empty while it is being stored.
    sha256 = models.CharField(max_length=64, blank=True, db_default="")

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["uploaded_at"], name="jokkerit_opt_out_file_age")]

    def __str__(self) -> str:
        return f"file of opt-outs {self.pk}"


class OptOutChunk(SealedChunk):
    """A part of such a file."""

    file = models.ForeignKey(OptOutFile, models.CASCADE, related_name="chunks")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["file", "number"], name="jokkerit_opt_out_chunk")
        ]

    def __str__(self) -> str:
        return f"chunk {self.number} of file of opt-outs {self.file_id}"


class OptOutImport(models.Model):
    """One file of old opt-outs; `declared`: the controller says that there are none."""

    started_at = models.DateTimeField(db_default=Now())
    started_by = models.CharField(max_length=64)
    finished_at = models.DateTimeField(null=True)
    declared = models.BooleanField(db_default=False)
    #: Nothing was stored: only its report is wanted.
    dry_run = models.BooleanField(db_default=False)
    #: SHA-256 of the file, as hexadecimal digits.
    sha256 = models.CharField(max_length=64, blank=True, db_default="")
    size = models.BigIntegerField(db_default=0)
    lines = models.BigIntegerField(db_default=0)
    added = models.BigIntegerField(db_default=0)
    #: Out already.
    known = models.BigIntegerField(db_default=0)
    #: Dated before a consent that the person has given since.
    older = models.BigIntegerField(db_default=0)
    #: Each one is a `RejectedLine`.
    rejected = models.BigIntegerField(db_default=0)
    #: Of a file that was sent by a browser: it, while it is there, and where in its lines each
    #: thing stands (`opt_out_files.Layout`). A worker takes it in.
    file = models.ForeignKey(OptOutFile, models.SET_NULL, null=True, related_name="imports")
    layout = models.JSONField(null=True)
    #: Bytes that have been read.
    read = models.BigIntegerField(db_default=0)
    #: When a worker took it, or said last that it is at work.
    claimed_at = models.DateTimeField(null=True)
    #: Why it ended before its end.
    problem = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["finished_at"], condition=Q(finished_at__isnull=False, dry_run=False),
                name="jokkerit_opt_outs_taken_in",
            ),
            models.Index(
                fields=["id"], condition=Q(finished_at=None, layout__isnull=False, problem=""),
                name="jokkerit_opt_outs_waiting",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"import of opt-outs {self.pk}"

    @property
    def state(self) -> str:
        """`waiting`, `running`, `done` or `failed`; a command that was stopped failed."""
        if self.finished_at:
            return "done"
        if self.problem or self.layout is None:
            return "failed"
        return "running" if self.claimed_at else "waiting"
