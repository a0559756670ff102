"""Data that leaves the European Union: customers' own requests, and who may be given.

The register description allows two grounds: the customer has asked for it explicitly, after
being told the risks (GDPR article 49(1)(a)), or is outside the Union (49(1)(b)).
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from .. import clock
from ..access import texts
from ..access.actor import Actor
from ..access.controllers import controller_only
from ..access.subjects import here
from ..errors import RegisterError
from ..models import (
    PostalAddress,
    Purchase,
    Recipient,
    TransferRequest,
    TransferText,
)
from ..policy.languages import LANGUAGES
from ..policy.recipients import OUTSIDE, TransferGround, in_eu
from ..register.rows import fetch, table


class TransferError(RegisterError):
    """A request for a transfer, or its text, cannot be recorded or revoked as asked."""

    code = "TRANSFER"


@dataclass(frozen=True, slots=True)
class Portion:
    """Customers with the same ground (`TransferGround`, or empty), as `as_multirange` writes."""

    ground: str
    subjects: str
    count: int

    @property
    def sentence(self) -> str:
        """Say of those without a ground how many and who they are, by their keys."""
        shown = self.subjects.strip("{}")
        if len(shown) > 200:
            shown = shown[: shown.rindex(")", 0, 200) + 1] + " ..."
        return (
            "Data leaves the European Union only for customers who have asked for this transfer or"
            f" are outside it themselves. Others: {self.count}; their keys, as ranges"
            f" [first, last + 1): {shown or 'none'}"
        )


NONE = Portion("", "{}", 0)

# Every address counts, and every purchase's countries; what is blank says nothing. A key that is
# no customer has no ground.
_SIFT = f"""
    SELECT ground, range_agg(int8range(id, id + 1))::text, count(*) FROM (
        SELECT s.id, CASE
            WHEN EXISTS (SELECT FROM {table(TransferRequest)} AS r WHERE r.customer_id = s.id
                AND r.recipient_id = %(recipient)s AND r.revoked_at IS NULL) THEN %(requested)s
            WHEN (SELECT bool_and(upper(country) = ANY(%(outside)s)) FROM (
                SELECT a.country FROM {table(PostalAddress)} AS a WHERE a.customer_id = s.id
                UNION ALL
                SELECT unnest(ARRAY[p.party_country, p.tax_country])
                FROM {table(Purchase)} AS p WHERE p.customer_id = s.id
            ) AS known WHERE country <> '') THEN %(located)s
            ELSE '' END AS ground
        FROM (SELECT generate_series(lower(r), upper(r) - 1) AS id
            FROM unnest(%(subjects)s::int8multirange) AS r) AS s
    ) AS found GROUP BY ground ORDER BY ground"""


def sift(subjects: str, recipient: int) -> tuple[list[Portion], Portion]:
    """Return who may be given to a recipient outside the Union, by ground, and who may not.

    Nobody at all (a set without a key) may not be given either.
    """
    found = [
        Portion(*row)
        for row in fetch(
            _SIFT,
            {
                "subjects": subjects, "recipient": recipient, "outside": sorted(OUTSIDE),
                "requested": TransferGround.CUSTOMER_REQUEST.value,
                "located": TransferGround.CUSTOMER_LOCATED_OUTSIDE.value,
            },
        )
    ]  # fmt: skip
    left = [one for one in found if not one.ground]
    return [one for one in found if one.ground], left[0] if left else NONE


def publish(*, fi: str, sv: str, en: str, actor: Actor) -> TransferText:
    """Publish a new text of risks and request. Earlier requests stay as they were made."""
    controller_only(actor, "publish transfer text")
    return texts.publish(in_force(), fi=fi, sv=sv, en=en, error=TransferError)


def in_force() -> TransferText:
    """Return the text that a customer is shown now: the shipped one until another is published."""
    return texts.in_force(TransferText, "transfer")


def record_request(
    customer: int,
    *,
    recipient: int,
    version: int,
    language: str,
    risks_told: bool,
    requested_at: datetime,
    channel: str,
    actor: Actor,
) -> TransferRequest:
    """Record that a customer asked for their data to go to one recipient outside the Union.

    `version` and `language`: the text that they were shown; `channel`: `TransferRequest.Channel`.
    """
    controller_only(actor, "record transfer request")
    text = TransferText.objects.filter(pk=version).first()
    to = Recipient.objects.filter(pk=recipient, ended_at=None).first()
    if to is None or in_eu(to.country):
        message = "There is no such recipient outside the European Union."
        raise TransferError(message, field="recipient")
    if text is None:
        raise TransferError("There is no text of this version.", field="version")
    if language not in LANGUAGES:
        raise TransferError("Choose fi, sv or en.", field="language")
    if not risks_told:
        message = "Tell the customer the risks first: without that the request is no ground."
        raise TransferError(message, field="risks_told")
    if channel not in TransferRequest.Channel.values:
        choices = ", ".join(TransferRequest.Channel.values)
        raise TransferError(f"Choose one of {choices}.", field="channel")
    if requested_at.tzinfo is None:
        raise TransferError("Give the time with its time zone.", field="requested_at")
    if not text.published_at <= requested_at <= clock.now():
        message = "Give a moment after the text was published, and not one that has yet to come."
        raise TransferError(message, field="requested_at")
    with transaction.atomic():
        if (subject := here(customer)) is None:
            raise TransferError("There is no such customer.", field="customer")
        return TransferRequest.objects.create(
            customer_id=subject, recipient=to, text=text, language=language, digest=text.digest,
            risks_told=True, requested_at=requested_at, channel=channel, recorded_by=actor.key,
        )  # fmt: skip


def revoke(request_id: int, *, actor: Actor) -> TransferRequest:
    """Record that a customer took a request back; nothing is given on it any more."""
    controller_only(actor, "revoke transfer request")
    changed = TransferRequest.objects.filter(pk=request_id, revoked_at=None).update(
        revoked_at=clock.now(), revoked_by=actor.key
    )
    if not changed:
        raise TransferError("There is no such request in force.", field="id")
    return TransferRequest.objects.get(pk=request_id)
