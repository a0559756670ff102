"""What keeps a customer's or a purchase's data, on which ground, until when; and what is due.

The one answer for the job, the console, the copy that a customer gets of the data, and what is
said of an erasure that cannot be whole yet. The rules are in `policy/schedule.py`, their SQL in
`rules.py` and `events.py`. Each call is a constant number of statements, for each part and page.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db import transaction

from ..config import Config
from ..models import Customer, Purchase
from ..policy.holds import HoldGround
from ..policy.languages import Language
from ..policy.parts import OF_CUSTOMERS, Part
from ..policy.purposes import Purpose
from ..policy.schedule import in_force
from ..register.rows import execute, fetch, stream, table
from ..shop import erasers
from ..shop.erasers import Hindrance
from ..shop.port import shop
from . import statements

#: Keys in memory at a time.
PAGE = 10_000
_DAY = "%(day)s::date"
#: The rule of what the shop alone has open. A clerk's or another company's account keeps no data of
#: ours.
_OPEN_THERE = {
    Hindrance.ORDER: "open_order", Hindrance.CHECKOUT: "balance", Hindrance.CARD: "balance",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Keep:
    """Why one part of one customer or purchase stays; the other key is None.

    `until`: last day in Helsinki, included; None: until something ends it.
    """

    customer: int | None
    purchase: int | None
    part: Part
    purpose: Purpose
    #: Name in `policy.schedule`.
    rule: str
    ground: str
    until: date | None


def keeps(
    *, customers: Collection[int] = (), purchases: Collection[int] = (), day: date, config: Config
) -> list[Keep]:
    """Return what keeps these on a day, by part, key and rule.

    Those that do not exist, and parts that are erased already, have none. The purchases of the
    customers are to be named, too (`of_customers` finds them).
    """
    found = [
        _keep(day, part, *row)
        for part in Part
        if (keys := sorted(set(customers if part in OF_CUSTOMERS else purchases)))
        for row in _kept(part, keys, day, config)
    ]
    return list(dict.fromkeys([*found, *_in_shop(customers, day, config)]))


def of_customers(customers: Collection[int], day: date, config: Config) -> dict[int, list[Keep]]:
    """Return what keeps each of these customers on a day, and their purchases."""
    theirs = Purchase.objects.filter(customer__in=customers).values_list("pk", "customer_id")
    owners = {pk: customer for pk, customer in theirs if customer}
    found: dict[int, list[Keep]] = {pk: [] for pk in customers}
    for one in keeps(customers=customers, purchases=list(owners), day=day, config=config):
        found[one.customer or owners[one.purchase or 0]].append(one)
    return found


def all_due(part: Part, day: date, config: Config) -> Iterator[list[tuple[int, str]]]:
    """Yield the keys whose part nothing keeps on `day`, ascending, page by page; in a transaction.

    Each with the name of the rule that kept it last; `request`: of a customer that an accepted
    request is erased by, before any term is over. One statement reads them all: asked for page by
    page, a million take many times as long.
    """
    execute("SET LOCAL jit = off; SET LOCAL cursor_tuple_fraction = 1", [])
    sql = f"{_due_sql(part, day)} ORDER BY 1"
    rows = stream(f"due_{part}", sql, statements.parameters(part, day, config))
    while page := list(islice(rows, PAGE)):
        yield _without_active(part, page, day, config)


def still_due(
    part: Part,
    keys: Collection[int],
    day: date,
    config: Config,
    users: Collection[int] | None = None,
) -> set[int]:
    """Return those of the keys whose part nothing keeps on `day`: just before erasing.

    `users`: the shop's users that they are, if whoever asks has read them under the locks.
    """
    page = _exactly(part, sorted(set(keys)), day, config, users)
    return {key for key, *_ in page}


def over(part: Part, purchases: Collection[int], day: date, config: Config) -> set[int]:
    """Return those of the purchases that no rule keeps on `day`, erased here already or not."""
    rows = fetch(
        f"SELECT p.id FROM {statements.SUBJECTS[part]}{statements.beside(part, day)}"
        f" WHERE p.id = ANY(%(keys)s) AND {statements.over(part, day, _DAY)}",
        statements.parameters(part, day, config) | {"keys": sorted(set(purchases))},
        jit=False,
    )
    return {key for (key,) in rows}


def counts(part: Part, day: date, config: Config) -> dict[str, int]:
    """Return how many are due on `day`, by the name of the rule that kept them last."""
    if part not in OF_CUSTOMERS:
        sql = f"SELECT rule, count(*) FROM ({_due_sql(part, day)}) due GROUP BY 1"
        return dict(fetch(sql, statements.parameters(part, day, config), jit=False))
    found: Counter[str] = Counter()
    with transaction.atomic():
        for page in all_due(part, day, config):
            found.update(rule for _, rule in page)
    return dict(found)


def _keep(day: date, part: Part, key: int, rule: str, ground: str, until: date | None) -> Keep:
    found = in_force(day)[rule]
    purpose = found.purpose
    if rule == "hold" and ground != HoldGround.COLLECTION:
        purpose = Purpose.CLAIMS
    customer, purchase = (key, None) if part in OF_CUSTOMERS else (None, key)
    return Keep(customer, purchase, part, purpose, rule, ground or found.ground[Language.EN], until)


def _in_shop(customers: Collection[int], day: date, config: Config) -> list[Keep]:
    """Return what keeps customers since the shop alone has it open, where it is erased in."""
    eraser = erasers.usable() if customers and config.erase_in_shop else None
    if eraser is None:
        return []
    rows = Customer.objects.filter(pk__in=customers, saleor_user__gt=0, account_gone_at=None)
    users = {str(user): pk for user, pk in rows.values_list("saleor_user", "pk")}
    return [
        _keep(day, Part.CONTACT, users[user], _OPEN_THERE[why], "", None)
        for user, why in eraser.hindrances(sorted(users)).items() if why in _OPEN_THERE
    ]  # fmt: skip


def _kept(part: Part, keys: list[int], day: date, config: Config) -> list[tuple[Any, ...]]:
    logins = seen(keys) if part is Part.CONTACT else {}
    return fetch(
        f"SELECT DISTINCT {statements.KEY[part]} AS key, k.rule, k.ground, k.until"
        f" FROM {statements.SUBJECTS[part]} CROSS JOIN LATERAL ({statements.rows(part, day)}) k"
        f" WHERE {statements.KEY[part]} = ANY(%(keys)s) AND {statements.STANDS[part]}"
        " AND (k.until IS NULL OR k.until >= %(day)s) ORDER BY 1, 2, 3, 4",
        statements.parameters(part, day, config, logins) | {"keys": keys},
        jit=False,
    )


def _due_sql(part: Part, day: date, which: str = "true") -> str:
    """Return the statement: key, rule, and whether a log-in may keep it all the same."""
    key = statements.KEY[part]
    # A customer leaves no row only by a request; a purchase whose customer is gone, by that.
    fallback = "request" if part in OF_CUSTOMERS else "detail"
    return (
        f"SELECT {key} AS key, coalesce({statements.last(part, day)}, '{fallback}') AS rule,"
        f" {statements.ACCOUNT[part]} AS account"
        f" FROM {statements.SUBJECTS[part]}{statements.beside(part, day)}"
        f" WHERE {which.format(key=key)} AND {statements.STANDS[part]}"
        f" AND {statements.over(part, day, _DAY)}"
    )


def _without_active(
    part: Part, page: list[tuple[int, str, bool]], day: date, config: Config
) -> list[tuple[int, str]]:
    """Leave out customers who have logged in; the shop is asked about these few only."""
    asked = [key for key, _, account in page if account]
    still = {key: rule for key, rule, _ in _exactly(part, asked, day, config)}
    return [
        (key, still.get(key, rule)) for key, rule, account in page if not account or key in still
    ]


def _exactly(
    part: Part,
    keys: list[int],
    day: date,
    config: Config,
    users: Collection[int] | None = None,
) -> list[tuple[int, str, bool]]:
    if not keys:
        return []
    logins = None
    if part in OF_CUSTOMERS:
        logins = seen(keys) if users is None else _last_seen(users)
    return fetch(
        f"{_due_sql(part, day, '{key} = ANY(%(keys)s)')} ORDER BY 1",
        statements.parameters(part, day, config, logins) | {"keys": keys},
        jit=False,
    )


def seen(customers: list[int]) -> dict[int, datetime]:
    """Return the last log-in of the shop's users that these customers are."""
    users = fetch(
        f"SELECT saleor_user FROM {table(Customer)} WHERE id = ANY(%s)"
        " AND saleor_user IS NOT NULL AND account_gone_at IS NULL",
        [customers],
    )
    return _last_seen([user for (user,) in users])


def _last_seen(users: Collection[int]) -> dict[int, datetime]:
    return shop().last_seen(sorted(users)) if users else {}
