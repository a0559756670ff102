"""The shop at work while a batch is erased: it never waits, and what it works on is left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from jokkerit_plugin.shop.erasers import ShopPart
from tests.saleor import rows
from tests.saleor.marked import address, fetch
from tests.saleor.test_erasers_orders import eraser

pytest_plugins = ("tests.saleor.fixtures_inside",)

DETAIL, ACCOUNT, CHECKOUT = ShopPart.ORDER_DETAIL, ShopPart.ACCOUNT, ShopPart.CHECKOUT


class Made:
    """Rows that are committed, for a second connection to see."""

    def __init__(self) -> None:
        from saleor.core.db.connection import allow_writer

        with allow_writer():
            self.user = rows.user("racer@example.com")
            self.checkout = rows.checkout(user=self.user, email="racer@example.com")
            fetch("UPDATE checkout_checkout SET last_change = now() - interval '9 days'"
                  " WHERE token = %s", self.checkout.pk)  # fmt: skip
            self.places = [address() for _ in range(2)]
            self.orders = [
                rows.order(status="fulfilled", charge_status="full", shipping_address=place)
                for place in self.places
            ]
        self.keys = [str(one.pk) for one in self.orders]

    def clear(self) -> None:
        for sql, values in (
            ("DELETE FROM order_orderevent WHERE order_id = ANY(%s::uuid[])", self.keys),
            ("DELETE FROM order_order WHERE id = ANY(%s::uuid[]) OR user_email = 'race'",
             self.keys),
            ("DELETE FROM checkout_checkoutmetadata WHERE checkout_id = ANY(%s::uuid[])",
             [str(self.checkout.pk)]),
            ("DELETE FROM checkout_checkout WHERE token = ANY(%s::uuid[])",
             [str(self.checkout.pk)]),
            ("DELETE FROM account_user WHERE id = ANY(%s::int[])", [self.user.pk]),
            ("DELETE FROM account_address WHERE id = ANY(%s::int[])",
             [one.pk for one in self.places]),
        ):  # fmt: skip
            fetch(sql, values)


@pytest.fixture
def made(saleor_process: None) -> Iterator[Made]:
    it = Made()
    yield it
    it.clear()


@contextmanager
def shop_at_work() -> Iterator[psycopg.Connection[Any]]:
    """Another connection, which waits for nobody."""
    from django.db import connection

    parameters = connection.get_connection_params()
    names = ("dbname", "host", "port", "user", "password")
    given = {name: parameters[name] for name in names if parameters.get(name)}
    with psycopg.connect(**given) as other:
        other.execute("SET lock_timeout = '1ms'")
        yield other
        other.rollback()


@contextmanager
def batch() -> Iterator[None]:
    """A transaction of the erasing, rolled back."""
    from django.db import transaction
    from saleor.core.db.connection import allow_writer

    with allow_writer(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_an_order_that_somebody_works_on_is_left(made: Made) -> None:
    with shop_at_work() as other:
        other.execute("SELECT FROM order_order WHERE id = %s FOR UPDATE", [made.keys[0]])
        with batch():
            assert eraser().take(DETAIL, made.keys) == made.keys[1:]


def test_two_batches_never_have_the_same_order(made: Made) -> None:
    with batch():
        assert eraser().take(DETAIL, made.keys) == made.keys
        with shop_at_work() as other:
            sql = "SELECT id FROM order_order WHERE id = ANY(%s::uuid[]) FOR NO KEY UPDATE"
            assert other.execute(f"{sql} SKIP LOCKED", [made.keys]).fetchall() == []


def test_orders_are_placed_and_followed_while_a_batch_is_open(made: Made) -> None:
    with batch():
        eraser().take(DETAIL, made.keys)
        eraser().erase(DETAIL, made.keys)
        with shop_at_work() as other:
            # An event of an order in the batch: its foreign key locks the order's key only.
            other.execute(
                "INSERT INTO order_orderevent (order_id, type, date, parameters)"
                " VALUES (%s, 'note_added', now(), '{}')",
                [made.keys[0]],
            )
            # A new order of somebody, at addresses of their own.
            other.execute(
                "INSERT INTO order_order SELECT (jsonb_populate_record(o, jsonb_build_object("
                "'id', gen_random_uuid(), 'number', 77777777, 'user_email', 'race',"
                " 'external_reference', null, 'shipping_address_id', null))).*"
                " FROM order_order o WHERE o.id = %s",
                [made.keys[0]],
            )


def test_the_erasing_gives_way_and_not_the_shop(made: Made) -> None:
    from django.db import OperationalError

    with batch(), shop_at_work() as other:
        assert eraser().take(DETAIL, made.keys) == made.keys
        # Saleor's own order of locks may be another one.
        sql = "SELECT FROM account_address WHERE id = %s FOR UPDATE"
        other.execute(sql, [made.places[0].pk])
        with pytest.raises(OperationalError) as raised:
            eraser().erase(DETAIL, made.keys)
    assert isinstance(raised.value.__cause__, psycopg.errors.LockNotAvailable)


def test_the_lock_timeout_is_as_before_afterwards(made: Made) -> None:
    with batch():
        fetch("SET LOCAL lock_timeout = '7s'")
        keys = eraser().take(DETAIL, made.keys)
        eraser().erase(DETAIL, keys)
        assert fetch("SHOW lock_timeout") == [("7s",)]


def test_an_account_that_orders_just_now_is_left(made: Made) -> None:
    key = str(made.user.pk)
    with batch():
        assert eraser().take(ACCOUNT, [key]) == [key]
    with shop_at_work() as other:
        other.execute("SELECT FROM account_user WHERE id = %s FOR KEY SHARE", [made.user.pk])
        with batch():
            assert eraser().take(ACCOUNT, [key]) == []


def test_a_checkout_that_is_completed_just_now_is_left_with_its_account(made: Made) -> None:
    with shop_at_work() as other:
        sql = "SELECT FROM checkout_checkout WHERE token = %s FOR UPDATE"
        other.execute(sql, [made.checkout.pk])
        with batch():
            assert eraser().take(CHECKOUT, [str(made.checkout.pk)]) == []
            assert eraser().take(ACCOUNT, [str(made.user.pk)]) == []
            eraser().erase(ACCOUNT, [], emails=["racer@example.com"])
        assert other.execute(
            "SELECT count(*) FROM checkout_checkout WHERE token = %s", [made.checkout.pk]
        ).fetchone() == (1,)
