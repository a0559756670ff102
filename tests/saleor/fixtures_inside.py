"""Saleor in this very process, on a populated database; every test is rolled back.

For what real processes show too coarsely: single hooks, settings, documents. Import Saleor's
modules inside functions: its settings exist only once the fixture has run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from unittest import mock

import pytest

from dev.databases import drop_database, fresh_database, server_url
from dev.servers import Servers
from dev.shop import rsa_key
from tests.saleor.live import this_saleor


@pytest.fixture(scope="session")
def saleor_process(own_servers: Servers) -> Iterator[None]:
    """Django set up as Saleor with the plugin; no broker, so that tasks run at once."""
    shop = this_saleor()
    url = fresh_database(shop, server=server_url(own_servers.database_url))
    environment = {
        "ALLOWED_CLIENT_HOSTS": "localhost",
        "ALLOWED_HOSTS": "*",
        "CACHE_URL": "locmem://",
        "CELERY_BROKER_URL": "",
        "DATABASE_URL": url,
        "DEBUG": "False",
        "DJANGO_SETTINGS_MODULE": "saleor.settings",
        "EMAIL_URL": "dummymail://",
        "PUBLIC_URL": "http://localhost/",
        "RSA_PRIVATE_KEY": rsa_key(shop.python),
        "SECRET_KEY": "only-for-this-run",
        "SEND_USAGE_TELEMETRY": "False",
    }
    # The variables are taken back, lest they lead a live shop of this run to this database.
    with mock.patch.dict(os.environ, environment):
        import django

        django.setup()
        _ready()
    yield
    from django.db import connections
    from django.test.utils import teardown_test_environment

    teardown_test_environment()
    connections.close_all()
    drop_database(url)


def _ready() -> None:
    from django.core.management import call_command
    from django.test.utils import setup_test_environment
    from saleor.tests.utils import prepare_test_db_connections

    setup_test_environment()
    call_command("migrate", "jokkerit_plugin", verbosity=0)
    # Saleor's own: reads of the replica see what the test's transaction has not committed.
    prepare_test_db_connections()


@pytest.fixture
def inside(saleor_process: None) -> Iterator[None]:
    """A transaction around the test, rolled back at its end."""
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)
