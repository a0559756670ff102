"""The inbox: nothing lost, nothing stuck, a failing key alone is set aside."""

import threading
import traceback
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, connections

from jokkerit_plugin import clock
from jokkerit_plugin.config import Config
from jokkerit_plugin.models import Customer, InboxEvent, Purchase, SetAside, Trace
from jokkerit_plugin.register import inbox
from jokkerit_plugin.shop.snapshots import Kind
from tests.paper_shop import PaperShop, key_of, party

pytestmark = pytest.mark.django_db(transaction=True)


def note_all(shop: PaperShop) -> None:
    for kind, key in shop.delivered():
        inbox.note(kind, [key])


def poison(shop: PaperShop, name: str) -> None:
    shop.order(name, currency="TOO LONG FOR A CURRENCY", email="secret@example.com")


def test_a_noted_event_is_drained(shop):
    shop.order("one")
    note_all(shop)
    assert inbox.drain().written == 1
    assert not InboxEvent.objects.exists()
    assert Purchase.objects.count() == 1


def test_noting_is_one_round_trip_whatever_the_number_of_keys(shop, django_assert_num_queries):
    with django_assert_num_queries(1):
        inbox.note(Kind.ORDER, [key_of("a"), key_of("b"), key_of("c")])
    assert InboxEvent.objects.count() == 3


def test_the_settings_of_a_note_do_not_outlive_it(shop):
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
        inbox.note(Kind.ORDER, [key_of("a")])
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)


def test_noting_gives_up_at_once_while_the_inbox_is_locked(shop):
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE jokkerit_plugin_inboxevent IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(OperationalError, match="lock timeout"):
            inbox.note(Kind.ORDER, [key_of("a")])
        cursor.execute("ROLLBACK")
    other.close()


def test_many_events_of_one_key_are_one_piece_of_work(shop):
    shop.order("one")
    for _ in range(20):
        inbox.note(Kind.ORDER, [key_of("order one")])
    assert inbox.drain().written == 1
    assert not InboxEvent.objects.exists()


def test_more_events_than_a_batch_are_drained_in_several_transactions(shop):
    for number in range(2 * inbox.BATCH + 5):
        shop.order(f"order {number}", email=f"p{number}@example.com")
    note_all(shop)
    assert inbox.drain().written == 2 * inbox.BATCH + 5


def test_a_poison_event_is_set_aside_and_the_rest_flows_on(shop, caplog):
    shop.order("before")
    poison(shop, "poison")
    shop.order("after")
    note_all(shop)
    inbox.drain()
    assert set(Purchase.objects.values_list("number", flat=True)) == {"1", "3"}
    assert not InboxEvent.objects.exists()
    aside = SetAside.objects.get()
    assert (aside.kind, aside.key, aside.attempts) == ("order", str(key_of("order poison")), 1)
    assert aside.reason == "DataError 22001"
    assert "secret" not in caplog.text + aside.reason


def test_a_set_aside_key_is_tried_again_and_then_left_for_a_person(shop, monkeypatch):
    poison(shop, "poison")
    note_all(shop)
    for attempt in range(1, len(inbox.PAUSES) + 2):
        inbox.drain()
        assert SetAside.objects.get().attempts == attempt
        later = clock.now() + timedelta(days=1)
        monkeypatch.setattr(clock, "now", lambda later=later: later)
    inbox.drain()
    aside = SetAside.objects.get()
    assert (aside.attempts, aside.next_at) == (len(inbox.PAUSES) + 1, None)


def test_a_pause_is_kept(shop):
    poison(shop, "poison")
    note_all(shop)
    inbox.drain()
    inbox.drain()
    assert SetAside.objects.get().attempts == 1


def test_a_mended_key_is_no_longer_set_aside(shop):
    poison(shop, "one")
    note_all(shop)
    inbox.drain()
    shop.order("one", currency="EUR")
    note_all(shop)
    inbox.drain()
    assert not SetAside.objects.exists()
    assert Purchase.objects.get().currency == "EUR"


def test_nothing_is_drained_while_the_plugin_is_deactivated(shop):
    shop.order("one")
    note_all(shop)
    shop.port.settings = Config(active=False)
    inbox.drain()
    assert InboxEvent.objects.count() == 1


def test_a_drain_that_dies_leaves_its_events(shop, monkeypatch):
    shop.order("one")
    note_all(shop)

    def die(*args: object, **kwargs: object) -> None:
        raise SystemExit

    monkeypatch.setattr(inbox, "apply", die)
    with pytest.raises(SystemExit):
        inbox.drain()
    assert InboxEvent.objects.count() == 1
    assert not Purchase.objects.exists()


def in_threads(count: int, act: "object") -> list[BaseException]:
    """Run `act(number)` in `count` threads at once; return what they raised."""
    errors: list[BaseException] = []
    gate = threading.Barrier(count)

    def run(number: int) -> None:
        try:
            gate.wait()
            act(number)  # type: ignore[operator]
        except BaseException as error:  # noqa: BLE001 - the test asserts on it
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_eight_drains_on_one_customer_make_one_customer(shop):
    for number in range(40):
        shop.order(f"order {number}", email="aino@example.com")
    note_all(shop)
    monkey = inbox.BATCH
    inbox.BATCH = 5
    try:
        assert in_threads(8, lambda _: inbox.drain()) == []
    finally:
        inbox.BATCH = monkey
    inbox.drain()
    assert not SetAside.objects.exists()
    assert Customer.objects.get().purchases.count() == 40


