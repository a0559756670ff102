"""Keys of customers: whom one means, and the sets of them that the chains hold."""

from collections.abc import Collection

from django.db import connection
from django.db.models import QuerySet

from ..models import Customer, FormerCustomer
from ..models.chain import ChainLink


def here(customer: int) -> int | None:
    """Return the customer's key, of a guest who went up in another the heir's; None: nobody's.

    Locked until the transaction ends: what is laid on them now goes with them wherever they go.
    """
    return _found(customer, Customer.objects.select_for_update(no_key=True))


def heir(customer: int) -> int | None:
    """Return the same as `here`, as it is now: nothing is locked."""
    return _found(customer, Customer.objects.all())


def _found(customer: int, rows: QuerySet[Customer]) -> int | None:
    key: int | None = customer
    while key is not None:
        if rows.filter(pk=key).values_list("pk", flat=True).first():
            return key
        heirs = FormerCustomer.objects.filter(pk=key).values_list("customer", flat=True)
        key = heirs.first()
    return None


def first_ranges(model: type[ChainLink], seqs: Collection[int], *, most: int) -> dict[int, str]:
    """Return the first ranges of each link's set, as `as_multirange` writes them without braces.

    A set of 100,000 keys is 1.5 MB as text: what lies beyond `most` is not written at all.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, coalesce((SELECT string_agg(one::text, ',') FROM (SELECT one"
            " FROM unnest(subjects) AS one LIMIT %s) AS few), '')"
            f" FROM {model._meta.db_table} WHERE seq = ANY(%s)",
            [most, list(seqs)],
        )
        return dict(cursor.fetchall())
