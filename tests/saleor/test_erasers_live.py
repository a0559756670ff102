"""A shop of real processes sells while a batch of its orders and accounts is being erased."""

from __future__ import annotations

import json
import threading
import time

from demo.client import Answer
from demo.load import COMPLETE
from tests.saleor.live import Live, until

pytest_plugins = ("tests.saleor.fixtures_live",)

#: Run inside Saleor: erases, and ends only when it is told to.
BATCH = """
import json, pathlib, time
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
        (folder / "half").write_text(json.dumps({**done, "refusal": it.refusal()}))
        (folder / "half").rename(folder / "held")
        while not (folder / "go").exists():
            time.sleep(0.05)
        # Other tests of this run need the shop's orders as they are.
        transaction.set_rollback(True)
"""


def test_customers_buy_while_a_batch_is_open(live: Live) -> None:
    folder = live.shop.logs / f"batch-{time.time_ns()}"
    folder.mkdir(parents=True)
    baskets = [
        live.stage.fill("sverige", live.stage.person("sverige"), {"JR-PAITA": 1}) for _ in range(2)
    ]
    code = BATCH.replace("FOLDER", repr(str(folder)))
    batch = threading.Thread(target=live.commands.run, args=("shell", "-c", code))
    batch.start()
    answers: list[Answer] = []
    try:
        until((folder / "held").exists, lambda: "the batch does not begin")
        # They would wait for ever: the batch ends only after the answers.
        answers = [live.stage.guest.post(COMPLETE, {"id": basket.id}) for basket in baskets]
    finally:
        (folder / "go").write_text("")
        batch.join()
    held = json.loads((folder / "held").read_text())
    assert held["order_detail"] > 0
    assert held["refusal"] == ""
    for answer in answers:
        assert answer.errors() == []
        assert answer.body
        assert answer.body["data"]["checkoutComplete"]["order"]["number"]
    assert live.complaints() == []
