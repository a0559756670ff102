"""A real nginx before this Saleor: the shop's own command follows its log, and is killed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.follower import COMMAND, of_a_shop
from tests.front import ABSENT, Front
from tests.reader_kills import Reading
from tests.saleor.live import Live

pytest_plugins = ("tests.saleor.fixtures_live",)


@pytest.mark.promise("P-DATA-LOG")
@pytest.mark.skipif(bool(ABSENT), reason=ABSENT)
def test_killed_while_nginx_before_a_shop_rotates_the_reader_takes_each_line_once(
    live: Live, tmp_path: Path
) -> None:
    with Front(tmp_path, live.shop.port).running() as front:
        reader = of_a_shop(front.log, live.shop)
        reading = Reading(front, reader, live.shop.database_url, random.Random(7))
        reading.run(1)
        assert (reading.kills, front.rotations) == (1, 2)
    live.commands.run(COMMAND, str(front.log), "--once")
    assert reading.faults() == []
    assert reading.taken() > 50
