"""Take in old opt-outs from a file, or say that there are none."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from ...access.actor import Actor
from ...errors import RegisterError
from ...marketing import imports
from ...marketing.opt_out_files import KINDS, Layout
from ...models import OptOutImport
from ...policy.marketing import Channel, Kind
from ...shop.port import shop

_ACTOR = Actor("command:register_import_optouts", frozenset())


class Command(BaseCommand):
    help = (
        "Take in a CSV file of people who want no marketing: a Robinson list, an e-mail provider's"
        " unsubscribes, bounces and complaints. A file can add an opt-out and never removes one."
        " Every rejected line is named by number and reason. Until a file has come to its end, or"
        " --none was said, nobody is written to."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path)
        parser.add_argument("--none", action="store_true", help="there are no old opt-outs")
        parser.add_argument(
            "--address", default="email",
            help="column of the address; of post four, separated by commas: name, street, postal"
            " code, country",
        )  # fmt: skip
        parser.add_argument("--channel", choices=[*Channel], help="of every line")
        parser.add_argument("--channel-column", default="")
        parser.add_argument(
            "--kind", choices=sorted(KINDS), default=Kind.DECLARED.value,
            help="of every line",
        )  # fmt: skip
        parser.add_argument("--kind-column", default="")
        parser.add_argument("--date", default="", help="column of the day or time, ISO 8601")
        parser.add_argument(
            "--no-heading", action="store_true",
            help="the first line is data: give columns by number, from 1",
        )  # fmt: skip
        parser.add_argument("--delimiter", default=",")
        parser.add_argument("--encoding", default="utf-8-sig")
        parser.add_argument("--dry-run", action="store_true", help="only report")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["none"] == bool(options["file"]):
            raise CommandError("Give a file, or --none.")
        with shop().writer():
            try:
                if options["none"]:
                    imports.declare_none(_ACTOR)
                    self.stdout.write("Declared: there are no old opt-outs.")
                    return
                done = self._take_in(options)
            except RegisterError as error:
                raise CommandError(error.message) from None
            except OSError as error:
                raise CommandError(f"The file cannot be opened: {error.strerror}.") from None
        self._tell(done)

    def _take_in(self, options: dict[str, Any]) -> OptOutImport:
        path: Path = options["file"]
        channel = options["channel"]
        layout = Layout(
            address=tuple(options["address"].split(",")),
            channel=Channel(channel) if channel else None,
            channel_column=options["channel_column"], kind=Kind(options["kind"]),
            kind_column=options["kind_column"], date=options["date"],
            heading=not options["no_heading"], delimiter=options["delimiter"],
            encoding=options["encoding"],
        )  # fmt: skip
        with Progress(
            TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn(),
            console=Console(stderr=True),
        ) as bar:  # fmt: skip
            task = bar.add_task("opt-outs", total=path.stat().st_size)
            return imports.take_in(
                path, layout, actor=_ACTOR, dry_run=options["dry_run"],
                report=lambda done, place: bar.update(
                    task, completed=place, description=f"{done.lines} lines"
                ),
            )  # fmt: skip

    def _tell(self, done: OptOutImport) -> None:
        for line, reason in (
            done.rejections.order_by("line").values_list("line", "reason").iterator()
        ):
            self.stderr.write(f"line {line}: {reason}")
        verb = "would be added" if done.dry_run else "added"
        self.stdout.write(
            f"{done.lines} lines: {done.added} opt-outs {verb}, {done.known} were out already,"
            f" {done.older} older than the person's own consent, {done.rejected} rejected."
        )
        if done.lines and done.rejected == done.lines:
            raise CommandError("Every line was rejected: is it the right column and channel?")
