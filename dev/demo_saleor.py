"""The demo inside a real Saleor: checkouts through GraphQL, and the register following live."""

from __future__ import annotations

import os
import queue
import secrets
import shutil
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from rich.console import Console
from rich.live import Live
from rich.table import Table

from demo.controller import SETTINGS as CONTROLLER
from demo.drive import Event, drive, staff_client
from dev.checkouts import Checkout, checkout
from dev.databases import dump_path, server_major, server_url
from dev.demo_django import PAUSE, setup, wait_forever
from dev.paths import LOGS, DevError
from dev.servers import Servers, servers
from dev.shop import Shop

ORDERS, SHOWN = 15, 24
#: An order dated earlier than this before it came was imported with its own date.
IMPORTED = timedelta(minutes=10)
PATIENCE = 120

NEXT = """make demo            the same without Saleor, from a recording
make test            the tests, with every Saleor checkout that is found
README.md            installing it into a shop
docs/architecture.md how it works, and why so"""


@dataclass
class Row:
    """An order: as the driver tells of it, and when the register had it."""

    number: str
    total: str
    journey: str = ""
    status: str = ""
    after: timedelta | None = None


@dataclass
class Scene:
    """What is known so far; the driver's thread puts into `events`."""

    before: set[UUID]
    events: queue.Queue[Event] = field(default_factory=queue.Queue)
    rows: dict[UUID, Row] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    error: Exception | None = None


def run(console: Console, which: str, *, keep: bool) -> bool:
    """Run the demo in a checkout (path or version); returns whether the register ties out."""
    saleor = checkout(which)
    with servers() as running:
        _warn_of_first_time(console, saleor, running)
        console.print(f"Saleor {saleor.version}: its database and environment ...")
        logs = LOGS / "demo-saleor"
        environment = {
            "JOKKERIT_KEYS": f"demo:{secrets.token_hex(32)}",
            "JOKKERIT_LEDGER_DIR": str(logs / "ledger"),
        }
        shutil.rmtree(logs / "ledger", ignore_errors=True)
        with Shop(saleor, running, logs=logs, environment=environment) as shop:
            console.print("Adding the register's tables ...")
            shop.manage("migrate", "--no-input", "jokkerit_plugin")
            console.rule("The shop as it stood when the plugin was installed")
            _command(console, shop, "register_backfill")
            console.print("Starting web server, Celery worker and beat ...")
            shop.start()
            setup({"DATABASE_URL": shop.database_url})
            return _demonstrate(console, shop, keep=keep)


def _warn_of_first_time(console: Console, saleor: Checkout, running: Servers) -> None:
    major = server_major(server_url(running.database_url))
    if not dump_path(saleor, "populated", major).exists():
        console.print(
            "This Saleor is new here: its own migrations and example data come first, which"
            " takes five minutes or more. The result is kept for the next time."
        )


def _demonstrate(console: Console, shop: Shop, *, keep: bool) -> bool:
    from dev.demo_summary import show
    from jokkerit_plugin.models import Purchase
    from jokkerit_plugin.saleor_bridge import figures

    console.rule(f"{ORDERS} orders through the shop's GraphQL API")
    scene = Scene(set(Purchase.objects.values_list("saleor_order", flat=True)))
    thread = threading.Thread(target=_drive, args=(shop, scene), daemon=True)
    thread.start()
    with Live(console=console, refresh_per_second=4) as live:
        deadline = None
        while thread.is_alive() or _waiting(scene):
            _alive(shop)
            _look(scene)
            live.update(_table(scene))
            if not thread.is_alive():
                deadline = deadline or time.monotonic() + PATIENCE
                if time.monotonic() > deadline:
                    raise DevError(f"the register did not follow, see {shop.worker.log}")
            time.sleep(PAUSE)
        _look(scene)
        live.update(_table(scene))
    console.print()
    if scene.error:
        raise DevError(f"the shop failed: {scene.error}")
    for text in scene.refused:
        console.print(f"The shop refused {text}", markup=False)
    console.rule("What no event told of (the nightly comparison finds it)")
    _command(console, shop, "register_reconcile")
    tied_out = show(console, figures.read(shop.version), "Saleor's own tables")
    console.rule("What is erased by itself, in the register and in Saleor: first dry run, forecast")
    _erase_in_saleor(shop)
    _command(console, shop, "register_retention")
    _command(console, shop, "register_retention", "--forecast")
    console.rule("What customers read: the register description, from policy and settings")
    _publish(console, shop)
    console.rule("Is all well?")
    _command(console, shop, "register_status")
    _next(console, shop, keep=keep)
    if keep:
        wait_forever(console)
    return tied_out


