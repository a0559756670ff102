"""Two at once, and killed in between: whoever says no is out in every case."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.db import connection, connections, transaction

from dev.postgres import with_database
from jokkerit_plugin.marketing import (
    audience,
    contact_keys,
    contacts,
    imports,
    ledger,
    links,
    opt_out_rows,
    store,
    upkeep,
)
from jokkerit_plugin.marketing.opt_out_files import Layout
from jokkerit_plugin.models import MarketingEvent, Suppression
from jokkerit_plugin.policy.marketing import Channel, Kind
from tests.erasing import take
from tests.opting import AINO, KEY, ask, declared_empty, key
from tests.people import CONTROLLER, STAFF, sign
from tests.races import overtaken

pytestmark = pytest.mark.django_db(transaction=True)
EMAIL = Channel.EMAIL


@pytest.fixture(autouse=True)
def marketing(shop, monkeypatch):
    key(monkeypatch, KEY)
    declared_empty()
    sign(CONTROLLER, STAFF)


def consent(address: str = AINO) -> object:
    return ledger.record(Kind.RECONSENT, EMAIL, address, source="link")


def oppose(address: str = AINO) -> object:
    return ledger.record(Kind.OBJECTION, EMAIL, address, source="link")


def bring(folder: Path) -> object:
    path = folder / "file.csv"
    path.write_text(f"email\n{AINO}\neino@example.com\n")
    return imports.take_in(path, Layout(("email",), EMAIL), actor=CONTROLLER)


def test_two_opt_outs_at_once_are_one():
    consent()
    first, second = overtaken(oppose, oppose, after=(store, "suppress"))
    assert first.pk == second.pk
    assert Suppression.objects.count() == 1
    assert MarketingEvent.objects.filter(kind="objection").count() == 1
    assert ask().reason == "opted_out"


def test_eight_opt_outs_and_consents_at_once_end_as_the_last_word_says():
    barrier = threading.Barrier(8)
    failed: list[Exception] = []

    def say(number: int) -> None:
        try:
            barrier.wait()
            for _ in range(5):
                (oppose if number % 2 else consent)()
        except Exception as error:  # noqa: BLE001 - it is what the test looks at
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=say, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failed == []
    assert Suppression.objects.count() == 1
    last = MarketingEvent.objects.order_by("at", "pk").last()
    reasons = {"objection": "opted_out", "reconsent": "consent"}
    assert ask().reason == reasons[last.kind]


@pytest.mark.parametrize("last", ["consent", "opted_out"])
def test_of_two_words_at_once_the_one_that_waited_is_the_later(last):
    consent()
    acts = [oppose, consent]
    if last == "opted_out":
        oppose()
        acts.reverse()
    # Whoever has the lock is stopped before its word has a time; the other one waits for it.
    found = overtaken(*acts, after=(store, "lock"))
    assert found[0].at < found[1].at
    assert ask().reason == last


def test_an_opt_out_while_the_audience_is_read(shop):
    shop.order("1", email=AINO)
    take(shop)
    consent()

    def listed() -> list[audience.Recipient]:
        return [one for page in audience.export(STAFF, EMAIL) for one in page]

    found, _ = overtaken(listed, oppose, after=(contacts, "permissions"))
    # The page was made before; the question before sending catches it.
    assert [one.address for one in found] == [AINO]
    assert contacts.may_contact([(one.address, EMAIL) for one in found])[0].reason == "opted_out"
    assert listed() == []


@pytest.mark.parametrize("first", ["import", "person"])
def test_an_opt_out_and_an_import_at_once(tmp_path, first):
    consent()
    acts = [lambda: bring(tmp_path), oppose]
    if first == "import":
        overtaken(*acts, after=(contact_keys, "many"))
    else:
        overtaken(*acts[::-1], after=(store, "suppress"))
    assert Suppression.objects.filter(lifted_at=None).count() == 2
    assert ask().reason == "opted_out"
    consent()
    assert ask().allowed


def test_two_imports_of_the_same_file_at_once(tmp_path):
    one, two = overtaken(
        lambda: bring(tmp_path), lambda: bring(tmp_path), after=(contact_keys, "many")
    )
    assert {one.finished_at is None, two.finished_at is None} == {False}
    assert Suppression.objects.count() == 2


_KILLED = """
import os, signal, django
django.setup()
from django.db import transaction
from jokkerit_plugin.marketing import copied, ledger, links
from jokkerit_plugin.shop import port
from jokkerit_plugin.shop.recorded import RecordedShop
port.install(RecordedShop(os.environ["SHOP"]))
found = links.read(os.environ["TOKEN"])
# After the commit and before anything that follows from it.
copied._now = lambda: os.kill(os.getpid(), signal.SIGKILL)
ledger.oppose(found.key.digest, found.key.version, found.channel, source="link")
"""


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_a_process_killed_between_the_request_and_the_task_leaves_the_person_out(shop):
    shop.account(5, email=AINO)
    shop.order("1", user=5, email=AINO)
    take(shop)
    ledger.record(Kind.RECONSENT, EMAIL, AINO, source="link", customer=5)
    token = links.token(contact_keys.keys(EMAIL, AINO)[0], EMAIL)
    url = with_database(os.environ["DATABASE_URL"], str(connection.settings_dict["NAME"]))
    done = subprocess.run(
        [sys.executable, "-c", _KILLED],
        env={**os.environ, "DATABASE_URL": url, "TOKEN": token, "SHOP": shop.port.path,
             "DJANGO_SETTINGS_MODULE": "tests.settings"},
        check=False, capture_output=True,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert ask().reason == "opted_out"
    upkeep.walk(seconds=5)
    upkeep.carry(seconds=5)
    assert shop.port.marks == {5: "email"}
    assert not Suppression.objects.filter(carried_at=None).exists()


def test_a_batch_that_meets_a_deadlock_is_taken_again(tmp_path, monkeypatch):
    real, failed = opt_out_rows.add, []

    def failing(*args, **given):
        if not failed:
            failed.append(True)
            with connection.cursor() as cursor:
                cursor.execute(
                    "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'deadlock_detected'; END $$"
                )
        return real(*args, **given)

    monkeypatch.setattr(opt_out_rows, "add", failing)
    done = bring(tmp_path)
    assert (done.lines, done.added) == (2, 2)


def test_people_who_close_the_same_contacts_in_another_order_do_not_wait_in_a_circle():
    contacts_ = [(EMAIL, f"a{number}@example.com") for number in range(6)]
    barrier = threading.Barrier(4)
    failed: list[Exception] = []

    def say(number: int) -> None:
        order = contacts_ if number % 2 else contacts_[::-1]
        try:
            barrier.wait()
            for _ in range(5):
                with transaction.atomic():
                    ledger.hold(order)
                    for channel, address in order:
                        ledger.record(Kind.OBJECTION, channel, address, source="link")
        except Exception as error:  # noqa: BLE001 - it is what the test looks at
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=say, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failed == []
    assert Suppression.objects.count() == MarketingEvent.objects.count() == 6
