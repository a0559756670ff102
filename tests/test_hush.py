"""That the run itself listens: a name in a log, a task or a chain fails the test it comes from."""

import logging

import pytest
from celery import shared_task

from jokkerit_plugin.access import rows
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.access.admission import NoPermission
from tests.hush import Hush, named


@pytest.fixture
def hush(request) -> Hush:
    return request.config.pluginmanager.get_plugin("jokkerit-hush")


def heard(hush: Hush) -> list[str]:
    """Return where somebody was named, so that this test does not fail for it."""
    found, hush.found = hush.found, []
    return [one.partition(":")[0] for one in found]


def test_a_name_in_a_message_or_an_exception_is_heard(hush):
    logger = logging.getLogger("jokkerit_plugin.tests")
    logger.error("purchase %s cannot be booked: %s", 7, "KeyError")
    assert heard(hush) == []
    logger.error("%s is away", "aino@example.com")
    logging.getLogger("anybody").error("failed", exc_info=RuntimeError("Aino Mäkelä"))
    assert heard(hush) == ["log of jokkerit_plugin.tests", "log of anybody"]


def test_a_name_in_the_arguments_of_a_task_is_heard(hush):
    @shared_task(name="tests.told")
    def told(_who: str) -> None:
        return

    told.apply(("user:12",))
    assert heard(hush) == []
    told.apply(("Kaskitie 1",))
    assert heard(hush) == ["arguments of tests.told"]


@pytest.mark.django_db
def test_a_name_in_a_link_of_a_chain_is_heard(hush):
    with pytest.raises(NoPermission):
        rows.refuse(Actor("user:12", frozenset()), "of aino", NoPermission("No."))
    assert heard(hush) == ["row of AccessEntry"]


@pytest.mark.parametrize("text", ["MÄKELÄ", "M\\u00e4kel\\u00e4", "x@example.com", "ab" * 32])
def test_a_mark_is_one_in_every_spelling(text):
    assert named(text)


@pytest.mark.parametrize("text", ["user:12", "kotimaaninontelo", "ab" * 20, "shop.example"])
def test_what_names_nobody_is_none(text):
    assert not named(text)
