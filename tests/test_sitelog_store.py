"""Lines in tables by day: made, filled, cut and dropped."""

import re
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from jokkerit_plugin import clock
from jokkerit_plugin.config import Config
from jokkerit_plugin.models import Incident, IncidentLine, RefusedLines, SiteLine
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.policy.site_log import Refusal
from jokkerit_plugin.register.held_lines import copy_to_incidents
from jokkerit_plugin.register.locks import TRY, WHOLE, Lock
from jokkerit_plugin.sitelog import days as days_module
from jokkerit_plugin.sitelog import expiry, parsing, status, store
from jokkerit_plugin.sitelog.minimised import Line
from tests.buyers import bought
from tests.erasing import erase
from tests.logs import by_day, logged, tables
from tests.races import overtaken

__all__ = ["by_day"]
CONFIG = Config(active=True)


pytestmark = pytest.mark.django_db
#: For what must be committed to be seen.
committed = pytest.mark.usefixtures("by_day")


def ago(days: int) -> datetime:
    return clock.now() - timedelta(days=days)


def table_of(at: datetime) -> str:
    return f"jokkerit_plugin_siteline_{at.astimezone(UTC):%Y%m%d}"


def line(at: datetime, *, address: str | None = "203.0.113.9", path: str = "/") -> Line:
    return Line(at, address, "", "GET", path, 200, 1, None, "", None, None)


def test_today_and_the_next_week_have_tables():
    store.make_ahead()
    assert {table_of(ago(-ahead)) for ahead in range(8)} <= set(tables())
    assert store.make_ahead() == 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT partstrat, partdefid FROM pg_partitioned_table"
            " WHERE partrelid = 'jokkerit_plugin_siteline'::regclass"
        )
        # By range, and none for what has no day.
        assert cursor.fetchall() == [("r", 0)]


@pytest.mark.promise("P-DATA-LOG")
def test_a_missing_day_is_made_when_a_line_of_it_comes():
    old = ago(40)
    assert table_of(old) not in tables()
    counts = store.take([line(old), line(clock.now())], config=CONFIG)
    assert counts == {"taken": 2}
    assert table_of(old) in tables()
    assert SiteLine.objects.count() == 2


@pytest.mark.parametrize("days", [90, 4000, -2, -400_000])
def test_lines_out_of_time_never_come_in(days):
    before = tables()
    counts = store.take([line(ago(days)), Refusal.BINARY, None], config=CONFIG)
    assert counts == {"taken": 0, Refusal.OUT_OF_TIME: 1, Refusal.BINARY: 1}
    assert store.take([Refusal.BINARY], config=CONFIG)["binary"] == 1
    assert tables() == before
    found = dict(RefusedLines.objects.values_list("reason", "count"))
    assert found == {"out_of_time": 1, "binary": 2}


@committed
def test_what_is_over_is_dropped_by_the_day():
    store.take([line(ago(days)) for days in (88, 89, 0)], config=CONFIG)
    assert expiry.expire(CONFIG) == 0
    shorter = Config(active=True, site_log_days=89)
    assert expiry.expire(shorter) == 1
    assert table_of(ago(89)) not in tables()
    assert SiteLine.objects.count() == 2


def test_a_day_that_a_killed_run_detached_is_dropped_or_goes_back():
    store.take([line(ago(days)) for days in (60, 10)], config=CONFIG)
    for days in (60, 10):
        detached(days)
    assert SiteLine.objects.count() == 0
    assert expiry.expire(Config(active=True, site_log_days=30)) == 1
    assert SiteLine.objects.count() == 1
    assert table_of(ago(60)) not in tables()


