"""A night, the archive and the status of a register of 1,000,000 customers and 2,000,000 purchases.

The night makes its dry run of everybody and erases what its daily limit allows; beside it the SQL
that it amounts to, written by hand: what is counted of everybody, and as many erased. The register
is that of `retention_keeps`, with addresses, identifiers and words; one of 10,000 before it says
what a customer costs more in a large one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dev.paths import DevError, say
from dev.servers import Servers

from . import acts, plain, retention, retention_keeps
from .results import Figure

#: Customers of the small and the large register ($LARGE_CUSTOMERS for a try).
SMALL = 10_000
CUSTOMERS = int(os.environ.get("LARGE_CUSTOMERS", "1000000"))
#: What a night may erase, as the setting has it; of the small register less than a half of all due.
LIMIT, SMALL_LIMIT = 20_000, 1_000

_PEOPLE = (
    """INSERT INTO jokkerit_plugin_knownidentifier (customer_id, kind, value, first_at, last_at)
    SELECT id, 'email', guest_email, now(), now() FROM jokkerit_plugin_customer""",
    """INSERT INTO jokkerit_plugin_searchwords (customer_id, words, version)
    SELECT id, array_to_tsvector(ARRAY['naino', 'nmakela', 'e' || guest_email]), 1
    FROM jokkerit_plugin_customer""",
    """INSERT INTO jokkerit_plugin_postaladdress (customer_id, fingerprint, in_book,
        default_billing, default_shipping, first_used_at, last_used_at, first_name, last_name,
        company_name, street_1, street_2, postal_code, city, city_area, country_area, country,
        phone)
    SELECT id, md5(id::text), false, false, false, now(), now(), first_name, last_name, '',
        'Kaskitie ' || id % 499979, '', '51900', 'JUVA', '', '', 'FI', ''
    FROM jokkerit_plugin_customer""",
)


def run(servers: Servers) -> list[Figure]:
    """Measure on an own database on plain Django."""
    found = []
    for customers, limit in ((SMALL, SMALL_LIMIT), (CUSTOMERS, LIMIT)):
        fill(servers.database_url, customers)
        found.append(measured(servers.database_url, limit))
    return list(figures(*found))


def fill(server: str, customers: int) -> None:
    """Make a register of so many customers."""
    from django.db import connection

    plain.setup(server)
    plain.install_shop()
    retention_keeps.fill(customers)
    with connection.cursor() as cursor:
        for statement in _PEOPLE:
            cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE")
    connection.close()


def measured(server: str, limit: int) -> dict[str, Any]:
    """Let each act run in a process of its own, and do the same by hand."""
    from jokkerit_plugin.models import Customer, Plan, Purchase

    customers, purchases = Customer.objects.count(), Purchase.objects.count()
    with TemporaryDirectory() as name:
        folder = Path(name)
        found: dict[str, Any] = {"customers": customers, "purchases": purchases}
        for act in ("status", "plan", "erase", "certify", "archive"):
            say(f"large: {act}, {customers:,} customers")
            found[act] = acts.alone(act, server, folder, limit=limit)
            if act == "plan":
                found["hand plan"] = _counted(Plan.objects.get().counts)
    batches = list(Plan.objects.get().batches.filter(part="contact").order_by("number"))
    done = [one for one in batches if one.done_at]
    found["rows"] = retention.receipted()
    found["hand erase"], found["hand rows"] = _erased(batches[len(done) : 2 * len(done)])
    return found


def _counted(planned: dict[str, dict[str, int]]) -> float:
    """Count by hand what is due of everybody; seconds. The plan must have found as many."""
    from django.db import connection

    from jokkerit_plugin import clock

    began = time.perf_counter()
    found = {}
    with connection.cursor() as cursor:
        for part, sql in retention_keeps.by_hand().items():
            cursor.execute(sql, {"day": clock.today()})
            found[str(part)] = cursor.fetchone()[0]
    seconds = time.perf_counter() - began
    ours = {part: sum(planned.get(part, {}).values()) for part in found}
    if ours != found:
        raise DevError(f"large: the plan has {ours}, by hand it is {found}")
    return seconds


def _erased(batches: Sequence[Any]) -> tuple[float, int]:
    began = time.perf_counter()
    rows = sum(retention.by_hand("contact", [one]) for one in batches)
    return time.perf_counter() - began, rows


def figures(small: dict[str, Any], large: dict[str, Any]) -> Iterator[Figure]:
    """Yield what was found, and what a customer costs more in the large register."""
    for found in (small, large):
        yield from _night(found)
    yield from _grown("the dry run", small, large, lambda one: one["plan"]["seconds"])
    yield from _archive(small, large)
    for found in (small, large):
        yield from _status(found)


def _night(found: dict[str, Any]) -> Iterator[Figure]:
    of = f"{found['customers']:,} customers"
    plan, erase, certify = (found[act] for act in ("plan", "erase", "certify"))
    # As many rows as ours.
    hand = found["hand erase"] * found["rows"] / found["hand rows"]
    seconds = plan["seconds"] + erase["seconds"]
    yield Figure(
        "large", f"a night, {of}", seconds, "s",
        note=f"dry run {plan['seconds']:.1f} s, {found['rows']:,} rows erased"
        f" {erase['seconds']:.1f} s, {found['purchases']:,} purchases",
    )  # fmt: skip
    yield Figure("large", f"the SQL it amounts to, {of}", found["hand plan"] + hand, "s",
                 note=f"counted {found['hand plan']:.1f} s, erased {hand:.1f} s")  # fmt: skip
    yield Figure("large", f"night : SQL, {of}", seconds / (found["hand plan"] + hand), "")
    memory = max(plan["memory"], erase["memory"]) / 1024
    yield Figure("large", f"peak memory of the night, {of}", memory, "MiB")
    read = f"{certify['made']} certificates, {certify['size'] / 1e6:,.0f} MB read"
    yield Figure("large", f"the proof afterwards, {of}", certify["seconds"], "s", note=read)


def _archive(small: dict[str, Any], large: dict[str, Any]) -> Iterator[Figure]:
    for found in (small, large):
        of, act = f"{found['purchases']:,} purchases", found["archive"]
        yield Figure("large", f"register_archive, {of}", act["written"], "s",
                     note=f"{act['size'] / 2**20:,.0f} MiB")  # fmt: skip
        yield Figure("large", f"register_archive : COPY, {of}", act["written"] / act["copy"], "")
        yield Figure("large", f"asked before uninstalling, {of}", act["asked"], "s")
        yield Figure("large", f"peak memory of both, {of}", act["memory"] / 1024, "MiB")
    yield from _grown("the archive", small, large, lambda one: one["archive"]["written"])


def _status(found: dict[str, Any]) -> Iterator[Figure]:
    of, act = f"{found['customers']:,} customers", found["status"]
    text, seconds = act["slowest"]
    say(f"large: slowest statement of the status: {seconds:.2f} s {text}")
    for name, words in (("page", "status on a page"), ("command", "register_status")):
        yield Figure("large", f"{words}, {of}", act[name] * 1000, "ms",
                     note=f"{act[f'{name} statements']} statements")  # fmt: skip


def _grown(what: str, small: dict[str, Any], large: dict[str, Any], of: Any) -> Iterator[Figure]:
    grown = (of(large) / large["customers"]) / (of(small) / small["customers"])
    sizes = f"{large['customers']:,} : {small['customers']:,}"
    yield Figure("large", f"{what}, time a customer, {sizes}", grown, "", 1.2)
