"""Deleting an account in the shop: by its customer it is a request, by staff a question."""

from __future__ import annotations

import pytest

from demo.journeys import JOURNEYS
from demo.records import pk
from tests.saleor.live import Live

pytest_plugins = ("tests.saleor.fixtures_live",)


def asked(live: Live, accounts: list[int]) -> list[tuple[str, str]]:
    """Origin and state of the requests of customers who had these accounts."""
    rows = live.database.execute(
        "SELECT r.origin, r.state FROM jokkerit_plugin_erasurerequest AS r"
        " JOIN jokkerit_plugin_customer AS c ON c.id = r.customer"
        " WHERE c.saleor_user = ANY(%s) ORDER BY r.id",
        [accounts],
    )
    return [(str(row["origin"]), str(row["state"])) for row in rows]


@pytest.mark.promise("P-KEEP-PURPOSE")
@pytest.mark.parametrize(
    ("journey", "expected"),
    [
        ("deleted_by_self", [("account_deleted", "accepted")]),
        ("deleted_by_staff", [("customer_deleted", "asks")]),
    ],
)
def test_a_deleted_account_asks(live: Live, journey: str, expected: list[object]) -> None:
    outcome = JOURNEYS[journey].play(live.stage)
    live.settle()

    gone = [int(pk(key)) for key in outcome.gone if pk(key).isdigit()]
    assert asked(live, gone) == expected
    kept = live.database.execute(
        "SELECT count(*) AS n FROM jokkerit_plugin_purchase AS p"
        " JOIN jokkerit_plugin_customer AS c ON c.id = p.customer_id WHERE c.saleor_user = ANY(%s)",
        [gone],
    ).fetchone()
    assert kept
    assert kept["n"] >= 1
