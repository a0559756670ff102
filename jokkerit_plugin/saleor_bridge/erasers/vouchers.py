"""Voucher codes' customers: the e-mail that used a code goes, and with it that it was used."""

from collections import Counter

from ...register.rows import execute


def forget(emails: list[str]) -> Counter[str]:
    """Delete the rows of these addresses: a code that works once a customer works again."""
    table = "discount_vouchercustomer"
    sql = f"DELETE FROM {table} WHERE lower(customer_email) = ANY(%s::text[])"
    return Counter({table: execute(sql, [emails])})
