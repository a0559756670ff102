"""A journey of customers through a paper shop, and its events in any order, again and late."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from jokkerit_plugin.models import InboxEvent, SetAside, Sweep
from jokkerit_plugin.register import inbox, sweep
from jokkerit_plugin.shop import port
from jokkerit_plugin.shop.snapshots import Kind
from tests.paper_shop import PaperShop, key_of, line, party

PAID = [
    {
        "key": "payment:1", "kind": "payment", "amount": "12.550", "currency": "EUR",
        "at": "2026-03-01T10:05:00.000000Z", "gateway": "paytrail", "reference": "r1",
    },
]  # fmt: skip
REFUNDED = [*PAID, PAID[0] | {"key": "payment:2", "kind": "refund", "amount": "2.000"}]
SENT = [
    {
        "key": 5, "line": str(key_of("line a")), "status": "fulfilled", "quantity": 1,
        "at": "2026-03-02T08:00:00.000000Z",
    },
]  # fmt: skip
BOOK = [{"key": 3, "party": party(street_1="Koti 1"), "default_billing": True,
         "default_shipping": False}]  # fmt: skip


def attach_silently(shop: PaperShop) -> None:
    """Saleor attaches a guest's orders at registration and tells only of the account."""
    shop.order("a", user=5)
    shop.events.pop()
    shop.account(5)


def vanish(shop: PaperShop, name: str) -> None:
    """Only a purchase that was seen can be marked as gone: Saleor deletes old orders only."""
    inbox.note(Kind.ORDER, [key_of(f"order {name}")])
    while InboxEvent.objects.exists():
        inbox.drain()
    shop.remove(Kind.ORDER, key_of(f"order {name}"))


STEPS: list[Callable[[PaperShop], object]] = [
    lambda shop: shop.checkout("cart"),
    lambda shop: shop.checkout("cart", email="Aino@example.com", shipping=party(street_1="Koti 1")),
    lambda shop: shop.remove(Kind.CHECKOUT, key_of("checkout cart")),
    lambda shop: shop.order("a", checkout_token=str(key_of("checkout cart"))),
    lambda shop: shop.order("a", movements=PAID, paid_at="2026-03-01T10:05:00.000000Z"),
    lambda shop: shop.order("b", email="AINO@example.com", billing=party(last_name="Virtanen")),
    lambda shop: shop.account(5, email="aino@example.com"),
    attach_silently,
    lambda shop: shop.order("b", user=5),
    lambda shop: shop.account(5, addresses=BOOK),
    lambda shop: shop.account(5, email="aino.new@example.com", former_emails=["aino@example.com"]),
    lambda shop: shop.order("a", deliveries=SENT, status="fulfilled"),
    lambda shop: shop.order("c", email="eino@example.com", lines=[line("x"), line("y")]),
    lambda shop: shop.order("c", email="eino.right@example.com", lines=[line("y", quantity=2)]),
    lambda shop: shop.order("a", movements=REFUNDED),
    lambda shop: shop.order("d", email=""),
    lambda shop: shop.order("e", email="aino@example.com"),
    lambda shop: vanish(shop, "e"),
    lambda shop: shop.order("b", status="canceled", billing=party(street_1="Muutto 2")),
]

#: After a step: which of the events so far arrive now (again), and whether to drain.
Arrivals = list[tuple[int, bool]]
ARRIVAL = st.tuples(st.integers(0, 60), st.booleans())

any_order = settings(
    deadline=None,
    # Each example costs some 0.5 s: shrinking one would take minutes of a test run.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@contextmanager
def undone_shop() -> Iterator[PaperShop]:
    """A shop whose register is undone in the end."""
    before = port._port
    try:
        with tempfile.TemporaryDirectory() as folder, transaction.atomic():
            shop = PaperShop.at(Path(folder))
            port.install(shop.port)
            yield shop
            transaction.set_rollback(True)
    finally:
        port.install(before)


def travel(
    shop: PaperShop,
    arrivals: list[Arrivals],
    shuffled: Any,
    *,
    lossy: bool,
    then: Callable[[int], object] = lambda _step: None,
) -> None:
    """Take every step and let events arrive after it, `then` what else happens; settle it all.

    `lossy`: the events are lost, and a comparison finds what they told.
    """
    told: list[tuple[Kind, str]] = []
    for number, step in enumerate(STEPS):
        step(shop)
        told += shop.delivered()
        for index, drain in arrivals[number]:
            inbox.note(*as_note(told[index % len(told)]))
            if drain:
                inbox.drain()
        then(number)
    if lossy:
        sweep.run(sweep.start(Sweep.Name.RECONCILE))
    else:
        shuffled.shuffle(told)
        for event in told:
            inbox.note(*as_note(event))
    settle(shop)
    assert not SetAside.objects.exists()


def settle(shop: PaperShop) -> None:
    for kind, key in shop.delivered():
        inbox.note(kind, [key])
    while InboxEvent.objects.exists():
        inbox.drain()


def as_note(event: tuple[Kind, str]) -> tuple[Kind, list[Any]]:
    return event[0], [event[1]]
