"""Each line of a file once: killed, renamed, compressed, copied, cut off."""

import bz2
import gzip
import lzma
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from jokkerit_plugin import clock
from jokkerit_plugin.config import Config
from jokkerit_plugin.models import LogFile, RefusedLines, SiteLine
from jokkerit_plugin.policy.site_log import LONGEST_LINE
from jokkerit_plugin.sitelog import expiry, following
from tests.follower import of_the_demo
from tests.logs import by_day, database_url

__all__ = ["by_day"]
CONFIG = Config(active=True)


pytestmark = pytest.mark.django_db
#: For what must be committed to be seen.
committed = pytest.mark.usefixtures("by_day")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "access.log"


def written(*numbers: int) -> bytes:
    at = clock.now().strftime("%d/%b/%Y:%H:%M:%S +0000")
    return b"".join(
        f'203.0.113.9 - - [{at}] "GET /{number} HTTP/1.1" 200 5 "-" "-"\n'.encode()
        for number in numbers
    )


def add(path: Path, raw: bytes) -> None:
    with path.open("ab") as file:
        file.write(raw)


def look(log: Path) -> list[int]:
    following.follow(log, config=CONFIG)
    return taken()


def taken() -> list[int]:
    return sorted(int(path[1:]) for path in SiteLine.objects.values_list("path", flat=True))


def test_a_file_is_taken_as_it_grows_and_only_whole_lines(log):
    assert look(log) == []
    add(log, written(1, 2) + written(3)[:20])
    assert look(log) == [1, 2]
    add(log, written(3)[20:])
    assert look(log) == [1, 2, 3]
    assert look(log) == [1, 2, 3]
    assert LogFile.objects.get().position == log.stat().st_size


def test_rotation_by_rename_loses_nothing_that_is_still_written(log):
    add(log, written(1))
    assert look(log) == [1]
    old = log.rename(log.with_name("access.log.1"))
    add(old, written(2))
    add(log, written(3))
    assert look(log) == [1, 2, 3]
    old = old.rename(log.with_name("access.log.2"))
    add(old, written(4))
    assert look(log) == [1, 2, 3, 4]


@pytest.mark.parametrize(("suffix", "press"), [(".gz", gzip.compress), (".bz2", bz2.compress)])
def test_a_compressed_file_is_the_one_it_was(log, suffix, press):
    add(log, written(1))
    assert look(log) == [1]
    add(log, written(2, 3)[:-1])
    log.with_name(f"access.log.1{suffix}").write_bytes(press(log.read_bytes()))
    log.unlink()
    add(log, written(4))
    assert look(log) == [1, 2, 3, 4]
    assert look(log) == [1, 2, 3, 4]


def test_a_compressed_file_that_is_not_whole_waits(log):
    whole = gzip.compress(written(*range(500)))
    packed = log.with_name("access.log-20261128.gz")
    packed.write_bytes(whole[:-20])
    look(log)
    packed.write_bytes(whole)
    assert look(log) == list(range(500))


def damaged(packed: bytes) -> bytes:
    """Break off a compressed file, as a full disk does."""
    return packed[: len(packed) * 2 // 3]


def hours_old(path: Path, hours: int = 2) -> None:
    at = clock.now().timestamp() - hours * 3600
    os.utime(path, (at, at))


@pytest.mark.parametrize(
    ("suffix", "press"),
    [(".gz", gzip.compress), (".bz2", lambda raw: bz2.compress(raw, 1)), (".xz", lzma.compress)],
    ids=["gz", "bz2", "xz"],
)
def test_of_a_damaged_file_is_taken_what_can_be_read_and_it_is_told(log, suffix, press, caplog):
    # Of text that hardly repeats, so that there are blocks to be read before the damage.
    numbers = [one * 7_368_787 % 99_999_989 for one in range(1, 2_501)]
    whole = press(written(*numbers))
    packed = log.with_name(f"access.log.1{suffix}")
    packed.write_bytes(damaged(whole))
    hours_old(packed)
    found = look(log)
    assert found == sorted(numbers[: len(found)])
    assert len(found) > 100
    assert f"access.log.1{suffix} is damaged" in caplog.text
    assert "203.0.113.9" not in caplog.text
    told = RefusedLines.objects.values_list("reason", "count", "example")
    assert list(told) == [("damaged", 1, f"access.log.1{suffix}")]
    # Looked at anew it is the same, and mended it goes on where it was.
    assert look(log) == found
    packed.write_bytes(whole)
    assert look(log) == sorted(numbers)


def test_a_file_of_a_kind_that_is_not_read_is_told_and_not_opened(log, caplog):
    plain = ["access.log", "access.log.1", "access.log-20261127", "access.log.old"]
    for number, name in enumerate(plain):
        add(log.with_name(name), written(number))
    unread = ["access.log-20261128.zip", "access.log.2.lz4", "access.log.3.zst", "access.log.4.7z"]
    for name in unread:
        add(log.with_name(name), written(9))
    seen: following.Seen = {}
    for _ in range(2):
        following.follow(log, config=CONFIG, seen=seen)
        assert taken() == [0, 1, 2, 3]
    told = RefusedLines.objects.get()
    assert (told.reason, told.count) == ("unreadable", 4)
    assert told.example in unread
    assert all(f"{name} is closed to the reader, or of a kind" in caplog.text for name in unread)


def test_a_file_that_is_closed_to_the_reader_holds_up_no_other(log, monkeypatch):
    add(log.with_name("access.log.1"), written(1))
    add(log, written(2))
    hours_old(log.with_name("access.log.1"))
    real = following.opened

    def closed(path: Path, **how: bool):
        if path.name == "access.log.1":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, **how)

    seen: following.Seen = {}
    with monkeypatch.context() as patch:
        patch.setattr(following, "opened", closed)
        for _ in range(2):
            following.follow(log, config=CONFIG, seen=seen)
            assert taken() == [2]
            add(log.with_name("access.log.1"), b"")
            log.with_name("access.log.1").chmod(0o600)
    told = RefusedLines.objects.get()
    assert (told.reason, told.count, told.example) == ("unreadable", 1, "access.log.1")
    # Opened to it, it is read, though nobody wrote to it.
    log.with_name("access.log.1").chmod(0o640)
    following.follow(log, config=CONFIG, seen=seen)
    assert taken() == [1, 2]


