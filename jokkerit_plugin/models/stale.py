"""Orders that will never be done, and keep nobody's data any longer."""

from django.db import models
from django.db.models.functions import Now

from .purchase import Purchase


class LetGo(models.Model):
    """The controller's word that nobody will pay or deliver this purchase any more."""

    purchase = models.OneToOneField(Purchase, models.CASCADE, related_name="let_go")
    at = models.DateTimeField(db_default=Now())
    by = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"let go {self.pk}"
