"""A journal of a million lines, beside the same figures from one hand-written SQL statement."""

from __future__ import annotations

import csv
import io
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

from dev.paths import say
from dev.servers import Servers

from . import plain
from .results import Figure, ratio

#: Lines of the journal: a purchase has three of its sale and two of its payment.
LINES, A_PURCHASE = 1_000_000, 5
ROUNDS = 2
FORMS = ("journal_csv", "netvisor", "procountor", "xlsx")

#: The same lines as one statement. How it finds them is no policy: one rate, one gateway.
STATEMENT = """
COPY (SELECT 'MYY-2026-' || lpad(purchase_id::text, 7, '0'), '2026-02-03', account, debit, credit,
        'EUR', vat_code, vat_rate, number, text || ', tilaus ' || number
    FROM jokkerit_plugin_purchaseline line
    JOIN jokkerit_plugin_purchase purchase ON purchase.id = purchase_id
    CROSS JOIN LATERAL (VALUES
        ('1701', line.gross, 0, '', NULL, 'Myynti'),
        ('3001', 0, line.net, 'KOMY', tax_rate * 100, 'Myynti'),
        ('2939', 0, line.gross - line.net, 'KOMY', tax_rate * 100, 'Myynti'),
        ('1729', line.gross, 0, '', NULL, 'Maksu'),
        ('1701', 0, line.gross, '', NULL, 'Maksu')
    ) part (account, debit, credit, vat_code, vat_rate, text)
    ORDER BY line.id) TO STDOUT (FORMAT csv, DELIMITER ';')
"""


def run(servers: Servers) -> list[Figure]:
    """Measure; the database is an own one on plain Django."""
    plain.setup(servers.database_url)
    plain.install_shop()
    return measure(LINES, ROUNDS)


