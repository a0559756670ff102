"""What the two walks over the shop show while they run."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ...models import Sweep
from ...register import inbox, sweep
from ...shop.port import shop

_LINE = "{task.description}"


class SweepCommand(BaseCommand):
    """Begins or goes on with a walk, shows its progress, reports its counts."""

    sweep_name: Sweep.Name

    def handle(self, *args: Any, **options: Any) -> None:
        if not shop().config().active:
            raise CommandError("The plugin is deactivated: activate it in the Dashboard first.")
        walk = sweep.start(self.sweep_name)
        if walk.seen:
            self.stdout.write(f"Going on with the walk begun at {walk.started_at:%Y-%m-%d %H:%M}Z.")
        with Progress(
            SpinnerColumn(),
            TextColumn(_LINE),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        ) as bar:
            task = bar.add_task("starting", total=None)

            def show(walk: Sweep) -> None:
                bar.update(task, description=f"{walk.kind}: {walk.seen} rows compared")

            try:
                sweep.run(walk, report=show)
            except KeyboardInterrupt:
                raise CommandError("Stopped. Call it again to go on from here.") from None
        inbox.drain()
        if walk.finished_at is None:
            raise CommandError("Another process is walking the shop; it will finish the work.")
        self.stdout.write(
            f"Compared {walk.seen} rows: {walk.missing} were missing, {walk.outdated} outdated,"
            f" {walk.vanished} gone from the shop, {walk.failed} set aside."
        )
        if walk.failed:
            raise CommandError("Some rows could not be read: see register_status.")
