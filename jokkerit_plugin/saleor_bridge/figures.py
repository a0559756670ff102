"""What Saleor's own tables say in total: the yardstick for the register.

Plain statements, which share nothing with the documents that the register is filled from.
"""

from datetime import UTC
from typing import Any

from django.db import connection

from .. import clock
from ..shop.documents import FORMAT

_TOTALS = """
    SELECT currency, count(*) AS orders, sum(total_gross_amount)::text AS gross
    FROM order_order WHERE status <> 'draft' GROUP BY currency ORDER BY currency"""

# Of a rate: lines and shipping of orders that count for VAT. A gift card is a means of payment
# and changes nothing here.
_VAT = """
    SELECT currency, coalesce(rate::text, '') AS rate, sum(net)::text AS net,
        sum(gross)::text AS gross
    FROM (
        SELECT o.currency, l.tax_rate AS rate, l.total_price_net_amount AS net,
            l.total_price_gross_amount AS gross, o.status
        FROM order_orderline l JOIN order_order o ON o.id = l.order_id
        UNION ALL
        SELECT currency, shipping_tax_rate, shipping_price_net_amount,
            shipping_price_gross_amount, status
        FROM order_order) parts
    WHERE status NOT IN ('draft', 'unconfirmed', 'expired', 'canceled')
    GROUP BY currency, rate HAVING sum(gross) <> 0 ORDER BY currency, rate"""

_CUSTOMERS = """
    SELECT count(DISTINCT user_id)
        + count(DISTINCT lower(trim(user_email))) FILTER (WHERE user_id IS NULL
            AND trim(user_email) <> '') AS customers
    FROM order_order WHERE status <> 'draft'"""


def read(version: str) -> dict[str, Any]:
    """Return the first line of a recording: format, version, day, totals, VAT, customers."""
    return {
        "format": FORMAT,
        "saleor": version,
        "recorded": clock.now().astimezone(UTC).isoformat(timespec="seconds"),
        "totals": _rows(_TOTALS),
        "vat": _rows(_VAT),
        "customers": _rows(_CUSTOMERS)[0]["customers"],
    }


def _rows(statement: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
