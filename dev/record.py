"""Makes the recording that `make demo` plays: invented orders of a real Saleor shop.

    python -m dev.record [--saleor 3.23] [--orders 300] [--seed 1809]

Saleor is populated by its own `populatedb`, then driven through GraphQL by `demo`; nobody in
it exists. Web server and worker run, beat does not: nothing drains the inbox meanwhile.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from demo.drive import Event, drive, staff_client
from dev.paths import LOGS, ROOT, DevError, say
from dev.processes import Process
from dev.servers import servers
from dev.shop import Shop

RECORDING = ROOT / "demo" / "recording.jsonl.gz"


def settings(shop: Shop) -> None:
    """Activate the plugin with checkouts on, as a person would in the Dashboard."""
    staff_client(f"{shop.url}/graphql/").mutate(
        "pluginUpdate",
        "plugin { id }",
        id=("ID!", "jokkerit.register"),
        input=(
            "PluginUpdateInput!",
            {"active": True, "configuration": [{"name": "fill_checkouts", "value": "true"}]},
        ),
    )


def recorder(shop: Shop, output: Path) -> Process:
    """`register_record` in the shop's environment; returns once it listens."""
    command = "register_record"
    argv = [str(shop.python), str(shop.checkout.folder / "manage.py"), command]
    process = Process(
        command,
        [*argv, "--invented-customers", "--output", str(output)],
        env=shop.environment,
        cwd=shop.logs,
        log=shop.logs / f"{command}.log",
    )
    process.log.unlink(missing_ok=True)
    process.start()
    process.until(lambda: "Recording" in process.tail(), 180, "reading the shop as it stands")
    return process


def record(version: str, orders: int, seed: int, output: Path) -> None:
    """Record `orders` driven orders into `output`."""
    with servers() as running, Shop(version, running, logs=LOGS / "record") as shop:
        say("Migrating ...")
        shop.manage("migrate", "--no-input")
        shop.start_web(wait=False)
        shop.start_worker()
        shop.wait_web()
        settings(shop)
        process = recorder(shop, output)

        def tell(event: Event) -> None:
            what = f"refused: {event.error}" if event.error else f"{event.seconds:.1f} s"
            say(f"{event.orders:4d}  {event.journey}: {what}")

        client = staff_client(f"{shop.url}/graphql/")
        report = drive(client, orders=orders, seed=seed, on_event=tell)
        time.sleep(5)  # the worker's last events
        process.send(signal.SIGINT)
        if process.wait(120):
            raise DevError(f"register_record failed, see {process.log}:\n{process.tail()}")
        say(process.tail(1))
        if report.failures:
            counts = Counter(event.journey for event in report.failures)
            say(f"The shop refused {len(report.failures)} journeys: {dict(counts)}")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m dev.record")
    parser.add_argument("--saleor", default="3.23", help="version or path of a checkout")
    parser.add_argument("--orders", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1809)
    parser.add_argument("--output", type=Path, default=RECORDING)
    options = parser.parse_args()
    try:
        record(options.saleor, options.orders, options.seed, options.output.resolve())
    except DevError as error:
        say(f"record: {error}")
        return 1
    except KeyboardInterrupt:
        say("record: stopped, nothing written")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
