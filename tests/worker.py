"""The Celery application of a worker under test: the demo's, in whose shop it is always night."""

from dataclasses import replace
from datetime import UTC, datetime

# Each of the worker's processes parses C with it, and would import it on its own.
import cffi.cparser  # noqa: F401
import django

from dev.host import celery

app = celery.app
django.setup()

from jokkerit_plugin import clock  # noqa: E402
from jokkerit_plugin.shop.port import shop  # noqa: E402

_hour = datetime.now(UTC).astimezone(clock.HELSINKI).hour
_settings = shop().config()
shop().settings = replace(  # type: ignore[attr-defined]
    _settings, retention_hour=_hour, retention_daily_limit=10_000_000
)
