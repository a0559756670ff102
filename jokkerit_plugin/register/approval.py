"""Whether the controller's approval of the erasing stands, under the settings in force."""

from ..config import Config
from ..models import Plan

#: Who approves by a standing approval.
SCHEDULE = "schedule"


def standing(config: Config) -> bool:
    """Tell whether the last plan that the controller approved was of these settings."""
    last = Plan.objects.exclude(approved_at=None).exclude(approved_by=SCHEDULE)
    newest = last.order_by("-approved_at").values_list("settings", flat=True).first()
    return newest == config.retention_digest
