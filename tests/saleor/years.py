"""A shop of real processes, through which years pass: its clock, its nights, its database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg

from demo import checkouts, orders, payments
from demo.accounts import Account
from demo.people import Person
from dev.databases import create_database, drop_database, server_url
from dev.paths import QUICK, ROOT
from dev.processes import Process, scratch
from dev.servers import Servers
from dev.shop import Shop
from jokkerit_plugin.clock import HELSINKI
from tests.saleor.live import Live, Seen, logs_of, this_saleor, until
from tests.saleor.postbox import open_postbox
from tests.saleor.posted import HOME, KEYS
from tests.saleor.test_accountant import SIGN, VAT, Sums, summed, text_in_force
from tests.saleor.test_graphql import Desk
from tests.saleor.test_rights import Asker, House

#: Every job of beat's, once, as one night of them does.
NIGHT = """
from django.utils.module_loading import import_string
from jokkerit_plugin.saleor_bridge.beat import SCHEDULE
for entry in SCHEDULE.values():
    import_string(entry["task"])()
"""
BACKUP = "_backup"
#: What a shop has before its first customer: goods and staff.
FRESH = "TRUNCATE order_order, checkout_checkout, giftcard_giftcard CASCADE"
OFFERED = {"marketingOptOutOffered": "true"}
MAY = """query($pairs: [ContactInput!]!) { mayContact(pairs: $pairs) { isAllowed reason } }"""


@dataclass
class Years(House):
    """The shop, and what people do in it on the days to which its clock is set."""

    moved: Path

    def on(self, day: date, hour: int = 12) -> None:
        """Let it be a day in the shop."""
        wanted = datetime(day.year, day.month, day.day, hour, 10, tzinfo=HELSINKI)
        new = self.moved.with_suffix(".new")
        new.write_text(str((wanted - datetime.now(UTC)).total_seconds()))
        new.replace(self.moved)

    def night(self, day: date) -> None:
        """Let every nightly job run before the morning of a day."""
        self.on(day, hour=3)
        self.live.commands.run("shell", "-c", NIGHT)
        self.on(day)

    def run(self, *argv: str) -> str:
        """Run a command of the shop's."""
        return self.live.commands.run(*argv)

    def refused(self, *argv: str) -> str:
        """What a command that does not do it says."""
        _, failed = self.live.commands.outcome(*argv)
        assert "CommandError" in failed, failed
        return failed

    def ask(self, who: str, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer of the register's GraphQL to one of its people."""
        return self.desk.ask(self.people[who].token(), query, **variables)[1]

    def buys(
        self, person: Person, wanted: dict[str, int], *, account: Account | None = None,
        email: str = "", offered: bool = True,
    ) -> Asker:  # fmt: skip
        """Let somebody order, pay, and get the goods on the day."""
        stage = self.live.stage
        client = account.acting() if account else stage.guest
        basket = stage.fill(
            "suomi", person, wanted, client=client, email=email or None,
            metadata=OFFERED if offered else None,
        )  # fmt: skip
        payments.charge(stage.staff, basket)
        order = stage.confirmed(checkouts.complete(client, stage.shop, basket))
        order = orders.fulfil(stage.shop, order)
        user = int(account.key) if account else None
        return Asker(person, order.email, order, account.client if account else None, user)

    def follows(self, *bought: Asker) -> None:
        """Wait until the register has it; each learns whom it takes them for."""
        accounts = tuple(one.user for one in bought if one.user is not None)
        keys = tuple(one.order.key for one in bought)
        self.live.follows(Seen(orders=keys, accounts=accounts))
        # The worker's own drain may be at the books still.
        self.run("shell", "-c", "from jokkerit_plugin.tasks import drain; drain()")
        waits = "unbooked OR unheard"
        until(lambda: not self.count("purchase", waits), lambda: "purchases wait to be booked")
        for one in bought:
            one.customer = self.one(
                "SELECT customer_id FROM jokkerit_plugin_purchase WHERE saleor_order = %s",
                one.order.key,
            )

    def may_contact(self, *people: Asker) -> list[str]:
        """By e-mail, for marketing: of each why, or why not."""
        pairs = [{"channel": "EMAIL", "address": one.email} for one in people]
        answer = self.ask("staff", MAY, pairs=pairs)
        assert "errors" not in answer, answer
        return [f"{one['isAllowed']} {one['reason']}" for one in answer["data"]["mayContact"]]

    def vat(self, who: str, month: str) -> Sums:
        """The month's VAT report: by currency, country and rate, net and gross."""
        found = self.ask(who, VAT, period={"month": month})["data"]["vatReport"]
        assert found["unbooked"] == 0
        return summed(found)

    def count(self, table: str, where: str = "true", *values: object) -> int:
        """How many rows of a table of the register's."""
        return int(self.one(f"SELECT count(*) FROM jokkerit_plugin_{table} WHERE {where}", *values))

    def everybody_signs(self, *more: str) -> None:
        """Let the controller, staff and whoever else sign the text in force."""
        for name in (*self.people, *more):
            token = self.people[name].token()
            version = text_in_force(self.desk, str(token))
            assert self.ask(name, SIGN, v=version)["data"]["agreementSign"] == {"errors": []}


@contextmanager
def years(servers: Servers, opened: date) -> Iterator[Years]:
    """A shop with goods and staff and no customer yet, on the day of its opening."""
    saleor = this_saleor()
    folder = scratch("jkyears-")
    with open_postbox() as box:
        environment = {
            "DJANGO_SETTINGS_MODULE": "tests.saleor.moved_settings",
            "EMAIL_URL": f"smtp://127.0.0.1:{box.port}",
            "JOKKERIT_KEYS": KEYS,
            "JOKKERIT_LEDGER_DIR": str(folder / "ledger"),
            "MEDIA_ROOT": str(folder / "media"),
            "MOVED": str(folder / "moved"),
            "PYTHONPATH": f"{ROOT}{os.pathsep}{QUICK}",
        }
        logs = logs_of(saleor, "years")
        with Shop(saleor, servers, environment=environment, logs=logs, stem=True) as shop:
            live = Live(shop)
            made = Years(live, box, Desk(live, f"{shop.url}{HOME}graphql/"), folder / "moved")
            made.on(opened)
            live.write(FRESH)
            live.commands.start()
            shop.start_web(wait=False)
            shop.start_worker()
            shop.wait_web()
            yield made
            live.kill()
            if not servers.postgres:
                drop_database(shop.database_url + BACKUP)


def back_up(live: Live) -> None:
    """Keep the database as it is now."""
    name = live.shop.database_url.rpartition("/")[2]
    _copy(live, name, name + BACKUP)


def restore(live: Live) -> None:
    """Put the database back as it was kept."""
    name = live.shop.database_url.rpartition("/")[2]
    _copy(live, name + BACKUP, name)


def _copy(live: Live, source: str, target: str) -> None:
    server = server_url(live.shop.database_url)
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    live.reconnect()

    def copied() -> bool:
        # Nobody may be there while it is copied.
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(end, [source])
        try:
            create_database(server, target, source)
        except psycopg.errors.ObjectInUse:
            return False
        return True

    until(copied, lambda: f"somebody stays in {source}")


def without_the_plugin(live: Live) -> None:
    """Let the shop's web server be Saleor's own again, in the present."""
    shop = live.shop
    shop.web.kill()
    environment = {
        **shop.environment,
        "DJANGO_SETTINGS_MODULE": "saleor.settings",
        "PYTHONPATH": f"{shop.checkout.folder}{os.pathsep}{QUICK}",
    }
    argv = [str(shop.checkout.python), *shop.web.argv[1:]]
    shop.web = Process(shop.web.name, argv, env=environment, cwd=shop.logs, log=shop.web.log)
    shop.start_web()
