"""Keeps the books: what the register holds of a purchase becomes its entries and vouchers.

Whatever writes a purchase marks it as unbooked in the same statement; this takes the marked ones
in small batches, each in one transaction, so a killed worker leaves them marked. It runs after
each drain, in transactions of its own: the drain holds no lock for it, and numbers are given by
the last statement. Entries of closed days are never touched (`corrections.py`); the database
refuses it, too.
"""

import hashlib
from collections import Counter
from datetime import date

from django.db import connection, transaction
from django.db.models import Max, QuerySet

from ..config import Config
from ..errors import RegisterError, describe
from ..logs import logger_of
from ..models import Closing, Ledger, Posting, Purchase
from ..policy.vat import Treatment
from ..register import locks
from ..register.locks import Lock
from ..register.rows import execute, fetch, table, upsert
from ..shop.port import shop
from . import sources, vouchers
from .booked import Booked
from .booking import book
from .corrections import still_open
from .entries import EntryKind
from .facts import Facts, Rules

logger = logger_of(__name__)

#: Purchases of one transaction.
BATCH = 100
#: Purchases marked at once when the settings change.
MARKED = 5000


def keep(*, max_batches: int = 50) -> int:
    """Book what is marked, oldest first; return how many purchases. Any number may run at once.

    A batch that fails is booked purchase by purchase. One that fails alone is set aside with the
    reason: it stays marked, keeps its month open, and is tried again each time.
    """
    port = shop()
    done = 0
    with port.writer():
        config = port.config()
        if not config.active:
            return 0
        rules = _follow_settings(config)
        aside = unbookable()[:BATCH].values_list("pk", flat=True)
        for key in list(aside):
            done += _alone(config, rules, key)
        for _ in range(max_batches):
            taken: list[int] = []
            done += _together(config, rules, taken)
            if len(taken) < BATCH:
                break
    return done


def unbooked() -> int:
    """Return how many purchases wait to be booked, those set aside too."""
    return Purchase.objects.filter(unbooked=True).count()


def unbookable() -> QuerySet[Purchase]:
    """Return the purchases that could not be booked, by key; `book_error` says why."""
    return Purchase.objects.filter(unbooked=True, book_error__gt="").order_by("pk")


def closed_to() -> date | None:
    """Return the last day that is closed."""
    last: date | None = Closing.objects.aggregate(last=Max("last"))["last"]
    return last


def lock(*, alone: bool) -> None:
    """Hold the books to the transaction's end: with others who write, or alone."""
    locks.lock(Lock.BOOKS, shared=not alone)


def follow(config: Config) -> bool:
    """Tell whether the books follow these settings: all that they change is marked."""
    return Ledger.objects.filter(rules=_settings(config), marked_to=None).exists()


def _settings(config: Config) -> str:
    others = [sorted(names) for names in config.others.values()]
    digest = hashlib.sha256(repr(others).encode()).hexdigest()[:16]
    return f"{Rules.of(config).token} {config.voucher_start or ''} {digest}"


def _follow_settings(config: Config) -> str:
    """Mark every purchase when the settings have changed; return the settings as one text.

    Batches under other settings stop by themselves: first the ledger changes, while nobody
    books, and only then purchases are marked, in transactions of their own.
    """
    now = _settings(config)
    ledger = Ledger.objects.filter(pk=1).first()
    if ledger is None or ledger.rules != now:
        with transaction.atomic():
            lock(alone=True)
            values = {"rules": now, "marked_to": 0}
            ledger, _ = Ledger.objects.update_or_create(pk=1, defaults=values)
    while ledger.marked_to is not None:
        with transaction.atomic():
            ledger.marked_to = _mark(ledger.marked_to)
            ledger.save(update_fields=["marked_to"])
    return now


def _mark(after: int) -> int | None:
    """Mark the next purchases after a key; return the last one's, None when there are no more."""
    # Who holds a row writes the purchase, and so marks it, or books it by the same settings.
    rows = fetch(
        f"WITH next AS (SELECT id FROM {table(Purchase)} WHERE id > %s ORDER BY id LIMIT %s),"
        f" free AS (SELECT id FROM {table(Purchase)} WHERE id IN (SELECT id FROM next)"
        " AND NOT unbooked ORDER BY id FOR NO KEY UPDATE SKIP LOCKED),"
        f" marked AS (UPDATE {table(Purchase)} SET unbooked = true"
        " WHERE id IN (SELECT id FROM free))"
        " SELECT max(id) FROM next",
        [after, MARKED],
    )
    last: int | None = rows[0][0]
    return last


def _together(config: Config, rules: str, taken: list[int]) -> int:
    """Book the next batch, if it fails one by one; `taken` gets its keys."""
    try:
        with transaction.atomic():
            return _batch(config, rules, taken)
    except Exception as error:
        if not taken or not connection.is_usable():
            raise
        logger.warning("a batch is booked one by one: %s", describe(error))
    return sum(_alone(config, rules, key) for key in taken)


