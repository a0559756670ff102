"""Signed checkpoints: they show a log that was written anew, and let the oldest part go."""

import hashlib
import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from jokkerit_plugin import clock, keys
from jokkerit_plugin.access import chain, checkpoints, log
from jokkerit_plugin.access.checkpoints import CheckpointError
from jokkerit_plugin.models import AccessEntry, ChainHead, Checkpoint
from tests.test_chain import entry, write

pytestmark = pytest.mark.django_db

OLD, NEW = "ab" * 32, "cd" * 40
TABLE = AccessEntry._meta.db_table


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv(keys.VARIABLE, f"2026:{NEW}, 2025:{OLD}")


def faults(**exported) -> list[tuple[int, str]]:
    with chain.snapshot():
        found = chain.verify(AccessEntry) + checkpoints.check(AccessEntry, exported)
    return [(fault.seq, fault.what) for fault in found]


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def rewrite(*, actor: str) -> None:
    """Do what the database's administrator could: write the whole chain anew, hashes and all."""
    rows = list(AccessEntry.objects.order_by("seq").values())
    AccessEntry.objects.all().delete()
    ChainHead.objects.all().delete()
    for row in rows:
        content = {name: row[name] for name in row if name not in {"seq", "hash"}}
        chain.append(AccessEntry, content | {"actor": actor})


def test_a_checkpoint_holds_while_the_log_grows():
    write(3)
    made = checkpoints.make(AccessEntry)
    write(2)
    assert (made.seq, made.key_version, made.pruned) == (3, "2026", False)
    assert faults(here=made) == []


def test_a_log_written_anew_is_shown_by_the_checkpoint_in_the_database():
    write(3)
    checkpoints.make(AccessEntry)
    rewrite(actor="user:2")
    assert faults() == [(3, "checkpoint 3: the chain was rewritten since it was signed")]


def test_a_log_written_anew_without_its_checkpoints_is_shown_by_the_exported_one():
    write(3)
    made = checkpoints.make(AccessEntry)
    Checkpoint.objects.all().delete()
    rewrite(actor="user:2")
    assert faults() == []
    assert faults(safe=made) == [(3, "safe: the chain was rewritten since it was signed")]


def test_a_log_that_was_cut_short_is_shown_by_the_exported_one():
    write(3)
    made = checkpoints.make(AccessEntry)
    Checkpoint.objects.all().delete()
    before = AccessEntry.objects.get(seq=2)
    AccessEntry.objects.filter(seq=3).delete()
    ChainHead.objects.update(seq=2, hash=before.hash)
    assert faults() == []
    assert faults(safe=made) == [(3, "safe: its link is missing")]


@pytest.mark.parametrize(
    "change",
    [
        {"seq": 2},
        {"hash": "00" * 32},
        {"made_at": "2020-01-01T00:00:00.000000+00:00"},
        {"pruned": True},
        {"signature": "00" * 32},
        {"key_version": "2025"},
    ],
)
def test_a_checkpoint_with_anything_changed_is_not_ours(change):
    write(3)
    forged = replace(checkpoints.make(AccessEntry), **change)
    assert faults(forged=forged) == [(forged.seq, "forged: its signature is not ours")]


def test_a_checkpoint_of_another_chain_is_named_so():
    write(1)
    other = replace(checkpoints.make(AccessEntry), chain="receipt")
    assert faults(other=other) == [(1, "other: it is of the chain receipt")]


def test_an_older_key_still_verifies(monkeypatch):
    monkeypatch.setenv(keys.VARIABLE, f"2025:{OLD}")
    write(1)
    made = checkpoints.make(AccessEntry)
    monkeypatch.setenv(keys.VARIABLE, f"2026:{NEW},2025:{OLD}")
    assert made.key_version == "2025"
    assert faults(here=made) == []


def test_a_key_that_is_gone_is_said_and_not_passed_over(monkeypatch):
    write(1)
    checkpoints.make(AccessEntry)
    monkeypatch.setenv(keys.VARIABLE, f"2027:{OLD}")
    ((seq, what),) = faults()
    assert seq == 1
    assert "2026 is not in JOKKERIT_KEYS" in what


