"""Corrects what is wrong of a customer, always without delay (GDPR article 16).

    register, vouchers' notes, the record, whom to tell      one transaction, through the guard
    the shop's account, address book and open orders         at once, and again until it agrees

A correction that the shop has not taken yet is a row that waits. Until then the intake holds what
is right (`register/corrections.py`), so a killed worker leaves nothing half-done. An issued
voucher, and the order's address that it rests on, stay as they are.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from .. import clock, keys
from ..access import guard
from ..access.actor import Actor
from ..errors import RegisterError
from ..marketing import reach
from ..models import Correction, CorrectionTask, Customer
from ..policy.categories import Category
from ..policy.corrections import CATEGORIES, CURES, Carried, Closed, Field, Told
from ..policy.permissions import CHANGERS
from ..policy.purposes import Purpose
from ..register import correcting, corrections
from ..register.addresses import FIELDS
from ..register.correcting import Change
from ..register.identity import normalise_email
from . import carrying, correctable, objections, proofs, rectified, store, tellings, voucher_notes
from .correctable import CorrectionError

#: Characters of the reason.
LONGEST = 2000
_POSTAL = frozenset(FIELDS) - {"first_name", "last_name", "company_name", "phone"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is right. `addresses`: key of the register's address to its columns that change.

    `was`: what whoever corrects has seen, of the texts and of the addresses' columns; where it is
    something else by now, nothing is corrected.
    """

    texts: Mapping[Field, str] = field(default_factory=dict)
    addresses: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    was: Mapping[Field, str] = field(default_factory=dict)
    was_at: Mapping[int, Mapping[str, str]] = field(default_factory=dict)


@dataclass(slots=True)
class Rectified:
    """What a rectification made: keys of its corrections, codes of the vouchers with a note."""

    customer: int = 0
    corrections: list[int] = field(default_factory=list)
    vouchers: list[str] = field(default_factory=list)
    tellings: int = 0


def rectify(
    customer: int, wanted: Wanted, *, reason: str, request: int | None = None, actor: Actor
) -> Rectified:
    """Correct a customer's name, e-mail, phone or addresses; not inside a transaction.

    `reason`: why, for the record. `request`: the customer's request that asks for it; it ends
    when the shop agrees. Through the guard, also for a restricted customer: nothing is shown.
    Raises `CorrectionError`, `RequestError`, `Refused`, `NoKey`.
    """
    if not reason.strip() or len(reason) > LONGEST:
        raise CorrectionError(f"Say why, in {LONGEST} characters at most.", field="reason")
    keys.current()
    texts, places = _written(wanted)
    made = Rectified()
    refused: list[RegisterError] = []

    def write() -> None:
        try:
            with transaction.atomic():
                correct()
        except CorrectionError as error:
            # It tells what is so: the log has it, and of a restricted customer the guard refuses.
            refused.append(error)
            visit.saw([customer])

    def correct() -> None:
        row = correcting.locked(customer)
        if row is None:
            raise CorrectionError("There is no such customer.", field="customer")
        asked = store.alone(request) if request is not None else None
        if asked is not None and not rectified.may_be_done(asked, row.pk, actor):
            refused.append(proofs.lost())
            return
        _ask_seen(row, wanted)
        if others := _others(row, texts):
            visit.saw_figures(others)
            message = "Another customer has this e-mail address: two people never become one by it."
            raise CorrectionError(message, field="email")
        changes = _changes(row, texts, places)
        now = clock.now()
        if asked is not None:
            rectified.take(asked, actor)
        reached = reach.of_customer(row)
        correcting.apply(row, changes, now)
        objections.follow(row.pk, reached, actor)
        made.customer = row.pk
        made.corrections = _record(row, changes, reason.strip(), request, actor, now)
        made.vouchers = voucher_notes.add(row, changes, at=now, by=actor.key, request=request)
        _close_tasks(row.pk, {one.field for one in changes}, actor, now)
        rectified.correct_answers(row.pk, changes)
        made.tellings = tellings.make(
            row.pk, Told.RECTIFICATION, categories=_categories(changes), request=request,
            source=f"correction {made.corrections[0]}",
        )  # fmt: skip

    fields = [*texts, *([Field.ADDRESS] if places else [])]
    # Of a restricted customer the log says purchases: nothing of who they are is seen.
    asks = {Category.PURCHASE}.union(*(CATEGORIES[one] for one in fields))
    with guard.visit(
        actor, Purpose.SERVICE, act="customerRectify", asks=asks, needs=CHANGERS
    ) as visit:
        visit.saw(visit.open_to([customer]))
        visit.saw_figures([customer])
        visit.then(write)
    if refused:
        raise refused[0]
    carrying.carry(customer=made.customer)
    return made


