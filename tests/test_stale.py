"""Orders that never got done, and who lets them go."""

from datetime import date, datetime
from uuid import uuid4

import pytest
from django.db import connection

from jokkerit_plugin import clock
from jokkerit_plugin.access.chain import as_multirange
from jokkerit_plugin.access.controllers import ControllersOnly
from jokkerit_plugin.config import Config
from jokkerit_plugin.models import LetGo, Owed, Plan, PlanBatch, Purchase
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.retention import left, stale, status
from jokkerit_plugin.retention.stale import StaleError
from jokkerit_plugin.shop import erasers
from jokkerit_plugin.shop.erasers import Draft
from tests.forgetting import FakeEraser
from tests.kept import Bought, Person, at, due, insert
from tests.people import CONTROLLER, STAFF, sign

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 28)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    noon = datetime(2026, 11, 28, 12, tzinfo=clock.HELSINKI)
    monkeypatch.setattr(clock, "now", lambda: noon)


def test_the_status_sends_the_controller_to_the_list_and_names_old_drafts():
    insert(Person((Bought(placed=date(2020, 1, 1), status="unconfirmed"),)))
    fake = FakeEraser()
    fake.old_drafts = [Draft("key", "17", at(date(2025, 11, 27))), Draft("new", "18", at(TODAY))]
    erasers.install(fake)
    try:
        said = " ".join(status.problems(Config(active=True)))
    finally:
        erasers.install(None)
    assert "1 orders were not done within twelve months" in said
    assert "older than twelve months (1): finish or delete them there: 17." in said


@pytest.mark.parametrize(
    ("bought", "listed"),
    [
        (Bought(placed=date(2025, 11, 27), status="unfulfilled", paid=date(2025, 11, 27)), True),
        # Twelve months to the day are not over twelve months.
        (Bought(placed=date(2025, 11, 28), status="unfulfilled", paid=date(2025, 11, 28)), False),
        (Bought(placed=date(2020, 1, 1), status="unconfirmed"), True),
        (Bought(placed=date(2020, 1, 1), status="fulfilled"), True),
        (Bought(placed=date(2020, 1, 1), status="fulfilled", paid=date(2020, 1, 1)), False),
        (Bought(placed=date(2020, 1, 1), status="fulfilled", gross=0), False),
        (Bought(placed=date(2020, 1, 1), status="canceled"), False),
        (Bought(placed=date(2020, 1, 1), status="unfulfilled", cancelled=date(2020, 2, 1)), False),
        (Bought(placed=date(2020, 1, 1), status="unfulfilled", is_test=True), False),
        (Bought(placed=date(2020, 1, 1), status="fulfilled", ended="written_off"), False),
        (Bought(placed=date(2020, 1, 1), status="unfulfilled", let_go=True), False),
    ],
)
def test_what_stands_in_the_list(bought, listed):
    _, [purchase] = insert(Person((bought,)))

    found = stale.stale_orders(TODAY)

    assert [one.purchase for one in found] == ([purchase] if listed else [])
    assert stale.count(TODAY) == len(found)


def test_they_are_found_by_an_index_among_many_that_are_done():
    old = date(2020, 1, 1)
    done = Bought(placed=old, status="fulfilled", paid=old)
    _, [purchase, *_] = insert(Person((Bought(placed=old), done)))
    names = ", ".join(
        one.column for one in Purchase._meta.concrete_fields
        if one.column not in {"id", "saleor_order"}
    )  # fmt: skip
    plans = []

    def explain(execute, sql, params, many, context):
        execute(f"EXPLAIN {sql}", params, many, context)
        plans.append("".join(line for (line,) in context["cursor"].fetchall()))
        return execute(sql, params, many, context)

    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO jokkerit_plugin_purchase (saleor_order, {names}) SELECT"
            f" gen_random_uuid(), {names} FROM jokkerit_plugin_purchase, generate_series(1, 3000)"
            " WHERE id <> %s",
            [purchase],
        )
        cursor.execute("ANALYZE jokkerit_plugin_purchase")
    with connection.execute_wrapper(explain):
        assert stale.count(TODAY) == 1
    assert "jokkerit_purchase_open" in plans[0]


