"""What the suites share: their servers, Django, and the record of promises.

The plain suite runs beside no Saleor; the one in `saleor/` runs in an environment layered
over a Saleor checkout (`dev.layers`). Each starts the servers it needs by itself, so that
`pytest` alone works; what the environment gives in DATABASE_URL and CELERY_BROKER_URL wins.
"""

import gc
import importlib
import importlib.util
import json
import os
import time
from contextlib import ExitStack
from pathlib import Path

import django
import hypothesis
import pytest

from dev.servers import servers
from tests.hush import Hush

_saleor = importlib.util.find_spec("saleor")
BESIDE_SALEOR = _saleor is not None and _saleor.origin is not None

if BESIDE_SALEOR:
    collect_ignore_glob = ["test_*.py"]
else:
    collect_ignore = ["saleor"]
    pytest_plugins = ("tests.standing", "tests.fixtures")

# A busy machine is no fault of the code.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")

_running = ExitStack()
# What is imported stays: looking through it for garbage takes a quarter of a short run.
gc.disable()


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers and set Django up, which pytest-django would do too early."""
    config.addinivalue_line(
        "markers",
        "promise(*ids, breaks=False): what the published description promises and this test "
        "shows to hold, or to be refused or to raise an alarm when broken (breaks=True)",
    )
    config.pluginmanager.register(Record(), "jokkerit-record")
    hush = Hush(everything=not BESIDE_SALEOR)
    config.pluginmanager.register(hush, "jokkerit-hush")
    if BESIDE_SALEOR:
        return
    running = _running.enter_context(servers())
    if running.postgres:
        # The server is thrown away with what is in it.
        config.option.reuse_db = config.option.create_db = True
    os.environ.update(running.environment)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    # Binds shared tasks to the broker started here.
    importlib.import_module("dev.host.celery")
    importlib.import_module("tests.emptying").install()
    hush.watch_chains()


def pytest_collection_finish() -> None:
    """Look for garbage from now on, past what is there."""
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    """Stop the servers."""
    _running.close()


class Record:
    """Counts outcomes and promises, for `dev.test`: a JSON file at $JOKKERIT_RECORD.

    {"passed", "failed", "skipped", "seconds",
     "promises": [{"id", "breaks", "test", "outcome"}, ...]}
    """

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.outcomes: dict[str, str] = {}
        self.marks: dict[str, list[tuple[str, bool]]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Note which test stands for which promise."""
        for item in items:
            for mark in item.iter_markers("promise"):
                breaks = bool(mark.kwargs.get("breaks"))
                self.marks.setdefault(item.nodeid, []).extend((i, breaks) for i in mark.args)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Count a module that cannot be imported as one failure."""
        if report.failed:
            self.outcomes[report.nodeid] = "failed"
        elif report.skipped:
            self.outcomes[report.nodeid] = "skipped"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep a failure of set-up, call or tear-down; else a skip, else the call's outcome."""
        known = self.outcomes.get(report.nodeid)
        if report.failed or (known != "failed" and (report.skipped or report.when == "call")):
            self.outcomes[report.nodeid] = report.outcome

    def pytest_sessionfinish(self) -> None:
        """Write the file."""
        if not (path := os.environ.get("JOKKERIT_RECORD")):
            return
        outcomes = list(self.outcomes.values())
        promises = [
            {"id": name, "breaks": breaks, "test": test, "outcome": outcome}
            for test, outcome in self.outcomes.items()
            for name, breaks in self.marks.get(test, [])
        ]
        counts = {what: outcomes.count(what) for what in ("passed", "failed", "skipped")}
        seconds = round(time.monotonic() - self.started, 1)
        Path(path).write_text(json.dumps({**counts, "seconds": seconds, "promises": promises}))
