"""Erases again what a restored backup has brought back, by the copies of the ledger.

Each receipt that the database lacks is done again and then appended with its old content: it gets
its old number and hash, so that nothing is logged twice, and a second call finds nothing to do. A
receipt is erased in as many transactions as the server's places for locks ask for, which may be
fewer than when it was written; killed between two, the next call does the whole receipt again.
After a restore the shop and the register give keys anew, so what was made after the receipt is
somebody else's and stays.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from .. import clock
from ..access import copies
from ..access.chain import as_ids, chain_name
from ..access.copies import NotReplayed
from ..marketing import parting
from ..models import (
    Affected,
    ChainHead,
    Customer,
    Erasure,
    Hold,
    Purchase,
    Request,
    Restriction,
)
from ..policy.breaches import Told
from ..policy.parts import Part
from ..register import corrections, erasure
from ..register.identity import Identity
from ..register.locks import Lock, lock
from ..register.owed import note
from ..register.requests import unanswered
from ..register.rows import fetch, table
from ..register.subjects import at_once
from ..shop import erasers
from ..shop.erasers import Done, ShopPart
from ..shop.port import shop
from . import ledger, owed
from .batches import SHOP_PARTS

#: How many subjects were erased, and the files to remove.
Piece = tuple[int, Collection[str]]


@dataclass(slots=True)
class Replayed:
    """How many receipts were missing, and what their replay erased again."""

    receipts: int = 0
    subjects: int = 0
    #: Not there, needed for what came meanwhile, or taken in again by a new purchase.
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
            if not total.receipts:
                _leave_letters()
            for link in links:
                _again(link, total)
        copies.check()
    return total


def _leave_letters() -> None:
    """Leave to the controller the letters about breaches: they may have gone out since."""
    waiting = Affected.objects.filter(state=Told.WAITING, breach__letters_at__isnull=False)
    waiting.update(state=Told.SENDING, at=clock.now())


def _head() -> int:
    head = ChainHead.objects.filter(name=chain_name(Erasure)).first()
    return head.seq if head else 0


def _again(link: Mapping[str, Any], total: Replayed) -> None:
    part = str(link["part"])
    with transaction.atomic():
        # Before anything goes: another ledger is refused, and nothing is erased by it.
        _append(link)
        transaction.set_rollback(True)
    again = 0
    for erase in _pieces(part, link):
        with transaction.atomic():
            number, files = erase()
            note(owed.FILE, files, clock.now())
        owed.remove_files(files)
        again += number
    with transaction.atomic():
        _append(link)
    total.receipts += 1
    if part in set(Part):
        total.subjects += again
        total.kept += max(link["count"] - again, 0)


def _append(link: Mapping[str, Any]) -> None:
    seq = ledger.append({name: link[name] for name in link.keys() - {"seq", "hash"}})
    found = Erasure.objects.filter(seq=seq).values_list("hash", flat=True)[0]
    if (seq, bytes(found)) != (link["seq"], link["hash"]):
        raise NotReplayed(
            f"Erasure {link['seq']} does not continue the ledger of this database: something was"
            " erased since the backup was restored."
        )


def _pieces(part: str, link: Mapping[str, Any]) -> Iterator[Callable[[], Piece]]:
    """Yield what erases a receipt's subjects, as many at once as there are places for locks."""
    size = at_once()
    if part in set(Part):
        ids = _customers(link) if part == Part.CONTACT else _purchases(link)
        for at in range(0, len(ids), size):
            yield partial(_subjects, Part(part), ids[at : at + size], link)
    else:
        keys = link["shop_keys"]
        for at in range(0, len(keys), size):
            yield partial(_shops_alone, ShopPart(part), keys[at : at + size], link["at"])


def _subjects(part: Part, ids: Sequence[int], link: Mapping[str, Any]) -> Piece:
    at: datetime = link["at"]
    # The backup may have a hold, a restriction or a request that was over when they were erased.
    found = erasure.lock_subjects(part, ids, also_needed=True)
    # Asked under the locks: nobody buys or is held before the rest is gone.
    again = sorted(set(found) - _needed(part, list(found), at) - _back(part, list(found), at))
    done = Done((), {}, ())
    if again:
        contact = part is Part.CONTACT
        if contact:
            parting.close(again, replayed=True)
        said = corrections.said_of(again) if contact else {}
        if shop_part := SHOP_PARTS.get(part):
            keys = {
                pk: [str(key) for key in ([found[pk].user] if contact else found[pk].orders) if key]
                for pk in again
            }
            asked = owed.granted(again, keys) if contact else []
            done = _of_the_shop(
                shop_part, {key for of in keys.values() for key in of}, at, said=said,
                granted=asked, in_shop=link["in_shop"],
            )  # fmt: skip
        erasure.erase(part, again, at)
    return len(again), done.files