def test_without_a_key_nothing_is_signed_and_the_status_says_so(shop, monkeypatch):
    assert log.problems() == []
    monkeypatch.delenv(keys.VARIABLE)
    assert log.problems() == []
    write(1)
    with pytest.raises(keys.NoKey, match="not set"):
        checkpoints.make(AccessEntry)
    assert not Checkpoint.objects.exists()
    assert ["JOKKERIT_KEYS is not set" in one for one in log.problems()] == [True]


@pytest.mark.parametrize(
    "value", ["secret", "2026:abcd", f"2026:{OLD}x", f"2026:{OLD},2026:{NEW}", f":{OLD}"]
)
def test_a_key_that_is_badly_written_is_refused_without_quoting_it(monkeypatch, value):
    monkeypatch.setenv(keys.VARIABLE, value)
    with pytest.raises(keys.NoKey) as error:
        keys.sign("checkpoint", b"x")
    assert OLD not in error.value.message
    assert "secret" not in error.value.message


def test_a_signature_for_one_use_is_none_for_another():
    version, signature = keys.sign("download", b"x")
    assert keys.verify("download", version, b"x", signature)
    assert not keys.verify("checkpoint", version, b"x", signature)


def test_an_empty_or_broken_log_is_not_certified():
    with pytest.raises(CheckpointError, match="empty"):
        checkpoints.make(AccessEntry)
    write(3)
    run(f"UPDATE {TABLE} SET actor = 'user:2' WHERE seq = 2")
    with pytest.raises(CheckpointError, match="Row 2"):
        checkpoints.make(AccessEntry)
    assert not Checkpoint.objects.exists()


def test_a_log_written_anew_is_not_certified_over_an_older_checkpoint():
    write(2)
    checkpoints.make(AccessEntry)
    rewrite(actor="user:2")
    write(1)
    with pytest.raises(CheckpointError, match="rewritten"):
        checkpoints.make(AccessEntry)


def years_ago(years: float) -> datetime:
    return clock.now() - timedelta(days=years * 365.25)


def aged(*ages: float) -> None:
    for age in ages:
        chain.append(AccessEntry, entry() | {"at": years_ago(age)})


def test_what_is_older_than_five_years_goes_and_the_rest_is_still_proved():
    aged(7, 6, 5.1, 4.9, 1)
    made = checkpoints.make(AccessEntry)
    assert log.expire() == 3
    assert list(AccessEntry.objects.values_list("seq", flat=True)) == [4, 5]
    assert chain.walk(AccessEntry, after=0, size=1) == (4, [])
    assert chain.walk(AccessEntry, after=4, size=1) == (5, [])
    assert faults(here=made) == []
    write(1)
    assert log.expire() == 0
    assert faults(here=made) == []


def test_pruning_twice_goes_on_from_the_first(monkeypatch):
    aged(7, 4.9, 4)
    assert log.expire() == 1
    first = checkpoints.export(Checkpoint.objects.get())
    moment = clock.now() + timedelta(days=200)
    monkeypatch.setattr(clock, "now", lambda: moment)
    assert log.expire() == 1
    assert faults(first=first) == []
    assert AccessEntry.objects.get().seq == 3


def test_all_of_a_log_may_go_and_the_next_link_follows_on():
    aged(7, 6)
    assert log.expire() == 2
    assert faults() == []
    write(1)
    assert AccessEntry.objects.get().seq == 3
    assert faults() == []


def test_what_is_being_pruned_is_no_fault_among_the_last_links(monkeypatch):
    write(6)
    with monkeypatch.context() as killed:
        killed.setattr(checkpoints, "_delete", lambda *_: 0)
        checkpoints.prune(AccessEntry, before=AccessEntry.objects.get(seq=4).at)
    assert chain.pruned_to(AccessEntry).seq == 3
    assert chain.tail(AccessEntry) == []
    rows = chain._rows

    def and_another(model, **given):
        yield from rows(model, **given)
        write(1)

    # In a transaction of the caller's the next link may come between two queries.
    monkeypatch.setattr(chain, "_rows", and_another)
    assert chain.tail(AccessEntry) == []


def test_the_last_pruned_link_may_be_a_checkpoint_already():
    aged(7, 6)
    made = checkpoints.make(AccessEntry)
    assert log.expire() == 2
    assert faults(made=made) == []


