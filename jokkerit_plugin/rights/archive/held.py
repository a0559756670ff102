"""What the register holds of a person, table by table: the map that erasing uses.

`policy.parts.FIELDS` says which fields go with somebody; it is read here too, so a field that is
erased is in the copy, and a new one cannot be forgotten in one of the two. Of the shop: `in_shop`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from django.apps import apps
from django.db.models import Model

from ...models import (
    Correction,
    Customer,
    Export,
    ExportChunk,
    Purchase,
    Voucher,
)
from ...policy.fields import CLAIMS
from ...policy.parts import FIELDS, Part
from ...register import corrections
from ...register.rows import fetch, stream, table
from .whose import Whose, mailboxes_of, names_of, purchases_of

#: Of the register: how rows `t` are the customer's, or of a purchase of theirs.
_OF_CUSTOMER = {"Customer": "id", "SearchWords": "customer_id", "KnownIdentifier": "customer_id",
                "PostalAddress": "customer_id", "Correction": "customer_id",
                "SiteLine": "customer", "IncidentLine": "customer"}  # fmt: skip
#: Lines of the site log go by a clock of their own, and are the person's all the same.
LINES = ("SiteLine", "IncidentLine")
_ACCOUNT = (
    f"SELECT saleor_user FROM {table(Customer)} WHERE id = %(customer)s AND account_gone_at IS NULL"
)
#: With those that nobody has linked yet (`sitelog.links`).
_LINES = (
    f"t.customer = %(customer)s OR t.customer IS NULL AND (t.saleor_user = ({_ACCOUNT})"
    " OR t.saleor_user IS NULL AND t.checkout IN (SELECT checkout_token"
    f" FROM {table(Purchase)} WHERE customer_id = %(customer)s AND checkout_token <> ''))"
)
#: Written as files.
_FILES = {"ExportChunk"}
#: Keys and dates that make the rest readable.
ALSO = {
    "Customer": "id entered_at account_gone_at",
    "KnownIdentifier": "kind first_at last_at",
    "PostalAddress": "id in_book default_billing default_shipping first_used_at last_used_at",
    "Correction": "id field at", "VoucherNote": "purchase at",
    "Purchase": "id billing_address shipping_address",
    "PurchaseLine": "purchase", "Delivery": "purchase", "Movement": "purchase",
    "Invoice": "purchase", "Posting": "purchase", "Voucher": "purchase code",
    # By its own clock, and so in no part.
    "Trace": "id kind changed_at first_name last_name company_name street_1 street_2 postal_code"
    " city city_area country_area country phone email language",
    "BilledLine": "purchase",
}  # fmt: skip

#: What refers to a customer and is a list of `about` or `dealings`, by the list's name.
LISTED = {
    "Affected": "breaches", "CorrectionTask": "errors", "Hold": "holds",
    "MarketingEvent": "marketing", "Notice": "notices", "Request": "requests",
    "Restriction": "restrictions", "Telling": "tellings", "TransferRequest": "transfers",
}  # fmt: skip
#: What refers to a customer and is not in the copy, and why.
NOT_OF_THE_PERSON = {
    "Certificate": "What a search after an erasure found: keys and numbers.",
    "FormerCustomer": "The key that a guest had before, which tells nothing but that.",
    "Incident": "Why lines of the site log are held, in the controller's words: they are in it.",
    "ProofTicket": "What is looked for after an erasure: sealed, and gone within 24 hours.",
}


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
    #: Of the shop: those of the columns that name a stored file.
    files: tuple[str, ...] = ()


Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list with the heads of its columns: names for programs, titles for people."""

    name: str
    names: Row
    rows: Iterator[Row]


def of_register(whose: Whose) -> list[Held]:
    """Return the register's tables, those of the person first."""
    found = []
    mine, called = mailboxes_of(whose), names_of(whose)
    for name in _models():
        model: type[Model] = apps.get_model("jokkerit_plugin", name)
        if (
            name in {*_OF_CUSTOMER, "Trace"}
            and whose.purchases is not None
            and name != "PostalAddress"
        ):
            # Who the customer is as a whole is not proved: only these purchases are.
            continue
        wanted = [*ALSO.get(name, "").split(), *_claimed(name)]
        fields = [model._meta.get_field(one) for one in dict.fromkeys(wanted)]
        columns_ = tuple(str(getattr(one, "column", "")) for one in fields)
        select = f"SELECT {', '.join(f't.{_cast(one)}' for one in fields)} FROM {table(model)} t"
        order = f"ORDER BY t.{model._meta.pk.column}"
        sql = f"{select} WHERE {_condition(name, whose)} {order}"
        few = partial(_few, f"{select} WHERE t.{columns_[0]} = ANY(%s) {order}")
        values = {"customer": whose.customer, "purchases": list(whose.purchases or ()),
                  "mailboxes": mine, "names": called, "account": whose.account or 0}  # fmt: skip
        rows = partial(stream, f"copy_{name}", sql, values)
        if name == "Correction":
            rows = partial(_opened, rows, columns_.index("sealed"))
        found.append(Held(name, columns_, rows, name, few))
    return found


def _opened(rows: Callable[[], Iterator[tuple[Any, ...]]], at: int) -> Iterator[tuple[Any, ...]]:
    """Yield corrections (key first) with what was wrong, and why, to be read. Raises `NoKey`."""
    for row in rows():
        was, why = corrections.unseal(Correction.objects.get(pk=row[0]))
        lines = [f"{name}: {text}" for name, text in was.items() if text]
        yield (*row[:at], "\n".join([*lines, why]).strip(), *row[at + 1 :])


def _few(sql: str, keys: list[int]) -> list[tuple[Any, ...]]:
    return fetch(sql, [keys])


def invoices(whose: Whose) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield name and pieces of the invoices as files that name the person."""
    purchases = purchases_of(whose)
    for pk, name in fetch(
        f"SELECT e.id, e.filename FROM {table(Export)} e WHERE e.format = 'finvoice'"
        " AND e.filename IN (SELECT 'finvoice-' || code || unnest('{.xml,-corrected.xml}'::text[])"
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
    return list(dict.fromkeys([*names, "Trace", *LINES]))


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
    if name == "Trace":
        return (
            f"t.saleor_user = ({_ACCOUNT}) OR t.saleor_user = %(account)s"
            " OR t.saleor_user IS NULL"
            " AND lower(t.email) = ANY(%(mailboxes)s) AND"
            " lower(btrim(t.first_name || ' ' || t.last_name)) IN"
            " (SELECT '' UNION SELECT unnest(%(names)s::text[]))"
        )
    if name in LINES:
        return _LINES if whose.customer else "t.customer IS NULL AND t.saleor_user = %(account)s"
    if name in _OF_CUSTOMER:
        return f"t.{_OF_CUSTOMER[name]} = %(customer)s"
    return f"t.purchase_id IN ({purchases})"


def paged(rows: Iterator[tuple[Any, ...]], size: int) -> Iterator[list[tuple[Any, ...]]]:
    """Cut rows into lists of `size` at most."""
    while page := list(islice(rows, size)):
        yield page
