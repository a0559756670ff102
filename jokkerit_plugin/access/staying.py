"""Rows that something is about to refer to."""

from django.db import connection, models, transaction


def stays(model: type[models.Model], key: int) -> bool:
    """Tell whether a row is there, and keep it there to the transaction's end.

    While it is being erased this waits, and then finds nobody.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("a row stays to the end of a transaction only")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {model._meta.db_table} WHERE id = %s FOR KEY SHARE", [key])
        return cursor.fetchone() is not None
