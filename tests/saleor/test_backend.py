"""The optional backend: what it withholds until somebody has signed, and what it never does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.policy.permissions import Permission
from jokkerit_plugin.saleor_bridge import BACKEND
from tests.saleor.inside import statements, strict_writer
from tests.saleor.staff import app, data, graphql, token_of, user

pytest_plugins = ("tests.saleor.fixtures_inside",)

CONTROLLER = Actor("user:0", frozenset({Permission.MANAGE_PRIVACY}))
ORDERS = "{ orders(first: 1) { edges { node { userEmail } } } }"
CUSTOMERS = "{ customers(first: 1) { edges { node { email } } } }"
STAFF = "{ staffUsers(first: 1) { edges { node { id } } } }"
ME = "{ me { userPermissions { code } } }"
TOKEN_CREATE = """mutation($email: String!, $password: String!) {
    tokenCreate(email: $email, password: $password)
    { errors { code } token user { id } } }"""


@pytest.fixture
def guarded(inside: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The shop has put the backend first; a text is published, and nobody has signed."""
    from django.conf import settings
    from django.test import override_settings
    from saleor.account.models import User

    from jokkerit_plugin.saleor_bridge import backend

    monkeypatch.setattr(User, "has_perm", User.has_perm)
    backend.install()
    with override_settings(AUTHENTICATION_BACKENDS=[BACKEND, *settings.AUTHENTICATION_BACKENDS]):
        publish()
        yield


def publish() -> None:
    from jokkerit_plugin.access import agreements

    agreements.publish(fi="Hys", sv="Tyst", en="Hush", valid_days=30, actor=CONTROLLER)


def sign(person: Any, token: str) -> None:
    """As the person does it in the register: with the permissions of their own token."""
    from django.test import RequestFactory

    from jokkerit_plugin.access import agreements
    from jokkerit_plugin.saleor_bridge.port import SaleorPort

    request = RequestFactory().post("/", headers={"Authorization": f"Bearer {token}"})
    actor = Actor.of(SaleorPort().actor(request))
    assert actor.key == f"user:{person.pk}"
    text = agreements.in_force()
    assert text
    agreements.sign(actor, version=text.version, language="fi")


def refused(token: str | None, query: str, **variables: object) -> bool:
    """Whether Saleor denied it for want of a permission, and told nothing."""
    body = graphql(token, query, **variables)
    codes = [one["extensions"]["exception"]["code"] for one in body.get("errors", [])]
    assert codes in ([], ["PermissionDenied"]), body
    return bool(codes)


def codes(token: str) -> set[str]:
    return {one["code"] for one in data(token, ME)["me"]["userPermissions"]}


@pytest.mark.promise("P-AGREEMENT", breaks=True)
def test_orders_and_customers_open_with_the_signature_and_close_with_its_end(
    guarded: None,
) -> None:
    from jokkerit_plugin.access import agreements
    from jokkerit_plugin.models import Signature

    person = user("clerk", "manage_orders", "manage_users", "jokkerit_view_register")
    token = token_of(person)

    assert refused(token, ORDERS)
    assert refused(token, CUSTOMERS)
    assert codes(token) == {"JOKKERIT_VIEW_REGISTER"}
    sign(person, token)
    assert not refused(token, ORDERS)
    assert not refused(token, CUSTOMERS)
    assert codes(token) == {"JOKKERIT_VIEW_REGISTER", "MANAGE_ORDERS", "MANAGE_USERS"}
    agreements.revoke(Signature.objects.get().pk, actor=CONTROLLER)
    assert refused(token, ORDERS)


@pytest.mark.promise("P-AGREEMENT", breaks=True)
def test_a_superuser_needs_it_too(guarded: None) -> None:
    person = user("root", is_superuser=True)
    token = token_of(person)

    assert refused(token, ORDERS)
    assert refused(token, CUSTOMERS)
    assert "JOKKERIT_MANAGE_PRIVACY" in codes(token)
    assert "MANAGE_ORDERS" not in codes(token)
    assert not refused(token, STAFF)
    sign(person, token)
    assert not refused(token, ORDERS)
    assert "MANAGE_ORDERS" in codes(token)
    person.refresh_from_db()
    assert person.is_superuser


