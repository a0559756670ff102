"""Where people still stand after their erasure: every column of every table, and files.

The people of `peers` bear the same marks, which nothing else in their databases has.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from . import plain

#: E-mail, name as it is written and as it is folded for the search, street, phone.
MARKS = ("@example.com", "mäkelä", "makela", "kaskitie", "+35850")


def left(server: str, name: str) -> Counter[str]:
    """Return by table and column how many rows of a database bear a mark.

    Columns are those that the register's own proof looks through, of whoever's database.
    """
    plain.attach(server, name)
    from django.db import connection

    from jokkerit_plugin.retention.proof import columns

    tables, closed = columns.searchable()
    assert not closed, closed
    found: Counter[str] = Counter()
    patterns = [f"%{mark}%" for mark in MARKS]
    with connection.cursor() as cursor:
        for table in tables:
            counts = ", ".join(
                f"count(*) FILTER (WHERE {one.expression} ILIKE ANY(%(marks)s))"
                for one in table.columns
            )
            cursor.execute(f"SELECT {counts} FROM {table.sql}", {"marks": patterns})
            names = (f"{table.name}.{one.name}" for one in table.columns)
            found.update(dict(zip(names, cursor.fetchone(), strict=True)))
    connection.close()
    return +found


def in_files(folder: Path) -> Counter[str]:
    """Return the files below a folder that hold a mark."""
    texts = {one.name: one.read_text(errors="replace").lower() for one in folder.rglob("*")
             if one.is_file()}  # fmt: skip
    return Counter(name for name, text in texts.items() if any(mark in text for mark in MARKS))
