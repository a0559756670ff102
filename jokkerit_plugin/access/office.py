"""The register's own books (log, agreements, grants, recipients): they hold no customer.

Who works in them is asked for permission and agreement, and logged only when refused.
"""

from ..policy.permissions import Permission
from ..policy.purposes import Purpose
from . import agreements, rows
from .actor import Actor
from .guard import NoAgreement, NoMembership, NoPermission, Refused, acting_for, admit


def enter(actor: Actor, *permissions: Permission, act: str) -> None:
    """Let in, or raise a refusal: one of the permissions is enough; MANAGE_PRIVACY is of people alone, and any other app must
    act for a recipient. Raises `NoPermission`, `NoAgreement` or `NoMembership`; only the refusal
    is logged.
    """
    theirs = set(permissions) if actor.is_person else {*permissions} - {Permission.MANAGE_PRIVACY}
    if not theirs:
        rows.refuse(actor, act, NoPermission("This is for the controller's own people, not apps."))
    if not any(map(actor.may, theirs)):
        names = " or ".join(permission.value.upper() for permission in permissions)
        message = f"This needs the permission {names}: ask the shop's administrator."
        rows.refuse(actor, act, NoPermission(message))
    if not agreements.signed([actor.key]):
        message = "There is no confidentiality agreement of yours in force. Read and sign it first."
        rows.refuse(actor, act, NoAgreement(message))
    if not actor.is_person:
        try:
            acting_for(actor)
        except NoMembership as refusal:
            rows.refuse(actor, act, refusal)


def missing(actor: Actor, purpose: Purpose) -> Refused | None:
    """Return what keeps the actor out altogether, without a log row; None: nothing."""
    try:
        admit(actor, purpose, frozenset())
    except Refused as refusal:
        return refusal
    return None
