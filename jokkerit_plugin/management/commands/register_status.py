"""Tell how complete the register is, for people and for monitoring."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from ...overview import overview
from ...policy.problems import Problem, worst
from ...policy.severities import EXIT_STATUS, PROBLEMS
from ...register.status import Status, shortened
from ...register.steps import TITLES, Step


class Command(BaseCommand):
    help = (
        "Tell whether the register is complete, to when, and what is waiting."
        " Exit status 0: all is well; 1: somebody should look; 2: now, at night too."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="machine-readable output")

    def handle(self, *args: Any, **options: Any) -> None:
        status = overview(counts=True)
        found = worst(status.problems)
        if options["json"]:
            values = asdict(status) | {
                "healthy": status.healthy,
                "severity": found.value if found else "ok",
                "codes": [_coded(one) for one in status.problems],
            }
            self.stdout.write(json.dumps(values, cls=DjangoJSONEncoder, indent=2))
        else:
            self.stdout.write("\n".join(_lines(status)))
        if found and EXIT_STATUS[found]:
            sys.exit(EXIT_STATUS[found])


def _coded(one: Problem) -> dict[str, str]:
    known = PROBLEMS.get(one.code)
    return {"code": one.code, "severity": one.severity, "do": known.do if known else ""}


def _lines(status: Status) -> list[str]:
    complete = f"{status.complete_to:%Y-%m-%d %H:%M:%S}Z" if status.complete_to else "not known yet"
    followed = f"{status.followed_to:%Y-%m-%d %H:%M:%S}Z" if status.followed_to else "unknown"
    lines = [
        f"Register complete to:   {complete}",
        f"Events followed to:     {followed}",
        f"Customers, purchases:   {status.customers}, {status.purchases}",
        f"No longer in the shop:  {status.absent} purchases",
        f"Traces (short-lived):   {status.traces}",
        f"Waiting in the inbox:   {status.waiting}",
        f"Set aside:              {status.set_aside} ({status.given_up} given up)",
    ]
    if status.oldest_waiting:
        lines.append(f"Oldest waiting since:   {status.oldest_waiting:%Y-%m-%d %H:%M:%S}Z")
    if status.retention:
        lines.append(f"Retention:              {status.retention}")
    if status.description:
        lines.append(f"Register description:   {status.description}")
    if status.last_error:
        lines.append(f"Last error:             {status.last_error}")
    for name, count in status.collected_outside.items():
        lines.append(f"Outside the description: {name} is filled in {count} rows")
    lines += [_step(one) for one in status.checklist]
    return [*lines, *(f"! {problem.marked}" for problem in status.problems)]


def _step(one: Step) -> str:
    at = f" ({one.at:%Y-%m-%d})" if one.done and one.at else ""
    what = f": {shortened(one.what)}" if one.what and not one.done else ""
    return f"[{'x' if one.done else ' '}] {TITLES[one.name]}{at}{what}"
