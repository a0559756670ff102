"""Who is let in to customers' data, and for what: role, agreement, membership, purpose."""

from collections.abc import Collection

from ..errors import RegisterError
from ..models import Recipient
from ..policy.categories import Category
from ..policy.permissions import Permission
from ..policy.purposes import Purpose
from ..policy.recipients import RecipientKind
from ..policy.roles import GRANTED, MEMBERS_ONLY, Role, allowed
from . import agreements, grants, members
from .actor import Actor
from .controllers import serving


class Refused(RegisterError):
    """The guard said no; the message says what is missing and how to get it."""

    code = "REFUSED"


class NoPermission(Refused):
    """No role in the register."""

    code = "NO_PERMISSION"


class NoAgreement(Refused):
    """No confidentiality agreement that is signed, of the text in force, and not ended."""

    code = "NO_AGREEMENT"


class NoMembership(Refused):
    """An app or accountant that acts for no recipient, or for one that is not in order."""

    code = "NO_MEMBERSHIP"


class PurposeRefused(Refused):
    """The actor's roles may not use these categories for this purpose."""

    code = "PURPOSE_REFUSED"


class SubjectRestricted(Refused):
    """The identity of a customer whose data is restricted (GDPR article 18)."""

    code = "SUBJECT_RESTRICTED"


def admit(actor: Actor, purpose: Purpose, categories: frozenset[Category]) -> list[Role]:
    """Return the roles that allow the use, weakest first; at least one."""
    if not actor.roles:
        message = (
            "You have no role in the customer register. Ask the shop's administrator for one of"
            " the Jokkerit Register permissions."
        )
        raise NoPermission(message)
    if not agreements.signed([actor.key]):
        message = (
            "There is no confidentiality agreement of yours in force. Read and sign it in the"
            " register; for an app the controller records it."
        )
        raise NoAgreement(message)
    acting = acting_for(actor)
    wanted = [role for role in actor.roles if categories <= _allowed(actor, role, purpose, acting)]
    if admitted := [role for role in wanted if MEMBERS_ONLY.get(role, acting) is acting]:
        return admitted
    if wanted:
        message = (
            "Your role is for those who act for a registered accounting firm, and you act for"
            " none. Ask the controller to add you to yours."
        )
        raise NoMembership(message)
    message = f"Your role does not use this data for the purpose {purpose.value}. "
    if any(categories <= allowed(role, purpose, granted=True) for role in actor.roles):
        raise PurposeRefused(message + "Ask the controller for a grant: a reason and a time.")
    raise PurposeRefused(
        message + "Choose the purpose that you need it for, or ask the controller."
    )


def demand(actor: Actor, permissions: Collection[Permission]) -> None:
    """Raise `NoPermission` without one of these; MANAGE_PRIVACY is of the controller's own people.

    It counts for no app, and for nobody who acts for a recipient.
    """
    theirs = set(permissions)
    if not actor.is_person or (actor.is_controller and serving([actor.key])):
        theirs.discard(Permission.MANAGE_PRIVACY)
    if not theirs:
        message = "This is for the controller's own people, not apps, nor who acts for a recipient."
        raise NoPermission(message)
    if not any(map(actor.may, theirs)):
        names = " or ".join(one.value.upper() for one in permissions if one in theirs)
        raise NoPermission(f"This needs the permission {names}: ask the shop's administrator.")


def _allowed(
    actor: Actor, role: Role, purpose: Purpose, acting: RecipientKind | None
) -> frozenset[Category]:
    granted = role in GRANTED and grants.in_force().filter(holder=actor.key).exists()
    return allowed(role, purpose, granted=granted, acting=acting)


def acting_for(actor: Actor) -> RecipientKind | None:
    """Return the kind of recipient that the actor works for; None: no one, or a processor."""
    member = members.acting(actor.key)
    if member is None:
        if actor.is_person:
            return None
        message = (
            "An app acts only for a registered recipient, with a person who is responsible for"
            " it. Ask the controller to add this one."
        )
        raise NoMembership(message)
    if shortcoming := members.shortcoming(member):
        message = f"You act for a recipient, but {shortcoming}. Ask the controller."
        raise NoMembership(message)
    processor = member.recipient.kind == Recipient.Kind.PROCESSOR
    return None if processor else RecipientKind(member.recipient.kind)
