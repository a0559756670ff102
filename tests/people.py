"""People and apps of a shop, and how they get in."""

from datetime import timedelta

from jokkerit_plugin import clock
from jokkerit_plugin.access import agreements, members, recipients
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.models import Description, Recipient, Signature
from jokkerit_plugin.policy.permissions import Permission

CONTROLLER = Actor("user:1", frozenset({Permission.MANAGE_PRIVACY}))
STAFF = Actor("user:2", frozenset({Permission.VIEW_REGISTER}))
ACCOUNTANT = Actor("user:3", frozenset({Permission.VIEW_ACCOUNTING}))
MAINTAINER = Actor("user:4", frozenset({Permission.VIEW_SITE_LOG}))
APP = Actor("app:5", frozenset({Permission.VIEW_ACCOUNTING}))
STRANGER = Actor("user:6", frozenset({"manage_orders"}))
MANAGER = Actor("user:21", frozenset({Permission.MANAGE_REGISTER}))
SUPERUSER = Actor("user:7", frozenset({*Permission, "manage_orders"}))
OTHER_CONTROLLER = Actor("user:8", frozenset({Permission.MANAGE_PRIVACY}))


def sign_for_real(*actors: Actor) -> None:
    """Let people sign the text in force, and the controller record it for apps."""
    version = agreements.in_force().version
    for actor in actors:
        if actor.is_person:
            agreements.sign(actor, version=version, language="fi")
        else:
            agreements.record(actor.key, version=version, language="fi", actor=CONTROLLER)


def sign(*actors: Actor) -> None:
    """Write what is there when all have signed: for many a test, signing is half of the time."""
    text, now = agreements.in_force(), clock.now()
    description = Description.objects.order_by("-version").only("pk").first()
    Signature.objects.bulk_create(
        Signature(
            signer=actor.key, text=text, language="fi", digest=text.digest, signed_at=now,
            expires_at=now + timedelta(days=text.valid_days),
            recorded_by="" if actor.is_person else CONTROLLER.key,
            description=description,
        )
        for actor in actors
    )  # fmt: skip


def firm(*theirs: Actor, kind: str = "bookkeeping", country: str = "FI") -> Recipient:
    """Register a recipient whose agreements are signed, and let these act for it."""
    today = clock.now().astimezone(clock.HELSINKI).date()
    recipient = recipients.register(
        kind=kind, name="Tilitoimisto", business_id="2368582-3" if country == "FI" else "",
        country=country, agreement_signed_on=today, confidentiality_signed_on=today,
        actor=CONTROLLER,
    )  # fmt: skip
    for one in theirs:
        responsible = "" if one.is_person else ACCOUNTANT.key
        members.add(recipient.pk, one.key, responsible=responsible, actor=CONTROLLER)
    return recipient
