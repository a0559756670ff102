"""A shop played from a recording (`recording.py`): the register's host where there is no Saleor.

The state stands in an SQLite file, so that web, worker and beat see the same shop.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from .. import clock
from ..config import Config
from . import documents, recorded_corrections
from .accounts import CannotTell, ShopAccounts
from .connections import Connection
from .corrections import Answer, ShopCorrection
from .flows import Flow
from .people import NOBODY, Caller, Door, Holder, Named
from .port import Key
from .recording import Record
from .roots import Roots
from .snapshots import Buyer, CheckoutSnapshot, CustomerSnapshot, Kind, OrderSnapshot, Party


class RecordedShop:
    """The port of a recorded shop; `path` is its SQLite file, made when missing."""

    name = "recorded shop"

    def __init__(self, path: str | Path, config: Config | None = None) -> None:
        self.path = str(path)
        self.marks: dict[int, str] = {}
        self.settings = config or Config(active=True, fill_checkouts=True, checkout_days=90)
        with self._open() as rows, rows:
            rows.execute(
                "CREATE TABLE IF NOT EXISTS state (kind TEXT, key TEXT, sort, document TEXT,"
                " PRIMARY KEY (kind, key)) WITHOUT ROWID"
            )
            rows.execute("CREATE TABLE IF NOT EXISTS outbox (subject, text, recipients)")

    def play(self, records: Iterable[Record]) -> None:
        """Bring the shop into the state after these events."""
        with self._open() as rows, rows:
            for record in records:
                if not record.changed:
                    continue
                if record.document is None:
                    rows.execute(
                        "DELETE FROM state WHERE kind = ? AND key = ?", (record.kind, record.key)
                    )
                    continue
                sort = int(record.key) if record.kind is Kind.CUSTOMER else record.key
                rows.execute(
                    "INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?)",
                    (record.kind, record.key, sort, record.document),
                )

    def config(self) -> Config:
        return self.settings

    def pages(self) -> str:
        return "https://shop.example/plugins/jokkerit.register/"

    def writer(self) -> AbstractContextManager[None]:
        return nullcontext()

    def actor(self, request: object) -> Caller:  # noqa: ARG002 - nobody asks a recording
        return NOBODY

    def customer(self, request: object) -> int | None:  # noqa: ARG002 - nobody asks a recording
        return None

    def people(self) -> list[Holder]:
        return []

    def named(self, keys: Collection[str]) -> dict[str, Named]:  # noqa: ARG002 - as above
        return {}

    def doors(self) -> list[Door]:
        return []

    def flows(self) -> list[Flow]:
        return []

    def connections(self) -> list[Connection]:
        return []

    def connections_of_settings(self) -> list[Connection]:
        return []

    def address(self) -> str:
        return ""

    def dashboards(self) -> tuple[str, ...]:
        return ()

    def end_access(self, holder: str) -> None:
        """Nobody works in a recording."""

    def orders(self, keys: Sequence[UUID], config: Config) -> list[OrderSnapshot]:
        found: list[OrderSnapshot] = self._parse(Kind.ORDER, keys, config)
        return [order for order in found if not config.leaves_out(order.channel, order.gateways)]

    def buyers(self, keys: Sequence[UUID]) -> dict[UUID, Buyer]:
        texts = self._query(
            "SELECT document FROM state WHERE kind = 'order' AND key IN"
            " (SELECT value FROM json_each(?))",
            [json.dumps([str(key) for key in keys])],
        )
        return {
            UUID(one["key"]): Buyer(
                one["email"], one["user"],
                tuple(Party(**one[name]) for name in ("billing", "shipping") if one[name]),
            )
            for one in map(json.loads, texts)
        }  # fmt: skip

    def customers(self, keys: Sequence[int], config: Config) -> list[CustomerSnapshot]:
        return self._parse(Kind.CUSTOMER, keys, config)

    def checkouts(self, keys: Sequence[UUID], config: Config) -> list[CheckoutSnapshot]:
        found: list[CheckoutSnapshot] = self._parse(Kind.CHECKOUT, keys, config)
        return [one for one in found if not config.leaves_out(one.channel)]

    def customers_of_addresses(self, keys: Sequence[int]) -> list[int]:
        return self._query(
            "SELECT DISTINCT s.sort FROM state AS s, json_each(s.document, '$.addresses') AS a"
            " WHERE s.kind = 'customer' AND a.value ->> 'key' IN (SELECT value FROM json_each(?))",
            [json.dumps(list(keys))],
        )

    def order_keys_of_customers(self, keys: Sequence[int], config: Config) -> list[UUID]:
        found = self._query(
            "SELECT key FROM state WHERE kind = 'order' AND document ->> 'user'"
            f" IN (SELECT value FROM json_each(?)) AND {_ORDER}",
            [json.dumps(list(keys)), *_excluded(config)],
        )
        return [UUID(key) for key in found]

    def digests(
        self, kind: Kind, after: Key | None, limit: int, config: Config
    ) -> list[tuple[Key, str]]:
        start = (after if isinstance(after, int) else str(after)) if after is not None else ""
        if kind is Kind.CUSTOMER and after is None:
            start = -1
        keys = self._query(
            "SELECT sort FROM state AS s WHERE kind = ? AND sort > ? AND " + _UNIVERSE[kind] +
            " ORDER BY sort LIMIT ?",
            [kind.value, start, *self._bounds(kind, config), limit],
        )  # fmt: skip
        typed: list[Key] = [key if kind is Kind.CUSTOMER else UUID(key) for key in keys]
        digests = [digest for _, digest in self._documents(kind, typed, config)]
        return list(zip(typed, digests, strict=True))

    def count(self, kind: Kind, config: Config) -> int:
        [found] = self._query(
            "SELECT count(*) FROM state AS s WHERE kind = ? AND " + _UNIVERSE[kind],
            [kind.value, *self._bounds(kind, config)],
        )
        return int(found)

    def accounts(
        self,
        start: datetime,  # noqa: ARG002 - the protocol's
        end: datetime,  # noqa: ARG002 - the protocol's
        config: Config,  # noqa: ARG002 - the protocol's
    ) -> ShopAccounts:
        raise CannotTell("A recorded shop has no tables of its own to compare the books with.")

    def opted_out(self, after: int, limit: int) -> list[int]:
        return self._query(
            "SELECT sort FROM state WHERE kind = 'customer' AND sort > ?"
            " AND document ->> '$.marketing.marketingOptOut' IS NOT NULL"
            " AND NOT (document ->> 'is_staff') ORDER BY sort LIMIT ?",
            [after, limit],
        )

    def last_seen(self, users: Sequence[int]) -> dict[int, datetime]:  # noqa: ARG002
        """Nobody logs in to a recording."""
        return {}

    def roots(self) -> Roots:
        return Roots()

    def stored_files(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        return iter(())

    def stored_file(self, name: str) -> Iterator[bytes]:  # noqa: ARG002 - it stores none
        return iter(())

    def sent(self) -> Iterator[tuple[str, str]]:
        return iter(())

    def named_in(self, text: str) -> set[tuple[str, str]]:  # noqa: ARG002 - nothing is sent
        return set()

    def mark_opt_outs(self, closed: Mapping[int, str]) -> None:
        """Keep the marks, for whoever looks at the recorded shop."""
        self.marks |= closed

    def undelivered(self, orders: Sequence[UUID]) -> dict[UUID, tuple[str, datetime]]:  # noqa: ARG002
        """A recording has no reasons of returns."""
        return {}

    def correct(self, what: ShopCorrection) -> Answer:
        with self._open() as rows, rows:

            def read(kind: Kind, key: object) -> str | None:
                found = rows.execute(
                    "SELECT document FROM state WHERE kind = ? AND key = ?", (kind, str(key))
                ).fetchone()
                return found[0] if found else None

            def write(kind: Kind, key: object, text: str) -> None:
                rows.execute(
                    "UPDATE state SET document = ? WHERE kind = ? AND key = ?",
                    (text, kind, str(key)),
                )

            return recorded_corrections.correct(what, read, write)

    def mark_restricted(self, users: Collection[int]) -> None:
        """Keep the marks, for whoever looks at the recorded shop."""
        self.restricted = set(users)

    def mail(self, subject: str, text: str, to: Sequence[str]) -> None:
        """Keep the mail, for whoever looks at the recorded shop."""
        with self._open() as rows, rows:
            rows.execute(
                "INSERT INTO outbox VALUES (?, ?, ?)", (subject, text, json.dumps(list(to)))
            )

    def outbox(self) -> list[tuple[str, str, list[str]]]:
        """Return the mails that were sent: subject, text and recipients."""
        with self._open() as rows:
            found = rows.execute("SELECT subject, text, recipients FROM outbox").fetchall()
        return [(subject, text, json.loads(to)) for subject, text, to in found]

    def _bounds(self, kind: Kind, config: Config) -> list[str]:
        young = (clock.now() - timedelta(days=config.checkout_days)).isoformat()
        return {
            Kind.ORDER: _excluded(config),
            Kind.CUSTOMER: [*_excluded(config), young],
            Kind.CHECKOUT: [*_excluded(config)[:1], young],
        }[kind]

    def _parse(self, kind: Kind, keys: Sequence[Key], config: Config) -> list[Any]:
        return documents.parse(kind, self._documents(kind, keys, config))

    def _documents(self, kind: Kind, keys: Sequence[Key], config: Config) -> list[tuple[str, str]]:
        with self._open() as rows:
            texts = rows.execute(
                "SELECT document FROM state WHERE kind = ? AND key IN"
                " (SELECT value FROM json_each(?)) ORDER BY sort",
                (kind, json.dumps([str(key) for key in keys])),
            ).fetchall()
        return [(text, documents.digest(config.scope, text)) for (text,) in texts]

    def _query(self, sql: str, params: Sequence[object]) -> list[Any]:
        with self._open() as rows:
            return [row[0] for row in rows.execute(sql, params)]

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        rows = sqlite3.connect(self.path, timeout=30)
        # A recording can be played again: what a power cut takes is not worth waiting for the disk.
        rows.execute("PRAGMA synchronous = OFF")
        return closing(rows)


def _excluded(config: Config) -> list[str]:
    return [json.dumps(names) for names in config.others.values()]


_CHANNEL = "document ->> 'channel' NOT IN (SELECT value FROM json_each(?))"
_ORDER = (
    f"{_CHANNEL} AND NOT EXISTS (SELECT 1 FROM json_each(document, '$.gateways') AS used"
    " WHERE used.value IN (SELECT value FROM json_each(?)))"
)
_UNIVERSE = {
    Kind.ORDER: _ORDER,
    Kind.CHECKOUT: f"{_CHANNEL} AND document ->> 'changed_at' > ?",
    Kind.CUSTOMER: (
        f"(EXISTS (SELECT 1 FROM state AS o WHERE o.kind = 'order' AND {_ORDER}"
        " AND o.document ->> 'user' = s.sort)"
        " OR (NOT (s.document ->> 'is_staff') AND s.document ->> 'changed_at' > ?))"
    ),
}