def detached(days: int) -> None:
    """Leave a day as a killed run does between its two steps."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE jokkerit_plugin_siteline DETACH PARTITION {table_of(ago(days))}"
        )


def test_a_detached_day_comes_back_with_its_lines_when_one_more_comes():
    store.take([line(ago(60), path="/early"), line(ago(61))], config=CONFIG)
    detached(60)
    counts = store.take([line(ago(60), path="/late"), line(clock.now())], config=CONFIG)
    assert counts == {"taken": 2}
    assert set(SiteLine.objects.values_list("path", flat=True)) == {"/early", "/late", "/"}
    assert all(one.state == "attached" for one in days_module.tables())


@committed
def test_a_dropped_day_takes_lines_again_only_where_days_are_kept_so_long():
    store.take([line(ago(60))], config=CONFIG)
    shorter = Config(active=True, site_log_days=30)
    assert expiry.expire(shorter) == 1
    assert store.take([line(ago(60))], config=shorter) == {"taken": 0, "out_of_time": 1}
    assert table_of(ago(60)) not in tables()
    assert store.take([line(ago(60))], config=CONFIG) == {"taken": 1}
    assert SiteLine.objects.count() == 1


def test_who_was_erased_while_a_day_was_detached_is_not_in_it_when_it_comes_back(shop):
    shop.account(7)
    aino = bought(shop, "aino", user=7).customer_id
    for user in (7, 8):
        logged(ago(60), saleor_user=user, customer=aino if user == 7 else None)
    detached(60)
    erase(Part.CONTACT, [aino])
    assert expiry.expire(CONFIG) == 0
    found = SiteLine.objects.order_by("id").values_list("saleor_user", "customer")
    assert list(found) == [(None, None), (8, None)]


@committed
def test_a_day_to_which_lines_came_while_it_was_to_be_dropped_stays(monkeypatch):
    store.take([line(ago(60))], config=CONFIG)
    real = expiry._drop

    def kept_longer(one):
        store.take([line(ago(60))], config=CONFIG)
        return real(one)

    monkeypatch.setattr(expiry, "_drop", kept_longer)
    assert expiry.expire(Config(active=True, site_log_days=30)) == 0
    assert SiteLine.objects.count() == 2


@committed
def test_lines_of_an_open_incident_outlast_their_day():
    store.take(
        [line(ago(60)), line(ago(60), address="203.0.113.10"), line(ago(60), path="/x")],
        config=CONFIG,
    )
    opened = {
        "purpose": "security", "reason": "guessing of passwords", "since": ago(61),
        "until": ago(1), "address": "203.0.113.9", "opened_by": "user:1",
        "review_on": clock.today(),
    }  # fmt: skip
    Incident.objects.create(**opened, path="/x")
    Incident.objects.create(**opened, closed_at=clock.now(), closed_by="user:1")
    assert copy_to_incidents("l.at >= %s AND l.at < %s", [ago(61), ago(59)]) == 1
    assert expiry.expire(Config(active=True, site_log_days=30)) == 1
    assert list(IncidentLine.objects.values_list("path", flat=True)) == ["/x"]


def other_session():
    other = connection.copy()
    other.set_autocommit(autocommit=False)
    return other


def half_detached(day: datetime) -> None:
    """Begin to detach a day, and be killed while somebody still reads."""
    reader = other_session()
    with reader.cursor() as reading, connection.cursor() as cursor:
        reading.execute("SELECT count(*) FROM jokkerit_plugin_siteline")
        cursor.execute("SET lock_timeout = '10ms'")
        with pytest.raises(OperationalError):
            cursor.execute(
                "ALTER TABLE jokkerit_plugin_siteline"
                f" DETACH PARTITION {table_of(day)} CONCURRENTLY"
            )
        cursor.execute("RESET lock_timeout")
    reader.close()


@committed
@pytest.mark.parametrize("days", [30, 60])
def test_a_day_that_a_killed_run_left_half_detached_is_finished(days):
    store.take([line(ago(age)) for age in (89, 60, 30)], config=CONFIG)
    half_detached(ago(days))
    assert SiteLine.objects.count() == 2
    # Days before the half detached one are over too, and PostgreSQL detaches none meanwhile.
    assert expiry.expire(Config(active=True, site_log_days=40)) == 2
    assert [one.at.date() for one in SiteLine.objects.all()] == [ago(30).date()]
    assert all(one.state == "attached" for one in days_module.tables())


@committed
def test_of_two_at_once_one_expires(shop):
    store.take([line(ago(60))], config=CONFIG)
    other = other_session()
    with other.cursor() as cursor:
        cursor.execute(TRY, [int(Lock.LOG_EXPIRY), WHOLE])
        assert expiry.expire(Config(site_log_days=30)) == 0
        assert SiteLine.objects.count() == 1
    other.close()
    assert expiry.expire(Config(site_log_days=30)) == 1


@committed
def test_while_a_day_waits_to_be_detached_others_read_and_write():
    store.take([line(ago(60))], config=CONFIG)
    reader = other_session()
    with reader.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM jokkerit_plugin_siteline")

    def expire() -> None:
        try:
            expiry.expire(Config(site_log_days=30))
        finally:
            connection.close()

    thread = Thread(target=expire)
    thread.start()
    with connection.cursor() as cursor:
        waiting = False
        while not waiting:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE %s"
                " AND wait_event_type = 'Lock')",
                ["ALTER TABLE%CONCURRENTLY"],
            )
            waiting = cursor.fetchone()[0]
    store.take([line(clock.now()), line(ago(5))], config=CONFIG)
    assert SiteLine.objects.count() == 2
    reader.close()
    thread.join()
    assert table_of(ago(60)) not in tables()


@committed
def test_an_incident_that_is_opened_while_the_day_goes_still_holds_its_lines(monkeypatch):
    store.take([line(ago(60))], config=CONFIG)
    real = expiry._drop

    def opened_now(one):
        Incident.objects.create(
            purpose="security", reason="guessing", since=ago(61), until=ago(59),
            opened_by="user:1", review_on=clock.today(),
        )  # fmt: skip
        return real(one)

    monkeypatch.setattr(expiry, "_drop", opened_now)
    assert expiry.expire(Config(site_log_days=30)) == 1
    assert IncidentLine.objects.count() == 1


def test_counts_of_refused_lines_go_with_their_day():
    store.take_raw([b"nonsense", b"more 12"], config=CONFIG)
    assert RefusedLines.objects.get().example == "aaaaaaaa"
    RefusedLines.objects.create(day=ago(90).date(), reason="binary", count=1)
    expiry.expire(CONFIG)
    assert RefusedLines.objects.get().reason == "malformed"


@pytest.mark.promise("P-DATA-LOG", breaks=True)
def test_the_status_says_what_is_missing_or_late():
    assert status.problems(CONFIG) == []
    assert status.problems(Config()) == []
    store.take([line(ago(60)), line(ago(89))], config=CONFIG)
    assert status.problems(CONFIG) == []
    late = status.problems(Config(active=True, site_log_days=50))
    assert len(late) == 1
    assert f"(2): {ago(89).date()}, {ago(60).date()}" in late[0]
    # The day that ended an hour ago is not late yet.
    [late] = status.problems(Config(active=True, site_log_days=60))
    assert f"(1): {ago(89).date()}" in late
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {table_of(ago(-2))}")
    missing = status.problems(CONFIG)
    assert len(missing) == 1
    assert f"(1): {ago(-2).date()}" in missing[0]
    assert status.problems(Config()) == []
    store.make_ahead()


def test_days_that_came_under_a_wrong_clock_are_named_and_not_dropped(monkeypatch):
    wrong = ago(-800)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: wrong)
        store.take([line(wrong)], config=CONFIG)
        store.make_ahead()
    [far] = status.problems(CONFIG)
    assert f"far ahead (8): {wrong.date()}" in far
    expiry.expire(CONFIG)
    assert status.problems(CONFIG) == [far]


@pytest.mark.promise("P-DATA-LOG", breaks=True)
def test_the_status_shows_the_shape_of_lines_that_are_not_understood():
    store.take_raw([b"1.2.3.4 aino@example.com"] * (status.MANY - 1), config=CONFIG)
    assert status.problems(CONFIG) == []
    store.take_raw([b"1.2.3.4 <script> aino@example.com"], config=CONFIG)
    [found] = status.problems(CONFIG)
    assert found.endswith("9.9.9.9 <aaaaaa> aaaa@aaaaaaa.aaa")


def test_the_status_tells_each_reason_for_which_many_lines_were_kept_out(monkeypatch):
    secret = b"Zk3pQ9sX"
    store.take_raw([b"\x1b[2J " + secret] * status.MANY, config=CONFIG)
    monkeypatch.setattr(parsing, "LONGEST_LINE", 400)
    store.take_raw([secret * 80] * status.MANY, config=CONFIG)
    store.take([line(ago(400))] * status.MANY, config=CONFIG)
    store.take([Refusal.DAMAGED], config=CONFIG, examples={Refusal.DAMAGED: "access.log.2.gz"})
    store.take([Refusal.UNREADABLE], config=CONFIG, examples={Refusal.UNREADABLE: "a.log.1.zst"})
    binary, enormous, late, damaged, unread = status.problems(CONFIG)
    assert f"were no text on {ago(0).date()} (1000)." in binary
    assert binary.endswith(r"looks like: \x1b[9A Aa9aA9aA")
    assert "longer" in enormous
    assert "older than lines are kept" in late
    assert damaged.endswith("The last of them is: access.log.2.gz")
    assert "gz, bz2, xz" in unread
    assert unread.endswith("The last of them is: a.log.1.zst")
    assert "Zk3p" not in binary + enormous + late + damaged


def test_old_addresses_are_cut_to_their_network(monkeypatch):
    monkeypatch.setattr(expiry, "BATCH", 1)
    old = [line(ago(9)), line(ago(9), address="2001:db8:1:2::3"), line(ago(9), address=None)]
    store.take([*old, line(ago(6))], config=CONFIG)
    assert expiry.cut_addresses(CONFIG) == 0
    assert expiry.cut_addresses(Config(site_log_address_days=7)) == 2
    assert expiry.cut_addresses(Config(site_log_address_days=7)) == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT address::text FROM jokkerit_plugin_siteline ORDER BY at, id")
        assert [found for (found,) in cursor.fetchall()] == [
            "203.0.113.0/24", "2001:db8:1::/48", None, "203.0.113.9/32",
        ]  # fmt: skip


def test_a_day_that_is_cut_is_looked_through_again_only_when_a_line_came():
    config = Config(active=True, site_log_address_days=7)
    store.take([line(ago(9)), line(ago(20)), line(clock.now())], config=config)
    assert expiry.cut_addresses(config) == 2
    with CaptureQueriesContext(connection) as asked:
        assert expiry.cut_addresses(config) == 0
    seen = {one for sql in asked for one in re.findall(r"UPDATE \w+_(\d{8})", sql["sql"])}
    # The day in which the limit is now, if it has a table.
    assert seen <= {f"{ago(7):%Y%m%d}"}
    incident = Incident.objects.create(
        purpose="security", reason="guessing", since=ago(30), until=ago(0), opened_by="user:1",
        review_on=clock.today(), address="203.0.113.7",
    )  # fmt: skip
    store.take([line(ago(9), address="203.0.113.7")], config=config)
    assert expiry.cut_addresses(config) == 1
    assert incident.lines.get().address == "203.0.113.7"
    assert expiry.cut_addresses(config) == 0


@committed
def test_a_line_that_comes_while_its_day_is_cut_is_cut_next_time(shop):
    config = Config(active=True, site_log_address_days=7)
    store.take([line(ago(9))], config=config)
    taken, cut = overtaken(
        lambda: store.take([line(ago(9))], config=config),
        lambda: expiry.cut_addresses(config),
        after=(store, "_copy"),
    )
    assert taken == {"taken": 1}
    assert cut + expiry.cut_addresses(config) == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT address::text FROM jokkerit_plugin_siteline")
        assert cursor.fetchall() == [("203.0.113.0/24",)]
