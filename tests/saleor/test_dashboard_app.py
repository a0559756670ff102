"""The register's app in the Dashboard: its rows, its manifest, and what its places may do."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from jokkerit_plugin.policy.permissions import Permission
from tests.saleor.staff import data, token_of, user
from tests.saleor.test_permissions import run

pytest_plugins = ("tests.saleor.fixtures_inside",)

PLUGIN_ID = "jokkerit.register"
INSTALL = "register_install_dashboard_app"
VIEW, BOOKS = "jokkerit_view_register", "jokkerit_view_accounting"
SEEN = """{ appExtensions(first: 100) { edges { node {
    label url accessToken permissions { code } app { id name } } } } }"""


def version() -> tuple[int, ...]:
    import saleor

    from jokkerit_plugin.saleor_bridge.version import series

    return series(saleor.__version__)


def manifest() -> dict[str, Any]:
    from django.test import Client

    answer = Client().get("/plugins/jokkerit.register/manifest/?lang=en")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def rows() -> list[tuple[str, str, str, str, list[str]]]:
    from saleor.app.models import AppExtension

    return [
        (
            one.mount, one.target, one.url, one.label,
            sorted(one.permissions.values_list("codename", flat=True)),
        )
        for one in AppExtension.objects.filter(app__identifier=PLUGIN_ID).order_by("pk")
    ]  # fmt: skip


def test_the_app_asks_for_ours_alone_and_has_no_token_and_no_webhook(inside: None) -> None:
    from saleor.app.models import App

    said = run(INSTALL)

    app = App.objects.get(identifier=PLUGIN_ID)
    assert {one.codename for one in app.permissions.all()} == {str(one) for one in Permission}
    assert (app.tokens.count(), app.webhooks.count()) == (0, 0)
    assert (app.type, app.is_installed, app.is_active) == ("thirdparty", True, True)
    assert app.app_url == "http://localhost/plugins/jokkerit.register/console"
    assert f"{len(rows())} places" in said
    assert "It is not known where the Dashboard is" in said


def test_each_place_is_one_that_this_saleor_knows_and_asks_for_what_its_page_needs(
    inside: None,
) -> None:
    run(INSTALL, "--language", "en")

    wanted = [
        ("customer_details_widgets", "widget", "/card", "Customer register", [VIEW]),
        ("order_details_widgets", "widget", "/card", "Customer register", [VIEW]),
        ("customer_details_more_actions", "app_page", "/open", "Open in the customer register",
         [VIEW]),
        ("order_details_more_actions", "app_page", "/open",
         "Open the buyer in the customer register", [VIEW]),
        ("navigation_customers", "app_page", "/customers", "Customer register", [VIEW]),
        ("navigation_orders", "app_page", "/month", "Bookkeeping of sales", [BOOKS]),
        ("homepage_widgets", "widget", "/brief", "Last month's bookkeeping", [BOOKS]),
    ]  # fmt: skip
    this = version()
    if this < (3, 23):
        wanted = wanted[:-1]
    if this < (3, 22):
        wanted = wanted[2:]
    assert rows() == wanted


def test_the_manifest_is_one_that_saleor_takes(inside: None) -> None:
    from django.core.exceptions import ValidationError
    from saleor.app.manifest_validations import clean_manifest_data

    told = manifest()
    cleaned = copy.deepcopy(told)
    if version() < (3, 23):
        # It would have us take a token that we do not want: there the command alone installs.
        with pytest.raises(ValidationError) as refused:
            clean_manifest_data(cleaned)
        assert "tokenTargetUrl" in refused.value.message_dict
    else:
        clean_manifest_data(cleaned)

    run(INSTALL, "--language", "en")
    assert [
        (one["mount"].lower(), one["target"].lower(), one["url"], one["label"])
        for one in told["extensions"]
    ] == [row[:4] for row in rows()]
    assert "tokenTargetUrl" not in told
    assert "webhooks" not in told


def test_run_again_it_keeps_its_rows_and_brings_them_up_to_date(inside: None) -> None:
    from saleor.app.models import App, AppExtension

    run(INSTALL, "--language", "fi")
    app = App.objects.get(identifier=PLUGIN_ID)
    before = list(AppExtension.objects.values_list("pk", flat=True))
    AppExtension.objects.create(
        app=app, label="Old", url="/gone", mount="navigation_pages", target="app_page"
    )
    app.permissions.clear()
    App.objects.filter(pk=app.pk).update(is_active=False)

    said = run(INSTALL, "--language", "sv")

    assert App.objects.filter(identifier=PLUGIN_ID).count() == 1
    assert list(AppExtension.objects.values_list("pk", flat=True)) == before
    assert "Kundregister" in {row[3] for row in rows()}
    assert app.permissions.count() == len(Permission)
    # Who switched it off in the Dashboard switches it on again there.
    assert not App.objects.get(pk=app.pk).is_active
    assert "deactivated" in said


def test_it_is_taken_out_by_itself_and_before_uninstalling(inside: None) -> None:
    from saleor.app.models import App

    run(INSTALL)
    assert run(INSTALL, "--remove") == "The app is removed.\n"
    assert run(INSTALL, "--remove") == "There is no app to remove.\n"
    run(INSTALL)
    run("register_uninstall", "--yes", "--rollback")
    assert not App.objects.filter(identifier=PLUGIN_ID).exists()


def test_a_place_s_token_does_what_the_place_and_the_person_may(inside: None) -> None:
    from tests.saleor.test_identity import actor

    run(INSTALL, "--language", "en")
    # 3.21 names a place's app to nobody else, and the Dashboard asks for it.
    more = () if version() >= (3, 22) else ("manage_apps",)
    person = user("staff", VIEW, "jokkerit_manage_register", *more)

    found = [one["node"] for one in data(token_of(person), SEEN)["appExtensions"]["edges"]]

    tokens = {one["url"]: one["accessToken"] for one in found}
    assert tokens["/month"] is None
    for url in ("/open", "/customers"):
        acting = actor(tokens[url])
        assert (acting.key, acting.permissions) == (f"user:{person.pk}", {VIEW})


def test_the_app_is_nobody_among_those_who_hold_our_permissions_until_it_has_a_token(
    inside: None,
) -> None:
    from saleor.app.models import App

    from jokkerit_plugin.saleor_bridge.holders import people

    run(INSTALL)
    app = App.objects.get(identifier=PLUGIN_ID)
    assert f"app:{app.pk}" not in {one.key for one in people()}
    app.tokens.create(app=app, name="somebody's")
    assert f"app:{app.pk}" in {one.key for one in people()}


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://shop.example/dashboard/", ("https://shop.example/dashboard",)),
        ("https://shop.example:8443", ("https://shop.example:8443",)),
        ("http://localhost:9000/", ("http://localhost:9000",)),
        ("http://shop.example/dashboard/", ()),
        ("*", ()),
        ("", ()),
    ],
)
def test_the_shop_s_environment_says_where_the_dashboard_is(
    saleor_process: None, monkeypatch: pytest.MonkeyPatch, address: str, found: tuple[str, ...]
) -> None:
    from jokkerit_plugin.saleor_bridge.port import SaleorPort

    monkeypatch.setenv("DASHBOARD_URL", address)
    assert SaleorPort().dashboards() == found
