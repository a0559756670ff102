"""A shop that sends its mail to a postbox here; keys, copied ledger and files are its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dev.paths import QUICK, ROOT
from dev.processes import scratch
from dev.servers import Servers
from dev.shop import Shop
from tests.saleor.live import Live, logs_of, this_saleor
from tests.saleor.postbox import Postbox, open_postbox

KEYS = "2026:" + "7c" * 32
HOME = "/plugins/jokkerit.register/"


@dataclass
class Posted:
    """The shop, and what it posted."""

    live: Live
    box: Postbox

    @property
    def home(self) -> str:
        """Where the plugin answers."""
        return f"{self.live.shop.url}{HOME}"


@contextmanager
def posted_shop(running: Servers) -> Iterator[Posted]:
    """One in which nobody has set up anything but the controller's name."""
    saleor = this_saleor()
    with open_postbox() as box:
        environment = {
            "DJANGO_SETTINGS_MODULE": "tests.saleor.media_settings",
            "EMAIL_URL": f"smtp://127.0.0.1:{box.port}",
            "JOKKERIT_KEYS": KEYS,
            "JOKKERIT_LEDGER_DIR": str(scratch("jkledger-")),
            "MEDIA_ROOT": str(scratch("jkmedia-")),
            "PYTHONPATH": f"{ROOT}{os.pathsep}{QUICK}",
        }
        logs = logs_of(saleor, "posted")
        with Shop(saleor, running, environment=environment, logs=logs, stem=True) as shop:
            live = Live(shop)
            live.commands.start()
            shop.start()
            live.commands.run("migrate", "jokkerit_plugin")
            live.configure(controller_name="Jokkerit Trading Oy")
            yield Posted(live, box)
            live.kill()
