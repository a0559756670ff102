"""A house whose register has people in it: with claims, requests, doubts, a restriction."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from jokkerit_plugin.access import restrictions
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.disclosure import holds
from jokkerit_plugin.models import Customer, Request
from jokkerit_plugin.policy.categories import Category
from jokkerit_plugin.policy.corrections import Noticed, Sign
from jokkerit_plugin.policy.holds import HoldGround
from jokkerit_plugin.policy.requests import RequestKind
from jokkerit_plugin.policy.restriction import RestrictionGround
from jokkerit_plugin.rights import corrections_noticed, opening
from jokkerit_plugin.web.schema.base import to_global_id
from tests.asking import asks
from tests.bookkeeping import follow
from tests.graphql import PEOPLE, House
from tests.paper_shop import PaperShop, party

CONTROLLER, MANAGER = Actor.of(PEOPLE["controller"]), Actor.of(PEOPLE["manager"])
_DAY = "2026-03-02T10:00:00.000000Z"


def peopled(shop: PaperShop) -> House:
    """Return a house with Aino, who has an account, and three guests."""
    shop.port.settings = replace(
        shop.port.settings, controller_name="Jokkerit Trading Oy",
        privacy_contact="tietosuoja@jokkerit.example",
    )  # fmt: skip
    shop.account(12, email="aino@example.com", former_emails=["aino.virtanen@example.com"])
    done = dict.fromkeys(("paid_at", "delivered_at"), _DAY)
    shop.order("one", user=12, status="fulfilled", **done)
    shop.order("two", user=12, placed_at="2026-04-01T10:00:00.000000Z")
    for number, name in enumerate(("Eino", "Väinö", "Kyllikki")):
        email = f"{name[0].lower()}@example.com"
        at_home = party(name, phone=f"+35840123450{number}")
        shop.order(name, email=email, billing=at_home, shipping=at_home, status="fulfilled", **done)
    follow(shop)
    house = House(shop)
    house.everybody_signs()
    return house


def busy(house: House, *, review_on: Any) -> None:
    """Let something be going on with each of them."""
    aino, eino, vaino = (key(name) for name in ("Aino", "Eino", "Väinö"))
    holds.place(
        customer=aino, categories=[Category.NAME, Category.EMAIL], ground=HoldGround.DISPUTE,
        reason="case 12/2026", review_on=review_on, actor=CONTROLLER,
    )  # fmt: skip
    opening.open_for(aino, kind=RequestKind.ERASURE, how="came to the shop", actor=MANAGER)
    asks(house.shop, RequestKind.RECTIFICATION, email="e@example.com", message="Wrong street")
    corrections_noticed.open_by_staff(
        eino, field=Noticed.ADDRESS, sign=Sign.RETURNED, actor=MANAGER
    )
    restrictions.restrict(vaino, ground=RestrictionGround.ACCURACY, actor=CONTROLLER)


def key(name: str) -> int:
    """Return the key of the customer of a first name."""
    return Customer.objects.get(first_name=name).pk


def of(name: str) -> str:
    """Return the global id of the customer of a first name."""
    return to_global_id("RegisterCustomer", key(name))


def request_of(kind: str) -> str:
    """Return the global id of the newest request of a kind."""
    return to_global_id("RegisterRequest", Request.objects.filter(kind=kind).latest("pk").pk)


def at(page: str, **given: str) -> str:
    """Return the address of a page."""
    return f"{page}/?" + "&".join(f"{name}={quote(value)}" for name, value in given.items())


def rectifies(name: str, right: Mapping[str, str], **more: str) -> dict[str, str]:
    """Return what the form for rectifying sends: all that it shows, with what was changed."""
    row = Customer.objects.get(first_name=name)
    names = {"firstName": row.first_name, "lastName": row.last_name, "email": row.email,
             "companyName": row.company_name, "phone": row.phone}  # fmt: skip
    for place, one in enumerate(row.addresses.order_by("pk")):
        start = f"addresses.{place}."
        names[f"{start}id"] = to_global_id("RegisterAddress", one.pk)
        names |= {f"{start}streetAddress1": one.street_1, f"{start}city": one.city}
    return {
        "operation": "customerRectify", "customer": to_global_id("RegisterCustomer", row.pk),
        "reason": "She called",
        **{f"was.{one}": value for one, value in names.items()},
        **{f"right.{one}": value for one, value in (names | dict(right)).items()}, **more,
    }  # fmt: skip
