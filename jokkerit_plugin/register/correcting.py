"""Corrects the register's own rows of a customer: name, e-mail, phone and addresses.

A name or phone that stands on the customer's addresses as well is corrected there, too; an
address with another name on it is another person's to receive at, and keeps it. What bookkeeping
rests on (the party of a purchase) is not touched here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ..models import Customer, FormerCustomer, KnownIdentifier, PostalAddress, Purchase
from ..policy.corrections import Field
from ..shop.snapshots import Party
from . import search
from .addresses import FIELDS, fingerprint
from .identifiers import EMAIL, PHONE
from .identity import Identity, normalise_email, normalise_phone
from .locks import Lock, lock
from .rows import execute, fetch, table

_NAME = (Field.FIRST_NAME, Field.LAST_NAME)


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is wrong of a customer, by column, and what is right.

    Of an address `place` is its key, and all columns are there; of a text one is, and what else
    tells what it was (the other name).
    """

    field: Field
    was: Mapping[str, str]
    right: Mapping[str, str]
    place: int | None = None

    @property
    def wrong(self) -> str:
        """Fingerprint of an address that is wrong; of a text empty."""
        return fingerprint(Party(**self.was)) if self.place is not None else ""


def locked(customer: int) -> Customer | None:
    """Lock a customer as the intake does, and return the row; in a transaction.

    Of a guest who went up in another it is the heir; None: nobody's.

    The advisory lock comes first: whoever holds the row's lock and waits for it would stop the
    intake, which takes them in this order.
    """
    while True:
        rows = Customer.objects.filter(pk=customer).values_list("saleor_user", "guest_email")
        found = rows.first()
        if found is None:
            heirs = FormerCustomer.objects.filter(pk=customer).values_list("customer", flat=True)
            if (heir := heirs.first()) is None:
                return None
            customer = heir
            continue
        lock(Lock.IDENTITY, [str(Identity(found[0] or 0, found[1] or ""))])
        row = Customer.objects.select_for_update(no_key=True).filter(pk=customer).first()
        if row is not None and (row.saleor_user, row.guest_email) == found:
            return row


def plan(
    row: Customer, texts: Mapping[Field, str], addresses: Mapping[int, Mapping[str, str]]
) -> list[Change]:
    """Return what there is to change; nothing for what is so already.

    `addresses`: key of the register's address to what is right of it, by column. The customer is
    `locked`. Raises `KeyError` with the key of an address that is not the customer's.
    """
    places = {
        place.pk: Party(*(getattr(place, name) for name in FIELDS))
        for place in row.addresses.order_by("pk")
    }
    wanted = dict(texts)
    for key, given in addresses.items():
        before = places[key].phone
        if "phone" in given and before and _digits(before) == _digits(row.phone):
            wanted.setdefault(Field.PHONE, given["phone"])
    made = [
        Change(field, _text(row, field), {field.value: right})
        for field, right in wanted.items()
        if right != getattr(row, field)
    ]
    changed = {one.field for one in made}
    for key, said in places.items():
        right = replace(_carried(row, said, wanted, changed), **addresses.get(key, {}))
        if fingerprint(right) != fingerprint(said):
            columns = {name: (getattr(said, name), getattr(right, name)) for name in FIELDS}
            was = {name: pair[0] for name, pair in columns.items()}
            made.append(
                Change(Field.ADDRESS, was, {name: pair[1] for name, pair in columns.items()}, key)
            )
    return made


def _text(row: Customer, field: Field) -> dict[str, str]:
    # Of a name both halves: in full it is found where somebody else's half would be, too.
    names = _NAME if field in _NAME else (field,)
    return {name.value: str(getattr(row, name)) for name in names}


def _carried(row: Customer, said: Party, wanted: Mapping[Field, str], changed: set[Field]) -> Party:
    """Return an address with the name and phone that are right, where it has the customer's."""
    right = said
    if (said.first_name, said.last_name) == (row.first_name, row.last_name):
        names = {one.value: wanted[one] for one in _NAME if one in changed}
        right = replace(right, **names)
        if Field.PHONE in changed and not said.phone and not row.phone:
            right = replace(right, phone=wanted[Field.PHONE])
    if Field.COMPANY_NAME in changed and row.company_name == said.company_name != "":
        right = replace(right, company_name=wanted[Field.COMPANY_NAME])
    if Field.PHONE in changed and said.phone and _digits(said.phone) == _digits(row.phone):
        right = replace(right, phone=wanted[Field.PHONE])
    return right


