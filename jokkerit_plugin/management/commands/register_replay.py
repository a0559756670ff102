"""Erase again what a restored backup has brought back."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...errors import RegisterError
from ...marketing import copied
from ...retention.replay import replay
from ...shop.port import shop


class Command(BaseCommand):
    help = (
        "After a backup was restored: erase again what had been erased since it was made, by the"
        " copies of the ledger of erasures, and complete the ledger from them. Calling it again"
        " changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--copy-anew", action="store_true",
            help="only this: the copies of opt-outs were lost, take in what is left of them and"
            " copy everything once more",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["copy_anew"]:
                with shop().writer():
                    self.stdout.write(f"{copied.anew()} opt-outs copied anew.")
                return
            done = replay()
            opt_outs = copied.take_in()
        except RegisterError as error:
            raise CommandError(error.message) from None
        self.stdout.write(
            f"{done.receipts} receipts replayed: {done.subjects} customers and purchases erased"
            f" again, {done.kept} not found, held, or there anew by a new purchase;"
            f" {opt_outs} copies of opt-outs taken in."
        )
