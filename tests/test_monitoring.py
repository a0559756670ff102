"""What monitoring sees: problems by code, health over HTTP, measurements, events of the log."""

import ast
import copy
import functools
import importlib.util
import json
import logging
import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory

from jokkerit_plugin import clock, keys, measured, tasks, telemetry
from jokkerit_plugin.access import chain, copies, guard, log
from jokkerit_plugin.logs import EVENTS, Logger
from jokkerit_plugin.management.commands import register_status
from jokkerit_plugin.marketing import contacts, controller, key_checks, ledger
from jokkerit_plugin.models import AccessEntry, InboxEvent
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.marketing import Channel, Kind
from jokkerit_plugin.policy.problems import Problem, in_order, worst
from jokkerit_plugin.policy.purposes import Purpose
from jokkerit_plugin.policy.severities import PROBLEMS, Severity
from jokkerit_plugin.register import inbox, status
from jokkerit_plugin.register.status import Status
from jokkerit_plugin.sitelog import store
from jokkerit_plugin.telemetry import METRICS
from jokkerit_plugin.web import flood, health, routes
from tests.opting import AINO, key
from tests.people import STRANGER
from tests.test_chain import entry

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parent.parent
SOURCE = {path: path.read_text() for path in (ROOT / "jokkerit_plugin").rglob("*.py")}
HOME, KEY = "/plugins/jokkerit.register/", "ab" * 32
ILL, TIRED = Problem("NOT_REPLAYED", "Restored."), Problem("PLAN_WAITS", "Approve it.")


# Problems


def test_each_code_is_given_somewhere_and_each_that_is_given_is_judged():
    table = ROOT / "jokkerit_plugin" / "policy" / "severities.py"
    texts = {
        one.value
        for path, nodes in _nodes().items() if path != table
        for one in nodes if isinstance(one, ast.Constant)
    }  # fmt: skip
    given = {call.args[0].value for call in _calls("Problem") if _is_text(call.args[0])}
    assert set(PROBLEMS) - texts == set(), "rows that nothing gives"
    assert given - set(PROBLEMS) == set(), "a new code: how soon, and what to do?"


@pytest.mark.parametrize(
    "error",
    [
        keys.NoKey, key_checks.WrongKey, copies.NotReplayed, contacts.KeyGone,
        contacts.OptOutsMissing, contacts.Behind, controller.ControllerChanged,
    ],
)  # fmt: skip
def test_an_error_that_is_told_as_a_problem_is_judged(error):
    assert error.code in PROBLEMS


def test_a_problem_is_its_sentence_with_a_code_that_copies_keep():
    assert ILL == "Restored."
    assert copy.deepcopy(ILL).code == "NOT_REPLAYED"
    assert ILL.marked == "ALERT NOT_REPLAYED: Restored."


def test_the_alerts_come_first_and_what_nobody_judged_is_one():
    unknown = Problem("NEW", "?")
    work = Problem("REQUESTS_WAIT", "3")
    assert in_order([work, TIRED, ILL, unknown]) == (ILL, unknown, TIRED, work)
    assert [worst(some) for some in ([], [work], [work, TIRED], [TIRED, unknown])] == [
        None, Severity.INFO, Severity.WARNING, Severity.ALERT,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("problems", "code", "severity", "healthy"),
    [
        ((), 0, "ok", True),
        ((Problem("ORDERS_OPEN", "Old."),), 0, "info", True),
        ((TIRED,), 1, "warning", False),
        ((ILL, TIRED), 2, "alert", False),
    ],
)
def test_the_exit_status_and_json_tell_how_soon(monkeypatch, problems, code, severity, healthy):
    monkeypatch.setattr(register_status, "overview", lambda **_: Status(problems=problems))
    out, left = StringIO(), 0
    try:
        call_command("register_status", "--json", stdout=out)
    except SystemExit as stop:
        left = int(stop.code or 0)
    told = json.loads(out.getvalue())
    assert (left, told["severity"], told["healthy"]) == (code, severity, healthy)
    assert told["problems"] == list(problems)
    assert [(one["code"], one["severity"]) for one in told["codes"]] == [
        (one.code, one.severity) for one in problems
    ]
    assert all(one["do"] for one in told["codes"])


