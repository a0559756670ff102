"""Which rows may be touched now, locked for the transaction in primary-key order.

SKIP LOCKED: whoever holds a row is at work on it. Orders and payments are locked without their
keys (NO KEY UPDATE), so that events, fulfilments and payments of them can still be inserted; an
account is locked whole, since it is deleted, and whoever just orders with it is passed over.
"""

from collections.abc import Sequence

from ...models import Customer, ErasedKey, Hold, LetGo, Owed, Purchase, Request
from ...register.erased import REFUSED
from ...register.owed import GRANTED
from ...register.rows import fetch, table
from ...shop.erasers import Hindrance, ShopPart
from ...shop.port import shop
from . import addresses, checkouts, columns, mentions
from .sheet import AMONG

# Partly returned is any order of which a piece came back, whatever was never sent.
_SENT_WHOLE = """(o.status IN ('fulfilled', 'returned') OR o.status = 'partially_returned'
    AND NOT EXISTS (SELECT FROM order_orderline l
        WHERE l.order_id = o.id AND l.quantity > l.quantity_fulfilled)
    AND NOT EXISTS (SELECT FROM order_fulfillment f
        WHERE f.order_id = o.id AND f.status = 'waiting_for_approval'))"""
# A returned order's money has gone back, so what says that it was paid is the event.
_ENDED = f"""(o.status IN ('canceled', 'expired')
    OR {_SENT_WHOLE}
        AND (o.charge_status IN ('full', 'overcharged') OR EXISTS (
            SELECT FROM order_orderevent e WHERE e.order_id = o.id
                AND e.type IN ('order_fully_paid', 'order_marked_as_paid'))))"""
_AT_REST = """NOT EXISTS (SELECT FROM payment_transactionitem i WHERE i.order_id = o.id
        AND (i.authorize_pending_value > 0 OR i.charge_pending_value > 0
            OR i.refund_pending_value > 0 OR i.cancel_pending_value > 0))
    AND NOT EXISTS (SELECT FROM payment_payment p WHERE p.order_id = o.id
        AND p.charge_status = 'pending')
    AND NOT EXISTS (SELECT FROM order_ordergrantedrefund g WHERE g.order_id = o.id
        AND g.status = 'pending')"""
#: Neither draft, open, unpaid nor with money on its way.
DONE = f"{_ENDED} AND {_AT_REST}"
# Let go by the controller, a debt that is over, or erased from the register when its books were
# over. Danger: who pays or is sent something after that waits for a parcel, so whatever has
# happened to the order since makes it open again.
_GIVEN_UP = f"""(o.created_at < now() - interval '1 year' AND o.status <> 'draft' AND EXISTS (
    SELECT FROM (
        SELECT g.at FROM {table(LetGo)} g JOIN {table(Purchase)} b ON b.id = g.purchase_id
            WHERE b.saleor_order = o.id
        UNION ALL SELECT h.released_at FROM {table(Hold)} h
            JOIN {table(Purchase)} b ON b.id = h.purchase_id
            WHERE b.saleor_order = o.id AND h.released_why IN ('written_off', 'lapsed')
        UNION ALL SELECT erased_at FROM {table(ErasedKey)}
            WHERE kind IN ('order', '{REFUSED}') AND key = o.id::text) up
    WHERE NOT EXISTS (SELECT FROM order_orderevent e
        WHERE e.order_id = o.id AND e.date > up.at)))"""
_MAY_GO = f"({_ENDED} OR {_GIVEN_UP}) AND {_AT_REST}"

_STAFF = "(u.is_staff OR u.is_superuser)"
# A draft or unpaid order that nobody finished within a year keeps nobody.
_ORDERS_OPEN = f"""EXISTS (SELECT FROM order_order o WHERE o.user_id = u.id
    AND o.created_at > now() - interval '1 year' AND NOT ({DONE}))"""
