"""What keeps data: cases that one would ask about, each in words."""

from dataclasses import replace
from datetime import date, time
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jokkerit_plugin.config import Config
from jokkerit_plugin.models import Customer, Delivery, Hold, Purchase, Restriction
from jokkerit_plugin.policy.parts import Part
from jokkerit_plugin.policy.purposes import Purpose
from jokkerit_plugin.retention import forecasts, inactive, keeps
from jokkerit_plugin.retention.forecasts import Forecast
from jokkerit_plugin.retention.inactive import Untold
from tests.kept import REVIEW, Bought, Person, at, due, insert, later

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
CONFIG = Config(active=True)
PLACED = date(2020, 5, 20)
#: The last day of the inactive term of somebody who bought on that day.
TERM = date(2023, 5, 20)
DONE = Bought(placed=PLACED, delivered=PLACED, paid=PLACED)
TOLD = Person((DONE,), told=((TERM, date(2023, 4, 1)),))


def is_due(part: Part, day: date, config: Config = CONFIG) -> bool:
    return bool(due(part, day, config))


def first_due(part: Part, around: date, config: Config = CONFIG) -> date:
    """The first day on which something is due, near to a day."""
    days = [later(around, number) for number in range(-40, 70)]
    found = [is_due(part, day, config) for day in days]
    assert found == sorted(found), "due, and then not"
    return days[found.index(True)]


@pytest.mark.promise("P-KEEP-PURPOSE")
def test_somebody_who_was_told_goes_on_the_day_after_the_term():
    insert(TOLD)
    assert first_due(Part.CONTACT, TERM) == later(TERM, 1)


@pytest.mark.promise("P-KEEP-PURPOSE", breaks=True)
@pytest.mark.parametrize(
    ("person", "first"),
    [
        # Told late: thirty days after it.
        (Person((DONE,), told=((TERM, later(TERM, 10)),)), later(TERM, 41)),
        # Without an e-mail nobody can be told.
        (Person((DONE,), email=""), later(TERM, 1)),
    ],
)
def test_the_telling_comes_thirty_days_before(person, first):
    insert(person)
    assert first_due(Part.CONTACT, TERM) == first


@pytest.mark.promise("P-KEEP-PURPOSE", breaks=True)
@pytest.mark.parametrize("told", [(), ((later(TERM, -1), date(2023, 1, 1)),)])
def test_who_was_not_told_of_this_very_term_does_not_go(told):
    insert(Person((DONE,), told=told))
    assert not is_due(Part.CONTACT, date(2030, 1, 1))


def test_a_guest_has_an_e_mail_address_whatever_stands_in_the_row():
    insert(Person((DONE,), account=False, email=""))
    assert not is_due(Part.CONTACT, date(2030, 1, 1))


def test_a_log_in_begins_a_new_term_and_the_telling_is_void(shop):
    customer, _ = insert(TOLD)
    user = Customer.objects.get(pk=customer).saleor_user
    assert keeps.still_due(Part.CONTACT, [customer], later(TERM, 1), CONFIG) == {customer}

    shop.port.logins = {user: at(later(TERM, -20), time(23, 59))}

    assert keeps.still_due(Part.CONTACT, [customer], later(TERM, 1), CONFIG) == set()
    new = date(2026, 4, 30)
    (one, other) = keeps.keeps(customers=[customer], day=new, config=CONFIG)
    assert (one.rule, one.until) == ("inactive", new)
    assert (other.rule, other.until) == ("telling", later(new, 30))
    assert inactive.untold(later(new, -30), CONFIG, limit=9) == [Untold(customer, new)]
    assert inactive.untold(later(new, -31), CONFIG, limit=9) == []


@pytest.mark.parametrize("kind", ["consent", "confirmed", "reconsent"])
def test_a_consent_begins_a_new_term_and_the_telling_is_void(kind):
    customer, _ = insert(replace(TOLD, said=((kind, later(TERM, -20)),)))
    assert not is_due(Part.CONTACT, later(TERM, 1))
    new = date(2026, 4, 30)
    assert inactive.untold(later(new, -30), CONFIG, limit=9) == [Untold(customer, new)]
    assert inactive.untold(later(new, -31), CONFIG, limit=9) == []


@pytest.mark.parametrize("kind", ["soft_opt_in", "withdrawal", "objection", "expired", "bounce"])
def test_what_else_is_said_of_marketing_is_no_activity(kind):
    insert(replace(TOLD, said=((kind, later(TERM, -20)),)))
    assert is_due(Part.CONTACT, later(TERM, 1))


