"""The shop's own doors: an alarm for everybody there without an agreement in force."""

import pytest
from django.test import RequestFactory

from jokkerit_plugin.access import agreements
from jokkerit_plugin.access.actor import NOBODY, Actor
from jokkerit_plugin.access.doors import without_agreement
from jokkerit_plugin.overview import overview
from jokkerit_plugin.policy.permissions import Permission
from jokkerit_plugin.register import status
from jokkerit_plugin.shop.people import Caller, Door

pytestmark = pytest.mark.django_db

CONTROLLER = Actor("user:1", frozenset({Permission.MANAGE_PRIVACY}))
CLERK = Actor("user:2", frozenset({Permission.VIEW_REGISTER}))


def publish() -> int:
    return agreements.publish(fi="Hys", sv="Tyst", en="Hush", valid_days=9, actor=CONTROLLER).pk


def unsigned() -> list[str]:
    return [door.key for door in without_agreement()]


@pytest.mark.promise("P-AGREEMENT", breaks=True)
def test_everybody_at_a_door_is_an_alarm_until_they_signed(shop):
    assert overview().without_agreement == ()
    shop.port.open_doors = [
        Door("user:1", superuser=True, through=("manage_users",)),
        Door("user:2", superuser=False, through=("manage_orders",)),
        Door("app:3", superuser=False, through=("webhook order_created",)),
    ]
    assert unsigned() == ["user:1", "user:2", "app:3"]
    version = publish()
    agreements.sign(CLERK, version=version, language="sv")
    agreements.record("app:3", version=version, language="fi", actor=CONTROLLER)
    found = overview()
    assert found.without_agreement == ("user:1",)
    assert not found.healthy
    assert "without a confidentiality agreement (1): user:1." in "".join(found.problems)
    agreements.sign(CONTROLLER, version=version, language="fi")
    assert unsigned() == []
    publish()
    assert unsigned() == ["user:1", "user:2", "app:3"]


def test_who_signed_is_asked_in_one_query(shop, django_assert_num_queries):
    version = publish()
    agreements.sign(CLERK, version=version, language="en")
    keys = [f"user:{number}" for number in range(500)]
    with django_assert_num_queries(1):
        assert agreements.signed(keys) == {"user:2"}


def test_many_keys_are_shortened():
    keys = [f"user:{number}" for number in range(12)]
    assert status.shortened(keys[:2]) == "user:0, user:1"
    assert status.shortened(keys, limit=2) == "user:0, user:1 and 10 more"


@pytest.mark.parametrize(
    ("header", "key"),
    [("Bearer t", "user:2"), ("JWT t", "user:2"), ("Basic t", "nobody"), ("t", "nobody")],
)
def test_the_stand_in_knows_its_callers_by_the_authorization_header(shop, header, key):
    shop.port.tokens["t"] = Caller("user:2", frozenset({Permission.VIEW_REGISTER}), "fi")
    request = RequestFactory().get("/?token=t", headers={"Authorization": header})
    actor = Actor.of(shop.port.actor(request))
    assert actor.key == key
    assert (actor == NOBODY) == (key == "nobody")
