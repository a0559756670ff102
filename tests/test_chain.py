"""A chain of rows: whole, or the place where it is broken is named."""

import threading

import pytest
from django.db import connection, connections, transaction

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


@pytest.mark.parametrize("length", [0, 1, 7])
def test_an_untouched_chain_is_whole(length, monkeypatch):
    monkeypatch.setattr(chain, "PAGE", 3)
    write(length)
    assert faults() == []


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


def test_a_chain_whose_head_was_turned_back_is_noticed():
    write(5)
    ChainHead.objects.update(seq=3)
    assert faults() == [(5, chain.BEHIND)]


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
