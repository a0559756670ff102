"""This product's side of `peers`: the register, filled, erased by its night, killed, restored."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dev.databases import server_url

from . import acts, marked, plain
from .copied import Copied, kill

#: Receipts of one customer: contact, and of two orders detail, identity and figures.
RECEIPTED = 7
LONG_AGO = "now() - interval '12 years'"
_STATEMENTS = (
    "UPDATE jokkerit_plugin_customer SET phone = '+35850' || id",
    "UPDATE jokkerit_plugin_postaladdress SET phone = '+35850' || customer_id",
    f"""UPDATE jokkerit_plugin_purchase SET placed_at = {LONG_AGO}, paid_at = {LONG_AGO},
        delivered_at = {LONG_AGO}""",
    f"""INSERT INTO jokkerit_plugin_notice (customer_id, term, told_at, language) SELECT id,
        (({LONG_AGO}) AT TIME ZONE 'Europe/Helsinki')::date + interval '36 months',
        now() - interval '40 days', 'fi' FROM jokkerit_plugin_customer""",
    # What staff had once corrected stands beside what is right.
    """INSERT INTO jokkerit_plugin_correction (customer_id, field, email, by, carried, carried_at,
        first_name, last_name, company_name, street_1, street_2, postal_code, city, city_area,
        country_area, country, phone)
        SELECT id, 'phone', '', 'user:1', 'done', now(), '', '', '', '', '', '', '', '', '', '',
        '+35850' || id FROM jokkerit_plugin_customer WHERE id % 100 = 0""",
)


def fill(server: str, customers: int) -> Copied:
    """Make the register, and keep a copy; the database is `plain`'s."""
    from django.db import connection

    plain.setup(server)
    from jokkerit_plugin.models import Purchase
    from tests.kills import old_customers

    old_customers(customers)
    once = {"id", "saleor_order", "number"}
    columns = ", ".join(
        one.column for one in Purchase._meta.concrete_fields if one.column not in once
    )
    second = (
        f"INSERT INTO jokkerit_plugin_purchase (saleor_order, number, {columns})"
        f" SELECT gen_random_uuid(), 'B' || id, {columns} FROM jokkerit_plugin_purchase"
    )
    connection.close()
    database = Copied(server_url(server), plain.NAME)
    database.run([second, *_STATEMENTS])
    database.keep()
    return database


def erased(database: Copied) -> tuple[dict[str, Any], Counter[str]]:
    """Plan and erase; what that took (`planned`: seconds of the plan), and what is left."""
    with TemporaryDirectory() as folder:
        planned = acts.alone("plan", database.server, Path(folder))
        found = acts.alone("erase", database.server, Path(folder))
        left = _left(database, Path(folder))
    found["planned"] = planned["seconds"]
    found["statements"] += planned["statements"]
    found["memory"] = max(found["memory"], planned["memory"])
    return found, left


def killed(database: Copied, customers: int, *, times: int) -> dict[str, Any]:
    """Erase, killed `times`; restore the copy; replay.

    Returns what is `left` after each of both, how many receipts are `missing`, and the seconds.
    """
    database.restore()
    with TemporaryDirectory() as name:
        folder = Path(name)
        acts.alone("plan", database.server, folder)
        kills = kill(
            lambda: acts.started("erase", database.server, folder),
            lambda: database.ask("SELECT count(done_at) FROM jokkerit_plugin_planbatch"),
            times=times,
        )
        receipts = database.ask("SELECT sum(count) FROM jokkerit_plugin_erasure")
        left = [_left(database, folder)]
        database.restore()
        done = acts.alone("replay", database.server, folder)
        left.append(_left(database, folder))
    return {
        "left": left, "missing": RECEIPTED * customers - receipts, "seconds": done["seconds"],
        "kills": kills,
    }  # fmt: skip


def _left(database: Copied, ledger: Path) -> Counter[str]:
    return marked.left(database.server, database.name) + marked.in_files(ledger)
