"""Customers found by name, e-mail, phone or order number, also former e-mails and phones.

The intake folds in Python what a customer is found by (see `folding`) and keeps it in
`SearchWords` as a `tsvector`: PostgreSQL's core needs no extension to answer prefixes of several
words from one GIN index. Each word carries its kind, so that nobody finds by a phone who may
not see phones. Order numbers are looked up where they stand. Traces have no such words.
"""

import json
from collections.abc import Collection, Iterable, Sequence

from django.db import transaction
from django.db.models import Q

from ..models import Customer, KnownIdentifier, Purchase, SearchWords
from ..policy.categories import Category
from . import folding
from .identity import Identity, normalise_email
from .locks import Lock, lock
from .rows import execute, fetch, table

#: Rises when the rule of folding changes: older rows are then written anew, at night.
VERSION = 1
#: Customers that `refill` writes in one transaction.
CHUNK = 500
#: Of one customer the latest are found: a shared mailbox may have known thousands.
IDENTIFIERS = 1000
#: Customers that one order number leads to at most (imported orders may share a number).
NUMBERED = 100

#: What a word can be, by the first letter it is stored under.
_KINDS = {Category.NAME: "n", Category.EMAIL: "e", Category.PHONE: "p"}


def write(customers: Sequence[int]) -> None:
    """Write what these customers are found by; two statements, whatever their number.

    The caller holds the customers' identity locks, or has just made them.
    """
    if not customers:
        return
    found = fetch(
        f"SELECT c.id, c.first_name, c.last_name, c.company_name, known.kinds, known.texts"
        f" FROM {table(Customer)} AS c CROSS JOIN LATERAL ("
        " SELECT array_agg(kind) AS kinds, array_agg(value) AS texts FROM ("
        f" SELECT kind, value FROM {table(KnownIdentifier)} WHERE customer_id = c.id"
        # What was wrong finds nobody any more, nor does a name that was.
        " AND wrong_at IS NULL AND kind <> 'name'"
        f" ORDER BY last_at DESC NULLS FIRST, id LIMIT {IDENTIFIERS}) AS latest) AS known"
        " WHERE c.id = ANY(%s)",
        [sorted(customers)],
    )
    rows = [
        {
            "id": pk,
            "words": vector([first, last, company], zip(kinds or (), texts or (), strict=True)),
            "sort_name": folding.sort_name(last, first) or folding.sort_name(company),
        }
        for pk, first, last, company, kinds, texts in found
    ]
    execute(
        "WITH new AS (SELECT * FROM json_to_recordset(%s)"
        " AS one(id bigint, words tsvector, sort_name text)), placed AS ("
        f"UPDATE {table(Customer)} AS c SET sort_name = new.sort_name FROM new"
        " WHERE c.id = new.id AND c.sort_name <> new.sort_name)"
        f" INSERT INTO {table(SearchWords)} AS old (customer_id, words, version)"
        f" SELECT id, words, {VERSION} FROM new ORDER BY id"
        " ON CONFLICT (customer_id) DO UPDATE"
        " SET words = excluded.words, version = excluded.version"
        " WHERE (old.words, old.version) IS DISTINCT FROM (excluded.words, excluded.version)",
        [json.dumps(rows)],
    )


def refill(*, limit: int = CHUNK) -> int:
    """Write the words of customers that have none or old ones; return how many that were."""
    with transaction.atomic():
        due = fetch(
            f"SELECT id, coalesce(saleor_user, 0), coalesce(guest_email, '')"
            f" FROM {table(Customer)} LEFT JOIN {table(SearchWords)} ON customer_id = id"
            f" WHERE version IS DISTINCT FROM {VERSION} ORDER BY id LIMIT %s",
            [limit],
        )
        # The intake may be at work on the same people: whoever comes later reads what is there.
        lock(Lock.IDENTITY, (str(Identity(user, guest)) for _, user, guest in due))
        write([pk for pk, _, _ in due])
    return len(due)


def kinds(query: str) -> frozenset[Category]:
    """Return the categories that a query finds by; the guard is asked for these."""
    text = query.strip()
    if text.startswith("#"):
        return frozenset({Category.PURCHASE})
    if folding.looks_like_phone(text):
        return frozenset({Category.PHONE, Category.PURCHASE})
    chunks = text.split()
    if len(chunks) == 1 and "@" in text:
        return frozenset({Category.EMAIL})
    numbers = {Category.PHONE} if any(map(folding.looks_like_phone, chunks)) else set()
    return frozenset({Category.NAME, Category.EMAIL} | numbers)


def matching(query: str, allowed: Collection[Category]) -> Q:
    """Return the condition on `Customer` for a query; nothing matches an empty one.

    All words must be there, in any order, each as a beginning (one of a single letter: whole).
    Only what is in `allowed` is searched. An order number is found whole, with or without #.
    """
    wanted = frozenset(allowed) & kinds(query)
    text = query.strip()
    numbered: set[int | None] = set()
    if Category.PURCHASE in wanted:
        number = Purchase.objects.filter(number=text.removeprefix("#").strip())
        owners = number.exclude(customer=None).values_list("customer", flat=True)[:NUMBERED]
        numbered = set(owners)
    letters = [letter for kind, letter in _KINDS.items() if kind in wanted]
    if letters and (sought := tsquery(text, letters)):
        # One set of ids: PostgreSQL answers an OR over two tables from no index.
        found = SearchWords.objects.filter(Q(words__matches=sought) | Q(pk__in=numbered))
        return Q(pk__in=found.values("pk"))
    return Q(pk__in=numbered)


def vector(names: Iterable[str], known: Iterable[tuple[str, str]]) -> str:
    """Return the words of names and identifiers (kind, value) as a `tsvector`'s text."""
    found = {f"n{word}" for name in names for word in folding.words(name)}
    for kind, value in known:
        if kind == KnownIdentifier.Kind.EMAIL:
            found.add("e" + folding.fold(value)[: folding.LONGEST])
        else:
            found |= {f"p{number}" for number in folding.phone_numbers(value)}
    return " ".join(map(_quoted, sorted(found)))


def tsquery(query: str, letters: Collection[str]) -> str:
    """Return a `tsquery`'s text, '' for a query without a letter or digit."""
    # Spaces within a phone number do not part words.
    chunks = [query] if folding.looks_like_phone(query) else query.split()
    parts = [_word(chunk, letters) for chunk in chunks]
    return " & ".join(part for part in parts if part)


def _word(chunk: str, letters: Collection[str]) -> str:
    """A word is all of a name's parts, or the beginning of an e-mail or a phone number."""
    ways: list[str] = []
    if "n" in letters and (names := folding.sought(folding.fold(chunk))):
        ways.append(" & ".join(_beginning("n", name) for name in sorted(names)))
    if "e" in letters and folding.split(chunk) and (email := folding.fold(normalise_email(chunk))):
        ways.append(_beginning("e", email[: folding.LONGEST]))
    if "p" in letters and folding.looks_like_phone(chunk):
        ways += [_beginning("p", number) for number in sorted(folding.phone_sought(chunk))]
    return "(" + " | ".join(f"({way})" for way in ways) + ")" if ways else ""


def _beginning(letter: str, word: str) -> str:
    return _quoted(letter + word) + (":*" if len(word) > 1 else "")


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
