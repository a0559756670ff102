"""The recording of a real shop, played into the register: it equals what that shop said."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from io import StringIO
from uuid import UUID

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker
from rich.console import Console

from dev.demo_summary import show, totals
from jokkerit_plugin import clock
from jokkerit_plugin.models import Customer, InboxEvent, Purchase, PurchaseLine, SetAside, Sweep
from jokkerit_plugin.register import inbox, sweep
from jokkerit_plugin.shop import port
from jokkerit_plugin.shop.recorded import RecordedShop
from jokkerit_plugin.shop.recording import Record
from jokkerit_plugin.shop.snapshots import Kind
from tests.test_interleavings import picture
from tests.test_recording import HEADER, LINES

NO_SALE = {"unconfirmed", "expired", "canceled"}


def play(shop: RecordedShop, lines: list[Record], step: int = 40) -> None:
    """Bring the shop into each row's state, note its event, drain now and then."""
    for at in range(0, len(lines), step):
        shop.play(lines[at : at + step])
        for line in lines[at : at + step]:
            if line.told:
                by_number = line.kind in (Kind.CUSTOMER, Kind.ADDRESS)
                inbox.note(line.kind, [int(line.key) if by_number else UUID(line.key)])
        inbox.drain()
    while InboxEvent.objects.exists():
        inbox.drain()


@pytest.fixture(scope="module")
def played(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[RecordedShop]:
    """The whole recording, once: the shop as it stood, its events, the comparison at the end."""
    before = port._port
    shop = RecordedShop(tmp_path_factory.mktemp("shop") / "shop.sqlite")
    port.install(shop)
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), transaction.atomic():
        # Traces are kept for days from their own date.
        recorded = datetime.fromisoformat(HEADER["recorded"])
        patch.setattr(clock, "now", lambda: recorded)
        first = next(n for n, line in enumerate(LINES) if line.told)
        play(shop, LINES[:first])
        sweep.run(sweep.start(Sweep.Name.BACKFILL))
        play(shop, LINES[first:])
        sweep.run(sweep.start(Sweep.Name.RECONCILE))
        yield shop
        transaction.set_rollback(True)
    port.install(before)


def test_played_it_gives_the_shops_own_totals_to_the_cent(played: RecordedShop):
    found = [
        {"currency": currency, "orders": orders, "gross": str(gross)}
        for currency, (orders, gross) in totals().items()
    ]
    assert found == HEADER["totals"]
    assert Customer.objects.count() == HEADER["customers"]
    assert not SetAside.objects.exists()


def test_played_it_gives_the_shops_own_vat_by_rate_to_the_cent(played: RecordedShop):
    sums: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for purchase in Purchase.objects.exclude(status__in=NO_SALE):
        parts = [(line.tax_rate, line.net, line.gross) for line in purchase.lines.all()]
        parts.append((purchase.shipping_tax_rate, purchase.shipping_net, purchase.shipping_gross))
        for rate, net, gross in parts:
            pair = sums[purchase.currency, "" if rate is None else str(rate)]
            pair[0], pair[1] = pair[0] + net, pair[1] + gross
    told = {
        (row["currency"], row["rate"]): [Decimal(row["net"]), Decimal(row["gross"])]
        for row in HEADER["vat"]
    }
    assert {key: pair for key, pair in sums.items() if pair[1]} == told


def test_lines_and_shipping_are_the_purchases_gross_with_its_gift_cards(played: RecordedShop):
    wrong = {}
    for purchase in Purchase.objects.all():
        lines = sum((line.gross for line in purchase.lines.all()), Decimal(0))
        difference = lines + purchase.shipping_gross - purchase.gross - purchase.gift_card_amount
        if difference:
            wrong[purchase.number, purchase.channel, purchase.origin] = str(difference)
    assert wrong == {}
    assert PurchaseLine.objects.count() >= Purchase.objects.count()


def test_a_comparison_after_the_last_one_finds_nothing(played: RecordedShop):
    walk = sweep.run(sweep.start(Sweep.Name.RECONCILE))
    assert (walk.missing, walk.outdated, walk.vanished, walk.failed) == (0, 0, 0, 0)


def test_played_again_with_longer_waits_it_gives_the_same_register(played: RecordedShop):
    before = picture()
    with transaction.atomic():
        play(played, LINES, step=500)
        sweep.run(sweep.start(Sweep.Name.RECONCILE))
        again = picture()
        transaction.set_rollback(True)
    assert again == before


def test_the_summary_of_the_demo_needs_no_shop(
    played: RecordedShop, monkeypatch: pytest.MonkeyPatch
):
    """Beside a running Saleor it is printed by a process that has none installed."""
    monkeypatch.setattr(port, "_port", None)
    assert show(Console(file=StringIO()), HEADER, "the recording") is True
