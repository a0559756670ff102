"""What the controller writes down of a breach, and decides: GDPR article 33.

Everything that is written stands in the breach's events too, as it was then: that is the
documentation that article 33(5) asks for.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from ... import clock
from ...access.actor import Actor
from ...access.controllers import controller_only
from ...models import Affected, Breach, BreachEvent
from ...policy import breaches as policy
from ...policy.breaches import BreachState, Exemption, Phase, Risk, Step
from ...policy.categories import Category
from . import store
from .store import BreachError

_What = BreachEvent.What
_TEXTS = ("happened", "who", "consequences", "measures")
_MOMENTS = ("began_at", "ended_at", "aware_at")
_NUMBERS = ("people", "records")


def record(given: Mapping[str, Any], *, actor: Actor) -> Breach:
    """Record a breach. The clock runs from `aware_at`, not from now.

    `given`: happened, aware_at (both needed), began_at, ended_at (aware datetimes), categories (of
    `Category`), who, people, records, consequences, measures. Raises `BreachError`.
    """
    controller_only(actor, "breach record")
    row = Breach(
        state=BreachState.OPEN, recorded_at=clock.now(), recorded_by=actor.key, happened="",
    )  # fmt: skip
    with transaction.atomic():
        values = _fill(row, given)
        row.save(force_insert=True)
        store.note(row, _What.RECORDED, actor.key, **values)
    return row


def amend(breach_id: int, given: Mapping[str, Any], *, reason: str = "", actor: Actor) -> Breach:
    """Change what is known, as `record` takes it; what is not given stays.

    `reason`: needed where the moment of awareness changes, since the clock does. Raises
    `BreachError`.
    """
    with store.step(breach_id, Step.AMEND, actor=actor) as row:
        before = row.aware_at
        values = _fill(row, given)
        if row.aware_at != before:
            if row.notified_at:
                message = "The authority was told when you became aware: that stands."
                raise BreachError(message, field="aware_at")
            store.text(reason, "reason", message="Say why the moment of awareness changes.")
            row.reminded = None
        if reason:
            values["reason"] = store.text(reason, "reason")
        store.note(row, _What.AMENDED, actor.key, **values)
    return row


def assess(breach_id: int, *, risk: Risk, reasons: str, actor: Actor) -> Breach:
    """Say how great the risk is, and why; it may be said anew, also of a closed breach.

    `Risk.NONE` is the decision not to notify the authority, and stops the clock. Raises
    `BreachError`.
    """
    with store.step(breach_id, Step.ASSESS, actor=actor) as row:
        row.risk = risk.value
        row.risk_reasons = store.text(
            reasons, "reasons", message="Say why: the decision is documented (article 33(5))."
        )
        row.assessed_at, row.assessed_by = clock.now(), actor.key
        row.closed_at, row.closed_by = None, ""
        # A ground of before is none against what is known now.
        row.exempt, row.exempt_reasons = "", ""
        values = {"risk": row.risk, "risk_reasons": row.risk_reasons}
        store.note(row, _What.ASSESSED, actor.key, **values)
    return row


def notified(
    breach_id: int,
    *,
    at: datetime,
    phase: Phase,
    reference: str = "",
    late_reasons: str = "",
    actor: Actor,
) -> Breach:
    """Record that the authority was told, when and in which phase.

    `late_reasons`: needed of a first one that came after the law's hours (article 33(1)). With
    `Phase.FINAL` everything that article 33(3) asks has been told. Raises `BreachError`.
    """
    with store.step(breach_id, Step.NOTIFY, actor=actor) as row:
        if phase not in policy.next_phases(row.notified_at, row.complete_at):
            said = row.complete_at or row.notified_at
            message = (
                "Begin with the first notification." if said is None
                else "That was recorded already: record further information."
            )  # fmt: skip
            raise BreachError(message, field="phase")
        if not row.aware_at <= at <= clock.now():
            raise BreachError("That is before you became aware, or in the future.", field="at")
        if phase is Phase.FINAL:
            _whole(row)
        if row.notified_at is None:
            if at > row.due_at:
                row.late_reasons = store.text(
                    late_reasons, "late_reasons",
                    message="It came after the law's hours: say why (article 33(1)).",
                )  # fmt: skip
            row.notified_at = at
        if phase is Phase.FINAL:
            row.complete_at = at
        row.reference = reference.strip()[:64] or row.reference
        store.note(
            row, _What.NOTIFIED, actor.key, at=at, phase=phase.value, reference=row.reference,
            late_reasons=row.late_reasons,
        )  # fmt: skip
    return row


def exempt(breach_id: int, *, ground: Exemption, reasons: str, actor: Actor) -> Breach:
    """Record why those who are affected are not told one by one (article 34(3)).

    Of a public notice the reasons say where and when it stands. Raises `BreachError`.
    """
    with store.step(breach_id, Step.EXEMPT, actor=actor) as row:
        if row.letters_at:
            raise BreachError("Letters to those who are affected were ordered.", field="id")
        row.exempt = ground.value
        row.exempt_reasons = store.text(reasons, "reasons", message="Say why.")
        values = {"exempt": row.exempt, "exempt_reasons": row.exempt_reasons}
        store.note(row, _What.EXEMPTED, actor.key, **values)
    return row


def close(breach_id: int, *, actor: Actor) -> Breach:
    """Close a breach that is documented, notified and told as far as the law asks for it.

    Raises `BreachError`, which says what is lacking.
    """
    with store.step(breach_id, Step.CLOSE, actor=actor) as row:
        _whole(row)
        untold = Affected.objects.filter(breach=row, state__in=sorted(policy.UNTOLD))
        lacking = policy.lacks(
            row.risk, complete=row.complete_at is not None, exempt=bool(row.exempt),
            begun=row.letters_at is not None, untold=untold.count() if row.letters_at else 0,
            unfound=row.searches.filter(done_at=None, discarded_at=None).count(),
        )  # fmt: skip
        if lacking:
            raise BreachError(" ".join(lacking), field="id")
        row.closed_at, row.closed_by = clock.now(), actor.key
        store.note(row, _What.CLOSED, actor.key)
    return row


def _whole(row: Breach) -> None:
    """Raise `BreachError` unless what article 33(3) and (5) ask is written."""
    for name, what in (
        ("categories", "which kinds of data"), ("who", "whose data"),
        ("consequences", "the likely consequences"), ("measures", "what was done about it"),
    ):  # fmt: skip
        if not getattr(row, name):
            raise BreachError(f"Write down {what} first.", field=name)


def _fill(row: Breach, given: Mapping[str, Any]) -> dict[str, Any]:
    """Put what is given into a row; return it as it is noted."""
    changed: dict[str, Any] = {}
    for name in _TEXTS:
        if name in given:
            changed[name] = store.text(given[name] or "", name)
    for name in _MOMENTS:
        if name in given:
            changed[name] = given[name]
    for name in _NUMBERS:
        if name in given:
            if given[name] is not None and given[name] < 0:
                raise BreachError("Give a number, or nothing while it is not known.", field=name)
            changed[name] = given[name]
    if "categories" in given:
        changed["categories"] = " ".join(sorted(set(map(Category, given["categories"] or ()))))
    for name, value in changed.items():
        setattr(row, name, value)
    _check(row)
    row.due_at = policy.due_at(row.aware_at)
    return changed


def _check(row: Breach) -> None:
    now = clock.now()
    if not row.happened:
        raise BreachError("Say what happened.", field="happened")
    if row.aware_at is None or row.aware_at > now:
        raise BreachError("Say when you became aware of it.", field="aware_at")
    if row.began_at and row.began_at > row.aware_at:
        raise BreachError("It began before you became aware of it.", field="began_at")
    if row.ended_at and (row.ended_at > now or (row.began_at and row.ended_at < row.began_at)):
        raise BreachError("It ended after it began, and not in the future.", field="ended_at")
