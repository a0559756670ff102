"""People who ask about their data, for tests: keys, letters, and what the pages would send."""

import re
from datetime import datetime, timedelta
from typing import Any

from jokkerit_plugin import clock
from jokkerit_plugin.models import Customer, Request, Signature
from jokkerit_plugin.policy.requests import RequestKind
from jokkerit_plugin.rights import answering, forms, letters, opening
from jokkerit_plugin.rights.content import Content
from tests.erasing import take
from tests.paper_shop import PaperShop
from tests.people import CONTROLLER, MANAGER, OTHER_CONTROLLER, STAFF, sign

KEYS = "2026:" + "ab" * 32


def somebody(shop: PaperShop) -> int:
    """Have an account with a delivered order, and those who deal with it; the customer's key."""
    sign(CONTROLLER, OTHER_CONTROLLER, STAFF, MANAGER)
    day = "2026-03-02T10:00:00.000000Z"
    shop.account(5, email="aino@example.com")
    shop.order("a", user=5, status="fulfilled", paid_at=day, delivered_at=day)
    take(shop)
    return Customer.objects.get().pk


def keyed_somebody(shop: PaperShop, monkeypatch: Any) -> int:
    """Have somebody, and a key in the environment: for modules that begin with both."""
    monkeypatch.setenv("JOKKERIT_KEYS", KEYS)
    return somebody(shop)


def at(monkeypatch: Any, text: str) -> None:
    """Let the clock stand at a time of Helsinki, `2026-03-01 12:00`.

    Whoever signed in the present had signed by then, in whatever year the tests run.
    """
    moment = datetime.fromisoformat(text).replace(tzinfo=clock.HELSINKI)
    monkeypatch.setattr(clock, "now", lambda: moment)
    late = Signature.objects.filter(signed_at__gt=moment)
    late.update(signed_at=moment - timedelta(days=1))


def send(shop: PaperShop) -> list[tuple[str, str, list[str]]]:
    """Send the letters that wait, and return what the mailbox holds: subject, text, to."""
    letters.note_erasures(shop.port.settings)
    letters.send_waiting(shop.port.settings, shop.port)
    return shop.port.outbox()


def attend(shop: PaperShop) -> list[tuple[str, str, list[str]]]:
    """Do what goes on by itself, and return what the mailbox holds."""
    answering.attend()
    return shop.port.outbox()


def taken_down(customer: int, kind: RequestKind = RequestKind.ERASURE, **given: Any) -> Request:
    """Take a request down, as staff."""
    return opening.open_for(customer, kind=kind, how="passport shown", actor=MANAGER, **given)


def link(text: str, kind: str) -> str:
    """Return the token of a link in a letter; `kind`: confirm or copy."""
    return re.search(rf"/requests/{kind}/([^/]+)/", text)[1]  # type: ignore[index]


def asks(
    shop: PaperShop,
    kind: RequestKind = RequestKind.ACCESS,
    *,
    email: str = "aino@example.com",
    name: str = "",
    postal_code: str = "",
    orders: tuple[tuple[str, str], ...] = (),
    message: str = "",
    marketing: bool = False,
) -> Any:
    """Fill in the page, and press the button in the letter; return the request."""
    written = Content(email, name, postal_code, orders, message)
    return forms.confirm(fills_in(shop, written, kind, marketing=marketing))


def fills_in(
    shop: PaperShop, written: Content, kind: RequestKind, *, marketing: bool = False
) -> str:
    """Fill in the page; return the token of the link in the letter."""
    forms.receive(written, kind=kind, marketing=marketing, language="en")
    before = len(shop.port.outbox())
    sent = send(shop)[before:]
    (text,) = [
        text for _, text, to in sent if to == [written.email] and "/requests/confirm/" in text
    ]
    return link(text, "confirm")
