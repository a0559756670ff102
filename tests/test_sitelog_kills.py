"""A real nginx, its log rotated and the reader killed: the lines taken equal the lines written."""

import random

import pytest
from django.core.management import call_command

from tests.follower import COMMAND, of_the_demo
from tests.front import ABSENT, Front, pages
from tests.logs import by_day, database_url
from tests.reader_kills import Reading

__all__ = ["by_day"]


@pytest.mark.promise("P-DATA-LOG")
@pytest.mark.skipif(bool(ABSENT), reason=ABSENT)
@pytest.mark.usefixtures("by_day", "shop")
def test_killed_while_nginx_rotates_its_log_the_reader_takes_each_line_once(tmp_path):
    with pages() as behind, Front(tmp_path, behind).running() as front:
        url = database_url()
        reading = Reading(front, of_the_demo(front.log, url), url, random.Random(7))
        reading.run(2)
        assert (reading.kills, front.rotations) == (2, 3)
    call_command(COMMAND, str(front.log), "--once")
    assert reading.faults() == []
    assert reading.taken() > 100