def test_a_log_in_of_an_account_that_is_gone_is_nobody_s(shop):
    customer, _ = insert(TOLD)
    row = Customer.objects.get(pk=customer)
    shop.port.logins = {row.saleor_user: at(TERM)}
    Customer.objects.update(account_gone_at=at(TERM))
    assert is_due(Part.CONTACT, later(TERM, 1))


@pytest.mark.parametrize("status", ["unconfirmed", "unfulfilled", "partially fulfilled"])
def test_who_waits_for_a_parcel_is_kept_though_the_erasure_was_granted(status):
    waits = Bought(placed=PLACED, status=status)
    insert(Person((DONE, waits), request="accepted", requested=TERM))
    assert not is_due(Part.CONTACT, later(TERM, 1))


@pytest.mark.parametrize(
    ("sent", "status", "waits"),
    [(0, "fulfilled", True), (1, "canceled", True), (1, "waiting_for_approval", True),
     (1, "fulfilled", False), (1, "replaced", False)],
)  # fmt: skip
def test_who_sent_one_piece_back_waits_for_those_that_never_came(sent, status, waits):
    bought = replace(DONE, status="partially_returned", types=("shirt", "saw"), returned=(PLACED,))
    _, [purchase] = insert(Person((bought,), request="accepted", requested=TERM))
    for number in range(sent):
        Delivery.objects.create(
            purchase_id=purchase, saleor_fulfillment_line=-1 - number, saleor_line=uuid4(),
            status=status, quantity=1, at=at(PLACED),
        )  # fmt: skip
    assert is_due(Part.CONTACT, later(TERM, 1)) is not waits
    assert is_due(Part.DETAIL, later(TERM, 1)) is not waits


def test_of_an_order_without_lines_nothing_is_still_to_be_sent():
    insert(replace(TOLD, bought=(replace(DONE, status="partially_returned", types=()),)))
    assert first_due(Part.DETAIL, date(2023, 5, 20)) == date(2023, 5, 21)


@pytest.mark.parametrize(
    ("person", "told"),
    [
        (Person((DONE,)), True),
        (Person((DONE,), account=False), True),
        (Person((DONE,), email=""), False),
        (TOLD, False),
        (Person((DONE,), request="accepted", requested=TERM), False),
        (Person((DONE,), request="asks"), False),
        (Person((DONE,), held="name"), False),
        (Person((DONE, Bought(placed=PLACED, status="unfulfilled"))), False),
        (Person((DONE, Bought(placed=PLACED, status="partially fulfilled"))), False),
    ],
)
def test_who_is_told(person, told):
    customer, _ = insert(person)
    found = inactive.untold(later(TERM, -30), CONFIG, limit=9)
    assert found == ([Untold(customer, TERM)] if told else [])
    assert inactive.untold(later(TERM, -31), CONFIG, limit=9) == []


def test_the_untold_come_page_by_page():
    customers = [insert(Person((DONE,)))[0] for _ in range(5)]
    day, after, found = TERM, 0, []
    while page := inactive.untold(day, CONFIG, after=after, limit=2):
        assert len(page) <= 2
        found += [one.customer for one in page]
        after = page[-1].customer
    assert found == customers


def test_an_accepted_request_ends_the_relationship_and_leaves_vouchers_and_claims():
    bought = Bought(placed=date(2026, 6, 1), delivered=date(2026, 6, 3), paid=date(2026, 6, 1))
    customer, purchases = insert(Person((bought,), request="accepted", requested=date(2026, 9, 1)))
    day = date(2026, 9, 2)
    assert due(Part.CONTACT, day, CONFIG) == {customer: "request"}
    found = keeps.keeps(customers=[customer], purchases=purchases, day=day, config=CONFIG)
    assert {(one.part, one.rule, one.until) for one in found} == {
        (Part.DETAIL, "claims", date(2028, 6, 3)),
        (Part.IDENTITY, "claims", date(2028, 6, 3)),
        (Part.IDENTITY, "identity", date(2036, 12, 31)),
        (Part.FIGURES, "claims", date(2028, 6, 3)),
        (Part.FIGURES, "books", date(2036, 12, 31)),
    }
    Purchase.objects.create(
        saleor_order="00000000-0000-4000-8000-000000000001", customer_id=customer, number="2",
        status="fulfilled", origin="checkout", channel="finland", currency="EUR", digest="",
        placed_at=at(date(2026, 9, 2)), paid_at=at(date(2026, 9, 2)),
        **dict.fromkeys(("net", "gross", "shipping_net", "shipping_gross", "gift_card_amount"), 0),
    )  # fmt: skip
    assert not is_due(Part.CONTACT, day)


