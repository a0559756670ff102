"""Erases again what a restored backup has brought back, by the copies of the ledger.

Each receipt that the database lacks is done again and appended with its old content, one
transaction a receipt: it gets its old number and hash, so that nothing is logged twice, and a
second call finds nothing to do. After a restore the shop and the register give keys anew, so what
was made after the receipt is somebody else's and stays.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from .. import clock
from ..access.chain import as_ids, chain_name
from ..models import ChainHead, Customer, Erasure, Hold, Purchase
from ..policy.parts import Part
from ..register import copies, erasure, identifiers
from ..register.copies import NotReplayed
from ..register.identity import Identity
from ..register.locks import Phase, lock
from ..shop import erasers
from ..shop.erasers import Done, ShopPart
from ..shop.port import shop
from . import ledger, owed
from .batches import SHOP_PARTS


@dataclass(slots=True)
class Replayed:
    """How many receipts were missing, and what their replay erased again."""

    receipts: int = 0
    subjects: int = 0
    #: Not there, held meanwhile, or taken in again by a new purchase.
    kept: int = 0


def replay() -> Replayed:
    """Replay every receipt that the copies have and the database lacks.

    Raises `NotReplayed` where the ledger went another way, `NoKey`. Stopped anywhere, the next
    call goes on.
    """
    total = Replayed()
    if copies.storage() is None:
        raise NotReplayed("There are no copies of the ledger: no storage is configured for them.")
    with shop().writer():
        for links in copies.after(_head()):
            for link in links:
                with transaction.atomic():
                    files = _again(link, total)
                owed.remove_files(files)
        copies.check()
    return total


def _head() -> int:
    head = ChainHead.objects.filter(name=chain_name(Erasure)).first()
    return head.seq if head else 0


def _again(link: Mapping[str, Any], total: Replayed) -> Collection[str]:
    content = {name: value for name, value in link.items() if name not in {"seq", "hash"}}
    part, at = str(link["part"]), link["at"]
    done = (
        _subjects(Part(part), content, at, total)
        if part in set(Part)
        else _of_the_shop(ShopPart(part), _nobodys(part, link["shop_keys"]), at, said={})
    )
    owed.note(owed.FILE, done.files, clock.now())
    seq = ledger.append(content)
    found = Erasure.objects.filter(seq=seq).values_list("hash", flat=True)[0]
    if (seq, bytes(found)) != (link["seq"], link["hash"]):
        raise NotReplayed(
            f"Erasure {link['seq']} does not continue the ledger of this database: something was"
            " erased since the backup was restored."
        )
    total.receipts += 1
    return done.files


def _subjects(part: Part, link: Mapping[str, Any], at: datetime, total: Replayed) -> Done:
    ids = _customers(link, at) if part is Part.CONTACT else _purchases(link)
    found = erasure.lock_subjects(part, ids)
    held = _held(part, list(found))
    again = sorted(set(found) - held)
    total.subjects += len(again)
    total.kept += max(link["count"] - len(again), 0)
    done = Done((), {}, ())
    if again:
        said = identifiers.said_of(again) if part is Part.CONTACT else {}
        if (shop_part := SHOP_PARTS.get(part)) and link["in_shop"]:
            keys = {
                str(key)
                for pk in again
                for key in ([found[pk].user] if part is Part.CONTACT else found[pk].orders)
                if key
            }
            done = _of_the_shop(shop_part, sorted(keys), at, said=said)
        erasure.erase(part, again, at)
    return done


def _nobodys(part: str, keys: Collection[str]) -> Collection[str]:
    """Leave out accounts whose owners have become customers since the restore."""
    if part != ShopPart.ACCOUNT:
        return keys
    lock(Phase.IDENTITY, (str(Identity(user=int(key))) for key in keys))
    users = Customer.objects.filter(saleor_user__in=[int(key) for key in keys])
    return set(keys) - {str(user) for user in users.values_list("saleor_user", flat=True)}


def _of_the_shop(
    part: ShopPart, keys: Collection[str], at: datetime, *, said: Mapping[str, Collection[str]]
) -> Done:
    """Erase in the shop what existed then; what cannot be touched now is owed."""
    eraser = erasers.eraser()
    if eraser is None:
        return Done((), {}, ())
    there = eraser.existed(part, sorted(keys), at)
    taken = [] if eraser.refusal() else eraser.take(part, there)
    if part in SHOP_PARTS.values():
        owed.note(part, set(there) - set(taken), at)
    return eraser.erase(part, taken, **said) if taken or any(said.values()) else Done((), {}, ())


def _customers(link: Mapping[str, Any], at: datetime) -> list[int]:
    """Return who was erased then: by key, account or orders; not who has bought since."""
    users = [int(key) for key in link["shop_keys"] if key.isdigit()]
    orders = [key for key in link["shop_keys"] if not key.isdigit()]
    by_key = Customer.objects.filter(pk__in=list(as_ids(link["subjects"])), entered_at__lte=at)
    found = set(by_key.values_list("pk", flat=True))
    found.update(Customer.objects.filter(saleor_user__in=users).values_list("pk", flat=True))
    theirs = Purchase.objects.filter(saleor_order__in=orders).exclude(customer=None)
    found.update(theirs.values_list("customer_id", flat=True))
    since = Purchase.objects.filter(customer__in=found, placed_at__gt=at)
    return sorted(found - set(since.values_list("customer_id", flat=True)))


def _purchases(link: Mapping[str, Any]) -> list[int]:
    """Return the purchases by their orders: unlike our numbers, these are never given again."""
    rows = Purchase.objects.filter(saleor_order__in=link["shop_keys"])
    return sorted(rows.values_list("pk", flat=True))


def _held(part: Part, ids: Collection[int]) -> set[int]:
    """Return whom a hold keeps that was placed since."""
    name = "customer_id" if part is Part.CONTACT else "purchase_id"
    rows = Hold.objects.filter(released_at=None, **{f"{name}__in": list(ids)})
    return set(rows.values_list(name, flat=True))
