"""Keys of the shop that must never come back into the register."""

from django.db import models

from .inbox import KINDS


class ErasedKey(models.Model):
    """An order, account or checkout that was erased on purpose; holds nothing but its key.

    `left`: an account gone from the shop that never bought: its late lines of the site log are
    nobody's. `refused`: an order that was over when it was first met, or its account; `terms`: the
    fingerprint of the settings by which (`register/erased.py`).
    """

    kind = models.CharField(
        max_length=8, choices=[*KINDS, ("refused", "refused"), ("terms", "terms")]
    )
    key = models.CharField(max_length=36)
    erased_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="jokkerit_erased_key_once")
        ]

    def __str__(self) -> str:
        return f"erased {self.kind}:{self.key}"
