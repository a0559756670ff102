"""Files of opt-outs that a browser sends: encrypted, tried, taken in by a worker, gone in a day."""

from dataclasses import replace
from datetime import timedelta

import pytest

from jokkerit_plugin import clock, keys, tasks
from jokkerit_plugin.access.controllers import ControllersOnly
from jokkerit_plugin.marketing import contact_keys, imports, uploads
from jokkerit_plugin.marketing.opt_out_files import BadFile, Layout
from jokkerit_plugin.models import OptOutChunk, OptOutFile, OptOutImport, Suppression
from jokkerit_plugin.policy.marketing import Channel
from tests.opting import AINO, KEY, key
from tests.people import CONTROLLER, STAFF, sign

pytestmark = pytest.mark.django_db

LAYOUT = Layout(address=("email",), channel=Channel.EMAIL)
PEOPLE = [f"person{number}@example.com" for number in range(5)]


@pytest.fixture(autouse=True)
def marketing(shop, monkeypatch):
    key(monkeypatch, KEY)
    sign(CONTROLLER, STAFF)


def sent(text: str = "\n".join(["email", *PEOPLE]), pieces: int = 1) -> OptOutFile:
    content = text.encode()
    size = -(-len(content) // pieces) or 1
    parts = [content[at : at + size] for at in range(0, len(content), size)]
    return uploads.store(parts, actor=CONTROLLER)


def order(file: OptOutFile, *, dry_run: bool = False, layout: Layout = LAYOUT) -> OptOutImport:
    return uploads.order(file.pk, layout, actor=CONTROLLER, dry_run=dry_run)


def test_what_is_stored_holds_no_address_and_says_what_it_looks_like():
    file = sent(f"E-mail;Päivä\n{AINO};2026-01-01\n", pieces=3)
    chunks = OptOutChunk.objects.filter(file=file)
    assert chunks.count() == 3
    assert all(b"aino" not in bytes(one.sealed) for one in chunks)
    whole = sent(f"E-mail;Päivä\n{AINO};2026-01-01\n")
    assert uploads.look(whole) == uploads.Look(["E-mail", "Päivä"], ";", "utf-8-sig")


def test_other_letters_than_unicode_s_are_read():
    file = uploads.store(["S\u00e4hk\u00f6posti,x\n".encode("latin-1")], actor=CONTROLLER)
    assert uploads.look(file) == uploads.Look(["S\u00e4hk\u00f6posti", "x"], ",", "cp1252")


def test_a_dry_run_changes_nothing_and_is_repeated_for_good():
    file = sent()
    tried = order(file, dry_run=True)
    assert tried.state == "waiting"
    assert uploads.work() == 1
    tried.refresh_from_db()
    assert (tried.state, tried.added, tried.lines) == ("done", 5, 5)
    assert not Suppression.objects.exists()
    done = uploads.repeat(tried, actor=CONTROLLER)
    assert uploads.work() == 1
    done.refresh_from_db()
    assert (done.state, done.added, done.read) == ("done", 5, file.size)
    assert Suppression.objects.count() == 5
    # Taken in, it is gone; what it was stays known.
    assert not OptOutFile.objects.exists()
    assert not OptOutChunk.objects.exists()
    assert done.sha256 == file.sha256
    with pytest.raises(BadFile):
        uploads.repeat(OptOutImport.objects.get(pk=tried.pk), actor=CONTROLLER)


def test_what_a_killed_worker_left_is_gone_on_with(monkeypatch):
    monkeypatch.setattr(imports, "BATCH", 2)
    done = order(sent())
    told = uploads._tell

    def killed(one, read):
        told(one, read)
        raise KeyboardInterrupt

    monkeypatch.setattr(uploads, "_tell", killed)
    with pytest.raises(KeyboardInterrupt):
        uploads.work()
    monkeypatch.setattr(uploads, "_tell", told)
    done.refresh_from_db()
    assert (done.state, done.lines) == ("running", 2)
    assert uploads.work() == 0
    OptOutImport.objects.update(claimed_at=clock.now() - uploads.STALE - timedelta(seconds=1))
    assert uploads.work() == 1
    done.refresh_from_db()
    assert (done.state, done.lines, done.added, done.known) == ("done", 5, 5, 0)


@pytest.mark.parametrize("batch", [2, 5])
def test_a_worker_that_was_only_slow_leaves_a_file_to_whoever_went_on_with_it(monkeypatch, batch):
    """It was held to be dead before its next batch, or before its last word."""
    monkeypatch.setattr(imports, "BATCH", batch)
    done, told, taken = order(sent()), uploads._tell, []

    def late(report, read):
        told(report, read)
        if not taken:
            taken.append(True)
            OptOutImport.objects.update(claimed_at=clock.now() - timedelta(hours=1))
            assert uploads.work() == 1

    monkeypatch.setattr(uploads, "_tell", late)
    assert uploads.work() == 0
    done.refresh_from_db()
    assert (done.state, done.lines, done.added, done.known) == ("done", 5, 5, 0)
    assert done.problem == ""
    assert Suppression.objects.count() == 5


def test_the_fault_of_a_worker_that_was_overtaken_ends_no_file(monkeypatch):
    done, real, failed = order(sent()), imports.go_through, []

    def failing(*given, **more):
        if failed:
            return real(*given, **more)
        failed.append(True)
        OptOutImport.objects.update(claimed_at=clock.now() - timedelta(hours=1))
        uploads.work()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(imports, "go_through", failing)
    uploads.work()
    done.refresh_from_db()
    assert (done.state, done.problem, done.added) == ("done", "", 5)


def test_what_was_read_before_a_kill_is_not_understood_again(monkeypatch):
    monkeypatch.setattr(imports, "BATCH", 2)
    done = order(sent())
    OptOutImport.objects.update(lines=4)
    read = []
    real = contact_keys.normalise
    monkeypatch.setattr(contact_keys, "normalise", lambda *given: read.append(1) or real(*given))
    uploads.work()
    done.refresh_from_db()
    assert (done.lines, len(read)) == (5, 1)


def test_what_cannot_be_read_says_why_and_leaves_the_others():
    broken = order(sent(f"email\n{AINO}\n{'x' * 200_000}\n"))
    good = order(sent())
    assert uploads.work() == 2
    broken.refresh_from_db()
    good.refresh_from_db()
    assert (broken.state, good.state) == ("failed", "done")
    assert "cannot be read" in broken.problem


def test_a_fault_of_ours_ends_that_file_alone(monkeypatch):
    def broken(*_, **__):
        raise OSError(28, "No space left on device")

    failed = order(sent())
    monkeypatch.setattr(imports, "go_through", broken)
    assert uploads.work() == 1
    failed.refresh_from_db()
    assert failed.state == "failed"
    assert "No space" not in failed.problem


def test_no_file_of_addresses_has_a_name_while_it_is_read(monkeypatch):
    seen = []
    real = imports.go_through

    def looked(done, file, layout, *, report):
        seen.append(file.name)
        real(done, file, layout, report=report)

    monkeypatch.setattr(imports, "go_through", looked)
    order(sent())
    assert uploads.work() == 1
    assert [one for one in seen if isinstance(one, str)] == []
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("act", "field"),
    [
        (lambda: sent(""), "file"),
        (lambda: order(sent(), layout=Layout(address=("nimi",), channel=Channel.EMAIL)), "layout"),
        (lambda: order(sent(), layout=Layout(address=("email",))), "layout"),
        (lambda: order(sent("email\n" + '"' + "x" * 140_000 + "\n")), "file"),
        (lambda: uploads.order(999, LAYOUT, actor=CONTROLLER, dry_run=True), "file"),
    ],
)
def test_what_cannot_be_taken_in_is_refused_at_once(act, field):
    with pytest.raises(BadFile) as refused:
        act()
    assert refused.value.field == field
    assert not OptOutImport.objects.exists()


