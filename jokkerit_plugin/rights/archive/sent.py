"""What went to webhooks about a person: whole texts, which no key in the database joins to anybody.

They are duplicates, and go after days. Each is read to see whom it names.
"""

import re
from collections.abc import Collection

from ...models import Customer, KnownIdentifier
from ...register.rows import fetch
from ...retention.proof.columns import quoted
from ...shop.port import shop

# Begins where a word does: tried at each letter of it, a note of 10,000 letters took 0.5 s, and one
# ten times as long a hundred times that.
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def about(
    theirs: Collection[tuple[str, str]], customer: int, mailboxes: Collection[str]
) -> list[str]:
    """Return the keys of what names one of these rows (table, key) or mailboxes, and no one else.

    In a transaction. One text in memory.
    """
    theirs, mailboxes, found = set(theirs), set(mailboxes), []
    for key, text in shop().sent():
        rows, mails = shop().named_in(text), {one.lower() for one in _EMAIL.findall(text)}
        if not (rows & theirs or mails & mailboxes):
            continue
        if not _another(rows - theirs, mails - mailboxes, customer):
            found.append(key)
    return found


def _another(rows: Collection[tuple[str, str]], mails: Collection[str], customer: int) -> bool:
    """Tell whether these name another customer; staff who did something are none."""
    roots = shop().roots()
    users = [int(key) for table, key in rows if table == roots.accounts]
    others = Customer.objects.exclude(pk=customer)
    if users and others.filter(saleor_user__in=users).exists():
        return True
    known = KnownIdentifier.objects.filter(kind=KnownIdentifier.Kind.EMAIL, value__in=mails)
    if mails and known.exclude(customer=customer).exists():
        return True
    # What is there no more was the person's, as far as the text says: a cart that was bought.
    keys = {roots.orders: "id", **roots.between}
    return any(
        fetch(f"SELECT FROM {quoted(table)} WHERE {quoted(keys[table])} = %s", [key])
        for table, key in rows
        if table in keys
    )
