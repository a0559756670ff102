"""A full disk, and a database that takes nothing in: nothing is lost, and somebody is told."""

import resource
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection

from jokkerit_plugin import clock, tasks
from jokkerit_plugin.access import copies
from jokkerit_plugin.access.copies import NotReplayed
from jokkerit_plugin.marketing import copied, ledger
from jokkerit_plugin.models import (
    BooksArchive,
    ChainHead,
    Customer,
    Erasure,
    InboxEvent,
    LogFile,
    Plan,
    Purchase,
    SetAside,
    SiteLine,
    Suppression,
)
from jokkerit_plugin.policy.marketing import Channel, Kind
from jokkerit_plugin.register import inbox
from jokkerit_plugin.retention import night
from jokkerit_plugin.saleor_bridge import hooks
from jokkerit_plugin.shop.snapshots import Kind as Row
from jokkerit_plugin.sitelog import following
from tests.forgetting import approved, buys, told
from tests.logs import by_day
from tests.opting import AINO, KEY, key
from tests.paper_shop import key_of
from tests.test_retention_copies import receipts

__all__ = ["by_day"]
pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "203.0.113.77"


@contextmanager
def no_room(left: int = 64) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes: what fits is written, as on a disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (left, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def refusing(table: str, state: str = "53100") -> Iterator[None]:
    """Let PostgreSQL answer each row that would come into a table as it does on a full disk."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            f" 'BEGIN RAISE EXCEPTION USING ERRCODE = ''{state}''; END'"
        )
        cursor.execute(
            f"CREATE TRIGGER refuse BEFORE INSERT OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION refuse CASCADE")


@contextmanager
def read_only() -> Iterator[None]:
    """Let the database take nothing in, as a standby does."""
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    try:
        yield
    finally:
        connection.close()


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    key(monkeypatch, KEY)
    monkeypatch.setenv(copies.VARIABLE, str(tmp_path / "ledger"))
    return tmp_path / "ledger"


# The database's disk.


def test_events_wait_where_they_are_while_the_databases_disk_is_full(shop):
    for name in ("one", "two"):
        shop.order(name)
    for kind, one in shop.delivered():
        inbox.note(kind, [one])
    with refusing("jokkerit_plugin_purchase"), pytest.raises(inbox.InboxError, match="53100"):
        inbox.drain()
    assert InboxEvent.objects.count() == 2
    assert not SetAside.objects.exists(), "no row is to blame, and none waits for half a day"
    assert inbox.drain().written == 2


def test_a_night_on_a_full_disk_erases_nothing_by_halves_and_the_next_goes_on(shop):
    buys(shop, "aino")
    told()
    approved(shop)
    with refusing("jokkerit_plugin_erasure"):
        plan = night.by_hand()
    assert plan.state == Plan.State.LEFT
    assert "failed" in plan.problem
    assert Customer.objects.exists()
    assert not Erasure.objects.exists()
    Plan.objects.all().delete()
    approved(shop)
    night.by_hand()
    assert not Customer.objects.exists()
    assert Erasure.objects.exists()


def test_what_a_job_raises_quotes_no_row(shop, monkeypatch):
    def fail(*_: object) -> None:
        raise IntegrityError(f"Failing row contains ({SECRET}).")

    monkeypatch.setattr(tasks.links, "link", fail)
    with pytest.raises(tasks.JobFailed) as failed:
        tasks.keep_site_log()
    told = "".join(traceback.format_exception(failed.value))
    assert SECRET not in told
    assert "IntegrityError" in told
    assert "in fail" in told, "where it was stays known"


# A database that is read-only.


def test_a_read_only_database_is_told_and_loses_nothing_that_was_there(shop, keyed, caplog):
    inbox.note(Row.ORDER, [shop.order("one")])
    with read_only():
        hooks.write_down(Row.ORDER, [key_of("two")])
        assert "25006" in caplog.text
        for job in (tasks.drain, tasks.keep_site_log):
            with pytest.raises((inbox.InboxError, tasks.JobFailed)):
                job()
        out = StringIO()
        with pytest.raises(SystemExit) as left:
            call_command("register_status", stdout=out)
        assert left.value.code == 2
        assert "ALERT READ_ONLY" in out.getvalue()
    assert InboxEvent.objects.count() == 1
    tasks.drain()
    assert Purchase.objects.count() == 1


# The reader of a web server's log.


@pytest.fixture
def log(tmp_path, by_day) -> Path:
    path = tmp_path / "access.log"
    at = clock.now().strftime("%d/%b/%Y:%H:%M:%S +0000")
    path.write_text(f'{SECRET} - - [{at}] "GET / HTTP/1.1" 200 5 "-" "-"\n')
    return path


def test_the_reader_says_what_refuses_and_not_whose_line(shop, log):
    with refusing("jokkerit_plugin_siteline"), pytest.raises(CommandError, match="53100") as ended:
        call_command("register_follow_log", str(log), "--once")
    assert SECRET not in "".join(traceback.format_exception(ended.value))
    assert not LogFile.objects.exists()
    call_command("register_follow_log", str(log), "--once")
    assert SiteLine.objects.count() == 1


def test_the_reader_waits_for_a_database_that_is_away_and_goes_on(shop, log, monkeypatch):
    """`time.sleep` is where the database goes and comes."""
    look, rounds = following.follow, []

    class Ended(Exception):
        pass

    def follow(*given, **more):
        if len(rounds) == 1:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return look(*given, **more)

    def sleep(seconds: float) -> None:
        rounds.append(seconds)
        with log.open("a") as file:
            file.write(log.read_text().splitlines(keepends=True)[0])
        if len(rounds) == 4:
            raise Ended

    monkeypatch.setattr(following, "follow", follow)
    monkeypatch.setattr(time, "sleep", sleep)
    told = StringIO()
    with pytest.raises(Ended):
        call_command("register_follow_log", str(log), stderr=told)
    assert told.getvalue().count("No line is lost") == 1
    assert SiteLine.objects.count() == 4


# The copies outside the database, and the archive.


def test_a_copy_of_the_ledger_that_found_no_room_is_none_and_is_written_anew(folder):
    receipts(1, 2)
    with no_room(), pytest.raises(NotReplayed, match="cannot be reached: OSError"):
        copies.write()
    assert copies.newest() is None
    assert copies.write() == 2
    assert [link["seq"] for some in copies.after(0) for link in some] == [1, 2]


def test_a_copy_that_was_cut_off_by_a_kill_is_none(folder, monkeypatch):
    receipts(1)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            copies.write()
    assert copies.newest() is None
    assert copies.write() == 1
    assert len(list(copies.after(0))) == 1


def test_a_copy_of_an_opt_out_that_found_no_room_holds_up_nobody(shop, folder):
    with no_room():
        ledger.record(Kind.OBJECTION, Channel.EMAIL, AINO, source="link")
    assert Suppression.objects.get().copied is False
    with no_room(), pytest.raises(NotReplayed):
        copied.write()
    assert copied.write() == 1
    ChainHead.objects.all().delete()
    assert copied.take_in() == 1


def test_an_archive_that_finds_no_room_is_none(shop, folder, tmp_path, monkeypatch):
    out = tmp_path / "archive"
    with no_room(2000), pytest.raises(CommandError, match="cannot be written: File too large"):
        call_command("register_archive", str(out), "--despite", "--by", "Testi")
    assert not out.exists()
    assert not BooksArchive.objects.exists()
