"""Checkouts that became no order, and payments that belong to nothing.

The rows go as Saleor's `delete_checkouts` lets them go, with their addresses, which it leaves.
Payments and transactions are emptied: they may be referred to by whoever booked them.
"""

from collections import Counter
from collections.abc import Mapping

from ...register.kept import kept
from ...register.rows import execute, fetch
from ...shop.erasers import ShopPart
from ...shop.port import shop
from . import addresses, payments, sheet, transactions

_OF = "checkout_id = ANY(%(keys)s::uuid[])"
_LINES = f"SELECT id FROM checkout_checkoutline WHERE {_OF}"

#: Rows that go with a checkout. Saleor's foreign keys are checked at the commit.
ROWS = (
    ("discount_checkoutlinediscount", f"line_id IN ({_LINES})"),
    ("warehouse_reservation", f"checkout_line_id IN ({_LINES})"),
    ("warehouse_preorderreservation", f"checkout_line_id IN ({_LINES})"),
    ("checkout_checkoutline", _OF),
    ("checkout_checkoutdelivery", _OF),
    ("checkout_checkoutmetadata", _OF),
    ("checkout_checkout_gift_cards", _OF),
    ("discount_checkoutdiscount", _OF),
    ("checkout_checkout", "token = ANY(%(keys)s::uuid[])"),
)

#: Prefixes of keys that are no checkouts'.
PAYMENT, TRANSACTION = "payment:", "transaction:"

# As in Saleor's `delete_expired_checkouts`; its older interface has no sums of what is held.
HELD = """(EXISTS (SELECT FROM payment_transactionitem i WHERE i.checkout_id = k.token
        AND (i.authorized_value > 0 OR i.authorize_pending_value > 0 OR i.charged_value > 0
            OR i.charge_pending_value > 0 OR i.refund_pending_value > 0
            OR i.cancel_pending_value > 0))
    OR EXISTS (SELECT FROM payment_payment p WHERE p.checkout_id = k.token AND p.is_active
        AND (p.captured_amount > 0 OR p.charge_status = 'pending' OR EXISTS (
            SELECT FROM payment_transaction x
            WHERE x.payment_id = p.id AND x.is_success AND x.kind = 'auth'))))"""

#: What is emptied of payments and transactions that belong to nothing.
LEFT = [
    *(one for one in payments.SHEETS if one.part is ShopPart.CHECKOUT),
    *(one for one in transactions.SHEETS if one.part is ShopPart.CHECKOUT),
]


def erase(
    keys: list[str], references: addresses.References, known: Mapping[str, set[str]]
) -> Counter[str]:
    """Erase checkouts (tokens) and orphaned payments and transactions (prefixed ids)."""
    tokens = [key for key in keys if ":" not in key]
    parameters = {
        "keys": tokens,
        "payments": _numbers(keys, PAYMENT),
        "transactions": _numbers(keys, TRANSACTION),
    }
    places: list[int] = []
    for name, table in (("payments", "payment_payment"),
                        ("transactions", "payment_transactionitem")):  # fmt: skip
        found = fetch(f"SELECT id FROM {table} WHERE {_OF} AND order_id IS NULL", parameters)
        parameters[name] = [*parameters[name], *(str(key) for (key,) in found)]
    found = fetch(
        "SELECT unnest(ARRAY[billing_address_id, shipping_address_id]) FROM checkout_checkout"
        " WHERE token = ANY(%(keys)s::uuid[])",
        parameters,
    )
    places = sorted({key for (key,) in found if key is not None})
    done = sheet.empty(LEFT, known, parameters)
    for table in ("payment_payment", "payment_transactionitem"):
        execute(f"UPDATE {table} SET checkout_id = NULL WHERE {_OF}", parameters)
    for table, rows in ROWS:
        if table in known:
            done[table] += execute(f"DELETE FROM {table} WHERE {rows}", parameters)
    return done + addresses.delete(places, references)


def of_people(users: list[int], emails: list[str]) -> list[str]:
    """Lock and return the checkouts that may go now: of accounts, and of e-mails without one."""
    sql = f"""SELECT k.token::text FROM checkout_checkout k
        WHERE (k.user_id = ANY(%(users)s::int[])
                OR k.user_id IS NULL AND lower(k.email) = ANY(%(emails)s::text[]) AND NOT {KEPT})
            AND {QUIET} AND NOT {HELD} AND {OURS}
        ORDER BY k.token FOR UPDATE SKIP LOCKED"""
    given = {"users": users, "emails": emails, "excluded": excluded()}
    return [key for (key,) in fetch(sql, given)]


#: Of no channel that belongs to another company, whose rules are its own: %(excluded)s.
OURS = """NOT EXISTS (SELECT FROM channel_channel n
    WHERE n.id = k.channel_id AND n.slug = ANY(%(excluded)s::text[]))"""


def excluded() -> list[str]:
    """Return the slugs of channels that belong to another company."""
    return list(shop().config().excluded_channels)


#: Its owner's data is held, restricted or asked about.
KEPT = kept("k.user_id", "k.email")

#: Nobody is at it: a customer who comes back in the middle of a batch is not made to wait.
QUIET = "k.last_change < now() - interval '1 day'"


def _numbers(keys: list[str], prefix: str) -> list[str]:
    return [key.removeprefix(prefix) for key in keys if key.startswith(prefix)]
