"""Lines of site logs, read: nginx's and Apache's combined, JSON, uvicorn's.

    203.0.113.9 - - [28/Nov/2026:08:00:00 +0200] "GET /fi/ HTTP/1.1" 200 512 "-" "Mozilla/5.0"
    {"time": "2026-11-28T08:00:00+02:00", "address": "203.0.113.9", "path": "/fi/", "status": 200}
    INFO:     203.0.113.9:40312 - "GET /graphql/ HTTP/1.1" 200 OK

After the agent, a combined line may say more of what is declared: `rt=0.012 user=42`. A line of
uvicorn's says when only if its format was made to; otherwise it counts as written when it is read.
What a line must say: a status, a path or method, and when. Whatever else cannot be read is left
out, and keeps no line out: the client chose it, who may be the one that is looked for.
"""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ..policy.site_log import LONGEST_LINE, NAMES, Refusal
from . import minimised
from .minimised import Line

_QUOTED = r'"((?:[^"\\]|\\.)*)"'
#: The user may hold whatever looks like a time, but no quote that is not escaped.
_COMBINED = re.compile(
    rf'([^"\\]+(?:\\.[^"\\]*)*) \[([^\]]{{1,40}})\] {_QUOTED} (\d{{3}}) (\d+|-)'
    rf"(?: {_QUOTED} {_QUOTED})?((?: .*)?)"
)
_UVICORN = re.compile(
    r"(?:(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?(?:Z|[+-]\d\d:?\d\d)?) )?"
    rf"(?:[^\"\d]{{0,60}}[ ])?(?:(\S+):\d{{1,5}} )?- {_QUOTED} (\d{{3}})\b[^\"]{{0,40}}"
)
#: The first word, or the last of a list.
_ADDRESS = re.compile(r"(?:[^\s,]*, ?)*+([^\s,]+)")
_NO_TEXT = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ufffd]")
#: Word by word: what stands in quotes is the client's, and names no field.
_MORE = re.compile(r' (?:([a-z_]{1,20})=)?(?:"([^"\\]*(?:\\.[^"\\]*)*)(?:"|$)|([^" ]*))')
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_COMBINED_TIME = re.compile(r"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)")
#: What PostgreSQL's tables have room for: `integer`, `bigint`.
_LONGEST, _BIGGEST = 2**31 - 1, 2**63 - 1
#: Seconds since 1970 that are none: as milliseconds, as Node says them, it is March 1973.
_MILLISECONDS = 10**11


class _Unreadable(ValueError):
    """The line is none of ours."""


def read(line: bytes, *, now: datetime) -> Line | Refusal | None:
    """Return the minimised line, why it is refused, or None for an empty one. Never raises.

    `now` is when a line was written that does not say it. The line is without its newline.
    """
    whole = len(line) <= LONGEST_LINE
    text = line[:LONGEST_LINE].decode(errors="replace").strip(" \r\n\t\ufeff")
    if not text:
        return None
    try:
        return _json(text) if text.startswith("{") else _text(text, now)
    except (ValueError, OverflowError, OSError, RecursionError):
        # OSError: the C library's, of a time beyond its years.
        if not whole:
            return Refusal.ENORMOUS
        return Refusal.BINARY if _NO_TEXT.search(text) else Refusal.MALFORMED


def _text(text: str, now: datetime) -> Line:
    if found := _COMBINED.fullmatch(text):
        asker, at, request, status, size, referer, agent, more = found.groups()
        said: dict[str, Any] = {
            "user_id" if key == "user" else key: quoted or plain
            for key, quoted, plain in _MORE.findall(more)
            if key and key not in _TAKEN
        }
        said |= {
            "address": asker, "at": at, "request": minimised.unescaped(request),
            "status": status, "size": "" if size == "-" else size,
            "referer": minimised.unescaped(referer or ""),
            "agent": minimised.unescaped(agent or ""),
        }  # fmt: skip
        return _line(said, None)
    if found := _UVICORN.fullmatch(text):
        written, address, request, status = found.groups()
        return _line(
            {"address": address or "", "at": written or "", "request": request, "status": status},
            now,
        )
    raise _Unreadable


#: What a combined line has said already when it comes to `key=value`.
_TAKEN = frozenset(
    name for field in ("at", "address", "agent", "method", "path", "status", "referer")
    for name in NAMES[field]
) | {"request"}  # fmt: skip


def _json(text: str) -> Line:
    found = json.loads(text, strict=False)
    if not isinstance(found, dict):
        raise _Unreadable
    return _line(found, None)


def _line(said: Mapping[str, Any], now: datetime | None) -> Line:
    method, path = _first(said, "method"), _first(said, "path")
    if (path is None or method is None) and isinstance(request := said.get("request"), str):
        asked, _, target = request.partition(" ")
        method, path = method or asked, path if path is not None else target
    status = _whole(_first(said, "status"), 599)
    if status is None or status < 100 or not isinstance(path, str):
        raise _Unreadable
    return Line(
        at=_time(_first(said, "at"), now),
        address=_address(_string(_first(said, "address"))),
        agent=minimised.agent_of(_string(_first(said, "agent"))),
        method=minimised.method_of(_string(method)),
        path=minimised.path_of(path),
        status=status,
        size=_whole(_first(said, "size"), _BIGGEST),
        duration=_duration(said),
        referer=minimised.referer_of(_string(_first(said, "referer"))),
        user=minimised.user_of(_first(said, "user")),
        checkout=minimised.checkout_of(_first(said, "checkout")),
    )


def _first(said: Mapping[str, Any], field: str) -> Any:
    return next((said[name] for name in NAMES[field] if said.get(name, "") not in (None, "")), None)


def _address(said: str) -> str | None:
    """Return the address; of those that proxies handed on, the one that the last of them saw."""
    return minimised.address_of(found[1]) if (found := _ADDRESS.match(said)) else None


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: object, most: int) -> int | None:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return number if re.fullmatch(r"[0-9]{1,19}", text) and (number := int(text)) <= most else None


def _duration(said: Mapping[str, Any]) -> int | None:
    for field, milliseconds in (("duration", 1000.0), ("duration_ms", 1.0), ("duration_us", 0.001)):
        try:
            found = float(str(_first(said, field))[:24]) * milliseconds
        except ValueError:
            continue
        if math.isfinite(found) and 0 <= found <= _LONGEST:
            return round(found)
    return None


def _time(value: object, now: datetime | None) -> datetime:
    """Return when, in UTC; without a zone it is UTC. Raises ValueError."""
    if value is None and now is not None:
        return now
    text = _string(value)
    if re.fullmatch(r"\d{9,13}(\.\d{1,6})?", text):
        value = float(text)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value if value < _MILLISECONDS else value / 1000, UTC)
    if found := _COMBINED_TIME.fullmatch(text):
        day, month, year, clock, hours, minutes = found.groups()
        number = _MONTHS.index(month) + 1
        text = f"{year}-{number:02}-{day}T{clock}{hours}:{minutes}"
    at = datetime.fromisoformat(text.replace(",", "."))
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
