"""The terms on which a recipient may be given data, and the refusal of what is outside them."""

from dataclasses import dataclass
from enum import StrEnum

from ..access import copies, members
from ..access.actor import Actor
from ..errors import RegisterError
from ..models import Recipient
from ..policy.categories import Category
from ..policy.purposes import Purpose
from ..policy.recipients import DISCLOSURES, RecipientKind


class Reason(StrEnum):
    """Why a disclosure was refused: the code of the error and of the ledger's row."""

    NO_RECIPIENT = "NO_RECIPIENT"
    RECIPIENT_ENDED = "RECIPIENT_ENDED"
    KIND_NOT_DESCRIBED = "KIND_NOT_DESCRIBED"
    NO_PROCESSING_AGREEMENT = "NO_PROCESSING_AGREEMENT"
    NO_CONFIDENTIALITY = "NO_CONFIDENTIALITY"
    NOT_YOUR_RECIPIENT = "NOT_YOUR_RECIPIENT"
    WRONG_PURPOSE = "WRONG_PURPOSE"
    WRONG_CATEGORIES = "WRONG_CATEGORIES"
    NO_TRANSFER_GROUND = "NO_TRANSFER_GROUND"
    NOT_OWED = "NOT_OWED"
    ALREADY_HANDED_OVER = "ALREADY_HANDED_OVER"
    NO_CUSTOMERS = "NO_CUSTOMERS"
    CHANGED = "CHANGED"
    NOT_REPLAYED = "NOT_REPLAYED"


@dataclass(frozen=True, slots=True)
class Intent:
    """What somebody wants to give: keys and names only. `subjects` as `as_multirange` writes."""

    recipient: int
    purpose: Purpose
    categories: frozenset[Category]
    subjects: str
    count: int
    what: str
    sha256: str
    actor: Actor

    def refused(
        self, reason: Reason, message: str, *, field: str | None = "recipient"
    ) -> "DisclosureRefused":
        """Return the refusal of this, to be raised."""
        return DisclosureRefused(reason, message, intent=self, field=field)


class DisclosureRefused(RegisterError):
    """Nothing was given; `code` is a `Reason`. `ledger.refusals_logged` writes it down."""

    def __init__(
        self, reason: Reason, message: str, *, intent: Intent, field: str | None = None
    ) -> None:
        super().__init__(message, field=field)
        self.code = reason.value
        self.intent = intent
        self.logged = False


def check(intent: Intent, *, lock: bool = False) -> Recipient:
    """Return the recipient if it may be given this by its terms, or raise `DisclosureRefused`.

    `lock`: it cannot end before the transaction does. Where in the world it is, is not asked.
    """
    try:
        copies.check()
    except copies.NotReplayed as behind:
        raise intent.refused(Reason.NOT_REPLAYED, behind.message, field=None) from None
    rows = Recipient.objects.select_for_update(no_key=True) if lock else Recipient.objects.all()
    recipient = rows.filter(pk=intent.recipient).first()
    if recipient is None:
        raise intent.refused(Reason.NO_RECIPIENT, "There is no such recipient.")
    if recipient.ended_at:
        raise intent.refused(Reason.RECIPIENT_ENDED, "This recipient has ended.")
    _check_agreements(intent, recipient)
    _check_purpose(intent, recipient)
    if members.own(intent.actor.key) not in {None, recipient.pk}:
        message = "You act for another recipient, and give data to that one only."
        raise intent.refused(Reason.NOT_YOUR_RECIPIENT, message)
    return recipient


def _check_agreements(intent: Intent, recipient: Recipient) -> None:
    if not recipient.agreement_signed_on:
        message = "The data-processing agreement with this recipient is not recorded."
        raise intent.refused(Reason.NO_PROCESSING_AGREEMENT, message)
    if not recipient.confidentiality_signed_on:
        message = "The confidentiality agreement of this recipient is not recorded."
        raise intent.refused(Reason.NO_CONFIDENTIALITY, message)


def _check_purpose(intent: Intent, recipient: Recipient) -> None:
    kinds = {kind.value: kind for kind in RecipientKind}
    if recipient.kind not in kinds:
        message = (
            "The register description promises disclosures to bookkeeping, invoicing and debt"
            " collection only. Another kind (a carrier, a payment service, hosting) needs a newly"
            " published description first."
        )
        raise intent.refused(Reason.KIND_NOT_DESCRIBED, message)
    purpose, categories = DISCLOSURES[kinds[recipient.kind]]
    if intent.purpose is not purpose:
        message = f"This recipient gets data for the purpose {purpose.value} only."
        raise intent.refused(Reason.WRONG_PURPOSE, message, field="purpose")
    if not intent.categories or intent.categories - categories:
        named = ", ".join(sorted(intent.categories - categories)) or "nothing"
        message = f"For the purpose {purpose.value} a recipient does not get: {named}."
        raise intent.refused(Reason.WRONG_CATEGORIES, message, field="categories")
