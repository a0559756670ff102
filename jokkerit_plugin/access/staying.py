"""Rows that something is about to refer to."""

from collections.abc import Collection

from django.db import connection, models, transaction


def stays(model: type[models.Model], key: int) -> bool:
    """Tell whether a row is there, and keep it there to the transaction's end.

    While it is being erased this waits, and then finds nobody.
    """
    return stay(model, [key]) == {key}


def stay(model: type[models.Model], keys: Collection[int]) -> set[int]:
    """Return which of several rows are there, and keep these there, as `stays` does."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("a row stays to the end of a transaction only")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {model._meta.db_table} WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE",
            [sorted(keys)],
        )
        return {pk for (pk,) in cursor.fetchall()}
