"""The register of third parties that get data, and of the users and apps that act for them.

Nobody acts for a recipient before it is registered, in the Union, and its data-processing and
confidentiality agreements are recorded; ending it ends all who act for it, at once.
"""

import re
from collections.abc import Callable
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from .. import clock
from ..errors import RegisterError, describe
from ..models import Member, Recipient
from ..policy.recipients import in_eu
from . import agreements
from .actor import Actor, is_key
from .business_ids import business_id_of
from .controllers import check_leaving, controller_only, own_people


class RecipientError(RegisterError):
    """A recipient or member cannot be registered or changed as asked."""

    code = "RECIPIENT"


def register(
    *,
    kind: str,
    name: str,
    business_id: str,
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
        recipient = _open(recipient_id)
        recipient.agreement_signed_on = _past(agreement_signed_on, "agreement_signed_on")
        recipient.confidentiality_signed_on = _past(
            confidentiality_signed_on, "confidentiality_signed_on"
        )
        recipient.save()
    return recipient


def end(recipient_id: int, *, actor: Actor) -> list[str]:
    """End a recipient and all who act for it; return their keys.

    They are shut out as this commits: no longer members, and their agreements revoked, so that
    nobody comes back by another permission. Then call `shut_out`, which asks the shop. Raises
    `LastController` if the last one is among them.
    """
    controller_only(actor, "end recipient")
    now = clock.now()
    with transaction.atomic():
        recipient = _open(recipient_id)
        members = Member.objects.filter(recipient=recipient, ended_at=None)
        holders = sorted(members.values_list("holder", flat=True))
        check_leaving(holders)
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


def add_member(
    recipient_id: int, holder: str, *, responsible: str = "", actor: Actor
) -> Member:  # fmt: skip
    """Let a user (`user:<id>`) or app (`app:<id>`) act for a recipient in the Union.

    An app needs a `responsible` person (`user:<id>` or `paper:<name>`) who has signed. The
    controller's own people are refused: whoever ends the recipient would shut them out.
    """
    controller_only(actor, "add member")
    if not is_key(holder, "user", "app"):
        raise RecipientError("Give a user or an app, for example user:12.", field="holder")
    if holder.startswith("app:") and not (
        is_key(responsible, "user") or re.fullmatch(r"paper:.{1,58}", responsible)
    ):
        message = "An app needs a person who is responsible for it and has signed."
        raise RecipientError(message, field="responsible")
    if holder in own_people():
        message = (
            "This person may manage privacy, and the controller's own people act for no recipient:"
            " take that permission away first."
        )
        raise RecipientError(message, field="holder")
    try:
        with transaction.atomic():
            recipient = _open(recipient_id)
            if not in_eu(recipient.country):
                message = (
                    "This recipient is outside the European Union: data goes there one customer"
                    " at a time, on that customer's own ground, and nobody acts for it here."
                )
                raise RecipientError(message, field="id")
            return Member.objects.create(
                recipient=recipient, holder=holder, responsible=responsible, added_by=actor.key
            )
    except IntegrityError:
        message = "They act for a recipient already: end that first."
        raise RecipientError(message, field="holder") from None


def end_member(member_id: int, *, actor: Actor) -> str:
    """End one membership and its holder's agreement at once; return the holder.

    Then call `shut_out`. Raises `LastController` as `end` does.
    """
    controller_only(actor, "end member")
    with transaction.atomic():
        member = Member.objects.select_for_update().filter(pk=member_id, ended_at=None).first()
        if member is None:
            raise RecipientError("There is no such member.", field="id")
        check_leaving([member.holder])
        member.ended_at, member.ended_by = clock.now(), actor.key
        member.save()
        agreements.revoke_all([member.holder], actor=actor)
    return member.holder


def shut_out(end_access: Callable[[str], None]) -> dict[str, str]:
    """Have the shop take away, by `end_access(holder)`, what ended members still hold there.

    Returns those for whom the shop failed, with the error's kind: they stay due, so call it
    again. Not inside a transaction: the endings must have been committed, and one failure must
    not undo the others.
    """
    failed = {}
    for member in due():
        try:
            check_leaving([member.holder])
            end_access(member.holder)
        except Exception as error:  # noqa: BLE001 - the shop's; the ending stands whatever it says
            failed[member.holder] = describe(error)
        else:
            Member.objects.filter(pk=member.pk).update(shut_out_at=clock.now())
    return failed


def due() -> QuerySet[Member]:
    """Return ended members from whom the shop has not taken the access away yet.

    Whoever acts for another recipient by now is left alone.
    """
    active = Member.objects.filter(ended_at=None).values("holder")
    return Member.objects.exclude(ended_at=None).filter(shut_out_at=None).exclude(holder__in=active)


def acting(holder: str) -> Member | None:
    """Return for whom a user or app acts now, with the recipient."""
    return Member.objects.select_related("recipient").filter(holder=holder, ended_at=None).first()


def own(holder: str) -> int | None:
    """Return the recipient that a user or app works for; None: the shop's own, or a processor."""
    member = acting(holder)
    if member is None or member.recipient.kind == Recipient.Kind.PROCESSOR:
        return None
    return member.recipient_id


def shortcoming(member: Member) -> str:
    """Return what keeps a member's recipient out, for a person; empty: nothing."""
    recipient = member.recipient
    if recipient.ended_at:
        return "it has ended"
    if not in_eu(recipient.country):
        return "it is outside the European Union"
    if not recipient.agreement_signed_on:
        return "its data-processing agreement is not recorded"
    if not recipient.confidentiality_signed_on:
        return "its confidentiality agreement is not recorded"
    if member.responsible and not agreements.signed([member.responsible]):
        return "the person responsible for the app has no confidentiality agreement in force"
    return ""


def _open(recipient_id: int) -> Recipient:
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
