"""What somebody looks for in the site log, as they wrote it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

from ...policy.site_log import LONGEST_PATH
from ...sitelog.search import Wanted, period
from ..errors import BadInput
from .base import from_global_id
from .ranges import ends, in_utc, midnight

_LAST = timedelta(microseconds=1)


def wanted_of(given: Mapping[str, Any]) -> Wanted:
    """Return what a filter asks for: `at` or `on`, `address`, `customer`, `path`, `status`.

    Raises `BadInput`, `SearchError`.
    """
    since, until = period(*_time(given))
    customer = given.get("customer")
    return Wanted(
        since, until, address=_address(given.get("address")), path=_path(given.get("path")),
        customer=None if customer is None
        else from_global_id("RegisterCustomer", customer, name="customer"),
        status=_status(given.get("status")),
    )  # fmt: skip


def _time(given: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    at, on = given.get("at"), given.get("on")
    if at is not None and on is not None:
        raise BadInput("Give moments or days, and not both.", field="on")
    if on is not None:
        first, last = ends("on", on)
        return (
            None if first is None else midnight(first),
            None if last is None else midnight(last + timedelta(days=1)),
        )
    moments = {
        end: in_utc(moment, "at") for end, moment in (at or {}).items() if moment is not None
    }
    first, last = ends("at", moments)
    return first, None if last is None else last + _LAST


def _address(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        found = ip_network(text.strip())
    except ValueError:
        message = "Give an address or a network, for example 192.0.2.7 or 192.0.2.0/24."
        raise BadInput(message, field="address") from None
    return str(found.network_address if found.prefixlen == found.max_prefixlen else found)


def _path(text: str | None) -> str:
    if text and (not text.startswith(("/", "*")) or len(text) > LONGEST_PATH):
        raise BadInput("Give the beginning of a path, for example /graphql/.", field="path")
    return text or ""


def _status(given: Mapping[str, int | None] | None) -> tuple[int, int] | None:
    first, last = ((given or {}).get(end) for end in ("gte", "lte"))
    if first is None and last is None:
        return None
    found = (100 if first is None else first), (599 if last is None else last)
    if not 100 <= found[0] <= found[1] <= 599:
        raise BadInput("A status is from 100 to 599.", field="status")
    return found
