"""Who is inactive and is to be told of it, before they are erased."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.db import transaction

from ..config import Config
from ..policy.parts import Part
from ..policy.schedule import TELLING_DAYS
from ..register.rows import execute, fetch, stream
from . import statements
from .keeps import PAGE, seen
from .rules import REACHABLE, UNTOLD


@dataclass(frozen=True, slots=True)
class Untold:
    """A customer to be told; `term` is the last day of the inactive term, in Helsinki."""

    customer: int
    term: date


def untold(day: date, config: Config, *, after: int = 0, limit: int) -> list[Untold]:
    """Return the first customers above `after`, keys ascending, who are to be told by `day`.

    They have an e-mail, their inactive term ends within 30 days, nobody told them of that term,
    nothing else keeps them beyond it, and no request that was accepted makes it needless.

    Each call may look at everybody: ask for many.
    """
    found: list[Untold] = []
    while len(found) < limit:
        wanted = limit - len(found)
        values = {"after": after, "limit": wanted}
        sql = f"{_sql(day, 'c.id > %(after)s')} LIMIT %(limit)s"
        page = fetch(sql, statements.parameters(Part.CONTACT, day, config) | values, jit=False)
        if not page:
            break
        after = page[-1][0]
        found += still_untold([key for key, _ in page], day, config)
        if len(page) < wanted:
            break
    return found


def count(day: date, config: Config) -> int:
    """Return how many there are; one statement looks at everybody."""
    found = 0
    with transaction.atomic():
        execute("SET LOCAL jit = off; SET LOCAL cursor_tuple_fraction = 1", [])
        values = statements.parameters(Part.CONTACT, day, config)
        rows = stream("untold", _sql(day, "true"), values)
        while page := list(islice(rows, PAGE)):
            found += len(still_untold([key for key, _ in page], day, config))
    return found


def still_untold(keys: Collection[int], day: date, config: Config) -> list[Untold]:
    """Return those of the keys who are to be told: asked again just before the mail."""
    wanted = sorted(set(keys))
    values = {"keys": wanted}
    sql = _sql(day, "c.id = ANY(%(keys)s)")
    logins = statements.parameters(Part.CONTACT, day, config, seen(wanted))
    return [Untold(*row) for row in fetch(sql, logins | values, jit=False)]


def _sql(day: date, which: str) -> str:
    others = statements.rows(Part.CONTACT, day, timed=False)
    return (
        f"SELECT c.id, life.term FROM {statements.SUBJECTS[Part.CONTACT]} WHERE {which}"
        f" AND NOT life.asked AND life.term <= %(day)s::date + {TELLING_DAYS}"
        f" AND {REACHABLE} AND {UNTOLD} AND NOT EXISTS (SELECT FROM ({others}) k"
        f" WHERE k.until IS NULL OR k.until > greatest(life.term, %(day)s::date + {TELLING_DAYS}))"
        " ORDER BY 1"
    )