@pytest.mark.parametrize(("minutes", "code"), [(4, None), (6, "INBOX_BEHIND"), (16, "INBOX_STUCK")])
def test_an_event_that_waits_is_first_a_warning_and_then_wakes_somebody(shop, minutes, code):
    InboxEvent.objects.create(kind="order", key="k")
    InboxEvent.objects.update(noted_at=clock.now() - timedelta(minutes=minutes))
    codes = {one.code for one in status.summary().problems}
    assert {one for one in codes if one.startswith("INBOX")} == ({code} if code else set())


@pytest.mark.parametrize(("row", "seen"), [(None, []), (11, [11]), (4, [4]), (2, [])])
def test_a_row_of_the_log_that_was_changed_lately_wakes_somebody(shop, monkeypatch, row, seen):
    monkeypatch.setattr(chain, "TAIL", 9)
    for number in range(12):
        chain.append(AccessEntry, entry(f"act {number}"))
    AccessEntry.objects.filter(seq=row).update(actor="user:2")
    told = [str(one) for one in log.problems() if one.code == "CHAIN_BROKEN"]
    assert told == [
        f"The log of who looked is broken at row {seq}: {chain.CHANGED}." for seq in seen
    ]


# Health


@pytest.fixture
def monitor(shop, monkeypatch) -> Iterator[None]:
    cache.clear()
    monkeypatch.setenv(health.VARIABLE, f"old:{'cd' * 32},watch:{KEY}")
    yield
    cache.clear()


def ask(path: str = "health/", token: str = f"Bearer {KEY}", method: str = "get") -> HttpResponse:
    given = {"HTTP_AUTHORIZATION": token} if token else {}
    request = getattr(RequestFactory(), method)(f"{HOME}{path}", **given)
    return routes.serve(request, path, active=False)


def healthy(monkeypatch: pytest.MonkeyPatch, *problems: Problem) -> list[int]:
    """Let the status have these problems; return a list that grows with each reading."""
    read: list[int] = []

    def overview() -> Status:
        read.append(1)
        return Status(problems=problems)

    monkeypatch.setattr(health, "overview", overview)
    return read


@pytest.mark.parametrize("path", ["health/", "health/live/", "health/ready/"])
def test_only_the_key_in_the_header_opens_it(monitor, monkeypatch, caplog, path):
    healthy(monkeypatch)
    assert ask(path).status_code == 200
    assert ask(path, f"bearer {('cd' * 32).upper()}").status_code == 200
    for token in ("", "Bearer", "Bearer ", f"Basic {KEY}", KEY, f"Bearer {KEY}00", "Bearer ä"):
        refused = ask(path, token)
        assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")
    assert ask(path, method="post").status_code == 405
    monkeypatch.delenv(health.VARIABLE)
    assert ask(path).status_code == 404
    assert KEY not in caplog.text


def test_a_flood_of_wrong_keys_is_cut_off_and_the_monitor_is_still_answered(monitor, monkeypatch):
    healthy(monkeypatch)
    for _ in range(flood.MOST):
        assert ask(token="Bearer x").status_code == 401
    assert ask(token="Bearer x").status_code == 429
    assert ask().status_code == 200


@pytest.mark.parametrize(
    ("problems", "answer", "code"),
    [
        ((), {"status": "ok", "codes": []}, 200),
        ((TIRED, TIRED), {"status": "warning", "codes": ["PLAN_WAITS"]}, 200),
        ((ILL, TIRED), {"status": "alert", "codes": ["NOT_REPLAYED", "PLAN_WAITS"]}, 503),
    ],
)
def test_codes_are_told_and_nothing_else_and_read_once_in_a_while(
    monitor, monkeypatch, problems, answer, code
):
    read = healthy(monkeypatch, *problems)
    for _ in range(2):
        response = ask()
        assert (json.loads(response.content), response.status_code) == (answer, code)
    assert read == [1]
    assert response["Cache-Control"] == "no-store"


def test_a_real_status_is_told(monitor):
    assert set(json.loads(ask().content)["codes"]) >= {"NOT_COMPARED", "PLAN_WAITS"}


def test_a_cache_that_is_away_and_a_fault_of_ours_are_told_without_words(
    monitor, monkeypatch, caplog
):
    healthy(monkeypatch, TIRED)

    def away(*_):
        raise RuntimeError("secret")

    monkeypatch.setattr(health.cache, "get", away)
    assert ask().status_code == 200
    monkeypatch.setattr(health, "overview", away)
    assert (ask().content, ask().status_code) == (b'{"status": "unknown"}', 500)
    assert "secret" not in caplog.text


