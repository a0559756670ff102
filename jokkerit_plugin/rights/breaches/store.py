"""The row of a breach: locked for a step of the controller's, with what happened."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from ... import clock
from ...access.actor import Actor
from ...access.controllers import controller_only
from ...errors import RegisterError
from ...models import Breach, BreachEvent
from ...policy.breaches import MOVES, BreachState, Step

SHOP = "shop"
#: Characters of a text.
LONGEST = 4000


class BreachError(RegisterError):
    """A breach cannot be recorded, or go on, as asked."""

    code = "BREACH"


@contextmanager
def step(breach_id: int, which: Step, *, actor: Actor) -> Iterator[Breach]:
    """Lock a breach that allows a step; in the state that follows, it is written at the end.

    Of two who do the same at once the second waits, and finds what the first did. Refuses all but
    the controller's own people. Not inside a transaction. Raises `BreachError`.
    """
    controller_only(actor, f"breach {which}")
    with transaction.atomic():
        row = Breach.objects.select_for_update(no_key=True).filter(pk=breach_id).first()
        if row is None:
            raise BreachError("There is no such breach.", field="id")
        after = MOVES[which].get(BreachState(row.state))
        if after is None:
            raise BreachError(f"This cannot be done while the breach is {row.state}.", field="id")
        row.state = after
        yield row
        row.save(force_update=True)


def note(row: Breach, what: str, by: str, **values: Any) -> None:
    """Write down what happened and what was written, in the same transaction."""
    plain = {name: _plain(value) for name, value in values.items()}
    BreachEvent.objects.create(breach=row, what=what, at=clock.now(), actor=by, values=plain)


def text(words: str, field: str, *, message: str = "") -> str:
    """Return words without spaces around; raise `BreachError`: too long, or none (`message`)."""
    words = words.strip()
    if message and not words:
        raise BreachError(message, field=field)
    if len(words) > LONGEST:
        raise BreachError(f"Write {LONGEST} characters at most.", field=field)
    return words


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
