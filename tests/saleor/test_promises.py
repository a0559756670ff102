"""Promises of the description in a real Saleor: held, or broken and refused or told of.

What other modules of this folder show is marked there. One shop for all; each test is undone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.config import Config
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.purposes import Purpose
from tests.authorisation import codes
from tests.saleor import rows
from tests.saleor.reading import change
from tests.saleor.staff import group, token_of
from tests.saleor.test_matrix import send
from tests.saleor.test_rectification import take
from tests.uses import NAMES, QUERY, uses

pytest_plugins = ("tests.saleor.fixtures_inside",)

LINES = "{ siteLines(first: 9, purpose: %s%s) { edges { node { path address } } } }"
SEARCH = '{ customers(first: 9, filter: {search: "%s"}) { totalCount } }'
#: Who has signed, by the one permission that they have.
PEOPLE = {
    "staff": "jokkerit_view_register",
    "manager": "jokkerit_manage_register",
    "maintainer": "jokkerit_view_site_log",
    "controller": "jokkerit_manage_privacy",
}
ACTIVE = Config(active=True)


@dataclass(frozen=True)
class House:
    """A shop with one order, which the register has taken in, and people with their tokens."""

    order: Any
    actors: dict[str, Actor]
    tokens: dict[str, str]

    def ask(self, query: str, who: str = "staff") -> dict[str, Any]:
        """The whole answer of the register's GraphQL to a token of Saleor's."""
        return dict(json.loads(send(self.tokens[who], "graphql/", query).content))


def placed(email: str, country: str = "FI", **fields: Any) -> Any:
    """An order of a guest who lives there."""
    where = {
        "last_name": "Mäkelä", "street_address_1": "Kaskitie 1", "city": "JUVA",
        "postal_code": "51900", "phone": "+358401234567", "country": country,
    }  # fmt: skip
    made = rows.order(
        user_email=email, billing_address=rows.address(**where),
        shipping_address=rows.address(**where), **fields,
    )  # fmt: skip
    rows.line(made, "10", "12.55")
    return made


@contextmanager
def undone() -> Iterator[None]:
    from django.db import transaction

    block = transaction.atomic()
    # What must be committed before data leaves may stand in it, as in a test case of Django's.
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def shop(saleor_process: None) -> Iterator[House]:
    from tests.people import sign

    with mock.patch.dict(os.environ, JOKKERIT_KEYS=f"2026:{'ab' * 32}"), undone():
        users = {}
        for name, codename in PEOPLE.items():
            users[name] = rows.user(f"{name}@example.com", is_staff=True)
            users[name].groups.add(group(f"group of {name}", codename))
        actors = {
            name: Actor(f"user:{user.pk}", frozenset({PEOPLE[name]}))
            for name, user in users.items()
        }
        sign(*actors.values())
        order = placed("aino@example.com", status="fulfilled")
        take(("order", order.pk))
        yield House(order, actors, {name: token_of(user) for name, user in users.items()})


@pytest.fixture
def house(shop: House) -> Iterator[House]:
    with undone():
        yield shop


def log() -> list[tuple[str, ...]]:
    from jokkerit_plugin.models import AccessEntry

    return list(AccessEntry.objects.order_by("seq").values_list("purpose", "outcome", "reason"))


def told(words: str) -> list[str]:
    """What the Dashboard's status says in these words."""
    from jokkerit_plugin.overview import overview

    return [one for one in overview().problems if words in one]


@pytest.mark.promise("P-ACCESS-STAFF")
@pytest.mark.parametrize("purpose", uses(breaks=False))
def test_staff_use_the_data_for_it_and_the_log_says_so(house: House, purpose: str) -> None:
    answer = house.ask(QUERY % purpose)

    assert "errors" not in answer, answer
    shown = json.dumps(answer, ensure_ascii=False)
    assert [one for one in NAMES if one not in shown] == []
    assert log() == [(Purpose[purpose], "granted", "")]


