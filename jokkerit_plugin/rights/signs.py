"""Signs that something is wrong in the register: looked for in all customers once a day.

A mailbox that bounces, a notice that no server takes, a parcel that came back, a number, postal
code or VAT id that cannot be right. What the customer puts right in the shop closes its task by
itself.
"""

from collections.abc import Iterator, Sequence

import phonenumbers
from django.db.models import prefetch_related_objects

from .. import clock, keys
from ..access import staying
from ..marketing import contact_keys
from ..marketing.contact_keys import BadAddress
from ..models import CorrectionTask, Customer, MarketingEvent, Notice, Purchase, Sweep
from ..policy.corrections import RETURNS_WITHIN, Closed, Noticed, Sign
from ..policy.marketing import Channel, Kind
from ..policy.vat import is_company
from ..register import rounds
from ..register.folding import REGION
from ..shop.port import shop
from .correctable import fits
from .corrections_noticed import Seen, end, note
from .store import SHOP

#: Customers that are looked at in one transaction.
BATCH = 500
_USE = "correction evidence"


def walk(*, seconds: float) -> bool:
    """Go on with the day's walk over all customers; tell whether it is done."""
    until = clock.now().timestamp() + seconds
    row = rounds.today(Sweep.Name.CHECKS)
    while row.finished_at is None:
        rounds.step(row.pk, look, batch=BATCH)
        row.refresh_from_db()
        if clock.now().timestamp() > until:
            return row.finished_at is not None
    return True


def look(people: Sequence[Customer]) -> int:
    """Note what seems wrong of these customers, and close what is right by now.

    In a transaction; return how many tasks were opened. Raises `NoKey`.
    """
    seen = [*_bounces(people), *_refusals(people), *_checks(people), *_returned(people)]
    wrong = {(one.customer, one.field, one.sign) for one in seen}
    tasks = CorrectionTask.objects.filter(
        customer__in=people, closed_at=None, sign__in=[Sign.BOUNCE, Sign.CHECK]
    )
    # Customers before their tasks: a guest may be going up in another, who gets them.
    staying.stay(
        Customer, {one.customer for one in seen} | set(tasks.values_list("customer", flat=True))
    )
    for task in tasks.order_by("pk").select_for_update(no_key=True):
        if (task.customer_id, task.field, task.sign) not in wrong:
            end(task, Closed.CORRECTED, SHOP)
    return note(seen)


def _bounces(people: Sequence[Customer]) -> Iterator[Seen]:
    """Yield whose e-mail in use bounces, as the marketing's ledger or an import has it."""
    mailboxes: list[tuple[int, str]] = []
    for one in people:
        try:
            text = contact_keys.normalise(Channel.EMAIL, one.email) if one.email else ""
        except BadAddress:
            continue
        if text:
            mailboxes.append((one.pk, text))
    for version, digests in contact_keys.many(
        [(Channel.EMAIL, text) for _, text in mailboxes]
    ).items():
        owners: dict[bytes, list[int]] = {}
        for (pk, _), digest in zip(mailboxes, digests, strict=True):
            owners.setdefault(digest, []).append(pk)
        # The last word of the mailbox: what came by way of the address since opens it again.
        rows = MarketingEvent.objects.filter(
            key_version=version, digest__in=list(owners), channel=Channel.EMAIL
        )
        last = rows.order_by("digest", "-at", "-pk").distinct("digest")
        for pk, spoken, kind, at in last.values_list("pk", "digest", "kind", "at"):
            if kind == Kind.BOUNCE:
                for customer in owners[bytes(spoken)]:
                    yield Seen(customer, Noticed.EMAIL, Sign.BOUNCE, f"event:{pk}", at)


def _refusals(people: Sequence[Customer]) -> Iterator[Seen]:
    """Yield whose e-mail no server took the notice of the erasure for."""
    rows = Notice.objects.filter(customer__in=people, refused=True).order_by("pk")
    for pk, customer, at in rows.values_list("pk", "customer", "told_at"):
        yield Seen(customer, Noticed.EMAIL, Sign.LETTER, f"notice:{pk}", at)


def _returned(people: Sequence[Customer]) -> Iterator[Seen]:
    """Yield to whom a parcel could not be delivered, as the shop says."""
    # By the index of customer and day: of old orders neither side reads a row.
    since = clock.now() - RETURNS_WITHIN
    bought = Purchase.objects.filter(customer__in=people, placed_at__gte=since, absent_since=None)
    owners = dict(bought.values_list("saleor_order", "customer"))
    for order, (evidence, at) in shop().undelivered(sorted(owners)).items():
        if owner := owners[order]:
            yield Seen(owner, Noticed.ADDRESS, Sign.RETURNED, evidence, at)


def _checks(people: Sequence[Customer]) -> Iterator[Seen]:
    people = list(people)
    prefetch_related_objects(people, "addresses")
    for one in people:
        for field, text in _failing(one):
            _, digest = keys.sign(_USE, f"{field}\0{text}".encode())
            yield Seen(one.pk, field, Sign.CHECK, digest.hex())


def _failing(one: Customer) -> Iterator[tuple[Noticed, str]]:
    """Yield what cannot be right, and what it says."""
    if one.phone and not _is_phone(one.phone):
        yield Noticed.PHONE, one.phone
    bad = [
        f"{place.country} {place.postal_code}" for place in one.addresses.all()
        if place.postal_code and not fits(place.country, place.postal_code)
    ]  # fmt: skip
    if bad:
        yield Noticed.ADDRESS, "\n".join(sorted(bad))
    if one.vat_id and not is_company(one.vat_id):
        yield Noticed.VAT_ID, one.vat_id


def _is_phone(text: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, REGION))
    except phonenumbers.NumberParseException:
        return False
