"""The command that follows a log, in a process of its own: to be killed, and started again."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from dev.paths import ROOT
from dev.processes import Process
from dev.shop import Shop

COMMAND = "register_follow_log"


def of_the_demo(log: Path, url: str) -> Process:
    """The command of the register without Saleor; `url`: of its database."""
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "dev.host.settings", "DATABASE_URL": url,
        "JOKKERIT_RECORDED_SHOP": str(_beside(log, "shop.sqlite")),
    }  # fmt: skip
    argv = [sys.executable, "-m", "dev.host", COMMAND, str(log), "--pause", "0", "--skip-checks"]
    return Process("the reader", argv, env=environment, cwd=ROOT, log=_beside(log, "reader.log"))


def of_a_shop(log: Path, shop: Shop) -> Process:
    """The command of a shop's own manage.py."""
    manage = str(shop.checkout.folder / "manage.py")
    argv = [str(shop.python), manage, COMMAND, str(log), "--pause", "0"]
    return Process(
        "the reader", argv, env=shop.environment, cwd=shop.logs, log=_beside(log, "reader.log")
    )


def _beside(log: Path, name: str) -> Path:
    """Return a place that is not among the log's own files."""
    folder = log.parent.parent / "reader"
    folder.mkdir(exist_ok=True)
    return folder / name