def _drive(shop: Shop, scene: Scene) -> None:
    try:
        client = staff_client(f"{shop.url}/graphql/")
        drive(client, orders=ORDERS, seed=int(time.time()), on_event=scene.events.put)
    except Exception as error:  # noqa: BLE001 (the main thread tells it)
        scene.error = error


def _look(scene: Scene) -> None:
    """Take the driver's news, and see which orders the register has by now."""
    from jokkerit_plugin.models import Purchase

    while not scene.events.empty():
        event = scene.events.get()
        if event.error:
            scene.refused.append(f"{event.journey}: {event.error}")
        for order in event.outcome.orders if event.outcome else ():
            key = UUID(order.key)
            row = scene.rows.setdefault(key, Row(order.number, f"{order.total} {order.currency}"))
            row.journey = event.journey.replace("_", " ")
    for purchase in Purchase.objects.exclude(saleor_order__in=scene.before):
        total = f"{purchase.gross} {purchase.currency}"
        row = scene.rows.setdefault(purchase.saleor_order, Row(purchase.number, total))
        row.total, row.status = total, purchase.status
        row.after = row.after or datetime.now(UTC) - purchase.placed_at


def _waiting(scene: Scene) -> bool:
    from jokkerit_plugin.models import InboxEvent

    return (
        not scene.events.empty()
        or InboxEvent.objects.exists()
        or any(row.after is None for row in scene.rows.values())
    )


def _table(scene: Scene) -> Table:
    there = sum(row.after is not None for row in scene.rows.values())
    table = Table(title=f"{there} orders in the register", title_justify="left")
    for column in ("Order", "Journey", "Status"):
        table.add_column(column)
    for column in ("Total", "In the register"):
        table.add_column(column, justify="right")
    rows = list(scene.rows.values())
    for row in rows[-SHOWN:]:
        after = "..." if row.after is None else f"after {row.after.total_seconds():.1f} s"
        if row.after and row.after > IMPORTED:
            after = "imported"
        table.add_row(row.number, row.journey or "...", row.status, row.total, after)
    return table


def _alive(shop: Shop) -> None:
    for process in (shop.web, shop.worker, shop.beat):
        if not process.alive:
            raise DevError(f"{process.name} ended, see {process.log}:\n{process.tail()}")


def _erase_in_saleor(shop: Shop) -> None:
    _set(shop, erase_in_shop="true", financial_year_end="12-31")


def _publish(console: Console, shop: Shop) -> None:
    _set(shop, **CONTROLLER)
    draft = shop.manage("register_description", check=False).stdout.split()
    _command(console, shop, "register_description", "--publish", draft[-1])
    console.print(f"{shop.url}/plugins/jokkerit.register/", markup=False)


def _set(shop: Shop, **values: str) -> None:
    chosen = [{"name": name, "value": value} for name, value in values.items()]
    staff_client(f"{shop.url}/graphql/").mutate(
        "pluginUpdate",
        id=("ID!", "jokkerit.register"),
        input=("PluginUpdateInput!", {"active": True, "configuration": chosen}),
    )


def _command(console: Console, shop: Shop, name: str, *options: str) -> None:
    console.print(f"[bold]{' '.join((name, *options))}[/]")
    done = shop.manage(name, *options, check=False)
    console.print(done.stdout.rstrip(), markup=False)


def _next(console: Console, shop: Shop, *, keep: bool) -> None:
    console.rule("What to try next")
    if keep:
        console.print(
            f"The console: {shop.url}/plugins/jokkerit.register/console/"
            f" (admin@example.com / admin).\nThe shop's API: {shop.url}/graphql/; any Saleor"
            f" Dashboard can be pointed at it.\nIts database: {shop.database_url}",
            markup=False,
            soft_wrap=True,
        )
    else:
        console.print(
            f"make demo SALEOR={os.environ['SALEOR']} KEEP=1   the same, left running to look at"
        )
    console.print(NEXT, markup=False)
