"""The great proof: a marked person stands everywhere, is erased, and only what a rule keeps stays.

Real processes: the search runs inside the shop, on what every corner of Saleor has written.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from demo import accounts
from dev.paths import ROOT
from dev.processes import scratch
from dev.servers import servers
from dev.shop import Shop
from tests.saleor import marked_person
from tests.saleor.commands import Commands
from tests.saleor.live import Live, logs_of, this_saleor
from tests.saleor.marked_person import Marked

KEYS = "2026:" + "5a" * 32
#: The same commands in a process whose clock is ahead.
LATER = """
from datetime import timedelta
import jokkerit_plugin.clock as clock
real = clock.now
clock.now = lambda: real() + timedelta(days=%d)
"""


@dataclass
class House:
    """The shop, and the person in it."""

    live: Live
    media: Path
    person: Marked
    customer: int


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    saleor = this_saleor()
    media = scratch("jkmedia-")
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.saleor.media_settings",
        "JOKKERIT_KEYS": KEYS,
        "JOKKERIT_LEDGER_DIR": str(scratch("jkledger-")),
        "MEDIA_ROOT": str(media),
        "PYTHONPATH": str(ROOT),
    }
    with (
        servers() as running,
        Shop(saleor, running, environment=environment, logs=logs_of(saleor, "marked")) as shop,
    ):
        live = Live(shop)
        live.commands.start()
        shop.start()
        live.commands.run("migrate", "jokkerit_plugin")
        live.configure(fill_checkouts=True, erase_in_shop=True)
        live.commands.run("register_backfill")
        person = marked_person.play(live.stage)
        live.settle()
        row = live.database.execute(
            "SELECT id FROM jokkerit_plugin_customer WHERE saleor_user = %s", [person.account.key]
        ).fetchone()
        assert row
        yield House(live, media, person, row["id"])
        live.kill()


def prove(house: House, *options: str) -> dict[str, Any]:
    printed, _ = house.live.commands.outcome("register_prove", *options, "--json")
    found: dict[str, Any] = json.loads(printed)
    return found


def by_column(found: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    places = defaultdict(list)
    for one in found["findings"]:
        places[f"{one['table']}.{one['column']}"].append(one)
    return dict(places)


def test_the_person_stands_in_dozens_of_columns_and_in_files(house: House) -> None:
    found = prove(house, str(house.customer))

    places = by_column(found)
    files = [one for one in found["findings"] if one["table"] == "file"]
    assert found["tables"] > 140
    assert found["files"] >= len(files) >= 5
    assert {
        "account_user.email", "account_user.first_name", "account_user.note",
        "account_user.metadata", "account_user.external_reference",
        "account_address.first_name", "account_address.street_address_1",
        "account_address.phone", "account_customerevent.parameters",
        "account_address.private_metadata",
        "checkout_checkout.email", "checkout_checkout.note",
        "discount_vouchercustomer.customer_email",
        "discount_orderdiscount.reason",
        "giftcard_giftcard.used_by_email",
        "invoice_invoice.external_url", "invoice_invoice.metadata",
        "order_order.user_email", "order_order.customer_note", "order_order.metadata",
        "order_order.private_metadata", "order_order.search_vector",
        "order_orderline.metadata", "order_orderevent.parameters",
        "order_fulfillment.tracking_number", "order_ordergrantedrefund.reason",
        "payment_transactionitem.metadata", "payment_transactionitem.psp_reference",
        "payment_transactionevent.message",
        "jokkerit_plugin_customer.email", "jokkerit_plugin_knownidentifier.value",
        "jokkerit_plugin_purchase.party_street_1", "jokkerit_plugin_movement.reference",
    } - set(places) == set()  # fmt: skip
    assert len(places) >= 45
    assert left(found) == []


def left(found: dict[str, Any]) -> list[str]:
    return sorted({f"{one['table']}.{one['column']} {one['kinds']}" for one in found["findings"]
                   if not one["rule"]})  # fmt: skip


def standing(house: House) -> tuple[set[str], set[str]]:
    """Columns and files in which a mark stands, by a plain reading: no search of ours."""
    database = house.live.database
    tables = database.execute(
        "SELECT table_name AS t, column_name AS c FROM information_schema.columns"
        " JOIN information_schema.tables USING (table_schema, table_name)"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
    ).fetchall()
    found = set()
    for one in tables:
        sql = f'SELECT count(*) AS n FROM "{one["t"]}" WHERE "{one["c"]}"::text ~* %s'
        row = database.execute(sql, ["naadanpaa@example|Vuokkotar|Kärppäpolku|500004242"])
        if (counted := row.fetchone()) and counted["n"]:
            found.add(f"{one['t']}.{one['c']}")
    files = {
        str(path.relative_to(house.media))
        for path in house.media.rglob("*")
        if path.is_file() and b"naadanpaa@example" in path.read_bytes()
    }
    return found, files


def test_the_search_finds_what_a_plain_reading_finds(house: House) -> None:
    found = prove(house, str(house.customer))

    columns, files = standing(house)
    assert len(columns) >= 45
    assert len(files) >= 5
    assert columns - set(by_column(found)) == set()
    assert files - {one["key"] for one in found["findings"] if one["table"] == "file"} == set()


def test_no_certificate_holds_a_mark(house: House) -> None:
    prove(house, str(house.customer))

    rows = house.live.database.execute(
        "SELECT c::text AS text FROM jokkerit_plugin_certificate AS c"
    ).fetchall()
    marks = ("vuokkotar", "näädänpää", "naadanpaa", "kärppäpolku", "500004242")
    assert [mark for mark in marks for row in rows if mark in str(row["text"]).casefold()] == []


#: Prints, by column, the marked values in the copy that the person would get, and which columns
#: of the shop the erasers claim.
COPY = """
import io, json, re, zipfile
from django.db import transaction
from jokkerit_plugin.rights.archive import held, writing
from jokkerit_plugin.shop import erasers
from jokkerit_plugin.shop.port import shop
out, found = io.BytesIO(), {}
with shop().writer(), transaction.atomic():
    writing.write(out, held.Whose(%d), shop().config(), "fi")
