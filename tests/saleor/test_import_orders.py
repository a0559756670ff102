"""The five permissions are in Saleor's schema in every kind of process, whatever is imported first.

Each order is a process of its own; none of them touches a database.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from dev.checkouts import python_environment
from dev.paths import QUICK
from dev.shop import rsa_key
from tests.saleor.live import this_saleor

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


def told_by(program: str) -> Any:
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
    argv = [sys.executable, "-c", program + TOLD]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("order", ORDERS)
def test_in_every_order_the_schema_has_them(order: str) -> None:
    told = told_by(ORDERS[order])

    assert told["known"]
    assert len(told["schema"]) == 5
    assert told["saleor"]
    assert told["value"] == told["schema"]


def test_after_the_schema_it_is_too_late_and_the_shop_starts_all_the_same() -> None:
    told = told_by(EARLY.format(module="saleor.graphql.api"))

    assert not told["known"]
    assert told["schema"] == []
