"""Traces: checkouts and accounts without a purchase, for `checkout_days` at most."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from ..config import Config
from ..models import Trace
from ..shop.snapshots import CheckoutSnapshot, CustomerSnapshot, Party
from .rows import Row, execute, table, upsert

_FIELDS = (
    "first_name", "last_name", "company_name", "street_1", "street_2", "postal_code",
    "city", "city_area", "country_area", "country", "phone",
)  # fmt: skip


def write(
    found: Iterable[CheckoutSnapshot | CustomerSnapshot], config: Config, now: datetime
) -> int:
    """Keep what is young enough; return how many traces that is."""
    life = timedelta(days=config.checkout_days)
    rows = [_row(one, one.changed_at + life) for one in found if one.changed_at + life > now]
    upsert(Trace, sorted(rows, key=lambda row: (row["kind"], row["key"])), key=("kind", "key"))
    return len(rows)


def drop(kind: str, keys: Iterable[object]) -> int:
    """Remove traces; return how many there were."""
    wanted = sorted({str(key) for key in keys})
    if not wanted:
        return 0
    return execute(
        f"DELETE FROM {table(Trace)} WHERE kind = %s AND key = ANY(%s)", [kind, wanted]
    )


def expire(now: datetime, *, limit: int = 5000) -> int:
    """Remove traces whose time is over, at most `limit`; return how many."""
    return execute(
        f"DELETE FROM {table(Trace)} WHERE id = ANY(ARRAY(SELECT id FROM {table(Trace)}"
        " WHERE expires_at <= %s ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED))",
        [now, limit],
    )


def _row(found: CheckoutSnapshot | CustomerSnapshot, expires_at: datetime) -> Row:
    if isinstance(found, CustomerSnapshot):
        kind, user, party = Trace.Kind.ACCOUNT, found.key, _book_party(found)
    else:
        kind, user, party = Trace.Kind.CHECKOUT, found.user, found.shipping or found.billing
    party = party or Party()
    row: dict[str, object] = {"kind": kind.value, "key": str(found.key), "saleor_user": user}
    row |= {name: getattr(party, name) for name in _FIELDS}
    row |= {
        "email": found.email,
        "language": found.language,
        "changed_at": found.changed_at,
        "expires_at": expires_at,
        "outside": json.dumps(found.outside),
        "digest": found.digest,
    }
    return row


def _book_party(account: CustomerSnapshot) -> Party | None:
    entries: Sequence[Party] = [
        entry.party
        for entry in sorted(
            account.addresses, key=lambda e: (not e.default_billing, not e.default_shipping, e.key)
        )
    ]
    return entries[0] if entries else Party(account.first_name, account.last_name)
