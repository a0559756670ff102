"""Under which contact key stands now what stood under an older one."""

from django.db import models


class ContactAlias(models.Model):
    """One address under two keys: links of before lead to what was moved since."""

    key_version = models.CharField(max_length=16)
    digest = models.BinaryField(max_length=32)
    new_version = models.CharField(max_length=16)
    new_digest = models.BinaryField(max_length=32)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["key_version", "digest"], name="jokkerit_alias_once")
        ]
        indexes = [models.Index(fields=["new_digest"], name="jokkerit_alias_new")]

    def __str__(self) -> str:
        return f"alias {self.pk}"
