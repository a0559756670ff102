"""Who said no: contact keys that are never written to for marketing."""

from django.db import models
from django.db.models import F, Q

from .marketing_event import ContactField


class Suppression(ContactField):
    """An opt-out in force, or one that the person has lifted since.

    It outlives the person's data, the account and every import; the database lets none be deleted.
    """

    since = models.DateTimeField()
    #: The kind of the event that made it.
    reason = models.CharField(max_length=11)
    lifted_at = models.DateTimeField(null=True)
    #: When other apps were told (`marketing/upkeep.py`); null: it is still to be done.
    carried_at = models.DateTimeField(null=True)
    #: This state stands in the copies outside the database, too (`marketing/copied.py`).
    copied = models.BooleanField(db_default=False)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["key_version", "digest", "channel"], name="jokkerit_suppression_once"
            ),
            # Lifting is later than the opt-out, or it is none.
            models.CheckConstraint(
                condition=Q(lifted_at=None) | Q(lifted_at__gt=F("since")),
                name="jokkerit_suppression_lifted_later",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(carried_at=None), name="jokkerit_suppression_carry"
            ),
            models.Index(
                fields=["id"], condition=Q(copied=False), name="jokkerit_suppression_copy"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"suppression {self.pk}"
