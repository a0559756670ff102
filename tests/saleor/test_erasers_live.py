"""A shop of real processes sells while a batch of its orders and accounts is being erased."""

from __future__ import annotations

import threading
import time

import pytest

from demo.client import Answer
from demo.load import COMPLETE
from tests.saleor.live import Live, until

pytest_plugins = ("tests.saleor.fixtures_live",)

#: Run inside Saleor: erases, and commits only when it is told to.
BATCH = """
import os, pathlib, time
from django.db import transaction
from saleor.core.db.connection import allow_writer
from saleor.order.models import Order
from jokkerit_plugin.shop.erasers import ShopPart, eraser
folder = pathlib.Path(FOLDER)
it = eraser()
done = {}
with allow_writer():
    orders = [str(key) for key in Order.objects.values_list("pk", flat=True)]
    users = [str(key) for key in Order.objects.exclude(user=None).filter(user__is_staff=False)
        .values_list("user", flat=True).distinct()]
    with transaction.atomic():
        for part, keys in ((ShopPart.ORDER_DETAIL, orders), (ShopPart.ORDER_IDENTITY, orders),
                (ShopPart.ACCOUNT, users), (ShopPart.ADDRESS, [])):
            taken = it.take(part, keys)
            it.erase(part, taken)
            done[part.value] = len(taken)
        (folder / "held").write_text(repr(done))
        while not (folder / "go").exists():
            time.sleep(0.05)
it.remove_files([])
(folder / "done").write_text(repr(it.refusal()))
"""


@pytest.mark.promise("P-KEEP-BOOKKEEPING")
def test_customers_buy_while_a_batch_is_open_and_figures_stay(live: Live) -> None:
    folder = live.shop.logs / f"batch-{time.time_ns()}"
    folder.mkdir(parents=True)
    live.settle()
    live.reconcile()
    figures = (
        "SELECT saleor_order, number, currency, net, gross, tax_country, paid_at, delivered_at,"
        " absent_since FROM jokkerit_plugin_purchase ORDER BY saleor_order"
    )
    before = live.database.execute(figures).fetchall()
    baskets = [
        live.stage.fill("sverige", live.stage.person("sverige"), {"JR-PAITA": 1}) for _ in range(2)
    ]
    code = BATCH.replace("FOLDER", repr(str(folder)))
    batch = threading.Thread(target=live.commands.run, args=("shell", "-c", code))
    batch.start()
    answers: list[Answer] = []
    try:
        until(lambda: (folder / "held").exists(), lambda: "the batch does not begin")
        taken = eval((folder / "held").read_text())  # noqa: S307 - our own
        assert taken["order_detail"] > 0
        # It would wait for ever: the batch ends only after the answers.
        answers = [live.stage.guest.post(COMPLETE, {"id": basket.id}) for basket in baskets]
    finally:
        (folder / "go").write_text("")
        batch.join()
    for answer in answers:
        assert answer.errors() == []
        assert answer.body
        assert answer.body["data"]["checkoutComplete"]["order"]["number"]
    assert (folder / "done").read_text() == "''"
    live.settle()
    live.reconcile()
    after = {row["saleor_order"]: row for row in live.database.execute(figures).fetchall()}
    assert [after[row["saleor_order"]] for row in before] == before
    assert len(after) == len(before) + 2
    assert live.complaints() == []
