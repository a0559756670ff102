"""Of whom the register holds data of some kinds: customers, and people in traces who are none."""

from typing import Any

from django.db import models

from ...models import BreachSearch, Customer, KnownIdentifier, PostalAddress, Purchase, Trace
from ...policy.categories import Category
from ...policy.fields import CLAIMS, IDENTIFIERS
from ...register.rows import fetch, table

#: What holds a customer's data, and the column that says whose it is.
_OWNERS: dict[type[models.Model], str] = {
    Customer: "id",
    KnownIdentifier: "customer_id",
    PostalAddress: "customer_id",
    Purchase: "customer_id",
}


def customers(one: BreachSearch) -> tuple[str, dict[str, Any]]:
    """Return the statement of a search of what is held: customer and categories."""
    kinds = [Category(name) for name in one.categories.split()]
    parts = [sql for kind in kinds for model in _OWNERS if (sql := _holding(model, kind))]
    every = f"SELECT DISTINCT * FROM ({' UNION ALL '.join(parts)}) AS held WHERE customer > 0"
    if one.start or one.end:
        every += (
            f" AND EXISTS (SELECT FROM {table(Purchase)} p WHERE p.customer_id = held.customer"
            " AND (%(start)s::timestamptz IS NULL OR p.placed_at >= %(start)s::timestamptz)"
            " AND (%(end)s::timestamptz IS NULL OR p.placed_at < %(end)s::timestamptz))"
        )
    return every, {"start": one.start, "end": one.end}


def strangers(one: BreachSearch) -> int:
    """Return of how many mailboxes traces hold such data; who is a customer is found as that."""
    kinds = [Category(name) for name in one.categories.split()]
    held = " OR ".join(filter(None, (_condition(Trace, kind) for kind in kinds)))
    # Those who bought in a span are customers.
    if not held or one.start or one.end:
        return 0
    return int(fetch(
        "SELECT count(DISTINCT coalesce(nullif(lower(t.email), ''), t.kind || t.key))"
        f" FROM (SELECT * FROM {table(Trace)} WHERE {held}) t"
        f" WHERE NOT EXISTS (SELECT FROM {table(Customer)} c WHERE lower(c.email) = lower(t.email)"
        "  AND t.email <> '')",
        [],
    )[0][0])  # fmt: skip


def _holding(model: type[models.Model], kind: Category) -> str:
    """Return the customers of whom a table holds data of a kind; '': it holds none."""
    if not (condition := _condition(model, kind)):
        return ""
    return (
        f"SELECT {_OWNERS[model]} AS customer, '{kind}' AS categories FROM {table(model)}"
        f" WHERE {condition}"
    )


def _condition(model: type[models.Model], kind: Category) -> str:
    """Return the condition that a row holds data of a kind; '': none does."""
    if model is KnownIdentifier:
        names = [name for name, category in IDENTIFIERS.items() if category is kind]
        return " OR ".join(f"kind = '{name}'" for name in names)
    if model is Purchase and kind is Category.PURCHASE:
        return "true"
    claims = CLAIMS[model.__name__]
    # Each basket has a language, whoever fills it.
    fields = [
        model._meta.get_field(name) for name in claims
        if kind in claims[name] and (model, name) != (Trace, "language")
    ]  # fmt: skip
    return " OR ".join(
        f"\"{field.column}\" <> ''"
        for field in fields
        if isinstance(field, models.CharField | models.TextField)
    )