def test_a_superuser_is_not_all_powerful_with_an_empty_list(guarded: None) -> None:
    person = user("root", is_superuser=True)
    token = token_of(person, permissions=["MANAGE_ORDERS"])

    assert codes(token) == set()
    for query in (ORDERS, CUSTOMERS, STAFF):
        assert refused(token, query)


def test_nor_right_after_signing_in_within_one_request(guarded: None) -> None:
    person = user("root", is_superuser=True)
    customer = user("customer", is_staff=False)
    from graphene import Node

    query = """mutation($email: String!, $password: String!, $id: ID!) {
        tokenCreate(email: $email, password: $password) { token }
        customerUpdate(id: $id, input: {note: "seen"}) { user { email } } }"""
    given = {"email": person.email, "password": "secret-of-tests"}
    key = Node.to_global_id("User", customer.pk)

    assert refused(None, query, id=key, **given)
    customer.refresh_from_db()
    assert not customer.note


def test_who_only_manages_staff_signs_in_works_and_signs(guarded: None) -> None:
    person = user("boss", "manage_staff", "jokkerit_view_register")

    given = {"email": person.email, "password": "secret-of-tests"}
    made = data(None, TOKEN_CREATE, **given)["tokenCreate"]
    assert not made["errors"]
    assert not refused(made["token"], STAFF)
    assert codes(made["token"]) == {"MANAGE_STAFF", "JOKKERIT_VIEW_REGISTER"}
    sign(person, made["token"])
    assert not refused(made["token"], STAFF)


def test_nobody_is_locked_out_for_ever(inside: None, guarded: None) -> None:
    """Of a shop without any text: a superuser publishes one, signs, and is let in."""
    from jokkerit_plugin.models import AgreementText

    AgreementText.objects.all().delete()
    person = user("root", is_superuser=True)
    token = token_of(person)
    assert refused(token, ORDERS)

    publish()
    sign(person, token)

    assert not refused(token, ORDERS)


def test_customers_and_apps_are_as_they_were(guarded: None) -> None:
    customer = user("customer", is_staff=False)
    _, machine = app("machine", "manage_orders")

    assert data(token_of(customer), "{ me { email } }")["me"]["email"] == customer.email
    assert refused(token_of(customer), ORDERS)
    assert not refused(machine, ORDERS)
    assert not refused(None, "{ shop { name } }")


def test_a_user_of_another_backend_is_narrowed_as_well(guarded: None) -> None:
    from saleor.account.models import User
    from saleor.permission.enums import get_permissions_from_names

    person = user("clerk", "manage_orders")
    assert not User.objects.get(pk=person.pk).has_perm("order.manage_orders")
    # As a plugin of single sign-on does it.
    foreign = User.objects.get(pk=person.pk)
    foreign.effective_permissions = get_permissions_from_names(["MANAGE_ORDERS"])
    assert not foreign.has_perm("order.manage_orders")
    foreign.effective_permissions |= get_permissions_from_names(["MANAGE_USERS"])
    assert not foreign.has_perm("account.manage_users")
    root = User(pk=person.pk, is_superuser=True, is_active=True)
    root.effective_permissions = get_permissions_from_names([])
    assert not root.has_perm("order.manage_orders")


def test_it_asks_the_database_nothing_more(guarded: None) -> None:
    from saleor.account.models import User

    person = user("clerk", "manage_orders", "manage_products")
    with strict_writer(), statements() as sent:
        fresh = User.objects.using("replica").get(pk=person.pk)
        assert fresh.has_perm("product.manage_products")

    assert len(sent) == 2


def test_without_the_setting_nothing_is_withheld(inside: None) -> None:
    token = token_of(user("clerk", "manage_orders"))

    assert not refused(token, ORDERS)
