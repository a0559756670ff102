"""The search that proves an erasure, beside PostgreSQL reading the same rows by itself.

The rows are customers, their identifiers and purchases, as the benchmark of search makes them.
The baseline is one sequential scan a table that makes every column a text and counts the bytes:
no search at all. Every round reads the same rows on both sides, in turn.
"""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dev.paths import say
from dev.servers import Servers

from . import plain
from .results import Figure, ratio

if TYPE_CHECKING:
    from jokkerit_plugin.retention.proof.columns import Table
    from jokkerit_plugin.retention.proof.needles import Needle

CUSTOMERS = int(os.environ.get("PROOF_CUSTOMERS", "100000"))
#: People of one sample.
SAMPLE, ROUNDS = 20, 5


def run(servers: Servers) -> list[Figure]:
    """Measure on an own database on plain Django."""
    plain.setup(servers.database_url, "bench_proof")
    plain.install_shop()
    say(f"proof: making {CUSTOMERS:,} customers")
    from . import search

    search.fill(CUSTOMERS)
    return measure(ROUNDS)


def measure(rounds: int) -> list[Figure]:
    """Return megabytes a second, alone and for a sample, and the ratios to the plain scan."""
    from jokkerit_plugin.retention.proof import columns

    tables, _ = columns.searchable()
    one, many = _needles(1), _needles(SAMPLE)
    size = _search(tables, one)[1]
    scans, alone, sample = [], [], []
    for _ in range(rounds):
        scans.append(_scan(tables))
        alone.append(_search(tables, one)[0])
        sample.append(_search(tables, many)[0])
    tracemalloc.start()
    _search(tables, many)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    megabytes = size / 1e6
    return [
        Figure("proof", "plain sequential scan", megabytes / min(scans), "MB/s"),
        Figure("proof", "search for one person", megabytes / min(alone), "MB/s"),
        Figure("proof", f"search for {SAMPLE} people", megabytes / min(sample), "MB/s"),
        Figure("proof", "one person / plain scan, time", ratio(alone, scans), "ratio", 3.0),
        Figure("proof", f"{SAMPLE} people / one, time", ratio(sample, alone), "ratio", 1.5),
        Figure("proof", "memory of the search", peak / 2**20, "MiB", 16),
    ]


def _needles(people: int) -> list[Needle]:
    from jokkerit_plugin.models import Customer
    from jokkerit_plugin.retention.proof import persons

    step = max(CUSTOMERS // people, 1)
    keys = list(Customer.objects.order_by("pk").values_list("pk", flat=True)[::step])[:people]
    found = persons.read(customers=keys)
    return [needle for number, one in enumerate(found) for needle in one.needles(number)]


def _search(tables: Sequence[Table], needles: Sequence[Needle]) -> tuple[float, int]:
    from jokkerit_plugin.retention.proof import search

    began = time.perf_counter()
    found = search.through(tables, needles)
    seconds = time.perf_counter() - began
    assert len({hit.needle.subject for hit in found.hits}) == len({n.subject for n in needles})
    return seconds, found.size


def _scan(tables: Sequence[Table]) -> float:
    from django.db import connection

    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        for table in tables:
            texts = ", ".join(one.expression for one in table.columns)
            cursor.execute(f"SELECT sum(length(concat_ws(' ', {texts}))) FROM {table.sql}")
            cursor.fetchone()
    return time.perf_counter() - began