def read(correction_id: int, *, actor: Actor) -> tuple[Correction, dict[str, str], str]:
    """Return a correction with what was wrong, and why it was corrected; through the guard.

    Raises `CorrectionError`, `Refused`, `NoKey`.
    """
    row = Correction.objects.filter(pk=correction_id).first()
    if row is None:
        raise CorrectionError("There is no such correction.", field="id")
    asks = CATEGORIES[Field(row.field)]
    with guard.visit(
        actor, Purpose.SERVICE, act="correctionContent", asks=asks, needs=CHANGERS
    ) as visit:
        was, why = corrections.unseal(row)
        visit.saw([row.customer_id])
    return row, was, why


def _written(wanted: Wanted) -> tuple[dict[Field, str], dict[int, dict[str, str]]]:
    """Return the texts and addresses that are right, as they are stored."""
    if not (wanted.texts or wanted.addresses):
        raise CorrectionError("Say what is right.", field="texts")
    texts = {one: correctable.text(one, value) for one, value in wanted.texts.items()}
    places = {key: correctable.columns(given) for key, given in wanted.addresses.items()}
    return texts, places


def _ask_seen(row: Customer, wanted: Wanted) -> None:
    places = {one.pk: one for one in row.addresses.all()} if wanted.was_at else {}
    stale = any(getattr(row, one.value) != seen for one, seen in wanted.was.items()) or any(
        key not in places or getattr(places[key], name) != seen
        for key, columns in wanted.was_at.items()
        for name, seen in columns.items()
    )
    if stale:
        message = "This has been changed since you saw it: look again."
        raise CorrectionError(message, field="was")


def _changes(
    row: Customer, texts: Mapping[Field, str], places: Mapping[int, Mapping[str, str]]
) -> list[Change]:
    for one, right in texts.items():
        if right == getattr(row, one.value):
            raise CorrectionError("It is so already.", field=one.value)
    names = (texts.get(one, getattr(row, one.value)) for one in (Field.FIRST_NAME, Field.LAST_NAME))
    if {Field.FIRST_NAME, Field.LAST_NAME} & set(texts) and not any(names):
        raise CorrectionError("Somebody has a first or a last name.", field="last_name")
    try:
        changes = correcting.plan(row, texts, places)
    except KeyError:
        message = "There is no such address of this customer."
        raise CorrectionError(message, field="addresses") from None
    changed = {one.place: one for one in changes if one.place is not None}
    for key in places:
        if key not in changed:
            raise CorrectionError("This address is so already.", field="addresses")
        correctable.address(changed[key].right)
    return changes


def _others(row: Customer, texts: Mapping[Field, str]) -> set[int]:
    """Return who has the mailbox that is said to be right: another account, or another guest."""
    email = texts.get(Field.EMAIL)
    if email is None:
        return set()
    others = Customer.objects.exclude(pk=row.pk)
    if row.saleor_user:
        taken = others.filter(saleor_user__isnull=False, account_gone_at=None, email__iexact=email)
    else:
        taken = others.filter(guest_email=normalise_email(email))
    return set(taken.values_list("pk", flat=True))


def _record(
    row: Customer,
    changes: Sequence[Change],
    why: str,
    request: int | None,
    actor: Actor,
    now: datetime,
) -> list[int]:
    made = []
    for one in changes:
        waits = _in_shop(row, one.field)
        correction = Correction.objects.create(
            customer=row, field=one.field, wrong=one.wrong, at=now, by=actor.key, request=request,
            next_at=now, carried=Carried.WAITING if waits else Carried.HELD,
            carried_at=None if waits else now, **one.right,
        )  # fmt: skip
        corrections.seal(correction, one.was, why)
        correction.save(update_fields=["key_version", "sealed"])
        made.append(correction.pk)
    return made


def _in_shop(row: Customer, what: Field) -> bool:
    """Tell whether the shop may have a place of its own for it."""
    if what in {Field.EMAIL, Field.ADDRESS}:
        return True
    account = row.saleor_user is not None and row.account_gone_at is None
    return account and what in {Field.FIRST_NAME, Field.LAST_NAME}


def _categories(changes: Sequence[Change]) -> Collection[Category]:
    found: set[Category] = set()
    for one in changes:
        if one.place is None:
            found |= CATEGORIES[one.field]
            continue
        differ = {name for name in FIELDS if one.was[name] != one.right[name]}
        if differ & _POSTAL:
            found.add(Category.POSTAL)
        if "phone" in differ:
            found.add(Category.PHONE)
        if differ - _POSTAL - {"phone"}:
            found.add(Category.NAME)
    return found


def _close_tasks(customer: int, fields: Collection[Field], actor: Actor, now: datetime) -> None:
    cured = [noticed for noticed, by in CURES.items() if by & set(fields)]
    CorrectionTask.objects.filter(customer=customer, field__in=cured, closed_at=None).update(
        closed_at=now, closed_by=actor.key, outcome=Closed.CORRECTED
    )
