"""Record a shop, to play it later where there is no Saleor."""

import json
import time
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...config import Config
from ...models import InboxEvent
from ...shop.port import Key, shop
from ...shop.recording import Recordable, Writer
from ...shop.snapshots import Kind

#: Rows read at once, and seconds between two looks into the inbox.
CHUNK, PAUSE = 500, 0.2
#: Numbers of events may become visible out of order, by as much as transactions are open.
SLACK = 1000
_KINDS = (Kind.ORDER, Kind.CUSTOMER, Kind.CHECKOUT)


class Command(BaseCommand):
    help = (
        "Record every event in the inbox with the state of its row, beginning with the shop as"
        " it stands. It reads the inbox and leaves it as it is, so no worker may drain it"
        " meanwhile. The file holds whatever the shop holds: a shop that names its controller"
        " is refused, and any other without --invented-customers. Ctrl-C ends the recording"
        " and writes the file."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", type=Path, required=True, metavar="FILE.jsonl.gz")
        parser.add_argument(
            "--invented-customers", action="store_true",
            help="say that nobody in this shop exists; without it nothing is recorded",
        )  # fmt: skip
        parser.add_argument("--once", action="store_true", help="do not wait for more events")

    def handle(self, *args: Any, **options: Any) -> None:
        port = shop()
        if not isinstance(port, Recordable):
            raise CommandError("Only a real shop can be recorded: run this inside Saleor.")
        # The file goes past the guard and its log: never with anybody in it who exists.
        if not options["invented_customers"]:
            message = "Only a shop without real customers is recorded: say --invented-customers."
            raise CommandError(message)
        if port.config().controller_name:
            message = "This shop names its controller, so it has real customers: not recorded."
            raise CommandError(message)
        if not port.config().active:
            raise CommandError("The plugin is deactivated: activate it in the Dashboard first.")
        writer = Writer(options["output"])
        with port.writer():
            recorder = Recorder(port, writer)
            recorder.compare()
            self.stdout.write(f"The shop as it stands: {writer.lines} rows. Recording events ...")
            self.stdout.flush()
            try:
                recorder.listen()
                while not options["once"]:
                    time.sleep(PAUSE)
                    recorder.listen()
            except KeyboardInterrupt:
                recorder.listen()
            # What no event told: the reconciliation's part.
            recorder.compare()
            writer.finish(port.figures())
        size = writer.path.stat().st_size
        self.stdout.write(f"{writer.told} events, {writer.lines} lines, {size} bytes.")


class Recorder:
    """Turns inbox rows and the shop's present state into lines."""

    def __init__(self, port: Recordable, writer: Writer) -> None:
        self.port, self.writer = port, writer
        self.config: Config = port.config()
        self._seen: set[int] = set()

    def compare(self) -> None:
        """Write every row that is not as the recording has it."""
        for kind in _KINDS:
            known = self.writer.present(kind)
            after: Key | None = None
            while found := self.port.digests(kind, after, CHUNK, self.config):
                after = found[-1][0]
                known -= {str(key) for key, _ in found}
                self._write(kind, [key for key, _ in found])
            # Beyond the walk's universe (an old checkout) a row may exist all the same.
            self._write(kind, [_key(kind, key) for key in sorted(known)])

    def listen(self) -> None:
        """Write the events that were noted since the last call, oldest first."""
        while True:
            start = max(self._seen, default=0) - SLACK
            waiting = InboxEvent.objects.filter(pk__gt=start).order_by("pk")
            events = [event for event in waiting if event.pk not in self._seen][:CHUNK]
            if not events:
                return
            for event in events:
                self._event(Kind(event.kind), event.key)
                self._seen.add(event.pk)

    def _event(self, kind: Kind, text: str) -> None:
        if kind is Kind.ADDRESS:
            accounts = self.port.customers_of_addresses([int(text)])
            self._write(Kind.CUSTOMER, list(accounts))
            self.writer.write(kind, text, None)
            return
        if kind is Kind.LEFT:
            self._event(Kind.CUSTOMER, text)
            self.writer.write(kind, text, None)
            return
        if kind is Kind.CUSTOMER:
            orders = self.port.order_keys_of_customers([int(text)], self.config)
            self._write(Kind.ORDER, list(orders))
        found = self.port.documents(kind, [_key(kind, text)], self.config)
        if kind is Kind.ORDER and text in found:
            self._beside_order(json.loads(found[text]))
        self.writer.write(kind, text, found.get(text))

    def _beside_order(self, order: dict[str, Any]) -> None:
        """Write what an order changes silently: its checkout goes, the address book grows."""
        if (token := order["checkout_token"]) in self.writer.present(Kind.CHECKOUT):
            self._write(Kind.CHECKOUT, [UUID(token)])
        if order["user"]:
            self._write(Kind.CUSTOMER, [order["user"]])

    def _write(self, kind: Kind, keys: list[Key]) -> None:
        """Write rows of which no event told."""
        found = self.port.documents(kind, keys, self.config)
        for key in map(str, keys):
            self.writer.write(kind, key, found.get(key), told=False)


def _key(kind: Kind, text: str) -> Key:
    return int(text) if kind is Kind.CUSTOMER else UUID(text)
