"""What the walks over the shop show while they run."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ...models import Sweep
from ...register import inbox, sweep
from ...shop.port import shop


class SweepCommand(BaseCommand):
    """Begins or goes on with a walk, shows its progress, reports its counts."""

    sweep_name: Sweep.Name

    def handle(self, *args: Any, **options: Any) -> None:
        config = shop().config()
        if not config.active:
            raise CommandError("The plugin is deactivated: activate it in the Dashboard first.")
        walk = sweep.start(self.sweep_name)
        if walk.seen:
            self.stdout.write(f"Going on with the walk begun at {walk.started_at:%Y-%m-%d %H:%M}Z.")
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        ) as bar:
            task = bar.add_task(walk.kind, total=sweep.extent(config), completed=walk.seen)

            def show(walk: Sweep) -> None:
                bar.update(task, description=walk.kind, completed=walk.seen)

            try:
                sweep.run(walk, report=show)
            except KeyboardInterrupt:
                raise CommandError("Stopped. Call it again to go on from here.") from None
        inbox.drain()
        if walk.finished_at is None:
            raise CommandError(
                "The walk stopped before its end: another process goes on with it, or the"
                " settings changed meanwhile. See register_status, and call it again."
            )
        self.stdout.write(
            f"Compared {walk.seen} rows: {walk.missing} were missing, {walk.outdated} outdated,"
            f" {walk.vanished} gone from the shop, {walk.failed} set aside."
        )
        if walk.failed:
            raise CommandError("Some rows could not be read: see register_status.")