def test_another_log_beside_it_is_no_rotation_of_it(log):
    for number, name in enumerate(["access.log", "access.log-20261128", "access.log.1"]):
        add(log.with_name(name), written(number))
    add(log.with_name("access.log-ssl"), written(9))
    add(log.with_name("other-access.log"), written(9))
    assert look(log) == [0, 1, 2]


def test_a_file_that_was_damaged_after_it_was_read_is_not_taken_twice(log):
    lines = written(*range(2_000))
    add(log, lines)
    assert len(look(log)) == 2_000
    packed = log.with_name("access.log.1.gz")
    packed.write_bytes(damaged(gzip.compress(lines)))
    hours_old(packed)
    log.unlink()
    assert len(look(log)) == 2_000


def test_a_file_whose_first_bytes_are_damaged_holds_up_no_other(log):
    packed = log.with_name("access.log.1.bz2")
    packed.write_bytes(b"BZh91AY&SY" + b"\0" * 50)
    hours_old(packed)
    add(log, written(1))
    assert look(log) == [1]
    assert RefusedLines.objects.get().reason == "damaged"


def test_a_compressed_file_is_read_once_from_its_beginning_to_its_end(log, monkeypatch):
    monkeypatch.setattr(following, "CHUNK", 2_000)
    log.with_name("access.log.1.gz").write_bytes(gzip.compress(written(*range(500))))
    back = []
    real = gzip.GzipFile.rewind
    monkeypatch.setattr(gzip.GzipFile, "rewind", lambda file: back.append(1) or real(file))
    monkeypatch.setattr(
        gzip._GzipReader, "_rewind", lambda file, was=gzip._GzipReader._rewind: (
            back.append(1), was(file)
        )
    )  # fmt: skip
    assert look(log) == list(range(500))
    assert len(back) <= 2


def test_what_is_remembered_of_a_file_ends_a_year_after_the_file(log, monkeypatch):
    add(log, written(1))
    other = log.with_name("access.log.1")
    add(other, written(2, 3))
    look(log)
    year = clock.now() - timedelta(days=366)
    LogFile.objects.update(seen_at=year)
    # Of one that is still there it is noted, though nothing is taken.
    assert look(log) == [1, 2, 3]
    assert LogFile.objects.filter(seen_at__gt=year).count() == 2
    assert following.forget() == 0
    LogFile.objects.filter(position=other.stat().st_size).update(seen_at=year)
    expiry.expire(CONFIG)
    assert LogFile.objects.get().position == log.stat().st_size
    # It comes back nevertheless: all that it says is out of time.
    later = clock.now() + timedelta(days=366)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert following.follow(log, config=CONFIG)["out_of_time"] == 2


def test_a_file_that_is_as_it_was_is_seen_anew_each_day(log, monkeypatch):
    seen: following.Seen = {}
    add(log, written(1))
    following.follow(log, config=CONFIG, seen=seen)
    later = clock.now() + timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    following.follow(log, config=CONFIG, seen=seen)
    assert LogFile.objects.get().seen_at == later


def test_a_line_without_a_time_is_of_its_files_last_day_at_the_latest(log):
    add(log, b'INFO:     203.0.113.9:40312 - "GET /1 HTTP/1.1" 200 OK\n')
    hours_old(log, 50)
    assert look(log) == [1]
    at = clock.now() - timedelta(hours=50)
    assert abs(SiteLine.objects.get().at - at) < timedelta(minutes=5)


