"""Voucher numbers have no gap and no double, whoever writes at once and whoever is killed."""

import threading
from datetime import date

import pytest
from django.db import OperationalError, close_old_connections, connection, connections
from psycopg import errors

from jokkerit_plugin.accounting import books, vouchers
from jokkerit_plugin.config import Config
from jokkerit_plugin.models import Posting, Purchase, Voucher, VoucherSeries
from tests.bookkeeping import follow, sell

WRITERS = 8
PURCHASES = 120


@pytest.fixture
def many(shop, transactional_db, monkeypatch):
    """Purchases of two financial years, not booked yet; small batches, so that many run."""
    shop.port.settings = Config(active=True, voucher_start=date(2020, 1, 1))
    monkeypatch.setattr(books, "BATCH", 5)
    for number in range(PURCHASES):
        sell(shop, f"n{number}", "2025-12-31" if number % 3 else "2026-01-02")
    real = books.keep
    monkeypatch.setattr(books, "keep", lambda **_: 0)
    follow(shop)
    monkeypatch.setattr(books, "keep", real)
    assert Purchase.objects.filter(unbooked=True).count() == PURCHASES
    books._follow_settings(shop.port.settings)
    return shop


def numbers(year: int) -> list[int]:
    found = Voucher.objects.filter(year_end__year=year).order_by("number")
    return list(found.values_list("number", flat=True))


def run_together(work) -> list[BaseException]:
    problems: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as problem:  # noqa: BLE001 - told below
            problems.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return problems


def check() -> None:
    assert not Purchase.objects.filter(unbooked=True).exists()
    assert numbers(2025) == list(range(1, 81))
    assert numbers(2026) == list(range(1, 41))
    assert Posting.objects.count() == 2 * PURCHASES
    assert not Posting.objects.filter(voucher=None).exists()
    last = dict(VoucherSeries.objects.values_list("label", "last"))
    assert last == {"2025": 80, "2026": 40}


@pytest.mark.promise("P-KEEP-BOOKKEEPING")
def test_eight_writers_leave_no_gap_and_no_double(many):
    assert run_together(lambda: books.keep(max_batches=1000)) == []
    check()


def test_writers_that_are_killed_take_their_numbers_back(many, monkeypatch):
    """Every third transaction loses its session right after its numbers were given."""
    real, turn, lock = vouchers.Plan.write, [0], threading.Lock()

    def write(self) -> None:
        real(self)
        with lock:
            turn[0] += 1
            kill = turn[0] % 3 == 0
        if kill:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(vouchers.Plan, "write", write)

    def work() -> None:
        while Purchase.objects.filter(unbooked=True).exists():
            try:
                books.keep(max_batches=1000)
            except (OperationalError, errors.AdminShutdown):
                connection.close()
                close_old_connections()

    assert run_together(work) == []
    assert turn[0] > PURCHASES // 5
    check()
