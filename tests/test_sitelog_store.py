"""Lines in tables by day: made, filled, cut and dropped."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from jokkerit_plugin import clock
from jokkerit_plugin.config import Config
from jokkerit_plugin.models import Incident, IncidentLine, RefusedLines, SiteLine
from jokkerit_plugin.policy.site_log import Refusal
from jokkerit_plugin.sitelog import expiry, incidents, store
from jokkerit_plugin.sitelog.minimised import Line
from tests.logs import by_day, tables

__all__ = ["by_day"]
CONFIG = Config(active=True)


pytestmark = pytest.mark.usefixtures("by_day")


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


def test_a_missing_day_is_made_when_a_line_of_it_comes():
    old = ago(40)
    assert table_of(old) not in tables()
    counts = store.take([line(old), line(clock.now())], config=CONFIG)
    assert counts == {"taken": 2}
    assert table_of(old) in tables()
    assert SiteLine.objects.count() == 2


@pytest.mark.parametrize("days", [91, 4000, -2, -400_000])
def test_lines_out_of_time_never_come_in(days):
    before = tables()
    counts = store.take([line(ago(days)), Refusal.BINARY, None], config=CONFIG)
    assert counts == {"taken": 0, Refusal.OUT_OF_TIME: 1, Refusal.BINARY: 1}
    assert store.take([Refusal.BINARY], config=CONFIG)["binary"] == 1
    assert tables() == before
    found = dict(RefusedLines.objects.values_list("reason", "count"))
    assert found == {"out_of_time": 1, "binary": 2}


def test_what_is_over_is_dropped_by_the_day():
    store.take([line(ago(days)) for days in (89, 90, 0)], config=CONFIG)
    assert expiry.expire(CONFIG) == 0
    shorter = Config(active=True, site_log_days=89)
    assert expiry.expire(shorter) == 1
    assert table_of(ago(90)) not in tables()
    assert SiteLine.objects.count() == 2


def test_a_day_that_a_killed_run_detached_is_dropped_or_goes_back():
    store.take([line(ago(days)) for days in (60, 10)], config=CONFIG)
    with connection.cursor() as cursor:
        for days in (60, 10):
            cursor.execute(
                f"ALTER TABLE jokkerit_plugin_siteline DETACH PARTITION {table_of(ago(days))}"
            )
    assert SiteLine.objects.count() == 0
    assert expiry.expire(Config(active=True, site_log_days=30)) == 1
    assert SiteLine.objects.count() == 1
    assert table_of(ago(60)) not in tables()


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
    assert incidents.copy(ago(61), ago(59)) == 1
    assert expiry.expire(Config(active=True, site_log_days=30)) == 1
    assert list(IncidentLine.objects.values_list("path", flat=True)) == ["/x"]


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