_CHECKOUT = "EXISTS (SELECT FROM checkout_checkout k WHERE k.user_id = u.id AND {})"
_HOLDS_MONEY = _CHECKOUT.format(checkouts.HELD)
_SHOPS_NOW = _CHECKOUT.format(f"NOT {checkouts.QUIET}")
# Another company's customer is not ours to delete, for as long as we would keep our own.
_OTHERS = """EXISTS (SELECT FROM order_order o JOIN channel_channel n ON n.id = o.channel_id
    WHERE o.user_id = u.id AND o.status <> 'draft' AND n.slug = ANY(%(excluded)s::text[])
        AND o.created_at > now() - make_interval(months => %(months)s))"""
# Money that only its owner can spend, since the account's end switches the card off; whose erasure
# was granted has asked for that. Only Saleor 3.23 has such cards.
CARD = """EXISTS (SELECT FROM giftcard_giftcard g WHERE g.assigned_to_id = u.id AND g.is_active
    AND g.current_balance_amount > 0 AND coalesce(g.expiry_date >= current_date, true))"""
_KEEPS_CARD = f"""({CARD} AND NOT EXISTS (SELECT FROM {table(Customer)} c
    JOIN {table(Request)} r ON r.customer = c.id
    WHERE c.saleor_user = u.id AND r.kind = 'erasure' AND r.state = 'accepted')
    AND NOT EXISTS (SELECT FROM {table(Owed)} o
        WHERE o.what = '{GRANTED}' AND o.key = u.id::text))"""

#: Payments and transactions of nothing, without money of the customer's.
IDLE_PAYMENT = """t.order_id IS NULL AND t.checkout_id IS NULL AND t.captured_amount = 0
    AND t.charge_status <> 'pending'"""
IDLE_TRANSACTION = """t.order_id IS NULL AND t.checkout_id IS NULL AND t.authorized_value <= 0
    AND t.authorize_pending_value <= 0 AND t.charged_value <= 0 AND t.charge_pending_value <= 0
    AND t.refund_pending_value <= 0 AND t.cancel_pending_value <= 0"""
#: A payload that is not on its way any more.
SENT = """NOT EXISTS (SELECT FROM core_eventdelivery d WHERE d.payload_id = y.id
    AND d.status = 'pending' AND d.created_at > now() - interval '1 day')"""

_ORDERS = ("order_order o", "o.id", "uuid", _MAY_GO, "NO KEY UPDATE")
_ROWS: dict[ShopPart, tuple[str, str, str, str, str]] = {
    ShopPart.ACCOUNT: (
        "account_user u", "u.id", "int",
        " AND ".join(
            f"NOT {one}" for one in (_STAFF, _ORDERS_OPEN, _HOLDS_MONEY, _SHOPS_NOW, _OTHERS)
        ),
        "UPDATE",
    ),
    ShopPart.ORDER_DETAIL: _ORDERS,
    ShopPart.ORDER_IDENTITY: _ORDERS,
    ShopPart.CHECKOUT: (
        "checkout_checkout k", "k.token", "uuid",
        f"{checkouts.QUIET} AND NOT {checkouts.HELD} AND {checkouts.OURS} AND NOT {checkouts.KEPT}",
        "UPDATE",
    ),
    ShopPart.PAYLOAD: ("core_eventpayload y", "y.id", "int", SENT, "UPDATE"),
}  # fmt: skip
_MORE = (
    (checkouts.PAYMENT, ("payment_payment t", "t.id", "int", IDLE_PAYMENT, "NO KEY UPDATE")),
    (
        checkouts.TRANSACTION,
        ("payment_transactionitem t", "t.id", "int", IDLE_TRANSACTION, "NO KEY UPDATE"),
    ),
)


