"""The five permissions among Saleor's own, set up and taken down."""

from __future__ import annotations

import io
from typing import Any

import pytest

from jokkerit_plugin.policy.permissions import TITLES, Permission
from jokkerit_plugin.saleor_bridge import beat
from tests.saleor.staff import app, data, graphql, group, token_of, user

pytest_plugins = ("tests.saleor.fixtures_inside",)

NAMES = {
    "JOKKERIT_VIEW_REGISTER",
    "JOKKERIT_MANAGE_REGISTER",
    "JOKKERIT_VIEW_ACCOUNTING",
    "JOKKERIT_VIEW_SITE_LOG",
    "JOKKERIT_MANAGE_PRIVACY",
}
GROUPS = "{ permissionGroups(first: 100) { edges { node { name permissions { code name } } } } }"
ME = "{ me { userPermissions { code name } permissionGroups { permissions { code } } } }"
SHOP = "{ shop { permissions { code name } } }"
STAFF = """{ staffUsers(first: 100) { edges { node {
    userPermissions { code } permissionGroups { name permissions { code } } } } } }"""
GROUP_CREATE = """mutation($input: PermissionGroupCreateInput!) {
    permissionGroupCreate(input: $input)
    { errors { field code message } group { id permissions { code } } } }"""
GROUP_UPDATE = """mutation($id: ID!, $input: PermissionGroupUpdateInput!) {
    permissionGroupUpdate(id: $id, input: $input)
    { errors { field code message } group { name permissions { code } } } }"""
STAFF_CREATE = """mutation($input: StaffCreateInput!) { staffCreate(input: $input)
    { errors { field code message } user { id permissionGroups { name } } } }"""
TOKEN_CREATE = """mutation($email: String!, $password: String!) {
    tokenCreate(email: $email, password: $password)
    { errors { code } token user { userPermissions { code } } } }"""
TOKEN_VERIFY = """mutation($token: String!) { tokenVerify(token: $token)
    { isValid user { userPermissions { code } } } }"""
APP_CREATE = """mutation($input: AppInput!) { appCreate(input: $input)
    { errors { field code message } authToken app { id permissions { code } } } }"""
APP_INSTALL = """mutation($input: AppInstallInput!) { appInstall(input: $input)
    { errors { field code message } appInstallation { id } } }"""
MANAGER = ("manage_staff", "manage_apps", *(str(one) for one in Permission))


def codes(holder: Any, field: str = "permissions") -> set[str]:
    return {one["code"] for one in holder[field]}


def gid(kind: str, row: Any) -> str:
    from graphene import Node

    return str(Node.to_global_id(kind, row.pk))


def run(command: str, *argv: str) -> str:
    from django.core.management import call_command

    out = io.StringIO()
    call_command(command, *argv, stdout=out)
    return out.getvalue()


def ours() -> Any:
    from saleor.permission.models import Permission as Rows

    return Rows.objects.filter(codename__startswith="jokkerit")


@pytest.fixture
def admin(inside: None) -> str:
    """The token of the shop's superuser."""
    from saleor.account.models import User

    return token_of(User.objects.get(email="admin@example.com"))


@pytest.fixture
def manager(inside: None) -> str:
    """The token of one who manages staff and apps and holds the five, but is no superuser."""
    return token_of(user("manager", *MANAGER))


def test_migrating_makes_the_five_rows_and_grants_nothing(inside: None) -> None:
    from saleor.account.models import Group, User
    from saleor.app.models import App

    assert dict(ours().values_list("codename", "name")) == {
        str(codename): title for codename, title in TITLES.items()
    }
    for model in (Group.permissions, User.user_permissions, App.permissions):
        assert not model.through.objects.filter(permission__in=ours()).exists()


def test_none_of_our_tables_brings_permissions_of_django_s_own(inside: None) -> None:
    from saleor.permission.models import Permission as Rows

    rows = Rows.objects.filter(content_type__app_label="jokkerit_plugin")

    assert rows.count() == len(Permission)


def test_the_shop_lists_them(admin: str) -> None:
    assert codes(data(admin, SHOP)["shop"]) >= NAMES


def test_the_schema_knows_them(admin: str) -> None:
    values = data(admin, '{ __type(name: "PermissionEnum") { enumValues { name } } }')

    assert {one["name"] for one in values["__type"]["enumValues"]} >= NAMES


