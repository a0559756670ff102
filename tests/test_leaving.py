"""The archive of books and proofs, and that the register does not go without one."""

import csv
import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.migrations.loader import MigrationLoader

from jokkerit_plugin import clock
from jokkerit_plugin.access import chain, checkpoints, copies, rows
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.access.controllers import ControllersOnly
from jokkerit_plugin.access.copies import NotReplayed
from jokkerit_plugin.accounting import close
from jokkerit_plugin.accounting.exports.files import FileDamaged
from jokkerit_plugin.leaving import archive, contents, folder, uninstall
from jokkerit_plugin.leaving.archive import NotInOrder
from jokkerit_plugin.leaving.folder import ArchiveError
from jokkerit_plugin.leaving.uninstall import NotArchived
from jokkerit_plugin.models import (
    AccessEntry,
    BooksArchive,
    ExportChunk,
    Purchase,
    Suppression,
    Sweep,
)
from jokkerit_plugin.policy.archive import FILES, LEFT
from jokkerit_plugin.policy.parts import Part, part_of
from jokkerit_plugin.register import inbox, sweep
from jokkerit_plugin.shop.snapshots import Kind
from tests.bookkeeping import ACCOUNTANT, admit, exported, follow, sell
from tests.opting import KEY, key
from tests.paper_shop import line, party
from tests.people import CONTROLLER, STAFF
from tests.standing import standing

pytestmark = pytest.mark.django_db

COMMAND = Actor("command:register_archive", frozenset())
BYTES = "Päiväkirja;1\r\n".encode()


def furnished(shop, monkeypatch):
    """A shop whose March is closed, with a file for the accounting firm, and an opt-out."""
    key(monkeypatch, KEY)
    now = [datetime(2026, 3, 1, tzinfo=UTC)]
    monkeypatch.setattr(clock, "now", lambda: now[0])
    admit()
    now[0] = datetime(2026, 4, 5, 9, tzinfo=UTC)
    shop.port.settings = replace(
        shop.port.settings, voucher_start=date(2026, 1, 1), controller_name="Jokkerit Trading Oy",
        business_id="2368582-3", financial_year_said=True,
    )  # fmt: skip
    sell(shop, "a", "2026-03-01", billing=party("Zacharias", '=HYPERLINK("x")'))
    sell(shop, "b", "2026-03-31", email="zeta@example.com", lines=[line('Tee;kannu "iso"')])
    follow(shop)
    sweep.run(sweep.start(Sweep.Name.RECONCILE))
    close.close("2026-03", actor=ACCOUNTANT)
    exported("../päivä.csv", BYTES[:5], BYTES[5:])
    Suppression.objects.create(
        key_version="2026", digest=b"\xab" * 32, channel="email", since=clock.now(),
        reason="objection", copied=True, carried_at=clock.now(),
    )  # fmt: skip
    return shop


books = standing(__name__, furnished)


def write(place: Path, **given) -> BooksArchive:
    return archive.write(place, actor=COMMAND, by="Jouko", **given)


