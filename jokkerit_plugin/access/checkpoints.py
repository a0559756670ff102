"""Signed checkpoints: proof against whoever can rewrite a whole chain, and leave to prune it.

A checkpoint says: link `seq` had this hash. The key is in the environment, so nobody signs one
with the database alone; exported, it is kept where the database's administrator cannot reach.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models

from .. import clock, keys
from ..errors import RegisterError
from ..models import Checkpoint
from . import chain
from .chain import Fault

_USE = "checkpoint"
#: Rows of one transaction while pruning.
BATCH = 5000


class CheckpointError(RegisterError):
    """A checkpoint cannot be made, or a file is none."""

    code = "CHECKPOINT"


@dataclass(frozen=True, slots=True)
class Exported:
    """A checkpoint as it is kept elsewhere: JSON with these names, bytes in hexadecimal."""

    chain: str
    seq: int
    hash: str
    made_at: str
    #: The links up to this one were removed on purpose, which only the key's holder may say.
    pruned: bool
    key_version: str
    signature: str

    @property
    def message(self) -> bytes:
        """What is signed: everything but the signature and the key's version."""
        return json.dumps([self.chain, self.seq, self.hash, self.made_at, self.pruned]).encode()


def make(model: type[models.Model], *, seq: int | None = None, pruned: bool = False) -> Exported:
    """Sign the chain's last link, or link `seq`, once the chain is found whole.

    Raises `CheckpointError` on an empty or broken chain, which must not be certified; `NoKey`.
    """
    name = chain.chain_name(model)
    with chain.snapshot():
        if faults := chain.verify(model, most=1) or check(model, {}):
            message = f"Row {faults[0].seq}: {faults[0].what}. A broken log is not signed."
            raise CheckpointError(message)
        last = model._default_manager.order_by("-seq")
        link = (last.filter(seq=seq) if seq else last).values_list("seq", "hash").first()
    if link is None:
        raise CheckpointError("The log is empty: there is nothing to sign.")
    known = Checkpoint.objects.filter(name=name, seq=link[0], pruned=pruned).first()
    if known:
        return export(known)
    made_at = clock.now()
    unsigned = Exported(name, link[0], bytes(link[1]).hex(), _time(made_at), pruned, "", "")
    version, signature = keys.sign(_USE, unsigned.message)
    made, _ = Checkpoint.objects.update_or_create(
        name=name, seq=link[0],
        defaults={"hash": link[1], "made_at": made_at, "pruned": pruned, "key_version": version,
                  "signature": signature},
    )  # fmt: skip
    return export(made)


def export(checkpoint: Checkpoint) -> Exported:
    """Return a checkpoint in the form in which it leaves the database."""
    return Exported(
        checkpoint.name, checkpoint.seq, bytes(checkpoint.hash).hex(),
        _time(checkpoint.made_at), checkpoint.pruned, checkpoint.key_version,
        bytes(checkpoint.signature).hex(),
    )  # fmt: skip


def read(text: str) -> Exported:
    """Read an exported checkpoint. Raises `CheckpointError`."""
    try:
        found: Any = json.loads(text)
        checkpoint = Exported(**found)
        bytes.fromhex(checkpoint.hash), bytes.fromhex(checkpoint.signature)
    except (ValueError, TypeError):
        raise CheckpointError("This file is not an exported checkpoint.") from None
    return checkpoint


def check(model: type[models.Model], exported: Mapping[str, Exported]) -> list[Fault]:
    """Hold a chain against its own checkpoints and exported ones (by any label).

    Call it in the `chain.snapshot` in which the chain is verified: together they prove that
    the links up to the last checkpoint are those that were signed.
    """
    own = Checkpoint.objects.filter(name=chain.chain_name(model)).order_by("seq")
    pruned = chain.pruned_to(model)
    every = {f"checkpoint {one.seq}": export(one) for one in own} | dict(exported)
    return [
        Fault(one.seq, f"{label}: {what}")
        for label, one in every.items()
        if (what := _contradiction(model, one, pruned))
    ]


def _contradiction(model: type[models.Model], one: Exported, pruned: Checkpoint | None) -> str:
    if one.chain != chain.chain_name(model):
        return f"it is of the chain {one.chain}"
    try:
        genuine = keys.verify(_USE, one.key_version, one.message, bytes.fromhex(one.signature))
    except keys.NoKey as error:
        return error.message
    if not genuine:
        return "its signature is not ours"
    if pruned and one.seq <= pruned.seq:
        # What it stands for is gone; it can only agree with the checkpoint of the pruning.
        same = one.seq < pruned.seq or one.hash == bytes(pruned.hash).hex()
        return "" if same else "the chain was pruned to another link"
    link = model._default_manager.filter(pk=one.seq).values_list("hash", flat=True).first()
    if link is None:
        return "its link is missing"
    return "" if bytes(link).hex() == one.hash else "the chain was rewritten since it was signed"


def prune(model: type[models.Model], *, before: datetime) -> int:
    """Remove the links that are older than `before`; return how many.

    The last of them is signed first and stands for them, so what stays can still be proved.
    Stopped anywhere, the next call goes on. `model` has a time `at`. Raises as `make`.
    """
    pruned = chain.pruned_to(model)
    removed = _delete(model, pruned.seq) if pruned else 0
    rows = model._default_manager.order_by("seq").values_list("seq", flat=True)
    kept = rows.filter(at__gte=before).first()
    last = (rows if kept is None else rows.filter(seq__lt=kept)).last()
    if last is None:
        return removed
    make(model, seq=last, pruned=True)
    return removed + _delete(model, last)


def _delete(model: type[models.Model], last: int) -> int:
    table = connection.ops.quote_name(model._meta.db_table)
    removed = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {table} WHERE seq IN"
                f" (SELECT seq FROM {table} WHERE seq <= %s ORDER BY seq LIMIT %s)",
                [last, BATCH],
            )
            gone = int(cursor.rowcount)
        removed += gone
        if gone < BATCH:
            return removed


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