def _alone(config: Config, rules: str, key: int) -> int:
    try:
        with transaction.atomic():
            return _batch(config, rules, [], key=key)
    except Exception as error:
        if not connection.is_usable():
            raise
        reason = error.message if isinstance(error, RegisterError) else describe(error)
    news = Purchase.objects.filter(pk=key, unbooked=True).exclude(book_error=reason[:200])
    if news.update(book_error=reason[:200]):
        logger.error("purchase %s cannot be booked: %s", key, reason)
    return 0


def _batch(config: Config, rules: str, taken: list[int], *, key: int | None = None) -> int:
    """Book the next ones that are not set aside, or one; return how many."""
    lock(alone=False)
    if not Ledger.objects.filter(rules=rules).exists():
        return 0
    # No waiting: a row that a drain is writing is marked anew by it.
    rows = fetch(
        f"SELECT id, book_rules FROM {table(Purchase)} WHERE unbooked"
        " AND CASE WHEN %(key)s::bigint IS NULL THEN book_error = '' ELSE id = %(key)s END"
        " ORDER BY id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED",
        {"key": key, "limit": BATCH},
    )
    if not rows:
        return 0
    taken += [pk for pk, _ in rows]
    limit = closed_to()
    rules_of = dict(rows)
    stand = _standing(list(rules_of))
    plan = vouchers.Plan(config)
    used: dict[int, tuple[Facts, list[Booked], str]] = {}
    for facts in sources.facts(list(rules_of)):
        key = facts.purchase
        closed = [one for one, _ in stand.get(key, []) if limit and one.day <= limit]
        own = Rules.read(rules_of[key]) if closed and rules_of[key] else Rules.of(config)
        out = config.leaves_out(facts.channel, facts.gateways) and not closed
        wanted = [] if out else book(facts, own)
        used[key] = facts, still_open(wanted, closed, limit), own.token
        fixed = {voucher for one, voucher in stand.get(key, []) if limit and one.day <= limit}
        plan.add(key, used[key][1], keep=fixed)
    plan.prepare(list(used))
    _write(used, stand, plan, limit)
    plan.write()
    return len(rows)


def _standing(purchases: list[int]) -> dict[int, list[tuple[Booked, int | None]]]:
    rows = fetch(
        f"SELECT purchase_id, voucher_id, day, kind, treatment, rate, net, gross, gateway, cause,"
        f" country, corrects FROM {table(Posting)} WHERE purchase_id = ANY(%s) ORDER BY id",
        [purchases],
    )
    found: dict[int, list[tuple[Booked, int | None]]] = {}
    for purchase, voucher, day, kind, how, rate, net, gross, gateway, *rest in rows:
        one = Booked(day, EntryKind(kind), Treatment(how), rate, net, gross, gateway, "", *rest)
        found.setdefault(purchase, []).append((one, voucher))
    return found


def _write(
    used: dict[int, tuple[Facts, list[Booked], str]],
    stand: dict[int, list[tuple[Booked, int | None]]],
    plan: vouchers.Plan,
    limit: date | None,
) -> None:
    changed, rows = [], list[dict[str, object]]()
    for key, (facts, booked, _) in used.items():
        new = [_row(facts, one, plan.voucher(key, one)) for one in booked]
        old = [
            _row(facts, one, voucher)
            for one, voucher in stand.get(key, [])
            if limit is None or one.day > limit
        ]
        if Counter(map(_values, new)) != Counter(map(_values, old)):
            changed.append(key)
            rows += new
    if changed:
        execute(
            f"DELETE FROM {table(Posting)} WHERE purchase_id = ANY(%s)"
            " AND (%s::date IS NULL OR day > %s)",
            [changed, limit, limit],
        )
    upsert(Posting, rows, key=())
    execute(
        f"UPDATE {table(Purchase)} AS p SET unbooked = false, book_error = '',"
        " book_rules = done.rules"
        " FROM unnest(%s::bigint[], %s::text[]) AS done(id, rules) WHERE p.id = done.id",
        [list(used), [token for _, _, token in used.values()]],
    )


def _row(facts: Facts, one: Booked, voucher: int | None) -> dict[str, object]:
    return {
        "purchase_id": facts.purchase, "voucher_id": voucher, "day": one.day, "kind": one.kind,
        "treatment": one.treatment, "currency": facts.currency, "country": one.country,
        "rate": one.rate, "net": one.net, "gross": one.gross, "gateway": one.gateway,
        "cause": one.cause, "corrects": one.corrects,
    }  # fmt: skip


def _values(row: dict[str, object]) -> tuple[object, ...]:
    return tuple(row.values())
