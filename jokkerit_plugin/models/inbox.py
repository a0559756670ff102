"""Events waiting to be worked on, and those that could not be."""

from django.db import models
from django.db.models.functions import Now

from ..shop.snapshots import Kind

KINDS = [(kind, kind) for kind in Kind]


class InboxEvent(models.Model):
    """Something about `kind` `key` changed in the shop. Append-only until a drain takes it.

    No unique key: a hook must never wait for another transaction.
    """

    kind = models.CharField(max_length=8, choices=KINDS)
    key = models.CharField(max_length=36)
    noted_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"inbox event {self.pk}"


class SetAside(models.Model):
    """A key that failed: tried again with growing pauses, then left for a person.

    `reason` names the error's class and SQL state or constraint, never its message, which may
    hold personal data.
    """

    kind = models.CharField(max_length=8, choices=KINDS)
    key = models.CharField(max_length=36)
    attempts = models.PositiveIntegerField(default=1)
    reason = models.CharField(max_length=200)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    #: Null: given up; a new event or `register_reconcile` tries again.
    next_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="jokkerit_set_aside_once")
        ]

    def __str__(self) -> str:
        return f"set aside {self.kind}:{self.key}"
