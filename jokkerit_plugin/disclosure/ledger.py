"""The ledger of disclosures: the one way in which customers' data goes to a third party.

    with ledger.refusals_logged():
        with guard.visit(...) as visit:
            ...                      # make the file
            ledger.ask(recipient=..., purpose=..., ..., actor=actor)
            visit.then(store)        # which calls `ledger.record` last

    def store():
        ...
        ledger.record(recipient=..., purpose=..., ..., actor=actor)

A disclosure goes only to a registered recipient of the description's three kinds that has not
ended and has signed, for its purpose, with that purpose's categories; outside the European
Union only with a ground for every customer. The rows are a hash chain as the access log is, for
the same reason: what is shown to customers and to the authority must not be changed in silence.

Danger: a refusal raised inside the transaction rolls back with it, so it is written by
`refusals_logged` around it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import transaction

from .. import clock
from ..access import chain
from ..access.actor import Actor
from ..access.chain import as_ids, as_multirange
from ..models import Customer, Disclosure, Recipient
from ..policy.categories import Category
from ..policy.purposes import Purpose
from ..policy.recipients import in_eu
from ..register.rows import fetch, table
from . import transfers
from .terms import DisclosureRefused, Intent, Reason, check


def record(
    *,
    recipient: Recipient,
    purpose: Purpose,
    categories: frozenset[Category],
    subjects: Iterable[int],
    sha256: str = "",
    what: str = "file",
    actor: Actor,
) -> list[int]:
    """Record a disclosure of all these customers, or raise `DisclosureRefused`; return its rows.

    Call it last in the transaction that stores what is given. There is one row, or one for each
    ground of a transfer. What is already made cannot be given in part: one customer without a
    ground, and the whole is refused. A file with nobody in it, as of sales over the counter, is no
    disclosure: its terms are checked, and there is no row.
    """
    intent = _intent(recipient.pk, purpose, categories, subjects, what, actor, sha256)
    return [_write(intent, portion) for portion in _all(intent, lock=True)]


def ask(
    *,
    recipient: Recipient,
    purpose: Purpose,
    categories: frozenset[Category],
    subjects: Iterable[int],
    what: str = "file",
    actor: Actor,
) -> None:
    """Raise `DisclosureRefused` where `record` would. Inside a visit: nothing is granted then."""
    _all(_intent(recipient.pk, purpose, categories, subjects, what, actor), lock=False)


@contextmanager
def refusals_logged() -> Iterator[None]:
    """Write a refusal of the block to the ledger, once the block's transaction has rolled back."""
    try:
        yield
    except DisclosureRefused as refusal:
        if not refusal.logged:
            everyone = transfers.Portion("", refusal.intent.subjects, refusal.intent.count)
            with transaction.atomic(durable=True):
                _write(refusal.intent, everyone, refusal=refusal.code)
            refusal.logged = True
        raise


def _intent(
    recipient: int,
    purpose: Purpose,
    categories: frozenset[Category],
    subjects: Iterable[int],
    what: str,
    actor: Actor,
    sha256: str = "",
) -> Intent:
    keys = set(subjects)
    return Intent(
        recipient, purpose, categories, as_multirange(keys), len(keys), what, sha256, actor
    )


def _all(intent: Intent, *, lock: bool) -> list[transfers.Portion]:
    """Return everybody by ground, or raise `DisclosureRefused` if one of them has none."""
    found = check(intent, lock=lock)
    if not intent.count and in_eu(found.country):
        return []
    portions, left = _sift(intent, found)
    if left.count or not portions:
        raise intent.refused(Reason.NO_TRANSFER_GROUND, left.sentence, field="subjects")
    return portions


def _sift(
    intent: Intent, recipient: Recipient
) -> tuple[list[transfers.Portion], transfers.Portion]:
    """Return who may be given, by ground, and who may not. One query, whatever the number."""
    if in_eu(recipient.country):
        keys = list(as_ids(intent.subjects))
        ((known,),) = fetch(f"SELECT count(*) FROM {table(Customer)} WHERE id = ANY(%s)", [keys])
        if not keys or known < len(keys):
            message = "Name the customers whose data is given; of these, some or all are none."
            raise intent.refused(Reason.NO_CUSTOMERS, message, field="subjects")
        return [transfers.Portion("", intent.subjects, intent.count)], transfers.NONE
    return transfers.sift(intent.subjects, recipient.pk)


def _write(intent: Intent, portion: transfers.Portion, *, refusal: str = "") -> int:
    return chain.append(
        Disclosure,
        {
            "at": clock.now(),
            "actor": intent.actor.key,
            "recipient_id": None if refusal == Reason.NO_RECIPIENT else intent.recipient,
            "purpose": intent.purpose.value,
            "categories": " ".join(sorted(intent.categories)),
            "subjects": portion.subjects,
            "count": portion.count,
            "what": intent.what,
            "sha256": intent.sha256,
            "ground": portion.ground,
            "outcome": "refused" if refusal else "done",
            "reason": refusal,
        },
    )
