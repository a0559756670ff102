"""From one purchase to its entries: pure, so that its rules are tested as tables.

`book` says what the books should hold for a purchase as it stands now, over all time; what of it
may still be written is decided elsewhere (`books.py`).
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ..policy.vat import AT_HOME, Cause, Treatment, causes, in_force, join, treatment
from ..shop.snapshots import GIFT_CARD_GATEWAY, MovementKind
from . import refunds, taxpoint
from .booked import OWED, Booked, merged
from .entries import EntryKind
from .facts import NO_SALE, Facts, Money, Part, Rules
from .periods import quarter_of
from .shares import net_of, share, split, step

K = EntryKind
_ZERO = Decimal(0)
_CARDS = {K.GIFT_CARD_SOLD, K.GIFT_CARD_TAXED}
_MONEY = {K.PAYMENT, K.PAYBACK, K.GIFT_CARD_USED}


class _Planned(NamedTuple):
    part: Part
    kind: EntryKind
    how: Treatment
    #: By which day how much of it is taxed in all.
    taxed: refunds.Taxed


def book(facts: Facts, rules: Rules) -> list[Booked]:
    """Return a purchase's entries in the order of days; none for a test order."""
    if facts.is_test:
        return []
    found = list(_money(facts, rules))
    waits = False
    if facts.status not in NO_SALE:
        planned = [_plan(facts, part, rules) for part in facts.parts]
        found += _sales(facts, rules, planned)
        found += _gift_cards(facts, rules)
        found += _credits(facts, planned)
        waits = any(map(_waits, planned))
    found = merged(
        one if one.kind in _MONEY else replace(one, country=facts.country) for one in found
    )
    return found + _advances(found, waits=waits)


def _sales(facts: Facts, rules: Rules, planned: list[_Planned]) -> Iterator[Booked]:
    for part, kind, how, steps in planned:
        net = gross = _ZERO
        general = taxpoint.due(facts, part) if _by_cash(rules, how) else None
        for day, *upto in steps:
            days = [day] if general is None else [day for day, _ in general]
            cause = join(_causes(facts, part, rules, kind, how, days))
            yield Booked(day, kind, how, part.rate, upto[0] - net, upto[1] - gross, cause=cause)
            net, gross = upto


def _plan(facts: Facts, part: Part, rules: Rules) -> _Planned:
    unit = step(facts.currency)
    kind = _kind(part, rules)
    how = _treatment(facts, part, rules, kind)
    if how is Treatment.REVERSE_CHARGE:
        steps = taxpoint.community(facts, part)
    else:
        steps = taxpoint.due(facts, part, cash=_by_cash(rules, how))
    taxed = [(day, share(part.net, one, unit), share(part.gross, one, unit)) for day, one in steps]
    return _Planned(part, kind, how, taxed)


def _waits(plan: _Planned) -> bool:
    """Tell whether this waits for delivery to a business abroad, whatever is paid."""
    taxed = plan.taxed[-1][2] if plan.taxed else _ZERO
    return plan.how is Treatment.REVERSE_CHARGE and taxed != plan.part.gross


def _by_cash(rules: Rules, how: Treatment) -> bool:
    return rules.basis == "cash" and how in AT_HOME


def _kind(part: Part, rules: Rules) -> EntryKind:
    if part.kind is not K.GIFT_CARD_SOLD:
        return part.kind
    # VAT that was charged is owed, whatever the setting says.
    return K.GIFT_CARD_TAXED if rules.gift_cards == "single" or part.vat else part.kind


def _treatment(facts: Facts, part: Part, rules: Rules, kind: EntryKind) -> Treatment:
    if kind is K.GIFT_CARD_SOLD:
        return Treatment.NONE
    order_vat = sum((one.vat for one in facts.parts), _ZERO)
    return treatment(
        facts.country, vat=part.vat, order_vat=order_vat, vat_id=facts.vat_id, oss=rules.oss
    )


def _causes(
    facts: Facts, part: Part, rules: Rules, kind: EntryKind, how: Treatment, days: list[date]
) -> Iterator[Cause]:
    if kind in _CARDS and (rules.gift_cards == "single") != bool(part.vat):
        yield Cause.GIFT_CARD
        if not part.vat:
            return
    if kind is K.GIFT_CARD_SOLD:
        return
    if facts.foreign:
        yield Cause.CURRENCY
    order_vat = sum((one.vat for one in facts.parts), _ZERO)
    yield from causes(facts.country, vat=part.vat, order_vat=order_vat, vat_id=facts.vat_id)
    if how is Treatment.DOMESTIC and not any(in_force(part.rate, day) for day in days):
        yield Cause.RATE


