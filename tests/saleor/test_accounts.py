"""On a real shop the books tie out with Saleor's own tables, to the cent."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from demo import orders, payments
from demo.journeys import JOURNEYS
from tests.saleor.live import Live, until
from tests.saleor.test_vat import sell_to_company, trade

pytest_plugins = ("tests.saleor.fixtures_live",)

__all__ = ["trade"]

PLAYED = (
    "gift_card_partly",
    "gift_card_whole",
    "gift_card_bought",
    "download",
    "reserved_then_captured",
    "paid_later",
    "charged_quietly",
    "collected",
    "company_order",
    "sent_in_parts",
    "sent_in_part_only",
    "parcel_cancelled",
    "returned",
    "returned_and_granted",
    "refunded_and_kept",
    "refunded_in_part",
    "replaced",
    "charged_back",
    "cancelled",
    "cancelled_unpaid",
    "lines_changed",
    "draft_for_guest",
    "draft_deleted",
    "imported",
)

#: Run inside Saleor, where `answer` is what comes back.
INSIDE = """
import json
from dataclasses import asdict
from datetime import date
from jokkerit_plugin.access import agreements
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.accounting import close, periods, receivables, tieout, vat
from jokkerit_plugin.models import Member, Recipient
from jokkerit_plugin.policy.permissions import Permission
from jokkerit_plugin.shop.port import shop
accountant = Actor("user:901", frozenset({Permission.VIEW_ACCOUNTING}))
controller = Actor("user:902", frozenset({Permission.MANAGE_PRIVACY}))
with shop().writer():
    version = agreements.in_force().version
    if not agreements.signed([accountant.key]):
        agreements.sign(accountant, version=version, language="fi")
        firm = Recipient.objects.create(
            kind="bookkeeping", name="Tilitoimisto", country="FI", business_id="1790235-0",
            agreement_signed_on=date(2026, 1, 1), confidentiality_signed_on=date(2026, 1, 1),
            registered_by=controller.key)
        Member.objects.create(
            holder=accountant.key, recipient=firm, added_by=controller.key)
period = periods.days(FIRST, LAST)
ASKED
open(FILE, "w").write(json.dumps(answer, default=str))
"""


def ask(live: Live, asked: str, first: str = "2000-01-01", last: str = "2100-12-31") -> Any:
    """What the shop's own process answers, with amounts and days as text."""
    file = live.shop.logs / "answer.json"
    code = INSIDE.replace("ASKED", asked).replace("FIRST", repr(first))
    live.commands.run(
        "shell", "-c", code.replace("LAST", repr(last)).replace("FILE", repr(str(file)))
    )
    return json.loads(file.read_text())


@pytest.fixture(scope="module")
def books(live: Live, trade: dict[str, Any]) -> Live:
    """Every kind of sale, payment and return, followed, compared and booked."""
    for name in PLAYED:
        if name in live.played:
            continue
        JOURNEYS[name].play(live.stage)
    order, _ = sell_to_company(live, "EE")
    payments.mark_as_paid(live.store.staff, order, "invoice")
    # What goes to a business in the Union is taxed when it has gone, by the day of its invoice.
    orders.create_invoice(live.store.staff, orders.fulfil(live.store, order), "L-EE")
    live.configure(voucher_start="2000-01-01")
    live.settle()
    live.reconcile()
    live.drain()
    wait_for_books(live)
    return live


def wait_for_books(live: Live) -> None:
    """Every purchase is booked as it stands now."""

    def waiting() -> int:
        row = live.database.execute(
            "SELECT count(*) AS n FROM jokkerit_plugin_purchase WHERE unbooked"
        ).fetchone()
        assert row
        return int(row["n"])

    until(lambda: not waiting(), lambda: f"{waiting()} purchases wait to be booked")


def unexpected(found: dict[str, Any]) -> list[Any]:
    """The differences but for those that are rightly listed, with their cause: orders of Saleor's
    example data, a part of which is neither paid nor delivered, and refunds of which Saleor has no
    more than the sum."""
    rightly = {"not_yet", "no_pieces", "no_credit"}
    return [one for one in found["differences"] if one["reason"] not in rightly]


@pytest.mark.promise("P-KEEP-BOOKKEEPING", "P-DATA-PURCHASE")
def test_the_books_tie_out_with_the_shop_to_the_cent(books: Live) -> None:
    found = ask(books, "answer = asdict(tieout.run(period, actor=accountant))")

    assert unexpected(found) == []
    assert found["orders"] >= 30
    totals = {(one["what"], one["currency"]): one for one in found["totals"]}
    assert {currency for _, currency in totals} >= {"EUR", "SEK", "JPY", "KWD"}
    listed = {
        (one["what"], one["currency"])
        for one in found["differences"]
        if Decimal(one["books_gross"]) != Decimal(one["shop_gross"])
    }
    for key, one in totals.items():
        assert Decimal(one["shop_gross"]) != 0
        assert (Decimal(one["books_gross"]) == Decimal(one["shop_gross"])) is (key not in listed)


