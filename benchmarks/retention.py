"""Register rows erased a second, with receipts, beside batched SQL on the same rows by hand."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from dev.paths import say
from dev.servers import Servers

from . import acts, plain
from .results import Figure, ratio

if TYPE_CHECKING:
    from jokkerit_plugin.models import PlanBatch

#: Turns, and a plan's batches of one for each side.
TURNS, EACH = 6, 5
#: What memory and time a row are compared between; the last one with `--large` only.
SMALL, LARGE, LARGEST = 10_000, 100_000, 1_000_000


def run(servers: Servers, *, large: bool = False) -> list[Figure]:
    """Measure on an own database on plain Django."""
    plain.setup(servers.database_url)
    plain.install_shop()
    return list(_beside_sql()) + list(_sizes(servers.database_url, LARGEST if large else LARGE))


def _beside_sql() -> Iterator[Figure]:
    """Ours and both ways by hand by turns, each on batches of its own of one plan."""
    from jokkerit_plugin.retention import batches, plans
    from jokkerit_plugin.shop.port import shop

    hand = {"1,000 customers a transaction": 1, "5,000 customers a transaction": EACH}
    _fill(TURNS * EACH * plans.SIZE * (1 + len(hand)))
    plan, config = acts.plan(), shop().config()
    taken: dict[str, list[float]] = {name: [0.0] * TURNS for name in ("ours", *hand)}
    rows = dict.fromkeys(hand, 0)
    statements = 0
    for part in ("contact", "detail"):
        numbers = list(plan.batches.filter(part=part).order_by("number"))
        groups = [numbers[at : at + EACH] for at in range(0, len(numbers), EACH)]
        for turn in range(TURNS):
            say(f"retention: {part}, turn {turn + 1} of {TURNS}")
            mine, *theirs = groups[turn * 3 : turn * 3 + 3]
            # The night does not take what is erased by hand.
            others = [one.pk for group in theirs for one in group]
            plan.batches.filter(pk__in=others).update(attempts=batches.ATTEMPTS)
            with _timed(taken["ours"], turn), acts.counted() as count:
                for _ in mine:
                    assert batches._one(plan, config)
            statements += count()
            for (name, size), group in zip(hand.items(), theirs, strict=True):
                with _timed(taken[name], turn):
                    for at in range(0, EACH, size):
                        rows[name] += by_hand(part, group[at : at + size])
    erased = receipted()
    assert {*rows.values()} == {erased}, (rows, erased)
    ours = taken["ours"]
    yield Figure("retention", "register rows erased, with receipts", erased / sum(ours), "rows/s")
    for name, seconds in taken.items():
        if name != "ours":
            yield Figure("retention", f"SQL by hand, {name}", erased / sum(seconds), "rows/s")
            yield Figure(
                "retention", f"ours : SQL by hand, {name}", ratio(seconds, ours), "",
                0.8 if hand[name] == 1 else None, "higher",
            )  # fmt: skip
    yield Figure("retention", "statements a row", statements / erased, "", 0.05)


def _sizes(server: str, largest: int) -> Iterator[Figure]:
    """Memory and time a row as the register grows; each phase in a process of its own."""
    found: dict[int, dict[str, Any]] = {}
    for size in (SMALL, largest):
        say(f"retention: {size:,} customers")
        _fill(size)
        found[size] = {what: _alone(what, server) for what in ("plan", "erase")}
        found[size]["row"] = found[size]["erase"]["seconds"] / receipted()
        yield Figure("retention", f"{size:,} customers: planned", found[size]["plan"]["seconds"],
                     "s")  # fmt: skip
    small, large = found[SMALL], found[largest]
    for what, words in (("plan", "planning"), ("erase", "erasing")):
        grown = large[what]["memory"] / small[what]["memory"]
        note = f"{large[what]['memory'] / 1024:.0f} : {small[what]['memory'] / 1024:.0f} MiB"
        yield Figure("retention", f"memory while {words}, {largest:,} : {SMALL:,}", grown, "", 1.1,
                     note=note)  # fmt: skip
    slower = large["row"] / small["row"]
    yield Figure("retention", f"time a row at {largest:,} : at {SMALL:,}", slower, "", 1.2)


def _alone(what: str, server: str) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        return acts.alone(what, server, Path(folder))


def _fill(customers: int) -> None:
    """Make customers who bought once, five years ago, and were told 40 days ago."""
    from jokkerit_plugin.models import Customer, Erasure, Notice, Plan, PostalAddress, Purchase
    from jokkerit_plugin.register.rows import execute, table
    from tests.kills import OLD, old_customers

    names = ", ".join(table(model) for model in (Customer, Erasure, Plan, PostalAddress, Purchase))
    execute(f"TRUNCATE {names} CASCADE", [])
    execute("DELETE FROM jokkerit_plugin_chainhead WHERE name = 'erasure'", [])
    old_customers(customers)
    execute(
        f"INSERT INTO {table(Notice)} (customer_id, term, told_at, language) SELECT id,"
        f" (({OLD}) AT TIME ZONE 'Europe/Helsinki')::date + interval '36 months',"
        f" now() - interval '40 days', 'fi' FROM {table(Customer)}",
        [],
    )
    # Else the autovacuum does it while one side or the other is timed.
    execute("VACUUM ANALYZE", [])


def receipted() -> int:
    """Rows of the register that the receipts count."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(value::int) FROM jokkerit_plugin_erasure, jsonb_each_text(rows::jsonb)"
        )
        return int(cursor.fetchone()[0])


def by_hand(part: str, batches: Sequence[PlanBatch]) -> int:
    """What somebody would write who knows the tables: no locks, no second look, no receipt."""
    from jokkerit_plugin.access.chain import as_ids

    given = {"ids": [pk for one in batches for pk in as_ids(one.subjects)]}
    rows = 0
    with transaction.atomic(), connection.cursor() as cursor:
        for sql in _CONTACT if part == "contact" else [_DETAIL]:
            cursor.execute(sql, given)
            rows += cursor.rowcount
    return rows


_CONTACT = (
    """UPDATE jokkerit_plugin_purchase SET customer_id = NULL, billing_address_id = NULL,
    shipping_address_id = NULL, contact_erased_at = now() WHERE customer_id = ANY(%(ids)s)""",
    "DELETE FROM jokkerit_plugin_knownidentifier WHERE customer_id = ANY(%(ids)s)",
    "DELETE FROM jokkerit_plugin_searchwords WHERE customer_id = ANY(%(ids)s)",
    "DELETE FROM jokkerit_plugin_notice WHERE customer_id = ANY(%(ids)s)",
    "DELETE FROM jokkerit_plugin_postaladdress WHERE customer_id = ANY(%(ids)s)",
    "DELETE FROM jokkerit_plugin_customer WHERE id = ANY(%(ids)s)",
)
_DETAIL = (
    "UPDATE jokkerit_plugin_purchase SET email = '', language = '', checkout_token = '',"
    " detail_erased_at = now() WHERE id = ANY(%(ids)s)"
)


@contextmanager
def _timed(seconds: list[float], turn: int) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[turn] += time.perf_counter() - began
