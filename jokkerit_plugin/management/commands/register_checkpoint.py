"""Sign the log of who looked, or the ledger of disclosures or erasures, as it stands now."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...access import checkpoints
from ...errors import RegisterError
from ._chains import chosen


class Command(BaseCommand):
    help = (
        "Verify the log of who looked, or a ledger of disclosures or erasures, sign its last row,"
        " and export the signed digest. Keep the file where the database's administrator cannot"
        " reach it; register_verify_log takes it. Needs JOKKERIT_KEYS in the environment."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--ledger", action="store_true", help="the ledger of disclosures")
        which.add_argument("--erasures", action="store_true", help="the ledger of erasures")
        parser.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = checkpoints.make(chosen(options))
        except RegisterError as error:
            raise CommandError(error.message) from None
        text = json.dumps(asdict(made), indent=1)
        if options["output"] is None:
            self.stdout.write(text)
            return
        try:
            options["output"].write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise CommandError(f"The file cannot be written: {error.strerror}.") from None
