"""What the last night left over since the shop has it open or needs it: for somebody to see to."""

from collections.abc import Iterator

from .. import clock
from ..access.chain import as_ids
from ..config import Config
from ..models import Customer, Owed, Plan, PlanBatch, Purchase
from ..policy.parts import Part
from ..register.rows import fetch, table
from ..shop import erasers
from ..shop.erasers import Hindrance, ShopPart
from . import keeps, plans

#: Orders that the shop is asked about at a time.
PAGE = 1000
# Of all that a batch had, what still stands: the rest of it went.
_ORDERS = f"""
    WITH b AS (SELECT part, subjects, keys FROM {table(PlanBatch)}
        WHERE plan_id = %(plan)s AND left_over > 0)
    SELECT p.saleor_order::text FROM b CROSS JOIN LATERAL unnest(b.subjects) r
        JOIN {table(Purchase)} p ON p.id >= lower(r) AND p.id < upper(r)
    WHERE b.part = '{Part.DETAIL}' AND p.detail_erased_at IS NULL
        OR b.part = '{Part.IDENTITY}' AND p.identity_erased_at IS NULL
    UNION SELECT o.key FROM b CROSS JOIN LATERAL unnest(b.keys) k
        JOIN {table(Owed)} o ON o.what = b.part AND o.key = k
    WHERE b.part IN ('{ShopPart.ORDER_DETAIL}', '{ShopPart.ORDER_IDENTITY}')
    ORDER BY 1"""


def orders(*, limit: int) -> list[str]:
    """Return the numbers of orders that the shop has as not paid or not delivered, `limit` at most.

    The register has them as done: partly paid, or with a payment on its way.
    """
    eraser, last = erasers.usable(), plans.last_night()
    if eraser is None or last is None:
        return []
    keys, found = [key for (key,) in fetch(_ORDERS, {"plan": last.pk})], list[str]()
    for at in range(0, len(keys), PAGE):
        found += eraser.unfinished(keys[at : at + PAGE])
        if len(found) >= limit:
            break
    rows = Purchase.objects.filter(saleor_order__in=found[:limit])
    numbers = {str(key): number for key, number in rows.values_list("saleor_order", "number")}
    return sorted(numbers.get(key, key) for key in found[:limit])


def accounts(config: Config) -> dict[Hindrance, list[str]]:
    """Return, by what hinders them in the shop, the accounts that nothing keeps here."""
    eraser, last = erasers.usable(), plans.last_night()
    if eraser is None or last is None or not config.erase_in_shop:
        return {}
    found: dict[Hindrance, list[str]] = {}
    for users in _accounts(last, config):
        for user, why in eraser.hindrances(users).items():
            found.setdefault(why, []).append(user)
    return found


def _accounts(last: Plan, config: Config) -> Iterator[list[str]]:
    left = last.batches.filter(left_over__gt=0).order_by("number")
    for subjects in left.filter(part=Part.CONTACT).values_list("subjects", flat=True):
        due = keeps.still_due(Part.CONTACT, list(as_ids(subjects)), clock.today(), config)
        rows = Customer.objects.filter(pk__in=due, account_gone_at=None).order_by("saleor_user")
        yield [str(user) for user in rows.values_list("saleor_user", flat=True) if user]
    for keys in left.filter(part=ShopPart.ACCOUNT).values_list("keys", flat=True):
        yield list(keys)
