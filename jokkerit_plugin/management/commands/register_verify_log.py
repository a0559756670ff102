"""Prove that nobody changed the log of who looked, or the ledger of disclosures or erasures."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...access import chain, checkpoints
from ...errors import RegisterError
from ...models import ChainHead
from ._chains import chosen


class Command(BaseCommand):
    help = (
        "Verify the log of who looked, or a ledger of disclosures or erasures: name every row that"
        " was changed, removed, inserted or moved. Exit status 0: it is whole; 1: it is not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "checkpoints", nargs="*", type=Path, metavar="FILE",
            help="checkpoints from register_checkpoint, kept elsewhere: they also show a log"
            " that was written anew from end to end",
        )  # fmt: skip
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--ledger", action="store_true", help="the ledger of disclosures")
        which.add_argument("--erasures", action="store_true", help="the ledger of erasures")
        parser.add_argument("--json", action="store_true", help="machine-readable output")

    def handle(self, *args: Any, **options: Any) -> None:
        model = chosen(options)
        exported = {str(path): _read(path) for path in options["checkpoints"]}
        with chain.snapshot():
            head = ChainHead.objects.filter(name=chain.chain_name(model)).first()
            pruned = chain.pruned_to(model)
            faults = chain.verify(model)
            faults += checkpoints.check(model, exported)
        first, last = (pruned.seq if pruned else 0) + 1, head.seq if head else 0
        if options["json"]:
            named = [asdict(fault) for fault in faults]
            values = {"first": first, "last": last, "whole": not faults, "faults": named}
            self.stdout.write(json.dumps(values, indent=2))
        else:
            lines = [f"Row {fault.seq}: {fault.what}" for fault in faults]
            verdict = f"{len(faults)} faults." if faults else "The log is whole."
            self.stdout.write("\n".join([*lines, f"Rows {first} to {last}. {verdict}"]))
        if faults:
            sys.exit(1)


def _read(path: Path) -> checkpoints.Exported:
    try:
        return checkpoints.read(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
    except (RegisterError, UnicodeDecodeError):
        raise CommandError(f"{path} is not an exported checkpoint.") from None
