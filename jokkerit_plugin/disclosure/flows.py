"""Data that leaves the shop by itself, and who is registered at the other end.

Webhooks, apps, payment services, mail, file storage, error tracking, hosting: the shop itself
tells which there are (`shop().flows()`). Each must lead to a registered recipient or processor
in the European Union that has not ended and has signed; anything else is an alarm.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import IntegrityError, transaction

from .. import clock
from ..access.actor import Actor
from ..access.controllers import controller_only
from ..errors import RegisterError
from ..models import Member, Recipient, RegisteredFlow
from ..policy.recipients import in_eu
from ..shop.flows import Flow, FlowKind
from ..shop.port import shop


class FlowError(RegisterError):
    """A flow cannot be registered or ended as asked."""

    code = "FLOW"


class Why(StrEnum):
    """What is wrong with a flow."""

    UNREGISTERED = "not registered"
    ENDED = "the registered company has ended"
    NO_AGREEMENT = "without a data-processing agreement"
    OUTSIDE_EU = "outside the European Union"


@dataclass(frozen=True, slots=True)
class Judged:
    """A flow, the company registered at its other end, and what is wrong; None: nothing."""

    flow: Flow
    recipient: Recipient | None
    why: Why | None

    def __str__(self) -> str:
        wrong = f" ({self.why.value})" if self.why else ""
        return f"{self.flow.kind.value} {self.flow.name} to {self.flow.target}{wrong}"


#: A host or a name, or every host of a domain of two parts at least.
_TARGET = re.compile(r"[^\s*/@?#]{1,255}|\*(\.[^\s*/@?#.]+){2,}")


def register(kind: str, target: str, *, recipient: int, actor: Actor) -> RegisteredFlow:
    """Say that flows of a kind to a target lead to this company.

    `target` as an alarm names it, or `*.` and a domain of two parts or more for all its hosts.
    """
    controller_only(actor, "register flow")
    if kind not in set(FlowKind):
        raise FlowError(f"Choose one of {', '.join(FlowKind)}.", field="kind")
    target = target.strip().lower()
    if not _TARGET.fullmatch(target):
        message = "Give a host, a flow's name, or *. and a domain, for example *.example.com."
        raise FlowError(message, field="target")
    try:
        with transaction.atomic():
            to = Recipient.objects.select_for_update(no_key=True).filter(
                pk=recipient, ended_at=None
            )
            if not to:
                message = "There is no such recipient, or it has ended."
                raise FlowError(message, field="recipient")
            return RegisteredFlow.objects.create(
                kind=kind, target=target, recipient=to[0], registered_by=actor.key
            )
    except IntegrityError:
        message = "This target is registered already: end that first."
        raise FlowError(message, field="target") from None


def end(flow_id: int, *, actor: Actor) -> RegisteredFlow:
    """End a registration; a flow that still exists is an alarm from now on."""
    controller_only(actor, "end flow")
    changed = RegisteredFlow.objects.filter(pk=flow_id, ended_at=None).update(
        ended_at=clock.now(), ended_by=actor.key
    )
    if not changed:
        raise FlowError("There is no such registered flow.", field="id")
    return RegisteredFlow.objects.get(pk=flow_id)


def alarms() -> list[Judged]:
    """Return the shop's outward flows that lead to nobody who may get data."""
    return [one for one in judge(shop().flows()) if one.why]


def judge(flows: Sequence[Flow]) -> list[Judged]:
    """Return each flow with its other end, sorted. Two queries, whatever their number."""
    registered: dict[tuple[str, str], Recipient] = {
        (one.kind, one.target): one.recipient
        for one in RegisteredFlow.objects.filter(ended_at=None).select_related("recipient")
    }
    # An app that acts for a recipient is registered by that; where its webhooks go is not.
    apps = Member.objects.filter(ended_at=None, holder__startswith="app:")
    for member in apps.select_related("recipient"):
        registered.setdefault((FlowKind.APP, member.holder), member.recipient)
    found = ((flow, _end_of(flow, registered)) for flow in sorted(set(flows)))
    return [Judged(flow, recipient, _wrong(recipient)) for flow, recipient in found]


def _end_of(flow: Flow, registered: Mapping[tuple[str, str], Recipient]) -> Recipient | None:
    """Return who is at the other end: by the exact target, by name, else by the nearest domain."""
    parts = flow.host.split(".")
    domains = ["*." + ".".join(parts[start:]) for start in range(1, len(parts) - 1)]
    for target in (flow.target.lower(), *domains):
        if found := registered.get((flow.kind, target)):
            return found
    return registered.get((flow.kind, flow.name)) if flow.kind is FlowKind.APP else None


def _wrong(recipient: Recipient | None) -> Why | None:
    if recipient is None:
        return Why.UNREGISTERED
    if recipient.ended_at:
        return Why.ENDED
    if not recipient.agreement_signed_on:
        return Why.NO_AGREEMENT
    return None if in_eu(recipient.country) else Why.OUTSIDE_EU
