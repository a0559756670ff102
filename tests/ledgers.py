"""Entries, accounts and people for the tests of the bookkeeping files."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from hypothesis import strategies as st

from jokkerit_plugin import clock
from jokkerit_plugin.access import agreements
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.accounting.chart import DEFAULTS, Rule
from jokkerit_plugin.accounting.entries import Entry, EntryKind, Treatment
from jokkerit_plugin.models import Customer, Member, Purchase, PurchaseLine, Recipient, Voucher
from jokkerit_plugin.policy.permissions import Permission

D, K, T = Decimal, EntryKind, Treatment

CONTROLLER = Actor("user:1", frozenset({Permission.MANAGE_PRIVACY}))
STAFF = Actor("user:2", frozenset({Permission.VIEW_REGISTER}))
MANAGER = Actor("user:21", frozenset({Permission.MANAGE_REGISTER}))
ACCOUNTANT = Actor("user:3", frozenset({Permission.VIEW_ACCOUNTING}))
STRANGER = Actor("user:6", frozenset({"manage_orders"}))


def entry(kind: EntryKind = K.SALE, net: str = "100", gross: str = "125.5", **given: Any) -> Entry:
    taxed = D(net) != D(gross)
    values: dict[str, Any] = {
        "day": date(2026, 2, 3), "kind": kind, "treatment": T.DOMESTIC if taxed else T.NONE,
        "voucher": "MYY-2026-000001", "original": "", "purchase": 1, "order_number": "1001",
        "currency": "EUR", "country": "FI", "rate": D("0.255") if taxed else None,
        "net": D(net), "gross": D(gross),
    }  # fmt: skip
    return Entry(**values | given)


#: A sale with shipping, its payment, and half of it credited and paid back a week later.
MONTH = (
    entry(),
    entry(K.SHIPPING, "4", "5.02"),
    entry(K.PAYMENT, "130.52", "130.52", gateway="stripe"),
    entry(
        K.REFUND, "-50", "-62.75", day=date(2026, 2, 10), voucher="HYV-2026-000001",
        original="MYY-2026-000001",
    ),
    entry(K.PAYBACK, "-62.75", "-62.75", day=date(2026, 2, 10), voucher="HYV-2026-000001"),
)  # fmt: skip


def also_in(currency: str) -> tuple[Rule, ...]:
    """The default accounts, and the same for another currency."""
    return (*DEFAULTS, *(rule.model_copy(update={"currency": currency}) for rule in DEFAULTS))


#: Letters of order numbers that files could stumble over.
ODD = "0123456789=+-@;,\"'\t\r\n\0ÄŁЖ€"


def _amounts(places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(-(10**9), 10**9, places=places, allow_nan=False)


@st.composite
def entries(draw: st.DrawFn, currency: str = "EUR", places: int = 2) -> Entry:
    """An entry that the accounting could give: any kind, rate, sign and size."""
    kind = draw(st.sampled_from(K))
    net = gross = draw(_amounts(places))
    treatment, rate = T.NONE, None
    if kind in {K.SALE, K.SHIPPING, K.REFUND, K.GIFT_CARD_TAXED}:
        treatment = draw(st.sampled_from([one for one in T if one is not T.NONE]))
        rate = draw(st.sampled_from([D(one) for one in ("0.255", "0.24", "0.14", "0.135", "0.1")]))
        if treatment in {T.DOMESTIC, T.OSS}:
            net = draw(_amounts(places))
        else:
            rate = D(0)
    return entry(
        kind, str(net), str(gross), treatment=treatment, rate=rate, currency=currency,
        day=draw(st.dates(date(2026, 1, 1), date(2026, 12, 31))),
        voucher=draw(st.sampled_from(["", "MYY-2026-000001", "MYY-2026-000002"])),
        order_number=draw(st.text(ODD, max_size=12)),
        gateway=draw(st.sampled_from(["", "stripe"])),
    )  # fmt: skip


def purchase(**given: Any) -> Purchase:
    """One purchase of one guest, with the two lines of which the first entry is made."""
    guest = given.pop("guest", "aino@example.com")
    customer, _ = Customer.objects.get_or_create(guest_email=guest, email=guest)
    values: dict[str, Any] = {
        "saleor_order": uuid4(), "customer": customer, "number": "1001", "status": "fulfilled",
        "origin": "checkout", "channel": "default", "currency": "EUR", "placed_at": clock.now(),
        "net": D("104"), "gross": D("130.52"), "shipping_net": D("4"),
        "shipping_gross": D("5.02"), "gift_card_amount": D(0), "digest": "x",
        "party_first_name": "Aino", "party_last_name": "Ääkkönen", "party_street_1": "Kaskitie 7",
        "party_postal_code": "51900", "party_city": "Juva", "party_country": "FI",
    }  # fmt: skip
    made: Purchase = Purchase.objects.create(**values | given)
    for name, quantity, net, gross in (("Muki", 2, "40", "50.20"), ("Pannu", 1, "60", "75.30")):
        PurchaseLine.objects.create(
            purchase=made, saleor_line=uuid4(), name=name, quantity=quantity, net=D(net),
            gross=D(gross), tax_rate=D("0.255"),
        )  # fmt: skip
    for code, kind in (("MYY-2026-000001", "sale"), ("HYV-2026-000001", "credit")):
        voucher(made, code, kind)
    return made


def voucher(made: Purchase, code: str, kind: str = "sale") -> None:
    """A voucher of a purchase, unless there is one of that code."""
    prefix, year, number = code.split("-")
    values = {
        "purchase": made, "prefix": prefix, "year_end": date(int(year), 12, 31), "kind": kind,
        "number": int(number), "source": code, "day": date(int(year), 1, 1),
    }  # fmt: skip
    Voucher.objects.get_or_create(code=code, defaults=values)


def firm(**given: Any) -> Recipient:
    """A registered accounting firm."""
    values = {
        "kind": "bookkeeping", "name": "Tilitoimisto", "business_id": "1790235-0",
        "country": "FI", "registered_by": CONTROLLER.key,
        "agreement_signed_on": date(2026, 1, 1), "confidentiality_signed_on": date(2026, 1, 1),
    }  # fmt: skip
    made: Recipient = Recipient.objects.create(**values | given)
    return made


def let_in() -> Recipient:
    """Have everybody sign, and the accountant act for a firm, which is returned."""
    text = agreements.publish(fi="Salaan", sv="Tiger", en="Silent", valid_days=9, actor=CONTROLLER)
    for actor in (CONTROLLER, ACCOUNTANT, STAFF, MANAGER):
        agreements.sign(actor, version=text.version, language="fi")
    made = firm()
    Member.objects.create(holder=ACCOUNTANT.key, recipient=made, added_by=CONTROLLER.key)
    return made
