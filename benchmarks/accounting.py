"""The VAT report over a million lines, beside the same figures from one statement by hand."""

from __future__ import annotations

import time
from statistics import median
from typing import Any

from django.db import connection

from dev.paths import DevError, say
from dev.servers import Servers

from . import plain
from .results import Figure, ratio

#: Purchases, with three lines and shipping each, and rounds of the report.
PURCHASES, ROUNDS = 333_333, 5

#: Three rates, three countries, two currencies; a year of days; every tenth has a refund.
_PURCHASES = """
    INSERT INTO jokkerit_plugin_purchase (saleor_order, number, status, origin, channel, currency,
        language, email, placed_at, paid_at, net, gross, shipping_net, shipping_gross,
        shipping_tax_rate, shipping_tax_class, gift_card_amount, tax_country, tax_exempt, vat_id,
        is_test, checkout_token, party_first_name, party_last_name, party_company_name,
        party_street_1, party_street_2, party_postal_code, party_city, party_city_area,
        party_country_area, party_country, outside, digest)
    SELECT gen_random_uuid(), n::text, 'fulfilled', 'checkout', 'suomi',
        CASE n %% 20 WHEN 0 THEN 'SEK' ELSE 'EUR' END, 'fi', '', day, day, 0, 0,
        4.700, 5.900, 0.255, '', 0,
        CASE n %% 20 WHEN 0 THEN 'SE' WHEN 1 THEN 'DE' ELSE 'FI' END, false, '', false, '',
        '', '', '', '', '', '', '', '', '', '', '[]', ''
    FROM (SELECT n, timestamptz '2026-01-01 12:00+02' + (n %% 365) * interval '1 day' AS day
        FROM generate_series(1, %s) n) made"""
_LINES = """
    INSERT INTO jokkerit_plugin_purchaseline (saleor_line, purchase_id, name, variant, sku,
        quantity, net, gross, tax_rate, tax_class, is_gift_card)
    SELECT gen_random_uuid(), p.id, 'Villapaita', '', '', 1, 100, 100 * (1 + rate), rate, '', false
    FROM jokkerit_plugin_purchase p, (VALUES (0.255), (0.135), (0.1)) AS rates(rate)"""
_MONEY = """
    INSERT INTO jokkerit_plugin_movement (source, purchase_id, kind, amount, currency, at, gateway,
        reference)
    SELECT 'event:' || p.id || kind, p.id, kind, 354.900, p.currency, p.paid_at, 'paytrail', ''
    FROM jokkerit_plugin_purchase p JOIN (VALUES ('payment', 1), ('refund', 10)) AS kinds(kind, nth)
        ON p.id % nth = 0"""

#: What one would write by hand for a shop that is always prepaid and gives back whole purchases.
_BY_HAND = """
    SELECT currency, country, rate, sum(net), sum(gross) FROM (
        SELECT p.currency, p.tax_country AS country, part.rate, part.net * moved.sign AS net,
            part.gross * moved.sign AS gross
        FROM jokkerit_plugin_purchase p
        JOIN (SELECT purchase_id, tax_rate AS rate, net, gross FROM jokkerit_plugin_purchaseline
            UNION ALL SELECT id, shipping_tax_rate, shipping_net, shipping_gross
            FROM jokkerit_plugin_purchase) part ON part.purchase_id = p.id
        JOIN (SELECT purchase_id, CASE kind WHEN 'payment' THEN 1 ELSE -1 END AS sign,
            (at AT TIME ZONE 'Europe/Helsinki')::date AS day FROM jokkerit_plugin_movement) moved
            ON moved.purchase_id = p.id
        WHERE moved.day BETWEEN %s AND %s
            AND p.status NOT IN ('draft', 'unconfirmed', 'expired', 'canceled') AND NOT p.is_test
    ) parts GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""


def run(servers: Servers) -> list[Figure]:
    """Measure; the database is an own one on plain Django."""
    plain.setup(servers.database_url)
    return measure(PURCHASES, ROUNDS)


def measure(purchases: int, rounds: int) -> list[Figure]:
    """Book `purchases`, then read the report and the statement by turns."""
    from jokkerit_plugin.accounting import books, entries, periods, vat

    plain.install_shop()
    say(f"accounting: making {purchases:,} purchases")
    with connection.cursor() as cursor:
        cursor.execute(_PURCHASES, [purchases])
        cursor.execute(_LINES)
        cursor.execute(_MONEY)
        cursor.execute("ANALYZE")
    say("accounting: booking them")
    began = time.perf_counter()
    booked = books.keep(max_batches=purchases)
    booking = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    year = periods.days("2026-01-01", "2026-12-31")
    reports, by_hand = [], []
    for number in range(rounds):
        say(f"accounting: round {number + 1} of {rounds}")
        began = time.perf_counter()
        found = vat.read(year)
        reports.append(time.perf_counter() - began)
        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(_BY_HAND, [year.first, year.last])
            rows = cursor.fetchall()
        by_hand.append(time.perf_counter() - began)
        if _of_report(found) != {row[:3]: row[3:] for row in rows}:
            raise DevError("the report and the statement by hand differ")
    began = time.perf_counter()
    streamed = sum(1 for _ in entries.entries(year))
    streaming = time.perf_counter() - began
    lines = 4 * purchases
    text = f"{lines:,} lines"
    return [
        Figure("accounting", f"purchases booked, {text}", booked / booking, "purchases/s"),
        Figure("accounting", f"VAT report, {text}", median(reports), "s"),
        Figure("accounting", f"statement by hand, {text}", median(by_hand), "s"),
        Figure(
            "accounting", "VAT report : statement by hand", ratio(reports, by_hand), "", 1.0
        ),
        Figure("accounting", "entries streamed", streamed / streaming, "entries/s"),
    ]  # fmt: skip


def _of_report(found: Any) -> dict[tuple[object, ...], tuple[object, ...]]:
    sums: dict[tuple[object, ...], list[Any]] = {}
    for line in found.lines:
        row = sums.setdefault((line.currency, line.country, line.rate), [0, 0])
        row[0] += line.net
        row[1] += line.gross
    return {key: tuple(row) for key, row in sums.items()}
