"""Kills a real shop's processes under load, and sees that the register is whole afterwards.

    python -m dev.chaos --rounds 100 --saleor 3.23 --seed 1

Every round strikes at random while checkouts are being completed: a worker (or one of its
children), the web server (at a random moment, or exactly between a commit and its hook), the
broker, PostgreSQL (an orderly restart, an immediate one, a crash). After the rounds everything
runs again, the inbox empties, `register_reconcile` runs, and then nothing is missing, nothing
is there twice, and no answer to checkoutComplete held an error of the plugin's.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from demo.load import Completed
from demo.records import pk
from dev import chaos_start
from dev.chaos_load import Crowd
from dev.chaos_report import Report, told
from dev.checkouts import checkout
from dev.paths import DevError, say
from dev.processes import children
from dev.servers import Servers, servers
from tests.saleor.live import Live, breakable_shop, logs_of
from tests.saleor.mirror_money import HALF_DONE

#: Seconds of load around each strike, at most.
CALM = 1.5


@dataclass
class Chaos:
    """One shop under load. `database_down` are the spans in which PostgreSQL was away."""

    live: Live
    running: Servers
    dice: random.Random
    report: Report = field(default_factory=Report)
    database_down: list[tuple[float, float]] = field(default_factory=list)

    def strikes(self) -> dict[str, Callable[[], None]]:
        """What can be done here: the environment's own servers are left alone."""
        found = {
            "worker": self.kill_worker,
            "worker's child": self.kill_child,
            "web": self.kill_web,
            "between commit and hook": self.kill_between,
        }
        if self.running.valkey:
            found["broker"] = self.kill_broker
        if self.running.postgres:
            found["database restarted"] = lambda: self.restart_database(immediately=False)
            found["database restarted at once"] = lambda: self.restart_database(immediately=True)
            found["database crashed"] = self.crash_database
        return found

    def pause(self, most: float = CALM) -> None:
        time.sleep(self.dice.uniform(0, most))

    def kill_worker(self) -> None:
        self.live.shop.worker.kill()
        self.pause()
        self.live.shop.start_worker()

    def kill_child(self) -> None:
        worker = self.live.shop.worker
        self.live.drain()
        if found := children(worker.pid):
            os.kill(self.dice.choice(found), signal.SIGKILL)

    def kill_web(self) -> None:
        self.live.shop.web.kill()
        self.live.shop.start_web()

    def kill_between(self) -> None:
        """Lets the web server kill itself before it writes an event down, and waits for it."""
        web = self.live.shop.web
        certain = not self.live.struck("die")
        self.live.sabotage("die" if certain else self.dice.choice(("die", "die-later")))
        deadline = time.monotonic() + 60
        while web.alive and time.monotonic() < deadline:
            time.sleep(0.02)
        self.live.sabotage("none")
        if web.alive:
            raise DevError("no event came in 60 s: is there any load?")
        web.kill()
        self.live.shop.start_web()

    def kill_broker(self) -> None:
        broker = self.running.valkey
        assert broker is not None
        broker.kill()
        self.pause()
        broker.start()

    def restart_database(self, *, immediately: bool) -> None:
        postgres = self.running.postgres
        assert postgres is not None
        self._without_database(lambda: postgres.restart(immediately=immediately))

    def crash_database(self) -> None:
        postgres = self.running.postgres
        assert postgres is not None

        def crash() -> None:
            postgres.kill()
            postgres.start()

        self._without_database(crash)

    def _without_database(self, act: Callable[[], None]) -> None:
        began = time.time()
        act()
        self.database_down.append((began, time.time()))
        self.live.reconnect()

    def supervise(self) -> None:
        """Start again what ended by itself, as the shop's supervisor does: Saleor's beat ends
        when its database goes away."""
        shop = self.live.shop
        if not shop.beat.alive:
            shop.beat.kill()
            shop.start_beat()
            self.report.restarted += 1
        if not shop.worker.alive:
            shop.worker.kill()
            shop.start_worker()
            self.report.restarted += 1

    def play(self, names: Sequence[str]) -> Report:
        """Strike once for each name, under load, and then look at what is left."""
        self.live.walk()
        strikes, history = self.strikes(), self.live.order_keys()
        with Crowd(self.live) as crowd:
            for number, name in enumerate(names, 1):
                self.pause()
                strikes[name]()
                self.report.rounds[name] += 1
                self.report.kills += name != "database restarted"
                self.supervise()
                orders = crowd.wait_for_orders(2)
                say(f"round {number}/{len(names)}: {name}; {orders} orders in the shop")
        self._judge_answers(crowd.completed)
        self._judge_register(crowd.placed, history)
        self.supervise()
        return self.report

    def _judge_answers(self, completed: Sequence[Completed]) -> None:
        report = self.report
        report.placed = sum(1 for one in completed if one.order)
        for one in completed:
            errors = one.answer.errors()
            if not errors:
                continue
            if one.answer.status == 0:
                report.unanswered += 1
            elif self._database_was_down(one):
                report.excused += 1
            else:
                codes = sorted({str(error.get("code")) for error in errors})
                report.faults.append(f"checkoutComplete answered {one.answer.status} {codes}")
        report.faults += self.live.complaints()

    def _database_was_down(self, one: Completed) -> bool:
        began = one.ended - one.answer.seconds
        return any(began <= end + 1 and one.ended >= start for start, end in self.database_down)

    def _judge_register(self, placed: Sequence[Completed], history: set[str]) -> None:
        live, report = self.live, self.report
        live.settle()
        lost = {f"order {key}: missing" for key in live.order_keys() - history}
        report.lost_notes = len(lost.intersection(live.differences()))
        live.reconcile()
        live.settle()
        left = live.differences()
        report.half_done = sum(HALF_DONE in text for text in left)
        report.faults += [text for text in left if HALF_DONE not in text]
        known = live.order_keys()
        report.struck = len(live.struck("die") & known)
        gone = [one.order for one in placed if one.order and pk(one.order) not in known]
        report.faults += [f"order {order} is gone from the shop" for order in gone]
        if "0 were missing, 0 outdated, 0 gone" not in (said := live.reconcile()):
            report.faults.append(f"a second reconciliation found something: {said.strip()}")


def chosen(names: Sequence[str], rounds: int, dice: random.Random) -> list[str]:
    """Each strike about as often, in random order."""
    found = [names[number % len(names)] for number in range(rounds)]
    dice.shuffle(found)
    return found


def played(rounds: int, saleor: str, seed: int) -> list[str]:
    """Return the faults of so many rounds, having told what they came to."""
    found = checkout(saleor)
    with (
        servers(durable=True, persistent=True) as running,
        breakable_shop(found, running, logs_of(found, "chaos")) as shop,
    ):
        live = Live(shop)
        live.commands.start()
        shop.start()
        live.commands.run("migrate", "jokkerit_plugin")
        dice = random.Random(seed)
        live.configure(fill_checkouts=True)
        chaos = Chaos(live, running, dice)
        report = chaos.play(chosen(list(chaos.strikes()), rounds, dice))
    sys.stdout.write(f"{told(report)}\n")
    return report.faults


if __name__ == "__main__":
    sys.exit(chaos_start.run("chaos", played, rounds=100, saleor="3.23"))
