"""A Celery worker that is killed, or loses its database, while customers fall due: what is left?"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event, Thread
from uuid import UUID

from django.db import Error, connection

from dev.host.celery import app
from jokkerit_plugin import clock
from jokkerit_plugin.access import chain
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.models import (
    Customer,
    Erasure,
    InboxEvent,
    KnownIdentifier,
    Notice,
    Plan,
    PlanBatch,
    PostalAddress,
    Purchase,
    SearchWords,
    SetAside,
)
from jokkerit_plugin.register import inbox, search
from jokkerit_plugin.register.rows import execute, table
from jokkerit_plugin.retention import plans
from jokkerit_plugin.shop import port
from jokkerit_plugin.shop.snapshots import Kind
from tests.forgetting import told
from tests.forks import Worker
from tests.paper_shop import PaperShop

OLD = "now() - interval '5 years'"


def guest(number: int) -> str:
    """Return the e-mail of an old customer."""
    return f"guest{number}@example.com"


def old_customers(count: int) -> None:
    """Put guests into the register who bought once, five years ago."""
    execute(
        f"INSERT INTO {table(Customer)} (guest_email, email, first_name, last_name, entered_at)"
        " SELECT mail, mail, 'Aino', 'Mäkelä', " + OLD + " FROM (SELECT 'guest' || n ||"
        " '@example.com' AS mail FROM generate_series(1, %s) AS n) AS made",
        [count],
    )
    execute(
        f"INSERT INTO {table(KnownIdentifier)} (customer_id, kind, value, first_at, last_at)"
        f" SELECT id, 'email', email, {OLD}, {OLD} FROM {table(Customer)}",
        [],
    )
    found = list(Customer.objects.values_list("pk", flat=True))
    for at in range(0, len(found), 5_000):
        search.write(found[at : at + 5_000])
    names = (
        "first_name, last_name, company_name, street_1, street_2, postal_code, city, city_area,"
        " country_area, country, phone"
    )
    execute(
        f"INSERT INTO {table(PostalAddress)} (customer_id, fingerprint, in_book, default_billing,"
        f" default_shipping, first_used_at, last_used_at, {names})"
        f" SELECT id, md5(id::text), false, false, false, {OLD}, {OLD}, 'Aino', 'Mäkelä', '',"
        f" 'Kaskitie 7', '', '51900', 'JUVA', '', '', 'FI', '' FROM {table(Customer)}",
        [],
    )
    columns = {
        "saleor_order": "gen_random_uuid()", "customer_id": "c.id", "number": "'A' || c.id",
        "status": "'fulfilled'", "origin": "'checkout'", "channel": "'finland'",
        "currency": "'EUR'", "language": "'fi'", "email": "c.email", "placed_at": OLD,
        "paid_at": OLD, "delivered_at": OLD, "net": "10", "gross": "12.55", "shipping_net": "0",
        "shipping_gross": "0", "shipping_tax_class": "''", "gift_card_amount": "0",
        "tax_country": "'FI'", "tax_exempt": "false", "vat_id": "''", "is_test": "false",
        "checkout_token": "''", "party_first_name": "'Aino'", "party_last_name": "'Mäkelä'",
        "party_company_name": "''", "party_street_1": "'Kaskitie 7'", "party_street_2": "''",
        "party_postal_code": "'51900'", "party_city": "'JUVA'", "party_city_area": "''",
        "party_country_area": "''", "party_country": "'FI'", "outside": "'[]'", "digest": "''",
        "unbooked": "false", "billing_address_id": "a.id", "shipping_address_id": "a.id",
    }  # fmt: skip
    execute(
        f"INSERT INTO {table(Purchase)} ({', '.join(columns)}) SELECT {', '.join(columns.values())}"
        f" FROM {table(Customer)} AS c JOIN {table(PostalAddress)} AS a ON a.customer_id = c.id",
        [],
    )
    execute("ANALYZE", [])


@dataclass
class Kills:
    """One register, one worker at a time, and people who order meanwhile."""

    folder: Path
    database_url: str
    dice: random.Random
    customers: int
    #: Old customers' purchases, and what was ordered while the worker died: order to e-mail.
    bought: dict[int, int] = field(default_factory=dict)
    ordered: dict[UUID, str] = field(default_factory=dict)
    kills: int = 0

    def __post_init__(self) -> None:
        self.shop = PaperShop.at(self.folder)
        port.install(self.shop.port)
        self.worker = Worker(
            "--concurrency=3", "--without-gossip", "--without-mingle", "--loglevel=WARNING",
            "-Q", self.queue,
            env={
                **os.environ, "DATABASE_URL": self.database_url, "JOKKERIT_QUEUE": self.queue,
                "JOKKERIT_RECORDED_SHOP": self.shop.port.path,
                "DJANGO_SETTINGS_MODULE": "dev.host.settings",
                "JOKKERIT_LEDGER_DIR": str(self.folder / "ledger"),
                "JOKKERIT_KEYS": f"2026:{'ab' * 32}",
                # Django's checks read the pages: a third of the time that a start takes.
                "CELERY_SKIP_CHECKS": "1",
            },
            log=self.folder / "worker.log",
        )  # fmt: skip

    @property
    def queue(self) -> str:
        """A queue of one's own: what others left there is nobody's."""
        return f"kills-{self.folder.name}"

    def prepare(self, batch: int) -> Plan:
        """Let everybody fall due, and the controller approve batches of this size."""
        old_customers(self.customers)
        told()
        self.bought = dict(Purchase.objects.values_list("pk", "customer_id"))
        before, plans.SIZE = plans.SIZE, batch
        try:
            plan = plans.make(self.shop.port.config())
        finally:
            plans.SIZE = before
        assert plan is not None
        assert plan.counts["contact"] == {"telling": self.customers}, plan.counts
        return plans.approve(plan.pk, actor=Actor("command:kills", frozenset()))

    def cut(self) -> None:
        """End every session but this one, as a restart of PostgreSQL does."""
        execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
            [],
        )

    def run(
        self,
        rounds: int,
        plan: Plan,
        say: Callable[[str], object] = print,
        cuts: Sequence[Callable[[], object]] = (),
    ) -> None:
        """Strike at `rounds` random moments of the worker's work, then let it end by itself.

        It is killed and, in turn, loses its database by one of the `cuts`: then nobody starts it.
        """
        kill: Callable[[], object] = self.worker.kill
        strikes = [strike for cut in cuts for strike in (kill, cut)] or [kill]
        with self._orders():
            while self.kills < rounds and not self._over(plan):
                self._start()
                self._wait(partial(self._goes_on, plan, self._done(plan)))
                time.sleep(self.dice.uniform(0, 0.3))
                strikes[self.kills % len(strikes)]()
                self.kills += 1
                say(f"kill {self.kills} of {rounds}: {self._done(plan)} batches done")
            self._start()
            self._wait(lambda: self._over(plan), seconds=600)
        if cuts:
            # What a hook could not note, or an immediate restart forgot, the comparison finds.
            inbox.note(Kind.ORDER, list(self.ordered))
        self._wait(lambda: not InboxEvent.objects.exists(), seconds=600)
        self.worker.stop()

    def faults(self, plan: Plan) -> list[str]:
        """Return what is wrong with what is left, a sentence each."""
        plan.refresh_from_db()
        found = [f"the chain: {fault}" for fault in chain.verify(Erasure)]
        if plan.state != Plan.State.DONE or plan.problem:
            found.append(f"the plan is {plan.state}: {plan.problem}")
        erased = Counter(pk for row in self._receipts("contact") for pk in chain.as_ids(row))
        details = Counter(pk for row in self._receipts("detail") for pk in chain.as_ids(row))
        again = [pk for counts in (erased, details) for pk, n in counts.items() if n > 1]
        found += [f"{pk} has more than one receipt" for pk in again]
        found += self._half(erased) + self._wrong(erased, details)
        found += [f"a row was set aside: {one.reason}" for one in SetAside.objects.all()]
        return found

    def _half(self, erased: Counter[int]) -> list[str]:
        """Of who was erased nothing is there; of all others, everything."""
        left = set(Customer.objects.values_list("pk", flat=True))
        found = [f"customer {pk} was erased and is there" for pk in left & set(erased)]
        gone = set(self.bought.values()) - left - set(erased)
        found += [f"customer {pk} is gone without a receipt" for pk in gone]
        for model in (KnownIdentifier, SearchWords, PostalAddress, Notice):
            theirs = set(model.objects.values_list("customer_id", flat=True))
            name = model.__name__
            found += [f"{name} of {pk} is left" for pk in theirs & set(erased)]
            # A notice counts no more once they have bought, but stays.
            whole = set(self.bought.values()) - set(erased)
            found += [f"{name} of {pk} is gone" for pk in whole - theirs]
        rows = Purchase.objects.filter(pk__in=list(self.bought))
        for pk, owner, at in rows.values_list("pk", "customer_id", "contact_erased_at"):
            was = self.bought[pk]
            if (owner is None) != (was in erased) or (at is None) != (owner is not None):
                found.append(f"purchase {pk} of {was}: owner {owner}, erased {at}")
        return found

    def _wrong(self, erased: Counter[int], details: Counter[int]) -> list[str]:
        """Whoever ordered before their batch stays, and nobody else does."""
        new = Purchase.objects.filter(saleor_order__in=list(self.ordered))
        owners = dict(new.values_list("saleor_order", "customer_id"))
        mails = dict(Customer.objects.values_list("pk", "guest_email"))
        found = [
            f"order {key} is of {owners.get(key)}"
            for key, mail in self.ordered.items()
            if mails.get(owners.get(key, 0) or 0) != mail
        ]
        kept = set(self.bought.values()) - set(erased)
        stay = set(owners.values())
        found += [f"customer {pk} is due and there" for pk in kept - stay]
        marked = set(Purchase.objects.exclude(detail_erased_at=None).values_list("pk", flat=True))
        found += [f"detail of {pk}: mark and receipt differ" for pk in marked ^ set(details)]
        said = Purchase.objects.filter(pk__in=marked).exclude(email="")
        return found + [f"purchase {one.pk} still has its e-mail" for one in said]

    def _receipts(self, part: str) -> list[str]:
        return list(Erasure.objects.filter(part=part).values_list("subjects", flat=True))

    def _start(self) -> None:
        if not self.worker.alive:
            self.worker.start()
        for task in ("retain", "retain", "drain"):
            self._send(task)

    def _send(self, task: str) -> None:
        app.send_task(f"jokkerit_plugin.tasks.{task}", queue=self.queue, expires=60)

    def _done(self, plan: Plan) -> int:
        return PlanBatch.objects.filter(plan=plan).exclude(done_at=None).count()

    def _goes_on(self, plan: Plan, done: int) -> bool:
        return self._done(plan) > done or self._over(plan)

    def _over(self, plan: Plan) -> bool:
        return Plan.objects.filter(pk=plan.pk).exclude(finished_at=None).exists()

    def _wait(self, ready: Callable[[], bool], seconds: float = 120) -> None:
        """As beat does, send drains meanwhile, and every while the night's task."""
        deadline = time.monotonic() + seconds
        turns = 0
        while not ready():
            turns += 1
            if not self.worker.alive or time.monotonic() > deadline:
                raise AssertionError(f"the worker stands still:\n{self.worker.tail(30)}")
            if turns % 50 == 0:
                self._send("drain")
            if turns % 500 == 0:
                self._send("retain")
            time.sleep(0.02)

    @contextmanager
    def _orders(self) -> Iterator[None]:
        """Let old customers and new ones order in another thread."""
        stop = Event()

        def order() -> None:
            number = 0
            while not stop.wait(self.dice.uniform(0, 0.2)):
                number += 1
                old = self.dice.randint(1, self.customers)
                mail = guest(old) if number % 3 else f"new{number}@example.com"
                moment = clock.now().isoformat()
                key = self.shop.order(f"new {number}", email=mail, placed_at=moment)
                with suppress(Error):
                    inbox.note(Kind.ORDER, [key])
                connection.close_if_unusable_or_obsolete()
                self.ordered[key] = mail
            connection.close()

        thread = Thread(target=order)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
