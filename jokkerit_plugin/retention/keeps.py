"""What keeps a customer's or a purchase's data, on which ground, until when; and what is due."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from ..config import Config
from ..policy.parts import Part
from ..policy.purposes import Purpose


@dataclass(frozen=True, slots=True)
class Keep:
    """Why one part of one customer or purchase stays; the other key is None.

    `until`: last day in Helsinki, included; None: until something ends it.
    """

    customer: int | None
    purchase: int | None
    part: Part
    purpose: Purpose
    #: Name in `policy.schedule.RULES`.
    rule: str
    ground: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """How many customers or purchases of a part fall due in the month that begins on `month`."""

    month: date
    part: Part
    count: int


@dataclass(frozen=True, slots=True)
class Untold:
    """A customer to be told; `term` is the last day of the inactive term, in Helsinki."""

    customer: int
    term: date


def keeps(
    *, customers: Collection[int] = (), purchases: Collection[int] = (), day: date, config: Config
) -> list[Keep]:
    """Return what keeps these on a day; purchases are not read by their customer."""
    raise NotImplementedError


def due(part: Part, day: date, config: Config, *, after: int = 0, limit: int) -> list[int]:
    """Return the keys above `after` whose part nothing keeps on `day`, ascending."""
    raise NotImplementedError


def still_due(part: Part, keys: Collection[int], day: date, config: Config) -> set[int]:
    """Return those of the keys whose part nothing keeps on `day`: just before erasing."""
    raise NotImplementedError


def counts(part: Part, day: date, config: Config) -> dict[str, int]:
    """Return how many are due, by the name of the rule that kept them last."""
    raise NotImplementedError


def forecast(day: date, config: Config, months: int = 12) -> list[Forecast]:
    """Return what falls due in each month from that of `day` on, as things stand."""
    raise NotImplementedError


def untold(day: date, config: Config, *, after: int = 0, limit: int) -> list[Untold]:
    """Return customers with an e-mail, keys ascending, to be told on `day` at the latest.

    Nothing but the inactive term (and the telling itself) keeps them 30 days on, and nobody told
    them of that term.
    """
    raise NotImplementedError