def table(place: Path, path: str) -> list[dict[str, str]]:
    with (place / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def told(place: Path) -> dict:
    return json.loads((place / "manifest.json").read_text(encoding="utf-8"))


def proved(place: Path) -> tuple[int, str]:
    """Run the archive's own program, with nothing but Python."""
    done = subprocess.run(
        [sys.executable, "-I", place / "verify.py"], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def summed(place: Path) -> int:
    done = subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=place, check=False)
    return done.returncode


@pytest.mark.promise("P-KEEP-BOOKKEEPING")
def test_it_is_read_and_proved_without_the_register(books, tmp_path):
    place = tmp_path / "archive"
    made = write(place)
    assert summed(place) == 0
    assert proved(place)[0] == 0
    manifest = told(place)
    assert made.sha256 == folder._sha256(place / "manifest.json")
    assert manifest["controller"]["business_id"] == "2368582-3"
    assert manifest["made_by"] == "Jouko (command:register_archive)"
    assert (manifest["not_in_order"], len(manifest["kept"])) == ([], 1)
    assert manifest["kept"][0]["kept_until"] == "2036-12-31"
    first, second = table(place, "books/vouchers.csv")
    assert (first["code"], first["purchase_number"]) == ("MYY-2026-000001", "1")
    assert (first["party_first_name"], first["party_last_name"]) == (
        "Zacharias", "'=HYPERLINK(\"x\")",
    )  # fmt: skip
    assert table(place, "books/lines.csv")[1]["name"] == 'Tee;kannu "iso"'
    assert {one["amount"] for one in table(place, "books/payments.csv")} == {"12.550"}
    assert second["party_city"] == "JUVA"
    [month] = (place / "books/closed_months.jsonl").read_text("utf-8").splitlines()
    assert json.loads(month)["figures"]["vat"]["boxes"]["301"] == "5.100"
    [file] = (place / "books/files").iterdir()
    assert (file.read_bytes(), file.name.endswith(".._p_iv_.csv")) == (BYTES, True)
    [no] = table(place, "proofs/suppressions.csv")
    assert no["digest"] == "ab" * 32
    for one in manifest["files"]:
        if one["rows"] is not None:
            text = (place / one["path"]).read_text("utf-8")
            lines = len(list(csv.reader(text.splitlines()))) - 1 if one["path"].endswith(
                ".csv") else len(text.splitlines())  # fmt: skip
            assert one["rows"] == lines, one["path"]
    for language, says in (("fi", "KUINKA KAUAN"), ("sv", "HUR LÄNGE"), ("en", "HOW LONG")):
        readme = (place / f"README.{language}.txt").read_text("utf-8")
        assert says in readme
        assert "Jokkerit Trading Oy, 2368582-3" in readme
        assert "books/vouchers.csv" in readme


def test_nothing_of_a_customer_is_in_it_but_what_stands_on_vouchers(books, tmp_path):
    place = tmp_path / "archive"
    write(place)
    whole = b"".join(one.read_bytes() for one in place.rglob("*") if one.is_file())
    assert b"Zacharias" in whole
    for contact in (b"example.com", b"+358401234567"):
        assert contact not in whole
    assert oct(place.stat().st_mode)[-3:] == "700"
    assert {oct(one.stat().st_mode)[-3:] for one in place.rglob("*") if one.is_file()} == {"600"}


def test_whose_name_the_machine_does_not_know_is_asked_for_it(books, tmp_path, monkeypatch):
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 1000")

    monkeypatch.setattr("getpass.getuser", nobody)
    with pytest.raises(CommandError, match="--by NAME"):
        call_command("register_archive", tmp_path / "archive")
    call_command("register_archive", tmp_path / "archive", by="Jouko", despite=True)


def test_every_table_is_in_it_or_left_with_a_reason():
    models = [one.__name__ for one in apps.get_app_config("jokkerit_plugin").get_models()]
    left = " ".join(LEFT.values()).split()
    assert sorted([*(one.model for one in FILES), *left]) == sorted(models)
    for file in FILES:
        fields = contents.model_of(file)._meta.concrete_fields
        assert set(file.without.split()) <= {one.name for one in fields}
        taken = {one.name for one in fields} - set(file.without.split())
        assert {part_of(file.model, one) for one in taken} <= {None, Part.IDENTITY, Part.FIGURES}


@pytest.mark.parametrize("broken", ["changed", "removed", "cut"])
def test_a_log_that_somebody_changed_shows(books, tmp_path, broken):
    place = tmp_path / "archive"
    for number in range(3):
        rows.commit(rows.row(ACCOUNTANT, f"act {number}"))
    write(place)
    log = place / "proofs/access_log.jsonl"
    lines = log.read_text("utf-8").splitlines(keepends=True)
    lines = {
        "changed": [*lines[:-2], lines[-2].replace("act 1", "act 9"), lines[-1]],
        "removed": [*lines[:-2], lines[-1]],
        "cut": lines[:-1],
    }[broken]
    log.write_text("".join(lines), "utf-8")
    status, said = proved(place)
    assert (status, "access_log.jsonl: line" in said) == (1, True)
    assert summed(place) == 1


def test_a_log_that_was_pruned_is_proved_from_there(books, tmp_path):
    for number in range(3):
        rows.commit(rows.row(ACCOUNTANT, f"act {number}"))
    last = AccessEntry.objects.latest("seq").seq
    checkpoints.make(AccessEntry, seq=last - 1, pruned=True)
    checkpoints._delete(AccessEntry, last - 1)
    place = tmp_path / "archive"
    write(place)
    assert proved(place)[0] == 0
    log = next(one for one in told(place)["chains"] if "access" in one["file"])
    assert (log["after"], log["last"]) == (last - 1, last)


def test_it_is_in_the_log_with_everybody_who_is_in_it(books, tmp_path):
    write(tmp_path / "archive")
    row = AccessEntry.objects.latest("seq")
    assert (row.actor, row.act, row.purpose) == (COMMAND.key, archive.ACT, "bookkeeping")
    customers = set(Purchase.objects.values_list("customer_id", flat=True))
    assert set(chain.as_ids(row.subjects)) == customers
    assert row.count == len(customers)


def test_who_is_no_controller_gets_none(books, tmp_path):
    for actor in (STAFF, ACCOUNTANT):
        with pytest.raises(ControllersOnly):
            archive.write(tmp_path / "archive", actor=actor, by="x")
        assert AccessEntry.objects.latest("seq").outcome == "refused"
    assert archive.write(tmp_path / "archive", actor=CONTROLLER, by="x").made_by == "user:1"


def test_it_is_refused_while_something_is_not_in_order(books, tmp_path, monkeypatch):
    place = tmp_path / "archive"
    inbox.note(Kind.CUSTOMER, [99])
    with pytest.raises(NotInOrder, match="1 events of the shop wait"):
        write(place)

    def behind() -> None:
        raise NotReplayed("The database is older than its ledger of erasures.")

    monkeypatch.setattr(copies, "check", behind)
    with pytest.raises(NotInOrder, match="older than its ledger"):
        write(place)
    Purchase.objects.update(unbooked=True)
    with pytest.raises(NotInOrder, match="2 purchases are not booked"):
        write(place)
    assert not list(tmp_path.glob("archive*"))
    with pytest.raises(CommandError, match="--despite"):
        call_command("register_archive", place)
    call_command("register_archive", place, despite=True)
    assert len(told(place)["not_in_order"]) == 3
    assert "older than its ledger" in (place / "README.sv.txt").read_text("utf-8")


def test_a_chain_that_is_broken_is_not_passed_on_in_silence(books, tmp_path):
    AccessEntry.objects.filter(pk=AccessEntry.objects.earliest("seq").pk).update(actor="user:9")
    with pytest.raises(NotInOrder, match="log of who looked is not whole"):
        write(tmp_path / "archive")


def test_a_file_that_was_changed_since_it_was_made_is_named(books, tmp_path):
    ExportChunk.objects.filter(number=1).update(data=b"other")
    with pytest.raises(FileDamaged):
        write(tmp_path / "archive")
    write(tmp_path / "archive", despite=True)
    assert "has changed since it was made" in told(tmp_path / "archive")["not_in_order"][0]


def kill(*_: object) -> None:
    raise KeyboardInterrupt


def test_one_that_was_not_finished_is_none_and_is_begun_anew(books, tmp_path, monkeypatch):
    place = tmp_path / "archive"
    seal = folder.Folder.seal
    monkeypatch.setattr(folder.Folder, "seal", kill)
    with pytest.raises(KeyboardInterrupt):
        write(place)
    assert not place.exists()
    assert not (tmp_path / "archive.unfinished" / "manifest.json").exists()
    assert not BooksArchive.objects.exists()
    monkeypatch.setattr(folder.Folder, "seal", seal)
    write(place)
    assert summed(place) == 0
    assert not (tmp_path / "archive.unfinished").exists()


def test_nothing_that_is_there_is_written_over(books, tmp_path):
    (tmp_path / "archive.unfinished").mkdir()
    with pytest.raises(ArchiveError, match="in the way"):
        write(tmp_path / "archive")
    with pytest.raises(ArchiveError, match="already"):
        write(tmp_path)
    with pytest.raises(ArchiveError, match="There is no folder"):
        write(tmp_path / "no" / "archive")


def test_uninstalling_asks_for_the_books_as_they_are_now(books, tmp_path):
    with pytest.raises(NotArchived, match="stand in no archive"):
        uninstall.ask()
    write(tmp_path / "first")
    uninstall.ask(tmp_path / "first")
    Purchase.objects.filter(number="1").update(party_city="TURKU")
    with pytest.raises(NotArchived, match=r"books/purchases.csv, books/vouchers.csv"):
        uninstall.ask(tmp_path / "first")
    write(tmp_path / "second")
    uninstall.ask(tmp_path / "second")
    with pytest.raises(ArchiveError, match="not the newest"):
        uninstall.ask(tmp_path / "first")
    (tmp_path / "second" / "books" / "lines.csv").unlink()
    with pytest.raises(ArchiveError, match=r"lines.csv is missing or was changed"):
        uninstall.ask(tmp_path / "second")


def test_what_the_proofs_grow_by_makes_no_archive_old(books, tmp_path):
    write(tmp_path / "archive")
    rows.commit(rows.row(ACCOUNTANT, "later"))
    uninstall.ask(tmp_path / "archive")


def test_without_an_archive_goes_only_what_holds_no_books(shop, settings):
    with pytest.raises(NotArchived, match="stand in no archive"):
        uninstall.ask()
    uninstall.ask(unarchived=True)
    sell(shop, "a", "2026-03-01")
    follow(shop)
    with pytest.raises(NotArchived, match="which the law keeps"):
        uninstall.ask(unarchived=True)
    settings.DEBUG = True
    uninstall.ask(unarchived=True)


def test_the_tables_are_not_dropped_without_an_archive(books, tmp_path, monkeypatch):
    monkeypatch.setenv(uninstall.VARIABLE, "yes")
    with pytest.raises(CommandError, match=r"tables stay\. The register holds books"):
        call_command("migrate", "jokkerit_plugin", "zero", verbosity=0)
    monkeypatch.delenv(uninstall.VARIABLE)
    with pytest.raises(CommandError, match=r"tables stay\. The books stand in no archive"):
        call_command("migrate", "jokkerit_plugin", "zero", verbosity=0)
    assert Purchase.objects.count() == 2
    # Going on to a newer version, or back by a step, asks for nothing.
    call_command("migrate", "jokkerit_plugin", verbosity=0)
    first = MigrationLoader(None).disk_migrations["jokkerit_plugin", "0001_initial"]
    uninstall.before_migrating(plan=[(first, False)])
    write(tmp_path / "archive")
    uninstall.before_migrating(plan=[(first, True)])
