"""Gives vouchers to entries: numbers without a gap, in each series and financial year.

A number is given in the transaction that books the entries, by its last statement: it locks the
series' row, counts on and inserts the vouchers, and then the transaction commits. A transaction
that dies takes its numbers back; so there is no gap and no number twice, and nobody waits for
longer than one commit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic_core import to_json

from .. import clock
from ..config import Config
from ..models import Voucher, VoucherSeries
from ..policy.vat import Cause
from ..register.rows import execute, fetch, table
from .booked import Booked
from .periods import FinancialYear, financial_year

#: Purchase, kind, source, last day of the financial year by the present settings.
Key = tuple[int, str, str, date]


@dataclass(slots=True)
class _Voucher:
    """One that exists, or is to be made: then `id` is drawn in advance, for its entries."""

    day: date
    id: int = 0


class Plan:
    """Which vouchers the entries of one transaction use, need, and leave."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._years: dict[date, FinancialYear] = {}
        self._entries: dict[int, list[Booked]] = {}
        self._kept: set[int] = set()
        self._known: dict[Key, _Voucher] = {}
        self._new: dict[Key, _Voucher] = {}
        #: By purchase: last day of the year and key of each sale voucher.
        self._sales: dict[int, list[tuple[date, int]]] = {}

    def add(self, purchase: int, entries: list[Booked], *, keep: Iterable[int | None]) -> None:
        """Take in what is open of a purchase; `keep` are the vouchers of its closed entries."""
        self._entries[purchase] = entries
        self._kept.update(one for one in keep if one)

    def prepare(self, purchases: Sequence[int]) -> None:
        """Find the vouchers that exist, and draw keys (not numbers) for those to make."""
        rows = fetch(
            f"SELECT purchase_id, kind, source, year_end, day, id FROM {table(Voucher)}"
            " WHERE purchase_id = ANY(%s) AND voided_at IS NULL ORDER BY id",
            [list(purchases)],
        )
        # Financial years may have changed since: the year that its day lies in now comes first,
        # but in the year that it was numbered in there is no second one either.
        for purchase, kind, source, year_end, day, pk in rows:
            self._known[purchase, kind, source, year_end] = _Voucher(day, pk)
        for purchase, kind, source, _, day, pk in rows:
            self._known[purchase, kind, source, self._year(day).last] = _Voucher(day, pk)
        start = self._config.voucher_start
        for purchase, entries in self._entries.items():
            for one in entries:
                key = self._key(purchase, one)
                if start and one.day >= start and key not in self._known:
                    self._new.setdefault(key, _Voucher(one.day))
        keys = fetch(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [Voucher._meta.db_table, len(self._new)],
        )
        for new, (pk,) in zip(self._new.values(), keys, strict=True):
            new.id = pk
        for (purchase, kind, _, year_end), voucher in (self._known | self._new).items():
            if kind == Voucher.Kind.SALE:
                self._sales.setdefault(purchase, []).append((year_end, voucher.id))

    def voucher(self, purchase: int, entry: Booked) -> int | None:
        """Return the voucher of an entry; None: its day lies before vouchers begin."""
        key = self._key(purchase, entry)
        found = self._known.get(key) or self._new.get(key)
        if found is None:
            return None
        begin = self._config.voucher_start
        early = entry.day < found.day and (begin is None or entry.day < begin)
        return None if early else found.id

    def write(self) -> None:
        """Void what is left unused and insert what is new. The transaction's last statements."""
        used = self._kept | {
            self.voucher(purchase, one)
            for purchase, found in self._entries.items()
            for one in found
        }
        idle = [one.id for one in self._known.values() if one.id not in used]
        if idle:
            execute(
                f"UPDATE {table(Voucher)} SET voided_at = %s WHERE id = ANY(%s)",
                [clock.now(), idle],
            )
        _insert(
            [self._row(key, new) for key, new in self._new.items()], self._config.voucher_prefix
        )

    def _row(self, key: Key, new: _Voucher) -> dict[str, object]:
        purchase, kind, source, year_end = key
        return {
            "id": new.id, "purchase_id": purchase, "kind": kind, "source": source,
            "year_end": year_end, "label": self._year(new.day).label, "day": new.day,
            "original_id": self._original(key),
        }  # fmt: skip

    def _original(self, key: Key) -> int | None:
        """The purchase's first sale voucher, unless `key` is that."""
        sales = self._sales.get(key[0], [])
        if key[1] == Voucher.Kind.SALE:
            sales = [one for one in sales if one[0] < key[3]]
        return min(sales)[1] if sales else None

    def _key(self, purchase: int, one: Booked) -> Key:
        kind, source = Voucher.Kind.SALE, ""
        if Cause.CORRECTION in one.cause.split():
            kind, source = Voucher.Kind.CORRECTION, one.day.isoformat()
        elif one.source:
            kind, source = Voucher.Kind.CREDIT, one.source
        return purchase, kind.value, source, self._year(one.day).last

    def _year(self, day: date) -> FinancialYear:
        if day not in self._years:
            self._years[day] = financial_year(day, self._config)
        return self._years[day]


_COLUMNS = "purchase_id, prefix, year_end, number, code, kind, source, day, original_id"

#: The vouchers to insert, their years, and what numbers call each year.
_CALLED = f"""
    WITH new AS (SELECT * FROM json_to_recordset(%(rows)s) AS new(id bigint, purchase_id bigint,
        kind text, source text, year_end date, label text, day date, original_id bigint)),
    years AS (SELECT year_end, min(label) AS label, count(*)::int AS n FROM new GROUP BY year_end),
    -- Where financial years changed, another one may be called the same already.
    called AS (SELECT year_end, n, label || CASE WHEN EXISTS (
            SELECT 1 FROM {table(VoucherSeries)} AS other WHERE other.prefix = %(prefix)s
            AND other.label = years.label AND other.year_end <> years.year_end)
        THEN to_char(year_end, '-MMDD') ELSE '' END AS label FROM years)"""


def _insert(rows: list[dict[str, object]], prefix: str) -> None:
    if not rows:
        return
    parameters = {"rows": to_json(rows).decode(), "prefix": prefix}
    # A series' first two writers at once would fail at its label, which is no arbiter below.
    execute(
        f"{_CALLED} INSERT INTO {table(VoucherSeries)} (prefix, year_end, label, last)"
        " SELECT %(prefix)s, year_end, label, 0 FROM called ORDER BY year_end"
        " ON CONFLICT DO NOTHING",
        parameters,
    )
    execute(
        f"{_CALLED},"
        # In the order of years: two transactions never wait for each other in a circle.
        f" series AS (INSERT INTO {table(VoucherSeries)} AS old (prefix, year_end, label, last)"
        " SELECT %(prefix)s, year_end, label, n FROM called ORDER BY year_end"
        " ON CONFLICT (prefix, year_end) DO UPDATE SET last = old.last + excluded.last"
        " RETURNING year_end, label, last),"
        " numbered AS (SELECT new.*, series.label AS called, series.last - years.n"
        " + row_number() OVER (PARTITION BY new.year_end ORDER BY new.day, new.id) AS number"
        " FROM new JOIN years USING (year_end) JOIN series USING (year_end))"
        f" INSERT INTO {table(Voucher)} (id, {_COLUMNS}) SELECT id, purchase_id, %(prefix)s,"
        " year_end, number, %(prefix)s || '-' || called || '-'"
        " || lpad(number::text, greatest(6, length(number::text)), '0'),"
        " kind, source, day, original_id FROM numbered",
        parameters,
    )
