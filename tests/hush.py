"""Nobody is named in a log, a task's arguments or a receipt: looked for in every test of the run.

The customers of the tests bear the same marks throughout. A test in which one of them stands in a
log record (its message or its exception), in an argument of a Celery task or in a link of a chain
(the log of who looked, disclosures, receipts of erasing) fails, whatever else it found.
"""

import logging
import re
from collections.abc import Generator, Mapping
from typing import Any

import pytest
from celery.signals import before_task_publish, task_prerun

#: Of `paper_shop.party` and of the demo's people, the key of the tests, and `hostile.MARK`.
MARKS = re.compile(
    r"\baino\b|m(ä|a|\\xe4|\\u00e4)kel(ä|a|\\xe4|\\u00e4)\b|\beino\b|kaskitie|\bjuva\b|401234567"
    r"|@example\.|(ab){32}|203\.0\.113\.|merkki77",
    re.IGNORECASE,
)


#: In each of the marks is one of these: looking for them takes a tenth of the pattern's time.
_TRACES = (
    "aino", "kel", "eino", "kaski", "juva", "4012", "@example.", "abab", "203.0.", "merkki77",
)  # fmt: skip


def named(text: object) -> bool:
    """Tell whether a mark stands in a text."""
    found = str(text)
    small = found.lower()
    return any(trace in small for trace in _TRACES) and bool(MARKS.search(found))


class Hush(logging.Handler):
    """Listens to a whole run; `everything`: to all loggers, else to ours alone."""

    def __init__(self, *, everything: bool) -> None:
        super().__init__()
        self.everything = everything
        self.found: list[str] = []
        before_task_publish.connect(self._published, weak=False)
        task_prerun.connect(self._ran, weak=False)

    def emit(self, record: logging.LogRecord) -> None:
        """Look at a record as a formatter writes it.

        The address that was asked for is the server's to write down, as its own log does.
        """
        ours = record.name.startswith("jokkerit_plugin")
        asked = record.name == "django.request" and not record.exc_info
        if asked or not (ours or self.everything):
            return
        text = self.format(record)
        if named(text):
            self.found.append(f"log of {record.name}: {text[:500]}")

    def _published(self, body: Any = None, **told: Any) -> None:
        self.look(f"arguments of {told.get('sender')}", body)

    def _ran(self, task: Any = None, args: Any = (), kwargs: Any = (), **_: Any) -> None:
        self.look(f"arguments of {task.name}", (args, kwargs))

    def look(self, where: str, content: Any) -> None:
        """Look at what is handed on or kept."""
        if named(content):
            self.found.append(f"{where}: {str(content)[:500]}")

    def watch_chains(self) -> None:
        """Look at every link of a chain as it is written; Django must have been set up."""
        from jokkerit_plugin.access import chain

        append = chain.append

        def watched(model: Any, content: Mapping[str, Any]) -> int:
            self.look(f"row of {model.__name__}", dict(content))
            return append(model, content)

        chain.append = watched

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Generator[None, Any, Any]:
        """Listen while a test is set up and runs, whatever it does to the handlers before it."""
        logging.getLogger().addHandler(self)
        try:
            return (yield)
        finally:
            logging.getLogger().removeHandler(self)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None, Any, Any]:
        """Fail a test that named somebody; what it failed by itself comes first."""
        try:
            result = yield
        finally:
            found, self.found = self.found, []
        if found:
            pytest.fail("somebody is named in\n" + "\n".join(found), pytrace=False)
        return result