def test_groups_staff_and_me_show_them(manager: str) -> None:
    everybody = [one["node"] for one in data(manager, STAFF)["staffUsers"]["edges"]]
    groups = {one["node"]["name"]: one["node"] for one in _edges(data(manager, GROUPS))}
    me = data(manager, ME)["me"]

    assert codes(groups["group of manager"]) >= NAMES
    assert codes(me, "userPermissions") >= NAMES
    assert codes(me["permissionGroups"][0]) >= NAMES
    assert any(codes(one, "userPermissions") >= NAMES for one in everybody)


def _edges(answer: Any) -> list[Any]:
    return list(answer["permissionGroups"]["edges"])


def test_a_manager_makes_changes_and_hands_on_a_group_with_one(manager: str) -> None:
    made = data(
        manager,
        GROUP_CREATE,
        input={"name": "Accountants", "addPermissions": ["JOKKERIT_VIEW_ACCOUNTING"]},
    )["permissionGroupCreate"]
    assert made["errors"] == []
    assert codes(made["group"]) == {"JOKKERIT_VIEW_ACCOUNTING"}
    changed = data(
        manager,
        GROUP_UPDATE,
        id=made["group"]["id"],
        input={
            "name": "Kirjanpitäjät",
            "addPermissions": ["JOKKERIT_VIEW_REGISTER"],
            "removePermissions": ["JOKKERIT_VIEW_ACCOUNTING"],
        },
    )["permissionGroupUpdate"]
    assert changed["errors"] == []
    assert codes(changed["group"]) == {"JOKKERIT_VIEW_REGISTER"}
    person = data(
        manager,
        STAFF_CREATE,
        input={"email": "tili@example.com", "addGroups": [made["group"]["id"]]},
    )["staffCreate"]
    assert person["errors"] == []
    assert person["user"]["permissionGroups"] == [{"name": "Kirjanpitäjät"}]


def test_one_who_lacks_a_permission_cannot_hand_it_on(inside: None) -> None:
    token = token_of(user("poor", "manage_staff"))

    answer = data(
        token, GROUP_CREATE, input={"name": "x", "addPermissions": ["JOKKERIT_MANAGE_PRIVACY"]}
    )["permissionGroupCreate"]

    assert [one["code"] for one in answer["errors"]] == ["OUT_OF_SCOPE_PERMISSION"]


def test_an_accountant_with_nothing_else_signs_in(inside: None) -> None:
    person = user("accountant", "jokkerit_view_accounting")

    given = {"email": person.email, "password": "secret-of-tests"}
    made = data(None, TOKEN_CREATE, **given)["tokenCreate"]
    verified = data(None, TOKEN_VERIFY, token=made["token"])["tokenVerify"]

    assert codes(made["user"], "userPermissions") == {"JOKKERIT_VIEW_ACCOUNTING"}
    assert verified["isValid"]
    assert codes(verified["user"], "userPermissions") == {"JOKKERIT_VIEW_ACCOUNTING"}
    assert codes(data(made["token"], ME)["me"], "userPermissions") == {"JOKKERIT_VIEW_ACCOUNTING"}


def test_saleor_itself_checks_them_for_users_and_apps(inside: None) -> None:
    from saleor.permission.enums import get_permissions_enum_dict

    members = get_permissions_enum_dict()
    person = user("one", "jokkerit_view_register")
    machine, _ = app("two", "jokkerit_view_register")

    for holder in (person, machine):
        assert holder.has_perm(members["JOKKERIT_VIEW_REGISTER"])
        assert not holder.has_perm(members["JOKKERIT_MANAGE_REGISTER"])


def test_a_token_narrowed_to_one_has_that_one(inside: None) -> None:
    person = user("narrow", "jokkerit_view_register", "jokkerit_manage_register")

    token = token_of(person, permissions=["JOKKERIT_VIEW_REGISTER"])

    assert codes(data(token, ME)["me"], "userPermissions") == {"JOKKERIT_VIEW_REGISTER"}


def test_an_app_is_made_with_one(manager: str) -> None:
    given = {"name": "Netvisor", "permissions": ["JOKKERIT_VIEW_ACCOUNTING"]}

    made = data(manager, APP_CREATE, input=given)["appCreate"]

    assert made["errors"] == []
    assert codes(made["app"]) == {"JOKKERIT_VIEW_ACCOUNTING"}


def test_an_app_is_installed_with_one(manager: str) -> None:
    from saleor.app.models import AppInstallation

    given = {
        "appName": "Netvisor",
        "manifestUrl": "http://localhost:3000/manifest",
        "permissions": ["JOKKERIT_VIEW_ACCOUNTING"],
        "activateAfterInstallation": False,
    }
    made = data(manager, APP_INSTALL, input=given)["appInstall"]

    assert made["errors"] == []
    (waiting,) = AppInstallation.objects.filter(app_name="Netvisor")
    assert [one.codename for one in waiting.permissions.all()] == ["jokkerit_view_accounting"]


