"""What somebody should see to about breaches: sentences for the status, nobody's data."""

from django.db.models import Count

from ... import clock
from ...config import Config
from ...models import Affected, Breach
from ...policy.breaches import BreachState, Phase, Risk
from ...policy.problems import Problem
from ...register.status import shortened
from . import attending, letters


def problems(config: Config) -> list[Problem]:
    """Return a sentence for each; while the plugin is deactivated of the hours alone."""
    return [*_running(), *([*_incomplete(), *_untold()] if config.active else [])]


def _running() -> list[Problem]:
    now, found = clock.now(), []
    for row in attending.running().order_by("due_at", "pk"):
        left = row.due_at - now
        when = f"{row.due_at.astimezone(clock.HELSINKI):%Y-%m-%d %H:%M}"
        hours = abs(left.total_seconds()) / 3600
        sentence = (
            f"Breach {row.pk} is to be notified to the authority by {when} (Helsinki):"
            + (f" {hours:.0f} hours are left." if left.total_seconds() >= 0
               else f" {hours:.0f} hours late. Notify it now, with the reasons for the delay.")
        )  # fmt: skip
        found.append(Problem("BREACH_CLOCK", sentence))
    return found


def _incomplete() -> list[Problem]:
    rows = Breach.objects.exclude(state=BreachState.CLOSED).exclude(notified_at=None)
    found = rows.filter(complete_at=None).order_by("pk").values_list("pk", flat=True)
    keys = [str(pk) for pk in found]
    if not keys:
        return []
    message = (
        f"The authority has not been told everything of breaches {shortened(keys)}: what follows"
        f" is due without undue delay (phase {Phase.FINAL})."
    )
    return [Problem("BREACH_INCOMPLETE", message)]


def _untold() -> list[Problem]:
    found = []
    rows = Breach.objects.filter(state=BreachState.ASSESSED, risk=Risk.HIGH, letters_at=None)
    waiting = rows.filter(exempt="").order_by("pk").values_list("pk", flat=True)
    if keys := [str(pk) for pk in waiting]:
        sentence = (
            f"Those who are affected by breaches {shortened(keys)} at a high risk have not been"
            " told: order the letters, or say why not (article 34)."
        )
        found.append(Problem("BREACH_UNTOLD", sentence))
    open_ = Affected.objects.filter(letters.unreached(), breach__letters_at__isnull=False)
    counted = (
        open_.exclude(breach__state=BreachState.CLOSED)
        .values_list("breach").annotate(Count("pk")).order_by("breach")
    )  # fmt: skip
    found += [
        Problem(
            "BREACH_UNREACHED",
            f"Letters about breach {pk} do not reach {number} people: tell them by post or in"
            " public, and record it (breachTold).",
        )
        for pk, number in counted
    ]
    return found
