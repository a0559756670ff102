"""What the register and the shop hold of a person, table by table: the map that the erasers use.

Of the register `policy.parts.FIELDS` says which fields go with somebody, of the shop
`shop.erasers.ShopEraser.part_of`. Both are read here too, so a field that is erased is in the
copy, and a new one cannot be forgotten in one of the two.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from django.apps import apps
from django.db.models import Model

from ...models import Customer, Export, ExportChunk, Purchase, Request, Voucher
from ...policy.fields import CLAIMS
from ...policy.parts import FIELDS, Part
from ...register import subjects
from ...register.rows import fetch, stream, table
from ...retention.proof import columns
from ...retention.proof.ties import Ties
from ...shop import erasers
from ...shop.port import shop

#: Orders of the shop whose rows are read at a time.
ORDERS = 500
#: Rows of the shop in memory.
ROWS = 2000
#: What the shop keeps to check a password or a token by: of no use to the person, of much to a
#: thief of the copy. The copy says that it is there.
WITHHELD = {("account_user", "password"), ("account_user", "jwt_token_key")}
NOT_SHOWN = "(not shown)"

#: Of the register: how rows `t` are the customer's, or of a purchase of theirs.
_OF_CUSTOMER = {"Customer": "id", "SearchWords": "customer_id", "KnownIdentifier": "customer_id",
                "PostalAddress": "customer_id", "SiteLine": "customer",
                "IncidentLine": "customer"}  # fmt: skip
#: Lines of the site log go by a clock of their own, and are the person's all the same.
LINES = ("SiteLine", "IncidentLine")
#: Written as files.
_FILES = {"ExportChunk"}
#: Keys and dates that make the rest readable.
ALSO = {
    "Customer": "id entered_at account_gone_at",
    "KnownIdentifier": "kind first_at last_at",
    "PostalAddress": "id in_book default_billing default_shipping first_used_at last_used_at",
    "Purchase": "id billing_address shipping_address",
    "PurchaseLine": "purchase", "Delivery": "purchase", "Movement": "purchase",
    "Invoice": "purchase", "Posting": "purchase", "Voucher": "purchase code",
    "BilledLine": "purchase",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Whose:
    """Whom a copy is for. `purchases` None: everything; else these alone, and who is in them."""

    customer: int
    purchases: tuple[int, ...] | None = None

    @classmethod
    def of(cls, row: Request) -> "Whose":
        """Return whom a request reaches."""
        if row.customer is None:
            raise ValueError("a request of nobody known")
        return cls(row.customer, None if row.purchases is None else tuple(row.purchases))


@dataclass(frozen=True, slots=True)
class Held:
    """One table: its columns, and what reads its rows, a page in memory; in a transaction.

    `model`: of the register; of the shop empty.
    """

    name: str
    columns: tuple[str, ...]
    rows: Callable[[], Iterator[tuple[Any, ...]]]
    model: str = ""
    #: Of the register, what belongs to purchases: reads the rows of these alone.
    of: Callable[[list[int]], list[tuple[Any, ...]]] = lambda _: []


def of_register(whose: Whose) -> list[Held]:
    """Return the register's tables, those of the person first."""
    found = []
    for name in _models():
        model: type[Model] = apps.get_model("jokkerit_plugin", name)
        if name in _OF_CUSTOMER and whose.purchases is not None and name != "PostalAddress":
            # Who the customer is as a whole is not proved: only these purchases are.
            continue
        names = [*ALSO.get(name, "").split(), *_claimed(name)]
        fields = [model._meta.get_field(one) for one in dict.fromkeys(names)]
        columns_ = tuple(str(getattr(one, "column", "")) for one in fields)
        select = f"SELECT {', '.join(f't.{_cast(one)}' for one in fields)} FROM {table(model)} t"
        order = f"ORDER BY t.{model._meta.pk.column}"
        sql = f"{select} WHERE {_condition(name, whose)} {order}"
        few = partial(_few, f"{select} WHERE t.{columns_[0]} = ANY(%s) {order}")
        values = {"customer": whose.customer, "purchases": list(whose.purchases or ())}
        rows = partial(stream, f"copy_{name}", sql, values)
        found.append(Held(name, columns_, rows, name, few))
    return found


def _few(sql: str, keys: list[int]) -> list[tuple[Any, ...]]:
    return fetch(sql, [keys])


def of_shop(whose: Whose) -> list[Held]:
    """Return the shop's own tables that may hold something of the person; none without a shop."""
    eraser = erasers.eraser()
    if eraser is None:
        return []
    reader = _Reader(Ties(), _roots(whose))
    found = []
    for one in columns.searchable()[0]:
        names = [each.name for each in one.columns if eraser.part_of(one.name, each.name)]
        if names and len(one.key) == 1:
            found.append(Held(one.name, (one.key[0], *names), partial(reader.rows, one, names)))
    return found