@pytest.mark.parametrize("purpose", uses(breaks=True))
def test_who_is_there_for_something_else_is_refused_and_the_log_says_so(
    house: House, purpose: str
) -> None:
    answer = house.ask(QUERY % purpose, "maintainer")

    assert answer["data"] == {"purchases": None}
    assert codes(answer) == {"PURPOSE_REFUSED"}
    assert log() == [(Purpose[purpose], "refused", "PURPOSE_REFUSED")]


@pytest.mark.promise("P-LAWFUL", breaks=True)
def test_a_use_without_a_ground_in_law_is_none(house: House) -> None:
    for who in ("staff", "controller"):
        answer = send(house.tokens[who], "graphql/", QUERY % "PROFILING")
        assert (answer.status_code, "data" in json.loads(answer.content)) == (400, False)
    assert log() == []


@pytest.mark.promise("P-ACCESS-MAINTAINERS")
@pytest.mark.promise("P-ACCESS-MAINTAINERS", breaks=True)
def test_a_maintainer_sees_customers_by_a_grant_alone_and_while_it_lasts(house: House) -> None:
    from jokkerit_plugin.access import grants

    who, controller = house.actors["maintainer"].key, house.actors["controller"]

    assert codes(house.ask(QUERY % "ERROR_FIXING", "maintainer")) == {"PURPOSE_REFUSED"}
    until = clock.now() + timedelta(hours=1)
    grant = grants.give(who, reason="ticket 12", until=until, actor=controller)
    assert "Mäkelä" in json.dumps(
        house.ask(QUERY % "ERROR_FIXING", "maintainer"), ensure_ascii=False
    )
    grants.end(grant.pk, actor=controller)
    assert codes(house.ask(QUERY % "ERROR_FIXING", "maintainer")) == {"PURPOSE_REFUSED"}
    assert [outcome for _, outcome, _ in log()] == ["refused", "granted", "refused"]


@pytest.mark.promise("P-DATA-LOG", "P-LOG-PURPOSES")
@pytest.mark.promise("P-LOG-PURPOSES", breaks=True)
def test_a_line_of_the_log_is_held_and_its_address_seen_for_security_alone(house: House) -> None:
    from jokkerit_plugin.sitelog import store

    at = f"{clock.now():%d/%b/%Y:%H:%M:%S} +0000"
    line = f'203.0.113.9 - - [{at}] "GET /fi/ HTTP/1.1" 500 5 "-" "Firefox"'
    assert store.take_raw([line.encode()], config=ACTIVE) == {"taken": 1}

    def seen(purpose: str, who: str = "maintainer", asks: str = "") -> tuple[Any, set[str]]:
        answer = house.ask(LINES % (purpose, asks), who)
        found = answer["data"]["siteLines"]
        return found and [edge["node"] for edge in found["edges"]], codes(answer)

    assert seen("SECURITY") == ([{"path": "/fi/", "address": "203.0.113.9"}], set())
    refused = {"PURPOSE_REFUSED"}
    assert seen("ERROR_FIXING") == ([{"path": "/fi/", "address": None}], refused)
    by_address = ', filter: {address: "203.0.113.9"}'
    assert seen("ERROR_FIXING", asks=by_address) == (None, refused)
    assert seen("MARKETING", "controller") == (None, refused)
    assert seen("SECURITY", "staff") == (None, refused)


@pytest.mark.promise("P-DATA-LOG", breaks=True)
def test_a_log_that_is_not_understood_is_an_alarm(house: House) -> None:
    from jokkerit_plugin.sitelog import status, store

    store.take_raw([b"1.2.3.4 aino@example.com"] * status.MANY, config=ACTIVE)

    (said,) = told("site log were not understood")
    assert "aino" not in said


