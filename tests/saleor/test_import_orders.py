"""The five permissions are in Saleor's schema in every kind of process, whatever is imported first.

Each order is a process of its own; none of them touches a database.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from dev.checkouts import python_environment
from dev.paths import QUICK
from dev.shop import rsa_key
from dev.stem import libraries, started
from tests.saleor.live import this_saleor

#: Nothing of Saleor's or ours is imported yet.
FRESH = """
import sys
assert not {"saleor", "jokkerit_plugin"} & set(sys.modules)
"""
SETUP = "import django; django.setup()"
#: What happens before our models are imported.
EARLY = """
from jokkerit_plugin.apps import JokkeritConfig
whole = JokkeritConfig.import_models
def late(self):
    import {module}
    whole(self)
JokkeritConfig.import_models = late
import django; django.setup()
"""
ORDERS = {
    "uvicorn": "import saleor.asgi",
    "worker": "from saleor.celeryconf import app; app.loader.import_default_modules()",
    "command": SETUP,
    "enums first": EARLY.format(module="saleor.graphql.core.enums"),
}
TOLD = """
import json
from jokkerit_plugin.saleor_bridge import permissions
from saleor.graphql.api import schema
from saleor.graphql.core.enums import PermissionEnum
from saleor.permission.enums import get_permissions_enum_list
values = [value.name for value in schema.get_type("PermissionEnum").values]
print(json.dumps({
    "known": permissions.known(),
    "schema": [name for name in values if name.startswith("JOKKERIT")],
    "saleor": len(values) == len(get_permissions_enum_list()),
    "value": [PermissionEnum.get(value).name for value in permissions.MEMBERS.values()]
        if permissions.known() else [],
}))
"""


def told_by(program: str, folder: Path) -> Any:
    shop = this_saleor()
    environment = {
        **python_environment(),
        "PYTHONPATH": str(QUICK),
        "CACHE_URL": "locmem://",
        "CELERY_BROKER_URL": "",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "DEBUG": "False",
        "DJANGO_SETTINGS_MODULE": "saleor.settings",
        "PUBLIC_URL": "http://localhost/",
        "RSA_PRIVATE_KEY": rsa_key(shop.python),
        "SECRET_KEY": "only-for-this-run",
        "ALLOWED_CLIENT_HOSTS": "localhost",
        "SEND_USAGE_TELEMETRY": "False",
    }
    told, said = folder / "told.json", folder / "said.log"
    with Path(os.devnull).open("rb") as nothing, told.open("wb") as out, said.open("wb") as log:
        started(
            [sys.executable, "-c", FRESH + program + TOLD],
            [nothing.fileno(), out.fileno(), log.fileno()],
            env=environment,
            cwd=folder,
            # The libraries alone are imported there.
            stem=libraries(Path(sys.executable)),
        ).wait(120)
    assert told.read_text(), said.read_text()[-3000:]
    return json.loads(told.read_text().splitlines()[-1])


@pytest.mark.parametrize("order", ORDERS)
def test_in_every_order_the_schema_has_them(order: str, tmp_path: Path) -> None:
    told = told_by(ORDERS[order], tmp_path)

    assert told["known"]
    assert len(told["schema"]) == 5
    assert told["saleor"]
    assert told["value"] == told["schema"]


def test_after_the_schema_it_is_too_late_and_the_shop_starts_all_the_same(tmp_path: Path) -> None:
    told = told_by(EARLY.format(module="saleor.graphql.api"), tmp_path)

    assert not told["known"]
    assert told["schema"] == []
