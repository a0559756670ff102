"""What is said of marketing holds at once, and for good."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from jokkerit_plugin import clock
from jokkerit_plugin.marketing import contact_keys, contacts, ledger
from jokkerit_plugin.marketing.contact_keys import BadAddress, NoKey, Postal
from jokkerit_plugin.marketing.words import BadEvent, NotTheirs
from jokkerit_plugin.models import MarketingEvent, Suppression
from jokkerit_plugin.policy.marketing import Channel, Kind, Source, Text
from tests.opting import AINO, KEY, NEWER, ask, declared_empty, key
from tests.published import published

EMAIL, SMS, PHONE, POST = Channel
HOME = "Aino Mäkelä|Kaskitie 1|51900|FI"


@pytest.fixture(autouse=True)
def marketing(db, shop, monkeypatch):
    key(monkeypatch, KEY)
    declared_empty()


def consent(address: str = AINO, channel: Channel = EMAIL) -> None:
    ledger.record(Kind.RECONSENT, channel, address, source="link")


def oppose(address: str = AINO, channel: Channel | None = EMAIL) -> None:
    [found] = contact_keys.keys(channel or EMAIL, address)
    ledger.oppose(found.digest, found.version, channel, source="link")


def test_an_opt_out_twice_is_one_suppression_and_one_event():
    for _ in range(2):
        oppose()
    assert Suppression.objects.count() == 1
    assert MarketingEvent.objects.count() == 1


def test_every_spelling_of_an_address_is_out():
    oppose("Matti.Meikäläinen@Älykäs.fi ")
    for one in (" matti.meikäläinen@älykäs.fi", "MATTI.MEIKÄLÄINEN@XN--LYKS-KOAD.FI."):
        assert ask(one).reason == "opted_out"
    ledger.record(Kind.OBJECTION, SMS, "040 123 4567", source="staff:telephone")
    for one in ("+358401234567", "00358 40 1234567", "+358 (0)40 1234567"):
        assert ask(one, SMS).reason == "opted_out"
        assert ask(one, PHONE).allowed
    ledger.record(Kind.OBJECTION, POST, HOME, source="mail")
    assert ask("AINO  MAKELA|kaskitie 1.|51 900|fi", POST).reason == "opted_out"
    assert ask("Eero Mäkelä|Kaskitie 1|51900|FI", POST).allowed


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        (EMAIL, ""), (EMAIL, "aino"), (EMAIL, "a@b\nBcc: c@d.fi"), (EMAIL, "a@b,c@d.fi"),
        (EMAIL, "Aino <aino@example.com>"), (EMAIL, "a\0@example.com"), (EMAIL, "x" * 2000),
        (EMAIL, Postal("Aino", "Kaskitie 1", "51900", "FI")), (SMS, "puhelin"), (SMS, ""),
        (POST, "Aino Mäkelä"), (POST, "|||"), (POST, "a|b|c|d|e"),
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_and_not_quoted(channel, address):
    with pytest.raises(BadAddress) as refused:
        ledger.record(Kind.OBJECTION, channel, address, source="link")
    assert not address or str(address) not in str(refused.value)
    assert contacts.may_contact([(address, channel)])[0].reason == "bad_address"


def test_nothing_readable_is_stored():
    text = Text.of("2026-1", "Saa lähettää")
    ledger.record(Kind.RECONSENT, EMAIL, AINO, source="link", language="fi", text=text, customer=7)
    oppose()
    for model in (MarketingEvent, Suppression):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT t::text FROM {model._meta.db_table} AS t")
            rows = str(cursor.fetchall())
        assert "aino" not in rows.lower()
        assert AINO.encode().hex() not in rows
    [event] = MarketingEvent.objects.filter(kind="reconsent")
    assert (event.text_version, bytes(event.text_digest), event.customer) == (*text, 7)


def test_nobody_but_the_person_lifts_an_opt_out():
    oppose()
    for kind, source in (
        (Kind.CONSENT, Source.ORDER), (Kind.CONSENT, Source.ACCOUNT),
        (Kind.SOFT_OPT_IN, Source.ORDER),
    ):  # fmt: skip
        ledger.record(kind, EMAIL, AINO, source=source)
        assert ask().reason == "opted_out"
    for kind, source in (
        (Kind.CONSENT, "import"), (Kind.CONSENT, "api"), (Kind.CONSENT, "staff"),
        (Kind.RECONSENT, "order"), (Kind.CONFIRMED, "api"),
    ):  # fmt: skip
        with pytest.raises(NotTheirs):
            ledger.record(kind, EMAIL, AINO, source=source)
    before = clock.now() - timedelta(days=1)
    ledger.record(Kind.RECONSENT, EMAIL, AINO, source="staff:telephone", at=before)
    assert ask().reason == "opted_out"
    ledger.record(Kind.RECONSENT, EMAIL, AINO, source="staff:telephone")
    assert ask().allowed


@pytest.mark.parametrize("source", ["", "staff:hearsay", "somebody"])
def test_a_door_that_is_none_is_refused(source):
    with pytest.raises(BadEvent):
        ledger.record(Kind.OBJECTION, EMAIL, AINO, source=source)


def test_an_event_in_the_future_is_refused():
    with pytest.raises(BadEvent):
        ledger.record(
            Kind.OBJECTION, EMAIL, AINO, source="link", at=clock.now() + timedelta(minutes=1)
        )


def test_an_old_opt_out_does_not_undo_a_consent_given_since():
    consent()
    before = clock.now() - timedelta(days=400)
    ledger.record(Kind.DECLARED, EMAIL, AINO, source="import", at=before)
    assert ask().allowed
    oppose()
    consent()
    ledger.record(Kind.DECLARED, EMAIL, AINO, source="import", at=before)
    assert ask().allowed


def test_an_opt_out_on_a_server_whose_clock_is_behind_counts(monkeypatch):
    now = clock.now()
    oppose()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=5))
    consent()
    assert ask().allowed
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=4))
    oppose()
    for minutes in (4, 6):
        monkeypatch.setattr(clock, "now", lambda later=minutes: now + timedelta(minutes=later))
        assert ask().reason == "opted_out"


def test_a_double_opt_in_counts_once_confirmed():
    ledger.record(Kind.CONSENT, EMAIL, AINO, source="storefront")
    assert ask().reason == "unconfirmed"
    [found] = contact_keys.keys(EMAIL, AINO)
    assert ledger.confirm(found.digest, found.version, EMAIL, at=clock.now()).allowed
    assert ask().reason == "consent"
    assert ledger.confirm(found.digest, found.version, EMAIL, at=clock.now()).allowed
    assert MarketingEvent.objects.filter(kind="confirmed").count() == 1


def test_the_link_of_a_consent_that_was_opposed_confirms_no_later_one(monkeypatch):
    first = ledger.record(Kind.CONSENT, EMAIL, AINO, source="storefront")
    [found] = contact_keys.keys(EMAIL, AINO)
    start = clock.now()
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(seconds=5))
    oppose()
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(seconds=9))
    second = ledger.record(Kind.CONSENT, EMAIL, AINO, source="storefront")
    assert not ledger.confirm(found.digest, found.version, EMAIL, at=first.at).allowed
    assert ask().reason == "opted_out"
    assert ledger.confirm(found.digest, found.version, EMAIL, at=second.at).allowed
    assert ask().reason == "consent"


def test_a_confirmation_after_an_objection_confirms_nothing():
    at = ledger.record(Kind.CONSENT, EMAIL, AINO, source="storefront").at
    oppose()
    [found] = contact_keys.keys(EMAIL, AINO)
    assert not ledger.confirm(found.digest, found.version, EMAIL, at=at).allowed
    assert ask().reason == "opted_out"
    assert not MarketingEvent.objects.filter(kind="confirmed").exists()


def test_a_bounce_is_opened_by_the_link_and_an_objection_stays_on_top_of_it():
    consent()
    ledger.record(Kind.BOUNCE, EMAIL, AINO, source="api")
    ledger.record(Kind.CONSENT, EMAIL, AINO, source="storefront")
    assert ask().reason == "bounced"
    oppose()
    assert ask().reason == "opted_out"
    assert Suppression.objects.count() == 1
    consent()
    assert ask().allowed


def test_an_order_says_so_once(shop):
    order = shop.order("1")
    for _ in range(2):
        ledger.record(Kind.SOFT_OPT_IN, EMAIL, AINO, source="order", order=order)
    assert MarketingEvent.objects.count() == 1


def test_all_channels_of_a_number():
    [found] = contact_keys.keys(SMS, "0401234567")
    ledger.oppose(found.digest, found.version, None, source="link")
    assert [ask("0401234567", one).reason for one in (SMS, PHONE)] == ["opted_out"] * 2


def test_the_list_shows_on_every_channel_what_holds():
    consent()
    found = ledger.standing(contact_keys.keys(EMAIL, AINO))
    assert {channel: one.allowed for channel, one in found.items()} == {
        EMAIL: True, SMS: False, PHONE: True, POST: True
    }  # fmt: skip


@pytest.mark.parametrize("message", ["changed", "never deleted"])
def test_the_database_keeps_events_and_suppressions(message):
    oppose()
    model = MarketingEvent if message == "changed" else Suppression
    with pytest.raises(IntegrityError, match=message), transaction.atomic():
        model.objects.all().delete()
    long_ago = clock.now() - timedelta(days=3650)
    change = {"kind": "reconsent"} if message == "changed" else {"lifted_at": long_ago}
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**change)
    assert model.objects.count() == 1


def test_the_newest_key_writes_and_every_key_reads(monkeypatch):
    oppose()
    key(monkeypatch, NEWER, KEY)
    assert ask().reason == "opted_out"
    oppose_sms = ledger.record(Kind.OBJECTION, SMS, "0401234567", source="link")
    assert oppose_sms.key_version == "2027"
    consent()
    assert ask().allowed
    assert not Suppression.objects.filter(lifted_at=None, channel="email").exists()


def test_without_a_key_nobody_may_be_contacted_and_nothing_is_written(monkeypatch):
    consent()
    monkeypatch.delenv("JOKKERIT_KEYS")
    assert (ask().allowed, ask().reason) == (False, "no_key")
    with pytest.raises(NoKey):
        ledger.record(Kind.OBJECTION, EMAIL, AINO, source="link")
    assert any("JOKKERIT_KEYS" in one for one in contacts.status())


def test_a_key_under_which_opt_outs_stand_must_not_go(monkeypatch):
    consent("eero@example.com")
    oppose()
    key(monkeypatch, NEWER)
    assert ask("eero@example.com").reason == "key_gone"
    assert any("2026" in one for one in contacts.status())
    key(monkeypatch, NEWER, KEY)
    assert ask("eero@example.com").allowed


def test_what_is_said_points_to_the_description_in_force_then(shop, monkeypatch):
    start = clock.now()
    consent()
    for days, changes in ((1, {}), (2, {"detail_years": 2})):
        monkeypatch.setattr(clock, "now", lambda days=days: start + timedelta(days=days))
        published(shop, **changes)
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(days=3))
    consent()
    before = start + timedelta(days=1, hours=1)
    ledger.record(Kind.CONSENT, EMAIL, "eino@example.com", source="staff:letter", at=before)
    oppose()
    found = MarketingEvent.objects.order_by("pk").values_list("kind", "description")
    assert list(found) == [
        ("reconsent", None), ("reconsent", 2), ("consent", 1), ("objection", 2),
    ]  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        MarketingEvent.objects.filter(description=2).update(description=1)


# A key that is not the one of before.


def test_another_secret_under_the_version_of_a_key_lets_nobody_be_contacted(monkeypatch):
    consent()
    ledger.record(Kind.OBJECTION, EMAIL, "eino@example.com", source="link")
    key(monkeypatch, f"2026:{'ef' * 32}")
    assert {ask().reason, ask("eino@example.com").reason} == {"wrong_key"}
    assert any("2026" in one and "right one" in one for one in contacts.status())
    # Nor is a no written where nobody finds it: who said it comes again.
    with pytest.raises(NoKey):
        ledger.record(Kind.OBJECTION, EMAIL, "lempi@example.com", source="link")
    key(monkeypatch, NEWER, f"2026:{'ef' * 32}")
    assert ask().reason == "wrong_key"
    key(monkeypatch, NEWER, KEY)
    assert ask().allowed
    assert ask("eino@example.com").reason == "opted_out"


def test_a_new_key_is_remembered_when_it_is_first_written_with(monkeypatch):
    oppose()
    key(monkeypatch, NEWER, KEY)
    assert ask().reason == "opted_out"
    ledger.record(Kind.OBJECTION, EMAIL, "eino@example.com", source="link")
    key(monkeypatch, f"2027:{'01' * 32}", KEY)
    assert ask("eino@example.com").reason == "wrong_key"


def test_what_was_said_before_a_first_consent_closes_nothing():
    consent()
    ledger.record(Kind.OBJECTION, EMAIL, AINO, source="account",
                  at=clock.now() - timedelta(days=3))  # fmt: skip
    assert ask().allowed
    ledger.record(Kind.OBJECTION, EMAIL, "eino@example.com", source="account",
                  at=clock.now() - timedelta(days=3))  # fmt: skip
    assert ask("eino@example.com").reason == "opted_out"
