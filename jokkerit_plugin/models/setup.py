"""What was set up in the shop once, and the permissions that the shop's people are granted."""

from django.db import models
from django.db.models.functions import Now

from ..policy.permissions import TITLES


class SetupStep(models.Model):
    """Something that was done once: `register_setup` never does it again, though it be undone."""

    name = models.CharField(max_length=40, primary_key=True)
    done_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        # Migrating makes their rows, and never renames one that is there.
        permissions = [(str(codename), title) for codename, title in TITLES.items()]

    def __str__(self) -> str:
        return f"set up: {self.name}"
