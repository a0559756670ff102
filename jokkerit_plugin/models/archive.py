"""Copies of a person's data, made for them: encrypted, for a few days."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .request import Request
from .sealed import SealedChunk


class Archive(models.Model):
    """One copy. What opens its link is signed with a key of the environment, and not here."""

    request = models.OneToOneField(Request, models.CASCADE, related_name="archive")
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    #: Of the file as it is fetched.
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    fetched_at = models.DateTimeField(null=True)
    fetches = models.IntegerField(db_default=0)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="jokkerit_archive_digest"
            ),
        ]

    def __str__(self) -> str:
        return f"archive of request {self.request_id}"


class ArchiveChunk(SealedChunk):
    """A part of a copy's bytes."""

    archive = models.ForeignKey(Archive, models.CASCADE, related_name="chunks")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["archive", "number"], name="jokkerit_archive_chunk")
        ]

    def __str__(self) -> str:
        return f"chunk {self.number} of archive {self.archive_id}"