def _shops_alone(part: ShopPart, keys: Sequence[str], at: datetime) -> Piece:
    return 0, _of_the_shop(part, _nobodys(part, keys), at, said={}, granted=(), in_shop=True).files


def _nobodys(part: ShopPart, keys: Collection[str]) -> Collection[str]:
    """Leave out accounts whose owners have become customers since the restore."""
    if part is not ShopPart.ACCOUNT:
        return keys
    lock(Lock.IDENTITY, (str(Identity(user=int(key))) for key in keys))
    users = Customer.objects.filter(saleor_user__in=[int(key) for key in keys])
    return set(keys) - {str(user) for user in users.values_list("saleor_user", flat=True)}


def _of_the_shop(
    part: ShopPart,
    keys: Collection[str],
    at: datetime,
    *,
    said: Mapping[str, Collection[str]],
    granted: Collection[str],
    in_shop: bool,
) -> Done:
    """Erase in the shop what existed then; what cannot or must not be touched is owed."""
    eraser, nothing = erasers.eraser(), Done((), {}, ())
    if eraser is None:
        return nothing
    # Of a key that was given again since, everything is another's.
    there = eraser.existed(part, sorted(keys), at)
    is_owed = part in SHOP_PARTS.values()
    if not in_shop or eraser.refusal():
        if is_owed:
            owed.leave(part, there, at, eraser, said, granted)
        return nothing
    taken = eraser.take(part, there)
    if is_owed:
        note(part, set(there) - set(taken), at)
    return eraser.erase(part, taken, **said) if taken or any(said.values()) else nothing


def _customers(link: Mapping[str, Any]) -> list[int]:
    """Return who was erased then: by key, account or orders."""
    users = [key for key in link["shop_keys"] if key.isdigit()]
    orders = [key for key in link["shop_keys"] if not key.isdigit()]
    by_key = Customer.objects.filter(
        pk__in=list(as_ids(link["subjects"])), entered_at__lte=link["at"]
    )
    found = set(by_key.values_list("pk", flat=True))
    if eraser := erasers.eraser():
        users = eraser.existed(ShopPart.ACCOUNT, users, link["at"])
    theirs_by_user = Customer.objects.filter(saleor_user__in=map(int, users))
    found.update(theirs_by_user.values_list("pk", flat=True))
    theirs = Purchase.objects.filter(saleor_order__in=orders).exclude(customer=None)
    found.update(theirs.values_list("customer_id", flat=True))
    return sorted(found)


def _back(part: Part, ids: Collection[int], at: datetime) -> set[int]:
    """Return the customers who have bought since."""
    if part is not Part.CONTACT:
        return set()
    since = Purchase.objects.filter(customer__in=ids, placed_at__gt=at)
    return {pk for (pk,) in since.values_list("customer_id") if pk}


def _purchases(link: Mapping[str, Any]) -> list[int]:
    """Return the purchases by their orders: unlike our numbers, these are never given again."""
    rows = Purchase.objects.filter(saleor_order__in=link["shop_keys"])
    return sorted(rows.values_list("pk", flat=True))


def _needed(part: Part, ids: Collection[int], at: datetime) -> set[int]:
    """Return those that a hold, a restriction or a request is about that came since."""
    subject = (
        f"SELECT c.id, c.id AS customer, p.id AS purchase FROM {table(Customer)} AS c"
        f" LEFT JOIN {table(Purchase)} AS p ON p.customer_id = c.id WHERE c.id = ANY(%(ids)s)"
        if part is Part.CONTACT
        else f"SELECT id, customer_id AS customer, id AS purchase FROM {table(Purchase)}"
        " WHERE id = ANY(%(ids)s)"
    )
    rows = fetch(
        f"SELECT DISTINCT s.id FROM ({subject}) AS s WHERE"
        f" EXISTS (SELECT FROM {table(Hold)} WHERE released_at IS NULL AND placed_at > %(at)s"
        "  AND (customer_id = s.customer OR purchase_id = s.purchase))"
        f" OR EXISTS (SELECT FROM {table(Restriction)} WHERE lifted_at IS NULL"
        "  AND since > %(at)s AND customer_id = s.customer)"
        f" OR EXISTS (SELECT FROM {table(Request)} AS r WHERE r.opened_at > %(at)s"
        f"  AND r.customer = s.customer AND {unanswered('r')})",
        {"ids": list(ids), "at": at},
    )
    return {pk for (pk,) in rows}
