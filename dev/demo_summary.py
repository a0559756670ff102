"""What the demo prints of a filled register, and whether it ties out with the shop.

Needs a configured Django: import it after `django.setup()`.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Q, Sum
from rich.console import Console
from rich.table import Table

from jokkerit_plugin.models import Customer, Movement, Purchase, PurchaseLine, Trace
from jokkerit_plugin.register.rows import table as name_of
from jokkerit_plugin.register.status import outside

#: Orders that count for VAT; a cancelled or expired one was no sale.
NO_SALE = ("unconfirmed", "expired", "canceled")
Figures = dict[str, Any]
#: Currency and rate: net and gross.
Rates = dict[tuple[str, Decimal | None], list[Decimal]]

_VAT = f"""
    SELECT currency, country, rate, sum(net), sum(gross) - sum(net), sum(gross)
    FROM (
        SELECT p.currency, p.tax_country AS country, l.tax_rate AS rate, l.net, l.gross
        FROM {name_of(PurchaseLine)} l JOIN {name_of(Purchase)} p ON p.id = l.purchase_id
        WHERE p.status <> ALL(%(no_sale)s)
        UNION ALL
        SELECT currency, tax_country, shipping_tax_rate, shipping_net, shipping_gross
        FROM {name_of(Purchase)} WHERE status <> ALL(%(no_sale)s)) parts
    GROUP BY currency, country, rate HAVING sum(gross) <> 0"""


def vat() -> list[tuple[str, str, Decimal | None, Decimal, Decimal, Decimal]]:
    """Currency, country, rate, net, VAT and gross of all sales, largest groups first."""
    with connection.cursor() as cursor:
        cursor.execute(_VAT, {"no_sale": list(NO_SALE)})
        rows: list[Any] = cursor.fetchall()
    return sorted(rows, key=lambda row: (row[0], -row[5], row[1]))


def totals() -> dict[str, tuple[int, Decimal]]:
    """Purchases that are no tests, and their gross, by currency."""
    rows = (
        Purchase.objects.filter(is_test=False)
        .values_list("currency")
        .annotate(n=Count("pk"), sum=Sum("gross"))
        .order_by("currency")
    )
    return {currency: (number, gross) for currency, number, gross in rows}


def differences(figures: Figures) -> list[str]:
    """Where the register is not what the shop says of itself; empty when it ties out."""
    here = totals()
    there = {row["currency"]: (row["orders"], Decimal(row["gross"])) for row in figures["totals"]}
    found = [
        f"{currency}: register {_pair(here.get(currency))}, shop {_pair(there.get(currency))}"
        for currency in sorted({*here, *there})
        if here.get(currency) != there.get(currency)
    ]
    rates: Rates = {}
    for currency, _, rate, net, _, gross in vat():
        sums = rates.setdefault((currency, rate), [Decimal(0), Decimal(0)])
        sums[0], sums[1] = sums[0] + net, sums[1] + gross
    told: Rates = {
        (row["currency"], Decimal(row["rate"]) if row["rate"] else None):
            [Decimal(row["net"]), Decimal(row["gross"])]
        for row in figures["vat"]
    }  # fmt: skip
    found += [
        f"VAT of {currency} at {rate}: register {_sums(rates, currency, rate)},"
        f" shop {_sums(told, currency, rate)}"
        for currency, rate in sorted({*rates, *told}, key=str)
        if rates.get((currency, rate)) != told.get((currency, rate))
    ]
    customers = Customer.objects.count()
    if customers != figures["customers"]:
        found.append(f"customers: register {customers}, shop {figures['customers']}")
    return found


def show(console: Console, figures: Figures, shop: str) -> bool:
    """Print the summary; returns whether the register ties out with `figures`."""
    console.rule("The register")
    customers, purchases = Customer.objects.count(), Purchase.objects.count()
    accounts = Customer.objects.filter(saleor_user__isnull=False).count()
    gone = Customer.objects.exclude(account_gone_at=None).count()
    console.print(
        f"{customers} customers: {accounts} with an account ({gone} of them deleted in"
        f" the shop since), {customers - accounts} guests."
    )
    console.print(
        f"{purchases} purchases with {PurchaseLine.objects.count()} lines;"
        f" {Trace.objects.count()} traces of people who have not bought (short-lived)."
    )
    for one in (_totals(figures), _statuses(), _movements(), _vat_table()):
        console.print(one)
    for name, count in outside().items():
        console.print(f"Collected outside the register description: {name} (rows: {count}).")
    wrong = differences(figures)
    if wrong:
        console.print(f"[bold red]The register does NOT tie out with {shop}:[/]")
        for line in wrong:
            console.print(f"  {line}", style="red")
    else:
        console.print(
            f"[bold green]It ties out with {shop} to the cent:[/] purchases and totals of"
            f" {len(figures['totals'])} currencies, net and gross of {len(figures['vat'])} VAT"
            " rates, and the number of customers."
        )
    return not wrong


def _sums(sums: Rates, currency: str, rate: Decimal | None) -> str:
    net, gross = sums.get((currency, rate), [Decimal(0), Decimal(0)])
    return f"{net} net, {gross} gross"


def _pair(pair: tuple[int, Decimal] | None) -> str:
    return f"{pair[0]} purchases, {pair[1]}" if pair else "nothing"


def _totals(figures: Figures) -> Table:
    there = {row["currency"]: row for row in figures["totals"]}
    table = _table("Totals by currency", ["Currency"], ["Purchases", "Gross", "The shop's own sum"])
    for currency, (purchases, gross) in totals().items():
        own = Decimal(there[currency]["gross"]) if currency in there else None
        table.add_row(currency, str(purchases), str(gross), str(own or ""))
    return table


def _statuses() -> Table:
    rows = Purchase.objects.values("status").annotate(
        n=Count("pk"), paid=Count("pk", filter=Q(paid_at__isnull=False))
    )
    table = _table("Purchases by status", ["Status"], ["Purchases", "Paid"])
    for row in rows.order_by("-n", "status"):
        table.add_row(row["status"], str(row["n"]), str(row["paid"]))
    return table


def _movements() -> Table:
    moved = Movement.objects.values("currency", "kind")
    table = _table("Money that moved", ["Currency", "Kind"], ["Times", "Amount"])
    for row in moved.annotate(n=Count("pk"), sum=Sum("amount")).order_by("currency", "kind"):
        table.add_row(row["currency"], row["kind"], str(row["n"]), str(row["sum"]))
    cards = Purchase.objects.exclude(gift_card_amount=0).values("currency")
    for card in cards.annotate(n=Count("pk"), sum=Sum("gift_card_amount")).order_by("currency"):
        table.add_row(card["currency"], "gift card", str(card["n"]), str(card["sum"]))
    return table


def _vat_table() -> Table:
    texts, numbers = ["Currency", "Country", "Rate"], ["Net", "VAT", "Gross"]
    table = _table("VAT by country and rate", texts, numbers)
    for currency, country, rate, net, tax, gross in vat():
        percent = f"{(rate * 100).normalize():f} %" if rate is not None else "none"
        table.add_row(currency, country, percent, str(net), str(tax), str(gross))
    return table


def _table(title: str, texts: Iterable[str], numbers: Iterable[str]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in texts:
        table.add_column(column)
    for column in numbers:
        table.add_column(column, justify="right")
    return table