def test_two_orders_of_one_guest_at_once(shop):
    for round_ in range(10):
        shop.order(f"a{round_}", email=f"guest{round_}@example.com")
        shop.order(f"b{round_}", email=f"Guest{round_}@example.com")
        events = list(shop.delivered())
        errors = in_threads(
            2, lambda n, events=events: inbox.work([events[n]], port=shop.port,
                                                   config=shop.port.config())
        )  # fmt: skip
        assert errors == []
    assert not SetAside.objects.exists()
    assert Customer.objects.count() == 10
    assert Purchase.objects.exclude(customer=None).count() == 20


def test_a_slow_reader_never_overwrites_what_a_quick_one_wrote(shop):
    """The shop changes while one drain has read it: the second one waits for the first."""
    key = shop.order("one", status="unfulfilled")
    shop.delivered()
    read = shop.port.orders
    at_shop, go_on = threading.Event(), threading.Event()

    def slow(keys, config):  # type: ignore[no-untyped-def]
        found = read(keys, config)
        if threading.current_thread().name == "slow":
            at_shop.set()
            go_on.wait(5)
        return found

    shop.port.orders = slow  # type: ignore[method-assign]
    work = lambda: (  # noqa: E731
        inbox.work([(Kind.ORDER, str(key))], port=shop.port, config=shop.port.config()),
        connections.close_all(),
    )
    first = threading.Thread(target=work, name="slow")
    first.start()
    assert at_shop.wait(5)
    shop.order("one", status="fulfilled")
    second = threading.Thread(target=work, name="quick")
    second.start()
    second.join(0.5)
    go_on.set()
    first.join()
    second.join()
    assert Purchase.objects.get().status == "fulfilled"


def test_an_e_mail_change_during_intake(shop):
    shop.account(5, email="old@example.com")
    shop.order("one", user=5)
    note_all(shop)
    inbox.drain()
    for round_ in range(10):
        shop.account(5, email=f"new{round_}@example.com")
        shop.order(f"more {round_}", user=5, email=f"new{round_}@example.com")
        events = list(shop.delivered())
        work = lambda n, events=events: inbox.work(  # noqa: E731
            [events[n]], port=shop.port, config=shop.port.config()
        )
        assert in_threads(2, work) == []
    customer = Customer.objects.get()
    assert customer.email == "new9@example.com"
    assert customer.purchases.count() == 11


def test_a_connection_that_is_killed_costs_nothing(shop):
    shop.order("one")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    killer = connections.create_connection("default")
    with killer.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    killer.close()
    inbox.work(list(shop.delivered()), port=shop.port, config=shop.port.config())
    assert not SetAside.objects.exists()
    assert Purchase.objects.count() == 1


def test_a_database_that_is_away_is_the_callers_error_and_sets_nothing_aside(shop, monkeypatch):
    shop.order("one")

    def away(*args: object, **kwargs: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(inbox, "apply", away)
    monkeypatch.setattr(connection, "is_usable", lambda: False)
    with pytest.raises(inbox.InboxError, match="away"):
        inbox.work(list(shop.delivered()), port=shop.port, config=shop.port.config())
    assert not SetAside.objects.exists()


def test_a_session_that_dies_twice_under_the_work_sets_nothing_aside(shop, monkeypatch):
    shop.order("one")
    note_all(shop)
    read, deaths = shop.port.orders, [0]

    def dying(keys, config):  # type: ignore[no-untyped-def]
        deaths[0] += 1
        if deaths[0] <= 2:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return read(keys, config)

    monkeypatch.setattr(shop.port, "orders", dying)
    inbox.drain()
    assert deaths[0] == 3
    assert not SetAside.objects.exists()
    assert Purchase.objects.count() == 1


def test_an_inbox_that_cannot_be_emptied_is_an_error_and_not_a_quiet_success(shop):
    inbox.note(Kind.ORDER, [key_of("a")])
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN RAISE EXCEPTION USING ERRCODE = 25006; END'"
        )
        cursor.execute(
            "CREATE TRIGGER refuse BEFORE DELETE ON jokkerit_plugin_inboxevent"
            " FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    try:
        with pytest.raises(inbox.InboxError, match="25006"):
            inbox.drain()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION refuse CASCADE")


def test_what_is_raised_while_a_row_is_set_aside_does_not_quote_the_row(shop, monkeypatch):
    shop.order("poison", billing=party(first="SECRETMARK\0"))
    note_all(shop)

    def full(*args: object) -> None:
        raise OperationalError("disk full")

    monkeypatch.setattr(inbox, "_set_aside", full)
    with pytest.raises(OperationalError) as raised:
        inbox.drain()
    assert "SECRETMARK" not in "".join(traceback.format_exception(raised.value))


def test_a_checkout_read_slowly_leaves_no_trace_behind_its_order(shop, monkeypatch):
    key = shop.checkout("cart", changed_at=clock.now().isoformat())
    [event] = shop.delivered()
    read, at_shop, go_on = shop.port.checkouts, threading.Event(), threading.Event()

    def slow(keys, config):  # type: ignore[no-untyped-def]
        found = read(keys, config)
        at_shop.set()
        go_on.wait(5)
        return found

    monkeypatch.setattr(shop.port, "checkouts", slow)

    def work(what: tuple[Kind, str]) -> None:
        inbox.work([what], port=shop.port, config=shop.port.config())
        connections.close_all()

    first = threading.Thread(target=work, args=(event,))
    first.start()
    assert at_shop.wait(5)
    order = shop.order("one", checkout_token=str(key))
    second = threading.Thread(target=work, args=((Kind.ORDER, str(order)),))
    second.start()
    second.join(0.5)
    go_on.set()
    first.join()
    second.join()
    assert Purchase.objects.count() == 1
    assert not Trace.objects.exists()