def _money(facts: Facts, rules: Rules) -> Iterator[Booked]:
    for one in facts.money:
        if one.gateway == GIFT_CARD_GATEWAY:
            # Where there is no sale, there is no tax to take off again.
            if rules.gift_cards == "single" and facts.status in NO_SALE:
                continue
            yield from _by_card(facts, rules, one.day, _signed(one), _credit_source(one))
            continue
        kind = K.PAYMENT if one.kind is MovementKind.PAYMENT else K.PAYBACK
        amount = _signed(one)
        source = _credit_source(one)
        yield Booked(
            one.day, kind, Treatment.NONE, None, amount, amount, one.gateway, source
        )  # fmt: skip


def _gift_cards(facts: Facts, rules: Rules) -> Iterator[Booked]:
    if facts.gift_cards:
        yield from _by_card(facts, rules, facts.placed, facts.gift_cards, "")


def _by_card(
    facts: Facts, rules: Rules, day: date, amount: Decimal, source: str
) -> Iterator[Booked]:
    """A card pays: a means of payment, or, taxed when it was sold, a sale that is taxed already."""
    if rules.gift_cards != "single":
        yield Booked(
            day, K.GIFT_CARD_USED, Treatment.NONE, None, amount, amount, source=source
        )  # fmt: skip
        return
    unit = step(facts.currency)
    weights = [max(part.gross, _ZERO) for part in facts.parts]
    for part, gross in zip(facts.parts, split(amount, weights, unit), strict=True):
        how = _treatment(facts, part, rules, K.GIFT_CARD_TAXED)
        net = net_of(gross, net=part.net, gross=part.gross, unit=unit)
        yield Booked(day, K.GIFT_CARD_TAXED, how, part.rate, -net, -gross, source=source)


def _signed(money: Money) -> Decimal:
    back = money.kind in {MovementKind.REFUND, MovementKind.CHARGEBACK}
    return -money.amount if back else money.amount


def _credit_source(money: Money) -> str:
    credited = money.kind in {MovementKind.REFUND, MovementKind.REFUND_REVERSED}
    return money.source if credited else ""


def _credits(facts: Facts, planned: list[_Planned]) -> Iterator[Booked]:
    of = {part: (kind, how, taxed) for part, kind, how, taxed in planned}
    for one in refunds.credited(facts, [each.taxed for each in planned]):
        kind, how, taxed = of[one.part]
        cause = "" if one.explained else Cause.PROPORTIONAL.value
        credit = Booked(
            one.day, kind if kind in _CARDS else K.REFUND, how, one.part.rate,
            -one.net, -one.gross, source=one.source, cause=cause,
        )  # fmt: skip
        if how is Treatment.OSS:
            yield from _by_quarter(credit, taxed, one.before, step(facts.currency))
        else:
            yield credit


def _by_quarter(
    credit: Booked, taxed: refunds.Taxed, before: Decimal, unit: Decimal
) -> Iterator[Booked]:
    """Split a credit by the quarters in which its sale was taxed, the first quarter first."""
    low, high = sorted((before, before - credit.gross))
    worth: dict[date, Decimal] = {}
    reached = _ZERO
    for day, _, gross in taxed:
        found = min(gross, high) - max(reached, low)
        if found > 0:
            first = quarter_of(day)
            worth[first] = worth.get(first, _ZERO) + found
        reached = gross
    if len(worth) < 2:
        yield replace(credit, corrects=next(iter(worth), quarter_of(credit.day)))
        return
    sign = 1 if credit.gross > 0 else -1
    nets = split(abs(credit.net), list(worth.values()), unit)
    for (first, gross), net in zip(worth.items(), nets, strict=True):
        yield replace(credit, net=sign * net, gross=sign * gross, corrects=first)


def _advances(entries: list[Booked], *, waits: bool) -> list[Booked]:
    """Money that no sale stands against yet: a debt to the buyer at the end of each day.

    One that stands while a sale `waits` may be for a service, which the shop does not tell from
    goods and never marks as delivered: a service was taxed when it was paid (VAT Act s. 15,
    directive 2006/112/EC art. 65, from which art. 67 exempts goods alone).
    """
    found = list(_each_advance(entries))
    if not waits or sum(_ADVANCED[one.kind] * one.gross for one in found) <= 0:
        return found
    return [
        replace(one, cause=Cause.ADVANCE.value) if one.kind is K.ADVANCE else one for one in found
    ]


_ADVANCED = {K.ADVANCE: 1, K.ADVANCE_USED: -1}


def _each_advance(entries: list[Booked]) -> Iterator[Booked]:
    owed = held = _ZERO
    for day in sorted({one.day for one in entries}):
        owed += sum((OWED[one.kind] * one.gross for one in entries if one.day == day), _ZERO)
        now = max(_ZERO, -owed)
        if now != held:
            kind = K.ADVANCE if now > held else K.ADVANCE_USED
            amount = abs(now - held)
            yield Booked(day, kind, Treatment.NONE, None, amount, amount)
        held = now
