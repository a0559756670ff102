"""The connections of a Saleor and how they are sealed: read from settings and tables.

Only names of settings and hosts leave here, never a credential. Verified means that certificate
and host name are checked: PostgreSQL does so with `sslmode=verify-full` alone, redis-py before
version 6 and amqp only when told to.
"""

import inspect
import os
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.db import connection
from saleor.app.models import App
from saleor.core.utils import get_public_url
from saleor.webhook.models import Webhook

from ..shop.connections import Connection, Seal
from ..shop.flows import host_of

#: Schemes whose libraries verify; what else begins with them has options of its own.
_SAFE = {"https", "sqs", "awssqs", "gcpubsub", "confluentkafka"}
#: Settings that name where data is sent.
_ADDRESSES = ("AWS_S3_ENDPOINT_URL", "GS_CUSTOM_ENDPOINT", "SENTRY_DSN", "OBSERVABILITY_BROKER_URL")
_OTEL = "OTEL_EXPORTER_OTLP_"

# Saleor's own plugins that send mail or ask an identity provider, with what they were set to.
_PLUGINS = """
    SELECT identifier, field ->> 'name', field ->> 'value'
    FROM plugins_pluginconfiguration, jsonb_array_elements(
        CASE jsonb_typeof(configuration) WHEN 'array' THEN configuration ELSE '[]' END
    ) AS field
    WHERE active AND field ->> 'name' IN ('host', 'use_tls', 'use_ssl')
        AND identifier IN ('mirumee.notifications.user_email', 'mirumee.notifications.admin_email')
    UNION ALL
    SELECT identifier, field ->> 'name', field ->> 'value'
    FROM plugins_pluginconfiguration, jsonb_array_elements(
        CASE jsonb_typeof(configuration) WHEN 'array' THEN configuration ELSE '[]' END
    ) AS field
    WHERE active AND field ->> 'value' LIKE 'http://%%'
        AND identifier = 'mirumee.authentication.openidconnect'"""


def address() -> str:
    """See `ShopPort.address` (1 query)."""
    found: str = get_public_url()
    return found


def read() -> list[Connection]:
    """See `ShopPort.connections` (3 queries)."""
    return sorted({*of_settings(), *_webhooks(), *_apps(), *_plugins()})


def of_settings() -> Iterator[Connection]:
    """Yield those that the settings of this process name (no query)."""
    for alias, database in settings.DATABASES.items():
        for host in str(database.get("HOST") or "").split(","):
            options = database.get("OPTIONS") or {}
            yield Connection(f"database:{alias}", _network(host), _postgres(options))
    for url in filter(None, _text("CELERY_BROKER_URL").split(";")):
        yield Connection("CELERY_BROKER_URL", _network_of(url), _broker(url))
    for alias, cache in settings.CACHES.items():
        for url in _locations(cache.get("LOCATION")):
            yield Connection(f"cache:{alias}", _network_of(url), _redis(url, {}))
    yield from _mail()
    yield from _services()


def _services() -> Iterator[Connection]:
    for name in _ADDRESSES:
        if url := _text(name):
            yield Connection(name, host_of(url), _web(url))
    if (os.environ.get("OTEL_SDK_DISABLED") or "").lower() != "true":
        for name, url in os.environ.items():
            if name.startswith(_OTEL) and name.endswith("ENDPOINT"):
                yield Connection(name, host_of(url), _web(url))


def _mail() -> Iterator[Connection]:
    # Django's SMTP backend verifies whenever it uses TLS.
    if "smtp" in _text("EMAIL_BACKEND") and (host := host_of(_text("EMAIL_HOST"))):
        yield Connection("EMAIL_URL", host, _smtp(settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL))
    own: Any = settings
    if host := host_of(_text("USER_EMAIL_HOST")):
        sealed = own.USER_EMAIL_USE_TLS or own.USER_EMAIL_USE_SSL
        yield Connection("USER_EMAIL_URL", host, _smtp(sealed))


def _webhooks() -> Iterator[Connection]:
    rows = Webhook.objects.filter(is_active=True, app__is_active=True, app__removed_at=None)
    for key, url in rows.values_list("pk", "target_url"):
        yield Connection(f"webhook:{key}", host_of(url), _web(url))


