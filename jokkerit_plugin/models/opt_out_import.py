"""Files of opt-outs that were taken in, and the word that there are none."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


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

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["finished_at"], condition=Q(finished_at__isnull=False, dry_run=False),
                name="jokkerit_opt_outs_taken_in",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"import of opt-outs {self.pk}"