def test_the_list_says_what_is_missing_and_goes_on_from_a_key():
    old = date(2020, 1, 1)
    _, keys = insert(
        Person((Bought(placed=old), Bought(placed=old, status="unfulfilled", paid=old)))
    )

    found = stale.stale_orders(TODAY)

    assert [(one.status, one.is_unpaid) for one in found] == [
        ("fulfilled", True), ("unfulfilled", False),
    ]  # fmt: skip
    assert stale.stale_orders(TODAY, after=keys[0]) == found[1:]
    assert stale.stale_orders(TODAY, limit=1) == found[:1]


def test_an_order_that_was_let_go_keeps_nobody(shop):
    sign(CONTROLLER)
    old = date(2014, 1, 1)
    customer, [purchase] = insert(Person((Bought(placed=old, status="unfulfilled"),), email=""))
    config = Config(active=True)
    assert not due(Part.CONTACT, TODAY, config)

    stale.let_go(purchase, actor=CONTROLLER)

    assert list(due(Part.CONTACT, TODAY, config)) == [customer]
    assert list(due(Part.FIGURES, TODAY, config)) == [purchase]
    assert stale.let_go(purchase, actor=CONTROLLER).by == CONTROLLER.key
    assert LetGo.objects.count() == 1


def test_only_the_controller_lets_go_and_only_what_is_stale():
    sign(CONTROLLER, STAFF)
    _, [young, old] = insert(
        Person((
            Bought(placed=date(2026, 10, 1), status="unfulfilled"),
            Bought(placed=date(2014, 1, 1), status="unfulfilled"),
        ))
    )  # fmt: skip
    with pytest.raises(ControllersOnly):
        stale.let_go(old, actor=STAFF)
    with pytest.raises(StaleError):
        stale.let_go(young, actor=CONTROLLER)
    assert not LetGo.objects.exists()


def test_an_order_that_only_the_shop_has_as_open_is_named_and_may_be_let_go(shop):
    sign(CONTROLLER)
    old = date(2014, 1, 1)
    _, [open_there, done, young] = insert(
        Person((Bought(placed=old, paid=old), Bought(placed=old, paid=old), Bought(placed=TODAY)))
    )
    order = Purchase.objects.get(pk=open_there)
    fake = FakeEraser()
    fake.open_orders = {str(key) for key in Purchase.objects.exclude(pk=done).values_list(
        "saleor_order", flat=True)}  # fmt: skip
    plan = Plan.objects.create(
        day=TODAY, settings="x", state="done", night=TODAY, approved_at=clock.now(),
        approved_by="user:1",
    )  # fmt: skip
    PlanBatch.objects.create(
        plan=plan, number=1, part="detail", subjects=as_multirange([open_there, done]), upto=2,
        left_over=2,
    )  # fmt: skip
    erasers.install(fake)
    try:
        assert left.orders(limit=9) == [order.number]
        assert "not paid or not delivered" in " ".join(status.problems(Config(active=True)))
        for other in (done, young):
            with pytest.raises(StaleError):
                stale.let_go(other, actor=CONTROLLER)
        assert stale.let_go(open_there, actor=CONTROLLER).by == CONTROLLER.key
    finally:
        erasers.install(None)


def test_what_was_left_open_is_counted_to_its_end(shop):
    old = date(2014, 1, 1)
    _, purchases = insert(Person(tuple(Bought(placed=old, paid=old) for _ in range(6))))
    Purchase.objects.filter(pk__in=purchases[:4]).update(detail_erased_at=clock.now())
    order = {one.pk: str(one.saleor_order) for one in Purchase.objects.all()}
    Purchase.objects.filter(pk=purchases[5]).update(number="6")
    fake = FakeEraser()
    gone = str(uuid4())
    fake.open_orders = {*order.values(), gone}
    plan = Plan.objects.create(
        day=TODAY, settings="x", state="done", night=TODAY, approved_at=clock.now(),
        approved_by="user:1",
    )  # fmt: skip
    for number, subjects in enumerate((purchases[:5], purchases[5:]), 1):
        PlanBatch.objects.create(
            plan=plan, number=number, part="detail", subjects=as_multirange(subjects), upto=6,
            left_over=1,
        )  # fmt: skip
    PlanBatch.objects.create(
        plan=plan,
        number=3,
        part="order_detail",
        subjects="{}",
        keys=[gone, str(uuid4())],
        upto=8,
        left_over=1,
    )
    Owed.objects.create(what="order_detail", key=gone, since=clock.now())
    erasers.install(fake)
    try:
        assert left.orders(limit=4) == sorted(["1", "6", gone])
        assert len(left.orders(limit=2)) == 2
    finally:
        erasers.install(None)
