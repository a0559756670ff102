"""Deleting an account in the shop: by its customer it is a request, by staff a question."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from demo import accounts
from demo.records import pk
from tests.saleor.live import Live, Seen, until

pytest_plugins = ("tests.saleor.fixtures_live",)


def asked(live: Live, account: int) -> list[tuple[str, str, int]]:
    """Origin and state of the requests of the account's customer, and the purchases left."""
    rows = live.database.execute(
        "SELECT r.origin, r.state, (SELECT count(*) FROM jokkerit_plugin_purchase AS p"
        "  WHERE p.customer_id = c.id) AS purchases"
        " FROM jokkerit_plugin_request AS r"
        " JOIN jokkerit_plugin_customer AS c ON c.id = r.customer"
        " WHERE c.saleor_user = %s ORDER BY r.id",
        [account],
    )
    return [(row["origin"], row["state"], row["purchases"]) for row in rows]


@pytest.mark.promise("P-KEEP-PURPOSE")
@pytest.mark.parametrize(
    ("delete", "expected"),
    [
        (accounts.delete_self, ("account_deleted", "accepted", 1)),
        (accounts.delete_by_staff, ("customer_deleted", "asks", 1)),
    ],
    ids=["accountDelete", "customerDelete"],
)
def test_a_deleted_account_asks(
    live: Live, delete: Callable[..., None], expected: tuple[str, str, int]
) -> None:
    account = live.stage.account()
    key = int(pk(account.id))
    order = live.stage.buy("suomi", account.person, client=account.acting())
    live.follows(Seen(orders=(order.key,), accounts=(key,)))

    delete(live.stage.shop, account)

    def settled() -> bool:
        live.settle()
        return asked(live, key) == [expected]

    until(settled, lambda: f"asked: {asked(live, key)}")
