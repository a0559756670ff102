"""Follow the log files of a web server."""

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error, connection

from ...errors import describe
from ...shop.port import shop
from ...sitelog import following

#: Seconds until a database that refuses is asked again.
PATIENCE = 5


class Command(BaseCommand):
    help = (
        "Takes the lines of access logs (nginx's and Apache's combined, JSON, uvicorn's) into the"
        " register, and of the files they are rotated to: see docs/sitelog.md. It may be killed at"
        " any time, and goes on where it was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, help="for example access.log")
        parser.add_argument("--once", action="store_true", help="take what is there, and end")
        parser.add_argument("--pause", type=float, default=1.0, help="seconds between two looks")

    def handle(self, *args: Any, **options: Any) -> None:
        paths = [path.absolute() for path in options["paths"]]
        for path in paths:
            if not path.parent.is_dir():
                raise CommandError(f"There is no folder {path.parent}.")
        seen: dict[Path, following.Seen] = {path: {} for path in paths}
        while True:
            try:
                self._look(seen)
            except Error as error:
                # A COPY that fails quotes the line, with its address.
                refused = f"The database refuses: {describe(error)}. No line is lost."
                if options["once"]:
                    raise CommandError(refused) from None
                self.stderr.write(refused)
                connection.close()
                time.sleep(PATIENCE)
            if options["once"]:
                return
            time.sleep(options["pause"])

    def _look(self, seen: dict[Path, following.Seen]) -> None:
        port = shop()
        with port.writer():
            config = port.config()
            if config.active:
                for path, known in seen.items():
                    self._tell(path, following.follow(path, config=config, seen=known))

    def _tell(self, path: Path, counts: dict[str, int]) -> None:
        if counts:
            said = ", ".join(f"{count:,} {what}" for what, count in sorted(counts.items()))
            self.stdout.write(f"{path.name}: {said}")
