"""A worker struck in its work leaves whole batches; the full rounds are in `make chaos`."""

import os
import random
from pathlib import Path

import pytest
from django.db import connection

from dev.postgres import with_database
from tests.kills import Kills

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_worker_killed_or_cut_off_leaves_nothing_half_erased(shop, tmp_path: Path):
    url = with_database(os.environ["DATABASE_URL"], connection.settings_dict["NAME"])
    kills = Kills(tmp_path, url, random.Random(4), customers=600)
    plan = kills.prepare(batch=10)
    try:
        kills.run(4, plan, cuts=[kills.cut])
        assert kills.kills == 4
        assert kills.faults(plan) == []
    finally:
        kills.worker.end()
