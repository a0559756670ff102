"""Hooks: every one of this Saleor's is known; the handled ones note a key and do nothing else."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from jokkerit_plugin.errors import RegisterError
from jokkerit_plugin.saleor_bridge.hooks import HANDLED, IGNORED, OWN
from jokkerit_plugin.shop.snapshots import Kind
from tests.saleor.inside import committing, statements, strict_writer

pytest_plugins = ("tests.saleor.fixtures_inside",)

INBOX = "jokkerit_plugin_inboxevent"
SECRET = "matti.meikalainen@example.com"


def plugin(**fields: object) -> Any:
    """A loaded plugin with these settings."""
    from jokkerit_plugin.saleor_bridge.plugin import RegisterPlugin

    stored = [{"name": name, "value": value} for name, value in fields.items()]
    return RegisterPlugin(configuration=stored, active=True)


def everything_on() -> Any:
    return plugin(fill_orders=True, fill_checkouts=True)


def subject(hook: str) -> Any:
    """A row of the shop, as Saleor hands it to this hook."""
    from saleor.account.models import Address, User
    from saleor.checkout.models import Checkout
    from saleor.invoice.models import Invoice
    from saleor.order.models import Fulfillment, Order
    from saleor.payment.models import TransactionItem

    order = Order.objects.exclude(status="draft").order_by("number").first()
    if hook == "order_bulk_created":
        return list(Order.objects.all()[:7])
    if hook == "invoice_sent":
        return Invoice(order_id=order.pk)
    if hook == "transaction_item_metadata_updated":
        return TransactionItem(order_id=order.pk)
    if hook.startswith(("fulfillment", "tracking")):
        return Fulfillment.objects.order_by("pk").only("pk", "order_id").first()
    by_kind: dict[Kind, Callable[[], Any]] = {
        Kind.ORDER: lambda: order,
        Kind.CUSTOMER: User.objects.order_by("pk").first,
        Kind.LEFT: User.objects.order_by("pk").first,
        Kind.ADDRESS: Address.objects.order_by("pk").first,
        Kind.CHECKOUT: Checkout.objects.order_by("pk").first,
    }
    return by_kind[HANDLED[hook][0]]()


def noted() -> list[tuple[str, str]]:
    from jokkerit_plugin.models import InboxEvent

    return sorted(InboxEvent.objects.values_list("kind", "key"))


def test_every_hook_of_this_saleor_is_handled_or_ignored_on_purpose(saleor_process: None) -> None:
    from saleor.plugins.base_plugin import BasePlugin

    known = HANDLED.keys() | OWN | frozenset[str]().union(*IGNORED.values())

    unknown = set(BasePlugin.__annotations__) - known

    assert not unknown, "put these hooks into HANDLED or IGNORED"


def test_no_hook_is_both_handled_and_ignored() -> None:
    named = [*HANDLED, *OWN, *(name for group in IGNORED.values() for name in group)]

    assert [name for name, count in Counter(named).items() if count > 1] == []


def test_saleor_calls_every_handled_hook(saleor_process: None) -> None:
    from saleor.plugins.manager import PluginsManager

    assert [name for name in HANDLED if not hasattr(PluginsManager, name)] == []


def test_the_plugin_is_no_provider_of_anything(saleor_process: None) -> None:
    from jokkerit_plugin.saleor_bridge.plugin import RegisterPlugin

    ignored = [name for group in IGNORED.values() for name in group]

    assert [name for name in ignored if hasattr(RegisterPlugin, name)] == []


@pytest.mark.parametrize("hook", HANDLED)
def test_a_hook_notes_the_key_in_one_round_trip_and_hands_the_value_on(
    inside: None, hook: str
) -> None:
    loaded, given = everything_on(), subject(hook)

    with strict_writer(), statements() as sent, committing():
        value = getattr(loaded, hook)(given, "more", webhooks=set(), previous_value="before")
        assert sent == []

    assert value == "before"
    assert len(sent) == 1
    kind, keys = HANDLED[hook]
    assert noted() == sorted((kind.value, str(key)) for key in keys(given))


def test_a_bulk_import_is_one_round_trip(inside: None) -> None:
    loaded, orders = everything_on(), subject("order_bulk_created")

    with statements() as sent, committing():
        loaded.order_bulk_created(orders, previous_value=None)

    assert len(orders) > 1
    assert len(sent) == 1
    assert len(noted()) == len(orders)


@pytest.mark.parametrize("hook", sorted(HANDLED.keys() - {"account_deleted"}))
def test_with_every_toggle_off_a_hook_costs_nothing(inside: None, hook: str) -> None:
    loaded, given = plugin(fill_orders=False, fill_checkouts=False), subject(hook)

    with statements() as sent, committing() as callbacks:
        value = getattr(loaded, hook)(given, previous_value="before")

    assert value == "before"
    assert (sent, callbacks) == ([], [])


@pytest.mark.parametrize(("orders", "checkouts"), [(True, False), (False, True)])
def test_each_toggle_lets_in_its_own_events(inside: None, orders: bool, checkouts: bool) -> None:
    loaded = plugin(fill_orders=orders, fill_checkouts=checkouts)

    with committing():
        for hook in HANDLED:
            getattr(loaded, hook)(subject(hook), previous_value=None)

    kinds = {kind for kind, _ in noted()}
    assert kinds == ({"order", "customer", "left", "address"} if orders else {"checkout", "left"})


def test_a_hook_writes_only_after_the_commit(inside: None) -> None:
    from django.db import transaction

    loaded, order = everything_on(), subject("order_created")

    with committing() as callbacks, transaction.atomic():
        loaded.order_created(order, previous_value=None)
        transaction.set_rollback(True)

    assert callbacks == []
    assert noted() == []


def test_a_deleted_row_without_a_key_is_left_to_the_reconciliation(inside: None) -> None:
    from saleor.account.models import User

    with committing() as callbacks:
        everything_on().account_deleted(User(), previous_value=None)

    assert callbacks == []


@pytest.mark.parametrize("broken", [None, object(), "text"])
def test_an_unexpected_subject_is_logged_and_not_raised(
    inside: None, caplog: pytest.LogCaptureFixture, broken: object
) -> None:
    with caplog.at_level(logging.WARNING), committing():
        value = everything_on().order_created(broken, previous_value="before")

    assert value == "before"
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_saleor_s_json_has_the_event_beside_the_sentence(
    inside: None, caplog: pytest.LogCaptureFixture
) -> None:
    from saleor.core.logging import JsonFormatter

    with caplog.at_level(logging.WARNING), committing():
        everything_on().order_created(None, previous_value=None)

    told = json.loads(JsonFormatter("%(message)s").format(caplog.records[0]))
    assert (told["event"], told["kind"]) == ("inbox.not_noted", "order")


@pytest.mark.parametrize("error", [ValueError, RegisterError, ImportError, RecursionError])
def test_a_failing_note_is_logged_by_class_only(
    inside: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: type[Exception],
) -> None:
    def fail(kind: Kind, keys: object) -> None:
        raise error(SECRET)

    monkeypatch.setattr("jokkerit_plugin.register.inbox.note", fail)

    with caplog.at_level(logging.DEBUG), committing():
        everything_on().order_created(subject("order_created"), previous_value=None)

    assert error.__name__ in caplog.text
    assert SECRET not in caplog.text


def test_a_missing_table_is_logged_with_its_sqlstate(
    inside: None, caplog: pytest.LogCaptureFixture
) -> None:
    from django.db import connection, transaction

    loaded, order = everything_on(), subject("order_created")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {INBOX} CASCADE")

    with caplog.at_level(logging.WARNING), transaction.atomic():
        with committing():
            loaded.order_created(order, previous_value=None)
        transaction.set_rollback(True)

    assert "ProgrammingError (42P01)" in caplog.text