@dataclass(frozen=True, slots=True)
class _Roots:
    """A page of a person's roots in the shop; the first has the account and its mailboxes."""

    keys: Mapping[str, Sequence[str]]
    mailboxes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the shop's tables by what ties their rows to the person."""

    ties: Ties
    pages: Sequence[_Roots]

    def rows(self, one: columns.Table, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a table: its key, and these columns as text."""
        by_mail = self._by_mail(one)
        key = columns.quoted(one.key[0])
        mailboxes = [text.lower() for text in self.pages[0].mailboxes]
        sql = (
            f"SELECT {key}::text, {', '.join(_shown(one.name, name, by_mail) for name in names)}"
            f" FROM {one.sql} WHERE {key}::text = ANY(%(keys)s) ORDER BY 1"
        )
        seen: set[str] = set()
        for roots in self.pages:
            keys = sorted(self._keys(one, roots) - seen)
            # An address of the account's is met again with each page of orders.
            seen.update(keys)
            for at in range(0, len(keys), ROWS):
                yield from fetch(sql, {"keys": keys[at : at + ROWS], "mailboxes": mailboxes})

    def _keys(self, one: columns.Table, roots: _Roots) -> set[str]:
        """Return the keys of rows that belong to these roots, and to no one else's order."""
        tied = self.ties.tied(roots.keys, [one])
        keys = {key for tables in tied.values() for key in tables.get(one.name, ())}
        if keys and one.name not in self.ties.roots:
            orders = set(roots.keys.get(self.ties.shop.orders, ()))
            for key, owners in self.ties.owners(one, sorted(keys)).items():
                theirs = {each.key for each in owners if each.table == self.ties.shop.orders}
                # An event of an order that the person handled as staff is another customer's.
                if theirs and theirs.isdisjoint(orders):
                    keys.discard(key)
        for column in self._by_mail(one) if roots.mailboxes else ():
            found = fetch(
                f"SELECT {columns.quoted(one.key[0])}::text FROM {one.sql}"
                f" WHERE lower({columns.quoted(column)}) = ANY(%s)",
                [[text.lower() for text in roots.mailboxes]],
            )
            keys |= {key for (key,) in found}
        return keys

    def _by_mail(self, one: columns.Table) -> list[str]:
        """Return the columns that say by an e-mail whose a row is, as far as this shop has them."""
        named = self.ties.shop.mailboxes.get(one.name, ())
        return [each.name for each in one.columns if each.name in named]


def _shown(table_: str, name: str, by_mail: Collection[str]) -> str:
    column = columns.quoted(name)
    if (table_, name) in WITHHELD:
        return f"CASE WHEN {column}::text <> '' THEN '{NOT_SHOWN}' END"
    if name in by_mail:
        # A gift card names who bought it and who used it: the other one is somebody else.
        return f"CASE WHEN lower({column}) = ANY(%(mailboxes)s) THEN {column} END"
    return f"{column}::text"


def invoices(whose: Whose) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield name and pieces of the invoices as files that name the person."""
    purchases = _purchases(whose)
    for pk, name in fetch(
        f"SELECT e.id, e.filename FROM {table(Export)} e WHERE e.format = 'finvoice'"
        " AND e.filename IN (SELECT 'finvoice-' || code || '.xml'"
        f" FROM {table(Voucher)} WHERE purchase_id = ANY(%(purchases)s)) ORDER BY e.id",
        {"purchases": list(purchases)},
    ):
        yield name, _pieces(pk)


def _pieces(export: int) -> Iterator[bytes]:
    for (data,) in stream(
        f"copy_export_{export}",
        f"SELECT data FROM {table(ExportChunk)} WHERE export_id = %s ORDER BY number",
        [export], page=4,
    ):  # fmt: skip
        yield bytes(data)


def _models() -> list[str]:
    names = [name for part in Part for name in FIELDS[part] if name not in _FILES]
    return list(dict.fromkeys([*names, *LINES]))


def _claimed(name: str) -> list[str]:
    if name in LINES:
        return [one for one, claim in CLAIMS[name].items() if claim]
    return [one for part in Part for one in FIELDS[part].get(name, "").split()]


def _cast(one: Any) -> str:
    text = f'"{one.column}"'
    return f"{text}::text" if one.get_internal_type() in {"Words", "Field", "JSONField"} else text


def _condition(name: str, whose: Whose) -> str:
    purchases = f"SELECT id FROM {table(Purchase)} WHERE customer_id = %(customer)s" + (
        "" if whose.purchases is None else " AND id = ANY(%(purchases)s)"
    )
    if name == "Purchase":
        return f"t.id IN ({purchases})"
    if name == "PostalAddress" and whose.purchases is not None:
        return (
            "t.customer_id = %(customer)s AND t.id IN (SELECT unnest(ARRAY[billing_address_id,"
            f" shipping_address_id]) FROM {table(Purchase)} WHERE id IN ({purchases}))"
        )
    if name in _OF_CUSTOMER:
        return f"t.{_OF_CUSTOMER[name]} = %(customer)s"
    return f"t.purchase_id IN ({purchases})"


def _purchases(whose: Whose) -> list[int]:
    rows = Purchase.objects.filter(customer=whose.customer)
    if whose.purchases is not None:
        rows = rows.filter(pk__in=whose.purchases)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _roots(whose: Whose) -> tuple[_Roots, ...]:
    """Return the account with the first page of orders, and then the other pages."""
    rows = Purchase.objects.filter(pk__in=_purchases(whose), absent_since=None)
    orders = [str(one) for one in rows.order_by("pk").values_list("saleor_order", flat=True)]
    pages = [orders[at : at + ORDERS] for at in range(0, len(orders), ORDERS)] or [[]]
    users: list[int] = []
    mailboxes: list[str] = []
    if whose.purchases is None:
        account = Customer.objects.filter(pk=whose.customer, account_gone_at=None)
        users = [user for user in account.values_list("saleor_user", flat=True) if user]
        mailboxes = subjects.emails([whose.customer]).get(whose.customer, [])
    return tuple(
        _Roots(shop().roots().keys([] if number else users, page), () if number else mailboxes)
        for number, page in enumerate(pages)
    )


def paged(rows: Iterator[tuple[Any, ...]], size: int) -> Iterator[list[tuple[Any, ...]]]:
    """Cut rows into lists of `size` at most."""
    while page := list(islice(rows, size)):
        yield page