def test_a_copied_and_truncated_file_is_not_taken_twice(log):
    add(log, written(1, 2))
    assert look(log) == [1, 2]
    log.with_name("access.log.1").write_bytes(log.read_bytes())
    log.write_bytes(written(3))
    assert look(log) == [1, 2, 3]


def test_two_files_that_begin_alike_are_two(log):
    first = written(1)
    add(log, first + written(2))
    assert look(log) == [1, 2]
    log.rename(log.with_name("access.log.1"))
    add(log, first + written(3, 4, 5))
    assert look(log) == [1, 1, 2, 3, 4, 5]


def test_files_whose_lines_are_all_alike_are_two_however_they_are_rotated(log):
    one = written(1)
    add(log, one * 100)
    assert len(look(log)) == 100
    log.rename(log.with_name("access.log.1"))
    add(log, one * 120)
    assert len(look(log)) == 220
    # Rotated twice before anybody looked again, and the oldest compressed.
    log.with_name("access.log.1").rename(log.with_name("access.log.3"))
    log.rename(log.with_name("access.log.2"))
    oldest = log.with_name("access.log.3")
    add(oldest, one)
    oldest.with_name("access.log.3.gz").write_bytes(gzip.compress(oldest.read_bytes()))
    assert len(look(log)) == 221
    # Out of sight, but its inode is not given to another.
    oldest.rename(log.with_name("elsewhere"))
    add(log.with_name("access.log.1"), one * 121)
    add(log, one * 120)
    assert len(look(log)) == 221 + 121 + 120
    assert len(look(log)) == 221 + 121 + 120


def test_a_copy_that_is_there_before_the_file_is_cut_off_is_no_other(log):
    add(log, written(1) * 50)
    assert len(look(log)) == 50
    copy = log.with_name("access.log.1")
    copy.write_bytes(log.read_bytes())
    assert len(look(log)) == 50
    # Copied between two looks, and still written: the copy comes first.
    add(log, written(2))
    copy.write_bytes(log.read_bytes())
    os.utime(copy, (1, 1))
    assert len(look(log)) == 51
    add(log, written(3))
    assert len(look(log)) == 52
    copy.write_bytes(log.read_bytes())
    add(copy, written(4))
    log.write_bytes(b"")
    assert len(look(log)) == 53
    add(log, written(1) * 60)
    assert len(look(log)) == 113


def test_a_file_that_is_as_it_was_is_not_opened_again(log, monkeypatch):
    seen: following.Seen = {}
    add(log, written(1))
    following.follow(log, config=CONFIG, seen=seen)
    opened = []
    real = following.opened
    monkeypatch.setattr(
        following, "opened", lambda path, **given: opened.append(path) or real(path, **given)
    )
    following.follow(log, config=CONFIG, seen=seen)
    assert opened == []
    add(log, written(2))
    following.follow(log, config=CONFIG, seen=seen)
    assert opened == [log]
    assert taken() == [1, 2]


def test_many_transactions(log, monkeypatch):
    monkeypatch.setattr(following, "CHUNK", 200)
    add(log, written(*range(20)))
    assert look(log) == list(range(20))


def test_an_endless_line_is_one_refused_line(log, monkeypatch):
    monkeypatch.setattr(following, "CHUNK", LONGEST_LINE)
    add(log, written(1) + b"x" * (5 * LONGEST_LINE) + b"\n" + written(2))
    assert look(log) == [1, 2]
    assert list(RefusedLines.objects.values_list("reason", "count")) == [("enormous", 1)]


def test_a_place_and_its_lines_are_stored_together_or_not_at_all(log, monkeypatch):
    add(log, written(1))

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(LogFile, "save", fail)
    with pytest.raises(RuntimeError):
        look(log)
    monkeypatch.undo()
    assert taken() == []
    assert look(log) == [1]


@contextmanager
def nobody_moves(table: str) -> Iterator[None]:
    """Hold up whoever writes into a table, as seen from another session."""
    other = connection.copy()
    other.set_autocommit(autocommit=False)
    with other.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")
        yield
    other.close()


def somebody_waits_for(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE relation = %s::regclass"
                       " AND NOT granted)", [table])  # fmt: skip
        return bool(cursor.fetchone()[0])


@committed
def test_killed_again_and_again_it_takes_each_line_once(log, shop):
    add(log, written(*range(500)))
    reader = of_the_demo(log, database_url())
    try:
        # In the midst of a transaction: the lines are written, and the place is not.
        with nobody_moves("jokkerit_plugin_logfile"):
            reader.start()
            reader.until(lambda: somebody_waits_for("jokkerit_plugin_logfile"), 60, "waiting")
            reader.kill()
        assert taken() == []
        log.rename(log.with_name("access.log.1"))
        add(log, written(*range(500, 1_000)))
        # And in the midst of its work, wherever that is.
        reader.start()
        reader.until(taken, 60, "waiting")
    finally:
        reader.kill()
    assert look(log) == list(range(1_000))
