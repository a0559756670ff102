"""What the two texts share that people agree to: confidentiality, and a transfer's risks."""

from django.db import models
from django.db.models.functions import Now


class TextFields(models.Model):
    """One version of a text, in three languages. The highest version is the one in force."""

    version = models.PositiveIntegerField(primary_key=True)
    fi = models.TextField()
    sv = models.TextField()
    en = models.TextField()
    #: SHA-256 over the three texts, in hexadecimal digits.
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True