def _apps() -> Iterator[Connection]:
    rows = App.objects.filter(is_active=True, removed_at=None).exclude(app_url=None)
    for key, url in rows.exclude(app_url="").values_list("pk", "app_url"):
        yield Connection(f"app:{key}", host_of(url), _web(url))


def _plugins() -> Iterator[Connection]:
    mail: dict[str, dict[str, str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_PLUGINS, [])
        for identifier, name, value in cursor.fetchall():
            if identifier.startswith("mirumee.notifications."):
                mail.setdefault(identifier, {})[name] = value or ""
            else:
                yield Connection(identifier, host_of(value), Seal.OPEN)
    for identifier, told in mail.items():
        sealed = "true" in {told.get("use_tls"), told.get("use_ssl")}
        if host := host_of(told.get("host", "")):
            yield Connection(identifier, host, _smtp(sealed))


def _postgres(options: Mapping[str, Any]) -> Seal:
    mode = options.get("sslmode") or os.environ.get("PGSSLMODE") or ""
    # libpq 16: the system's authorities are trusted only together with verify-full.
    if mode == "verify-full" or options.get("sslrootcert") == "system":
        return Seal.VERIFIED
    return Seal.UNVERIFIED if mode in {"require", "verify-ca"} else Seal.OPEN


def _broker(url: str) -> Seal:
    given = getattr(settings, "CELERY_BROKER_USE_SSL", None) or {}
    options = given if isinstance(given, dict) else {}
    scheme = urlsplit(url).scheme
    if scheme in _SAFE:
        return Seal.VERIFIED
    if scheme.startswith(("redis", "sentinel")):
        return _redis(url, options)
    if not (scheme == "amqps" or given):
        return Seal.OPEN
    named = "server_hostname" in options and _required(options.get("cert_reqs"))
    return Seal.VERIFIED if named else Seal.UNVERIFIED


def _redis(url: str, options: Mapping[str, Any]) -> Seal:
    parts = urlsplit(url)
    if parts.scheme not in {"rediss", "sentinels"} and not options:
        return Seal.OPEN
    told = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    checks = str(told.get("ssl_check_hostname", options.get("ssl_check_hostname", _BY_DEFAULT)))
    required = _required(told.get("ssl_cert_reqs", options.get("ssl_cert_reqs")))
    return Seal.VERIFIED if required and checks.lower() in {"true", "1"} else Seal.UNVERIFIED


def _by_default() -> bool:
    """Tell whether the installed redis-py checks host names when it is not told."""
    try:
        from redis.connection import SSLConnection
    except ImportError:
        return False
    known = inspect.signature(SSLConnection.__init__).parameters.get("ssl_check_hostname")
    return bool(known and known.default)


_BY_DEFAULT = _by_default()


def _required(value: Any) -> bool:
    """Tell whether a certificate is demanded; both libraries do when they are not told."""
    text = str(getattr(value, "name", value) or "").lower()
    return text in {"", "2"} or text.endswith("required")


def _web(url: str) -> Seal:
    scheme = urlsplit(url).scheme.lower()
    if scheme not in _SAFE | {"rediss", "amqps"}:
        return Seal.OPEN
    own: Any = settings
    unchecked = getattr(own, "AWS_S3_VERIFY", None) is False and url == _text("AWS_S3_ENDPOINT_URL")
    return Seal.UNVERIFIED if unchecked or scheme not in _SAFE else Seal.VERIFIED


def _smtp(sealed: object) -> Seal:
    return Seal.VERIFIED if sealed else Seal.OPEN


def _network(host: str) -> str:
    # A path is a socket.
    return "" if host.startswith("/") else host_of(host)


def _network_of(url: str) -> str:
    local = ("memory:", "filesystem:", "redis+socket:", "unix:", "file:")
    return "" if url.startswith(local) or "://" not in url else host_of(url)


def _locations(location: Any) -> list[str]:
    found = location.split(",") if isinstance(location, str) else [str(o) for o in location or ()]
    return [one for one in found if "://" in one]


def _text(name: str) -> str:
    value = getattr(settings, name, None)
    return value if isinstance(value, str) else ""
