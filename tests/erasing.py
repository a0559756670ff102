"""Erasing as a batch does it, for tests: lock, then erase, in one transaction."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from jokkerit_plugin import clock
from jokkerit_plugin.marketing import parting
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.register import erasure, intake
from tests.paper_shop import PaperShop


def erase(part: Part, ids: Iterable[int], at: datetime | None = None) -> dict[str, int]:
    """Erase a part of those that are free."""
    with transaction.atomic():
        free = list(erasure.lock_subjects(part, list(ids)))
        if part is Part.CONTACT:
            parting.close(free)
        return erasure.erase(part, free, at or clock.now())


def take(shop: PaperShop) -> intake.Counts:
    """Bring the register up to date with the shop."""
    with transaction.atomic():
        return intake.apply(shop.delivered(), port=shop.port, config=shop.port.config())
