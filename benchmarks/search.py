"""Search over a million customers, beside reading one customer by its primary key.

Names are as frequent as names are: the commonest surname is that of 2 % of the customers, the
rarest of one. Each figure is the first page of twenty, as the list in a browser asks for it.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import Any

from dev.paths import say
from dev.servers import Servers

from . import plain
from .results import Figure, percentile, ratio

#: Customers ($SEARCH_CUSTOMERS for a try), rows of a page, and rounds.
CUSTOMERS = int(os.environ.get("SEARCH_CUSTOMERS", "1000000"))
PAGE, ROUNDS = 20, 200
SEED = 20260301
_FIRST, _LAST = 2_000, 30_000
_SYLLABLES = (
    "ka", "la", "ma", "mä", "ki", "ko", "vi", "ri", "nen", "ta",
    "to", "sa", "su", "ve", "ö", "jo", "ha", "li", "pä", "är",
)  # fmt: skip


def run(servers: Servers) -> list[Figure]:
    """Measure on an own database on plain Django."""
    plain.setup(servers.database_url, "bench_search")
    say(f"search: making {CUSTOMERS:,} customers")
    seconds = fill(CUSTOMERS)
    return [
        Figure("search", "words of a customer made and written", seconds / CUSTOMERS * 1e6, "µs"),
        *measure(ROUNDS),
    ]


def fill(customers: int) -> float:
    """Write customers and one purchase each; return the seconds that their words took."""
    from django.db import connection

    from jokkerit_plugin.register import search

    with connection.cursor() as cursor:
        with cursor.copy(
            "COPY jokkerit_plugin_customer (id, guest_email, email, first_name, last_name, phone)"
            " FROM STDIN"
        ) as copy:
            for row in people(customers):
                copy.write_row(row)
        cursor.execute(
            "INSERT INTO jokkerit_plugin_knownidentifier (customer_id, kind, value, first_at)"
            " SELECT id, kind, value, now() FROM jokkerit_plugin_customer"
            " CROSS JOIN LATERAL (VALUES ('email', email), ('phone', phone)) AS k(kind, value)"
        )
        cursor.execute(
            "INSERT INTO jokkerit_plugin_purchase (saleor_order, customer_id, number, status,"
            " origin, channel, currency, language, email, placed_at, net, gross, shipping_net,"
            " shipping_gross, gift_card_amount, shipping_tax_class, tax_country, tax_exempt,"
            " vat_id, is_test, checkout_token, outside, digest, party_first_name,"
            " party_last_name, party_company_name, party_street_1, party_street_2,"
            " party_postal_code, party_city, party_city_area, party_country_area, party_country)"
            " SELECT gen_random_uuid(), id, id::text, 'fulfilled', 'checkout', 'finland', 'EUR',"
            " 'fi', email, now(), 10, 12.55, 0, 0, 0, '', 'FI', false, '', false, '', '[]', '',"
            " first_name, last_name, '', '', '', '', '', '', '', 'FI'"
            " FROM jokkerit_plugin_customer"
        )
        began = time.perf_counter()
        while search.refill(limit=5_000):
            pass
        seconds = time.perf_counter() - began
        cursor.execute("VACUUM ANALYZE")
    return seconds


def people(customers: int) -> Iterator[tuple[Any, ...]]:
    """Yield made-up people: key, guest's e-mail, e-mail, first and last name, phone."""
    pick = random.Random(SEED)
    first, last = _names(pick, _FIRST), _names(pick, _LAST)
    weights = [[1 / (rank + 20) for rank in range(len(names))] for names in (first, last)]
    firsts = pick.choices(first, weights[0], k=customers)
    lasts = pick.choices(last, weights[1], k=customers)
    for key, one, other in zip(range(1, customers + 1), firsts, lasts, strict=True):
        email = f"{one}.{other}.{key}@example.com".lower()
        yield key, email, email, one, other, f"+35840{key:07}"


def _names(pick: random.Random, count: int) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < count:
        names["".join(pick.choices(_SYLLABLES, k=pick.randint(2, 4))).capitalize()] = None
    return list(names)


def measure(rounds: int) -> list[Figure]:
    """Interleaved rounds: each kind of query beside a read by primary key."""
    from jokkerit_plugin.models import Customer
    from jokkerit_plugin.policy.categories import Category
    from jokkerit_plugin.register import search
    from jokkerit_plugin.web.pagination import Slice, page
    from jokkerit_plugin.web.schema.customers import ORDERS, is_selective

    part = Slice(PAGE, backwards=False, cursor=None)
    pick = random.Random(SEED + 1)
    count = Customer.objects.count()
    sought = _sought(count)
    rows = Customer.objects.all()
    taken: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in sought}
    for _ in range(rounds):
        for name, make in sought.items():
            query = make(pick)
            found = rows.filter(search.matching(query, frozenset(Category))) if query else rows
            read = partial(
                page, found, ORDERS["NAME"], part, descending=False,
                searched=is_selective(query),
            )  # fmt: skip
            key = pick.randint(1, count)
            mine, other = taken[name]
            other.append(_timed(partial(rows.get, pk=key)))
            mine.append(_timed(read))
    return list(_figures(taken))


def _sought(count: int) -> dict[str, Callable[[random.Random], str]]:
    """Kinds of queries, each made anew in every round."""
    from django.db.models import Count

    from jokkerit_plugin.models import Customer

    ranked = (
        Customer.objects.values("last_name").annotate(n=Count("pk")).order_by("-n", "last_name")
    )
    lasts = [row["last_name"] for row in ranked]

    def known(pick: random.Random, *names: str) -> tuple[str, ...]:
        return Customer.objects.values_list(*names).get(pk=pick.randint(1, count))

    return {
        "no search, names in order": lambda pick: "",
        "the commonest surname": lambda pick: lasts[0],
        "a surname": lambda pick: known(pick, "last_name")[0],
        "a rare surname": lambda pick: lasts[-pick.randint(1, len(lasts) // 10)],
        "first name and surname": lambda pick: " ".join(known(pick, "first_name", "last_name")),
        "three letters": lambda pick: known(pick, "last_name")[0][:3],
        "two letters": lambda pick: known(pick, "last_name")[0][:2],
        "an e-mail": lambda pick: known(pick, "email")[0],
        "the beginning of an e-mail": lambda pick: known(pick, "email")[0].rpartition(".")[0][:-4],
        "a phone number": lambda pick: f"040 {pick.randint(1, count):07}",
        "an order number": lambda pick: f"#{pick.randint(1, count)}",
        "nobody": lambda pick: "qqq zzz",
    }


def _timed(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _figures(taken: dict[str, tuple[list[float], list[float]]]) -> Iterator[Figure]:
    keys = [second for _, other in taken.values() for second in other]
    yield Figure("search", "one customer by primary key", median(keys) * 1000, "ms")
    for name, (mine, other) in taken.items():
        yield Figure(
            "search", name, median(mine) * 1000, "ms",
            note=f"p95 {percentile(mine, 0.95) * 1000:.1f} ms",
        )  # fmt: skip
        yield Figure("search", f"{name} : by primary key", ratio(mine, other), "")