def test_one_file_is_not_read_twice_at_once():
    file = sent()
    order(file, dry_run=True)
    with pytest.raises(BadFile):
        order(file)


def test_what_was_sent_is_taken_in_while_the_plugin_is_deactivated(shop):
    order(sent())
    shop.port.settings = replace(shop.port.settings, active=False)
    tasks.take_in_opt_outs()
    assert Suppression.objects.count() == 5


def test_a_file_that_is_too_large_leaves_nothing(monkeypatch):
    monkeypatch.setattr(uploads, "MOST", 10)
    with pytest.raises(BadFile):
        sent()
    assert not OptOutFile.objects.exists()


def test_only_the_controller_sends_and_orders():
    file = sent()
    with pytest.raises(ControllersOnly):
        uploads.store([b"email"], actor=STAFF)
    with pytest.raises(ControllersOnly):
        uploads.order(file.pk, LAYOUT, actor=STAFF, dry_run=True)


def test_without_a_key_nothing_is_stored(monkeypatch):
    monkeypatch.delenv(keys.VARIABLE)
    with pytest.raises(keys.NoKey):
        sent()
    assert not OptOutFile.objects.exists()


def test_a_file_goes_after_a_day_unless_it_is_being_read():
    old, read = sent(), sent()
    order(read)
    OptOutFile.objects.update(uploaded_at=clock.now() - uploads.KEPT - timedelta(minutes=1))
    uploads.forget()
    assert list(OptOutFile.objects.values_list("pk", flat=True)) == [read.pk]
    assert old.pk != read.pk
