"""A real nginx, its log rotated and the reader killed: the lines taken equal the lines written."""

import random

import pytest

from tests.front import NGINX, Front
from tests.logs import by_day
from tests.reader_kills import Reading

__all__ = ["by_day"]


@pytest.mark.promise("P-DATA-LOG")
@pytest.mark.skipif(not NGINX, reason="there is no nginx: apt-get install nginx-light wrk")
@pytest.mark.usefixtures("by_day", "shop")
def test_killed_while_nginx_rotates_its_log_the_reader_takes_each_line_once(tmp_path):
    with Front(tmp_path).running() as front:
        reading = Reading(front, random.Random(7))
        reading.run(5)
        assert reading.kills == 5
        assert front.rotations >= 6
    assert reading.faults() == []
    assert reading.total() > 100
