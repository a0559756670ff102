"""What the rounds of `dev.chaos` came to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Report:
    """What the rounds were and what is wrong after them: nothing, if `faults` is empty."""

    rounds: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    restarted: int = 0
    placed: int = 0
    unanswered: int = 0
    excused: int = 0
    struck: int = 0
    lost_notes: int = 0
    half_done: int = 0
    faults: list[str] = field(default_factory=list)


def told(report: Report) -> str:
    """The summary."""
    kinds = ", ".join(f"{count} x {name}" for name, count in sorted(report.rounds.items()))
    well = "nothing missing, nothing twice, no error of the plugin's in any answer"
    return "\n".join(
        (
            f"{report.rounds.total()} rounds ({kinds}), {report.kills} kills",
            f"{report.restarted} processes of Saleor's that ended by themselves, started again",
            f"{report.placed} orders placed",
            f"{report.unanswered} checkouts without an answer, of a server that was killed",
            f"{report.excused} checkouts refused while the database was down",
            f"{report.struck} new orders stand whose first note was prevented by a kill",
            f"{report.lost_notes} orders were missing until the reconciliation",
            f"{report.half_done} orders whose payment Saleor itself left half done",
            *([] if report.faults else [well]),
        )
    )
