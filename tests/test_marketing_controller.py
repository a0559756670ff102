"""A shop that is sold: what was given to the former controller is none of the new one's."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from jokkerit_plugin import clock
from jokkerit_plugin.access.controllers import ControllersOnly
from jokkerit_plugin.description import facts, versions
from jokkerit_plugin.marketing import contact_keys, contacts, controller, ledger, standing, upkeep
from jokkerit_plugin.marketing.audience import AudienceClosed, check
from jokkerit_plugin.marketing.contacts import Answer
from jokkerit_plugin.marketing.controller import ControllerError
from jokkerit_plugin.models import Controller, Description
from jokkerit_plugin.policy.marketing import Channel, Ground, Kind
from jokkerit_plugin.policy.purposes import Purpose
from tests.opting import KEY, ask, declared_empty, key
from tests.people import ACCOUNTANT, CONTROLLER, MANAGER, STAFF, sign

pytestmark = pytest.mark.django_db

EMAIL = Channel.EMAIL
ONE, TWO, THREE = "one@example.com", "two@example.com", "three@example.com"
OURS, THEIRS = "2368582-3", "1643256-1"
SOLD = date(2026, 6, 1)
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


@pytest.fixture
def sold(shop, monkeypatch):
    """Consents given in May to a controller that the register has noted."""
    now = [datetime(2026, 5, 11, tzinfo=UTC)]
    monkeypatch.setattr(clock, "now", lambda: now[0])
    key(monkeypatch, KEY)
    shop.port.settings = replace(
        shop.port.settings, active=True, controller_name="Jokkerit Trading Oy", business_id=OURS
    )
    sign(CONTROLLER)
    declared_empty()
    upkeep.walk(seconds=1)
    say(Kind.RECONSENT, ONE)
    say(Kind.SOFT_OPT_IN, TWO, source="order")
    say(Kind.OBJECTION, THREE)
    now[0] = NOW
    return shop


def say(kind: Kind, address: str, *, day: str = "2026-05-10", source: str = "link", channel=EMAIL):
    at = datetime.fromisoformat(f"{day}T09:00:00+00:00")
    return ledger.record(kind, channel, address, source=source, at=at)


def contact(address: str) -> list[contact_keys.ContactKey]:
    return contact_keys.keys(EMAIL, address)


def rename(shop, **changes: str) -> None:
    shop.port.settings = replace(shop.port.settings, **changes)


def declare(*, new_from: date | None = SOLD, business_id: str = THEIRS) -> Controller:
    return controller.declare(business_id, new_from=new_from, actor=CONTROLLER)


def test_with_another_business_id_nobody_is_written_to_until_it_is_said_whose_it_is(sold):
    assert ask(ONE) == Answer(True, "consent")
    rename(sold, business_id=THEIRS)
    for address in (ONE, TWO, THREE):
        assert ask(address) == Answer(False, "controller_changed")
    with pytest.raises(AudienceClosed, match="whether that is the same controller"):
        check(Purpose.MARKETING)
    assert "2368582-3" in contacts.status()[0]
    # A recall goes out all the same.
    assert not check(Purpose.CLAIMS)
    declare(new_from=None)
    assert (ask(ONE), ask(TWO)) == (Answer(True, "consent"), Answer(True, "soft_opt_in"))


@pytest.mark.parametrize("business_id", ["", "2368582-3 "])
def test_settings_that_name_nobody_the_register_knows_let_nobody_be_written_to(sold, business_id):
    rename(sold, business_id=business_id)
    assert ask(ONE).reason == "controller_changed"


def test_another_spelling_of_the_name_voids_nothing(sold):
    rename(sold, controller_name="Jokkerit trading OY")
    upkeep.walk(seconds=1)
    assert ask(ONE) == Answer(True, "consent")
    assert Controller.objects.get().name == "Jokkerit Trading Oy"


@pytest.mark.promise("P-USE-MARKETING")
def test_a_new_controller_inherits_no_permission_and_every_no(sold):
    rename(sold, business_id=THEIRS, controller_name="Toinen Oy")
    made = declare()
    assert (made.word, made.by, made.at, made.name) == ("new", "user:1", NOW, "Toinen Oy")
    assert made.since == datetime(2026, 5, 31, 21, tzinfo=UTC)
    assert ask(ONE) == Answer(False, "new_controller")
    assert ask(TWO) == Answer(False, "new_controller")
    assert ask(THREE) == Answer(False, "opted_out")
    assert ask("four@example.com") == Answer(False, "no_consent")
    assert ledger.standing(contact(ONE))[EMAIL].ground is Ground.NEW_CONTROLLER


def test_what_is_given_to_the_new_controller_counts(sold):
    rename(sold, business_id=THEIRS)
    declare()
    say(Kind.RECONSENT, ONE, day="2026-06-02")
    say(Kind.SOFT_OPT_IN, TWO, day="2026-06-02", source="order")
    say(Kind.RECONSENT, THREE, day="2026-06-02")
    assert [ask(one).reason for one in (ONE, TWO, THREE)] == ["consent", "soft_opt_in", "consent"]
    say(Kind.OBJECTION, ONE, day="2026-06-03")
    assert ask(ONE).reason == "opted_out"


def test_an_order_of_before_that_is_read_later_gives_nothing(sold):
    rename(sold, business_id=THEIRS)
    declare()
    say(Kind.SOFT_OPT_IN, "late@example.com", day="2026-05-31", source="order")
    assert ask("late@example.com") == Answer(False, "new_controller")


def test_a_consent_of_before_is_not_confirmed_after(sold):
    sold.port.settings = replace(sold.port.settings, marketing_double_opt_in=True)
    given = say(Kind.CONSENT, "five@example.com", day="2026-06-13", source="storefront")
    rename(sold, business_id=THEIRS)
    declare(new_from=date(2026, 6, 14))
    [found] = contact("five@example.com")
    after = ledger.confirm(found.digest, found.version, EMAIL, at=given.at)
    assert (after.allowed, after.ground) == (False, Ground.NEW_CONTROLLER)
    assert ask("five@example.com").reason == "new_controller"


def test_what_needs_no_consent_stays_as_it_is(sold):
    rename(sold, business_id=THEIRS)
    declare()
    assert ask("+358401234567", Channel.PHONE) == Answer(True, "no_objection")


def test_the_figures_say_so_from_that_month(sold):
    rename(sold, business_id=THEIRS)
    declare()
    months = [(one.yes, one.no) for one in standing.over_time() if one.channel is EMAIL]
    assert months[-2:] == [(2, 1), (0, 1)]
    say(Kind.RECONSENT, ONE, day="2026-06-02")
    assert [one.yes for one in standing.over_time() if one.channel is EMAIL][-1] == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"business_id": OURS}, "business_id"),
        ({"new_from": date(2026, 6, 16)}, "new_from"),
        ({"business_id": OURS, "new_from": None}, "business_id"),
    ],
)
def test_a_word_that_cannot_be_true_is_refused(sold, given, field):
    rename(sold, business_id=THEIRS)
    with pytest.raises(ControllerError) as refused:
        declare(**given)
    assert refused.value.field == field
    assert ask(ONE).reason == "controller_changed"


def test_nothing_is_to_be_said_of_the_same_id_but_that_the_shop_was_sold(sold):
    with pytest.raises(ControllerError, match="already"):
        declare(new_from=None, business_id=OURS)
    declare(business_id=OURS)
    assert ask(ONE).reason == "new_controller"
    with pytest.raises(ControllerError, match="after the last"):
        declare(business_id=OURS)


def test_only_the_controllers_people_say_so(sold):
    rename(sold, business_id=THEIRS)
    for actor in (STAFF, MANAGER, ACCOUNTANT):
        with pytest.raises(ControllersOnly):
            controller.declare(THEIRS, new_from=SOLD, actor=actor)
    assert Controller.objects.count() == 1


def test_what_was_said_stands(sold):
    for change in (
        lambda: Controller.objects.update(business_id=THEIRS), Controller.objects.all().delete,
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_the_description_is_untrue_until_it_is_published_anew(sold):
    before = Description.objects.create(
        version=1, documents={}, digest="0" * 64, facts=facts.present().told(),
        published_by="user:1", published_at=NOW - timedelta(days=9),
    )  # fmt: skip
    assert versions.compare(before, facts.present()) == []
    rename(sold, business_id=THEIRS)
    declare()
    assert "2368582-3" in " ".join(map(str, versions.drift(facts.present())))
