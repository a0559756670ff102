"""The question before sending, old opt-outs from a file, in a list of a million, and a flood.

By turns within one run: questions of 1,000 addresses beside one indexed SELECT of the same keys,
and each tenth of one file of a million lines beside a COPY of the same rows, ready made, into
tables with the same indexes. Then a million posts with tokens that nobody issued, from one network.
"""

from __future__ import annotations

import os
import random
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from dev.paths import say
from dev.servers import Servers

from . import plain
from .results import Figure, percentile, ratio

#: Lines of the file ($MARKETING_LINES for a try), its parts; addresses of a question, and rounds.
LINES = int(os.environ.get("MARKETING_LINES", "1000000"))
#: Posts of the flood, as many as lines.
POSTS = LINES
PARTS, PAIRS, ROUNDS = 10, 1000, 200
SEED = 20260401


def run(servers: Servers) -> list[Figure]:
    """Measure on an own database on plain Django."""
    os.environ["JOKKERIT_KEYS"] = f"2026:{'ab' * 32}"
    plain.setup(servers.database_url, "bench_marketing")
    plain.install_shop()
    say(f"marketing: taking in {LINES:,} opt-outs")
    with TemporaryDirectory(prefix="jk-optouts-") as folder:
        figures = _imports(Path(folder))
    return [*figures, *_questions(), *_flood()]


def address(number: int) -> str:
    """Return a made-up address."""
    return f"asiakas.{number}@example.com"


def _imports(folder: Path) -> list[Figure]:
    from django.db import connection

    from jokkerit_plugin.access.actor import Actor
    from jokkerit_plugin.marketing import imports
    from jokkerit_plugin.marketing.opt_out_files import Layout
    from jokkerit_plugin.models import Sweep
    from jokkerit_plugin.policy.marketing import Channel

    path, layout = folder / "all.csv", Layout(address=("email",), channel=Channel.EMAIL)
    with path.open("w") as file:
        file.write("email\n")
        file.writelines(f"{address(one)}\n" for one in range(LINES))
    actor = Actor("command:benchmark", frozenset())
    at = datetime.now(UTC)
    Sweep.objects.create(name=Sweep.Name.BACKFILL, started_at=at, finished_at=at)
    with connection.cursor() as cursor:
        for name in _TABLES:
            cursor.execute(f"CREATE TABLE bench_{name} (LIKE jokkerit_plugin_{name} INCLUDING ALL)")
    ours, theirs, memory = _by_turns(partial(imports.take_in, path, layout, actor=actor))
    # The first part brings what any needs, and so does the COPY after it.
    later = [max(some) for some in memory[1:] or memory]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return [
        Figure("marketing", "opt-outs taken in", 1 / median(ours), "lines/s", note="one file"),
        Figure("marketing", "their rows by COPY", 1 / median(theirs), "rows/s"),
        Figure("marketing", "take in : COPY (time)", ratio(ours, theirs), ""),
        Figure("marketing", "the file's last tenth : second (time)", ours[-1] / ours[:2][-1], ""),
        Figure("marketing", "memory that more lines take", max(later) - later[0], "MiB"),
    ]


def _by_turns(
    take_in: Callable[..., Any],
) -> tuple[list[float], list[float], list[list[float]]]:
    """Stop a file after each of its parts, and copy the rows that it left.

    By part: seconds a line, seconds a row of the COPY, and memory in MiB after each batch.
    """
    ours: list[float] = []
    theirs: list[float] = []
    memory: list[list[float]] = [[]]
    began, done_before = time.perf_counter(), 0

    def report(done: Any, _: int) -> None:
        nonlocal began, done_before
        took = time.perf_counter() - began
        memory[-1].append(_now())
        new = done.lines - done_before
        if new < LINES // PARTS and done.lines < LINES:
            return
        ready = _ready(range(done_before, done.lines))
        theirs.append(_timed(lambda: _copy(ready)) / new)
        ours.append(took / new)
        if done.lines < LINES:
            memory.append([])
        done_before, began = done.lines, time.perf_counter()

    take_in(report=report)
    return ours, theirs, memory


_TABLES = ("suppression", "marketingevent")


def _ready(numbers: range) -> list[list[tuple[Any, ...]]]:
    from jokkerit_plugin.marketing import contact_keys
    from jokkerit_plugin.policy.marketing import Channel

    pairs = [(Channel.EMAIL, address(one)) for one in numbers]
    [(version, digests)] = contact_keys.many(pairs).items()
    at = datetime.now(UTC)
    return [
        [(number, version, digest, "email", at, "declared") for number, digest
         in zip(numbers, digests, strict=True)],
        [(number, version, digest, "email", "declared", at, "import") for number, digest
         in zip(numbers, digests, strict=True)],
    ]  # fmt: skip


