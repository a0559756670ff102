"""Who is affected: sets of keys, computed in the database by a worker.

A search is a row that waits; each is one statement in a transaction of its own, so a killed worker
leaves it waiting. A guest who went up in an account is that account's customer; who is erased stays
in the set as a key, and is nobody any more.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet

from ... import clock
from ...access.actor import Actor
from ...models import (
    AccessEntry,
    Affected,
    Breach,
    BreachEvent,
    BreachSearch,
    Disclosure,
    Export,
    FormerCustomer,
)
from ...policy.breaches import BY_HAND, BreachState, Found, Step, Told
from ...policy.categories import Category
from ...register.rows import execute, fetch, table
from . import holding, store
from .store import BreachError

_What = BreachEvent.What
_TOLD = "('mailed', 'posted', 'otherwise')"


def search(
    breach_id: int,
    *,
    kind: Found,
    looker: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    key: int | None = None,
    categories: Collection[Category] = (),
    actor: Actor,
) -> BreachSearch:
    """Ask for those who are affected; a worker computes them.

    `Found.LOOKS`: `looker` as in the log, `since`, and `until` before which. `EXPORT`,
    `DISCLOSURE`: `key`. `HELD`: `categories`, and of customers who bought from `since` to before
    `until`. Raises `BreachError`.
    """
    with store.step(breach_id, Step.FIND, actor=actor) as row:
        _check(kind, looker, since, until, key, categories)
        return BreachSearch.objects.create(
            breach=row, kind=kind, actor=looker, start=since, end=until, key=key,
            categories=" ".join(sorted(set(categories))), asked_at=clock.now(), asked_by=actor.key,
        )  # fmt: skip


def discard(search_id: int, *, actor: Actor) -> BreachSearch:
    """Take back a search that was wrong; what the others found is computed anew.

    Refused once letters were ordered, or somebody was told. Raises `BreachError`.
    """
    found = BreachSearch.objects.filter(pk=search_id).first()
    if found is None:
        raise BreachError("There is no such search.", field="id")
    with store.step(found.breach_id, Step.DISCARD, actor=actor) as row:
        if row.letters_at or row.affected.filter(state__in=sorted(BY_HAND)).exists():
            message = "Some of those whom it found have been told, or letters were ordered."
            raise BreachError(message, field="id")
        found = BreachSearch.objects.select_for_update().get(pk=search_id)
        if found.discarded_at:
            raise BreachError("There is no such search.", field="id")
        found.discarded_at, found.discarded_by = clock.now(), actor.key
        found.save()
        execute(f"DELETE FROM {table(Affected)} WHERE breach_id = %s", [row.pk])
        BreachSearch.objects.filter(breach=row).update(done_at=None, count=None, strangers=None)
        store.note(row, _What.DISCARDED, actor.key, search=found.pk)
    return found


def compute() -> int:
    """Compute what waits; return how many searches. Several processes may do so at once."""
    done = 0
    while True:
        with transaction.atomic():
            waiting = BreachSearch.objects.filter(done_at=None, discarded_at=None)
            one = (
                waiting.exclude(breach__state=BreachState.CLOSED).order_by("pk")
                .select_for_update(skip_locked=True, of=("self",)).first()
            )  # fmt: skip
            if one is None:
                return done
            one.count = _insert(one)
            one.strangers = holding.strangers(one) if one.kind == Found.HELD else None
            one.done_at = clock.now()
            one.save(update_fields=["count", "strangers", "done_at"])
            store.note(one.breach, _What.FOUND, store.SHOP, search=one.pk, count=one.count)
        done += 1


def counts(breaches: Collection[int]) -> dict[int, dict[Told, int]]:
    """Return how many are affected by each breach, by what has become of telling them."""
    rows = fetch(
        f"SELECT breach_id, state, count(*) FROM {table(Affected)}"
        " WHERE breach_id = ANY(%s) GROUP BY 1, 2",
        [sorted(set(breaches))],
    )
    found: dict[int, dict[Told, int]] = {pk: {} for pk in breaches}
    for pk, state, number in rows:
        found[pk][Told(state)] = number
    return found


def people(row: Breach) -> int:
    """Return how many people were found, a guest and the account they went up in as one.

    With those who are no customers, as the search that found most of them has it.
    """
    found = int(fetch(
        f"SELECT count(DISTINCT coalesce(f.customer_id, a.customer)) FROM {table(Affected)} a"
        f" LEFT JOIN {table(FormerCustomer)} f ON f.id = a.customer WHERE a.breach_id = %s",
        [row.pk],
    )[0][0])  # fmt: skip
    most = row.searches.filter(discarded_at=None).aggregate(most=Max("strangers"))["most"]
    return found + (most or 0)


def of_customer(customer: int) -> QuerySet[Affected]:
    """Return in which breaches a customer is, also as the guest that they were."""
    former = FormerCustomer.objects.filter(customer=customer).values_list("pk", flat=True)
    rows = Affected.objects.filter(customer__in=[customer, *former]).exclude(state=Told.SAME)
    return rows.select_related("breach").order_by("pk")


def _check(
    kind: Found,
    looker: str,
    since: datetime | None,
    until: datetime | None,
    key: int | None,
    categories: Collection[Category],
) -> None:
    if since and until and since >= until:
        raise BreachError("The span ends before it begins.", field="until")
    if kind is Found.LOOKS and not (looker and since and until):
        raise BreachError("Say who looked, from when, and until when.", field="actor")
    if kind is Found.EXPORT and not Export.objects.filter(pk=key or 0).exists():
        raise BreachError("There is no such file.", field="export")
    done = Disclosure.objects.filter(pk=key or 0, outcome=Disclosure.Outcome.DONE)
    if kind is Found.DISCLOSURE and not done.exists():
        raise BreachError("There is no such disclosure.", field="disclosure")
    if kind is Found.HELD and (not categories or Category.LOG in categories):
        message = "Say which kinds of data; the site log's rows are no customer's."
        raise BreachError(message, field="categories")


def _insert(one: BreachSearch) -> int:
    sql, values = _SETS[Found(one.kind)](one)
    values |= {"breach": one.breach_id, "now": clock.now().isoformat()}
    return execute(
        f"""
        INSERT INTO {table(Affected)} AS a (breach_id, customer, categories, state, at, next_at)
        SELECT %(breach)s, coalesce(f.customer_id, found.customer),
            string_agg(DISTINCT category, ' ' ORDER BY category), 'waiting',
            %(now)s::timestamptz, %(now)s::timestamptz
        FROM ({sql}) AS found (customer, categories)
        CROSS JOIN LATERAL unnest(string_to_array(found.categories, ' ')) AS category
        LEFT JOIN {table(FormerCustomer)} AS f ON f.id = found.customer
        GROUP BY 2 ORDER BY 2
        ON CONFLICT (breach_id, customer) DO UPDATE SET categories = (
            SELECT string_agg(DISTINCT one, ' ' ORDER BY one)
            FROM unnest(string_to_array(a.categories || ' ' || excluded.categories, ' ')) AS one)
        WHERE a.state NOT IN {_TOLD}
        """,
        values,
    )


def _members(source: str) -> str:
    """Return customer and categories of rows with a set of `subjects`, each id once a kind."""
    return (
        "SELECT id, categories FROM (SELECT s.categories, range_agg(r) AS ids FROM"
        f" {source} AS s CROSS JOIN LATERAL unnest(s.subjects) AS r GROUP BY 1) AS of_kind"
        " CROSS JOIN LATERAL unnest(ids) AS r"
        " CROSS JOIN LATERAL generate_series(lower(r), upper(r) - 1) AS id"
    )


def _looks(one: BreachSearch) -> tuple[str, dict[str, Any]]:
    source = (
        f"(SELECT * FROM {table(AccessEntry)} WHERE actor = %(actor)s AND at >= %(start)s"
        " AND at < %(end)s AND outcome = 'granted')"
    )
    return _members(source), {"actor": one.actor, "start": one.start, "end": one.end}


def _export(one: BreachSearch) -> tuple[str, dict[str, Any]]:
    return _members(f"(SELECT * FROM {table(Export)} WHERE id = %(key)s)"), {"key": one.key}


def _disclosure(one: BreachSearch) -> tuple[str, dict[str, Any]]:
    return _members(f"(SELECT * FROM {table(Disclosure)} WHERE seq = %(key)s)"), {"key": one.key}


_SETS = {
    Found.LOOKS: _looks,
    Found.EXPORT: _export,
    Found.DISCLOSURE: _disclosure,
    Found.HELD: holding.customers,
}
