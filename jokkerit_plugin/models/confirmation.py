"""That the mail of a double opt-in was written, or is to be."""

from django.db import models


class Confirmation(models.Model):
    """One mail for one consent; it goes with the time in which it can be confirmed."""

    #: The key of the consent, a `MarketingEvent`.
    event = models.BigIntegerField(unique=True)
    #: The shop's account whose address it is, of a person who is no customer yet.
    user = models.BigIntegerField(null=True)
    #: When it was sent, or refused for good.
    sent_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"confirmation {self.pk}"
