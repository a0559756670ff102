"""A round of each kind of `make chaos`."""

from __future__ import annotations

import random

import pytest

from dev.chaos import Chaos
from dev.chaos_report import told
from tests.saleor.rough import Rough

pytest_plugins = ("tests.saleor.fixtures_live",)


@pytest.mark.promise("P-PURPOSE-ORDERS", "P-PURPOSE-REGISTER")
def test_killed_processes_cost_the_register_nothing(rough: Rough) -> None:
    chaos = Chaos(rough.live, rough.servers, random.Random(7))
    rounds = list(chaos.strikes())

    report = chaos.play(rounds)

    assert report.rounds.total() == len(rounds)
    # Whose PostgreSQL is not ours cannot have it killed.
    assert rough.servers.postgres is None or "database crashed" in rounds
    assert report.placed > len(rounds)
    assert report.struck == 1
    assert report.faults == [], told(report)
    # Whoever comes after asks for the tasks that they need; beat's would go on till the run's end.
    rough.live.shop.beat.kill()
