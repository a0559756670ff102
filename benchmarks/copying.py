"""Runs inside Saleor, in a process of its own: fills the register, or makes one person's copy."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

from jokkerit_plugin.models import Customer, Sweep  # noqa: E402
from jokkerit_plugin.register import sweep  # noqa: E402
from jokkerit_plugin.retention.proof import columns  # noqa: E402
from jokkerit_plugin.rights.archive import held, in_shop, writing  # noqa: E402
from jokkerit_plugin.rights.archive.held import Whose  # noqa: E402
from jokkerit_plugin.shop.port import shop  # noqa: E402


class Nowhere:
    """Counts what is written, as the sink of the copies does, and keeps none of it."""

    size = 0

    def write(self, data: bytes) -> int:
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""


def fill() -> dict[str, object]:
    """Take in the whole shop."""
    walk = sweep.run(sweep.start(Sweep.Name.BACKFILL))
    assert walk.finished_at
    assert not walk.failed
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return {}


def copy(user: int) -> dict[str, object]:
    """Make the copy, and then let PostgreSQL copy out the same rows."""
    whose, config = Whose(Customer.objects.get(saleor_user=user).pk), shop().config()
    start, out = _memory("VmRSS"), Nowhere()
    began = time.perf_counter()
    with transaction.atomic():
        writing.write(out, whose, config, "fi")
    seconds, peak = time.perf_counter() - began, _memory("VmHWM")
    rows, sql = _by_sql(whose)
    return {"copy": seconds, "peak": peak, "memory": peak - start, "size": out.size,
            "rows": rows, "sql": sql}  # fmt: skip


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
    with shop().writer():
        found = fill() if sys.argv[1] == "fill" else copy(int(sys.argv[2]))
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
