"""Saleor's orders erased a second, beside SQL by hand on equal rows, inside a real Saleor."""

from __future__ import annotations

from statistics import median
from typing import Any

import psycopg

from dev.paths import CACHE, say
from dev.servers import Servers
from dev.shop import Shop

from .generate import generate
from .results import Figure, ratio
from .within import within

VERSION = "3.23"
#: Orders in the shop, of which two thirds are delivered, and of these how many are erased.
ORDERS, ERASED = 60_000, 40_000

#: Texts as a shop has them: `generate` leaves them empty.
DRESSED = (
    """UPDATE order_order SET customer_note = 'Soittakaa ennen toimitusta ' || number,
        metadata = jsonb_build_object('vatId', 'FI23685823', 'ref', number::text),
        checkout_token = id::text, search_vector = to_tsvector('simple', user_email || ' Aino')
        WHERE number >= 1000000""",
    """UPDATE order_orderevent SET parameters = jsonb_build_object('email', 'a@example.com',
        'email_type', 'order_confirmation') WHERE type = 'email_sent'""",
    "UPDATE order_fulfillment SET tracking_number = 'JJFI' || id",
    """UPDATE payment_payment SET billing_email = 'a@example.com', billing_last_name = 'Mäkelä',
        billing_address_1 = 'Kaskitie 7', customer_ip_address = '10.1.2.3',
        extra_data = '{"device": "phone"}', psp_reference = 'PSP-' || id""",
    'UPDATE payment_transaction SET gateway_response = \'{"payer": "Aino"}\'',
    "UPDATE payment_transactionitem SET metadata = '{\"payer\": \"Aino\"}', message = 'Aino'",
    "UPDATE invoice_invoice SET external_url = 'https://invoices.example/' || id",
)


def run(servers: Servers) -> list[Figure]:
    """Measure; the database is an own one."""
    with Shop(VERSION, servers, logs=CACHE / "bench" / "erasure") as shop:
        shop.manage("migrate")
        say(f"erasure: making {ORDERS:,} orders")
        generate(shop.database_url, 0, ORDERS)
        url = shop.database_url.replace("postgres://", "postgresql://", 1)
        with psycopg.connect(url, autocommit=True) as connection:
            for sql in DRESSED:
                connection.execute(sql)
            connection.execute("VACUUM ANALYZE")
        say(f"erasure: erasing {ERASED:,} orders")
        found = within(shop, "erasing", str(ERASED))
    return list(_figures(found))


def _figures(found: dict[str, Any]) -> list[Figure]:
    figures = []
    for part, words in (("order_detail", "detail"), ("order_identity", "identity")):
        ours, hand = found[part]["ours"], found[part]["hand"]
        figures += [
            Figure("erasure", f"orders, {words}", 5000 / median(ours), "orders/s"),
            Figure("erasure", f"orders, {words}, SQL by hand in 5,000s", 5000 / median(hand),
                   "orders/s"),
            Figure("erasure", f"orders, {words} : SQL by hand", ratio(hand, ours), "", 0.8,
                   "higher"),
        ]  # fmt: skip
    figures.append(Figure("erasure", "statements, 500 orders, both parts", found["statements"], ""))
    return figures
