"""Write the books and proofs to a folder, readable without the register."""

import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...access.actor import Actor
from ...errors import RegisterError
from ...leaving import archive

_ACTOR = Actor("command:register_archive", frozenset())


class Command(BaseCommand):
    help = (
        "Write what the law makes the shop keep after it has closed, books and proofs, as CSV and"
        " JSON into a new folder. Nothing is erased. Refused while events wait to be read, a"
        " purchase is not booked, or a ledger is not whole. It is not encrypted: write it to an"
        " encrypted disk."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="where it is to be; nothing is there yet")
        parser.add_argument(
            "--by", default="", metavar="NAME", help="who makes it, as it tells: you, if not said"
        )
        parser.add_argument(
            "--despite", action="store_true",
            help="write it though something is not in order, and say in it what",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            by = options["by"] or getpass.getuser()
        except (KeyError, OSError):
            # In a container the user may have no name.
            raise CommandError("Say who makes it: --by NAME.") from None
        try:
            made = archive.write(
                options["folder"].absolute(), actor=_ACTOR, by=by,
                despite=options["despite"],
            )  # fmt: skip
        except archive.NotInOrder as error:
            raise CommandError(
                f"Nothing is written. {error.message} --despite writes it all the same."
            ) from None
        except RegisterError as error:
            raise CommandError(error.message) from None
        except OSError as error:
            raise CommandError(f"The archive cannot be written: {error.strerror}.") from None
        self.stdout.write(
            f"{options['folder']} is whole. SHA-256 of its manifest.json, to be kept elsewhere:"
            f" {made.sha256}"
        )
