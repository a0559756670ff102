"""A document is the JSON text from which one snapshot is built, and nothing else is read.

The shop's database writes it in SQL, so one statement gives the snapshot and the digest of all
that it holds; a recording keeps the same documents. Amounts are JSON strings: a JSON number
would pass through a float.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter

from .snapshots import CheckoutSnapshot, CustomerSnapshot, Kind, OrderSnapshot

#: Part of every digest: raise it when a document's shape changes, and the next
#: reconciliation reads every row anew.
FORMAT = 3

_ADAPTERS: dict[Kind, TypeAdapter[Any]] = {
    Kind.ORDER: TypeAdapter(OrderSnapshot),
    Kind.CUSTOMER: TypeAdapter(CustomerSnapshot),
    Kind.CHECKOUT: TypeAdapter(CheckoutSnapshot),
}


def parse(kind: Kind, documents: Iterable[tuple[str, str]]) -> list[Any]:
    """Build snapshots of `kind` from pairs of document and digest, in their order."""
    adapter = _ADAPTERS[kind]
    # The digest goes in as the document's last field: a copy of the snapshot costs more.
    return [
        adapter.validate_json(f'{text.rstrip()[:-1]},"digest":"{digest}"}}')
        for text, digest in documents
    ]


def digest(salt: str, text: str) -> str:
    """Return what PostgreSQL's `md5(salt || text)` returns: 32 hexadecimal digits."""
    return hashlib.md5((salt + text).encode(), usedforsecurity=False).hexdigest()
