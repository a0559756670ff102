"""What a site log's line is once everything undeclared has been taken off it."""

import binascii
import re
import unicodedata
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import unquote, urlsplit

from ..policy.site_log import (
    LONGEST_AGENT,
    LONGEST_PATH,
    LONGEST_SHAPE,
    MASK,
    METHODS,
    OTHER,
    is_secret,
    leads_to_secret,
    without_secrets,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is stored. `duration` is in milliseconds, `size` in bytes, `at` aware.

    No text in it holds a character that a terminal, a table of figures or a page would obey.
    """

    at: datetime
    address: str | None
    agent: str
    method: str
    path: str
    status: int
    size: int | None
    duration: int | None
    #: Scheme and host alone.
    referer: str
    #: The shop's primary keys.
    user: int | None
    checkout: str | None


_BACKSLASHES = re.compile(r"((?:\\x[0-9A-Fa-f]{2})+)|\\([\"\\])")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HOST = re.compile(r"[\w.-]{1,253}|\[[0-9a-f:.]{2,45}\]")
_GLOBAL_ID = re.compile(r"[A-Za-z0-9+/]{8,80}={0,2}")
#: What a global id says: a kind and a key.
_NAMED = re.compile(r"[A-Z][A-Za-z]+:.")
_BIGGEST = 2**63 - 1
#: How many times the longest that is kept is looked at.
_MOST = 8
#: What is said again and again is looked at once. Shortened first: a client fills no memory.
_remembered = lru_cache(4096)


def unescaped(text: str) -> str:
    """Undo what nginx and Apache write for characters that would break a line."""
    return _BACKSLASHES.sub(
        lambda found: (
            bytes.fromhex(found[1].replace("\\x", "")).decode("utf-8", "backslashreplace")
            if found[1]
            else found[2]
        ),
        text,
    )


def harmless(text: str) -> str:
    r"""Return `text` with what is not printable written out: `\x1b`, `\u202e`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        one if one == " " or (one.isprintable() and unicodedata.category(one) != "Cf")
        else one.encode("ascii", "backslashreplace").decode()
        if ord(one) > 127
        else f"\\x{ord(one):02x}"
        for one in text
    )  # fmt: skip


def shape(line: bytes) -> str:
    r"""Return how a refused line looks, and nothing that it says.

    Letters are `a` and `A`, digits 9, bytes beyond ASCII `?`; what is not printable is written
    out. A wrong `log_format` is known by it, and no secret or person is.
    """
    return "".join(_SHAPES[byte] for byte in line[:LONGEST_SHAPE])


def _shape(byte: int) -> str:
    if byte > 127:
        return "?"
    letter = chr(byte)
    if letter.isalpha():
        return "A" if letter.isupper() else "a"
    if letter.isdecimal():
        return "9"
    return letter if letter.isprintable() else f"\\x{byte:02x}"


_SHAPES = [_shape(byte) for byte in range(256)]


def method_of(text: str) -> str:
    """Return the method, or `OTHER` for one that HTTP does not know."""
    return text if text in METHODS else OTHER


def path_of(target: str) -> str:
    """Return the path of a request's target without query, parameters and secrets."""
    target = re.split(r"[?#\s]", target, maxsplit=1)[0]
    if found := re.match(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]*", target):
        target = target[found.end() :] or "/"
    if not target.startswith("/"):
        # "*" of OPTIONS; CONNECT's host, and whatever else is no path.
        return target if target == "*" else ""
    if len(target) > _MOST * LONGEST_PATH:
        # Before the work, which a visitor could make long. No half of a secret stays.
        target = target[: _MOST * LONGEST_PATH].rpartition("/")[0]
    parts, hidden = [], False
    for raw in target.split("/"):
        part = raw.split(";", 1)[0]
        hides, leads = _looked_at(part)
        parts.append(MASK if part and (hidden or hides) else part)
        hidden = hidden or leads
    return _cut(harmless("/".join(parts)), LONGEST_PATH)


@_remembered
def _looked_at(part: str) -> tuple[bool, bool]:
    """Tell of a part of a path whether it hides something, and whether what follows is a secret."""
    plain = _decoded(part)
    return _hides(plain), leads_to_secret(plain)


def _hides(plain: str) -> bool:
    # What is still encoded after three rounds, or hides a border of its own, has a reason to.
    return (
        "%" in plain
        or any(character in plain for character in "?#;/\\&")
        or is_secret(plain)
        # A user's in the dashboard is shorter than what looks random.
        or bool(_NAMED.match(_in_global_id(plain)))
    )


def _decoded(part: str) -> str:
    for _ in range(3):
        plain = unquote(part)
        if plain == part:
            break
        part = plain
    return unicodedata.normalize("NFKC", part)


def agent_of(text: str) -> str:
    """Return the agent without secrets, `LONGEST_AGENT` characters at most; empty: none."""
    if len(text) > _MOST * LONGEST_AGENT:
        text = text[: _MOST * LONGEST_AGENT].rpartition(" ")[0]
    return "" if text == "-" else _agent(text)


@_remembered
def _agent(text: str) -> str:
    return _cut(harmless(without_secrets(text)), LONGEST_AGENT)


def address_of(text: str) -> str | None:
    """Return the address in its usual spelling; None: a socket's, or none."""
    found: IPv4Address | IPv6Address
    try:
        found = ip_address(text.strip("[]").split("%", 1)[0])
    except ValueError:
        return None
    return str(getattr(found, "ipv4_mapped", None) or found)


def referer_of(text: str) -> str:
    """Return scheme and host of a referer; "": none, or nothing that a browser sends."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if ":" in host:
        host = f"[{host}]"
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        return ""
    return harmless(f"{parts.scheme}://{host}" + (f":{port}" if port is not None else ""))


def user_of(value: object) -> int | None:
    """Return the shop's key of a user, from the number or Saleor's global id."""
    text = _shops_key(value, "User")
    if not re.fullmatch(r"[1-9][0-9]{0,18}", text):
        return None
    return number if (number := int(text)) <= _BIGGEST else None


def checkout_of(value: object) -> str | None:
    """Return a checkout's key (a UUID), from itself or Saleor's global id."""
    text = _shops_key(value, "Checkout").lower()
    return text if _UUID.fullmatch(text) else None


def _shops_key(value: object, kind: str) -> str:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    plain = _in_global_id(text)
    return plain[len(kind) + 1 :] if plain.startswith(f"{kind}:") else text


def _in_global_id(text: str) -> str:
    """Return what Saleor's global id says, with or without its padding; "": it is none."""
    if not _GLOBAL_ID.fullmatch(text):
        return ""
    text = text.rstrip("=")
    try:
        return b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