def test_setting_up_grants_the_five_to_who_manages_staff_and_makes_the_group_once(
    inside: None,
) -> None:
    from saleor.account.models import Group

    Group.objects.filter(permissions__codename="manage_staff").delete()
    managers = group("managers", "manage_staff")
    others = group("others", "manage_orders")

    said = run("register_setup")

    assert "granted 5 permissions" in said
    assert "is made" in said
    assert set(managers.permissions.values_list("codename", flat=True)) == {
        "manage_staff",
        *map(str, Permission),
    }
    assert [one.codename for one in others.permissions.all()] == ["manage_orders"]
    firm = Group.objects.get(name="Tilitoimisto / Accounting firm")
    assert [one.codename for one in firm.permissions.all()] == ["jokkerit_view_accounting"]
    assert firm.restricted_access_to_channels
    assert not firm.channels.exists()

    firm.permissions.clear()
    again = run("register_setup")
    assert "has the permissions already" in again
    assert "left as it is" in again
    assert not firm.permissions.exists()

    firm.delete()
    assert "not made again" in run("register_setup")
    assert not Group.objects.filter(name="Tilitoimisto / Accounting firm").exists()


def test_a_group_of_that_name_that_was_there_is_left_untouched(inside: None) -> None:
    mine = group("Tilitoimisto / Accounting firm", "manage_products")

    run("register_setup")

    assert [one.codename for one in mine.permissions.all()] == ["manage_products"]


def test_without_their_rows_setting_up_refuses_and_changes_nothing(inside: None) -> None:
    from django.core.management import CommandError

    from jokkerit_plugin.models import SetupStep

    ours().filter(codename="jokkerit_view_site_log").delete()

    with pytest.raises(CommandError, match="migrate"):
        run("register_setup")

    assert not SetupStep.objects.exists()


def test_after_setting_up_a_manager_who_is_no_superuser_hands_them_on(inside: None) -> None:
    token = token_of(user("boss", "manage_staff", "manage_users"))
    run("register_setup")

    answer = data(
        token, GROUP_CREATE, input={"name": "x", "addPermissions": ["JOKKERIT_MANAGE_PRIVACY"]}
    )["permissionGroupCreate"]

    assert answer["errors"] == []


def scheduled() -> set[str]:
    from saleor.schedulers.models import CustomPeriodicTask

    return set(CustomPeriodicTask.objects.values_list("name", flat=True))


def schedule(*names: str) -> None:
    """Rows as Saleor's beat writes them when it starts."""
    from django_celery_beat.models import IntervalSchedule
    from saleor.schedulers.models import CustomPeriodicTask

    often = IntervalSchedule.objects.create(every=5, period=IntervalSchedule.SECONDS)
    for name in names:
        task = f"{name.partition('-')[0]}_plugin.tasks.{name}"
        CustomPeriodicTask.objects.create(name=name, task=task, interval=often)


def test_taking_down_removes_grants_rows_and_tasks_and_nothing_else(inside: None) -> None:
    from django.core.management import CommandError
    from saleor.permission.models import Permission as Rows

    from jokkerit_plugin.models import SetupStep

    schedule(*beat.SCHEDULE, "jokkerit-of-an-older-version", "other-thing")
    person = user("staff", "manage_staff")
    person.user_permissions.add(ours().first())
    machine, _ = app("firm", "jokkerit_view_accounting", "manage_products")
    run("register_setup")
    foreign, tasks = Rows.objects.exclude(pk__in=ours()).count(), scheduled()

    with pytest.raises(CommandError, match="--yes"):
        run("register_uninstall")
    assert ours().count() == len(Permission)
    said = run("register_uninstall", "--yes", "--rollback")

    assert "migrate jokkerit_plugin zero" in said
    assert not ours().exists()
    assert Rows.objects.count() == foreign
    assert scheduled() == {one for one in tasks if not one.startswith("jokkerit")}
    assert [one.codename for one in machine.permissions.all()] == ["manage_products"]
    assert not person.user_permissions.exists()
    assert SetupStep.objects.exists()
    assert "errors" not in graphql(token_of(person), GROUPS)
    again = run("register_uninstall", "--yes", "--rollback")
    assert again.startswith("Permissions, with every grant of them: 0")
