"""Rows that name a person without being the account's or an order's: found first, then erased.

Staff's events, uses of voucher codes, gift cards with their events and tags. Keys are `kind:id`;
once the register has forgotten a guest nobody would find them, so they are noted where the shop is
left alone, and erased later by key.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from ...register.rows import execute, fetch
from ...shop.erasers import ShopPart
from . import gift_cards
from .gift_cards import CARDS
from .sheet import NO_JSON, Sheet, empty
from .whose import OF_STAFF, Said

#: Staff's events name a customer by text alone, under the staff's account or an app's.
SHEETS = [
    Sheet(
        ShopPart.ACCOUNT,
        "account_customerevent",
        "t.id = ANY(%(staff_event)s::int[])",
        {"parameters": NO_JSON},
    )
]

_FIND = f"""
    SELECT 'voucher', t.id::text FROM discount_vouchercustomer t
        WHERE lower(t.customer_email) = ANY(%(mails)s::text[])
    UNION ALL SELECT 'staff_event', t.id::text FROM account_customerevent t
        WHERE {OF_STAFF} AND (lower(t.parameters ->> 'message') = ANY(%(mails)s::text[])
            OR t.type = 'name_assigned'
                AND lower(t.parameters ->> 'message') = ANY(%(names)s::text[]))"""


def find(said: Said, known: Mapping[str, set[str]]) -> list[str]:
    """Return the keys, sorted, of rows that name these people and nobody else (1 statement)."""
    sql = f"{gift_cards.find(known)} UNION ALL {_FIND}"
    given = {"users": said.users, "mails": said.mails, "names": said.names}
    return sorted(f"{kind}:{key}" for kind, key in fetch(sql, given))


def take(keys: Sequence[str]) -> list[str]:
    """Lock the gift cards among these; return the keys without those of cards that are taken."""
    busy = {str(key) for key in gift_cards.taken(_by_kind(keys))}
    return [key for key in keys if not (_kind(key) in CARDS and key.split(":")[1] in busy)]


def erase(keys: Collection[str], known: Mapping[str, set[str]]) -> Counter[str]:
    """Erase rows that `find` has returned; what has gone or is another's by now is left."""
    kinds = _by_kind(keys)
    done = empty(SHEETS, known, {"staff_event": kinds["staff_event"]})
    sql = "DELETE FROM discount_vouchercustomer WHERE id = ANY(%s::int[])"
    done["discount_vouchercustomer"] += execute(sql, [kinds["voucher"]])
    return done + gift_cards.release(kinds, known)


def _by_kind(keys: Collection[str]) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = defaultdict(list)
    for key in sorted(keys):
        kinds[_kind(key)].append(key.partition(":")[2])
    return kinds


def _kind(key: str) -> str:
    return key.partition(":")[0]
