"""Rows that nobody can quietly change: each carries the hash of all before it."""

from django.db import models
from django.db.models.functions import Now


class ChainHead(models.Model):
    """The last link of a chain. Locked by a transaction's last statement only."""

    name = models.CharField(max_length=16, primary_key=True)
    seq = models.BigIntegerField(db_default=0)
    hash = models.BinaryField(max_length=32)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"chain {self.name}"


class Checkpoint(models.Model):
    """The state of a chain at one link, signed, so that what stands before it may be pruned.

    `signature` is an HMAC-SHA-256 with a key from the environment (`key_version`); the exported
    checkpoint is the same, kept where the database's administrator cannot reach it.
    """

    name = models.CharField(max_length=16)
    seq = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)
    made_at = models.DateTimeField(db_default=Now())
    key_version = models.CharField(max_length=16)
    signature = models.BinaryField(max_length=32)
    #: Links up to `seq` were removed after their retention period.
    pruned = models.BooleanField(db_default=False)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["name", "seq"], name="jokkerit_checkpoint_once")
        ]

    def __str__(self) -> str:
        return f"checkpoint {self.name} {self.seq}"


class ChainLink(models.Model):
    """A link: `seq` counts from 1 without a gap, `hash` covers this row and all before it."""

    seq = models.BigIntegerField(primary_key=True)
    hash = models.BinaryField(max_length=32)

    class Meta:
        abstract = True
