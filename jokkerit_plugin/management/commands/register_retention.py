"""Show what is due to be erased, approve it, run it."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...access import believing
from ...access.actor import Actor
from ...errors import RegisterError
from ...models import Plan
from ...retention import night, plans
from ...shop.port import shop

_ACTOR = Actor("command:register_retention", frozenset())


class Command(BaseCommand):
    help = (
        "Make a dry run: what would be erased today, by part and rule. It is stored, so that what"
        " was shown is what runs, and waits for --approve. Erases nothing without --run."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_mutually_exclusive_group()
        acts.add_argument(
            "--day", type=date.fromisoformat, metavar="YYYY-MM-DD",
            help="show what would go on another day; nothing is stored",
        )  # fmt: skip
        acts.add_argument(
            "--forecast", action="store_true", help="show what falls due in the next 12 months"
        )
        acts.add_argument(
            "--approve", type=int, metavar="PLAN",
            help="let this dry run, and later ones under the same settings, be erased",
        )  # fmt: skip
        acts.add_argument(
            "--run", action="store_true", help="run the approved plan now instead of by night"
        )
        acts.add_argument(
            "--clock-is-right", action="store_true",
            help="believe the clock, which you have looked at, after a week in which nothing ran",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._act(options)
        except RegisterError as error:
            raise CommandError(error.message) from None

    def _act(self, options: dict[str, Any]) -> None:
        port = shop()
        with port.writer():
            if options["approve"] is not None:
                plan = plans.approve(options["approve"], actor=_ACTOR)
                self.stdout.write(f"Plan {plan.pk} is approved: it runs in the coming night.")
            elif options["run"]:
                self._ran(night.by_hand())
            elif options["clock_is_right"]:
                believing.believe(actor=_ACTOR)
                self.stdout.write("The clock is believed.")
            elif options["forecast"]:
                for one in plans.forecast(port.config()):
                    self.stdout.write(f"{one.month:%Y-%m}  {one.part:<10} {one.count:>9,}")
            elif options["day"]:
                self._counts(plans.preview(options["day"], port.config()))
            elif (made := plans.make(port.config())) is None:
                raise CommandError("Another process is making a plan: try again.")
            else:
                self.stdout.write(f"Plan {made.pk} of {made.day}, {made.digest}:")
                self._counts(made.counts)

    def _counts(self, counts: plans.Counts) -> None:
        for part, rules in counts.items():
            for rule, number in rules.items():
                self.stdout.write(f"{part:<15} {rule:<15} {number:>9,}")
        if not counts:
            self.stdout.write("Nothing is due.")

    def _ran(self, plan: Plan) -> None:
        erased = sum(plan.batches.values_list("erased", flat=True))
        left = sum(plan.batches.values_list("left_over", flat=True))
        self.stdout.write(f"Plan {plan.pk}: {erased} erased, {left} kept after all.")
        if plan.state != Plan.State.DONE:
            waits = plan.batches.filter(done_at=None).count()
            raise CommandError(f"{waits} batches wait for another night. {plan.problem}".strip())