def test_alive_asks_nothing_and_ready_wants_the_tables(monitor, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert json.loads(ask("health/live/").content) == {"status": "live"}
    assert json.loads(ask("health/ready/").content) == {"status": "ready"}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE jokkerit_plugin_inboxevent RENAME TO elsewhere")
        response = ask("health/ready/")
        assert (json.loads(response.content), response.status_code) == ({"status": "unready"}, 503)
        transaction.set_rollback(True)


# Measurements


@pytest.fixture
def points(monkeypatch):
    """Return a function: what was measured since, by name and attributes."""
    metrics = pytest.importorskip("opentelemetry.sdk.metrics")
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader

    reader = InMemoryMetricReader()
    provider = metrics.MeterProvider([reader], shutdown_on_exit=False)
    api = SimpleNamespace(get_meter=provider.get_meter, get_meter_provider=lambda: provider)
    monkeypatch.setattr(telemetry, "api", api)
    telemetry._instrument.cache_clear()

    def read() -> dict[tuple[str, tuple[str, ...]], float]:
        data = reader.get_metrics_data()
        return {
            (metric.name, tuple(one for _, one in sorted(point.attributes.items()))):
                getattr(point, "count", getattr(point, "value", None))
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
            for point in metric.data.data_points
        }  # fmt: skip

    yield read
    telemetry._instrument.cache_clear()
    provider.shutdown()


def test_jobs_and_the_inbox_are_measured(shop, points):
    shop.order("one")
    shop.order("bad", currency="MUCH TOO LONG")
    for kind, its_key in shop.delivered():
        inbox.note(kind, [its_key])
    waiting = InboxEvent.objects.count()
    tasks.drain()
    found = points()
    assert found["jokkerit.inbox.drained", ()] == waiting
    assert found["jokkerit.inbox.set_aside", ("order",)] == 1
    assert found["jokkerit.task.duration", ("done", "drain")] == 1


def test_a_job_that_fails_is_measured_as_such(points):
    with pytest.raises(ValueError), telemetry.timed("jokkerit.task.duration", task="drain"):  # noqa: PT011
        raise ValueError
    assert points()["jokkerit.task.duration", ("failed", "drain")] == 1


def test_refusals_opt_outs_and_lines_of_the_log_are_measured(
    shop, points, monkeypatch, django_capture_on_commit_callbacks
):
    key(monkeypatch, f"2026:{KEY}")
    with (
        pytest.raises(guard.Refused) as refused,
        guard.visit(STRANGER, Purpose.SERVICE, act="customers", asks={Category.NAME}),
    ):
        pass
    with django_capture_on_commit_callbacks(execute=True):
        ledger.record(Kind.OBJECTION, Channel.EMAIL, AINO, source="link")
        ledger.record(Kind.BOUNCE, Channel.SMS, "+358401234567", source="link")
        taken = json.dumps({"time": clock.now().isoformat(), "path": "/", "status": 200})
        store.take_raw([taken.encode(), b"?"], config=shop.port.settings)
    found = points()
    assert found["jokkerit.access.refused", ("customers", refused.value.code)] == 1
    assert found["jokkerit.marketing.opt_outs", ("email",)] == 1
    assert ("jokkerit.marketing.opt_outs", ("sms",)) not in found
    assert found["jokkerit.site_log.lines", ("taken",)] == 1
    assert found["jokkerit.site_log.lines", ("malformed",)] == 1


def test_the_state_is_measured_and_what_is_well_as_zero(shop, points):
    InboxEvent.objects.create(kind="order", key="k")
    InboxEvent.objects.update(noted_at=clock.now() - timedelta(minutes=20))
    tasks.measure()
    found = points()
    assert found["jokkerit.inbox.waiting", ()] == 1
    assert 1200 <= found["jokkerit.inbox.age", ()] < 1260
    assert found["jokkerit.status.problems", ("INBOX_STUCK", "alert")] == 1
    assert found["jokkerit.status.problems", ("NOT_REPLAYED", "alert")] == 0
    assert found["jokkerit.requests.due", ("late",)] == 0


def test_where_nobody_listens_the_status_is_not_counted(shop, monkeypatch):
    pytest.importorskip("opentelemetry.metrics")
    monkeypatch.setattr(measured, "overview", None)
    assert telemetry.api is not None
    assert not telemetry.is_heard()
    tasks.measure()


def test_no_person_gets_into_a_measurement(points):
    telemetry.measure("jokkerit.access.refused", reason=AINO, door="Aino Mäkelä")
    telemetry.measure("jokkerit.marketing.opt_outs", channel="aino")
    assert {names for _, names in points()} == {("_OTHER", "_OTHER"), ("_OTHER",)}


def test_each_measurement_is_declared_and_each_declared_is_taken():
    calls = [*_calls("measure"), *_calls("timed"), *_calls("partial")]
    taken: dict[str, set[str]] = {}
    for call in calls:
        names = [one.value for one in call.args if _is_text(one)]
        if names and names[0].startswith("jokkerit."):
            taken.setdefault(names[0], set()).update(one.arg for one in call.keywords)
    taken["jokkerit.task.duration"].add("outcome")
    assert taken == {name: set(metric.attributes) for name, metric in METRICS.items()}


def test_without_opentelemetry_nothing_is_measured_and_nothing_read(shop, monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    spec = importlib.util.spec_from_file_location(
        "jokkerit_plugin.telemetry_alone", telemetry.__file__
    )
    alone = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(alone)
    assert alone.api is None
    alone.measure("jokkerit.inbox.drained", 5)
    monkeypatch.setattr(telemetry, "api", None)
    monkeypatch.setattr(measured, "overview", None)
    tasks.measure()


# The log


def test_each_line_of_the_product_has_its_event_and_names_its_values():
    written = []
    for call in _calls("warning", "error", "info", "exception", "critical", "debug"):
        if getattr(call.func, "value", None) and getattr(call.func.value, "id", "") == "logger":
            message, *values = call.args
            written.append(message.value)
            assert len(values) == len(EVENTS[message.value]) - 1, message.value
    assert set(written) == set(EVENTS)
    assert all(text.count("%s") == len(names) - 1 for text, names in EVENTS.items())
    assert len({names[0] for names in EVENTS.values()}) == len(EVENTS)
    reserved = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "data", "event"}
    assert {name for _, *names in EVENTS.values() for name in names} & reserved == set()


def test_nobody_writes_past_the_events():
    assert [path.name for path, text in SOURCE.items() if "getLogger" in text] == ["logs.py"]


def test_a_line_carries_its_event_beside_the_sentence(caplog):
    Logger(logging.getLogger("jokkerit_plugin.x")).warning("set aside %s %s: %s", "order", 7, "E")
    [record] = caplog.records
    assert record.getMessage() == "set aside order 7: E"
    assert (record.event, record.kind, record.key, record.error) == (
        "inbox.set_aside", "order", "7", "E",
    )  # fmt: skip
    assert (record.filename, record.funcName) == (
        "test_monitoring.py", "test_a_line_carries_its_event_beside_the_sentence",
    )  # fmt: skip


# The documents


def test_the_reference_has_each_code_and_the_guide_only_real_measurements():
    from dev.docs.monitoring import prometheus

    reference = (ROOT / "docs" / "reference" / "monitoring.md").read_text()
    guide = (ROOT / "docs" / "operations.md").read_text()
    rows = re.findall(r"^\| `([A-Z_]+)` \|", reference, re.MULTILINE)
    assert sorted(rows) == sorted(PROBLEMS)
    named = set(re.findall(r"jokkerit_[a-z_]+[a-z]", guide)) - {"jokkerit_plugin"}
    made = {prometheus(name) for name in METRICS}
    assert {re.sub(r"_(count|sum|bucket)$", "", name) for name in named} == made
    told = set(re.findall(r"`([A-Z]+_[A-Z_]+)`", guide)) - {health.VARIABLE, keys.VARIABLE}
    assert told <= set(PROBLEMS)
    assert (health.SECONDS, flood.MOST) == (300, 30), "operations.md names them"


@functools.cache
def _nodes() -> dict[Path, list[ast.Call | ast.Constant]]:
    """Walk through the product once: its calls and constants, by file."""
    return {
        path: [one for one in ast.walk(ast.parse(text)) if isinstance(one, ast.Call | ast.Constant)]
        for path, text in SOURCE.items()
    }


def _calls(*names: str) -> Iterator[ast.Call]:
    for nodes in _nodes().values():
        for one in nodes:
            if isinstance(one, ast.Call):
                name = getattr(one.func, "attr", getattr(one.func, "id", ""))
                if name in names:
                    yield one


def _is_text(one: ast.expr) -> bool:
    return isinstance(one, ast.Constant) and isinstance(one.value, str)
