"""Making a file for accounting software: whole, balanced, logged and disclosed; or not at all."""

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from ...access import guard
from ...access.actor import Actor
from ...disclosure import ledger
from ...models import Export, Purchase, Recipient
from ...policy.categories import Category
from ...policy.permissions import GIVERS
from ...policy.purposes import Purpose
from ...shop.port import shop
from .. import accounts
from ..amounts import unit
from ..entries import Entry
from ..journal import Line, checked, lines
from ..periods import Period, within_a_year
from . import finvoice
from .files import About, ExportError, for_recipient, purpose_for, store
from .formats import FINVOICE, ask_form, ask_language
from .invoices import invoice_of
from .seller import terms_of

#: Purchases whose customers are asked for at once.
BATCH = 5000
#: Bytes beyond which the temporary file moves from memory to the disk (where it has no name).
IN_MEMORY = 2**23


def journal(
    form: str,
    entries: Iterable[Entry],
    *,
    period: Period,
    language: str,
    recipient: int,
    actor: Actor,
    currency: str = "",
    rounded: bool = False,
) -> Export:
    """Make one of `JOURNALS` of a period's entries: of closed months what was frozen.

    `currency`: leave the entries in others out, for a format that cannot hold them. `rounded`:
    see `journal.lines`; the file's name says so. Raises `ExportError`, `PeriodError` (a file lies
    within one financial year), `NoAccount`, `Unbalanced`, `AmountError` or `Refused`, and then
    leaves nothing.
    """
    asks = [Category.PURCHASE]
    with SpooledTemporaryFile(IN_MEMORY) as file:
        out = cast(BinaryIO, file)
        with (
            ledger.refusals_logged(),
            _closed(entries),
            guard.visit(
                actor, Purpose.BOOKKEEPING, act="export journal", asks=asks, needs=GIVERS
            ) as visit,
        ):
            found = ask_form(form, language)
            if currency:
                unit(currency)
            within_a_year(period, shop().config())
            to = for_recipient(recipient, Purpose.BOOKKEEPING, actor=actor)
            version, rules = accounts.in_force()
            seen = _seen(_within(entries, period, currency), visit)
            booked = checked(lines(seen, rules, language=language, rounded=rounded))
            found.write(_filled(_held(booked, found.currency)), out, language=language)
            _ask_terms(to, form, visit)
            days = f"{period.first}-{period.last}"
            only = f"-{currency}" * bool(currency) + "-rounded" * rounded
            name = f"{form.removesuffix('_csv')}-{days}{only}.{found.suffix}"
            about = About(form, period.first, period.last, name, version)
            stored = _stored(out, about, visit, recipient=to)
    return stored[0]


def invoice(
    voucher: str,
    entries: Iterable[Entry],
    *,
    language: str,
    corrected: bool = False,
    recipient: int,
    actor: Actor,
) -> Export:
    """Make the Finvoice of one voucher; it names the buyer. Raises as `journal` does.

    The seller is as the settings have it; what is missing there is named in the error.
    `entries` are those of the voucher's purchase, or more.
    `corrected`: see `invoice_of`; the file's name says so.
    The purpose is invoicing for an invoicing service, and bookkeeping for an accounting firm.
    """
    asks = [Category.PURCHASE, Category.NAME, Category.POSTAL]
    purpose = purpose_for(recipient)
    with SpooledTemporaryFile(IN_MEMORY) as file:
        out = cast(BinaryIO, file)
        with (
            ledger.refusals_logged(),
            _closed(entries),
            guard.visit(actor, purpose, act="export finvoice", asks=asks, needs=GIVERS) as visit,
        ):
            ask_language(language)
            terms = terms_of(shop().config())
            to = for_recipient(recipient, purpose, actor=actor)
            version, rules = accounts.in_force()
            made = invoice_of(
                voucher, entries, rules, terms=terms, language=language, corrected=corrected
            )
            visit.saw(_customers({made.purchase}))
            finvoice.write(made, out, language=language)
            _ask_terms(to, FINVOICE, visit)
            name = f"finvoice-{made.number}{'-corrected' * corrected}.xml"
            about = About(FINVOICE, made.day, made.day, name, version)
            stored = _stored(out, about, visit, recipient=to)
    return stored[0]


def _stored(
    out: BinaryIO, about: About, visit: guard.Visit, *, recipient: Recipient
) -> list[Export]:
    """Store the file when the visit ends; the list holds it from then on.

    Terms that changed since they were asked then leave neither a file nor a row of a look.
    """
    made: list[Export] = []
    visit.then(lambda: made.append(store(out, about, visit, recipient=recipient)))
    return made


def _ask_terms(to: Recipient, form: str, visit: guard.Visit) -> None:
    """Ask inside the visit: a refusal then leaves no row that says the file was granted."""
    ledger.ask(
        recipient=to, purpose=visit.purpose, categories=visit.categories,
        subjects=visit.subjects, what=form, actor=visit.actor,
    )  # fmt: skip


@contextmanager
def _closed(entries: Iterable[Entry]) -> Iterator[None]:
    """Close a generator of entries on leaving, whatever happens: it may hold a transaction."""
    try:
        yield
    finally:
        if isinstance(entries, Generator):
            entries.close()


def _within(entries: Iterable[Entry], period: Period, currency: str) -> Iterator[Entry]:
    for entry in entries:
        if currency and entry.currency != currency:
            continue
        if not period.first <= entry.day <= period.last:
            message = f"Order {entry.order_number} has an entry on {entry.day}, outside the period."
            raise ExportError(message, field="period")
        yield entry


def _seen(entries: Iterable[Entry], visit: guard.Visit) -> Iterator[Entry]:
    """Pass entries through, and tell the guard whose they are."""
    purchases: set[int] = set()
    for entry in entries:
        purchases.add(entry.purchase)
        if len(purchases) >= BATCH:
            visit.saw(_customers(purchases))
            purchases.clear()
        yield entry
    visit.saw(_customers(purchases))


def _customers(purchases: set[int]) -> list[int]:
    return [
        one
        for one in Purchase.objects.filter(pk__in=purchases)
        .values_list("customer", flat=True)
        .distinct()
        if one is not None
    ]


def _held(journal: Iterable[Line], currency: str) -> Iterator[Line]:
    """Refuse lines in another currency than the format holds."""
    for line in journal:
        if currency and line.currency != currency:
            message = (
                f"This format holds {currency} only, and order {line.order_number} is in"
                f" {line.currency}: choose journal_csv or xlsx."
            )
            raise ExportError(message, field="currency")
        yield line


def _filled(journal: Iterator[Line]) -> Iterable[Line]:
    """Refuse a journal without a line."""
    try:
        begun = next(journal)
    except StopIteration:
        raise ExportError("There is nothing to book in this period.", field="period") from None
    return chain([begun], journal)
