"""Hash chains in the database: append and verify.

Each link's hash is SHA-256 over the previous hash and the link's own content, so a changed,
missing, inserted or reordered row shows at its place. Whoever can write the whole table can
also write a new chain: that is what signed checkpoints are for (`checkpoints.py`).

Danger: the head's row is locked from `append` to the commit. Append as a transaction's last
statement: 1,455 links/s with eight writers then, 48/s when the lock is held through the reading.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain as joined
from itertools import islice
from typing import Any

from django.db import connection, models, transaction

from ..models import ChainHead, Checkpoint
from ..register.rows import execute, fetch

GENESIS = bytes(32)
#: What a fault can be, beside "missing" and "missing to N".
CHANGED = "changed, inserted or out of order"
BEHIND = "the chain's head does not belong to its last link"
LEFT_OVER = "inserted among those that were removed, or left by a removal that did not end"
#: Rows of one round trip while verifying; memory stays flat.
PAGE = 5000
#: Links that the status looks at: few, since one of the erasures may hold a thousand keys.
TAIL = 20
#: Of one round trip while they are written out: a receipt holds up to a thousand keys.
_WRITTEN = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a chain is broken: the link's number and what is wrong with it."""

    seq: int
    what: str


def append(model: type[models.Model], content: Mapping[str, Any]) -> int:
    """Add one link of `model` (its chain is the table's name); return its number.

    `content` names every field but `seq` and `hash`. Call it last in the transaction.
    """
    names = sorted(content)
    quote = connection.ops.quote_name
    columns = ", ".join(quote(name) for name in names)
    types = {field.attname: field.db_type(connection) for field in model._meta.concrete_fields}
    values = ", ".join(f"%s::{types[name]}" for name in names)
    name = chain_name(model)
    head = quote(ChainHead._meta.db_table)
    link = (
        f"WITH link AS (UPDATE {head} SET seq = seq + 1,"
        " hash = sha256(hash || %s::bytea) WHERE name = %s RETURNING seq, hash)"
        f" INSERT INTO {quote(model._meta.db_table)} (seq, hash, {columns})"
        f" SELECT link.seq, link.hash, {values} FROM link RETURNING seq"
    )
    params = [_digest(content), name, *(content[one] for one in names)]
    if not (row := fetch(link, params)):
        # The chain's first link ever. Whoever else makes the head meanwhile is waited for.
        execute(
            f"INSERT INTO {head} (name, hash) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            [name, GENESIS],
        )
        row = fetch(link, params)
    return int(row[0][0])


def verify(model: type[models.Model], *, most: int = 1000) -> list[Fault]:
    """Return the faults of a chain, in order; none: it is whole. At most `most` are named.

    After a changed row the walk goes on from the hash that the row carries, so each fault is
    named once. It sees one moment: links that are added meanwhile are not looked at.
    """
    with snapshot():
        return list(islice(_faults(model), most))


def tail(model: type[models.Model]) -> list[Fault]:
    """Return the faults among the last links, which a change by hand would have broken; cheap.

    Not the very last one: in a transaction of the caller's the next may come between two queries.
    So may a pruning: then it is asked again.
    """
    with snapshot():
        start, head = pruned_to(model), ChainHead.objects.filter(name=chain_name(model)).first()
        first, before = (start.seq, bytes(start.hash)) if start else (0, GENESIS)
        last = head.seq - 1 if head else 0
        after = max(last + 1 - TAIL, first)
        if after >= last:
            return []
        found: list[Fault] = []
        if after > first:
            known = model._default_manager.filter(seq=after).values_list("hash").first()
            found = [] if known else [Fault(after, "missing")]
            before = bytes(known[0]) if known else before
        found = found or list(_links(model, after, before, until=last))
        return tail(model) if found and pruned_to(model) != start else found


def written(model: type[models.Model]) -> Iterator[dict[str, Any]]:
    """Yield the links in order as plain data: `seq`, `hash`, and the `content` that was hashed.

    Whoever has them proves the chain without this code: SHA-256 of the hash before (the first
    link's: `GENESIS`, or that of what was pruned) and of SHA-256 of the content as sorted JSON.
    """
    for row in _rows(model, after=0, page=_WRITTEN):
        seq, stored = row.pop("seq"), bytes(row.pop("hash"))
        yield {"seq": seq, "hash": stored.hex(), "content": _told(row)}


