"""Bytes that are kept encrypted, in parts: neither writing nor reading holds the whole."""

from django.db import models


class SealedChunk(models.Model):
    """A part; `key_version` names the key that opens it."""

    number = models.PositiveIntegerField()
    key_version = models.CharField(max_length=16)
    sealed = models.BinaryField()

    class Meta:
        abstract = True
