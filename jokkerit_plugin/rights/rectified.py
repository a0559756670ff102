"""The requests that a rectification answers, or that it corrects the answer's address of."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from django.db.models import Q

from .. import clock, keys
from ..access.actor import Actor
from ..models import Archive, Request, RequestEvent
from ..policy.corrections import Field, Told
from ..policy.requests import OVER, RequestKind, RequestState
from ..register.correcting import Change
from . import content, copies, proofs, store, tellings
from .errors import RequestError


def may_be_done(asked: Request, customer: int, actor: Actor) -> bool:
    """Tell whether a locked request may be done now; False: its proof is lost (`proofs.holds`)."""
    if asked.kind != RequestKind.RECTIFICATION or asked.customer != customer:
        message = "This is no request for rectification of this customer."
        raise RequestError(message, field="request")
    granted = asked.state == RequestState.ACCEPTED
    if not granted and not (asked.state == RequestState.OPEN and actor.is_controller):
        raise RequestError("Only a request that was granted can be done.", field="request")
    return proofs.holds(asked)


def take(asked: Request, actor: Actor) -> None:
    """Note on a locked request that it is being done; the controller grants it with that."""
    if asked.state == RequestState.OPEN:
        asked.state, asked.decided_at = RequestState.ACCEPTED, clock.now()
        asked.decided_by = actor.key
        store.save(asked)
        store.note(asked, RequestEvent.What.ACCEPTED, actor.key)
    store.note(asked, RequestEvent.What.CORRECTED, actor.key)


def correct_answers(customer: int, changes: Sequence[Change]) -> None:
    """Let answers go where they should: an erasure has its address sealed (`letters`).

    A link that went to the wrong mailbox ends, and the copy is made anew. What the person wrote
    themselves is not touched: that mailbox is proved.
    """
    right = {one.was["email"].lower(): one.right["email"] for one in changes
             if one.field is Field.EMAIL}  # fmt: skip
    if not right:
        return
    copied = Archive.objects.values("request")
    rows = Request.objects.filter(Q(sealed__isnull=False) | Q(pk__in=copied), customer=customer)
    rows = rows.exclude(origin=Request.Origin.FORM).exclude(state__in=OVER - {RequestState.DONE})
    for row in rows.order_by("pk").select_for_update(no_key=True):
        # What a retired key sealed nobody can send anywhere: the correction does not wait for it.
        with suppress(keys.NoKey):
            written = content.read(row)
            if (email := right.get(written.email.lower())) is not None:
                content.seal(row, replace(written, email=email))
                row.save(update_fields=["key_version", "sealed"])
            if email is not None or not written.email:
                copies.readdress(row)


def already_right(row: Request) -> int:
    """Note whom to tell that what a request named is right by now; return how many.

    It was corrected by somebody else, as by the customer in the shop: which fields is not known.
    """
    if row.customer is None:
        return 0
    return tellings.make(
        row.customer, Told.RECTIFICATION, categories=tellings.CONTACT, request=row.pk,
        source=f"request {row.pk}",
    )  # fmt: skip
