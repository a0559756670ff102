"""Confidentiality agreements: publish a text, sign it, revoke, and ask whether one is in force.

GDPR articles 29 and 32(4); the register description promises that everyone with access signed.
"""

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max, QuerySet, Subquery

from .. import clock
from ..errors import RegisterError
from ..models import AgreementText, Signature
from ..policy.permissions import Permission
from .actor import Actor

LANGUAGES = ("fi", "sv", "en")


class AgreementError(RegisterError):
    """An agreement cannot be signed, recorded or revoked as asked."""

    code = "AGREEMENT"


def publish(*, fi: str, sv: str, en: str, valid_days: int, actor: Actor) -> AgreementText:
    """Publish a new text; every signature of an older one ends being current at once."""
    _controller_only(actor)
    for language, text in zip(LANGUAGES, (fi, sv, en), strict=True):
        if not text.strip():
            raise AgreementError("The text is needed in every language.", field=language)
    if not 1 <= valid_days <= 3653:
        raise AgreementError("Give 1 to 3653 days (ten years).", field="valid_days")
    with transaction.atomic():
        newest = AgreementText.objects.aggregate(newest=Max("version"))["newest"] or 0
        return AgreementText.objects.create(
            version=newest + 1, fi=fi, sv=sv, en=en, digest=digest(fi, sv, en),
            valid_days=valid_days,
        )  # fmt: skip


def digest(fi: str, sv: str, en: str) -> str:
    """Return SHA-256 over the three texts, 64 hexadecimal digits."""
    return hashlib.sha256(f"{fi}\x1f{sv}\x1f{en}".encode()).hexdigest()


def in_force() -> AgreementText | None:
    """Return the text that must be signed now; None: none was published yet."""
    return AgreementText.objects.order_by("-version").first()


def sign(actor: Actor, *, version: int, language: str) -> Signature:
    """Sign the text in force, in person. Needs a role, but no agreement yet."""
    if not actor.key.startswith("user:"):
        message = "An app cannot sign: the controller records the agreement with its processor."
        raise AgreementError(message)
    if not actor.roles:
        raise AgreementError("You have no role in the register, so there is nothing to sign.")
    return _sign(actor.key, version=version, language=language, recorded_by="")


def record(signer: str, *, version: int, language: str, actor: Actor) -> Signature:
    """Record an agreement that was signed on paper, or a processor's for an app."""
    _controller_only(actor)
    kind, _, name = signer.partition(":")
    if kind not in {"app", "paper"} or not name:
        raise AgreementError("Only an app's or a paper agreement is recorded.", field="signer")
    return _sign(signer, version=version, language=language, recorded_by=actor.key)


def revoke(signature_id: int, *, actor: Actor) -> Signature:
    """End an agreement at once; requests under way are refused when they are sealed."""
    _controller_only(actor)
    changed = Signature.objects.filter(pk=signature_id, revoked_at=None).update(
        revoked_at=clock.now(), revoked_by=actor.key
    )
    if not changed:
        raise AgreementError("There is no such agreement in force.", field="id")
    return Signature.objects.get(pk=signature_id)


def current(signer: str, *, at: datetime | None = None) -> Signature | None:
    """Return the signature that lets `signer` in: of the text in force, not ended."""
    return in_force_at(at or clock.now()).filter(signer=signer).order_by("-signed_at").first()


def signed(signers: Collection[str], *, at: datetime | None = None) -> frozenset[str]:
    """Return those of `signers` who are let in (1 query)."""
    found = in_force_at(at or clock.now()).filter(signer__in=signers)
    return frozenset(found.values_list("signer", flat=True))


def in_force_at(moment: datetime) -> QuerySet[Signature]:
    """Return every signature of the text in force that has not ended; also for a subquery."""
    newest = AgreementText.objects.order_by("-version")
    return Signature.objects.filter(
        text=Subquery(newest.values("version")[:1]), digest=F("text__digest"), revoked_at=None,
        signed_at__lte=moment, expires_at__gt=moment,
    )  # fmt: skip


def _sign(signer: str, *, version: int, language: str, recorded_by: str) -> Signature:
    newest = in_force()
    if newest is None or newest.version != version:
        raise AgreementError("This is not the text in force: read it again.", field="version")
    if language not in LANGUAGES:
        raise AgreementError("Choose fi, sv or en.", field="language")
    now = clock.now()
    return Signature.objects.create(
        signer=signer, text=newest, language=language, digest=newest.digest, signed_at=now,
        expires_at=now + timedelta(days=newest.valid_days), recorded_by=recorded_by,
    )  # fmt: skip


def _controller_only(actor: Actor) -> None:
    if not actor.may(Permission.MANAGE_PRIVACY):
        raise AgreementError("Only the controller's own people may do this.")
