"""Who looked at one customer: exact, newest first, from an index, and over a change of id."""

import pytest
from django.db import connection

from jokkerit_plugin import clock
from jokkerit_plugin.access import guard, restrictions
from jokkerit_plugin.access.looks import _SQL, looks_at
from jokkerit_plugin.models import AccessEntry, Customer, FormerCustomer, Restriction
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.purposes import Purpose
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.policy.roles import Role
from jokkerit_plugin.register import inbox
from tests.people import CONTROLLER, STAFF, sign

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def signed():
    sign(STAFF)


def look(*subjects: int, act: str = "customer") -> None:
    with guard.visit(STAFF, Purpose.SERVICE, act=act, asks=[Category.NAME]) as visit:
        visit.saw(subjects)


def test_a_customer_is_told_when_why_and_by_which_role_and_not_by_whom():
    look(7)
    (found,) = looks_at(7)
    assert (found.role, found.purpose, found.act) == (Role.STAFF, Purpose.SERVICE, "customer")
    assert found.categories == (Category.NAME,)
    assert found.at <= clock.now()
    assert not hasattr(found, "actor")


def test_exactly_the_looks_at_this_customer_newest_first():
    look(*range(1, 5000), act="export")
    look(6, 8, act="around")
    look(7, 9_000_000, act="two")
    look(7, act="one")
    assert [one.act for one in looks_at(7)] == ["one", "two", "export"]
    assert [one.act for one in looks_at(5000)] == []


def test_a_refused_look_showed_nothing():
    Customer.objects.create(pk=7, guest_email="a@example.com")
    restrictions.restrict(7, ground=RestrictionGround.ACCURACY, actor=CONTROLLER)
    with pytest.raises(guard.SubjectRestricted):
        look(7)
    assert looks_at(7) == []


def test_pages_follow_on_each_other():
    for number in range(5):
        look(7, act=f"look {number}")
    first = looks_at(7, limit=2)
    second = looks_at(7, before=first[-1].seq, limit=2)
    third = looks_at(7, before=second[-1].seq, limit=2)
    acts = [one.act for page in (first, second, third) for one in page]
    assert acts == ["look 4", "look 3", "look 2", "look 1", "look 0"]


def drain(shop) -> None:
    for kind, key in shop.delivered():
        inbox.note(kind, [key])
    inbox.drain()


def test_looks_at_a_guest_and_its_restriction_follow_into_the_account(shop):
    shop.order("a", email="aino@example.com")
    drain(shop)
    guest = Customer.objects.get()
    look(guest.pk, act="as a guest")
    restrictions.restrict(guest.pk, ground=RestrictionGround.ACCURACY, actor=CONTROLLER)
    shop.account(5, email="aino@example.com")
    shop.order("a", user=5)
    drain(shop)
    account = Customer.objects.get()
    assert account.pk != guest.pk
    assert [one.act for one in looks_at(account.pk)] == ["as a guest"]
    with pytest.raises(guard.SubjectRestricted):
        look(account.pk)


def test_an_id_is_followed_through_two_heirs(shop):
    shop.order("a", email="first@example.com")
    drain(shop)
    first = Customer.objects.get()
    look(first.pk, act="first")
    shop.order("a", email="second@example.com")
    drain(shop)
    look(Customer.objects.get().pk, act="second")
    restrictions.restrict(
        Customer.objects.get().pk, ground=RestrictionGround.ACCURACY, actor=CONTROLLER
    )
    shop.account(5, email="second@example.com")
    shop.order("a", user=5)
    drain(shop)
    heir = Customer.objects.get()
    assert [one.act for one in looks_at(heir.pk)] == ["second", "first"]
    assert FormerCustomer.objects.filter(customer=heir).count() == 2
    assert Restriction.objects.get().customer == heir


def test_the_index_answers_among_many_rows():
    columns = (
        "seq, hash, at, actor, role, purpose, categories, act, subjects, count, outcome, reason"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {AccessEntry._meta.db_table} ({columns})"
            " SELECT n, '', now(), 'user:1', 'staff', 'service', 'name', 'customer',"
            " int8multirange(int8range(n % 5000, n % 5000 + 1)), 1, 'granted', ''"
            " FROM generate_series(1, 20000) AS n"
        )
        cursor.execute(f"ANALYZE {AccessEntry._meta.db_table}")
        cursor.execute(f"EXPLAIN {_SQL}", ["{[7,8)}", 2**63 - 1, 50])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "jokkerit_access_subjects" in plan
    assert "Seq Scan" not in plan
    assert [one.seq for one in looks_at(7)] == [15007, 10007, 5007, 7]
