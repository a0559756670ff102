"""Who is reminded of clocks: whatever people write into the settings' fields."""

from dataclasses import replace
from datetime import timedelta

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.models import Request
from jokkerit_plugin.rights import answering, minders, status
from jokkerit_plugin.rights.breaches import attending
from jokkerit_plugin.rights.breaches import status as of_breaches
from jokkerit_plugin.shop.port import AddressRefused, MailError
from tests.asking import taken_down
from tests.breaching import recorded
from tests.people import CONTROLLER, MANAGER, sign

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("contact", "controller", "found"),
    [
        ("Tietosuoja: tietosuoja@kauppa.fi.", "", ["tietosuoja@kauppa.fi"]),
        ("Aino (aino@kauppa.fi), p. 1", "i@kauppa.fi; Juva", ["aino@kauppa.fi", "i@kauppa.fi"]),
        ("aino@kauppa.xn--p1ai.", "", ["aino@kauppa.xn--p1ai"]),
        ("<a.b+c@kauppa.co.uk>", "a.b+c@kauppa.co.uk", ["a.b+c@kauppa.co.uk"]),
        ("\"aino@kauppa.fi\":", "x@y", ["aino@kauppa.fi"]),
        ("Soita 040 123", "", []),
    ],
)  # fmt: skip
def test_mailboxes_are_found_in_free_text(shop, contact, controller, found):
    config = replace(shop.port.settings, privacy_contact=contact, controller_contact=controller)
    assert minders.mailboxes(config) == found


def test_one_mailbox_that_is_refused_keeps_no_other_from_being_told(shop, monkeypatch, caplog):
    config = replace(shop.port.settings, privacy_contact="old@kauppa.fi, new@kauppa.fi")
    took = []

    def mail(subject, text, to):
        if to != ["new@kauppa.fi"]:
            raise AddressRefused("Refused.")
        took.extend(to)

    monkeypatch.setattr(shop.port, "mail", mail)
    assert minders.tell("x", "y", config, shop.port)
    assert took == ["new@kauppa.fi"]
    assert "AddressRefused" in caplog.text
    assert "kauppa" not in caplog.text


def test_a_clock_of_which_nobody_can_be_reminded_is_named(shop):
    sign(CONTROLLER, MANAGER)
    recorded(aware_at=clock.now() - timedelta(hours=30))
    assert attending.remind(shop.port.settings, shop.port) == 0
    assert any("Nobody can be reminded" in one for one in status.problems(shop.port.settings))
    config = replace(shop.port.settings, privacy_contact="aino@kauppa.fi")
    assert not any("Nobody can be reminded" in one for one in status.problems(config))


def test_a_deactivated_plugin_reminds_of_what_is_to_be_answered(shop, aino):
    recorded(aware_at=clock.now() - timedelta(hours=30))
    taken_down(aino)
    Request.objects.update(due_on=clock.today() - timedelta(days=1))
    off = replace(shop.port.settings, privacy_contact="aino@kauppa.fi", active=False)
    shop.port.settings = off
    answering.attend()
    attending.attend()
    assert [to for _, _, to in shop.port.outbox()] == [["aino@kauppa.fi"]] * 2
    assert any("within the law's time" in one for one in status.problems(off))
    assert any("is to be notified" in one for one in of_breaches.problems(off))


def test_a_reminder_that_nobody_took_is_tried_again(shop, aino, monkeypatch):
    config = replace(shop.port.settings, privacy_contact="aino@kauppa.fi")
    recorded(aware_at=clock.now() - timedelta(hours=30))
    taken_down(aino)
    Request.objects.update(due_on=clock.today())
    usual = shop.port.mail

    def fails(*_given):
        raise MailError("No server.")

    monkeypatch.setattr(shop.port, "mail", fails)
    assert attending.remind(config, shop.port) == answering.remind(config, shop.port) == 0
    monkeypatch.setattr(shop.port, "mail", usual)
    assert attending.remind(config, shop.port) == answering.remind(config, shop.port) == 1
