"""The dry run of a first night: what is due of a million customers, beside a statement by hand.

Two purchases a customer, spread over fifteen years; a tenth of the customers bought in the last
three, every hundredth order was never paid, some hold, restriction and request is in the way.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from datetime import date
from statistics import median
from typing import TYPE_CHECKING

from dev.paths import DevError, say
from dev.servers import Servers

from . import plain
from .results import Figure, ratio

if TYPE_CHECKING:
    from jokkerit_plugin.policy.parts import Part

#: Customers ($KEPT_CUSTOMERS for a try), and rounds.
CUSTOMERS = int(os.environ.get("KEPT_CUSTOMERS", "1000000"))
ROUNDS = 3
DAY = date(2026, 11, 28)

_CUSTOMERS = """
    INSERT INTO jokkerit_plugin_customer (id, guest_email, email, first_name, last_name, entered_at)
    SELECT n, 'buyer' || n || '@example.com', CASE n %% 5 WHEN 0 THEN '' ELSE 'told' END,
        'Aino ' || n %% 1999, 'Mäkelä ' || n %% 29989, '2020-01-01 12:00+02'
    FROM generate_series(1, %s) n"""
_PURCHASES = """
    INSERT INTO jokkerit_plugin_purchase (saleor_order, customer_id, number, status, origin,
        channel, currency, language, email, placed_at, paid_at, delivered_at, net, gross,
        shipping_net, shipping_gross, gift_card_amount, shipping_tax_class, tax_country,
        tax_exempt, vat_id, is_test, checkout_token, outside, digest, party_first_name,
        party_last_name, party_company_name, party_street_1, party_street_2, party_postal_code,
        party_city, party_city_area, party_country_area, party_country, unbooked)
    SELECT gen_random_uuid(), n, n::text, 'fulfilled', 'checkout', 'finland', 'EUR', 'fi', '', day,
        CASE WHEN n %% 100 > 0 THEN day END, day + interval '3 days', 10, 12.55, 0, 0, 0, '', 'FI',
        false, '', false, '', '[]', '', 'Aino ' || n %% 1999,
        'Mäkelä ' || n %% 29989, '', 'Kaskitie ' || n %% 499979, '', '51900', 'JUVA', '', '', 'FI',
        false
    FROM generate_series(1, %s) n CROSS JOIN generate_series(0, 1) second
    CROSS JOIN LATERAL (SELECT timestamptz '2011-06-01 12:00+03'
        + (n::bigint * 7919 %% 4300 + second * CASE WHEN n %% 10 = 0 THEN 1200 ELSE 40 END)
        * interval '1 day' AS day) made"""
_LINES = """
    INSERT INTO jokkerit_plugin_purchaseline (saleor_line, purchase_id, name, variant, sku,
        quantity, net, gross, tax_rate, tax_class, is_gift_card, product_type)
    SELECT gen_random_uuid(), id, 'Villapaita', '', '', 1, 10, 12.55, 0.255, '', false, 'shirt'
    FROM jokkerit_plugin_purchase"""
_POSTINGS = """
    INSERT INTO jokkerit_plugin_posting (purchase_id, day, kind, treatment, currency, country, rate,
        net, gross, gateway, cause)
    SELECT id, (paid_at AT TIME ZONE 'Europe/Helsinki')::date, 'sale', 'domestic', 'EUR', 'FI',
        0.255, 10, 12.55, '', ''
    FROM jokkerit_plugin_purchase WHERE paid_at IS NOT NULL"""
_MONEY = """
    INSERT INTO jokkerit_plugin_movement (source, purchase_id, kind, amount, currency, at, gateway,
        reference)
    SELECT 'event:' || id, id, 'payment', 12.55, 'EUR', paid_at, 'paytrail', ''
    FROM jokkerit_plugin_purchase WHERE paid_at IS NOT NULL"""
_NOTICES = """
    INSERT INTO jokkerit_plugin_notice (customer_id, term, told_at, language)
    SELECT c.id, term, term - 30, 'fi' FROM jokkerit_plugin_customer c CROSS JOIN LATERAL (
        SELECT ((max(placed_at) AT TIME ZONE 'Europe/Helsinki')::date
            + interval '36 months')::date AS term
        FROM jokkerit_plugin_purchase WHERE customer_id = c.id) last WHERE c.id %% 3 = 0"""
_HOLDS = """
    INSERT INTO jokkerit_plugin_hold (customer_id, categories, ground, reason, placed_by, review_on,
        released_by, released_why)
    SELECT id, 'name', 'dispute', 'r', 'user:1', '2027-01-01', '', ''
    FROM jokkerit_plugin_customer WHERE id %% 1000 = 7"""
_RESTRICTIONS = """
    INSERT INTO jokkerit_plugin_restriction (customer_id, ground, restricted_by, lifted_by)
    SELECT id, 'accuracy_contested', 'user:1', '' FROM jokkerit_plugin_customer
    WHERE id %% 1000 = 8"""
_REQUESTS = """
    INSERT INTO jokkerit_plugin_request
    (customer, kind, origin, state, opened_at, due_on, decided_by)
    SELECT id, 'erasure', 'staff', 'asks', '2026-11-01', '2026-12-01', ''
    FROM jokkerit_plugin_customer
    WHERE id %% 1000 = 9"""

_OPEN = "(p.status IN ('unfulfilled', 'partially fulfilled') OR p.paid_at IS NULL)"
#: As one would write it for this day by heart: no grounds, no log-ins, no other settings.
_CONTACT = f"""
    SELECT count(*) FROM jokkerit_plugin_customer c
    JOIN (SELECT customer_id, bool_or({_OPEN}) AS open,
            ((max(placed_at) AT TIME ZONE 'Europe/Helsinki')::date
                + interval '36 months')::date AS term
        FROM jokkerit_plugin_purchase p GROUP BY 1) last ON last.customer_id = c.id
    LEFT JOIN jokkerit_plugin_notice n ON n.customer_id = c.id AND n.term = last.term
    WHERE last.term < %(day)s AND NOT last.open AND n.told_at < %(day)s - interval '30 days'
        AND NOT EXISTS (SELECT FROM jokkerit_plugin_hold h
            WHERE h.customer_id = c.id AND h.released_at IS NULL)
        AND NOT EXISTS (SELECT FROM jokkerit_plugin_restriction r
            WHERE r.customer_id = c.id AND r.lifted_at IS NULL)
        AND NOT EXISTS (SELECT FROM jokkerit_plugin_request r
            WHERE r.customer = c.id AND r.state IN ('asks', 'open'))"""
_PURCHASE = """
    SELECT count(*) FROM jokkerit_plugin_purchase p WHERE {over} AND p.paid_at IS NOT NULL
        AND NOT EXISTS (SELECT FROM jokkerit_plugin_hold h
            WHERE h.customer_id = p.customer_id AND h.released_at IS NULL {held})
        AND NOT EXISTS (SELECT FROM jokkerit_plugin_restriction r
            WHERE r.customer_id = p.customer_id AND r.lifted_at IS NULL)
        AND NOT EXISTS (SELECT FROM jokkerit_plugin_request r
            WHERE r.customer = p.customer_id AND r.state IN ('asks', 'open'))"""
_DETAIL = "((delivered_at AT TIME ZONE 'Europe/Helsinki')::date + interval '3 years') < %(day)s"
_BOOKS = """(SELECT make_date(extract(year FROM greatest(max(day),
        (p.delivered_at AT TIME ZONE 'Europe/Helsinki')::date))::int + 10, 12, 31)
    FROM jokkerit_plugin_posting WHERE purchase_id = p.id) < %(day)s"""


def run(servers: Servers) -> list[Figure]:
    """Measure; the database is an own one on plain Django."""
    plain.setup(servers.database_url, "bench_keeps")
    return measure(CUSTOMERS, ROUNDS)


def fill(customers: int) -> None:
    """Make the register."""
    from django.db import connection

    say(f"retention: making {customers:,} customers")
    with connection.cursor() as cursor:
        for statement in (_CUSTOMERS, _PURCHASES):
            cursor.execute(statement, [customers])
        for statement in (_LINES, _POSTINGS, _MONEY, _NOTICES, _HOLDS, _RESTRICTIONS, _REQUESTS):
            cursor.execute(statement.replace("%%", "%"))
        cursor.execute("VACUUM ANALYZE")


def by_hand() -> dict[Part, str]:
    """Return what one would write by heart to count what is due on a day, by part."""
    from jokkerit_plugin.policy.parts import Part

    held = "AND h.categories ~ 'name|email'"
    return {
        Part.CONTACT: _CONTACT,
        Part.DETAIL: _PURCHASE.format(over=_DETAIL, held=held),
        Part.IDENTITY: _PURCHASE.format(over=_BOOKS, held=held),
        Part.FIGURES: _PURCHASE.format(over=_BOOKS, held=""),
    }


def measure(customers: int, rounds: int) -> list[Figure]:
    """Make the register, then count by turns."""
    from django.db import connection

    from jokkerit_plugin.config import Config
    from jokkerit_plugin.policy.parts import Part
    from jokkerit_plugin.retention import keeps

    plain.install_shop()
    fill(customers)
    config = Config(active=True)
    statements = by_hand()
    ours: dict[Part, list[float]] = {part: [] for part in Part}
    theirs: dict[Part, list[float]] = {part: [] for part in Part}
    found: Counter[str] = Counter()
    for number in range(rounds):
        say(f"retention: round {number + 1} of {rounds}")
        for part in Part:
            began = time.perf_counter()
            counted = keeps.counts(part, DAY, config)
            ours[part].append(time.perf_counter() - began)
            began = time.perf_counter()
            with connection.cursor() as cursor:
                cursor.execute(statements[part], {"day": DAY})
                (expected,) = cursor.fetchone()
            theirs[part].append(time.perf_counter() - began)
            if sum(counted.values()) != expected:
                raise DevError(f"{part}: {counted} and by hand {expected} differ")
            found[part] = expected
    whole = [sum(times) for times in zip(*ours.values(), strict=True)]
    hand = [sum(times) for times in zip(*theirs.values(), strict=True)]
    text = f"{customers:,} customers"
    return [
        Figure("retention_keeps", f"dry run, {text}", median(whole), "s",
               note=", ".join(f"{part} {count:,}" for part, count in found.items())),
        Figure("retention_keeps", f"statements by hand, {text}", median(hand), "s"),
        Figure("retention_keeps", "dry run : by hand", ratio(whole, hand), ""),
        *(
            Figure("retention_keeps", f"{part} : by hand", ratio(ours[part], theirs[part]), "")
            for part in Part
        ),
    ]  # fmt: skip
