"""What the register has erased and the shop still holds: keys to go back to, files to remove."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from .. import clock
from ..config import Config
from ..models import Customer, Owed, Purchase
from ..policy.parts import Part
from ..register import erased, erasure, requests
from ..register.identity import Identity
from ..register.locks import Lock, lock
from ..register.owed import GRANTED, note
from ..register.rows import execute, table
from ..shop import erasers
from ..shop.erasers import ShopEraser, ShopPart
from ..shop.snapshots import Kind
from . import keeps

#: `Owed.what` of a stored file whose row is gone.
FILE = "file"
#: Files of one round.
FILES = 20
_PARTS = {ShopPart.ORDER_DETAIL: Part.DETAIL, ShopPart.ORDER_IDENTITY: Part.IDENTITY}


def leave(
    part: ShopPart,
    keys: Sequence[str],
    at: datetime,
    shop: ShopEraser,
    said: Mapping[str, Collection[str]],
    granted: Collection[str],
) -> None:
    """Remember what a shop that is left alone still holds, with the rows that `said` finds.

    `granted`: accounts whose owners' erasure was granted.
    """
    note(part, keys, at)
    note(GRANTED, granted, at)
    if said:
        note(ShopPart.MENTION, shop.mentions(keys, **said), at)


def granted(customers: Collection[int], keys: Mapping[int, Sequence[str]]) -> list[str]:
    """Return the accounts of those of the customers whose erasure was granted."""
    return [key for pk in requests.granted(customers) for key in keys[pk]]


def settle(what: str, keys: Collection[str]) -> None:
    """Forget keys that the shop holds no more."""
    if keys:
        also = [GRANTED] if what == ShopPart.ACCOUNT else []
        execute(
            f"DELETE FROM {table(Owed)} WHERE what = ANY(%s) AND key = ANY(%s)",
            [[str(what), *also], sorted(keys)],
        )


def still(part: ShopPart, keys: Sequence[str], shop: ShopEraser, config: Config) -> list[str]:
    """Return those that may go now, locked as the intake does; of those that nothing keeps.

    What the shop has no more is forgotten, and who bought again.
    """
    rows = Owed.objects.filter(what=part.value, key__in=keys)
    known = set(rows.values_list("key", flat=True))
    if part is ShopPart.MENTION:
        # Their keys say themselves what has become another's.
        return sorted(known)
    back: set[str] = set()
    if part is ShopPart.ACCOUNT:
        # As the intake locks it: nobody becomes a customer while the account goes.
        lock(Lock.IDENTITY, (str(Identity(user=int(key))) for key in keys))
        users = Customer.objects.filter(saleor_user__in=[int(key) for key in known])
        back = {str(user) for user in users.values_list("saleor_user", flat=True)}
    there = set(shop.existed(part, sorted(known - back), clock.now()))
    settle(part, known - there)
    if part in _PARTS:
        erasure.lock_subjects(_PARTS[part], list(_purchases(there)))
    return over(part, sorted(there), clock.today(), config)


def over(part: ShopPart, keys: Sequence[str], day: date, config: Config) -> list[str]:
    """Return the keys without orders that a rule keeps by now: a hold, or a term made longer.

    Of what the register has erased whole, or refused as over, nothing keeps it; what it has not, it
    may not have met yet.
    """
    if part not in _PARTS:
        return list(keys)
    purchases = _purchases(keys)
    free = keeps.over(_PARTS[part], list(purchases), day, config)
    here = set(purchases.values())
    gone = erased.among((Kind.ORDER, key) for key in keys if key not in here)
    kept = {order for pk, order in purchases.items() if pk not in free}
    kept |= set(keys) - here - {key for _, key in gone}
    return [key for key in keys if key not in kept]


def seen_since(keys: Collection[str], last_seen: Mapping[int, datetime]) -> set[str]:
    """Return accounts that were used since they are owed, and forget them: they have a new term."""
    rows = Owed.objects.filter(what=ShopPart.ACCOUNT.value, key__in=keys)
    back = {
        key for key, since in rows.values_list("key", "since")
        if last_seen.get(int(key), since) > since
    }  # fmt: skip
    settle(ShopPart.ACCOUNT, back)
    return back


def _purchases(orders: Collection[str]) -> dict[int, str]:
    rows = Purchase.objects.filter(saleor_order__in=list(orders))
    return {pk: str(order) for pk, order in rows.values_list("pk", "saleor_order")}


def page(part: ShopPart, *, after: str, limit: int) -> list[str]:
    """Return the next keys of a part, ascending."""
    rows = Owed.objects.filter(what=part.value, key__gt=after).order_by("key")
    return list(rows.values_list("key", flat=True)[:limit])


def remove_files(files: Collection[str]) -> int:
    """Remove files whose rows are gone, after the commit; return how many went.

    What a killed worker or a storage that refused has left stays noted.
    """
    shop = erasers.eraser()
    if not files or shop is None:
        return 0
    gone = set(files).difference(shop.remove_files(sorted(files)))
    settle(FILE, gone)
    return len(gone)


def remove_left_files(*, until: datetime) -> None:
    """Remove files that were left, until then or until none of a round goes."""
    # At random: those that never go must not stand before the others each time.
    rows = Owed.objects.filter(what=FILE).order_by("?").values_list("key", flat=True)
    while clock.now() < until and remove_files(list(rows[:FILES])):
        pass


def count() -> int:
    """Return how many rows of the shop are overdue there."""
    return Owed.objects.exclude(what__in=[FILE, GRANTED]).count()


def count_files(before: datetime) -> int:
    """Return how many files have been waiting to be removed since before then."""
    return Owed.objects.filter(what=FILE, since__lt=before).count()
