"""By what a key of the environment is known again."""

from django.db import models


class KeyCheck(models.Model):
    """What a key makes of a text that never changes: another secret makes something else of it."""

    version = models.CharField(max_length=16, primary_key=True)
    value = models.BinaryField(max_length=32)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"key {self.version}"
