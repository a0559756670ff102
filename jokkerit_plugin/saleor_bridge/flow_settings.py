"""Ways on which customers' data leaves Saleor by itself: what its settings say.

No flow: mail to a console, a file or nowhere; files in a folder; databases and brokers behind a
socket or on this machine; static files; Saleor's usage telemetry, which counts products and
versions and knows no customer.
"""

import os
from collections.abc import Iterator
from typing import Any

from django.conf import settings

from ..shop.flows import Flow, FlowKind, host_of

_QUIET_MAIL = ("console", "filebased", "locmem", "dummy")
#: The other ends of storage classes, by a part of the class's name.
_STORAGES = {
    "S3": "amazonaws.com",
    "GCS": "storage.googleapis.com",
    "GoogleCloud": "storage.googleapis.com",
    "Azure": "blob.core.windows.net",
}
_OTEL = (
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
)


def read() -> Iterator[Flow]:
    """Yield the flows that the settings of this process name, local ones too (no query)."""
    yield from _mail()
    yield from _storage()
    if dsn := _text("SENTRY_DSN"):
        yield Flow(FlowKind.ERRORS, "SENTRY_DSN", host_of(dsn))
    yield from _telemetry()
    yield from _hosting()


def _mail() -> Iterator[Flow]:
    backend = _text("EMAIL_BACKEND")
    if backend.startswith("django.core.mail.backends."):
        quiet = backend.split(".")[4] in _QUIET_MAIL
        if not quiet and (host := host_of(_text("EMAIL_HOST"))):
            yield Flow(FlowKind.MAIL, "EMAIL_URL", host)
    elif backend:
        # A mail service's own: it sends to a place that EMAIL_HOST does not tell.
        yield Flow(FlowKind.MAIL, backend)
    if host := host_of(_text("USER_EMAIL_HOST")):
        yield Flow(FlowKind.MAIL, "USER_EMAIL_URL", host)


def _storage() -> Iterator[Flow]:
    storages: Any = getattr(settings, "STORAGES", None) or {}
    used = {
        "STORAGES": storages.get("default", {}).get("BACKEND", ""),
        "PRIVATE_FILE_STORAGE": _text("PRIVATE_FILE_STORAGE"),
    }
    for name, backend in used.items():
        if backend and not backend.startswith("django.core.files.storage."):
            yield Flow(FlowKind.STORAGE, name, _storage_host(backend.rpartition(".")[2]))
            for domain in ("AWS_MEDIA_CUSTOM_DOMAIN", "GS_MEDIA_CUSTOM_ENDPOINT"):
                if name == "STORAGES" and (host := host_of(_text(domain))):
                    yield Flow(FlowKind.STORAGE, domain, host)


def _storage_host(backend: str) -> str:
    if backend.startswith("S3") and (host := host_of(_text("AWS_S3_ENDPOINT_URL"))):
        return host
    if backend.startswith("GCS") and (host := host_of(_text("GS_CUSTOM_ENDPOINT"))):
        return host
    return next((host for part, host in _STORAGES.items() if part in backend), "")


def _telemetry() -> Iterator[Flow]:
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() != "true":
        for name in _OTEL:
            if address := os.environ.get(name, ""):
                yield Flow(FlowKind.TELEMETRY, name, host_of(address))
    if address := _text("OBSERVABILITY_BROKER_URL"):
        yield Flow(FlowKind.TELEMETRY, "OBSERVABILITY_BROKER_URL", host_of(address))


def _hosting() -> Iterator[Flow]:
    for alias, database in settings.DATABASES.items():
        for host in filter(None, str(database.get("HOST") or "").split(",")):
            # A path is a socket.
            if not host.startswith("/"):
                yield Flow(FlowKind.HOSTING, f"database:{alias}", host_of(host))
    for address in filter(None, _text("CELERY_BROKER_URL").split(";")):
        if not address.startswith(("memory:", "filesystem:", "redis+socket:")):
            yield Flow(FlowKind.HOSTING, "CELERY_BROKER_URL", host_of(address))
    for alias, cache in settings.CACHES.items():
        for address in _addresses(cache.get("LOCATION")):
            if "://" in address and not address.startswith(("unix:", "file:")):
                yield Flow(FlowKind.HOSTING, f"cache:{alias}", host_of(address))


def _addresses(location: Any) -> list[str]:
    if isinstance(location, str):
        return location.split(",")
    return [str(one) for one in location or ()]


def _text(name: str) -> str:
    value = getattr(settings, name, None)
    return value if isinstance(value, str) else ""