@pytest.mark.promise("P-RELEVANT", "P-NOTHING-ELSE", breaks=True)
def test_what_the_shop_collects_beyond_the_description_is_counted_and_not_taken_in(
    house: House,
) -> None:
    from django.apps import apps

    from jokkerit_plugin.overview import overview

    change(house.order, customer_note="hushhush", metadata={"hushhush": "hushhush"})
    take(("order", house.order.pk))

    counted = overview(counts=True).collected_outside
    assert counted == {"order.customer_note": 1, "order.metadata": 1}
    ours = str([
        row
        for model in apps.get_app_config("jokkerit_plugin").get_models()
        for row in model._default_manager.values()
    ])  # fmt: skip
    assert "Kaskitie 1" in ours
    assert "hushhush" not in ours


@pytest.mark.promise("P-GROUND-ORDER", breaks=True)
def test_who_has_not_ordered_is_not_taken_in_whatever_is_told_of_them(house: House) -> None:
    from jokkerit_plugin.models import Customer, KnownIdentifier, PostalAddress, Purchase

    email = "never@example.com"
    never = rows.user(email, first_name="Ei", last_name="Ostanut")
    home = rows.address(street_address_1="Ranta 2", city="JUVA")
    never.addresses.add(home)
    draft = rows.order(user=never, user_email=email, status="draft", billing_address=home)
    basket = rows.checkout(user=never, email=email, billing_address=home)

    take(("customer", never.pk), ("address", home.pk), ("order", draft.pk), ("checkout", basket.pk))

    assert not Customer.objects.filter(saleor_user=never.pk).exists()
    assert not Purchase.objects.filter(saleor_order=draft.pk).exists()
    assert not PostalAddress.objects.filter(street_1="Ranta 2").exists()
    assert not KnownIdentifier.objects.filter(value=email).exists()
    for text, expected in ((email, 0), ("aino@example.com", 1)):
        assert house.ask(SEARCH % text)["data"]["customers"] == {"totalCount": expected}


@pytest.mark.promise("P-EU")
@pytest.mark.promise("P-EU", breaks=True)
def test_beyond_the_union_goes_only_the_data_of_who_lives_there(house: House) -> None:
    from django.db import transaction

    from jokkerit_plugin.disclosure import ledger
    from jokkerit_plugin.disclosure.terms import DisclosureRefused
    from jokkerit_plugin.models import Disclosure, Purchase
    from tests.people import firm

    abroad, kari = firm(country="US"), placed("kari@example.com", "NO")
    take(("order", kari.pk))

    def give(order: Any) -> None:
        with ledger.refusals_logged(), transaction.atomic():
            ledger.record(
                recipient=abroad, purpose=Purpose.BOOKKEEPING,
                subjects=[Purchase.objects.get(saleor_order=order.pk).customer_id],
                categories=frozenset({Category.PURCHASE}), actor=house.actors["manager"],
            )  # fmt: skip

    with pytest.raises(DisclosureRefused, match="this transfer"):
        give(house.order)
    give(kari)
    given = Disclosure.objects.order_by("seq").values_list("outcome", "ground", "reason")
    assert list(given) == [
        ("refused", "", "NO_TRANSFER_GROUND"), ("done", "customer_located_outside", ""),
    ]  # fmt: skip


@pytest.mark.promise("P-RECTIFY-NOTICED")
@pytest.mark.promise("P-RECTIFY-NOTICED", breaks=True)
def test_an_error_that_is_noticed_is_an_alarm_by_its_age_and_over_when_the_shop_has_it_right(
    house: House,
) -> None:
    from jokkerit_plugin.models import CorrectionTask, Customer
    from jokkerit_plugin.rights import signs

    def noticed(postal_code: str) -> Any:
        for place in (house.order.billing_address, house.order.shipping_address):
            change(place, postal_code=postal_code)
        take(("order", house.order.pk))
        signs.look(Customer.objects.all())
        return CorrectionTask.objects.get()

    task = noticed("519")
    assert (task.field, task.sign, task.outcome) == ("address", "check", "")
    assert told("not seen to") == []
    CorrectionTask.objects.update(opened_at=clock.now() - timedelta(days=15))
    (said,) = told("not seen to")
    assert f"tasks {task.pk}." in said

    assert noticed("51900").outcome == "corrected"
    assert told("not seen to") == []
