"""Confidentiality agreements: publish a text, sign it, revoke, and ask whether one is in force.

GDPR articles 29 and 32(4); the register description promises that everyone with access signed.
The product ships a text (version 1), so that the first controller has something to sign.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from .. import clock
from ..errors import RegisterError
from ..models import AgreementText, Description, Signature
from ..policy.languages import LANGUAGES
from ..register.rows import fetch, table
from . import rows, texts
from .actor import Actor, is_key
from .controllers import check_leaving, controller_only, deciding, due, shut_out, turn

#: Asked twice or more at every use of customers' data: Django took 1.5 ms to write it each time.
#: Whoever was revoked (`controllers.shut_out`) is out whatever else there is.
_IN_FORCE = f"""
SELECT s.signer, s.id FROM {table(Signature)} AS s JOIN {table(AgreementText)} AS t
ON t.version = s.text_id AND t.digest = s.digest
WHERE t.version = (SELECT max(version) FROM {table(AgreementText)})
AND s.revoked_at IS NULL AND s.signed_at <= %s AND s.expires_at > %s
AND NOT EXISTS (
    SELECT FROM {table(Signature)} AS r WHERE r.signer = s.signer AND starts_with(r.signer, 'user:')
    AND r.revoked_at IS NOT NULL AND r.readmitted_at IS NULL
)"""


class AgreementError(RegisterError):
    """An agreement cannot be signed, recorded or revoked as asked."""

    code = "AGREEMENT"


def publish(*, fi: str, sv: str, en: str, valid_days: int, actor: Actor) -> AgreementText:
    """Publish a new text; every signature of an older one ends being current at once."""
    controller_only(actor, "publish agreement")
    if not 1 <= valid_days <= 3653:
        raise AgreementError("Give 1 to 3653 days (ten years).", field="valid_days")
    return texts.publish(
        in_force(), fi=fi, sv=sv, en=en, error=AgreementError, valid_days=valid_days
    )


def in_force() -> AgreementText:
    """Return the text that must be signed now: the shipped one until another was published."""
    return texts.in_force(AgreementText, "confidentiality")


def sign(actor: Actor, *, version: int, language: str) -> Signature:
    """Sign the text in force, in person. Needs a role, but no agreement yet.

    An app, somebody without a role or shut out is refused and logged: not inside a transaction.
    """
    signature = None
    with turn():
        if not (message := _unfit(actor)):
            signature = _sign(actor.key, version=version, language=language, recorded_by="")
    if signature is None:
        rows.refuse(actor, "sign agreement", AgreementError(message))
    return signature


def record(signer: str, *, version: int, language: str, actor: Actor) -> Signature:
    """Record an agreement that was signed on paper, or a processor's for an app."""
    controller_only(actor, "record agreement")
    kind, _, name = signer.partition(":")
    if not (is_key(signer, "app") or (kind == "paper" and name and len(signer) <= 64)):
        raise AgreementError("Only an app's or a paper agreement is recorded.", field="signer")
    return _sign(signer, version=version, language=language, recorded_by=actor.key)


def revoke(signature_id: int, *, actor: Actor) -> Signature:
    """End somebody's agreement at once; requests under way are refused when they are sealed.

    They cannot sign again before `readmit`.
    """
    with deciding(actor, "revoke agreement"):
        signature = Signature.objects.filter(pk=signature_id, revoked_at=None).first()
        if signature is None:
            raise AgreementError("There is no such agreement in force.", field="id")
        if signature.signer == actor.key:
            message = "You cannot revoke your own agreement: another controller can."
            raise AgreementError(message, field="id")
        check_leaving([signature.signer])
        revoke_all([signature.signer], actor=actor)
    signature.refresh_from_db()
    return signature


def revoke_all(signers: Collection[str], *, actor: Actor) -> None:
    """End every agreement of these signers; the caller has asked for the permission, in a `turn`.

    What they were signing at this moment was signed before, and ends too, or is refused after.
    """
    Signature.objects.filter(signer__in=signers, revoked_at=None).update(
        revoked_at=clock.now(), revoked_by=actor.key
    )


def readmit(signer: str, *, actor: Actor) -> None:
    """Let somebody whose agreement was revoked sign again; until they do, they are out."""
    with deciding(actor, "readmit"):
        if not shut_out().filter(signer=signer).exists():
            raise AgreementError("No agreement of theirs was revoked.", field="signer")
        # Written by something that took no turn: readmission must not bring it to life.
        revoke_all([signer], actor=actor)
        shut_out().filter(signer=signer).update(readmitted_at=clock.now(), readmitted_by=actor.key)


def signed(signers: Collection[str], *, at: datetime | None = None) -> set[str]:
    """Return those whose agreement is of the text in force and has not ended. One query."""
    moment = at or clock.now()
    asked = [moment, moment, list(signers)]
    return {signer for signer, _ in fetch(f"{_IN_FORCE} AND s.signer = ANY(%s)", asked)}


def in_force_at(moment: datetime) -> QuerySet[Signature]:
    """Return every signature of the text in force that has not ended; also for a subquery."""
    found = RawSQL(f"SELECT id FROM ({_IN_FORCE}) AS found", [moment, moment])  # noqa: S611 - ours
    return Signature.objects.filter(pk__in=found)


def _unfit(actor: Actor) -> str:
    """Return why the actor may not sign; empty: nothing is in the way."""
    if not actor.is_person:
        return "An app cannot sign: the controller records the agreement with its processor."
    if not actor.roles:
        return "You have no role in the register, so there is nothing to sign."
    if shut_out().filter(signer=actor.key).exists():
        return "Your agreement was revoked: ask the controller to let you sign again."
    if due().filter(holder=actor.key).exists():
        # Else who had never signed would be one of the shop's own until it takes their access.
        return "Your work for a recipient has ended, and with it your access: ask the controller."
    return ""


def _sign(signer: str, *, version: int, language: str, recorded_by: str) -> Signature:
    newest = in_force()
    if newest.version != version:
        raise AgreementError("This is not the text in force: read it again.", field="version")
    if language not in LANGUAGES:
        raise AgreementError("Choose fi, sv or en.", field="language")
    now = clock.now()
    return Signature.objects.create(
        signer=signer, text=newest, language=language, digest=newest.digest, signed_at=now,
        expires_at=now + timedelta(days=newest.valid_days), recorded_by=recorded_by,
        description=Description.objects.order_by("-version").only("pk").first(),
    )  # fmt: skip
