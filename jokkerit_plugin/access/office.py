"""The register's own books (log, agreements, grants, recipients): they hold no customer.

Who works in them is asked for permission and agreement, and logged only when refused.
"""

from ..policy.permissions import Permission
from ..policy.purposes import Purpose
from . import agreements, rows
from .actor import Actor
from .admission import NoAgreement, Refused, acting_for, admit, demand


def enter(actor: Actor, *permissions: Permission, act: str) -> None:
    """Let in whoever has one of the permissions, or raise `Refused`; only that is logged.

    MANAGE_PRIVACY is of the controller's own people (see `demand`); an app with another must act
    for a recipient.
    """
    try:
        demand(actor, permissions)
        if not agreements.signed([actor.key]):
            message = "There is no confidentiality agreement of yours in force. "
            raise NoAgreement(message + "Read and sign it first.")
        if not actor.is_person:
            acting_for(actor)
    except Refused as refusal:
        rows.refuse(actor, act, refusal)


def missing(actor: Actor, purpose: Purpose) -> Refused | None:
    """Return what keeps the actor out altogether, without a log row; None: nothing."""
    try:
        admit(actor, purpose, frozenset())
    except Refused as refusal:
        return refusal
    return None
