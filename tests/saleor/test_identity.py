"""Who a request comes from: every kind of token, and all that is none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from jokkerit_plugin.access.actor import NOBODY, Actor
from jokkerit_plugin.policy.permissions import Permission
from jokkerit_plugin.shop.people import Named
from tests.saleor.inside import strict_writer
from tests.saleor.staff import app, data, token_of, user

pytest_plugins = ("tests.saleor.fixtures_inside",)

OURS = frozenset(map(str, Permission))
VIEW, MANAGE = "jokkerit_view_register", "jokkerit_manage_register"
REFRESH = """mutation($token: String!) { tokenRefresh(refreshToken: $token)
    { errors { code } token } }"""


def port() -> Any:
    from jokkerit_plugin.saleor_bridge.port import SaleorPort

    return SaleorPort()


def actor(
    token: str | None = None, *, path: str = "/plugins/jokkerit.register/", **extra: Any
) -> Actor:
    from django.test import RequestFactory

    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = RequestFactory().post(path, headers={**headers, **extra.pop("headers", {})})
    request.COOKIES.update(extra.pop("cookies", {}))
    with strict_writer():
        return Actor.of(port().actor(request))


def thirdparty(person: Any, of: Any) -> str:
    from saleor.core.jwt import create_access_token_for_app

    return str(create_access_token_for_app(of, person))


@pytest.fixture
def own_app(inside: None) -> Any:
    """The plugin's own app in the Dashboard."""
    made, _ = app("Jokkerit", *OURS, identifier="jokkerit.register", type="thirdparty")
    return made


def test_a_staff_user_with_the_permissions_of_the_groups(inside: None) -> None:
    person = user("staff", VIEW, "manage_orders", language_code="fi")

    assert actor(token_of(person)) == Actor(f"user:{person.pk}", frozenset({VIEW}), "fi")


@pytest.mark.parametrize(
    ("code", "language"), [("sv-fi", "sv"), ("en", "en"), ("de", "en"), ("fil", "en")]
)
def test_the_language_is_one_that_the_register_speaks(
    inside: None, code: str, language: str
) -> None:
    assert actor(token_of(user("staff", VIEW, language_code=code))).language == language


def test_a_superuser_holds_the_five_and_a_narrowed_one_what_the_token_says(
    inside: None, own_app: Any
) -> None:
    person = user("root", is_superuser=True)

    assert actor(token_of(person)).permissions == OURS
    own_app.permissions.set(own_app.permissions.filter(codename=VIEW))
    assert actor(thirdparty(person, own_app)).permissions == {VIEW}


def test_an_empty_list_of_permissions_gives_a_superuser_nothing(inside: None, own_app: Any) -> None:
    person = user("root", is_superuser=True)
    own_app.permissions.clear()

    found = actor(thirdparty(person, own_app))

    assert (found.key, found.permissions) == (f"user:{person.pk}", frozenset())


def test_an_app_with_its_own_permissions(inside: None) -> None:
    machine, token = app("Netvisor", "jokkerit_view_accounting", "manage_products")

    assert actor(token) == Actor(f"app:{machine.pk}", frozenset({"jokkerit_view_accounting"}))


def test_the_dashboard_s_token_is_taken_from_our_own_app_only(inside: None, own_app: Any) -> None:
    person = user("staff", VIEW, MANAGE)
    other, _ = app("other", VIEW, identifier="someone.else", type="thirdparty")

    assert actor(thirdparty(person, own_app)).permissions == {VIEW, MANAGE}
    assert actor(thirdparty(person, other)) == NOBODY
    own_app.is_active = False
    own_app.save()
    assert actor(thirdparty(person, own_app)) == NOBODY


def test_what_was_taken_from_a_user_is_not_in_an_older_narrowed_token(
    inside: None, own_app: Any
) -> None:
    person = user("staff", VIEW, MANAGE)
    token = thirdparty(person, own_app)
    person.groups.clear()

    assert actor(token).permissions == frozenset()


@pytest.mark.promise("P-ACCESS-STAFF", breaks=True)
@pytest.mark.parametrize(
    "spoil",
    [
        {"is_active": False},
        {"is_staff": False},
        {"jwt_token_key": "another key"},
    ],
)
def test_one_no_longer_in_good_standing_is_nobody(inside: None, spoil: dict[str, Any]) -> None:
    from saleor.account.models import User

    person = user("staff", VIEW)
    token = token_of(person)
    assert actor(token) != NOBODY
    User.objects.filter(pk=person.pk).update(**spoil)
    if "is_staff" in spoil:
        # The token says staff until it ends; a new one does not.
        token = token_of(User.objects.get(pk=person.pk))

    assert actor(token) == NOBODY


def test_a_customer_is_nobody(inside: None) -> None:
    assert actor(token_of(user("customer", is_staff=False))) == NOBODY


def test_an_expired_tampered_refresh_or_foreign_token_is_nobody(inside: None) -> None:
    import jwt
    from saleor.core.jwt import create_refresh_token, jwt_encode, jwt_user_payload

    person = user("staff", VIEW)
    good = token_of(person)
    expired = jwt_encode(jwt_user_payload(person, "access", timedelta(seconds=-1)))
    head, body, signature = good.split(".")
    unsigned = jwt.encode(jwt.decode(good, options={"verify_signature": False}), "", "none")
    for bad in (
        expired,
        f"{head}.{body}.{signature[::-1]}",
        unsigned,
        create_refresh_token(person),
        "x" * 30,
        "garbage",
        "",
    ):
        assert actor(bad) == NOBODY, bad