@pytest.mark.parametrize(
    ("first", "last"),
    [("2023-01-01", "2023-12-31"), ("2024-01-01", "2024-08-31"), ("2024-09-01", "2025-12-31")],
)
def test_a_period_of_the_past_ties_out_too(books: Live, first: str, last: str) -> None:
    found = ask(books, "answer = asdict(tieout.run(period, actor=accountant))", first, last)

    assert unexpected(found) == []


def test_what_the_register_missed_is_named_with_its_cause(books: Live) -> None:
    row = books.database.execute(
        "SELECT b.id, b.number, p.gross FROM jokkerit_plugin_purchase b"
        " JOIN jokkerit_plugin_posting p ON p.purchase_id = b.id AND p.kind = 'sale'"
        " JOIN order_order o ON o.id = b.saleor_order AND o.origin = 'checkout'"
        " WHERE b.currency = 'EUR' ORDER BY b.id DESC LIMIT 1"
    ).fetchone()
    assert row
    changed = books.write(
        "UPDATE order_orderline SET total_price_gross_amount = total_price_gross_amount + 0.01"
        " WHERE id = (SELECT l.id FROM order_orderline l JOIN order_order o ON o.id = l.order_id"
        " WHERE o.number = %s::int LIMIT 1)",
        row["number"],
    )
    assert changed == 1

    try:
        found = ask(books, "answer = asdict(tieout.run(period, actor=accountant))")
        [one] = unexpected(found)
        assert (one["order_number"], one["what"], one["reason"]) == (
            row["number"],
            "sales",
            "unknown",
        )
        assert Decimal(one["shop_gross"]) - Decimal(one["books_gross"]) == Decimal("0.01")
    finally:
        books.write(
            "UPDATE order_orderline SET total_price_gross_amount = total_price_gross_amount - 0.01"
            " WHERE id = (SELECT l.id FROM order_orderline l JOIN order_order o"
            " ON o.id = l.order_id WHERE o.number = %s::int LIMIT 1)",
            row["number"],
        )


def test_each_sale_has_the_treatment_of_its_country(books: Live) -> None:
    found = ask(books, "answer = asdict(vat.report(period, actor=accountant))")

    seen = {(one["treatment"], one["country"]) for one in found["lines"]}
    assert seen >= {
        ("domestic", "FI"), ("domestic", "AX"), ("export", "NO"), ("oss", "DE"), ("oss", "SE"),
        ("reverse_charge", "EE"), ("export", "JP"),
    }  # fmt: skip
    boxes = {box: Decimal(amount) for box, amount in found["boxes"].items()}
    assert all(boxes[box] > 0 for box in ("301", "302", "303", "309", "311"))
    assert found["gift_cards_unset"]
    assert found["findings"]["territory"] >= 1


def test_money_by_gateway_is_what_saleor_says_was_charged(books: Live) -> None:
    found = ask(
        books,
        "answer = [asdict(one) for one in receivables.read_receipts(period)]",
    )
    moved: dict[str, Decimal] = {}
    for one in found:
        amount = Decimal(one["payments"]) + Decimal(one["paybacks"])
        moved[one["currency"]] = moved.get(one["currency"], Decimal(0)) + amount
    charged = books.database.execute(
        "SELECT currency, sum(total_charged_amount) AS sum FROM order_order"
        " WHERE status <> 'draft' GROUP BY currency HAVING sum(total_charged_amount) <> 0"
    )

    assert moved == {row["currency"]: row["sum"] for row in charged}


def test_vouchers_are_numbered_without_a_gap(books: Live) -> None:
    rows = books.database.execute(
        "SELECT year_end, array_agg(number ORDER BY number) AS numbers"
        " FROM jokkerit_plugin_voucher GROUP BY year_end"
    ).fetchall()

    assert rows
    assert all(row["numbers"] == list(range(1, len(row["numbers"]) + 1)) for row in rows)


def test_a_month_is_closed_on_a_real_shop(books: Live) -> None:
    row = books.database.execute(
        "SELECT to_char(max(day), 'YYYY-MM') AS month FROM jokkerit_plugin_posting"
        " WHERE day < date_trunc('month', now() AT TIME ZONE 'Europe/Helsinki')"
    ).fetchone()
    assert row
    closed = ask(
        books,
        f"found = close.close({row['month']!r}, actor=accountant);"
        " answer = [found.entries, close.unchanged(found)]",
    )
    books.reconcile()
    books.drain()
    wait_for_books(books)
    found = ask(books, "answer = asdict(tieout.run(period, actor=accountant))")

    assert closed[0] > 0
    assert closed[1] is True
    assert unexpected(found) == []
