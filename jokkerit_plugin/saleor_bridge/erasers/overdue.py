"""The shop's own sweeps: what nobody used for long, and no purchase of the register knows."""

from collections.abc import Collection
from datetime import datetime

from ... import clock
from ...models import AddressMark, Customer, ErasedKey, Purchase, Request
from ...register.erased import REFUSED
from ...register.requests import unanswered
from ...register.rows import fetch, table
from ...shop.erasers import Draft, ShopPart
from . import addresses, checkouts, columns
from .taking import CARD, IDLE_PAYMENT, IDLE_TRANSACTION, SENT, cards_are_assigned

# Whose orders the register has refused, since their books are over, or has without a customer, is
# nobody's customer any more; orders that it does not know at all (of another company's channel)
# keep their account. Gift cards with money on them are somebody's.
_ACCOUNTS = f"""
    SELECT u.id::text, greatest(u.date_joined, u.last_login) FROM account_user u
    WHERE u.id > coalesce(nullif(%(after)s, ''), '0')::int
        AND (%(among)s::int[] IS NULL OR u.id = ANY(%(among)s::int[]))
        AND NOT u.is_staff AND NOT u.is_superuser
        AND greatest(u.date_joined, u.last_login) < %(before)s
        AND NOT EXISTS (SELECT FROM {table(Customer)} c WHERE c.saleor_user = u.id)
        AND NOT EXISTS (SELECT FROM {table(Request)} r WHERE r.account = u.id AND {unanswered("r")})
        AND NOT EXISTS (SELECT FROM order_order o WHERE o.user_id = u.id
            AND (o.created_at >= %(before)s OR NOT EXISTS (SELECT FROM {table(ErasedKey)} e
                WHERE e.kind IN ('order', '{REFUSED}') AND e.key = o.id::text)
                AND NOT EXISTS (SELECT FROM {table(Purchase)} p
                    WHERE p.saleor_order = o.id AND p.contact_erased_at IS NOT NULL)))
        AND NOT EXISTS (SELECT FROM checkout_checkout k
            WHERE k.user_id = u.id AND k.last_change >= %(before)s)
        {{cards}}
    ORDER BY u.id LIMIT %(limit)s"""

_TOKEN = "'ffffffff-ffff-ffff-ffff-ffffffffffff'"  # noqa: S105 - above every token
_CHECKOUTS = f"""
    SELECT k.token::text FROM checkout_checkout k
    WHERE k.token > CASE WHEN %(after)s = '' THEN '00000000-0000-0000-0000-000000000000'
            WHEN %(after)s LIKE '%%:%%' THEN {_TOKEN} ELSE %(after)s END::uuid
        AND k.last_change < %(before)s AND NOT {checkouts.HELD} AND {checkouts.OURS}
        AND NOT {checkouts.KEPT}
    ORDER BY k.token LIMIT %(limit)s"""
# In the order of their prefixes, which sort after every token.
# By prefix: table, and what is nothing's. Of these whatever the emptying would change is over.
_LEFT = {
    checkouts.PAYMENT: ("payment_payment", IDLE_PAYMENT),
    checkouts.TRANSACTION: ("payment_transactionitem", IDLE_TRANSACTION),
}

_PAYLOADS = f"""
    SELECT y.id::text FROM core_eventpayload y
    WHERE y.id > coalesce(nullif(%(after)s, ''), '0')::int AND y.created_at < %(before)s
        AND {SENT} ORDER BY y.id LIMIT %(limit)s"""


def find(part: ShopPart, before: datetime, after: str, limit: int) -> list[str]:
    """See `ShopEraser.overdue`."""
    given = {"before": before, "after": after, "limit": limit}
    if part is ShopPart.CHECKOUT:
        return _checkouts(given)
    if part is ShopPart.PAYLOAD:
        return _keys(_PAYLOADS, given)
    if part is ShopPart.ADDRESS:
        return _addresses(given)
    return []


def idle(
    before: datetime, after: str, limit: int, among: Collection[str] | None
) -> dict[str, datetime]:
    """See `ShopEraser.idle`."""
    given = {
        "before": before, "after": after, "limit": limit,
        "among": None if among is None else list(among),
    }  # fmt: skip
    cards = f"AND NOT {CARD}" if cards_are_assigned() else ""
    return dict(fetch(_ACCOUNTS.format(cards=cards), given))


_DRAFTS = """FROM order_order
    WHERE status = 'draft' AND created_at < %(before)s AND updated_at < %(before)s"""


def drafts(before: datetime, limit: int) -> list[Draft]:
    """See `ShopEraser.drafts`."""
    sql = (
        f"SELECT id::text, number::text, greatest(created_at, updated_at) {_DRAFTS}"
        " ORDER BY created_at LIMIT %(limit)s"
    )
    return [Draft(*row) for row in fetch(sql, {"before": before, "limit": limit})]


def count_drafts(before: datetime) -> int:
    """See `ShopEraser.count_drafts`."""
    return int(fetch(f"SELECT count(*) {_DRAFTS}", {"before": before})[0][0])


def _checkouts(given: dict[str, object]) -> list[str]:
    after, limit = str(given["after"]), int(str(given["limit"]))
    found = _keys(_CHECKOUTS, {**given, "excluded": checkouts.excluded()})
    known = columns.present([name for name, _ in _LEFT.values()])
    for prefix, (name, idle) in _LEFT.items():
        left = limit - len(found)
        if left <= 0 or after > prefix + "~":
            continue
        [sheet] = [one for one in checkouts.LEFT if one.table == name]
        start = int(after.removeprefix(prefix)) if after.startswith(prefix) else 0
        sql = f"""SELECT '{prefix}' || t.id FROM {name} t
            WHERE {idle} AND t.created_at < %(before)s AND t.id > %(start)s
                AND ({sheet.differs(known)}) ORDER BY t.id LIMIT %(limit)s"""
        found += _keys(sql, {**given, "start": start, "limit": left})
    return found


def _addresses(given: dict[str, object]) -> list[str]:
    """Addresses have no date: below the last key of a day ago they are not being written now."""
    now = clock.now()
    [(last,)] = fetch(f"SELECT coalesce(max(id), 0) FROM {addresses.TABLE}", [])
    if not given["after"]:
        AddressMark.objects.create(noted_at=now, last=last)
    marks = AddressMark.objects.filter(noted_at__lt=given["before"]).order_by("-noted_at")
    mark = marks.first()
    if mark is None:
        return []
    AddressMark.objects.filter(noted_at__lt=mark.noted_at).delete()
    refer = columns.references([addresses.TABLE])[addresses.TABLE]
    sql = f"""SELECT a.id::text FROM {addresses.TABLE} a
        WHERE a.id > coalesce(nullif(%(after)s, ''), '0')::int AND a.id <= %(last)s
            AND {addresses.unused("a", refer)}
        ORDER BY a.id LIMIT %(limit)s"""
    return _keys(sql, {**given, "last": mark.last})


def _keys(sql: str, parameters: dict[str, object]) -> list[str]:
    return [key for (key,) in fetch(sql, parameters)]