@pytest.mark.promise("P-KEEP-BOOKKEEPING")
def test_a_credit_keeps_the_sale_that_it_credits():
    _, [purchase] = insert(Person((Bought(
        placed=date(2020, 12, 30), paid=date(2020, 12, 30), delivered=date(2020, 12, 31),
        postings=(date(2020, 12, 30), date(2021, 1, 2)),
    ),)))  # fmt: skip
    (found,) = keeps.keeps(purchases=[purchase], day=date(2031, 1, 1), config=CONFIG)[-1:]
    assert (found.part, found.rule, found.until) == (Part.FIGURES, "books", date(2031, 12, 31))
    assert first_due(Part.FIGURES, date(2032, 1, 1)) == date(2032, 1, 1)


@pytest.mark.promise("P-KEEP-BOOKKEEPING", breaks=True)
@pytest.mark.parametrize(
    "late",
    [
        {"money": (date(2021, 1, 1),)}, {"returned": (date(2021, 1, 1),)},
        {"invoices": (date(2021, 1, 1),)}, {"vouchers": (date(2021, 1, 1),)},
        {"delivered": date(2021, 1, 1)}, {"paid": date(2021, 1, 1)},
    ],
)  # fmt: skip
def test_what_is_not_booked_yet_counts_too(late):
    insert(Person((Bought(placed=date(2020, 12, 31), paid=date(2020, 12, 31), clock=time(0),
                          **{"delivered": date(2020, 12, 31)} | late)
                   if "paid" not in late else
                   Bought(placed=date(2020, 12, 31), clock=time(0), **late),)))  # fmt: skip
    assert not is_due(Part.FIGURES, date(2031, 12, 31))
    assert is_due(Part.FIGURES, date(2032, 1, 1))


def test_the_last_moment_of_a_year_in_helsinki_is_of_that_year():
    insert(Person((Bought(placed=date(2020, 12, 31), paid=date(2020, 12, 31),
                          clock=time(23, 59, 59)),)))  # fmt: skip
    assert first_due(Part.FIGURES, date(2031, 1, 1)) == date(2031, 1, 1)


@pytest.mark.parametrize(("years", "objected"), [(6, False), (10, True)])
def test_names_on_vouchers_for_six_years_and_figures_for_ten(years, objected):
    config = Config(active=True, identity_years=years)
    insert(Person((replace(DONE, objected=objected),)))
    assert first_due(Part.IDENTITY, date(2027, 1, 1), config) == date(2027, 1, 1)
    assert first_due(Part.FIGURES, date(2031, 1, 1), config) == date(2031, 1, 1)


@pytest.mark.promise("P-KEEP-PURPOSE")
@pytest.mark.parametrize(
    "bought",
    [
        Bought(placed=PLACED, status="canceled", cancelled=PLACED),
        Bought(placed=PLACED, status="expired"),
        Bought(placed=PLACED, paid=PLACED, is_test=True),
    ],
)
def test_what_is_no_accounting_material_goes_as_a_whole_with_its_details(bought):
    insert(Person((bought,)))
    for part in (Part.DETAIL, Part.IDENTITY, Part.FIGURES):
        assert first_due(part, date(2023, 5, 21)) == date(2023, 5, 21)


@pytest.mark.promise("P-KEEP-BOOKKEEPING", breaks=True)
@pytest.mark.parametrize(
    ("paper", "material"),
    [("postings", True), ("vouchers", True), ("invoices", True), ("money", False)],
)
def test_what_is_booked_or_numbered_stays_whatever_a_setting_calls_a_test(paper, material):
    sold = Bought(placed=PLACED, paid=PLACED, delivered=PLACED, is_test=True, **{paper: (PLACED,)})
    insert(Person((sold,)))
    for part in (Part.IDENTITY, Part.FIGURES):
        assert is_due(part, date(2024, 5, 20)) is not material
        assert is_due(part, date(2031, 1, 1))


def test_a_warranty_keeps_the_purchase_by_its_longest_type():
    config = Config(active=True, claims_months=(("*", 12), ("saw", 60)))
    insert(Person((Bought(placed=PLACED, paid=PLACED, types=("shirt", "saw")),)))
    assert first_due(Part.DETAIL, date(2025, 5, 21), config) == date(2025, 5, 21)


