"""The console's pages in a shop of a million customers, beside the SQL that each of them needs.

Each page is asked for by its own reader at the console's own address; the time is the server's.
By turns with it, the statements with which it read are run by hand and their rows fetched: what is
above them is the guard's log, GraphQL and the template. A card is that of the first customer.
"""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from dev.paths import DevError, say
from dev.servers import Servers

from . import plain, search
from .results import Figure, percentile

#: Rounds of a page, and what is thrown away before.
ROUNDS, WARM = 40, 3
_WRITES = ("INSERT", "UPDATE", "DELETE", "ADVISORY", "NEXTVAL")


def run(servers: Servers) -> list[Figure]:
    """Measure on an own database on plain Django."""
    os.environ["JOKKERIT_KEYS"] = f"2026:{'ab' * 32}"
    plain.setup(servers.database_url, "bench_console")
    say(f"console: making {search.CUSTOMERS:,} customers")
    search.fill(search.CUSTOMERS)
    with TemporaryDirectory(prefix="jk-console-") as folder:
        _house(Path(folder))
        return [*_shell(), *_pages()]


def _house(folder: Path) -> None:
    """A shop on paper, whose people have signed."""
    from django.conf import settings

    from jokkerit_plugin.shop import port
    from jokkerit_plugin.shop.accounts import ShopAccounts
    from tests.graphql import House
    from tests.paper_shop import PaperShop

    settings.ALLOWED_HOSTS = ["localhost"]
    paper = PaperShop.at(folder)
    port.install(paper.port)
    paper.port.accounts = lambda *_: ShopAccounts(iter(()), iter(()), iter(()))
    House(paper).everybody_signs()
    _things(paper)


def _things(paper: Any) -> None:
    """What pages of one thing show: a request, a breach, an incident, a published description."""
    from datetime import timedelta

    from jokkerit_plugin import clock
    from jokkerit_plugin.models import Customer
    from jokkerit_plugin.policy.purposes import Purpose
    from jokkerit_plugin.policy.requests import RequestKind
    from jokkerit_plugin.rights import opening
    from jokkerit_plugin.sitelog import incidents
    from jokkerit_plugin.sitelog.search import Wanted
    from tests.breaching import recorded
    from tests.people import CONTROLLER
    from tests.published import published

    published(paper)
    recorded()
    first, now = Customer.objects.order_by("pk")[0], clock.now()
    opening.open_for(first.pk, kind=RequestKind.RECTIFICATION, how="a call", actor=CONTROLLER)
    incidents.begin(
        Purpose.SECURITY, Wanted(now - timedelta(days=1), now), reason="guessed passwords",
        review_on=clock.today() + timedelta(days=14), actor=CONTROLLER,
    )  # fmt: skip


def _shell() -> list[Figure]:
    from django.test import RequestFactory

    from jokkerit_plugin.web import assets

    parts = [_asked("", "", HTTP_HX_REQUEST="")]
    names = (assets.served(name) for name in ("console.css", "console.js", "parts.js", "htmx.js"))
    parts += [assets.answer(RequestFactory().get("/"), name).content for name in names]
    weight = sum(len(gzip.compress(part)) for part in parts)
    return [
        Figure("console", "the shell with its files, once", weight / 1024, "KiB", note="as gzip")
    ]


def _pages() -> list[Figure]:
    from jokkerit_plugin.web.console import pages

    figures, left = [], []
    for page in pages.PAGES.values():
        token, path = _reader(page), _address(page)
        if path is None:
            left.append(page.name)
            continue
        try:
            figures += _page(page.name, path, token)
        except DevError:
            left.append(page.name)
    if left:
        say(f"console: not measured, since this shop has not what they show: {', '.join(left)}")
    return figures


def _reader(page: Any) -> str:
    """Return the token of one of the page's readers; of its list's, where it is under one."""
    from jokkerit_plugin.policy.roles import Role
    from jokkerit_plugin.web.console import pages

    tokens = {Role.CONTROLLER: "controller", Role.STAFF: "staff", Role.ACCOUNTING: "accountant"}
    above = pages.PAGES.get(page.under)
    roles = page.roles or (above.roles if above else frozenset(tokens))
    return next((tokens[role] for role in tokens if role in roles), "maintainer")


