"""A chain of rows: whole, or the place where it is broken is named."""

import threading
from contextlib import suppress

import psycopg
import pytest
from django.db import OperationalError, connection, connections, transaction

from jokkerit_plugin import clock
from jokkerit_plugin.access import chain
from jokkerit_plugin.models import AccessEntry, ChainHead

pytestmark = pytest.mark.django_db(transaction=True)


def entry(act: str = "test", subjects: tuple[int, ...] = (1,)) -> dict[str, object]:
    return {
        "at": clock.now(), "actor": "user:1", "role": "staff", "purpose": "service",
        "categories": "name", "act": act, "subjects": chain.as_multirange(subjects),
        "count": len(subjects), "outcome": "granted", "reason": "",
    }  # fmt: skip


def write(number: int) -> None:
    for index in range(number):
        chain.append(AccessEntry, entry(f"act {index}"))


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def faults() -> list[tuple[int, str]]:
    return [(fault.seq, fault.what) for fault in chain.verify(AccessEntry)]


def by_steps() -> tuple[int, list[int]]:
    """Prove the chain two links at a time, until a fault or the end."""
    reached, after, found = -1, 0, []
    while after != reached and not found:
        reached = after
        after, found = chain.walk(AccessEntry, after=after, size=2)
    return after, [fault.seq for fault in found]


@pytest.mark.parametrize("length", [0, 1, 7])
def test_an_untouched_chain_is_whole(length, monkeypatch):
    monkeypatch.setattr(chain, "PAGE", 3)
    write(length)
    assert faults() == []
    assert by_steps() == (length, [])


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("UPDATE {t} SET actor = 'user:2' WHERE seq = 3", [(3, chain.CHANGED)]),
        ("UPDATE {t} SET subjects = '{{[1,3)}}' WHERE seq = 3", [(3, chain.CHANGED)]),
        ("UPDATE {t} SET at = at + interval '1 microsecond' WHERE seq = 5", [(5, chain.CHANGED)]),
        ("UPDATE {t} SET hash = sha256(hash) WHERE seq = 3",
         [(3, chain.CHANGED), (4, chain.CHANGED)]),
        ("DELETE FROM {t} WHERE seq = 1", [(1, "missing"), (2, chain.CHANGED)]),
        ("DELETE FROM {t} WHERE seq IN (3, 4)", [(3, "missing to 4"), (5, chain.CHANGED)]),
        ("DELETE FROM {t} WHERE seq = 5", [(5, "missing")]),
        ("DELETE FROM {t} WHERE seq > 3", [(4, "missing to 5")]),
        (("INSERT INTO {t} SELECT 6, hash, at, actor, role, purpose, categories, act, subjects,"
         " count, outcome, reason FROM {t} WHERE seq = 5"),
         [(6, chain.CHANGED), (6, chain.BEHIND)]),
        (("UPDATE {t} SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE seq IN (2, 3);"
         " UPDATE {t} SET seq = -seq WHERE seq < 0"),
         [(2, chain.CHANGED), (3, chain.CHANGED), (4, chain.CHANGED)]),
    ],
    ids=["actor", "subjects", "time", "hash", "first gone", "middle gone", "last gone",
         "tail gone", "added", "reordered"],
)  # fmt: skip
def test_tampering_is_named_where_it_happened(sql, expected):
    write(5)
    run(sql.format(t=AccessEntry._meta.db_table))
    assert faults() == expected
    assert by_steps()[1][0] == expected[0][0]


def test_a_chain_whose_head_was_turned_back_is_noticed():
    write(5)
    ChainHead.objects.update(seq=3)
    assert faults() == [(5, chain.BEHIND)]
    assert by_steps()[1] == [5]


def test_an_entry_of_a_transaction_that_rolled_back_leaves_no_gap():
    write(2)
    with transaction.atomic():
        write(1)
        transaction.set_rollback(True)
    write(1)
    assert list(AccessEntry.objects.values_list("seq", flat=True)) == [1, 2, 3]
    assert faults() == []


def test_eight_writers_leave_one_chain_without_a_gap():
    def work() -> None:
        write(10)
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert AccessEntry.objects.count() == 80
    assert faults() == []


def killed_while_appending() -> None:
    """Append in another session, whose server process is then killed."""
    parameters = {**connection.get_connection_params(), "cursor_factory": psycopg.Cursor}
    reached, finish = threading.Event(), threading.Event()
    backend = []

    def work() -> None:
        with suppress(OperationalError), transaction.atomic():
            write(1)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                backend.append(cursor.fetchone()[0])
            reached.set()
            finish.wait()
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    reached.wait()
    with psycopg.connect(**parameters, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 10000)", backend)
    finish.set()
    thread.join()


def test_a_killed_transaction_leaves_no_gap_and_holds_nobody_up():
    write(2)
    killed_while_appending()
    write(2)
    assert list(AccessEntry.objects.values_list("seq", flat=True)) == [1, 2, 3, 4]
    assert faults() == []


def test_verifying_while_others_append_raises_no_false_alarm(monkeypatch):
    """A page a row, and a link added between any two pages."""
    monkeypatch.setattr(chain, "PAGE", 1)
    write(5)
    rows = chain._rows

    def append() -> None:
        write(1)
        connections.close_all()

    def slowly(*args, **kwargs):
        for row in rows(*args, **kwargs):
            yield row
            thread = threading.Thread(target=append)
            thread.start()
            thread.join()

    monkeypatch.setattr(chain, "_rows", slowly)
    assert faults() == []
    assert AccessEntry.objects.count() == 10


def test_no_more_faults_are_named_than_wanted():
    write(5)
    run(f"UPDATE {AccessEntry._meta.db_table} SET hash = sha256(hash)")
    assert len(chain.verify(AccessEntry)) == 6
    assert len(chain.verify(AccessEntry, most=2)) == 2


@pytest.mark.parametrize(
    ("ids", "text"),
    [
        ([], "{}"),
        ([5], "{[5,6)}"),
        ([3, 1, 2, 2, 9], "{[1,4),[9,10)}"),
        (range(1, 1_000_001), "{[1,1000001)}"),
    ],
)
def test_a_set_of_subjects_is_written_exactly_and_compactly(ids, text):
    assert chain.as_multirange(list(ids)) == text
