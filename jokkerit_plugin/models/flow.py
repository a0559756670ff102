"""Where data leaves the shop anyway, and the company that stands at the other end."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from ..shop.flows import FlowKind
from .recipient import Recipient


class RegisteredFlow(models.Model):
    """Flows of one kind to one target go to this recipient or processor."""

    kind = models.CharField(max_length=16, choices=[(one, one) for one in FlowKind])
    #: A host in small letters, `*.` and a domain, or the name of a flow whose host is not known.
    target = models.CharField(max_length=255)
    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="flows")
    registered_at = models.DateTimeField(db_default=Now())
    registered_by = models.CharField(max_length=64)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=~Q(target=""), name="jokkerit_flow_has_a_target"),
            models.UniqueConstraint(
                fields=["kind", "target"], condition=Q(ended_at=None), name="jokkerit_flow_once"
            ),
        ]

    def __str__(self) -> str:
        return f"flow {self.pk}"