def test_a_pruning_that_was_killed_between_its_batches_is_ended_by_the_next(monkeypatch):
    aged(7, 6.5, 6, 4.9, 1)
    monkeypatch.setattr(checkpoints, "BATCH", 1)
    with monkeypatch.context() as patched:
        patched.setattr(checkpoints, "_delete", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            log.expire()
    AccessEntry.objects.filter(seq=1).delete()
    assert faults() == [(2, chain.LEFT_OVER), (3, chain.LEFT_OVER)]
    moment = clock.now() + timedelta(days=200)
    monkeypatch.setattr(clock, "now", lambda: moment)
    assert log.expire() == 3
    assert faults() == []


def test_rows_removed_under_a_genuine_checkpoint_are_missed():
    """Only the holder of the key can say that rows were removed on purpose."""
    write(3)
    checkpoints.make(AccessEntry)
    AccessEntry.objects.all().delete()
    Checkpoint.objects.update(pruned=True)
    assert faults() == [(3, "checkpoint 3: its signature is not ours")]


def test_a_row_inserted_among_the_removed_ones_is_named():
    aged(7, 6, 1)
    log.expire()
    run(f"INSERT INTO {TABLE} SELECT 1, hash, at, actor, role, purpose, categories, act, subjects,"
        f" count, outcome, reason FROM {TABLE} WHERE seq = 3")  # fmt: skip
    assert faults() == [(1, chain.LEFT_OVER)]


def test_without_a_key_nothing_is_removed(monkeypatch):
    aged(7, 1)
    monkeypatch.delenv(keys.VARIABLE)
    with pytest.raises(keys.NoKey):
        log.expire()
    assert AccessEntry.objects.count() == 2


def test_a_leap_day_has_its_day_five_years_before(monkeypatch):
    moment = datetime(2028, 2, 29, 12, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: moment)
    chain.append(AccessEntry, entry() | {"at": datetime(2023, 2, 28, 11, tzinfo=UTC)})
    chain.append(AccessEntry, entry() | {"at": datetime(2023, 2, 28, 13, tzinfo=UTC)})
    assert log.expire() == 1


def test_the_commands_export_verify_and_prune(tmp_path, capsys):
    aged(7, 1)
    file = tmp_path / "checkpoint.json"
    call_command("register_checkpoint", output=file)
    call_command("register_verify_log", str(file))
    assert capsys.readouterr().out == "Rows 1 to 2. The log is whole.\n"
    call_command("register_prune_log")
    call_command("register_verify_log", str(file), json=True)
    out = capsys.readouterr().out
    assert out.startswith("1 rows removed.\n")
    report = json.loads(out.partition("\n")[2])
    assert report == {"first": 2, "last": 2, "whole": True, "faults": []}


def test_the_command_names_the_rows_and_ends_with_1(tmp_path, capsys):
    write(3)
    made = checkpoints.make(AccessEntry)
    file = tmp_path / "checkpoint.json"
    file.write_text(json.dumps(asdict(made)))
    run(f"UPDATE {TABLE} SET actor = 'user:2' WHERE seq = 2")
    AccessEntry.objects.filter(seq=3).delete()
    with pytest.raises(SystemExit) as end:
        call_command("register_verify_log", str(file))
    assert end.value.code == 1
    out = capsys.readouterr().out
    assert f"Row 2: {chain.CHANGED}\n" in out
    assert "Row 3: missing\n" in out
    assert f"Row 3: {file}: its link is missing\n" in out
    assert out.endswith("Rows 1 to 3. 4 faults.\n")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"chain": "x"}', hashlib.sha256().hexdigest(), "\ud800"]
)
def test_a_file_that_is_no_checkpoint_is_named(tmp_path, text):
    file = tmp_path / "checkpoint.json"
    file.write_bytes(text.encode("utf-16", "surrogatepass"))
    with pytest.raises(CommandError, match="not an exported checkpoint"):
        call_command("register_verify_log", str(file))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("register_verify_log", str(tmp_path / "none.json"))
    with pytest.raises(CheckpointError):
        checkpoints.read(text)


def test_a_command_without_a_key_says_what_is_missing(monkeypatch, tmp_path):
    aged(7)
    monkeypatch.delenv(keys.VARIABLE)
    for command in ("register_checkpoint", "register_prune_log"):
        with pytest.raises(CommandError, match="JOKKERIT_KEYS"):
            call_command(command)
