"""What a hit means: kept by a rule until when, left over, or somebody else's.

A name, a street and a telephone may be shared. So a row that is tied to other people is theirs
(to an account only if that is called so itself: it may be the staff's); and where nobody is tied
to a row, an identifier that other people have in the register as well says nothing of this
person. An e-mail that nobody else has is the person's wherever it stands.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.apps import apps

from ...config import Config
from ...models import Customer, ExportChunk, Incident, IncidentLine, Purchase
from ...policy.parts import OWN_CLOCK, Part, part_of
from ...register import held_lines
from ...register.rows import fetch, table
from ...shop import erasers
from ...shop.erasers import ShopPart
from ...shop.port import shop
from .. import keeps, sweeps
from .columns import Table
from .files import EXPORT, FileHit
from .needles import SHARED_BY_MANY, Needle, NeedleKind
from .persons import Person
from .search import Hit
from .ties import CUSTOMERS, PURCHASES, Owner, Ties

#: Parts of the shop that go with a part of the register; others go by a clock of their own.
PARTS = {
    ShopPart.ACCOUNT: Part.CONTACT,
    ShopPart.ORDER_DETAIL: Part.DETAIL,
    ShopPart.ORDER_IDENTITY: Part.IDENTITY,
}
#: Of these it is known which column holds what; other tables somebody made by SQL.
_KNOWN = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
#: Lines that an incident holds, and it itself, stay until it is closed.
_OF_INCIDENTS = {model._meta.db_table for model in (Incident, IncidentLine)}
_MODELS = {
    model._meta.db_table: model for model in apps.get_app_config("jokkerit_plugin").get_models()
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands. Of a file: "file", "" and its name."""

    table: str
    column: str
    key: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What stands in one place, and which rule keeps it until when; no rule: left over.

    `until` None with a rule: until something ends it. `others`: it is somebody else's.
    """

    place: Place
    kinds: tuple[str, ...]
    rule: str = ""
    ground: str = ""
    until: date | None = None
    others: bool = False


@dataclass(slots=True)
class _Row:
    """What was found in one place, before it is judged."""

    needles: set[Needle] = field(default_factory=set)
    owners: set[Owner] = field(default_factory=set)
    part: Part | ShopPart | None = None


class Judge:
    """Judges hits as things stand on a day. Its statements are few, however many the hits are."""

    def __init__(
        self, persons: Sequence[Person], tables: Sequence[Table], *, day: date, config: Config
    ) -> None:
        self.persons, self.day, self._config = persons, day, config
        self._tables = {one.name: one for one in tables}
        self._roots = shop().roots()
        self._kept: dict[tuple[Part, int], keeps.Keep] = {}
        self._orders: dict[str, int] = {}
        self._named: set[tuple[str, Needle]] = set()
        asked = [one.customer for one in persons if one.customer]
        here = Customer.objects.filter(pk__in=asked).values_list("pk", flat=True)
        #: Whose lines of the site log should be gone.
        self._gone = set(asked) - set(here)
        self._read_keeps()

    def findings(
        self, hits: Iterable[Hit], in_files: Iterable[FileHit]
    ) -> dict[int, list[Finding]]:
        """Return the findings by the person's place in the sample."""
        rows: dict[tuple[int, Place], _Row] = defaultdict(_Row)
        for hit in hits:
            place = Place(hit.table.name, hit.column, hit.key)
            rows[hit.needle.subject, place].needles.add(hit.needle)
        self._add_owners(rows)
        for found in in_files:
            row = rows[found.needle.subject, Place("file", "", found.name)]
            row.needles.add(found.needle)
            row.part = self._part_of_file(found.name)
        shared = self._shared(rows)
        named = {self._roots.accounts, *self._roots.owned}
        self._named = {
            (owner.key, one)
            for (_, place), row in rows.items()
            if place.table in named
            for owner in row.owners
            if owner.table == self._roots.accounts
            for one in row.needles
        }
        judged: dict[int, list[Finding]] = defaultdict(list)
        for (subject, place), row in sorted(rows.items(), key=lambda one: (one[0][0], str(one[0]))):
            if one := self._judge(subject, place, row, shared):
                judged[subject].append(one)
        self._add_lines(judged)
        return judged

    def _add_lines(self, judged: dict[int, list[Finding]]) -> None:
        """Add the lines of the erased: of an address nobody knows a needle."""
        places = {person.customer: number for number, person in enumerate(self.persons)}
        for name, key, customer in held_lines.tied_to(self._gone) if self._gone else ():
            judged[places[customer]].append(Finding(Place(name, "customer", key), ("site_log",)))

    def _judge(
        self, subject: int, place: Place, row: _Row, shared: Collection[Needle]
    ) -> Finding | None:
        person = self.persons[subject]
        kinds = tuple(sorted({one.kind.value for one in row.needles}))
        mine = {one for one in row.owners if one.key in person.roots.get(one.table, ())}
        whole = {one for one in row.needles if one.kind is not NeedleKind.PART}
        tied = bool(mine) or place.key in person.rows.get(place.table, ())
        if not tied:
            weak = {one for one in whole if one in shared}
            weak |= {
                one
                for one in whole
                if one.kind in SHARED_BY_MANY and any(self._may_be(one, of) for of in row.owners)
            }
            if weak == whole:
                return Finding(place, kinds, others=True)
        if found := self._in_site_log(person, mine, place, kinds):
            return found
        parts: set[Part | ShopPart | None] = {one.part for one in mine if one.part}
        parts = parts or {row.part}
        if not whole and parts == {None} and place.table in _KNOWN:
            # A word of a name in a column that holds no personal data: goods are called so, too.
            return None
        ours = place.table in _MODELS
        rules = [found for part in parts for found in self._keeping(person, mine, part, ours=ours)]
        if not rules:
            return Finding(place, kinds)
        rule, ground, until = max(rules, key=lambda one: one[2] or date.max)
        return Finding(place, kinds, rule, ground, until)

    def _in_site_log(
        self, person: Person, mine: Collection[Owner], place: Place, kinds: tuple[str, ...]
    ) -> Finding | None:
        """Judge a line by its day or incident; None: it is none."""
        day, held = held_lines.day_of(place.table), place.table in _OF_INCIDENTS
        # Of the erased no line is linked any more.
        if (day or held) and mine and person.customer in self._gone:
            return Finding(place, kinds)
        if held:
            return Finding(place, kinds, "incident", "GDPR art. 17(3)(e)")
        if not day:
            return None
        until = day + timedelta(days=self._config.site_log_days - 1)
        return Finding(place, kinds, "site_log", "GDPR art. 5(1)(e)", until)

    def _may_be(self, needle: Needle, owner: Owner) -> bool:
        """Tell whether a name may be the owner's own: what staff do names customers."""
        return owner.table != self._roots.accounts or (owner.key, needle) in self._named

    def _keeping(
        self, person: Person, mine: Collection[Owner], part: Part | ShopPart | None, *, ours: bool
    ) -> list[tuple[str, str, date | None]]:
        """Return rule, ground and last day of what keeps a part of this person.

        `ours`: in a table of the register's own.
        """
        if isinstance(part, ShopPart):
            if part not in PARTS:
                if not ours and sweeps.shop_to_erase_in(self._config) is None:
                    # No sweep comes to it: it is left, and nothing keeps it.
                    return []
                # By when at the latest the sweep of such rows comes to those of today.
                days = sweeps.days(part, self._config)
                return [(part.value, "", self.day + timedelta(days=days))]
            part = PARTS[part]
        if part is None:
            return []
        keys = self._purchases(mine) or person.roots.get(PURCHASES, ())
        if part is Part.CONTACT:
            keys = person.roots.get(CUSTOMERS, ())
        found = [self._kept[part, int(key)] for key in keys if (part, int(key)) in self._kept]
        return [(one.rule, one.ground, one.until) for one in found]

    def _purchases(self, mine: Collection[Owner]) -> set[int]:
        own = {int(one.key) for one in mine if one.table == PURCHASES}
        orders = {one.key for one in mine if one.table == self._roots.orders}
        return own | {self._orders[key] for key in orders if key in self._orders}

    def _read_keeps(self) -> None:
        customers = {int(k) for one in self.persons for k in one.roots.get(CUSTOMERS, ())}
        purchases = {int(k) for one in self.persons for k in one.roots.get(PURCHASES, ())}
        found = keeps.keeps(
            customers=customers, purchases=purchases, day=self.day, config=self._config
        )
        for one in sorted(found, key=lambda keep: keep.until or date.max):
            key = one.customer if one.purchase is None else one.purchase
            if key is not None:
                self._kept[one.part, key] = one
        self._orders = dict(
            fetch(
                f"SELECT saleor_order::text, id FROM {table(Purchase)} WHERE id = ANY(%s)",
                [sorted(purchases)],
            )
        )

    def _add_owners(self, rows: Mapping[tuple[int, Place], _Row]) -> None:
        keys: dict[str, set[str]] = defaultdict(set)
        for _, place in rows:
            keys[place.table].add(place.key)
        ties = Ties()
        owners = {name: ties.owners(self._tables[name], sorted(theirs))
                  for name, theirs in keys.items()}  # fmt: skip
        for name, theirs in keys.items():
            for key, customer in held_lines.owners(name, theirs).items():
                owners[name].setdefault(key, set()).add(Owner(CUSTOMERS, str(customer)))
        for (_, place), row in rows.items():
            row.owners |= owners[place.table].get(place.key, set())
            row.part = self._part(place)

    def _part(self, place: Place) -> Part | ShopPart | None:
        if model := _MODELS.get(place.table):
            if model.__name__ in OWN_CLOCK:
                return ShopPart.CHECKOUT
            names = {field.column: field.name for field in model._meta.concrete_fields}
            return part_of(model.__name__, names[place.column])
        eraser = erasers.eraser()
        return eraser.part_of(place.table, place.column) if eraser else None

    def _part_of_file(self, name: str) -> Part | ShopPart | None:
        if name.startswith(EXPORT):
            return part_of(ExportChunk.__name__, "data")
        found = (part for begin, part in self._roots.files.items() if name.startswith(begin))
        return next(found, None)

    def _shared(self, rows: Mapping[tuple[int, Place], _Row]) -> set[Needle]:
        """Return the identifiers that somebody else has in the register, or logs in with."""
        found: set[Needle] = set()
        for (subject, place), row in rows.items():
            roots = self.persons[subject].roots
            theirs = {one for one in row.owners if one.key not in roots.get(one.table, ())}
            of_register = place.table in _MODELS
            log_in = (place.table, place.column) == (self._roots.accounts, self._roots.log_in)
            if (of_register or log_in) and row.owners and theirs == row.owners:
                found |= {one for one in row.needles if one.kind is not NeedleKind.PART}
        return found
