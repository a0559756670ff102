"""What the jobs do with permissions: told, copied, ended, moved; twice is once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F

from jokkerit_plugin import clock, overview
from jokkerit_plugin.access import copies, restrictions
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.access.copies import NotReplayed
from jokkerit_plugin.marketing import contacts, copied, imports, ledger, soft_opt_in, terms, upkeep
from jokkerit_plugin.marketing.opt_out_files import Layout
from jokkerit_plugin.models import (
    ChainHead,
    Customer,
    MarketingEvent,
    OptOutImport,
    Suppression,
    Sweep,
)
from jokkerit_plugin.policy.marketing import Channel, Kind
from jokkerit_plugin.policy.restriction import RestrictionGround
from tests.backups import Dump, Snapshot
from tests.erasing import take
from tests.opting import AINO, KEY, NEWER, ask, declared_empty, key
from tests.paper_shop import PaperShop
from tests.people import CONTROLLER, sign

EMAIL, SMS, PHONE, POST = Channel


@pytest.fixture(autouse=True)
def marketing(db, shop, monkeypatch):
    key(monkeypatch, KEY)
    declared_empty()


@pytest.fixture
def outside(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setenv(copies.VARIABLE, str(tmp_path / "ledger"))
    return tmp_path / "ledger" / "opt-outs"


def customer(shop: PaperShop, user: int = 5, email: str = AINO, **changes) -> Customer:
    shop.account(user, email=email)
    shop.order(str(user), user=user, email=email, **changes)
    take(shop)
    return Customer.objects.get(saleor_user=user)


def say(kind: Kind, address: str = AINO, channel: Channel = EMAIL, **more) -> None:
    ledger.record(kind, channel, address, source="link", **more)


def oppose(address: str = AINO, **more) -> None:
    say(Kind.OBJECTION, address, **more)


def day(monkeypatch, now: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: now)


def test_an_opt_out_is_told_to_other_apps_and_a_consent_takes_that_back(shop):
    one = customer(shop)
    oppose(customer=one.pk)
    upkeep.carry(seconds=5)
    assert shop.port.marks == {5: "email"}
    say(Kind.RECONSENT)
    upkeep.carry(seconds=5)
    assert shop.port.marks == {5: ""}
    assert not Suppression.objects.filter(carried_at=None).exists()


def test_whom_no_event_names_the_walk_finds(shop):
    customer(shop)
    customer(shop, 6, "eino@example.com")
    say(Kind.DECLARED)
    upkeep.carry(seconds=5)
    assert shop.port.marks == {}
    assert upkeep.walk(seconds=5)
    assert shop.port.marks == {5: "email", 6: ""}


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
@pytest.mark.parametrize(
    ("held", "told"), [("restricted", "email phone post sms"), ("unheard", "email"), ("", "email")]
)
def test_what_holds_back_for_a_time_hides_no_no_from_other_apps(shop, held, told):
    shop.account(5, email=AINO, former_emails=["old@example.com"])
    shop.order("5", user=5, email=AINO)
    take(shop)
    oppose("old@example.com")
    if held == "restricted":
        sign(CONTROLLER)
        restrictions.restrict(
            Customer.objects.get().pk, ground=RestrictionGround.ACCURACY, actor=CONTROLLER
        )
    elif held:
        Customer.objects.update(said="x")
    assert upkeep.walk(seconds=5)
    assert shop.port.marks == {5: told}


def test_the_walk_is_gone_on_with_and_once_a_day(shop, monkeypatch):
    monkeypatch.setattr(upkeep, "BATCH", 1)
    for user in (5, 6, 7):
        customer(shop, user, f"user{user}@example.com")
    assert not upkeep.walk(seconds=0)
    today = Sweep.objects.get(name="marketing")
    upkeep._step(today.pk, shop.port)
    assert Sweep.objects.get(name="marketing").seen == 1
    assert upkeep.walk(seconds=5)
    assert Sweep.objects.get(name="marketing").seen == 3
    assert upkeep.walk(seconds=5)
    assert Sweep.objects.filter(name="marketing").count() == 1


def test_who_was_inactive_stays_so_when_they_buy_again(shop, monkeypatch):
    now = clock.now()
    day(monkeypatch, now - timedelta(days=800))
    one = customer(shop, placed_at="2020-01-01T00:00:00.000000Z")
    say(Kind.RECONSENT, customer=one.pk)
    assert ask().allowed
    day(monkeypatch, now)
    assert ask().reason == "inactive"
    shop.port.logins[5] = now - timedelta(days=100)
    assert ask().reason == "consent"
    shop.port.logins.clear()
    for _ in range(2):
        Sweep.objects.filter(name="marketing").delete()
        upkeep.walk(seconds=5)
    assert MarketingEvent.objects.filter(kind="expired").count() == 1
    shop.port.logins[5] = now
    assert ask().reason == "no_consent"


def test_a_consent_that_nobody_confirmed_lapses_once(shop, monkeypatch):
    now = clock.now()
    day(monkeypatch, now - timedelta(days=8))
    say(Kind.CONSENT)
    say(Kind.CONSENT, "eino@example.com")
    day(monkeypatch, now - timedelta(days=5))
    say(Kind.CONSENT, "eino@example.com")
    say(Kind.CONSENT, "lempi@example.com")
    day(monkeypatch, now)
    for _ in range(2):
        terms.lapse(shop.port.settings)
    assert MarketingEvent.objects.filter(kind="lapsed").count() == 1
    assert ask().reason == "no_consent"
    assert ask("eino@example.com").reason == "unconfirmed"


def test_proof_goes_three_years_after_the_consent_ended_and_the_opt_out_stays(monkeypatch):
    start = datetime(2021, 3, 1, tzinfo=UTC)
    for n, (kind, address) in enumerate(
        [
            (Kind.RECONSENT, AINO), (Kind.RECONSENT, "eino@example.com"), (Kind.NO_PROFILE, AINO),
            (Kind.OBJECTION, AINO), (Kind.OBJECTION, "lempi@example.com"),
            (Kind.RECONSENT, "lempi@example.com"),
        ]
    ):  # fmt: skip
        day(monkeypatch, start + timedelta(days=n))
        say(kind, address)
    day(monkeypatch, datetime(2024, 3, 4, tzinfo=UTC))
    assert terms.prune() == 0
    day(monkeypatch, datetime(2024, 3, 7, tzinfo=UTC))
    assert terms.prune() == 3
    left = MarketingEvent.objects.order_by("at").values_list("kind", flat=True)
    assert list(left) == ["reconsent", "no_profile", "reconsent"]
    assert ask().reason == "opted_out"
    assert terms.prune() == 0


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_a_no_of_long_ago_holds_where_the_customer_lives_now(shop, monkeypatch):
    one = customer(shop)
    now = clock.now()
    day(monkeypatch, now - timedelta(days=1200))
    say(Kind.OBJECTION, "Aino Mäkelä|Vanha tie 1|51900|FI", POST, customer=one.pk)
    # Taken back since, it is proof alone.
    say(Kind.OBJECTION, customer=one.pk)
    day(monkeypatch, now - timedelta(days=1199))
    say(Kind.RECONSENT, customer=one.pk)
    day(monkeypatch, now)
    assert terms.prune() == 1
    assert ask("Aino Mäkelä|Kaskitie 1|51900|FI", POST).reason == "opted_out"


def test_as_much_proof_goes_at_once_as_may(monkeypatch):
    """However many words of one contact end it: else the walk would take it for the last."""
    monkeypatch.setattr(terms, "PRUNED", 4)
    now = clock.now()
    for n, kind in enumerate([Kind.RECONSENT, Kind.OBJECTION] * 3):
        day(monkeypatch, now - timedelta(days=2000 - n))
        say(kind)
    first = list(MarketingEvent.objects.order_by("pk").values_list("pk", flat=True))
    day(monkeypatch, now)
    assert terms.prune() == 4
    assert list(MarketingEvent.objects.values_list("pk", flat=True)) == first[4:]
    assert terms.prune() == 2


def test_what_stands_under_an_older_key_moves_when_the_address_is_seen(shop, monkeypatch):
    customer(shop)
    customer(shop, 6, "eino@example.com")
    oppose()
    oppose("gone@example.com")
    say(Kind.RECONSENT, "eino@example.com")
    key(monkeypatch, NEWER, KEY)
    oppose(channel=SMS, address="+358401234567")
    upkeep.walk(seconds=5)
    versions = dict(Suppression.objects.values_list("channel", "key_version"))
    assert versions["sms"] == "2027"
    assert Suppression.objects.filter(key_version="2026").count() == 1
    assert ask().reason == "opted_out"
    assert ask("eino@example.com").allowed
    key(monkeypatch, NEWER)
    assert ask().reason == "key_gone"


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
@pytest.mark.parametrize("kind", [Kind.NO_PROFILE, Kind.RECONSENT])
def test_a_no_to_profiles_alone_keeps_its_key(shop, monkeypatch, kind):
    say(kind)
    key(monkeypatch, NEWER)
    assert ask().reason == ("key_gone" if kind is Kind.NO_PROFILE else "no_consent")


@pytest.mark.parametrize("later", ["old", "new"])
def test_of_two_rows_of_one_contact_the_later_word_counts(shop, monkeypatch, later):
    customer(shop)
    oppose()
    if later == "new":
        say(Kind.RECONSENT)
    key(monkeypatch, NEWER)
    oppose()
    if later == "old":
        newer = Suppression.objects.get(key_version="2027")
        newer.lifted_at = newer.since + timedelta(microseconds=1)
        newer.save()
        Suppression.objects.filter(key_version="2026").update(since=clock.now())
    key(monkeypatch, NEWER, KEY)
    upkeep.walk(seconds=5)
    assert Suppression.objects.get(channel="email").lifted_at is None
    assert ask().reason == "opted_out"


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_of_two_rows_of_one_contact_an_opt_out_counts_before_a_bounce(shop, monkeypatch):
    customer(shop)
    oppose()
    key(monkeypatch, NEWER)
    say(Kind.BOUNCE)
    key(monkeypatch, NEWER, KEY)
    upkeep.walk(seconds=5)
    assert Suppression.objects.get(channel="email").reason == "objection"


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
@pytest.mark.parametrize("restored", [
    {"reason": "bounce"}, {"lifted_at": F("since"), "since": F("since") - timedelta(days=1)},
])  # fmt: skip
def test_of_one_moment_the_copy_that_closes_counts(outside, restored):
    oppose()
    copied.write()
    Suppression.objects.update(**restored)
    ChainHead.objects.filter(name="opt-outs").update(seq=0)
    assert copied.take_in() == 1
    told = Suppression.objects.get()
    assert (told.reason, told.lifted_at) == ("objection", None)


@pytest.mark.promise("P-USE-MARKETING")
@pytest.mark.django_db(transaction=True)
def test_a_restored_backup_does_not_forget_who_said_no(shop, outside, tmp_path):
    say(Kind.RECONSENT)
    say(Kind.RECONSENT, "eino@example.com")
    oppose("lempi@example.com")
    backup = Dump(tmp_path)
    oppose()
    say(Kind.NO_PROFILE, "eino@example.com")
    say(Kind.RECONSENT, "lempi@example.com")
    upkeep.carry(seconds=5)
    backup.restore()

    assert ask().reason == "not_replayed"
    assert ask("eino@example.com").reason == "not_replayed"
    assert any("restored" in one for one in contacts.status())

    upkeep.carry(seconds=5)
    assert ask().reason == "opted_out"
    [eino] = contacts.permissions([(EMAIL, "eino@example.com")])
    assert (eino.allowed, eino.profiling) == (True, False)
    # The proof of her consent is lost with the backup, so she stays out.
    assert not ask("lempi@example.com").allowed


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_what_was_said_of_profiling_is_copied_and_taken_back_once(shop, outside, monkeypatch):
    say(Kind.NO_PROFILE)
    say(Kind.PROFILE, "eino@example.com")
    assert copied.write() == 2
    assert copied.write() == 0
    [file] = outside.rglob("*.json")
    assert "aino" not in file.read_text()
    for _ in range(2):
        ChainHead.objects.filter(name="opt-outs").update(seq=0)
        assert copied.take_in() == 1
    told = MarketingEvent.objects.order_by("pk").values_list("kind", "source", "copied")
    assert list(told) == [("no_profile", "link", True), ("profile", "link", True)]
    assert not Suppression.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_opt_outs_are_copied_once_as_soon_as_they_are_committed(shop, outside, monkeypatch):
    rounds, write = [], copied.write
    with monkeypatch.context() as patch, transaction.atomic():
        patch.setattr(copied, "write", lambda: rounds.append(write()))
        oppose()
        oppose("eino@example.com")
    assert rounds == [2]
    [file] = outside.rglob("*.json")
    assert "aino" not in file.read_text()
    assert copied.write() == 0


def test_a_worker_killed_between_copy_and_commit_leaves_nothing_behind(shop, outside, monkeypatch):
    oppose()
    real = copied._set_head

    def killed(number: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(copied, "_set_head", killed)
    with pytest.raises(KeyboardInterrupt):
        copied.write()
    monkeypatch.setattr(copied, "_set_head", real)
    assert ask().reason == "not_replayed"
    upkeep.carry(seconds=5)
    assert ask().reason == "opted_out"


def test_a_copy_that_is_not_ours_is_refused(shop, outside):
    oppose()
    copied.write()
    [file] = outside.rglob("*.json")
    file.with_name("000000000002.json").write_text(file.read_text())
    with pytest.raises(NotReplayed, match="not signed"):
        copied.take_in()
    assert ask("eino@example.com").reason == "not_replayed"


def test_the_ledger_of_erasures_ahead_of_the_database_refuses(shop, outside, monkeypatch):
    def ahead() -> None:
        raise NotReplayed("behind")

    say(Kind.RECONSENT)
    assert ask().allowed
    monkeypatch.setattr(copies, "check", ahead)
    assert ask().reason == "not_replayed"


def test_the_status_names_what_waits_and_a_shop_without_marketing_has_nothing_to_see_to(shop):
    OptOutImport.objects.all().delete()
    assert [one for one in overview.overview().problems if "marketing" in one] == []
    oppose()
    assert any("old opt-outs" in one for one in overview.overview().problems)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {Suppression._meta.db_table} SET since = since - interval '1 hour'")
    assert any("1 opt-outs wait" in one for one in overview.overview().problems)


def test_a_deactivated_plugin_rests(shop):
    customer(shop)
    oppose()
    shop.port.settings = replace(shop.port.settings, active=False)
    assert upkeep.carry(seconds=5) == 0
    assert upkeep.walk(seconds=5)
    assert not Sweep.objects.filter(name="marketing").exists()
    assert ask().reason == "opted_out"


def test_a_deactivated_plugin_copies_what_its_links_are_told(shop, outside):
    one = customer(shop)
    shop.port.settings = replace(shop.port.settings, active=False)
    oppose(customer=one.pk)
    assert upkeep.carry(seconds=5) == 0
    assert (len(list(outside.rglob("*.json"))), shop.port.marks) == (1, {})
    shop.port.settings = replace(shop.port.settings, active=True)
    upkeep.carry(seconds=5)
    assert shop.port.marks == {5: "email"}


# Where nothing is copied, and where copies are gone.


@pytest.mark.django_db(transaction=True)
def test_without_a_storage_the_cache_tells_of_a_restored_backup(shop):
    cache.clear()
    oppose("lempi@example.com")
    backup = Snapshot()
    oppose()
    backup.restore()
    assert ask("eino@example.com").reason == "not_replayed"
    assert any("no copies were kept" in one for one in contacts.status())
    # New opt-outs get the numbers of those that were lost: they are others all the same.
    oppose("eino@example.com")
    oppose("berit@example.com")
    assert ask("lempi@example.com").reason == "not_replayed"
    imports.declare_none(Actor("command:test", frozenset()))
    assert ask("lempi@example.com").reason == "opted_out"
    cache.clear()


@pytest.mark.django_db(transaction=True)
def test_what_moves_to_a_new_key_is_no_restored_backup(shop, monkeypatch):
    cache.clear()
    customer(shop)
    oppose()
    key(monkeypatch, NEWER, KEY)
    upkeep.walk(seconds=5)
    assert Suppression.objects.get().key_version == "2027"
    assert ask().reason == "opted_out"
    cache.clear()


def test_a_shop_without_a_storage_is_told_so_plainly(shop, monkeypatch, tmp_path):
    oppose()
    assert any("copied nowhere" in one for one in overview.overview().problems)
    monkeypatch.setenv(copies.VARIABLE, str(tmp_path / "ledger"))
    assert not any("copied nowhere" in one for one in overview.overview().problems)


def test_a_gap_in_the_copies_hides_none_that_come_after_it(shop, outside):
    for name in ("a", "b", "c"):
        oppose(f"{name}@example.com")
        copied.write()
    ChainHead.objects.filter(name="opt-outs").update(seq=1)
    (outside / "000000" / "000000000002.json").unlink()
    cache.clear()
    assert ask("eino@example.com").reason == "not_replayed"
    assert any("gone" in one for one in contacts.status())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jokkerit.rekey = 'on'")
        cursor.execute(f"DELETE FROM {Suppression._meta.db_table} WHERE id <> ("
                       f"SELECT min(id) FROM {Suppression._meta.db_table})")  # fmt: skip
    call_command("register_replay", "--copy-anew", stdout=StringIO())
    assert ask("c@example.com").reason == "opted_out"
    assert {one.name[:12] for one in outside.rglob("*.json")} == {
        "000000000001", "000000000003", "000000000004",
    }  # fmt: skip
    assert not Suppression.objects.filter(copied=False).exists()


def test_a_storage_that_lost_its_copies_is_named(shop, outside):
    oppose()
    copied.write()
    for file in outside.rglob("*.json"):
        file.unlink()
    cache.clear()
    assert any("lost some" in one for one in contacts.status())
    assert ask().reason == "opted_out"
    copied.anew()
    assert contacts.status() == []
    assert [one.name for one in outside.rglob("*.json")] == ["000000000002.json"]


@pytest.mark.django_db(transaction=True)
def test_the_opt_outs_of_a_file_are_copied_as_soon_as_they_are_committed(shop, outside, tmp_path):
    path = tmp_path / "file.csv"
    path.write_text(f"email\n{AINO}\neino@example.com\n")
    imports.take_in(path, Layout(("email",), EMAIL), actor=Actor("command:test", frozenset()))
    assert len(list(outside.rglob("*.json"))) == 1
    assert not Suppression.objects.filter(copied=False).exists()


# What never ended by itself.


def test_what_a_stranger_gave_ends_too_and_its_proof_with_it(shop, monkeypatch):
    now = clock.now()
    one = customer(shop)
    day(monkeypatch, now - timedelta(days=365 * 6))
    say(Kind.RECONSENT, "erased@example.com")
    ledger.record(Kind.SOFT_OPT_IN, EMAIL, "bought@example.com", source="order")
    say(Kind.RECONSENT, customer=one.pk)
    day(monkeypatch, now - timedelta(days=300))
    say(Kind.RECONSENT, "late@example.com")
    day(monkeypatch, now)
    assert terms.expire_unknown() == 2
    assert terms.expire_unknown() == 0
    ended = MarketingEvent.objects.filter(kind="expired")
    assert {at.year for at in ended.values_list("at", flat=True)} == {(now - timedelta(
        days=365 * 4)).year}  # fmt: skip
    assert terms.prune() == 4
    left = MarketingEvent.objects.values_list("kind", flat=True)
    assert list(left) == ["reconsent", "reconsent"]
    assert ask("late@example.com").allowed


def test_what_is_over_goes_while_nobody_may_be_written_to_but_not_from_a_restored_backup(
    shop, monkeypatch
):
    def ahead() -> None:
        raise NotReplayed("behind")

    now = clock.now()
    day(monkeypatch, now - timedelta(days=365 * 6))
    say(Kind.RECONSENT)
    day(monkeypatch, now)
    OptOutImport.objects.all().delete()
    with monkeypatch.context() as then:
        then.setattr(copies, "check", ahead)
        assert upkeep.walk(seconds=5)
        assert MarketingEvent.objects.exists()
    assert contacts.closed()
    assert upkeep.walk(seconds=5)
    assert not MarketingEvent.objects.exists()
    assert not Sweep.objects.filter(name="marketing").exists()


def test_an_account_that_changed_nothing_of_marketing_is_not_heard_again(shop):
    says = {"marketingOptOut": "sms"}
    shop.account(5, email=AINO, marketing=says)
    shop.order("1", user=5, email=AINO)
    take(shop)
    soft_opt_in.keep()
    before = Customer.objects.get()
    shop.account(5, email=AINO, marketing=says, changed_at="2026-11-02T00:00:00.000000Z")
    take(shop)
    assert soft_opt_in.keep() == 0
    after = Customer.objects.get()
    assert (after.said, after.heard) == (before.said, before.said)
    # Another address, other words, and the same words again after none: each is heard.
    for changes in (
        {"marketing": says, "email": "new@example.com"}, {"marketing": {"marketingOptOut": "all"}},
        {"marketing": {}}, {"marketing": {"marketingOptOut": "all"}},
    ):  # fmt: skip
        shop.account(5, **changes)
        take(shop)
        assert soft_opt_in.keep() == 1, changes
        assert soft_opt_in.keep() == 0
