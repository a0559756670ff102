"""The published versions of the register description, and what was seen of the shop's HTTPS."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Description(models.Model):
    """One version; the highest is in force. Never changed (a trigger sees to it).

    Version 0 is the text that the shop had before, in the languages in which it had it.
    """

    version = models.PositiveIntegerField(primary_key=True)
    #: Kind (notice, record) to language to document: see `description/document.py`.
    documents = models.JSONField()
    #: SHA-256 over them, in hexadecimal digits.
    digest = models.CharField(max_length=64)
    #: What they were written from, fact by fact.
    facts = models.JSONField(default=dict)
    #: What became of the facts since the version before: [[fact, was, is]].
    changes = models.JSONField(default=list)
    #: Why, as the controller says it.
    note = models.TextField(blank=True, default="")
    published_at = models.DateTimeField(db_default=Now())
    published_by = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(digest__regex="^[0-9a-f]{64}$"), name="jokkerit_description_digest"
            )
        ]

    def __str__(self) -> str:
        return f"description {self.version}"


class SeenHttps(models.Model):
    """What asking the shop's public address showed, by its host; one row a host."""

    host = models.CharField(primary_key=True, max_length=255)
    at = models.DateTimeField()
    #: Seconds of the Strict-Transport-Security header; 0: there is none.
    hsts = models.BigIntegerField(default=0)
    #: What is wrong, as a sentence; empty: nothing.
    problem = models.TextField(blank=True, default="")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"HTTPS of {self.host}"
