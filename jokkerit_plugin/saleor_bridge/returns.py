"""Parcels that came back since nobody was found at the address: by the reason that staff wrote.

From Saleor 3.23 on a fulfilment that came back, and each of its lines, has a reason, a text or the
title of a page. One that is sent again (`replaced`) leaves its order's status as it was.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connections

from ..policy.corrections import UNDELIVERED
from .documents.parts import has_field

_SQL = """
    SELECT DISTINCT ON (f.order_id) f.order_id, f.id, f.created_at
    FROM order_fulfillment f CROSS JOIN LATERAL (
        SELECT f.reason, f.reason_reference_id UNION ALL
        SELECT reason, reason_reference_id FROM order_fulfillmentline WHERE fulfillment_id = f.id
    ) AS said(reason, page) LEFT JOIN page_page p ON p.id = said.page
    WHERE f.order_id = ANY(%s::uuid[])
        AND f.status IN ('returned', 'refunded_and_returned', 'replaced')
        AND (said.reason ~* %s OR p.title ~* %s)
    ORDER BY f.order_id, f.created_at DESC"""


def undelivered(orders: Sequence[UUID]) -> dict[UUID, tuple[str, datetime]]:
    """See `ShopPort` (1 statement)."""
    if not orders or not has_field("order.Fulfillment", "reason"):
        return {}
    with connections["default"].cursor() as cursor:
        cursor.execute(_SQL, [list(orders), UNDELIVERED, UNDELIVERED])
        return {order: (f"fulfillment:{pk}", at) for order, pk, at in cursor.fetchall()}
