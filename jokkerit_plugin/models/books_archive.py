"""Archives of books and proofs that came into being whole: `leaving/archive.py`."""

from django.db import models
from django.db.models import Q


class BooksArchive(models.Model):
    """One archive, by the digest of its manifest, and what the books were when it was made."""

    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=64)
    #: SHA-256 of its manifest.json, in hexadecimal digits.
    sha256 = models.CharField(max_length=64)
    #: Path of a file of the books to what tells whether its rows are the same (`contents.prints`).
    books = models.JSONField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="jokkerit_books_archive_digest"
            )
        ]

    def __str__(self) -> str:
        return f"archive of the books {self.pk}"
