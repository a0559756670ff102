"""The register's state as it is measured every five minutes: what waits, is due, and is wrong."""

from collections import Counter

from django.db import DatabaseError

from . import clock, telemetry
from .errors import RegisterError
from .overview import overview
from .policy.severities import PROBLEMS
from .rights import status as rights
from .shop.port import shop


def tell() -> None:
    """Record the gauges; nothing where nobody listens. Never raises."""
    if not telemetry.is_heard():
        return
    status = overview()
    found = Counter(one.code for one in status.problems)
    for code, meaning in PROBLEMS.items():
        telemetry.measure(
            "jokkerit.status.problems", found[code], code=code, severity=meaning.severity
        )
    oldest = status.oldest_waiting
    age = max(0, (clock.now() - oldest).total_seconds()) if oldest else 0
    telemetry.measure("jokkerit.inbox.waiting", status.waiting)
    telemetry.measure("jokkerit.inbox.age", age)
    try:
        with shop().writer():
            due = rights.by_due()
    except (DatabaseError, RegisterError):
        # The problems say so.
        return
    for when, number in due.items():
        telemetry.measure("jokkerit.requests.due", number, due=when)
