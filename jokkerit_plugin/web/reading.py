"""What one request reads: its visits to the register, sealed before the first byte leaves.

    look = reading.look(Purpose.SERVICE, "customers")
    look.ask(Category.NAME)         # the guard lets in, or raises `Refused`
    look.saw([customer.pk])
    ...
    reading.seal()                  # one row of the access log for each purpose and act

The fields of one request that read for the same purpose and act are one visit, which grows:
when a field needs one category more, the guard is asked for all of them together, so the log
names the role that may see them all. What the guard refuses is refused for that field alone.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from ..access import guard
from ..access.actor import Actor
from ..policy.categories import Category
from ..policy.purposes import Purpose


@dataclass(slots=True)
class Look:
    """One visit of a request, growing with what its fields ask for."""

    actor: Actor
    purpose: Purpose
    act: str
    _visit: guard.Visit | None = None
    _door: AbstractContextManager[guard.Visit] | None = None
    _refused: dict[frozenset[Category], guard.Refused] = field(default_factory=dict)

    def ask(self, *categories: Category) -> None:
        """Be let in to see these too, or raise `Refused`; a refusal is logged once a request."""
        wanted = frozenset(categories)
        seen = self._visit.categories if self._visit else frozenset()
        if self._visit and wanted <= seen:
            return
        if (refusal := self._refused.get(wanted)) is not None:
            raise type(refusal)(refusal.message, field=refusal.field)
        door = guard.visit(self.actor, self.purpose, act=self.act, asks=wanted | seen)
        try:
            visit = door.__enter__()
        except guard.Refused as refusal:
            self._refused[wanted] = refusal
            raise
        if self._visit:
            # The smaller visit is left unsealed: it goes up in this one.
            visit.saw(self._visit.subjects)
        self._visit, self._door = visit, door

    def saw(self, subjects: Iterable[int]) -> None:
        """Add customers whose data the answer will hold."""
        if self._visit is None:
            raise RuntimeError("nothing was asked for")
        self._visit.saw(subjects)

    def seal(self) -> None:
        """Commit the log row; raises `Refused` when the agreement ended meanwhile."""
        if self._door is not None:
            self._door.__exit__(None, None, None)


class Reading:
    """One request: who asks, and what it looks at. GraphQL's context."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self._looks: dict[tuple[Purpose, str], Look] = {}

    def look(self, purpose: Purpose, act: str) -> Look:
        """Return the request's look for this purpose and act; asking is the caller's."""
        return self._looks.setdefault((purpose, act), Look(self.actor, purpose, act))

    def seal(self) -> None:
        """Commit what was looked at. If this raises, nothing may leave."""
        for look in self._looks.values():
            look.seal()