archive = zipfile.ZipFile(out)
for name in archive.namelist():
    if name.startswith("json/"):
        for row in json.loads(archive.read(name)):
            for column, value in row.items():
                if re.search(%r, str(value), re.I):
                    found.setdefault(name[5:-5] + "." + column, []).append(str(value))
print(json.dumps(found))
"""
MARKS = "naadanpaa@example|Vuokkotar|Kärppäpolku|500004242"
#: Their own clocks; what was sent to webhooks is not found by whose it is.
_NOT_COPIED = ("core_eventpayload.", "core_eventdeliveryattempt.")


def test_the_copy_has_value_by_value_what_the_erasers_would_take(house: House) -> None:
    printed = house.live.commands.run("shell", "-c", COPY % (house.customer, MARKS))
    copied: dict[str, list[str]] = json.loads(printed.splitlines()[-1])

    columns, _ = standing(house)
    missing = []
    for column in sorted(columns):
        table, _, name = column.partition(".")
        if table.startswith("jokkerit_plugin_") or column.startswith(_NOT_COPIED):
            continue
        rows = house.live.database.execute(
            f'SELECT DISTINCT "{name}"::text AS v FROM "{table}" WHERE "{name}"::text ~* %s',
            [MARKS],
        ).fetchall()
        missing += [column for row in rows if row["v"] not in copied.get(column, [])]
    assert missing == []


def certified(house: House, plan: int, commands_: Commands) -> dict[str, Any]:
    commands_.run(
        "shell", "-c",
        f"from jokkerit_plugin.retention import proof; from jokkerit_plugin.shop.port import shop\n"
        f"with shop().writer():\n    proof.ready(plan={plan}); proof.certify()",
    )  # fmt: skip
    row = house.live.database.execute(
        "SELECT * FROM jokkerit_plugin_certificate WHERE plan = %s", [plan]
    ).fetchone()
    assert row
    return dict(row)


def ticket(commands_: Commands, plan: int, **whose: list[int]) -> None:
    commands_.run(
        "shell", "-c",
        f"from jokkerit_plugin.retention import proof; from jokkerit_plugin.shop.port import shop\n"
        f"with shop().writer():\n    print(proof.open_ticket(plan={plan}, **{whose}))",
    )  # fmt: skip


def test_erased_on_request_only_what_a_rule_keeps_remains_and_in_eleven_years_nothing(
    house: House,
) -> None:
    live = house.live
    accounts.delete_self(live.store, house.person.account)
    live.settle()
    purchases = [
        row["id"]
        for row in live.database.execute(
            "SELECT id FROM jokkerit_plugin_purchase WHERE customer_id = %s", [house.customer]
        )
    ]
    assert len(purchases) == len(house.person.orders)
    made = live.commands.run("register_retention")
    plan = int(made.split()[1])
    ticket(live.commands, plan, customers=[house.customer])
    live.commands.run("register_retention", "--approve", str(plan))
    ran, failed = live.commands.outcome("register_retention", "--run")
    assert not failed, ran

    now = certified(house, plan, live.commands)

    assert (left(now), now["verdict"]) == ([], "kept")
    assert {one["rule"] for one in now["findings"]} <= {"claims", "identity", "payload", "checkout"}
    columns, _ = standing(house)
    assert columns - set(by_column(now)) == set()

    # The database's own clock does not move along: by it, carts and webhooks are of this minute.
    live.write("UPDATE checkout_checkout SET last_change = last_change - interval '11 years'")
    live.write("UPDATE core_eventdelivery SET created_at = created_at - interval '11 years'")
    later = Commands(live.shop, before=LATER % (11 * 366))
    try:
        ticket(later, 4711, purchases=purchases)
        later.run("shell", "-c", "from jokkerit_plugin.tasks import expire_traces as t; t()")
        later.run("register_retention", "--run")
        then = certified(house, 4711, later)
    finally:
        later.stop()

    assert (then["findings"], then["verdict"]) == ([], "clean")
    assert standing(house) == (set(), set())
