"""Every journey of the demonstration shop, and after each the register equals Saleor."""

from __future__ import annotations

import pytest

from demo import checkouts, records
from demo.journeys import JOURNEYS
from demo.records import pk
from demo.stage import Outcome, moved
from tests.saleor.live import Live, Seen, until
from tests.saleor.mirror_rows import mailbox

pytest_plugins = ("tests.saleor.fixtures_live",)

#: Journeys that end with a step of which Saleor tells no plugin: see test_silence.py.
SILENT = {"invoiced"}


def seen(outcome: Outcome) -> Seen:
    gone = [records.pk(key) for key in outcome.gone]
    return Seen(
        orders=tuple(order.key for order in outcome.orders),
        accounts=(
            *(int(account.key) for account in outcome.accounts),
            *(int(key) for key in gone if key.isdigit()),
        ),
        baskets=(
            *(pk(key) for key in outcome.checkouts),
            *(pk(order.checkout) for order in outcome.orders if order.checkout),
        ),
    )


def test_a_backfill_takes_in_the_history_of_the_shop(live: Live) -> None:
    live.follows()

    purchases = live.database.execute("SELECT count(*) AS n FROM jokkerit_plugin_purchase")
    row = purchases.fetchone()
    assert row
    assert row["n"] >= 20


@pytest.mark.promise(
    "P-PURPOSE-ORDERS",
    "P-PURPOSE-REGISTER",
    "P-DATA-NAME",
    "P-DATA-POSTAL",
    "P-DATA-EMAIL",
    "P-DATA-PHONE",
    "P-DATA-PURCHASE",
)
@pytest.mark.parametrize("name", [name for name in JOURNEYS if name not in SILENT])
def test_after_a_journey_the_register_equals_the_shop(live: Live, name: str) -> None:
    outcome = JOURNEYS[name].play(live.stage)

    live.follows(seen(outcome))
    live.played.add(name)


@pytest.mark.promise("P-GROUND-ORDER")
def test_a_trace_follows_its_checkout_until_it_becomes_a_purchase(live: Live) -> None:
    stage, guest = live.stage, live.stage.guest
    person = stage.person("suomi")

    def trace() -> dict[str, object] | None:
        return live.database.execute(
            "SELECT email, street_1 FROM jokkerit_plugin_trace"
            " WHERE kind = 'checkout' AND key = %s",
            [basket.key],
        ).fetchone()

    basket = stage.fill("suomi", person, {"JR-KIRJA": 1})
    live.follows(Seen(baskets=(basket.key,)))
    assert trace()

    basket = checkouts.change_email(guest, basket, f"toinen.{person.email}")
    basket = checkouts.change_shipping_address(guest, basket, moved(person, "Uusikatu 8"))
    live.follows(Seen(baskets=(basket.key,)))
    now = trace()
    assert now
    assert (now["email"], now["street_1"]) == (f"toinen.{person.email}", "Uusikatu 8")

    order = stage.pay_and_place(basket)
    live.follows(Seen(orders=(order.key,), baskets=(basket.key,)))
    assert trace() is None
    purchase = live.database.execute(
        "SELECT email FROM jokkerit_plugin_purchase WHERE saleor_order = %s", [order.key]
    ).fetchone()
    assert purchase
    assert purchase["email"] == f"toinen.{person.email}"


@pytest.mark.promise("P-GROUND-ORDER")
@pytest.mark.parametrize("name", ["abandoned", "never_bought"])
def test_who_has_not_ordered_is_no_customer(live: Live, name: str) -> None:
    outcome = JOURNEYS[name].play(live.stage)
    live.follows(seen(outcome))

    assert outcome.emails
    emails = [spelt for email in outcome.emails for spelt in (email.lower(), mailbox(email))]
    for table, column in (
        ("customer", "email"),
        ("customer", "guest_email"),
        ("knownidentifier", "value"),
    ):
        found = live.database.execute(
            f"SELECT id FROM jokkerit_plugin_{table} WHERE lower({column}) = ANY(%s)", [emails]
        )
        assert found.fetchall() == []


def test_the_worker_drains_the_inbox_whenever_beat_says_so(live: Live) -> None:
    outcome = JOURNEYS["guest_order"].play(live.stage)

    keys = seen(outcome)
    until(lambda: not live.differences(keys), lambda: live.differences(keys))
