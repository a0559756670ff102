"""The register of third parties that get data: their kind, country, agreements and end.

Ending one ends all who act for it (`members.py`), at once.
"""

import re
from datetime import date

from django.db import IntegrityError, transaction

from .. import clock
from ..errors import RegisterError
from ..models import Member, Recipient
from ..policy.languages import LANGUAGES
from . import agreements
from .actor import Actor
from .business_ids import business_id_of
from .controllers import controller_only, deciding


class RecipientError(RegisterError):
    """A recipient or member cannot be registered or changed as asked."""

    code = "RECIPIENT"


def register(
    *,
    kind: str,
    name: str,
    business_id: str = "",
    country: str,
    agreement_signed_on: date | None = None,
    confidentiality_signed_on: date | None = None,
    actor: Actor,
) -> Recipient:
    """Register a third party. The days of its agreements may follow with `record_agreements`.

    `kind` is one of `Recipient.Kind`; `country` is ISO 3166-1 alpha-2; `business_id` a Finnish
    one for FI and AX, elsewhere a VAT id of the Union or empty.
    """
    controller_only(actor, "register recipient")
    if kind not in Recipient.Kind.values:
        raise RecipientError(f"Choose one of {', '.join(Recipient.Kind.values)}.", field="kind")
    if not name.strip() or len(name.strip()) > 200:
        raise RecipientError("Give a name of 200 characters at most.", field="name")
    if not re.fullmatch(r"[A-Za-z]{2}", country):
        raise RecipientError("Give the country as two letters, for example FI.", field="country")
    recipient = Recipient(
        kind=kind, name=name.strip(), country=country.upper(),
        business_id=_business_id(business_id.strip(), country.upper()),
        agreement_signed_on=_past(agreement_signed_on, "agreement_signed_on"),
        confidentiality_signed_on=_past(confidentiality_signed_on, "confidentiality_signed_on"),
        registered_by=actor.key,
    )  # fmt: skip
    try:
        with transaction.atomic():
            recipient.save()
    except IntegrityError:
        message = "A recipient of this kind and business id is registered already."
        raise RecipientError(message, field="business_id") from None
    return recipient


def record_agreements(
    recipient_id: int,
    *,
    agreement_signed_on: date | None,
    confidentiality_signed_on: date | None,
    actor: Actor,
) -> Recipient:
    """Record when the two agreements were signed; None: there is none (any more)."""
    controller_only(actor, "record recipient's agreements")
    with transaction.atomic():
        recipient = open_(recipient_id)
        recipient.agreement_signed_on = _past(agreement_signed_on, "agreement_signed_on")
        recipient.confidentiality_signed_on = _past(
            confidentiality_signed_on, "confidentiality_signed_on"
        )
        recipient.save()
    return recipient


def record_contact(recipient_id: int, *, email: str, language: str, actor: Actor) -> Recipient:
    """Record where a recipient is told of corrections (article 19), and in which language.

    Empty: the controller tells it. One that has ended is told, too, while it has the data.
    """
    controller_only(actor, "record recipient's contact")
    if len(email) > 254 or not re.fullmatch(r"([^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+)?", email):
        raise RecipientError("This is no e-mail address.", field="email")
    if language not in LANGUAGES:
        raise RecipientError("Choose fi, sv or en.", field="language")
    with transaction.atomic():
        recipient = Recipient.objects.select_for_update().filter(pk=recipient_id).first()
        if recipient is None:
            raise RecipientError("There is no such recipient.", field="id")
        recipient.email, recipient.language = email, language
        recipient.save(update_fields=["email", "language"])
    return recipient


def end(recipient_id: int, *, actor: Actor) -> list[str]:
    """End a recipient and all who act for it; return their keys.

    They are shut out as this commits: no longer members, and their agreements revoked, so that
    nobody comes back by another permission. Then call `members.shut_out`, which asks the shop.
    """
    now = clock.now()
    with deciding(actor, "end recipient"):
        recipient = open_(recipient_id)
        members = Member.objects.filter(recipient=recipient, ended_at=None)
        holders = sorted(members.values_list("holder", flat=True))
        members.update(ended_at=now, ended_by=actor.key)
        agreements.revoke_all(holders, actor=actor)
        recipient.ended_at, recipient.ended_by = now, actor.key
        recipient.save()
    return holders


def record_outcome(recipient_id: int, *, outcome: str, on: date, actor: Actor) -> Recipient:
    """Record whether an ended recipient returned or deleted the data that it held, and when."""
    controller_only(actor, "record recipient's outcome")
    if outcome not in Recipient.Outcome.values:
        raise RecipientError("Choose returned or deleted.", field="outcome")
    recipient = Recipient.objects.filter(pk=recipient_id).exclude(ended_at=None).first()
    if recipient is None or recipient.ended_at is None:
        raise RecipientError("There is no such ended recipient.", field="id")
    if on < recipient.ended_at.astimezone(clock.HELSINKI).date():
        raise RecipientError("The recipient had not ended by that day.", field="on")
    recipient.data_outcome, recipient.data_outcome_on = outcome, _past(on, "on")
    recipient.save()
    return recipient


def open_(recipient_id: int) -> Recipient:
    """Return a recipient that has not ended, locked: a member is not added while it ends."""
    found = Recipient.objects.select_for_update().filter(pk=recipient_id, ended_at=None).first()
    if found is None:
        raise RecipientError("There is no such recipient, or it has ended.", field="id")
    return found


def _business_id(text: str, country: str) -> str:
    try:
        return business_id_of(text, country)
    except ValueError as error:
        raise RecipientError(str(error), field="business_id") from None


def _past(day: date | None, field: str) -> date | None:
    if day and day > clock.now().astimezone(clock.HELSINKI).date():
        raise RecipientError("This day has not come yet.", field=field)
    return day
