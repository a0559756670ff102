"""Traces: checkouts and accounts without a purchase, for `checkout_days` at most."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ..config import Config
from ..models import Trace
from ..shop.snapshots import CheckoutSnapshot, CustomerSnapshot, Party
from .kept import kept
from .rows import Row, execute, table, upsert
from .saying import said

_FIELDS = (
    "first_name", "last_name", "company_name", "street_1", "street_2", "postal_code",
    "city", "city_area", "country_area", "country", "phone",
)  # fmt: skip


def write(
    found: Iterable[CheckoutSnapshot | CustomerSnapshot], config: Config, now: datetime
) -> int:
    """Keep what is young enough; return how many traces that is."""
    since = oldest(config, now)
    rows = [_row(one) for one in found if one.changed_at > since]
    upsert(Trace, sorted(rows, key=lambda row: (row["kind"], row["key"])), key=("kind", "key"))
    return len(rows)


def drop(kind: str, keys: Iterable[object]) -> int:
    """Remove traces; return how many there were."""
    wanted = sorted({str(key) for key in keys})
    if not wanted:
        return 0
    return execute(f"DELETE FROM {table(Trace)} WHERE kind = %s AND key = ANY(%s)", [kind, wanted])


def oldest(config: Config, now: datetime) -> datetime:
    """Return the moment before which a trace is over."""
    return now - timedelta(days=config.checkout_days)


def expire(config: Config, now: datetime, *, limit: int = 5000) -> int:
    """Remove traces whose time is over, at most `limit`; return how many. Kept ones stay."""
    return execute(
        f"DELETE FROM {table(Trace)} WHERE id = ANY(ARRAY(SELECT id FROM {table(Trace)}"
        f" WHERE changed_at <= %s AND NOT {kept('saleor_user', 'email')}"
        " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED))",
        [oldest(config, now), limit],
    )


def _row(found: CheckoutSnapshot | CustomerSnapshot) -> Row:
    row: dict[str, object] = {"key": str(found.key)}
    if isinstance(found, CustomerSnapshot):
        row |= {"kind": Trace.Kind.ACCOUNT.value, "saleor_user": found.key}
        party = _book_party(found)
    else:
        row |= {"kind": Trace.Kind.CHECKOUT.value, "saleor_user": found.user}
        party = found.shipping or found.billing or Party()
    row |= {name: getattr(party, name) for name in _FIELDS}
    row |= {
        "email": found.email,
        "language": found.language,
        "changed_at": found.changed_at,
        "outside": found.outside,
        "digest": found.digest,
        "said": said(found),
    }
    return row


def _book_party(account: CustomerSnapshot) -> Party:
    if not account.addresses:
        return Party(account.first_name, account.last_name)
    best = min(
        account.addresses,
        key=lambda entry: (not entry.default_billing, not entry.default_shipping, entry.key),
    )
    return best.party
