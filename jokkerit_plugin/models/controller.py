"""Whose register it is: the controller that was first noted, and each change that was said."""

from django.db import models
from django.db.models import Q


class Controller(models.Model):
    """Who the controller was said to be; the newest counts. A trigger lets none be changed."""

    class Word(models.TextChoices):
        #: Of the settings as the register first met them.
        FIRST = "first"
        #: Another business id, and the same controller.
        SAME = "same"
        #: Another controller: what was given to the one before does not pass to it.
        NEW = "new"

    word = models.CharField(max_length=5, choices=Word)
    business_id = models.CharField(max_length=20)
    name = models.CharField(max_length=200, blank=True)
    #: Of a new one: from when.
    since = models.DateTimeField(null=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["word"], condition=Q(word="first"), name="jokkerit_controller_first_once"
            ),
            models.CheckConstraint(
                condition=~Q(business_id=""), name="jokkerit_controller_business_id"
            ),
            models.CheckConstraint(
                condition=Q(word="new", since__isnull=False)
                | Q(word__in=["first", "same"], since=None),
                name="jokkerit_controller_since",
            ),
        ]

    def __str__(self) -> str:
        return f"controller {self.pk}"
