"""The objects outside the database that hold copies: rows by a running number, signed.

They lie beside those of the ledger of erasures (`access.copies.storage`), in `opt-outs/`. What
their rows are is `copied.py`'s.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.core.files.base import ContentFile

from .. import keys
from ..access import copies
from ..access.copies import NotReplayed
from ..errors import RegisterError
from .store import as_bytea

NAME = "opt-outs"
_USE = "opt-out-copies"


def save(number: int, rows: Sequence[Sequence[Any]]) -> bool:
    """Write an object; tell whether there is a storage. Raises `NoKey`, `NotReplayed`."""
    plain = [[_text(one) for one in row] for row in rows]
    version, signature = keys.sign(_USE, _message(number, plain))
    signed = {"rows": plain, "key_version": version, "signature": signature.hex()}
    place = copies.storage()
    if place is None:
        return False
    with copies.reaching():
        name = _path(number)
        # A storage that had the name gives another one: somebody else's copies, or ours lost.
        if place.save(name, ContentFile(json.dumps(signed))) != name:
            raise NotReplayed(f"The copy {name} was there already.")
    return True


def read(number: int) -> list[list[Any]]:
    """Return the rows of an object, as texts and None. Raises `NotReplayed` if it is not ours."""
    foreign = NotReplayed(f"The copy {_path(number)} is not signed by this register, or damaged.")
    text = b""
    with copies.reaching():
        if place := copies.storage():
            with place.open(_path(number)) as stored:
                text = stored.read()
    try:
        found = json.loads(text)
        rows: list[list[Any]] = found["rows"]
        version, signature = found["key_version"], bytes.fromhex(found["signature"])
        if not keys.verify(_USE, version, _message(number, rows), signature):
            raise foreign
    except (ValueError, TypeError, KeyError):
        raise foreign from None
    return rows


def there(number: int) -> bool:
    """Tell whether the storage has an object."""
    with copies.reaching():
        place = copies.storage()
        return place is not None and bool(place.exists(_path(number)))


def highest() -> int:
    """Return the highest number that the storage has; 0: none."""
    with copies.reaching():
        place = copies.storage()
        if place is None:
            return 0
        try:
            folders, _ = place.listdir(NAME)
        except FileNotFoundError:
            return 0
        for folder in sorted(folders, reverse=True):
            _, names = place.listdir(f"{NAME}/{folder}")
            found = [int(name[:12]) for name in names if re.fullmatch(r"\d{12}\.json", name)]
            if found:
                return max(found)
    return 0


def listed() -> int:
    """Return `highest` as it was a minute ago at most."""
    try:
        return int(cache.get_or_set(f"jokkerit.{NAME}.highest", highest, 60) or 0)
    except RegisterError:
        raise
    except Exception:  # noqa: BLE001 - every cache has errors of its own
        return highest()


def _path(number: int) -> str:
    return f"{NAME}/{number // 10_000:06}/{number:012}.json"


def _message(number: int, rows: list[list[Any]]) -> bytes:
    return hashlib.sha256(f"{number} {json.dumps(rows)}".encode()).digest()


def _text(value: object) -> str | None:
    if isinstance(value, bytes | memoryview):
        return as_bytea(bytes(value))
    if isinstance(value, datetime):
        return value.isoformat()
    return None if value is None else str(value)
