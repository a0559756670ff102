"""Whose request it is: proved by staff, and asked again just before it is acted on."""

from ..access import guard
from ..access.actor import Actor
from ..models import Request, RequestEvent, RequestLetter
from ..policy.categories import Category
from ..policy.permissions import CHANGERS
from ..policy.purposes import Purpose
from ..policy.requests import PROVED, Proof, RequestKind, RequestState
from ..register import correcting
from . import opening, scope, store
from .errors import RequestError

_What = RequestEvent.What
#: What reaches all that is held of a customer.
OF_THE_WHOLE = {RequestKind.ERASURE, RequestKind.RESTRICTION, RequestKind.RECTIFICATION}


def prove(request_id: int, *, customer: int, how: str, actor: Actor) -> Request:
    """Say whose request it is, and how staff made sure of it. Raises `RequestError`, `Refused`."""
    if not how.strip():
        raise RequestError("Say how you made sure who asks.", field="how")
    made: list[Request] = []

    def write() -> None:
        if (subject := correcting.locked(customer)) is None:
            raise RequestError("There is no such customer.", field="customer")
        row = store.alone(request_id)
        store.ask(row, RequestState.OPEN)
        if row.customer not in {None, subject.pk}:
            raise RequestError("This request is another customer's.", field="customer")
        row.customer, row.purchases = subject.pk, None
        row.proof, row.proof_note, row.proved_by = Proof.STAFF, how.strip(), actor.key
        first = opening.take_over(row, subject.pk)
        store.save(row)
        opening.answered_with(first, row)
        store.note(row, _What.PROVED, actor.key)
        opening.go_on(row, actor)
        made.append(row)

    with guard.visit(
        actor, Purpose.SERVICE, act="requestProve", asks={Category.PURCHASE}, needs=CHANGERS
    ) as visit:
        visit.saw([customer])
        visit.then(write)
    return made[0]


def is_enough(row: Request) -> bool:
    """Tell whether the proof of a request reaches what it is to do."""
    return row.proof in PROVED and not (row.kind in OF_THE_WHOLE and row.purchases is not None)


def holds(row: Request) -> bool:
    """Tell whether the proof of a locked request still reaches what it is to do.

    Where it was lost since it was given the request is open again, and a letter asks for more:
    that is for the caller to commit. Raises `RequestError` where it never did, `NoKey`.
    """
    _check(row)
    scope.renew(row)
    if is_enough(row):
        return True
    ask_again(row)
    return False


def lost() -> RequestError:
    """Return what to say once that is committed."""
    return RequestError(
        "It is not known any more whose request this is, since the register has changed: a letter"
        " asks the person for more."
    )


def ask_again(row: Request) -> None:
    """Open a request, granted or not, whose proof is lost; the person is asked for more."""
    row.state, row.decided_at, row.decided_by = RequestState.OPEN, None, ""
    row.reason = ""
    store.save(row)
    store.note(row, _What.REOPENED, store.SHOP)
    store.letter(row, RequestLetter.What.PROOF)


def _check(row: Request) -> None:
    if row.proof not in PROVED:
        raise RequestError("It is not known yet whose request this is: prove it first.")
    if RequestKind(row.kind) in OF_THE_WHOLE and row.purchases is not None:
        raise RequestError(
            "The proof reaches some purchases of a mailbox that others may share: prove it first."
        )
