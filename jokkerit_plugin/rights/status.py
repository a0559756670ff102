"""What somebody should know or see to: sentences for the status, nobody's data."""

from datetime import timedelta

from django.db.models import Count, Q, QuerySet

from .. import clock, keys
from ..config import Config
from ..models import Correction, Request, RequestLetter
from ..policy import requests as policy
from ..policy.parts import Part
from ..policy.problems import Problem
from ..policy.requests import RequestKind, RequestState
from ..register.status import shortened
from ..retention import keeps
from . import carrying, corrections_noticed, minders, requests, tellings
from .breaches import attending

#: What was granted goes in the coming night; after so many something is in its way.
NIGHTS = 3


def problems(config: Config) -> list[Problem]:
    """Return a sentence for each: of what runs on also while the plugin is deactivated."""
    found = [*_waiting(), *_late(), *_unminded(config)]
    if config.active:
        found += [*_undone(config), *_unsent(), *_keyless(), *corrections()]
    return found


def _waiting() -> list[Problem]:
    asked = requests.waiting().count()
    if not asked:
        return []
    message = (
        f"{asked} requests of customers about their data wait for the controller: they asked, or"
        " their account in the shop is gone."
    )
    return [Problem("REQUESTS_WAIT", message)]


def by_due() -> dict[str, int]:
    """Return how many requests are not answered yet: late, due within a week, and due later."""
    today, week = clock.today(), clock.today() + timedelta(days=7)
    found: dict[str, int] = _unanswered().aggregate(
        late=Count("pk", filter=Q(due_on__lt=today)),
        week=Count("pk", filter=Q(due_on__range=(today, week))),
        later=Count("pk", filter=Q(due_on__gt=week)),
    )
    return found


def _unanswered() -> QuerySet[Request]:
    active = Request.objects.filter(state__in=sorted(policy.ACTIVE))
    return active.exclude(kind=RequestKind.ERASURE, state=RequestState.ACCEPTED)


def _late() -> list[Problem]:
    late = _unanswered().filter(due_on__lt=clock.today())
    keys_ = [str(pk) for pk in late.order_by("due_on", "pk").values_list("pk", flat=True)]
    if not keys_:
        return []
    message = (
        f"Requests were not answered within the law's time ({len(keys_)}): {shortened(keys_)}."
    )
    return [Problem("REQUEST_LATE", message)]


def _unminded(config: Config) -> list[Problem]:
    runs = Request.objects.filter(state__in=sorted(policy.ACTIVE)).exists()
    return minders.nobody(config) if runs or attending.running().exists() else []


def _undone(config: Config) -> list[Problem]:
    granted = Request.objects.filter(
        kind=RequestKind.ERASURE, state=RequestState.ACCEPTED, customer__isnull=False,
        decided_at__lt=clock.now() - timedelta(days=NIGHTS),
    )  # fmt: skip
    rows = granted.order_by("pk").values_list("customer", "pk")
    of = {customer: pk for customer, pk in rows if customer is not None}
    due = keeps.still_due(Part.CONTACT, of, clock.today(), config)
    found = [str(pk) for customer, pk in of.items() if customer in due]
    if not found:
        return []
    message = (
        f"Erasures that were granted are not done, although nothing keeps the data ({len(found)}):"
        f" {shortened(found)}. Is the dry run approved, or does Saleor still need the account?"
    )
    return [Problem("ERASURE_UNDONE", message)]


def _unsent() -> list[Problem]:
    waiting = RequestLetter.objects.filter(sent_at=None, attempts__gt=2).order_by("request")
    confirm = Q(what=RequestLetter.What.CONFIRM)
    found = [str(pk) for pk in waiting.exclude(confirm).values_list("request", flat=True)]
    said = []
    if found:
        said.append(
            f"Letters to those who asked could not be sent ({len(found)}): tell them in another"
            " way, and record it (requestTold; of a copy requestCopyLink and requestHandedOver)."
            f" Requests {shortened(found)}."
        )
    if forms := waiting.filter(confirm).count():
        said.append(
            f"People who filled in the form wait for the letter that lets them confirm it, which"
            f" could not be sent ({forms}): nobody knows yet what they ask. Is mail sent at all?"
        )
    return [Problem("LETTERS_UNSENT", one) for one in said]


def corrections() -> list[Problem]:
    """Return a sentence for each correction, task and telling that has waited for too long."""
    found = {
        "Corrections that the shop has not taken yet ({n}): {keys}. The register holds what is"
        " right.": carrying.late(),
        "Errors of customers' data were noticed and not seen to in time ({n}): tasks {keys}.":
            corrections_noticed.late(),
        "Recipients have not been told of a correction, erasure or restriction ({n}): tell them,"
        " and record it (tellingTold). Tellings {keys}.": tellings.late(),
    }  # fmt: skip
    return [
        Problem(
            "CORRECTION_LATE",
            text.format(n=len(keys_), keys=shortened([str(pk) for pk in keys_])),
        )
        for text, keys_ in found.items()
        if keys_
    ]


def _keyless() -> list[Problem]:
    needed = Q(sealed__isnull=False) | Q(
        kind__in=sorted(policy.COPIES), state=RequestState.ACCEPTED
    )
    sealed = set(
        Correction.objects.filter(sealed__isnull=False).values_list("key_version", flat=True)
    )
    if not sealed and not Request.objects.filter(needed).exists():
        return []
    try:
        known = keys.derived("status")
    except keys.NoKey as error:
        return [Problem(error.code, f"Requests cannot be read or answered: {error.message}")]
    waiting = Request.objects.filter(sealed__isnull=False, state__in=sorted(policy.ACTIVE))
    sealed |= set(waiting.values_list("key_version", flat=True))
    gone = sorted(sealed - set(known))
    message = (
        f"Requests or corrections are sealed by keys that are not in {keys.VARIABLE} any more"
        f" ({', '.join(gone)}): they cannot be read, and no copy is made of them."
    )
    return [Problem("KEY_GONE", message)] if gone else []