def measure(lines: int, rounds: int) -> list[Figure]:
    """Time the statement and each format, whole: read, written, hashed, stored, logged."""
    say(f"exports: {lines // A_PURCHASE:,} purchases")
    options = _fill(lines // A_PURCHASE)
    taken: dict[str, list[float]] = defaultdict(list)
    # First of all, since memory that was used once stays with the process.
    before, made = _memory("VmRSS"), {}
    for number in range(rounds):
        say(f"exports: round {number + 1} of {rounds}")
        for form in FORMS:
            with _timed(taken, form):
                made[form] = _export(form, options)
        if not number:
            grown = (_memory("VmHWM") - before) / 1024
        with _timed(taken, "sql"):
            copy = _copied()
    if _sums(_stored(made["journal_csv"])) != _sums(copy):
        raise AssertionError("the journal's figures are not those of the statement")
    return list(_figures(taken, grown, lines))


def _figures(taken: dict[str, list[float]], grown: float, lines: int) -> Iterator[Figure]:
    yield Figure("exports", "one SQL statement", min(taken["sql"]), "s", note=f"{lines:,} lines")
    for form in FORMS:
        yield Figure("exports", f"{form}", lines / min(taken[form]), "lines/s")
        yield Figure("exports", f"{form} : one SQL statement", ratio(taken[form], taken["sql"]), "")
    yield Figure("exports", "memory while exporting, above the start", grown, "MiB", 100)


def _copied() -> bytes:
    from django.db import connection

    with connection.cursor() as cursor, cursor.copy(STATEMENT) as copy:
        return b"".join(bytes(piece) for piece in copy)


def _export(form: str, options: dict[str, Any]) -> Any:
    from jokkerit_plugin.accounting.entries import entries
    from jokkerit_plugin.accounting.exports import make

    return make.journal(form, entries(options["period"]), **options)


def _fill(purchases: int) -> dict[str, Any]:
    """Make the purchases, and who exports them; returns what `make.journal` is called with."""
    from jokkerit_plugin.access import agreements
    from jokkerit_plugin.access.actor import Actor
    from jokkerit_plugin.accounting import periods
    from jokkerit_plugin.models import (
        Customer,
        Posting,
        Purchase,
        PurchaseLine,
        Recipient,
        Voucher,
    )
    from jokkerit_plugin.policy.permissions import Permission

    at = datetime(2026, 2, 3, tzinfo=UTC)
    customer = Customer.objects.create(guest_email="1@example.com")
    purchase = Purchase.objects.create(
        saleor_order=uuid4(), customer=customer, number="1", status="fulfilled", origin="checkout",
        channel="default", currency="EUR", placed_at=at, net=100, gross=Decimal("125.5"),
        shipping_net=0, shipping_gross=0, gift_card_amount=0, digest="x",
    )  # fmt: skip
    line = PurchaseLine.objects.create(
        saleor_line=uuid4(), purchase=purchase, name="Muki", quantity=1, net=100,
        gross=Decimal("125.5"), tax_rate=Decimal("0.255"),
    )  # fmt: skip
    voucher = Voucher.objects.create(
        purchase=purchase, prefix="MYY", year_end=date(2026, 12, 31), number=1, kind="sale",
        code=f"MYY-2026-{purchase.pk:07}", day=date(2026, 2, 3),
    )  # fmt: skip
    both = {
        "purchase": purchase, "voucher": voucher, "day": date(2026, 2, 3), "currency": "EUR",
        "gross": Decimal("125.5"),
    }  # fmt: skip
    sale = Posting.objects.create(
        **both, kind="sale", treatment="domestic", country="FI", rate=Decimal("0.255"), net=100
    )
    payment = Posting.objects.create(
        **both, kind="payment", treatment="none", net=Decimal("125.5"), gateway="stripe"
    )
    _copy(customer, purchases, guest_email="n || '@example.com'")
    _copy(
        purchase, purchases, saleor_order="gen_random_uuid()", number="n::text",
        customer_id=f"{customer.pk} + n - 1",
    )  # fmt: skip
    owner = f"{purchase.pk} + n - 1"
    _copy(line, purchases, saleor_line="gen_random_uuid()", purchase_id=owner)
    _copy(
        voucher, purchases, purchase_id=owner, number="n",
        code=f"'MYY-2026-' || lpad(({owner})::text, 7, '0')",
    )  # fmt: skip
    for one in (sale, payment):
        _copy(one, purchases, purchase_id=owner, voucher_id=f"{voucher.pk} + n - 1")
    actor = Actor("user:1", frozenset({Permission.MANAGE_PRIVACY}))
    text = agreements.publish(fi="-", sv="-", en="-", valid_days=9, actor=actor)
    agreements.sign(actor, version=text.version, language="fi")
    firm = Recipient.objects.create(
        kind="bookkeeping", name="-", country="FI", registered_by="-",
        agreement_signed_on=at.date(), confidentiality_signed_on=at.date(),
    )  # fmt: skip
    return {
        "period": periods.days("2026-01-01", "2026-12-31"), "language": "fi",
        "recipient": firm.pk, "actor": actor,
    }  # fmt: skip


def _copy(row: Any, count: int, **columns: str) -> None:
    """Copy a row until there are `count`; `columns` are SQL over n, which is 2 for the first."""
    from django.db import connection

    names = [field.column for field in row._meta.concrete_fields if not field.primary_key]
    values = ", ".join(columns.get(name, name) for name in names)
    table = row._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table},"
            f" generate_series(2, {count}) n WHERE id = {row.pk} ORDER BY n"
        )
        cursor.execute(f"ANALYZE {table}")


def _stored(export: Any) -> bytes:
    data = b"".join(bytes(one.data) for one in export.chunks.order_by("number"))
    return data.partition(b"\n")[2]


def _sums(lines: bytes) -> dict[str, list[Decimal]]:
    """The figures by account."""
    found: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in csv.reader(io.StringIO(lines.decode()), delimiter=";"):
        for side in (0, 1):
            found[row[2]][side] += Decimal(row[3 + side].replace(",", "."))
    return found


@contextmanager
def _timed(taken: dict[str, list[float]], name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    taken[name].append(time.perf_counter() - began)


def _memory(name: str) -> int:
    """A figure of this process in KiB: VmRSS now, VmHWM at most so far (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
