"""Requests that programs signed: each is taken once."""

from django.db import models


class SignedCall(models.Model):
    """A signed request that was taken, kept for as long as its signature would be good."""

    #: SHA-256 of who signed and what was signed.
    digest = models.CharField(max_length=64, primary_key=True)
    #: Whose key it was; not a person's.
    who = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["who", "at"], name="jokkerit_signed_who"),
            models.Index(fields=["at"], name="jokkerit_signed_at"),
        ]

    def __str__(self) -> str:
        return f"call of {self.who}"
