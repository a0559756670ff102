"""How far a walk over the whole shop has come."""

from django.db import models


class Sweep(models.Model):
    """A backfill or reconciliation (nightly, by hand): one row each, to resume and report."""

    class Name(models.TextChoices):
        BACKFILL = "backfill"
        RECONCILE = "reconcile"
        BY_HAND = "by_hand"
        #: Over the register's own customers: `marketing/upkeep.py`.
        MARKETING = "marketing"
        #: Over them, too: `rights/signs.py`.
        CHECKS = "checks"
        #: Over the shop's accounts that never bought and say no: `marketing/accounts.py`.
        STRANGERS = "strangers"

    name = models.CharField(max_length=9, choices=Name)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    #: The kind being walked and the last key done; empty: at the beginning of the kind.
    kind = models.CharField(max_length=8)
    cursor = models.CharField(max_length=36, blank=True, default="")
    missing = models.BigIntegerField(default=0)
    outdated = models.BigIntegerField(default=0)
    vanished = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    seen = models.BigIntegerField(default=0)
    #: `Config.reach` when it began; under another one it proves nothing either.
    reach = models.CharField(max_length=16, blank=True, default="")
    #: False: the plugin rested since it began, so it proves nothing and is not gone on with.
    valid = models.BooleanField(default=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["name", "-started_at"], name="jokkerit_sweep_latest")]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"