def _copy(ready: list[list[tuple[Any, ...]]]) -> None:
    from django.db import connection, transaction

    columns = ("since, reason", "kind, at, source")
    with transaction.atomic(), connection.cursor() as cursor:
        for name, rest, rows in zip(_TABLES, columns, ready, strict=True):
            with cursor.copy(
                f"COPY bench_{name} (id, key_version, digest, channel, {rest}) FROM STDIN"
            ) as copy:
                for row in rows:
                    copy.write_row(row)


def _questions() -> list[Figure]:
    from django.db import connection

    from jokkerit_plugin.marketing import contact_keys, contacts
    from jokkerit_plugin.policy.marketing import Channel

    pick = random.Random(SEED)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        # Every other one is in the list.
        some = [pick.randrange(2 * LINES) for _ in range(PAIRS)]
        pairs = [(address(one), Channel.EMAIL) for one in some]
        known = contact_keys.many([(channel, one) for one, channel in pairs])
        [(version, digests)] = known.items()

        def lookup(version: str = version, digests: list[bytes] = digests) -> int:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT digest FROM jokkerit_plugin_suppression WHERE key_version = %s"
                    " AND digest = ANY(%s) AND channel = 'email'",
                    [version, digests],
                )
                return len(cursor.fetchall())

        theirs.append(_timed(lookup))
        ours.append(_timed(lambda pairs=pairs: contacts.may_contact(pairs)))  # type: ignore[misc]
        refused = sum(one.reason == "opted_out" for one in contacts.may_contact(pairs))
        if refused != sum(one < LINES for one in some):
            raise AssertionError("an opt-out was not found")
    customers = _known(pick)
    return [
        Figure(
            "marketing", "a question of 1,000 customers", median(customers) * 1000, "ms",
            note=f"p95 {percentile(customers, 0.95) * 1000:.0f} ms",
        ),
        Figure("marketing", "addresses asked for", PAIRS / median(ours), "1/s"),
        Figure(
            "marketing", "a question of 1,000", median(ours) * 1000, "ms",
            note=f"p95 {percentile(ours, 0.95) * 1000:.0f} ms",
        ),
        Figure("marketing", "a SELECT of the same keys", median(theirs) * 1000, "ms"),
        Figure("marketing", "question : SELECT (time)", ratio(ours, theirs), ""),
    ]  # fmt: skip


def _known(pick: random.Random) -> list[float]:
    """Time questions about customers: what they said of their other addresses is looked up."""
    from django.db import connection

    from jokkerit_plugin.marketing import contacts
    from jokkerit_plugin.policy.marketing import Channel

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO jokkerit_plugin_customer (guest_email, email, phone)"
            " SELECT mail, mail, '+35840' || (1000000 + n) FROM (SELECT n, 'asiakas.' || n"
            "  || '@example.com' AS mail FROM generate_series(0, %s) AS n) AS people",
            [LINES // 10],
        )
        cursor.execute(
            "INSERT INTO jokkerit_plugin_knownidentifier (customer_id, kind, value, first_at)"
            " SELECT id, kind, value, now() FROM jokkerit_plugin_customer,"
            " LATERAL (VALUES ('email', email), ('email', 'ennen.' || email), ('phone', phone))"
            " AS known(kind, value)"
        )
        cursor.execute("VACUUM ANALYZE")
    times = []
    for _ in range(ROUNDS // 4):
        pairs = [(address(pick.randrange(LINES // 10)), Channel.EMAIL) for _ in range(PAIRS)]
        times.append(_timed(lambda pairs=pairs: contacts.may_contact(pairs)))  # type: ignore[misc]
    return times


def _flood() -> list[Figure]:
    from django.conf import settings
    from django.test import RequestFactory

    from jokkerit_plugin.models import MarketingEvent, Suppression
    from jokkerit_plugin.web import routes

    settings.ALLOWED_HOSTS = ["*"]
    post, home = RequestFactory().post, "/plugins/jokkerit.register/"
    rows = MarketingEvent.objects.count() + Suppression.objects.count()
    part = POSTS // 10

    def posts(first: int) -> None:
        for number in range(first, first + part):
            path = f"unsubscribe/forged{number:09}/"
            if routes.serve(post(home + path), path, active=True).status_code not in {404, 429}:
                raise AssertionError("a forged token was taken")

    say(f"marketing: a flood of {POSTS:,} posts")
    times: list[float] = []
    before = 0
    for turn in range(10):
        # The first brings what any needs.
        before = _peak() if turn < 2 else before
        times.append(_timed(lambda turn=turn: posts(turn * part)))  # type: ignore[misc]
    if rows != MarketingEvent.objects.count() + Suppression.objects.count():
        raise AssertionError("a flood left a row")
    return [
        Figure("marketing", "posts of a flood answered", part / median(times), "1/s"),
        Figure("marketing", "last tenth : second (time)", times[-1] / times[1], ""),
        Figure("marketing", "memory that the flood takes", max(_peak() - before, 0) / 1024, "MiB"),
    ]


def _timed(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _now() -> float:
    """Return the memory of this process in MiB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