def _address(page: Any) -> str | None:
    """Return where the page is asked for; None where it shows one thing and there is none."""
    from jokkerit_plugin.models import Breach, Customer, Incident, Purchase, Request, Voucher
    from jokkerit_plugin.web.console import documents
    from jokkerit_plugin.web.schema.base import to_global_id

    needs = {
        one.variable.name.value
        for one in documents.operations(page.name)["page"].variable_definitions or ()
        if type(one.type).__name__ == "NonNullType" and one.default_value is None
    } - {one.partition(".")[0] for one in page.usual}
    first = Customer.objects.order_by("pk")[0]
    bought = Purchase.objects.order_by("pk")[0]
    one = to_global_id("RegisterCustomer", first.pk)
    known = {
        **dict.fromkeys(("customer", "rectify", "choices"), f"id={one}"),
        **dict.fromkeys(("trail", "hold", "ask"), f"customer={one}"),
        "request": f"id={to_global_id('RegisterRequest', Request.objects.latest('pk').pk)}",
        "prove": f"request={to_global_id('RegisterRequest', Request.objects.latest('pk').pk)}",
        "breach": f"id={to_global_id('RegisterBreach', Breach.objects.latest('pk').pk)}",
        "incident": f"id={to_global_id('RegisterIncident', Incident.objects.latest('pk').pk)}"
        "&purpose=SECURITY&security=on",
        "version": "version=1",
        "purchase": f"id={to_global_id('RegisterPurchase', bought.pk)}",
        "card": f"orderId={to_global_id('Order', bought.saleor_order)}",
    }
    if page.name == "voucher" and (voucher := Voucher.objects.first()):
        return f"voucher/?code={voucher.code}"
    if page.name in known:
        return f"{page.name}/?{known[page.name]}"
    # One that leads elsewhere shows nothing itself.
    return None if needs or page.leads else f"{page.name}/"


def _page(name: str, path: str, token: str) -> list[Figure]:
    from django.db import connection

    statements: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        text = str(sql).lstrip().upper()
        if text.startswith(("SELECT", "WITH")) and not any(one in text for one in _WRITES):
            statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        content = _asked(path, token)

    def by_hand() -> None:
        with connection.cursor() as cursor:
            for sql, params in statements:
                cursor.execute(sql, params)
                cursor.fetchall()

    ours: list[float] = []
    theirs: list[float] = []
    for turn in range(WARM + ROUNDS):
        times = _timed(lambda: _asked(path, token)), _timed(by_hand)
        if turn >= WARM:
            ours.append(times[0])
            theirs.append(times[1])
    slow, bare = percentile(ours, 0.95), percentile(theirs, 0.95)
    return [
        Figure("console", f"{name}, p95", slow * 1000, "ms",
               note=f"median {median(ours) * 1000:.0f} ms, {len(statements)} statements"),
        Figure("console", f"{name}, p95 : its SQL", slow / bare, "x"),
        Figure("console", f"{name}, weight", len(gzip.compress(content)) / 1024, "KiB"),
    ]  # fmt: skip


def _asked(path: str, token: str, **headers: str) -> bytes:
    from django.test import RequestFactory

    from jokkerit_plugin.web import routes
    from tests.graphql import HOME

    given = {
        "SERVER_NAME": "localhost",
        "HTTP_HX_REQUEST": "true",
        "HTTP_AUTHORIZATION": f"Bearer {token}",
    } | headers
    request = RequestFactory().get(f"{HOME}console/{path}", **given)  # type: ignore[arg-type]
    response = routes.serve(request, f"console/{path.partition('?')[0]}", active=True)
    content = bytes(response.content)
    if response.status_code != 200 or (token and b'role="alert"' in content):
        raise DevError(f"the page {path or 'around all'} cannot be shown: {response.status_code}")
    return content


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
