"""Saleor's own doors to customers: who stands there without an agreement, and the alarm."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest

from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.policy.permissions import Permission
from tests.saleor.inside import statements, strict_writer
from tests.saleor.live import Live
from tests.saleor.staff import app, data, token_of, user

pytest_plugins = ("tests.saleor.fixtures_inside", "tests.saleor.fixtures_live")

CONTROLLER = Actor("user:0", frozenset({Permission.MANAGE_PRIVACY}))
READ = """{ plugin(id: "jokkerit.register") { globalConfiguration {
    configuration { name value } } } }"""
#: What an event's name tells of, if it is about customers.
NOUNS = r"account|address|customer_(?!type)|checkout|order|fulfil|invoice|gift_card|pay|transaction"
HARMLESS_EVENTS = {
    # Stock, and goods that are collected from the shop.
    "product_variant_back_in_stock_for_click_and_collect",
    "product_variant_out_of_stock_for_click_and_collect",
}


def doors() -> dict[str, Any]:
    from jokkerit_plugin.saleor_bridge.port import SaleorPort

    with strict_writer():
        return {door.key: door for door in SaleorPort().doors()}


def unsigned() -> set[str]:
    from jokkerit_plugin.access.doors import without_agreement

    return {door.key for door in without_agreement()}


def publish() -> int:
    from jokkerit_plugin.access import agreements

    text = agreements.publish(fi="Hys", sv="Tyst", en="Hush", valid_days=30, actor=CONTROLLER)
    return int(text.version)


def sign(person: Any, version: int) -> None:
    from jokkerit_plugin.access import agreements

    actor = Actor(f"user:{person.pk}", frozenset({Permission.VIEW_REGISTER}))
    agreements.sign(actor, version=version, language="fi")


def test_every_permission_of_this_saleor_has_been_looked_at(inside: None) -> None:
    from saleor.permission.enums import get_permissions_codename

    from jokkerit_plugin.saleor_bridge.doors import DOORS, HARMLESS

    known = {*DOORS, *HARMLESS, *map(str, Permission)}
    assert set(get_permissions_codename()) - known == set()
    assert not DOORS.keys() & HARMLESS


def test_every_event_about_customers_is_a_door(inside: None) -> None:
    from saleor.webhook.event_types import WebhookEventAsyncType, WebhookEventSyncType

    from jokkerit_plugin.saleor_bridge.doors import EVENTS, permissions

    asked = {**WebhookEventAsyncType.PERMISSIONS, **WebhookEventSyncType.PERMISSIONS}
    for event, permission in asked.items():
        about = re.search(NOUNS, event) and event not in HARMLESS_EVENTS
        behind = permission is not None and permission.codename in permissions()
        if about or (behind and not event.startswith(("app_", "shop_"))):
            assert re.search(EVENTS, event), event


def test_doors_are_active_users_superusers_apps_and_their_webhooks(inside: None) -> None:
    from saleor.webhook.models import Webhook, WebhookEvent

    clerk = user("clerk", "manage_orders", "manage_products")
    demoted = user("demoted", "manage_users", is_staff=False)
    gone = user("gone", "manage_users", is_active=False)
    harmless = user("harmless", "manage_products", "manage_staff", "jokkerit_manage_privacy")
    root = user("root", is_superuser=True)
    machine, _ = app("machine", "handle_payments")
    sleeping, _ = app("sleeping", "manage_users", is_active=False)
    listener, _ = app("listener", "manage_shipping")
    hook = Webhook.objects.create(app=listener, target_url="https://example.com/")
    WebhookEvent.objects.create(webhook=hook, event_type="shipping_list_methods_for_checkout")
    WebhookEvent.objects.create(webhook=hook, event_type="product_created")

    found = doors()

    assert found[f"user:{clerk.pk}"].through == ("manage_orders",)
    assert found[f"user:{demoted.pk}"].through == ("manage_users",)
    assert found[f"user:{root.pk}"].superuser
    assert "manage_users" in found[f"user:{root.pk}"].through
    assert found[f"app:{machine.pk}"].through == ("handle_payments",)
    assert found[f"app:{listener.pk}"].through == ("webhook shipping_list_methods_for_checkout",)
    closed = {f"user:{gone.pk}", f"user:{harmless.pk}", f"app:{sleeping.pk}"}
    assert not closed & found.keys()


def test_looking_takes_five_statements_however_many_there_are(inside: None) -> None:
    from jokkerit_plugin.saleor_bridge.doors import doors as look

    with statements() as few:
        look()
    for number in range(5):
        user(f"more{number}", "manage_orders")
        app(f"more{number}", "manage_orders")
    with statements() as many:
        look()

    assert len(few) == len(many) == 5


def test_a_signature_closes_the_alarm_and_its_end_opens_it(inside: None) -> None:
    from jokkerit_plugin.access import agreements

    clerk = user("clerk", "manage_orders")
    machine, _ = app("machine", "manage_orders")
    mine = {f"user:{clerk.pk}", f"app:{machine.pk}"}

    assert mine <= unsigned()
    version = publish()
    sign(clerk, version)
    assert mine & unsigned() == {f"app:{machine.pk}"}
    agreements.record(f"app:{machine.pk}", version=version, language="fi", actor=CONTROLLER)
    assert not mine & unsigned()
    publish()
    assert mine <= unsigned()


def test_the_dashboard_shows_how_many_and_which(inside: None) -> None:
    clerk = user("clerk", "manage_orders")
    token = token_of(user("boss", "manage_plugins"))

    fields = data(token, READ)["plugin"]["globalConfiguration"]["configuration"]

    shown = {field["name"]: field["value"] for field in fields}
    count, _, keys = shown["status_without_agreement"].partition(": ")
    assert int(count) == len(unsigned())
    assert f"user:{clerk.pk}" in keys.split(", ")
    assert "without a confidentiality agreement" in shown["status_problems"]


@pytest.fixture
def clerk(live: Live) -> Iterator[int]:
    """A staff user of a running shop, who is given `manage_orders` in the Dashboard."""
    staff = live.store.staff
    may = {"name": "Clerks", "addPermissions": ["MANAGE_ORDERS"]}
    made = staff.mutate(
        "permissionGroupCreate", "group { id }", input=("PermissionGroupCreateInput!", may)
    )
    group = made["group"]["id"]
    person = {"email": "clerk@example.com", "addGroups": [group]}
    hired = staff.mutate("staffCreate", "user { id }", input=("StaffCreateInput!", person))
    key = hired["user"]["id"]
    yield int(b64decode(key).decode().partition(":")[2])
    staff.mutate("staffDelete", id=("ID!", key))
    staff.mutate("permissionGroupDelete", id=("ID!", group))


@pytest.mark.promise("P-AGREEMENT", breaks=True)
def test_a_running_shop_raises_the_alarm(live: Live, clerk: int) -> None:
    printed, failed = live.commands.outcome("register_status", "--json")

    status = json.loads(printed)
    assert f"SystemExit: {2 if status['severity'] == 'alert' else 1}" in failed
    assert {"NO_AGREEMENT", "UNPROVABLE"} <= {one["code"] for one in status["codes"]}
    assert f"user:{clerk}" in status["without_agreement"]
    assert not status["healthy"]
    assert any("confidentiality agreement" in problem for problem in status["problems"])