def apply(row: Customer, changes: list[Change], at: datetime) -> None:
    """Write the changes of a `locked` customer, and what finds them."""
    texts = {name: value for one in changes if one.place is None for name, value in
             one.right.items()}  # fmt: skip
    if texts:
        Customer.objects.filter(pk=row.pk).update(**texts)
    for one in changes:
        if one.place is not None:
            _move(row.pk, one.place, one.right)
    _identify(row.pk, changes, at)
    search.write([row.pk])


def _move(customer: int, place: int, right: Mapping[str, str]) -> None:
    """Correct an address where it stands, or let it go up in one that is so already."""
    mark = fingerprint(Party(**right))
    same = PostalAddress.objects.filter(customer=customer, fingerprint=mark).exclude(pk=place)
    other = same.select_for_update(no_key=True).values_list("pk", flat=True).first()
    if other is None:
        PostalAddress.objects.filter(pk=place).update(fingerprint=mark, **right)
        return
    for column in ("billing_address_id", "shipping_address_id"):
        execute(f"UPDATE {table(Purchase)} SET {column} = %s WHERE {column} = %s", [other, place])
    execute(
        f"UPDATE {table(PostalAddress)} AS a SET in_book = a.in_book OR old.in_book,"
        " default_billing = a.default_billing OR old.default_billing,"
        " default_shipping = a.default_shipping OR old.default_shipping,"
        " first_used_at = LEAST(a.first_used_at, old.first_used_at),"
        " last_used_at = GREATEST(a.last_used_at, old.last_used_at)"
        f" FROM {table(PostalAddress)} AS old WHERE a.id = %s AND old.id = %s",
        [other, place],
    )
    execute(f"DELETE FROM {table(PostalAddress)} WHERE id = %s", [place])


def _identify(customer: int, changes: list[Change], at: datetime) -> None:
    """Let nobody be found by what was wrong, and the customer by what is right."""
    was = {pair for one in changes for pair in _identifiers(one.was)}
    rows = fetch(
        f"SELECT 'email', email FROM {table(Customer)} WHERE id = %(id)s"
        f" UNION SELECT 'phone', phone FROM {table(Customer)} WHERE id = %(id)s"
        f" UNION SELECT 'phone', phone FROM {table(PostalAddress)} WHERE customer_id = %(id)s",
        {"id": customer},
    )
    now = {pair for kind, value in rows for pair in _identifiers({kind: value})}
    wrong = sorted(was - now)
    execute(
        f"UPDATE {table(KnownIdentifier)} AS known SET wrong_at = %s,"
        " last_at = coalesce(last_at, GREATEST(first_at, %s))"
        " FROM unnest(%s::text[], %s::text[]) AS wrong(kind, value) WHERE customer_id = %s"
        " AND known.kind = wrong.kind AND known.value = wrong.value",
        [at, at, [kind for kind, _ in wrong], [value for _, value in wrong], customer],
    )
    right = sorted({pair for one in changes for pair in _identifiers(one.right)})
    execute(
        f"INSERT INTO {table(KnownIdentifier)} (customer_id, kind, value, first_at, last_at)"
        " SELECT %s, kind, value, %s, %s FROM unnest(%s::text[], %s::text[]) AS new(kind, value)"
        " ON CONFLICT (customer_id, kind, value) DO UPDATE SET wrong_at = NULL",
        [customer, at, at, [kind for kind, _ in right], [value for _, value in right]],
    )


def _identifiers(said: Mapping[str, str]) -> set[tuple[str, str]]:
    found = {(EMAIL, normalise_email(said.get("email", "")))}
    found.add((PHONE, normalise_phone(said.get("phone", ""))))
    return {(kind, value) for kind, value in found if value}


def _digits(phone: str) -> str:
    return normalise_phone(phone)
