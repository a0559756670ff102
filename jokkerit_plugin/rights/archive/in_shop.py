"""What the shop's own tables hold of a person: the columns that its eraser claims, and their rows.

Rows are found by the foreign keys that the database knows (as the proof does), by mailbox where
nothing else says whose they are, and by full name where staff's events say nothing but that
(`shop.roots.Roots`). The same reaches an erasure, so that what is erased is in the copy. Left out
is what is somebody else's by article 15(4): a row of another's order or account, a cart from a
mailbox that several use with another's name on it, the other side of a gift card.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ...models import Customer, Purchase
from ...register.rows import fetch
from ...retention.proof import columns
from ...retention.proof.ties import Ties
from ...shop import erasers
from ...shop.port import shop
from . import sent
from .held import Held
from .whose import Whose, mailboxes_of, names_of, purchases_of

#: Orders of the shop whose rows are read at a time.
ORDERS = 500
#: Rows of the shop in memory.
ROWS = 2000
#: Of no use to the person, of much to a thief of the copy: what a password or a token is checked
#: by, and what the shop shows the receivers of its webhooks. The copy says that it is there.
WITHHELD = {
    ("account_user", "password"), ("account_user", "jwt_token_key"),
    ("core_eventdeliveryattempt", "request_headers"),
    ("core_eventdeliveryattempt", "response_headers"),
}  # fmt: skip
NOT_SHOWN = "(not shown)"

#: Keys by table, of a page of a person's orders; the first page has the account too.
Page = Mapping[str, Sequence[str]]


def of_shop(whose: Whose) -> list[Held]:
    """Return the tables that may hold something of the person; none without a shop."""
    eraser = erasers.eraser()
    if eraser is None:
        return []
    tables = columns.searchable()[0]
    reader, found = _Reader(whose, tables), []
    stored = shop().roots().stored
    for one in tables:
        names = [each.name for each in one.columns if eraser.part_of(one.name, each.name)]
        if names and len(one.key) == 1:
            rows = partial(reader.rows, one, names)
            files = tuple(name for name in names if f"{one.name}.{name}" in stored)
            found.append(Held(one.name, (one.key[0], *names), rows, files=files))
    return found


@dataclass(frozen=True, slots=True)
class _Mailbox:
    """A column, or a key of its JSON object, that says by e-mail whose a row `t` is."""

    column: str
    key: str
    #: The foreign key that says it better, or "".
    owner: str

    @property
    def text(self) -> str:
        name = f"t.{columns.quoted(self.column)}"
        return f"lower({name} ->> '{self.key}')" if self.key else f"lower({name})"

    @property
    def ours(self) -> str:
        """SQL: the person's, by mailbox or by account."""
        same = f"{self.text} = ANY(%(mailboxes)s)"
        if not self.owner:
            return same
        owner = f"t.{columns.quoted(self.owner)}"
        return f"({owner} IS NULL AND {same} OR {owner}::text = ANY(%(accounts)s))"

    @property
    def nobodys(self) -> str:
        empty = f"coalesce({self.text}, '') = ''"
        return f"{empty} AND t.{columns.quoted(self.owner)} IS NULL" if self.owner else empty