@pytest.mark.parametrize(
    ("categories", "kept"),
    [
        ("name", {Part.CONTACT, Part.DETAIL, Part.IDENTITY, Part.FIGURES}),
        ("email", {Part.CONTACT, Part.DETAIL, Part.FIGURES}),
        ("phone", {Part.CONTACT, Part.FIGURES}),
        ("postal_address", {Part.CONTACT, Part.IDENTITY, Part.FIGURES}),
        ("purchase", {Part.DETAIL, Part.IDENTITY, Part.FIGURES}),
    ],
)
def test_a_hold_on_a_purchase_keeps_the_parts_that_hold_its_categories(categories, kept):
    customer, purchases = insert(
        Person((Bought(placed=PLACED, delivered=PLACED, paid=PLACED, held=categories),), email="")
    )
    day = date(2040, 1, 1)
    found = keeps.keeps(customers=[customer], purchases=purchases, day=day, config=CONFIG)
    assert {one.part for one in found} == kept
    assert {(one.rule, one.ground, one.purpose, one.until) for one in found} == {
        ("hold", "dispute", Purpose.CLAIMS, None)
    }
    Hold.objects.update(released_at=at(day), released_by="user:1", released_why="settled")
    assert all(is_due(part, day) for part in Part)


def test_whatever_a_hold_on_a_customer_names_the_customer_stays():
    insert(Person((DONE,), email="", held="purchase"))
    assert not is_due(Part.CONTACT, date(2040, 1, 1))


@pytest.mark.parametrize("arrives", ["order", "hold", "restriction", "log-in"])
def test_the_check_just_before_erasing_sees_what_has_come(shop, arrives):
    day = later(TERM, 1)
    customer, [purchase] = insert(TOLD)
    assert list(due(Part.CONTACT, day, CONFIG)) == [customer]
    if arrives == "order":
        Purchase.objects.filter(pk=purchase).update(placed_at=at(day))
    elif arrives == "hold":
        Hold.objects.create(
            customer_id=customer, categories="name", ground="dispute", reason="Riita",
            review_on=REVIEW, placed_by="user:1",
        )  # fmt: skip
    elif arrives == "restriction":
        Restriction.objects.create(
            customer_id=customer, ground="objection_pending", restricted_by="user:1"
        )
    else:
        shop.port.logins = {Customer.objects.get().saleor_user: at(day)}
    assert keeps.still_due(Part.CONTACT, [customer], day, CONFIG) == set()


def test_how_many_are_due_by_the_rule_that_kept_them_last():
    late = Person((DONE,), told=((TERM, TERM),))
    asking = Person((DONE,), request="accepted", requested=TERM)
    for person in (TOLD, TOLD, late, Person((DONE,)), asking):
        insert(person)
    day = date(2024, 1, 1)
    found = {"inactive": 2, "telling": 1, "request": 1}
    assert keeps.counts(Part.CONTACT, day, CONFIG) == found
    # Of the one who asked, the claims were over last; of the others the service.
    assert keeps.counts(Part.DETAIL, day, CONFIG) == {"detail": 4, "claims": 1}
    assert keeps.counts(Part.FIGURES, date(2031, 1, 1), CONFIG) == {"books": 5}


def test_the_forecast_of_twelve_months():
    insert(TOLD)
    insert(Person((Bought(placed=date(2019, 1, 1), paid=date(2019, 1, 1)),), email=""))
    insert(Person((Bought(placed=PLACED, status="unfulfilled"),), email=""))
    found = forecasts.forecast(date(2022, 12, 15), CONFIG)
    assert found == [
        # Overdue by then, and so in the first month.
        Forecast(date(2022, 12, 1), Part.CONTACT, 1),
        Forecast(date(2023, 5, 1), Part.CONTACT, 1),
        Forecast(date(2022, 12, 1), Part.DETAIL, 1),
        Forecast(date(2023, 5, 1), Part.DETAIL, 1),
    ]
    assert forecasts.forecast(date(2022, 12, 15), CONFIG, months=5) == [found[0], found[2]]


@pytest.mark.parametrize("people", [1, 12])
def test_the_number_of_statements_does_not_grow(people):
    inserted = [insert(TOLD) for _ in range(people)]
    customers = [customer for customer, _ in inserted]
    purchases = [key for _, keys in inserted for key in keys]
    day = date(2024, 1, 1)
    with CaptureQueriesContext(
        connection,
    ) as sent:
        keeps.keeps(customers=customers, purchases=purchases, day=day, config=CONFIG)
        keeps.still_due(Part.CONTACT, customers, day, CONFIG)
        due(Part.DETAIL, day, CONFIG)
    # Accounts, and one statement a part; accounts, and one statement; one, and its cursor's four.
    assert len(sent) == 5 + 2 + 4