def take(part: ShopPart, keys: Sequence[str]) -> list[str]:
    """See `ShopEraser.take`."""
    if part is ShopPart.ADDRESS:
        refer = columns.references([addresses.TABLE])[addresses.TABLE]
        nobodys = addresses.unused("a", refer)
        return _lock((f"{addresses.TABLE} a", "a.id", "int", nobodys, "UPDATE"), keys)
    if part is ShopPart.CHECKOUT:
        taken = _lock(_ROWS[part], [key for key in keys if ":" not in key])
        for prefix, rows in _MORE:
            found = [key.removeprefix(prefix) for key in keys if key.startswith(prefix)]
            taken += [prefix + key for key in _lock(rows, found)]
        return taken
    if part is ShopPart.MENTION:
        return mentions.take(keys)
    if part is ShopPart.ACCOUNT:
        source, key, kind, condition, strength = _ROWS[part]
        if cards_are_assigned():
            condition += f" AND NOT {_KEEPS_CARD}"
        return _with_their_checkouts(_lock((source, key, kind, condition, strength), keys))
    return _lock(_ROWS[part], keys)


def cards_are_assigned() -> bool:
    """Tell whether gift cards may be restricted to one account here."""
    return "assigned_to_id" in columns.present(["giftcard_giftcard"])["giftcard_giftcard"]


def hindrances(accounts: Sequence[str]) -> dict[str, Hindrance]:
    """See `ShopEraser.hindrances`."""
    why = {
        Hindrance.STAFF: _STAFF, Hindrance.ORDER: _ORDERS_OPEN, Hindrance.CHECKOUT: _HOLDS_MONEY,
        Hindrance.OTHERS: _OTHERS,
    }  # fmt: skip
    if cards_are_assigned():
        why[Hindrance.CARD] = _KEEPS_CARD
    cases = "".join(f" WHEN {condition} THEN '{name}'" for name, condition in why.items())
    rows = fetch(
        f"SELECT key, why FROM (SELECT u.id::text AS key, CASE{cases} END AS why"
        " FROM account_user u WHERE u.id = ANY(%(keys)s::int[]) ORDER BY u.id) found"
        " WHERE why IS NOT NULL",
        _given(accounts),
    )
    return {key: Hindrance(name) for key, name in rows}


def unfinished(orders: Sequence[str]) -> list[str]:
    """See `ShopEraser.unfinished`."""
    sql = (
        "SELECT o.id::text FROM order_order o WHERE o.id = ANY(%s::uuid[])"
        f" AND NOT ({_MAY_GO}) ORDER BY o.id"
    )
    return [key for (key,) in fetch(sql, [list(orders)])]


def _given(keys: Sequence[str]) -> dict[str, object]:
    config = shop().config()
    return {
        "keys": list(keys),
        "excluded": list(config.excluded_channels),
        "months": config.inactive_months,
    }


def _lock(rows: tuple[str, str, str, str, str], keys: Sequence[str]) -> list[str]:
    source, key, kind, condition, strength = rows
    name, alias = source.split()
    parameters = _given(keys)
    locked = fetch(
        f"SELECT {key}::text FROM {source} WHERE {key} {AMONG.format(name='keys', kind=kind)}"
        f" AND {condition} ORDER BY {key} FOR {strength} OF {alias} SKIP LOCKED",
        parameters,
    )
    found = {text for (text,) in locked}
    if found.issuperset(keys):
        return list(keys)
    gone = fetch(
        f"SELECT k FROM unnest(%(keys)s::text[]) k"
        f" WHERE NOT EXISTS (SELECT FROM {name} {alias} WHERE {key} = k::{kind})",
        parameters,
    )
    found |= {text for (text,) in gone}
    return [text for text in keys if text in found]


def _with_their_checkouts(users: list[str]) -> list[str]:
    """Lock the checkouts of accounts; whose checkout somebody else has is left out."""
    parameters = {"users": users}
    mine = "FROM checkout_checkout WHERE user_id = ANY(%(users)s::int[])"
    locked = fetch(f"SELECT token {mine} ORDER BY token FOR UPDATE SKIP LOCKED", parameters)
    held = {token for (token,) in locked}
    every = fetch(f"SELECT token, user_id::text {mine}", parameters)
    busy = {user for token, user in every if token not in held}
    return [user for user in users if user not in busy]
