"""People and purchases as retention sees them, in words, and how they come into the register."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from uuid import uuid4

from django.utils import timezone

from jokkerit_plugin.clock import HELSINKI
from jokkerit_plugin.config import Config
from jokkerit_plugin.models import (
    Customer,
    Delivery,
    Hold,
    Invoice,
    LetGo,
    MarketingEvent,
    Movement,
    Notice,
    Posting,
    Purchase,
    PurchaseLine,
    Request,
    RequestLetter,
    Restriction,
    Voucher,
)
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.retention import keeps

_serial = count(1)
REVIEW = date(2100, 1, 1)


def at(day: date, clock: time = time(12)) -> datetime:
    """A moment of a day in Helsinki."""
    return datetime.combine(day, clock, HELSINKI)


def due(part: Part, day: date, config: Config) -> dict[int, str]:
    """What is due on a day, as the night finds it: the keys, with the rule that kept each last."""
    return {key: rule for page in keeps.all_due(part, day, config) for key, rule in page}


@dataclass(frozen=True)
class Bought:
    """One purchase; days in Helsinki, `clock` the time of day of all of them."""

    placed: date = date(2014, 5, 20)
    delivered: date | None = None
    cancelled: date | None = None
    paid: date | None = None
    status: str = "fulfilled"
    gross: int = 10
    is_test: bool = False
    types: tuple[str, ...] = ("shirt",)
    postings: tuple[date, ...] = ()
    vouchers: tuple[date, ...] = ()
    money: tuple[date, ...] = ()
    returned: tuple[date, ...] = ()
    invoices: tuple[date, ...] = ()
    contact_gone: bool = False
    let_go: bool = False
    objected: bool = False
    #: Categories of a hold in force; how an earlier hold ended.
    held: str = ""
    ended: str = ""
    clock: time = time(12)


@dataclass(frozen=True)
class Person:
    """One customer; `seen`: last log-in; `told`: the terms that notices told of, and when.

    `said`: kinds of marketing events, and when.
    """

    bought: tuple[Bought, ...] = ()
    account: bool = True
    email: str = "aino@example.com"
    entered: date = date(2014, 5, 20)
    seen: date | None = None
    said: tuple[tuple[str, date], ...] = ()
    told: tuple[tuple[date, date], ...] = ()
    held: str = ""
    request: str = ""
    requested: date = date(2020, 1, 1)
    restricted: bool = False


def insert(person: Person) -> tuple[int, list[int]]:
    """Write somebody into the register; return the keys of the customer and of the purchases."""
    number = next(_serial)
    customer = Customer.objects.create(
        saleor_user=number if person.account else None,
        guest_email=None if person.account else f"guest{number}@example.com",
        email=person.email, entered_at=at(person.entered),
    )  # fmt: skip
    for kind, day in person.said:
        MarketingEvent.objects.create(
            key_version="2026", digest=b"x" * 32, channel="post", kind=kind, at=at(day),
            source="account", customer=customer.pk,
        )  # fmt: skip
    for term, told in person.told:
        Notice.objects.create(customer=customer, term=term, told_at=at(told), language="fi")
    if person.held:
        _hold(person.held, customer=customer)
    if person.restricted:
        Restriction.objects.create(
            customer=customer, ground="accuracy_contested", restricted_by="user:1"
        )
    if person.request:
        decided = person.request not in {"asks", "open"}
        row = Request.objects.create(
            customer=customer.pk, origin="staff", state=person.request,
            opened_at=at(person.requested), decided_at=at(person.requested) if decided else None,
            decided_by="user:1" if decided else "",
            done_at=timezone.now() if person.request == "done" else None,
            due_on=person.requested,
        )  # fmt: skip
        if person.request == "accepted":
            RequestLetter.objects.create(request=row, what="accepted", made_at=at(person.requested))
    return customer.pk, [_purchase(customer, one) for one in person.bought]


def _purchase(customer: Customer, one: Bought) -> int:
    def moment(day: date | None) -> datetime | None:
        return at(day, one.clock) if day else None

    amounts = dict.fromkeys(("net", "shipping_net", "shipping_gross", "gift_card_amount"), 0)
    row = Purchase.objects.create(
        saleor_order=uuid4(), customer=None if one.contact_gone else customer, number="1",
        status=one.status, origin="checkout", channel="finland", currency="EUR",
        placed_at=at(one.placed, one.clock), delivered_at=moment(one.delivered),
        cancelled_at=moment(one.cancelled), paid_at=moment(one.paid), gross=one.gross,
        is_test=one.is_test, digest="", **amounts,
        contact_erased_at=timezone.now() if one.contact_gone else None,
        objected_at=timezone.now() if one.objected else None,
    )  # fmt: skip
    _rows_of(row, one)
    if one.let_go:
        LetGo.objects.create(purchase=row, by="user:1")
    if one.held:
        _hold(one.held, purchase=row)
    if one.ended:
        _hold(
            "name", purchase=row, released_at=timezone.now(), released_by="user:1",
            released_why=one.ended,
        )  # fmt: skip
    return row.pk


def _rows_of(row: Purchase, one: Bought) -> None:
    for slug in one.types:
        PurchaseLine.objects.create(
            saleor_line=uuid4(), purchase=row, name="Paita", quantity=1, net=8, gross=10,
            product_type=slug,
        )  # fmt: skip
    for day in one.postings:
        Posting.objects.create(
            purchase=row, day=day, kind="sale", treatment="domestic", currency="EUR",
            net=Decimal(8), gross=Decimal(10),
        )  # fmt: skip
    for day in one.vouchers:
        serial = next(_serial)
        Voucher.objects.create(
            purchase=row, prefix="MYY", year_end=date(2014, 12, 31), number=serial,
            code=f"MYY-{serial}", kind="sale", source=str(serial), day=day,
        )  # fmt: skip
    for day in one.money:
        Movement.objects.create(
            purchase=row, source=f"event:{next(_serial)}", kind="payment", amount=10,
            currency="EUR", at=at(day, one.clock),
        )  # fmt: skip
    for day in one.returned:
        Delivery.objects.create(
            purchase=row, saleor_fulfillment_line=next(_serial), saleor_line=uuid4(),
            status="returned", quantity=1, at=at(day, one.clock),
        )  # fmt: skip
    for day in one.invoices:
        Invoice.objects.create(
            purchase=row, saleor_invoice=next(_serial), created_at=at(day, one.clock)
        )


def _hold(categories: str, **given: object) -> None:
    values = {"ground": "dispute", "reason": "Riita", "review_on": REVIEW, "placed_by": "user:1"}
    Hold.objects.create(categories=categories, **values | given)


def later(day: date, days: int) -> date:
    """Return a day some days on."""
    return day + timedelta(days=days)
