"""Copies of the ledger outside the database, and what a restored backup may not do."""

import json
import stat
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connection

from jokkerit_plugin import keys
from jokkerit_plugin.access import chain, copies
from jokkerit_plugin.access.copies import NotReplayed
from jokkerit_plugin.disclosure import ledger as disclosures
from jokkerit_plugin.disclosure.terms import DisclosureRefused
from jokkerit_plugin.models import ChainHead, Erasure
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.purposes import Purpose
from jokkerit_plugin.retention import ledger, night
from tests.forgetting import approved, buys, told
from tests.people import ACCOUNTANT, CONTROLLER, firm, sign

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv(keys.VARIABLE, f"2026:{'ab' * 32}")
    monkeypatch.setenv(copies.VARIABLE, str(tmp_path / "ledger"))
    return tmp_path / "ledger"


def receipts(*numbers: int) -> None:
    from jokkerit_plugin import clock

    for number in numbers:
        ledger.append(
            ledger.receipt(
                plan=1, part="contact", subjects=[number], shop_keys=[f"{number}"],
                rows={"b": 2, "a": number}, in_shop=False, at=clock.now(),
            )
        )  # fmt: skip


def forget(after: int) -> None:
    """Bring the ledger back to where a backup had it."""
    link = Erasure.objects.filter(seq=after).values_list("hash", flat=True).first()
    Erasure.objects.filter(seq__gt=after).delete()
    ChainHead.objects.filter(name="erasure").update(seq=after, hash=link or chain.GENESIS)


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.json"))


def test_a_run_writes_one_object_with_all_its_links(shop, folder):
    for name in ("aino", "eino"):
        buys(shop, name)
    told()
    approved(shop)
    night.by_hand()
    assert len(files(folder)) == 1
    assert [link["seq"] for object_ in copies.after(0) for link in object_] == list(
        Erasure.objects.order_by("seq").values_list("seq", flat=True)
    )


def test_only_what_is_new_is_written(folder):
    receipts(1, 2)
    assert copies.write() == 2
    assert copies.write() == 0
    receipts(3)
    assert copies.write() == 1
    assert [(one.first, one.last) for one in (copies.newest(),)] == [(3, 3)]
    copies.check()


def test_the_objects_are_for_their_owner_alone(folder):
    receipts(1)
    copies.write()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}
    assert not any(mode & 0o077 for mode in modes)


def test_a_named_storage_goes_before_the_folder(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        copies.ALIAS: {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "other")},
        }
    }
    receipts(1)
    copies.write()
    assert len(files(tmp_path / "other")) == 1


def test_without_a_storage_nothing_is_checked(monkeypatch):
    monkeypatch.delenv(copies.VARIABLE)
    receipts(1)
    assert copies.write() == 0
    copies.check()


def test_a_database_behind_its_copies_is_noticed():
    receipts(1, 2, 3)
    copies.write()
    forget(1)
    with pytest.raises(NotReplayed, match="2 receipts are missing"):
        copies.check()
    forget(0)
    ChainHead.objects.all().delete()
    with pytest.raises(NotReplayed, match="3 receipts are missing"):
        copies.check()


def test_a_ledger_that_went_another_way_is_noticed():
    receipts(1, 2)
    copies.write()
    forget(1)
    receipts(7, 8)
    with pytest.raises(NotReplayed, match="not the one that was copied"):
        copies.check()
    with pytest.raises(NotReplayed):
        copies.write()


def test_nothing_is_erased_before_the_replay(shop):
    receipts(1, 2)
    copies.write()
    buys(shop, "aino")
    told()
    approved(shop)
    forget(1)
    with pytest.raises(NotReplayed):
        night.by_hand()
    assert not night.tick(seconds=10)
    assert Erasure.objects.count() == 1


def test_nothing_is_given_to_anybody_before_the_replay(shop):
    buyer = buys(shop, "aino").customer_id
    sign(CONTROLLER, ACCOUNTANT)
    company = firm(ACCOUNTANT)
    terms = {
        "recipient": company, "purpose": Purpose.BOOKKEEPING,
        "categories": frozenset({Category.PURCHASE}), "subjects": [buyer], "actor": ACCOUNTANT,
    }  # fmt: skip
    disclosures.ask(**terms)
    receipts(1)
    copies.write()
    forget(0)
    with pytest.raises(DisclosureRefused) as refusal:
        disclosures.ask(**terms)
    assert refusal.value.code == "NOT_REPLAYED"


@pytest.mark.parametrize("harm", ["content", "signature", "text"])
def test_an_object_that_was_changed_is_not_believed(folder, harm):
    receipts(1)
    copies.write()
    [path] = files(folder)
    found = json.loads(path.read_text())
    if harm == "content":
        found["links"][0]["shop_keys"] = ["9"]
    if harm == "signature":
        found["signature"] = "00" * 32
    path.write_text("{" if harm == "text" else json.dumps(found))
    with pytest.raises(NotReplayed, match="not signed"):
        list(copies.after(0))


def test_a_missing_object_is_named(folder):
    receipts(1)
    copies.write()
    receipts(2)
    copies.write()
    files(folder)[0].unlink()
    with pytest.raises(NotReplayed, match="1 to 1 are gone"):
        list(copies.after(0))


def test_a_storage_that_fails_refuses(monkeypatch):
    receipts(1)
    copies.write()

    def broken(self, path):
        raise ConnectionError("aino@example.com")

    monkeypatch.setattr(FileSystemStorage, "listdir", broken)
    with pytest.raises(NotReplayed, match=r"cannot be reached: ConnectionError\.$"):
        copies.check()


def test_the_ledger_is_verified_as_the_log_is():
    receipts(1, 2, 3)
    assert chain.verify(Erasure) == []
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {Erasure._meta.db_table} SET rows = '{{}}' WHERE seq = 2")
    assert [fault.seq for fault in chain.verify(Erasure)] == [2]
