"""Who acts for a recipient: users and apps of the shop, each for one at a time.

Nobody does before the recipient is registered, in the Union, and its data-processing and
confidentiality agreements are recorded; whoever's work for it has ended is out at once.
"""

import re
from collections.abc import Callable

from django.db import IntegrityError, transaction

from .. import clock
from ..errors import describe
from ..models import Member, Recipient
from ..policy.recipients import in_eu
from . import agreements
from .actor import Actor, is_key
from .controllers import check_leaving, controller_only, deciding, due, own_people, serving, turn
from .recipients import RecipientError, open_


def add(
    recipient_id: int, holder: str, *, responsible: str = "", actor: Actor
) -> Member:  # fmt: skip
    """Let a user (`user:<id>`) or app (`app:<id>`) act for a recipient in the Union.

    An app needs a `responsible` person (`user:<id>` or `paper:<name>`) who has signed; of a
    user one may be named. The controller's own people are refused: whoever ends the recipient
    would shut them out.
    """
    controller_only(actor, "add member")
    if not is_key(holder, "user", "app"):
        raise RecipientError("Give a user or an app, for example user:12.", field="holder")
    if (responsible or holder.startswith("app:")) and not (
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
            recipient = open_(recipient_id)
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


def end(member_id: int, *, actor: Actor) -> str:
    """End one membership and its holder's agreement at once; return the holder.

    Then call `shut_out`.
    """
    with deciding(actor, "end member"):
        member = Member.objects.select_for_update().filter(pk=member_id, ended_at=None).first()
        if member is None:
            raise RecipientError("There is no such member.", field="id")
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
            with turn():
                check_leaving([member.holder])
                end_access(member.holder)
                Member.objects.filter(pk=member.pk).update(shut_out_at=clock.now())
        except Exception as error:  # noqa: BLE001 - the shop's; the ending stands whatever it says
            failed[member.holder] = describe(error)
    return failed


def acting(holder: str) -> Member | None:
    """Return for whom a user or app acts now, with the recipient."""
    # Of the shop's own, nearly everybody who looks, the short question is enough.
    if not serving([holder]):
        return None
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