class _Reader:
    """Reads the shop's tables by what ties their rows to the person."""

    def __init__(self, whose: Whose, tables: Sequence[columns.Table]) -> None:
        self.shop = shop().roots()
        self.pages: list[Page] = list(_pages(whose))
        accounts = list(self.pages[0].get(self.shop.accounts, ()))
        mailboxes, names = mailboxes_of(whose), names_of(whose)
        self.values: dict[str, object] = {
            "accounts": accounts, "mailboxes": mailboxes, "names": names,
            # One word alone is somebody else's name too.
            "texts": [*mailboxes, *(name for name in names if " " in name)],
        }  # fmt: skip
        self.ties = Ties(without=self.shop.handled)
        also = {}
        known = {one.name: one for one in tables}
        first = dict(self.pages[0])
        for name, key in self.shop.between.items():
            if name in known:
                also[name] = key
                first[name] = sorted(set().union(*self._of_pages(known[name])))
        self.pages[0] = first
        if self.shop.sent[0] in known:
            also |= dict([self.shop.sent])
            theirs = {(name, key) for page in self.pages for name in page for key in page[name]}
            # They tell of the account, too: of who is proved for some purchases none are given.
            whole = whose.purchases is None
            first[self.shop.sent[0]] = (
                sent.about(theirs, whose.customer, mailboxes) if whole else []
            )
        self.ties = Ties(also=also, without=self.shop.handled)

    def rows(self, one: columns.Table, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a table: its key, and these columns as text."""
        mails = self._mails(one)
        vectors = {each.name for each in one.columns if each.is_vector}
        shown = ", ".join(_shown(one.name, name, mails, vectors) for name in names)
        # As it is, and no text: else its index would be of no use.
        key = f"t.{columns.quoted(one.key[0])}"
        sql = f"SELECT {key}::text, {shown} FROM {one.sql} t WHERE {key} = ANY(%(keys)s) ORDER BY 1"
        for found in self._of_pages(one):
            keys = sorted(found)
            for at in range(0, len(keys), ROWS):
                yield from fetch(sql, {**self.values, "keys": keys[at : at + ROWS]})

    def _of_pages(self, one: columns.Table) -> Iterator[set[str]]:
        """Yield the keys of a table's rows, those of each page of orders but once."""
        seen: set[str] = set()
        for number, page in enumerate(self.pages):
            keys = self._tied(one, page)
            if not number:
                keys |= self._said(one)
            yield keys - seen
            # An address of the account's, a gift card, is met again with other orders.
            seen |= keys

    def _tied(self, one: columns.Table, page: Page) -> set[str]:
        """Return the keys of rows that belong to these roots, and to no one else's order."""
        tied = self.ties.tied(page, [one])
        keys = {key for tables in tied.values() for key in tables.get(one.name, ())}
        if keys and one.name not in self.ties.roots:
            orders = set(page.get(self.shop.orders, ()))
            for key, owners in self.ties.owners(one, sorted(keys)).items():
                theirs = {each.key for each in owners if each.table == self.shop.orders}
                if theirs and theirs.isdisjoint(orders):
                    keys.discard(key)
        if keys and (of_others := self.shop.of_others.get(one.name)):
            keys -= self._where(one, f"({of_others}) AND {{key}} = ANY(%(keys)s)", sorted(keys))
        return keys

    def _said(self, one: columns.Table) -> set[str]:
        """Return the keys of rows that name the person, and refer to nobody."""
        found: set[str] = set()
        for mail in self._mails(one) if self.values["mailboxes"] else ():
            where = mail.ours
            if names := self.shop.names.get(one.name):
                where += (
                    f" AND NOT EXISTS (SELECT FROM ({names}) AS n(name)"
                    " WHERE n.name <> '' AND n.name <> ALL(%(names)s))"
                )
            found |= self._where(one, where)
        if (text := self.shop.texts.get(one.name)) and self.values["texts"]:
            column, _, key = text.partition(".")
            where = f"{_Mailbox(column, key, '').text} = ANY(%(texts)s)"
            found |= self._where(one, f"{where} AND ({self.shop.of_others.get(one.name, 'true')})")
        return found

    def _where(self, one: columns.Table, where: str, keys: Collection[str] = ()) -> set[str]:
        key = f"t.{columns.quoted(one.key[0])}"
        sql = f"SELECT {key}::text FROM {one.sql} t WHERE {where.replace('{key}', key)}"
        return {key for (key,) in fetch(sql, {**self.values, "keys": list(keys)})}

    def _mails(self, one: columns.Table) -> list[_Mailbox]:
        """Return what says by e-mail whose a row is, as far as this shop has the columns."""
        there = {each.name for each in one.columns}
        found = []
        for place, owner in self.shop.mailboxes.get(one.name, {}).items():
            column, _, key = place.partition(".")
            if column in there:
                found.append(_Mailbox(column, key, owner))
        return found


def _shown(table: str, name: str, mails: Sequence[_Mailbox], vectors: Collection[str]) -> str:
    column = f"t.{columns.quoted(name)}"
    if (table, name) in WITHHELD:
        return f"CASE WHEN {column}::text <> '' THEN '{NOT_SHOWN}' END"
    own = [one for one in mails if one.column == name]
    if own and not own[0].key:
        return f"CASE WHEN {own[0].ours} THEN {column} END"
    if own:
        for one in own:
            other = f"jsonb_typeof({column}) = 'object' AND NOT ({one.nobodys} OR {one.ours})"
            column = f"CASE WHEN {other} THEN ({column}) - '{one.key}' ELSE {column} END"
        return f"({column})::text"
    if name in vectors and mails:
        # It is made of both sides.
        alone = " AND ".join(f"({one.nobodys} OR {one.ours})" for one in mails)
        return f"CASE WHEN {alone} THEN {column}::text END"
    return f"{column}::text"


def _pages(whose: Whose) -> Iterator[Page]:
    rows = Purchase.objects.filter(pk__in=purchases_of(whose), absent_since=None)
    orders = [str(one) for one in rows.order_by("pk").values_list("saleor_order", flat=True)]
    users: list[int] = []
    if whose.purchases is None:
        account = Customer.objects.filter(pk=whose.customer, account_gone_at=None)
        users = [user for user in account.values_list("saleor_user", flat=True) if user]
        users += [whose.account] if whose.account else []
    roots = shop().roots()
    for at in range(0, max(len(orders), 1), ORDERS):
        yield roots.keys([] if at else users, orders[at : at + ORDERS])
