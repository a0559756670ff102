"""Runs inside Saleor, in a process of its own: fills the register, or makes one person's copy."""

from __future__ import annotations

import io
import json
import os
import sys
import time
import zipfile
from pathlib import Path

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

from jokkerit_plugin import clock  # noqa: E402
from jokkerit_plugin.models import Archive, Customer, Purchase, Request, Sweep  # noqa: E402
from jokkerit_plugin.register import sweep  # noqa: E402
from jokkerit_plugin.retention.proof import columns  # noqa: E402
from jokkerit_plugin.rights import answering, store  # noqa: E402
from jokkerit_plugin.rights.archive import held, in_shop, writing  # noqa: E402
from jokkerit_plugin.rights.archive.held import Whose  # noqa: E402
from jokkerit_plugin.shop.port import shop  # noqa: E402


def fill() -> dict[str, object]:
    """Take in the whole shop."""
    walk = sweep.run(sweep.start(Sweep.Name.BACKFILL))
    assert walk.finished_at
    assert not walk.failed
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return {}


def copy(user: int) -> dict[str, object]:
    """Answer a request for the copy, and then let PostgreSQL copy out the same rows."""
    customer, config, now = Customer.objects.get(saleor_user=user).pk, shop().config(), clock.now()
    row = Request.objects.create(
        customer=customer, kind="access", origin="staff", state="accepted", opened_at=now,
        due_on=now.date(), decided_at=now, decided_by="user:1", proof="staff",
        proof_note="a benchmark", proved_by="user:1",
    )  # fmt: skip
    start = _memory("VmRSS")
    began = time.perf_counter()
    made = answering.make_copies(config)
    seconds, peak = time.perf_counter() - began, _memory("VmHWM")
    assert made == 1
    size = _whole(Archive.objects.get(request=row), customer)
    with transaction.atomic():
        store.drop([row.pk])
    rows, sql = _by_sql(Whose(customer))
    return {"copy": seconds, "peak": peak, "memory": peak - start, "size": size,
            "rows": rows, "sql": sql}  # fmt: skip


def _whole(made: Archive, customer: int) -> int:
    """Assert that a copy has all purchases of the customer and no others; return its bytes."""
    data = b"".join(writing.read(made))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = [one["number"] for one in json.loads(archive.read("json/Purchase.json"))]
        page = archive.read("index.html").decode()
    own = Purchase.objects.filter(customer=customer).values_list("number", flat=True)
    assert sorted(found) == sorted(own)
    assert page.count("<h3>") >= len(found)
    return len(data)


def _by_sql(whose: Whose) -> tuple[int, float]:
    """Copy out the rows, whose keys are known, with the same columns: how many, and seconds."""
    count, seconds = 0, 0.0
    tables = {one.name: one.sql for one in columns.searchable()[0]}
    with transaction.atomic(), connection.cursor() as cursor:
        for one in [*held.of_register(whose), *in_shop.of_shop(whose)]:
            key, name = one.columns[0], tables.get(one.name, "")
            if one.model:
                name = f"jokkerit_plugin_{one.model.lower()}"
                if key not in {"id", "purchase_id"}:
                    continue  # Identifiers and words of search: a row or three.
            keys = [str(row[0]) for row in one.rows()]
            cursor.execute(
                f"CREATE TEMP TABLE wanted AS SELECT {columns.quoted(key)} AS key"
                f" FROM {name} LIMIT 0"
            )
            with cursor.copy("COPY wanted FROM STDIN") as wanted:
                for text in dict.fromkeys(keys):
                    wanted.write_row([text])
            cursor.execute("ANALYZE wanted")
            names = ", ".join(f"t.{columns.quoted(each)}" for each in one.columns)
            began = time.perf_counter()
            with cursor.copy(
                f"COPY (SELECT {names} FROM {name} t JOIN wanted w ON"
                f" t.{columns.quoted(key)} = w.key) TO STDOUT"
            ) as rows:
                for _ in rows:
                    count += 1
            seconds += time.perf_counter() - began
            cursor.execute("DROP TABLE wanted")
    return count, seconds


def _memory(name: str) -> float:
    """A figure of this process in MiB: VmRSS now, VmHWM at most so far (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


def main() -> int:
    """Do it and print."""
    os.environ["JOKKERIT_KEYS"] = f"2026:{'ab' * 32}"
    with shop().writer():
        found = fill() if sys.argv[1] == "fill" else copy(int(sys.argv[2]))
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
