"""What one request reads: its visits to the register, sealed before the first byte leaves.

    look = reading.look(Purpose.SERVICE, "purchases")
    look.ask(Category.PURCHASE)     # the guard lets in, or raises `Refused`
    look.met([purchase.customer_id])
    look.ask(Category.NAME)
    look.name([purchase.customer_id])   # those who may be named, not being restricted
    ...
    reading.seal()                  # the access log is committed

The fields of one request that read for the same purpose and act are one visit, which grows:
when a field needs one category more, the guard is asked for all of them together, so the log
names the role that may see them all. What the guard refuses is refused for that field alone.
"""

from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager, suppress
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
    #: Customers of whom is known whether they may be named.
    _open: set[int] = field(default_factory=set)
    _withheld: set[int] = field(default_factory=set)

    @property
    def visit(self) -> guard.Visit:
        """The visit as it stands; something must have been asked for."""
        if self._visit is None:
            raise RuntimeError("nothing was asked for")
        return self._visit

    def ask(self, *categories: Category) -> None:
        """Be let in to see these too, or raise `Refused`; a refusal is logged once a request."""
        wanted = frozenset(categories)
        seen = self._visit.categories if self._visit else frozenset()
        if self._visit and wanted <= seen:
            return
        if known := self._refused.get(wanted):
            raise type(known)(known.message, field=known.field)
        door = guard.visit(self.actor, self.purpose, act=self.act, asks=wanted | seen)
        try:
            visit = door.__enter__()
        except guard.Refused as refusal:
            self._refused[wanted] = refusal
            raise
        if self._visit:
            # The smaller visit is left unsealed: it goes up in this one.
            visit.saw(self._visit.subjects)
            visit.saw_figures(self._visit.in_figures)
        self._visit, self._door = visit, door

    def met(self, subjects: Iterable[int]) -> None:
        """Add customers whose purchases the answer holds; who they are is another question."""
        self.visit.saw_figures(subjects)

    def name(self, subjects: Collection[int]) -> set[int]:
        """Return those who may be named, and count them as seen.

        One query for all that were met until now.
        """
        wanted = set(subjects)
        if unknown := wanted - self._open - self._withheld:
            unknown |= self.visit.in_figures - self._open - self._withheld
            found = self.visit.open_to(unknown)
            self._open |= found
            self._withheld |= unknown - found
        named = wanted & self._open
        self.visit.saw(named)
        return named

    def seal(self) -> None:
        """Commit what was seen; raises `Refused` when the right to it ended meanwhile."""
        if self._door is None:
            return
        self._door.__exit__(None, None, None)
        if self._withheld:
            # The log shows also whom the guard kept back.
            with (
                suppress(guard.SubjectRestricted),
                guard.visit(
                    self.actor, self.purpose, act=self.act, asks=self.visit.categories
                ) as kept_back,
            ):
                kept_back.saw(self._withheld)


class Reading:
    """One request: who asks, and what it looks at. GraphQL's context.

    `home` is the address, on this host, below which we answer; `customer` the account whose own
    token came, where the request asks for what is its own.
    """

    def __init__(self, actor: Actor, home: str = "/", customer: int | None = None) -> None:
        self.actor = actor
        self.home = home
        self.customer = customer
        self._looks: dict[tuple[Purpose, str], Look] = {}

    def look(self, purpose: Purpose, act: str) -> Look:
        """Return the request's look for this purpose and act; asking is the caller's."""
        return self._looks.setdefault((purpose, act), Look(self.actor, purpose, act))

    def seal(self) -> None:
        """Commit what was looked at. If this raises, nothing may leave."""
        for look in self._looks.values():
            look.seal()
