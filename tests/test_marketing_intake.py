"""What orders, accounts and checkouts say of marketing themselves."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from jokkerit_plugin import clock, tasks
from jokkerit_plugin.marketing import contact_keys, ledger, soft_opt_in, upkeep, words
from jokkerit_plugin.marketing.metadata import read
from jokkerit_plugin.models import Customer, MarketingEvent, Purchase, Sweep, Trace
from jokkerit_plugin.policy.marketing import Channel, Kind
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.register import sweep
from jokkerit_plugin.shop.snapshots import Kind as Row
from tests.erasing import erase, take
from tests.opting import AINO, KEY, ask, declared_empty, key
from tests.paper_shop import PaperShop, party

EMAIL, SMS, PHONE, POST = Channel
OFFERED = {"marketingOptOutOffered": "true"}
LATELY = clock.now() - timedelta(days=3)


def iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000000Z")


@pytest.fixture(autouse=True)
def marketing(db, shop, monkeypatch):
    key(monkeypatch, KEY)
    declared_empty()
    start(shop, LATELY.date() - timedelta(days=30))


def start(shop: PaperShop, day: date | None) -> None:
    shop.port.settings = replace(
        shop.port.settings, soft_opt_in_from=day, marketing_double_opt_in=False
    )


def order(shop: PaperShop, name: str = "1", **changes) -> None:
    shop.order(name, **{"placed_at": iso(LATELY), **changes})
    take(shop)
    soft_opt_in.keep()


@pytest.mark.promise("P-USE-MARKETING")
def test_an_order_that_offered_the_opt_out_gives_soft_opt_in(shop):
    order(shop, marketing=OFFERED)
    assert ask().reason == "soft_opt_in"
    assert ask("+358401234567", SMS).reason == "soft_opt_in"
    [event] = MarketingEvent.objects.filter(channel="email")
    assert event.customer == Customer.objects.get().pk
    assert (event.kind, event.source, event.language) == ("soft_opt_in", "order", "fi")


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
@pytest.mark.parametrize(
    "changes",
    [
        {"marketing": {}}, {"marketing": {"marketingOptOutOffered": "false"}},
        {"marketing": OFFERED, "placed_at": iso(LATELY - timedelta(days=40))},
        {"marketing": OFFERED, "cancelled_at": iso(LATELY)},
        {"marketing": OFFERED, "channel": "test"},
    ],
)  # fmt: skip
def test_no_other_order_does(shop, changes):
    shop.port.settings = replace(shop.port.settings, test_channels=("test",))
    order(shop, **changes)
    assert ask().reason == "no_consent"


def test_whom_the_goods_go_to_is_not_whom_the_opt_out_was_offered(shop):
    order(shop, marketing=OFFERED, billing=party(phone=""), shipping=party(phone="+358409999999"))
    assert ask().reason == "soft_opt_in"
    assert ask("+358409999999", SMS).reason == "no_consent"


def test_without_a_first_day_no_order_does(shop):
    start(shop, None)
    order(shop, marketing=OFFERED)
    assert not ask().allowed


def test_an_opt_out_at_the_order_counts_whatever_its_age(shop):
    order(shop, marketing=OFFERED)
    order(
        shop, "old", marketing={"marketingOptOut": "email"},
        placed_at=iso(LATELY - timedelta(days=400)),
    )  # fmt: skip
    assert ask().reason == "opted_out"
    order(shop, "new", marketing=OFFERED | {"marketingConsent": "email"})
    assert ask().reason == "opted_out"
    assert ask("+358401234567", SMS).reason == "soft_opt_in"


def test_a_consent_at_the_order_counts_with_its_text(shop):
    order(shop, marketing={"marketingConsent": "email, sms", "marketingText": "2026-1"})
    assert ask().reason == "consent"
    assert MarketingEvent.objects.filter(text_version="2026-1").count() == 2


def test_an_order_read_again_and_again_says_so_once(shop):
    order(shop, marketing={"marketingOptOut": "email"})
    ledger.record(Kind.RECONSENT, EMAIL, AINO, source="link")
    order(shop, marketing={"marketingOptOut": "email"}, status="fulfilled")
    assert ask().allowed
    assert MarketingEvent.objects.filter(kind="objection").count() == 1


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_a_no_that_is_written_into_an_order_later_counts_from_then(shop):
    order(shop, marketing=OFFERED)
    ledger.record(Kind.RECONSENT, EMAIL, AINO, source="link")
    order(shop, marketing={"marketingOptOut": "email"})
    assert ask().reason == "opted_out"


def test_a_no_of_two_orders_is_over_with_a_later_yes_whichever_is_read_again(shop):
    no = {"marketing": {"marketingOptOut": "email"}}
    order(shop, **no)
    order(shop, "2", **no)
    ledger.record(Kind.RECONSENT, EMAIL, AINO, source="link")
    order(shop, "2", **no, status="fulfilled")
    assert ask().allowed


def test_the_drain_takes_it_in(shop):
    shop.order("1", placed_at=iso(LATELY), marketing=OFFERED)
    from jokkerit_plugin.register import inbox

    for event in shop.delivered():
        inbox.note(event[0], [event[1]])
    tasks.drain()
    assert ask().allowed


def test_without_a_key_it_waits_and_nothing_is_lost(shop, monkeypatch):
    monkeypatch.delenv("JOKKERIT_KEYS")
    order(shop, marketing={"marketingOptOut": "true"})
    assert Purchase.objects.filter(unheard=True).count() == 1
    key(monkeypatch, KEY)
    soft_opt_in.keep()
    assert ask().reason == "opted_out"
    assert not Purchase.objects.filter(unheard=True).exists()


def test_one_that_fails_stays_marked_and_does_not_hold_up_the_others(shop, monkeypatch):
    real = ledger.record

    def failing(kind, channel, address, **more):
        if address == "eino@example.com":
            raise words.BadEvent("no")
        return real(kind, channel, address, **more)

    monkeypatch.setattr(ledger, "record", failing)
    monkeypatch.setattr(soft_opt_in, "BATCH", 1)
    said = {"marketing": {"marketingOptOut": "email"}}
    for name in ("eino", "aino", "lempi"):
        shop.order(name, email=f"{name}@example.com", placed_at=iso(LATELY), **said)
    take(shop)
    soft_opt_in.keep()
    assert soft_opt_in.unheard() == 1
    assert ask("lempi@example.com").reason == "opted_out"
    monkeypatch.setattr(ledger, "record", real)
    soft_opt_in.keep()
    assert ask("eino@example.com").reason == "opted_out"


def test_an_order_placed_by_a_clock_ahead_is_taken_in(shop):
    order(shop, marketing={"marketingOptOut": "email"}, placed_at=iso(
        clock.now() + timedelta(minutes=5)))  # fmt: skip
    assert ask().reason == "opted_out"


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "1969-12-31T00:00:00Z"])
def test_a_time_that_nobody_could_read_again_is_none(shop, at):
    shop.account(5, email=AINO, marketing={"marketingOptOut": "email", "marketingAt": at})
    order(shop, user=5)
    assert {one.at.year for one in MarketingEvent.objects.all()} == {clock.today().year}


def test_an_account_consents_with_its_time_and_opts_out_without(shop):
    shop.account(5, email=AINO, marketing={"marketingConsent": "email"})
    order(shop, user=5)
    assert ask().reason == "no_consent"
    shop.account(5, email=AINO, marketing={"marketingConsent": "email", "marketingAt": iso(LATELY)})
    order(shop, "2", user=5)
    assert ask().reason == "consent"
    ledger.record(Kind.OBJECTION, EMAIL, AINO, source="link")
    shop.account(
        5, email=AINO, first_name="Aune",
        marketing={"marketingConsent": "email", "marketingAt": iso(clock.now())},
    )  # fmt: skip
    order(shop, "3", user=5)
    assert ask().reason == "opted_out"


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_a_no_of_an_account_beside_the_time_of_its_yes_counts_from_when_it_is_read(shop):
    yes = {"marketingConsent": "email", "marketingAt": iso(LATELY)}
    shop.account(5, email=AINO, marketing=yes)
    order(shop, user=5)
    ledger.record(Kind.RECONSENT, EMAIL, AINO, source="link")
    shop.account(5, email=AINO, marketing=yes | {"marketingOptOut": "email"})
    take(shop)
    soft_opt_in.keep()
    assert ask().reason == "opted_out"


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_a_no_that_an_account_has_said_before_does_not_close_what_they_opened_since(shop):
    no = {"marketingOptOut": "email"}
    shop.account(5, email=AINO, marketing=no)
    order(shop, user=5)
    assert ask().reason == "opted_out"
    ledger.record(Kind.RECONSENT, EMAIL, AINO, source="link")
    shop.account(5, email=AINO, addresses=BOOK, marketing=no)
    take(shop)
    soft_opt_in.keep()
    assert ask().reason == "consent"
    assert soft_opt_in.unheard() == 0
    # At an address that they did not open it holds,
    shop.account(5, email="toinen@example.com", addresses=BOOK, marketing=no)
    order(shop, "2", user=5, email="toinen@example.com", marketing=OFFERED)
    assert (ask().reason, ask("toinen@example.com").reason) == ("consent", "opted_out")
    # and said anew it is a no.
    shop.account(5, email=AINO, marketing={"marketingOptOut": "email, sms"})
    take(shop)
    soft_opt_in.keep()
    assert ask().reason == "opted_out"


def test_so_it_is_of_who_never_bought_and_their_new_addresses_are_closed(shop):
    stranger(shop)
    shop.checkout("cart", email="cart@example.com", shipping=None, changed_at=iso(LATELY),
                  marketing=NO)  # fmt: skip
    take(shop)
    soft_opt_in.keep()
    for address in (AINO, "cart@example.com"):
        ledger.record(Kind.RECONSENT, EMAIL, address, source="link")
    new = [BOOK[0] | {"party": party(phone="+358405555555")}]
    stranger(shop, addresses=new)
    shop.checkout("cart", email="cart@example.com", shipping=party(phone="+358406666666"))
    take(shop)
    soft_opt_in.keep()
    assert {ask(one).reason for one in (AINO, "cart@example.com")} == {"consent"}
    for number in ("+358405555555", "+358406666666"):
        assert ask(number, PHONE).reason == "opted_out"


def test_an_account_opts_out_of_all_its_addresses(shop):
    shop.account(
        5, email=AINO, former_emails=["old@example.com"], addresses=BOOK,
        marketing={"marketingOptOut": "all"},
    )  # fmt: skip
    order(shop, user=5, marketing=OFFERED)
    for address, channel in (
        (AINO, EMAIL), ("old@example.com", EMAIL), (NUMBER, SMS), (PLACE, POST),
    ):  # fmt: skip
        assert ask(address, channel).reason == "opted_out"


def test_who_is_erased_stays_out_and_leaves_no_key(shop):
    shop.account(5, email=AINO)
    order(shop, user=5, marketing={"marketingOptOut": "true"})
    erase(Part.CONTACT, [Customer.objects.get().pk])
    assert ask().reason == "opted_out"
    assert not MarketingEvent.objects.exclude(customer=None).exists()
    erase(Part.FIGURES, [Purchase.objects.get().pk])
    assert not MarketingEvent.objects.exclude(saleor_order=None).exists()
    order(shop, "again", user=6, marketing=OFFERED | {"marketingConsent": "all"})
    assert ask().reason == "opted_out"


def test_a_guest_that_goes_up_in_an_account_hands_its_words_on(shop):
    order(shop, marketing=OFFERED)
    shop.account(5, email=AINO)
    order(shop, user=5, marketing=OFFERED)
    heir = Customer.objects.get(saleor_user=5)
    assert set(MarketingEvent.objects.values_list("customer", flat=True)) == {heir.pk}
    [found] = contact_keys.keys(EMAIL, AINO)
    [event] = ledger.oppose(found.digest, found.version, EMAIL, source="link")
    assert event.customer == heir.pk


NUMBER, PLACE = "+358451112222", "Aino Mäkelä|Kaskitie 1|51900|FI"
BOOK = [{"key": 3, "party": party(phone=NUMBER), "default_billing": True,
         "default_shipping": False}]  # fmt: skip
NO = {"marketingOptOut": "true"}


def stranger(shop: PaperShop, marketing: dict[str, str] = NO, **changes) -> None:
    """Let an account that never bought say something."""
    usual = {"email": AINO, "addresses": BOOK, "changed_at": iso(LATELY)}
    shop.account(5, **usual | {"marketing": marketing} | changes)


def held() -> tuple[str, str]:
    """Return what holds of calls and post to her."""
    return ask(NUMBER, PHONE).reason, ask(PLACE, POST).reason


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_a_no_of_an_account_that_never_bought_holds_and_makes_no_customer(shop):
    stranger(shop)
    take(shop)
    assert held() == ("no_objection", "no_objection")
    assert soft_opt_in.unheard() == 1
    soft_opt_in.keep()
    assert held() == ("opted_out", "opted_out")
    assert soft_opt_in.unheard() == 0
    assert not Customer.objects.exists()
    assert not MarketingEvent.objects.exclude(kind="objection", customer=None).exists()
    # It is in no trace, and stays when that goes.
    shop.remove(Row.CUSTOMER, 5)
    take(shop)
    assert not Trace.objects.exists()
    assert held() == ("opted_out", "opted_out")


def test_of_who_never_bought_no_yes_is_taken_until_they_buy(shop):
    stranger(shop, {"marketingConsent": "all", "marketingAt": iso(LATELY)})
    take(shop)
    soft_opt_in.keep()
    assert not MarketingEvent.objects.exists()
    order(shop, user=5)
    assert ask().reason == "consent"


def test_a_no_that_stands_heard_in_a_trace_is_heard_once(shop):
    stranger(shop)
    take(shop)
    soft_opt_in.keep()
    ledger.record(Kind.RECONSENT, EMAIL, AINO, source="link")
    stranger(shop, first_name="Aune")
    take(shop)
    soft_opt_in.keep()
    assert ask().reason == "consent"


def test_a_backfill_hears_who_never_bought(shop):
    stranger(shop)
    shop.delivered()
    sweep.run(sweep.start(Sweep.Name.BACKFILL))
    soft_opt_in.keep()
    assert held() == ("opted_out", "opted_out")


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_the_days_walk_hears_who_said_no_before_anybody_listened(shop, monkeypatch):
    stranger(shop, changed_at=iso(LATELY - timedelta(days=900)))
    take(shop)
    soft_opt_in.keep()
    assert not Trace.objects.exists()
    assert held() == ("no_objection", "no_objection")
    upkeep.walk(seconds=50)
    assert held() == ("opted_out", "opted_out")
    events = MarketingEvent.objects.count()
    # Whatever they open by a word of their own the next day's walk does not close again,
    ledger.record(Kind.RECONSENT, PHONE, NUMBER, source="link")
    later(monkeypatch)
    upkeep.walk(seconds=50)
    assert MarketingEvent.objects.count() == events + 1
    assert held() == ("consent", "opted_out")
    # but for a no that is later than it.
    stranger(shop, NO | {"marketingAt": iso(clock.now())}, changed_at=iso(LATELY))
    later(monkeypatch)
    upkeep.walk(seconds=50)
    assert held() == ("opted_out", "opted_out")


def later(monkeypatch) -> None:
    """Let a day go by."""
    at = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: at)


@pytest.mark.promise("P-USE-MARKETING", breaks=True)
def test_a_no_in_a_checkout_that_never_became_an_order_holds(shop):
    said = {"marketingOptOut": "phone, post", "marketingConsent": "email"}
    cart = {"shipping": party(phone=NUMBER), "changed_at": iso(LATELY), "marketing": said}
    shop.checkout("cart", **cart)
    take(shop)
    soft_opt_in.keep()
    assert held() == ("opted_out", "opted_out")
    assert ask().reason == "no_consent"
    assert not Customer.objects.exists()


def test_a_no_in_a_customers_checkout_holds_at_their_other_addresses(shop):
    shop.account(5, email=AINO, addresses=BOOK)
    order(shop, user=5)
    shop.checkout("cart", user=5, email="new@example.com", shipping=None, changed_at=iso(LATELY),
                  marketing=NO)  # fmt: skip
    take(shop)
    soft_opt_in.keep()
    assert held() == ("opted_out", "opted_out")


def test_checkouts_that_the_shop_does_not_fill_are_not_heard(shop):
    shop.port.settings = replace(shop.port.settings, fill_checkouts=False)
    shop.checkout("cart", shipping=party(phone=NUMBER), changed_at=iso(LATELY), marketing=NO)
    take(shop)
    soft_opt_in.keep()
    assert held() == ("no_objection", "no_objection")


@pytest.mark.parametrize(
    ("metadata", "consent", "opt_out", "offered"),
    [
        ({}, "", "", False),
        ({"marketingConsent": "email, SMS"}, "es", "", False),
        ({"marketingConsent": "true"}, "espl", "", False),
        ({"marketingConsent": "newsletter"}, "", "", False),
        ({"marketingConsent": "email newsletter"}, "", "", False),
        ({"marketingOptOut": "email"}, "", "e", False),
        ({"marketingOptOut": "newsletter"}, "", "espl", False),
        ({"marketingOptOut": "False"}, "", "", False),
        ({"marketingOptOut": "no"}, "", "", False),
        ({"marketingOptOutOffered": " Yes "}, "", "", True),
        ({"marketingOptOutOffered": "perhaps"}, "", "", False),
    ],
)
def test_what_the_keys_mean(metadata, consent, opt_out, offered):
    letters = dict(zip("espl", Channel, strict=True))
    said = read(metadata)
    assert said.consent == {letters[one] for one in consent}
    assert said.opt_out == {letters[one] for one in opt_out}
    assert said.offered is offered
