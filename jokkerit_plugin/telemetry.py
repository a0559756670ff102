"""Measurements, by OpenTelemetry where its API is there (Saleor brings it); else nothing happens.

Who configures OpenTelemetry for Saleor has them beside Saleor's. An attribute has the values that
stand here, or is a name out of the code (`_NAME`); anything else is `_OTHER`: nobody's data.
"""

import re
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

from .policy.marketing import Channel
from .policy.parts import Part
from .policy.severities import PROBLEMS, Severity
from .policy.site_log import Refusal
from .shop.erasers import ShopPart
from .shop.snapshots import Kind as RowKind

try:
    from opentelemetry import metrics as api
except ImportError:
    api = None  # type: ignore[assignment]


class Kind(StrEnum):
    """The instruments of OpenTelemetry that are used."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """An instrument; `unit` as UCUM has it. `attributes`: the values of each; none: any name."""

    kind: Kind
    unit: str
    about: str
    attributes: Mapping[str, Collection[str]] = field(default_factory=dict)


#: How long the law still gives: it is over, over in seven days at most, later.
DUE = ("late", "week", "later")
#: Seconds. Most jobs are short queries; those that go on at night give up after 50.
_SECONDS = (0.05, 0.25, 1, 5, 15, 30, 60, 120, 600)
_NAME = re.compile(r"[A-Za-z][A-Za-z_./ -]{0,63}")

METRICS: dict[str, Metric] = {
    "jokkerit.inbox.waiting": Metric(Kind.GAUGE, "{event}", "Events that are not worked on yet"),
    "jokkerit.inbox.age": Metric(
        Kind.GAUGE, "s", "How long the oldest of them has waited; 0 where none does"
    ),
    "jokkerit.inbox.drained": Metric(Kind.COUNTER, "{event}", "Events that were worked on"),
    "jokkerit.inbox.set_aside": Metric(
        Kind.COUNTER, "{row}", "Times that a row of the shop could not be read",
        {"kind": [one.value for one in RowKind]},
    ),
    "jokkerit.task.duration": Metric(
        Kind.HISTOGRAM, "s", "Runs of the jobs, by the name of the Celery task",
        {"task": (), "outcome": ("done", "failed")},
    ),
    "jokkerit.retention.erased": Metric(
        Kind.COUNTER, "{row}", "Rows that nights erased, in the register and in Saleor",
        {"part": [one.value for some in (Part, ShopPart) for one in some]},
    ),
    "jokkerit.access.refused": Metric(
        Kind.COUNTER, "{refusal}", "What was refused, by the code and by what was asked for",
        {"reason": (), "door": ()},
    ),
    "jokkerit.mail.sent": Metric(
        Kind.COUNTER, "{message}", "Mails that the mail server took, or did not",
        {"outcome": ("sent", "failed")},
    ),
    "jokkerit.marketing.opt_outs": Metric(
        Kind.COUNTER, "{opt_out}", "Opt-outs that were said, without imported ones",
        {"channel": [one.value for one in Channel]},
    ),
    "jokkerit.site_log.lines": Metric(
        Kind.COUNTER, "{line}", "Lines of the site log that were taken, or refused for what",
        {"outcome": ["taken", *(one.value for one in Refusal)]},
    ),
    "jokkerit.requests.due": Metric(
        Kind.GAUGE, "{request}", "Requests of customers under way, by the time the law still gives",
        {"due": DUE},
    ),
    "jokkerit.status.problems": Metric(
        Kind.GAUGE, "{problem}", "Problems of the status; 0 of those that there are not",
        {"code": tuple(PROBLEMS), "severity": [one.value for one in Severity]},
    ),
}  # fmt: skip


_ACTS = {Kind.COUNTER: "add", Kind.GAUGE: "set", Kind.HISTOGRAM: "record"}


def is_heard() -> bool:
    """Tell whether somebody has configured what listens: Saleor has the API in every shop."""
    silent = {"_ProxyMeterProvider", "NoOpMeterProvider"}
    return api is not None and type(api.get_meter_provider()).__name__ not in silent


def measure(name: str, value: float = 1, **attributes: str) -> None:
    """Add to a counter, or record a gauge or a duration in seconds."""
    if api is None:
        return
    allowed = METRICS[name].attributes
    given = {key: _closed(one, allowed[key]) for key, one in attributes.items()}
    getattr(_instrument(name), _ACTS[METRICS[name].kind])(value, given)


@contextmanager
def timed(name: str, **attributes: str) -> Iterator[None]:
    """Measure how long the block takes, and whether it raised."""
    start, outcome = time.monotonic(), "failed"
    try:
        yield
        outcome = "done"
    finally:
        measure(name, time.monotonic() - start, outcome=outcome, **attributes)


def _closed(value: str, allowed: Collection[str]) -> str:
    known = value in allowed if allowed else _NAME.fullmatch(value)
    return str(value) if known else "_OTHER"


@cache
def _instrument(name: str) -> Any:
    """Return an instrument; one made before OpenTelemetry is configured works from then on."""
    meter, metric = api.get_meter("jokkerit_plugin"), METRICS[name]
    if metric.kind is Kind.HISTOGRAM:
        return meter.create_histogram(
            name, metric.unit, metric.about, explicit_bucket_boundaries_advisory=_SECONDS
        )
    make = meter.create_counter if metric.kind is Kind.COUNTER else meter.create_gauge
    return make(name, metric.unit, metric.about)
