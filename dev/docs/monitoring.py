"""docs/reference/monitoring.md: problems of the status, measurements, events of the log."""

from __future__ import annotations

from dev.docs.tables import table
from jokkerit_plugin.logs import EVENTS
from jokkerit_plugin.policy.severities import PROBLEMS, Severity
from jokkerit_plugin.telemetry import METRICS, Kind, Metric

_TOP = """\
# What monitoring sees

Made from the code by `make docs`: change the code, not this page. What to watch, with thresholds,
rules and probes: [operations.md](../operations.md).
"""
_HEADS = {
    Severity.ALERT: "Worth waking somebody",
    Severity.WARNING: "In working hours",
    Severity.INFO: "Ordinary work",
}
_METRICS = """\
Instruments of OpenTelemetry's meter `jokkerit_plugin`, and as Prometheus names them. A gauge is
recorded every five minutes by one worker. A value that is none of these is `_OTHER`.
"""
_EVENTS = """\
Each line of the product carries `event` and these fields beside its message, whose `%s` are the
fields in this order. They hold keys, codes and classes of errors: nobody's data.
"""


def page() -> str:
    """Return the page."""
    parts = [_TOP]
    for severity, head in _HEADS.items():
        rows = [
            (f"`{code}`", f"{one.means}.", f"{one.do}.")
            for code, one in sorted(PROBLEMS.items())
            if one.severity is severity
        ]
        what = "What it means, and why now" if severity is Severity.ALERT else "What it means"
        parts.append(f"## {head}: `{severity}`\n\n{table(('Code', what, 'What to do'), rows)}")
    measured = [
        (f"`{name}`", f"`{prometheus(name)}`", one.kind.value, f"`{one.unit}`", f"{one.about}.",
         _attributes(one))
        for name, one in METRICS.items()
    ]  # fmt: skip
    heads = ("Name", "In Prometheus", "Kind", "Unit", "What", "Attributes")
    parts.append(f"## Measurements\n\n{_METRICS}\n{table(heads, measured)}")
    logged = sorted(
        (f"`{event}`", ", ".join(f"`{name}`" for name in names), f"`{message}`")
        for message, (event, *names) in EVENTS.items()
    )
    parts.append(f"## Log\n\n{_EVENTS}\n{table(('Event', 'Fields', 'Message'), logged)}")
    return "\n".join(parts)


def prometheus(name: str) -> str:
    """Return a metric's name as OpenTelemetry's collector writes it for Prometheus."""
    metric = METRICS[name]
    unit = "_seconds" if metric.unit == "s" else ""
    return name.replace(".", "_") + unit + ("_total" if metric.kind is Kind.COUNTER else "")


def _attributes(metric: Metric) -> str:
    return "; ".join(
        f"`{name}`: {', '.join(f'`{one}`' for one in values) if len(values) < 20 else 'above'}"
        if values
        else f"`{name}`"
        for name, values in metric.attributes.items()
    )
