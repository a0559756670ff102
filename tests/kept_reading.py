"""The retention schedule read as a person would: plain loops, nothing of the product's SQL."""

import calendar
from collections.abc import Iterator
from datetime import date, timedelta

from jokkerit_plugin.config import Config
from tests.kept import Bought, Person, at

#: Subject ("customer" or the number of a purchase), part, rule, last day (None: open).
Row = tuple[object, str, str, date | None]

_HOLDS = {
    "contact": {"name", "postal_address", "email", "phone"},
    "detail": {"email", "name", "purchase"},
    "identity": {"name", "postal_address", "purchase"},
}


def months_on(day: date, months: int) -> date:
    """The same day some months later, or the month's last."""
    year, month = day.year, day.month + months
    while month > 12:
        year, month = year + 1, month - 12
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def year_end(day: date, config: Config) -> date:
    """The end of a financial year that has no changes: day by day until it comes."""
    month, last = (int(part) for part in config.financial_year_end.split("-"))
    while (day.month, day.day) != (month, min(last, calendar.monthrange(day.year, month)[1])):
        day += timedelta(days=1)
    return day


def reading(person: Person, today: date, config: Config) -> list[Row]:
    """All that keeps somebody or their purchases on a day."""
    rows = [*_contact(person, today, config)]
    for number, bought in enumerate(person.bought):
        rows += _purchase(number, bought, person, config)
    return sorted({row for row in rows if row[3] is None or row[3] >= today}, key=repr)


def last_rule(person: Person, number: int, part: str, config: Config) -> str:
    """The rule that keeps a part of a purchase longest, of two the first by name."""
    rows = _purchase(number, person.bought[number], person, config)
    ends = [(until, rule) for _, of, rule, until in rows if of == part and until]
    latest = max((until for until, _ in ends), default=None)
    return min((rule for until, rule in ends if until == latest), default="detail")


def _contact(person: Person, today: date, config: Config) -> Iterator[Row]:
    own = [one for one in person.bought if not one.contact_gone]
    signs = [max(one.placed for one in own)] if own else [person.entered]
    if person.seen and person.account:
        signs.append(person.seen)
    signs += agreed(person)
    term = months_on(max(signs), config.inactive_months)
    if not _wants_out(person):
        yield "customer", "contact", "inactive", term
        if person.email or not person.account:
            told = [when for of, when in person.told if of == term]
            over = max(term, (told[0] if told else today) + timedelta(days=30))
            yield "customer", "contact", "telling", over
    if any(_open(one) for one in own):
        yield "customer", "contact", "open_order", None
    if person.held or any(set(one.held.split()) & _HOLDS["contact"] for one in own):
        yield "customer", "contact", "hold", None
    yield from (("customer", "contact", rule, None) for rule in _asked(person))


def _purchase(number: int, one: Bought, person: Person, config: Config) -> Iterator[Row]:
    ended = max(day for day in (one.placed, one.delivered, one.cancelled) if day)
    known = not one.contact_gone
    whole = []
    if known and not _wants_out(person):
        whole.append(("detail", months_on(ended, 12 * config.detail_years)))
    no_sale = one.status in {"unconfirmed", "canceled", "expired"}
    if one.types and not no_sale:
        by_type = dict(config.claims_months)
        unknown = max(by_type.values())
        months = max(by_type.get(t, by_type["*"]) if t else unknown for t in one.types)
        if months:
            whole.append(("claims", months_on(ended, months)))
    if _open(one):
        whole.append(("open_order", None))
    if known:
        whole += [(rule, None) for rule in _asked(person)]
    for part in ("detail", "identity", "figures"):
        yield from ((number, part, rule, until) for rule, until in whole)
        held = f"{one.held} {person.held if known else ''}".split()
        if held and (part == "figures" or set(held) & _HOLDS[part]):
            yield number, part, "hold", None
    documents = [*one.postings, *one.vouchers, *one.invoices]
    sold = not one.is_test and (not no_sale or one.money)
    if not sold and not documents:
        return
    days = [one.placed, one.paid, one.delivered, *documents, *one.money, *one.returned]
    last = max(day for day in days if day)
    end = year_end(last, config)
    yield number, "figures", "books", date(end.year + config.bookkeeping_years, 12, 31)
    names = 6 if one.objected else config.identity_years
    yield number, "identity", "identity", date(end.year + names, 12, 31)


def agreed(person: Person) -> list[date]:
    """The days on which somebody agreed to marketing."""
    return [day for kind, day in person.said if kind in {"consent", "confirmed", "reconsent"}]


def _wants_out(person: Person) -> bool:
    own = [
        at(one.placed, one.clock) for one in person.bought
        if not one.contact_gone and not one.cancelled and (one.paid or one.delivered)
    ]  # fmt: skip
    decided = at(person.requested)
    return person.request == "accepted" and not any(moment > decided for moment in own)


def _asked(person: Person) -> Iterator[str]:
    if person.request in {"asks", "open"}:
        yield "request"
    if person.restricted:
        yield "restriction"


def _open(one: Bought) -> bool:
    if one.is_test or one.let_go or one.cancelled or one.ended in {"written_off", "lapsed"}:
        return False
    if one.status in {"unconfirmed", "unfulfilled", "partially fulfilled"}:
        return True
    # One piece a line, and what came back had been sent: is another still to come?
    if one.status == "partially_returned" and len(one.types) > len(one.returned):
        return True
    owed = one.status not in {"canceled", "expired", "returned", "refunded"}
    return owed and not one.paid and one.gross > 0
