"""What rows share that wait to be sent, and those of what happened."""

from django.db import models
from django.db.models.functions import Now


class Sending(models.Model):
    """Something that is to be sent to one receiver, tried again with growing pauses."""

    attempts = models.IntegerField(db_default=0)
    next_at = models.DateTimeField(db_default=Now())
    #: Why the last attempt failed, without an address.
    error = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        abstract = True


class Event(models.Model):
    """One thing that happened; never changed."""

    at = models.DateTimeField(db_default=Now())
    #: `user:<id>`, `person` (who asked) or `shop`: by itself.
    actor = models.CharField(max_length=64)

    class Meta:
        abstract = True
