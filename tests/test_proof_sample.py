"""Whose erasure is proved of a night: all who asked, and some others, drawn from a stream."""

import random
from collections.abc import Iterable

import pytest

from jokkerit_plugin import clock, keys
from jokkerit_plugin.access.chain import as_multirange
from jokkerit_plugin.models import Plan, PlanBatch, ProofTicket, Request
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.retention.proof import tickets
from tests.kept import Bought, Person, insert

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv(keys.VARIABLE, "2026:" + "ab" * 32)
    monkeypatch.setattr(tickets, "SAMPLE", 2)


@pytest.fixture
def people() -> list[tuple[int, int]]:
    """Seven customers and the purchase of each."""
    found = (insert(Person((Bought(),))) for _ in range(7))
    return [(customer, purchase) for customer, [purchase] in found]


def planned(*batches: tuple[Part, Iterable[int]]) -> Plan:
    """A plan of these batches."""
    plan = Plan.objects.create(day=clock.today(), state=Plan.State.LEFT, settings="x")
    upto = 0
    for number, (part, ids) in enumerate(batches, 1):
        upto += len(some := list(ids))
        PlanBatch.objects.create(
            plan=plan, number=number, part=part, subjects=as_multirange(some), upto=upto
        )
    return plan


def asks(customer: int, state: str = "accepted") -> None:
    decided = {"decided_at": clock.now(), "decided_by": "user:1"} if state == "accepted" else {}
    Request.objects.create(
        customer=customer, origin="staff", state=state, opened_at=clock.now(),
        due_on=clock.today(), **decided,
    )  # fmt: skip


def dice(monkeypatch, *rolls: float) -> None:
    """Let the dice fall so; the smallest are chosen."""
    thrown = iter(rolls)
    monkeypatch.setattr(random.SystemRandom, "random", lambda _self: next(thrown))


def sampled(name: str = "customer", origin: str = "sample") -> list[int]:
    rows = ProofTicket.objects.filter(origin=origin).exclude(**{name: None})
    return sorted(rows.values_list(name, flat=True))


def test_the_sample_is_drawn_from_every_batch(people, monkeypatch):
    customers = [customer for customer, _ in people]
    plan = planned((Part.CONTACT, customers[:3]), (Part.CONTACT, customers[3:]))
    dice(monkeypatch, 0.9, 0.1, 0.8, 0.7, 0.6, 0.5, 0.2)

    tickets.take_sample(plan, limit=100)

    assert sampled() == [customers[1], customers[6]]


def test_all_who_asked_are_proved_beside_the_sample(people, monkeypatch):
    customers = [customer for customer, _ in people]
    for customer in customers[:3]:
        asks(customer)
    asks(customers[3], "open")
    plan = planned((Part.CONTACT, customers))
    dice(monkeypatch, 0.1, 0.2, 0.3, 0.4)

    tickets.take_sample(plan, limit=100)

    assert sampled(origin="request") == customers[:3]
    assert sampled() == customers[3:5]


def test_of_purchases_those_whose_buyers_identity_goes(people, monkeypatch):
    purchases = [purchase for _, purchase in people]
    plan = planned((Part.DETAIL, purchases[:4]), (Part.IDENTITY, purchases[4:]))
    dice(monkeypatch, 0.3, 0.2, 0.1)

    tickets.take_sample(plan, limit=100)

    assert sampled("purchase") == purchases[5:]
    assert sampled() == []


def test_only_of_what_is_erased_tonight(people):
    customers = [customer for customer, _ in people]
    asks(customers[6])
    plan = planned((Part.CONTACT, customers[:2]), (Part.CONTACT, customers[2:]))

    tickets.take_sample(plan, limit=6)

    assert sampled() == customers[:2]
    assert sampled(origin="request") == []


def test_a_plan_of_few_is_proved_whole(people):
    [(customer, purchase), *_] = people
    tickets.take_sample(planned((Part.CONTACT, [customer]), (Part.IDENTITY, [purchase])), limit=100)
    assert (sampled(), sampled("purchase")) == ([customer], [purchase])