@contextmanager
def snapshot() -> Iterator[None]:
    """Read everything in the block as of one moment (inside a transaction: as that one does)."""
    nested = connection.in_atomic_block
    with transaction.atomic():
        if not nested:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def pruned_to(model: type[models.Model]) -> Checkpoint | None:
    """Return the checkpoint that stands for the links before it, which were removed."""
    made = Checkpoint.objects.filter(name=chain_name(model), pruned=True)
    return made.order_by("-seq").first()


def walk(model: type[models.Model], *, after: int, size: int) -> tuple[int, list[Fault]]:
    """Verify the next `size` links after link `after`; return how far it came, and the faults.

    From 0 on, each call going on where the one before ended, this is `verify` in short steps. At
    the end it comes no further.
    """
    with snapshot():
        start = pruned_to(model)
        head = ChainHead.objects.filter(name=chain_name(model)).first()
        last = head.seq if head else 0
        until = max(after, start.seq if start else 0) + size
        upto = until if until < last else None
        if after <= (start.seq if start else 0):
            found = _faults(model, until=upto)
        elif known := model._default_manager.filter(seq=after).values_list("hash").first():
            found = _links(model, after, bytes(known[0]), until=upto)
        else:
            found = iter([Fault(after, "missing")])
        return min(until, last), list(found)


def _faults(model: type[models.Model], *, until: int | None = None) -> Iterator[Fault]:
    start = pruned_to(model)
    last, before = (start.seq, bytes(start.hash)) if start else (0, GENESIS)
    below = model._default_manager.filter(seq__lte=last).order_by("seq")
    for (seq,) in below.values_list("seq"):
        yield Fault(seq, LEFT_OVER)
    yield from _links(model, last, before, until=until)


def _links(
    model: type[models.Model], last: int, before: bytes, *, until: int | None
) -> Iterator[Fault]:
    """Yield the faults after link `last`, of hash `before`, to link `until`; None: to the end."""
    name, expected = chain_name(model), last + 1
    for row in _rows(model, after=last):
        if until is not None and row["seq"] > until:
            break
        seq, stored = row.pop("seq"), bytes(row.pop("hash"))
        if seq != expected:
            yield _missing(expected, seq - 1)
        if hashlib.sha256(before + _digest(row)).digest() != stored:
            yield Fault(seq, CHANGED)
        expected, before = seq + 1, stored
    if until is not None:
        if expected <= until:
            yield _missing(expected, until)
        return
    head = ChainHead.objects.filter(name=name).first()
    if head and head.seq >= expected:
        yield _missing(expected, head.seq)
    elif (head.seq if head else 0, bytes(head.hash if head else GENESIS)) != (expected - 1, before):
        yield Fault(expected - 1, BEHIND)


def _missing(first: int, last: int) -> Fault:
    return Fault(first, f"missing to {last}" if last > first else "missing")


def chain_name(model: type[models.Model]) -> str:
    """Return the chain's name: the model's, in small letters, 16 characters at most."""
    return str(model._meta.model_name)[:16]


def _rows(
    model: type[models.Model], *, after: int, page: int | None = None
) -> Iterator[dict[str, Any]]:
    manager: models.Manager[models.Model] = model._default_manager
    size = page or PAGE
    while found := list(manager.filter(seq__gt=after).order_by("seq").values()[:size]):
        after = found[-1]["seq"]
        yield from found


def _digest(content: Mapping[str, Any]) -> bytes:
    """Return SHA-256 of a content in one canonical form (sorted JSON; times in UTC)."""
    return hashlib.sha256(json.dumps(_told(content), sort_keys=True).encode()).digest()


def _told(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in content.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if not isinstance(value, (str, int, bool, type(None))) else value


def as_multirange(subjects: Collection[int]) -> str:
    """Return a set of ids as PostgreSQL writes an `int8multirange`: sorted, joined, half-open."""
    ranges: list[list[int]] = []
    for one in sorted(set(subjects)):
        if ranges and ranges[-1][1] == one:
            ranges[-1][1] = one + 1
        else:
            ranges.append([one, one + 1])
    return "{" + ",".join(f"[{start},{end})" for start, end in ranges) + "}"


def as_ids(multirange: str) -> Iterator[int]:
    """Yield the ids of a set as `as_multirange` writes it, in order."""
    pairs = (part.split(",") for part in multirange.strip("{}[)").split("),[") if part)
    return joined.from_iterable(range(int(start), int(end)) for start, end in pairs)