def test_an_app_no_longer_in_good_standing_is_nobody(inside: None) -> None:
    from django.utils import timezone

    machine, token = app("Netvisor", VIEW)
    assert actor(token) != NOBODY
    for field, value in (("is_active", False), ("removed_at", timezone.now())):
        before = getattr(machine, field)
        setattr(machine, field, value)
        machine.save()
        assert actor(token) == NOBODY
        setattr(machine, field, before)
        machine.save()


def test_cookies_and_query_parameters_count_for_nothing(inside: None) -> None:
    person = user("staff", VIEW)
    token = token_of(person)
    names = ("token", "Authorization", "authorization", "refreshToken", "JWT", "access_token")

    query = "&".join(f"{name}={token}" for name in names)
    assert actor(path=f"/plugins/jokkerit.register/?{query}") == NOBODY
    assert actor(cookies=dict.fromkeys(names, token)) == NOBODY
    assert actor(headers={"Authorization": f"Basic {token}"}) == NOBODY


def test_people_are_all_who_hold_one_of_ours(inside: None) -> None:
    person = user("staff", VIEW)
    person.user_permissions.add(*_rows(MANAGE))
    former = user("former", VIEW, is_staff=False)
    user("foreign", "manage_orders")
    machine, _ = app("Netvisor", VIEW, "manage_orders", is_active=False)
    root = user("root", is_superuser=True)

    with strict_writer():
        found = {one.key: one for one in port().people()}

    assert found[f"user:{person.pk}"].permissions == {VIEW, MANAGE}
    assert found[f"user:{root.pk}"].permissions == OURS
    assert found[f"app:{machine.pk}"].permissions == {VIEW}
    assert {key for key, one in found.items() if not one.active} == {
        f"user:{former.pk}",
        f"app:{machine.pk}",
    }
    others = {key for key, one in found.items() if not one.superuser}
    assert others == {f"user:{person.pk}", f"user:{former.pk}", f"app:{machine.pk}"}


def test_staff_and_apps_have_names_and_customers_stay_numbers(inside: None) -> None:
    person = user("staff", VIEW)
    person.first_name, person.last_name = "Aino", "Mäkelä"
    person.save()
    customer = user("customer", is_staff=False)
    machine, _ = app("Netvisor", VIEW)
    keys = [f"user:{person.pk}", f"user:{customer.pk}", f"app:{machine.pk}", "user:999999999999"]

    with strict_writer():
        found = port().named(keys)

    assert found == {
        f"user:{person.pk}": Named("Aino Mäkelä", person.email),
        f"app:{machine.pk}": Named("Netvisor"),
    }


def _rows(*codenames: str) -> Any:
    from saleor.permission.models import Permission as Rows

    return Rows.objects.filter(codename__in=codenames)


@pytest.mark.promise("P-ACCESS-ACCOUNTING", breaks=True)
def test_ending_a_user_s_access_ends_its_tokens_and_takes_ours_away(inside: None) -> None:
    from saleor.account.models import User
    from saleor.core.jwt import create_refresh_token

    person = user("accountant", "jokkerit_view_accounting")
    person.groups.add(user("colleague", "manage_products").groups.get())
    person.user_permissions.add(*_rows(VIEW))
    access, refresh = token_of(person), create_refresh_token(person)

    with strict_writer():
        port().end_access(f"user:{person.pk}")

    assert actor(access) == NOBODY
    assert data(None, REFRESH, token=refresh)["tokenRefresh"]["errors"]
    now = User.objects.get(pk=person.pk)
    assert actor(token_of(now)).permissions == frozenset()
    assert [one.codename for one in now.effective_permissions] == ["manage_products"]


def test_ending_an_app_s_access_ends_its_tokens_for_good(inside: None) -> None:
    machine, token = app("Netvisor", "jokkerit_view_accounting", "manage_products")

    with strict_writer():
        port().end_access(f"app:{machine.pk}")

    machine.refresh_from_db()
    assert actor(token) == NOBODY
    assert not machine.is_active
    machine.is_active = True
    machine.save()
    assert actor(token) == NOBODY
    assert [one.codename for one in machine.permissions.all()] == ["manage_products"]


@pytest.mark.parametrize("key", ["nobody", "user:", "user:x", "paper:1", "app:-1", "user:999999"])
def test_ending_the_access_of_nobody_changes_nothing(inside: None, key: str) -> None:
    person = user("staff", VIEW)
    token = token_of(person)

    port().end_access(key)

    assert actor(token).permissions == {VIEW}


def customer(token: str | None) -> int | None:
    from django.test import RequestFactory

    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = RequestFactory().post("/plugins/jokkerit.register/", headers=headers)
    with strict_writer():
        found: int | None = port().customer(request)
    return found


def test_a_customer_is_who_came_with_the_own_token_staff_too(inside: None) -> None:
    buyer = user("buyer", is_staff=False)
    staff = user("staff", VIEW)

    assert customer(token_of(buyer)) == buyer.pk
    assert customer(token_of(staff)) == staff.pk
    assert actor(token_of(buyer)) == NOBODY


def test_lent_expired_refreshing_and_closed_accounts_tokens_are_no_customer_s(
    inside: None, own_app: Any
) -> None:
    from django.test import RequestFactory
    from saleor.core.jwt import create_refresh_token

    buyer = user("buyer", is_staff=False)
    _, of_app = app("Storefront", VIEW)
    good = token_of(buyer)
    for token in (
        None, "nonsense", good[:-3] + "abc", of_app, thirdparty(user("staff", VIEW), own_app),
        str(create_refresh_token(buyer)), token_of(buyer, exp=1),
    ):  # fmt: skip
        assert customer(token) is None
    request = RequestFactory().post("/")
    request.COOKIES["refreshToken"] = good
    assert port().customer(request) is None
    buyer.is_active = False
    buyer.save()
    assert customer(good) is None
