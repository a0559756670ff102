"""Certificates: one search for all whose erasure is to be proved, and what it found of each."""

import hashlib
from collections.abc import Sequence
from itertools import chain
from typing import Any

from django.db import transaction

from ... import clock, keys
from ...access.actor import Actor
from ...access.controllers import controller_only
from ...config import Config
from ...errors import RegisterError
from ...models import Certificate, ProofTicket
from ...models.proof import Origin
from ...policy.problems import Problem
from ...register import held_lines
from ...shop.port import shop
from . import columns, files, persons, search, tickets
from .needles import Sieve
from .persons import Person
from .verdict import Finding, Judge

Verdict = Certificate.Verdict
#: Places that a certificate names; all are counted. What is left over comes first.
NAMED = 1000


class ProofError(RegisterError):
    """A certificate cannot be made or settled."""

    code = "PROOF"


def certify() -> int:
    """Certify every ticket that is ready, in one search; return how many certificates were made.

    Then the ticket goes. One that is a day old goes too: its certificate says that it was missed.
    Of who was not erased after all the ticket goes without a certificate.
    """
    made = _missed()
    claimed = []
    for ticket in tickets.claim():
        if tickets.erased(ticket):
            claimed.append(ticket)
        else:
            ticket.delete()
    if not claimed:
        return made
    # What an incident copied while they were erased.
    held_lines.forget_erased()
    opened = tickets.opened(claimed)
    readable = [one for one in claimed if one.pk in opened]
    results = _search([opened[one.pk] for one in readable], shop().config())
    for ticket, values in zip(readable, results, strict=True):
        _replace(ticket, values)
    for ticket in claimed:
        if ticket.pk not in opened:
            _replace(ticket, {"verdict": Verdict.MISSED})
    return made + len(claimed)


def prove(*, customer: int | None = None, purchase: int | None = None) -> Certificate:
    """Search now for somebody who is in the register, and keep the certificate.

    Of the erased nobody knows the identifiers any more: raises `ProofError`.
    """
    found = persons.read(
        customers=[] if customer is None else [customer],
        purchases=[] if purchase is None else [purchase],
    )
    if not found:
        raise ProofError("The register does not have them: what named them is gone.", field="id")
    [values] = _search(found, shop().config())
    return Certificate.objects.create(
        origin=Origin.BY_HAND, customer=customer, purchase=purchase, made_at=clock.now(), **values
    )


def settle(pk: int, *, actor: Actor) -> Certificate:
    """Say that what a certificate found left over has been dealt with: no alarm any longer."""
    controller_only(actor, "settle certificate")
    with transaction.atomic():
        found = Certificate.objects.select_for_update(no_key=True).filter(pk=pk).first()
        if found is None or found.settled_at or found.verdict not in _ALARMS:
            raise ProofError("There is no such certificate with something to settle.", field="id")
        found.settled_at, found.settled_by = clock.now(), actor.key
        found.save(update_fields=["settled_at", "settled_by"])
    return found


_ALARMS = (Verdict.LEFTOVER, Verdict.MISSED)


def problems(config: Config) -> list[Problem]:
    """Return what the status says of proofs (2 short queries)."""
    open_ones = Certificate.objects.filter(settled_at=None, verdict__in=_ALARMS)
    by_verdict = {verdict: [str(pk) for pk in open_ones.filter(verdict=verdict).order_by("pk")
                  .values_list("pk", flat=True)[:50]] for verdict in _ALARMS}  # fmt: skip
    found = []
    if left := by_verdict[Verdict.LEFTOVER]:
        message = (
            "Data of erased people still stands where nothing keeps it: certificates"
            f" {', '.join(left)}."
        )
        found.append(Problem("LEFTOVER", message))
    if missed := by_verdict[Verdict.MISSED]:
        message = f"Erasures could not be proved within a day: certificates {', '.join(missed)}."
        found.append(Problem("UNPROVED", message))
    if config.retention:
        try:
            keys.current()
        except keys.NoKey:
            message = (
                f"Erasures are not proved: {keys.VARIABLE} is not set in the environment, or is"
                " not written as it should be."
            )
            found.append(Problem("UNPROVABLE", message))
    return found


def _search(people: Sequence[Person], config: Config) -> list[dict[str, Any]]:
    """Search for all of them at once; return the fields of their certificates."""
    tables, closed = columns.searchable()
    theirs = [person.needles(number) for number, person in enumerate(people)]
    needles = list(chain.from_iterable(theirs))
    found = search.through(tables, needles)
    hits = set(found.hits)
    for person, mine in zip(people, theirs, strict=True):
        hits |= set(search.in_rows(tables, mine, person.rows))
    read = files.through(chain(files.exports(), shop().stored_files()), needles)
    today = clock.today()
    judged = Judge(people, tables, day=today, config=config).findings(hits, read.hits)
    searched = {
        "tables": found.tables, "columns": found.columns, "rows": found.rows,
        "size": found.size + read.size, "files": read.files, "opaque_files": read.opaque,
        "closed": closed,
    }  # fmt: skip
    return [
        searched | _result(judged.get(number, []), Sieve(mine))
        for number, mine in enumerate(theirs)
    ]


def _result(findings: Sequence[Finding], sieve: Sieve) -> dict[str, Any]:
    mine = sorted((one for one in findings if not one.others), key=lambda one: bool(one.rule))
    left = sum(not one.rule for one in mine)
    verdict = Verdict.LEFTOVER if left else Verdict.KEPT if mine else Verdict.CLEAN
    return {
        "verdict": verdict, "hits": len(mine), "kept": len(mine) - left, "left_over": left,
        "of_others": len(findings) - len(mine),
        "findings": [_named(one, sieve) for one in mine[:NAMED]],
    }  # fmt: skip


def _named(one: Finding, sieve: Sieve) -> dict[str, Any]:
    """Return a finding as it is stored. A key that itself names the person becomes a digest."""
    key = one.place.key
    text = f"{key} {key.rpartition('.')[0]}".replace("_", " ")
    if any(needle.stands_in(text) for needle in sieve.candidates(text.encode())):
        folder = f"{key.rpartition('/')[0]}/" if one.place.table == "file" and "/" in key else ""
        key = f"{folder}sha256:{hashlib.sha256(key.encode()).hexdigest()}"
    return {
        "table": one.place.table, "column": one.place.column, "key": key,
        "kinds": list(one.kinds), "rule": one.rule, "ground": one.ground,
        "until": one.until.isoformat() if one.until else None,
    }  # fmt: skip


def _missed() -> int:
    with transaction.atomic():
        late = tickets.overdue()
        for ticket in late:
            _replace(ticket, {"verdict": Verdict.MISSED})
    return len(late)


def _replace(ticket: ProofTicket, values: dict[str, Any]) -> None:
    """Store the certificate and remove the ticket, unless another worker did so meanwhile."""
    with transaction.atomic():
        if not ProofTicket.objects.filter(pk=ticket.pk).delete()[0]:
            return
        Certificate.objects.create(
            origin=ticket.origin, plan=ticket.plan, customer=ticket.customer,
            purchase=ticket.purchase, made_at=clock.now(), **values,
        )  # fmt: skip
