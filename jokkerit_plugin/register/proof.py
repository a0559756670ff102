"""Which comparisons with the whole shop still prove that the register is complete."""

from django.db.models import QuerySet

from .. import clock
from ..models import Sweep


def proving(reach: str) -> QuerySet[Sweep]:
    """Return the walks under these settings (`Config.reach`) since the plugin last rested."""
    # One of a clock that was ahead says nothing of now.
    return Sweep.objects.filter(valid=True, reach=reach, started_at__lte=clock.now())


def invalidate() -> None:
    """Say that events may be missed from now on: no walk begun so far proves anything."""
    Sweep.objects.filter(valid=True).update(valid=False)
