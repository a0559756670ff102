"""What somebody wrote when they asked, and where the answer goes: stored encrypted.

The key is in the environment (`keys.py`): a stolen database tells nothing of it.
"""

import json
from dataclasses import dataclass

from .. import keys
from ..models import Request

_USE = "request"


@dataclass(frozen=True, slots=True)
class Content:
    """Of a request. `orders`: numbers, each with the postcode that it went or was billed to."""

    email: str = ""
    name: str = ""
    postal_code: str = ""
    orders: tuple[tuple[str, str], ...] = ()
    message: str = ""


def seal(row: Request, content: Content) -> None:
    """Put the content into a row that is stored; the caller saves it. Raises `NoKey`."""
    text = json.dumps([content.email, content.name, content.postal_code, content.orders,
                       content.message]).encode()  # fmt: skip
    row.key_version, row.sealed = keys.seal(_USE, text, about=_about(row))


def read(row: Request) -> Content:
    """Return the content; an empty one where nothing was written. Raises `NoKey`."""
    if row.sealed is None:
        return Content()
    text = keys.unseal(_USE, row.key_version, bytes(row.sealed), about=_about(row))
    email, name, postal_code, orders, message = json.loads(text)
    pairs = tuple((number, code) for number, code in orders)
    return Content(email, name, postal_code, pairs, message)


def forget(row: Request) -> None:
    """Empty the content; the caller saves the row."""
    row.key_version, row.sealed = "", None


def _about(row: Request) -> str:
    return f"request {row.pk}"
