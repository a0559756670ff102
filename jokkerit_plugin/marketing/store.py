"""Events and suppressions by contact keys: a few set-based statements, whatever the number."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Model

from ..models import ContactAlias, Description, MarketingEvent, Suppression
from ..policy.marketing import GIVING, Channel, Event, Kind
from ..register import locks
from ..register.locks import Lock
from ..register.rows import execute, fetch, table
from .contact_keys import ContactKey

#: What stands of one contact on one channel.
Spot = tuple[bytes, Channel]


class Standing(NamedTuple):
    """A suppression: `lifted_at` None while it is in force."""

    since: datetime
    reason: Kind
    lifted_at: datetime | None


def lock(digests: Sequence[bytes]) -> None:
    """Let two words of one contact wait for each other, in the same order everywhere."""
    locks.lock(Lock.CONTACT, (digest.hex() for digest in digests))


def suppressed(
    digests: Mapping[str, Sequence[bytes]], *, lock: bool = False
) -> dict[Spot, Standing]:
    """Return the suppressions of digests by key version, lifted ones too.

    `lock`: rows for update, in the order of their keys; in a transaction.
    """
    versions, found = _arrays(digests)
    rows = fetch(
        f"SELECT digest, channel, since, reason, lifted_at FROM {table(Suppression)}"
        " WHERE key_version = ANY(%s::text[]) AND digest = ANY(%s::bytea[])"
        + (" ORDER BY id FOR UPDATE" if lock else ""),
        [versions, found],
    )
    return {
        (bytes(digest), Channel(channel)): Standing(since, Kind(reason), lifted)
        for digest, channel, since, reason, lifted in rows
    }


def events(digests: Mapping[str, Sequence[bytes]]) -> dict[bytes, list[Event]]:
    """Return the events of digests by key version, oldest first."""
    versions, found = _arrays(digests)
    rows = fetch(
        f"SELECT digest, kind, channel, at, source FROM {table(MarketingEvent)}"
        " WHERE key_version = ANY(%s::text[]) AND digest = ANY(%s::bytea[]) ORDER BY at, id",
        [versions, found],
    )
    by_digest: dict[bytes, list[Event]] = {}
    for digest, kind, channel, at, source in rows:
        event = Event(Kind(kind), Channel(channel), at, source)
        by_digest.setdefault(bytes(digest), []).append(event)
    return by_digest


def description_at(moment: datetime) -> int | None:
    """Return the version of the register description that was in force at a moment."""
    there = Description.objects.filter(published_at__lte=moment).order_by("-version")
    return there.values_list("pk", flat=True).first()


def said_of(
    customers: Collection[int], keys: Iterable[tuple[int, ContactKey]]
) -> dict[int, list[tuple[bytes, Event]]]:
    """Return what was said of other addresses of customers (`Event.elsewhere`), with the digest.

    `keys`: the addresses that they have; beside them all that an event names them for. What stands
    in the list counts without its events, too: they go, and it stays. A yes counts that names them:
    of the same address another may have said it, who was erased since.
    """
    listed = list(keys)
    rows = fetch(
        "WITH theirs AS (SELECT * FROM unnest(%(pks)s::bigint[], %(versions)s::text[],"
        "   %(digests)s::bytea[]) AS k(customer, key_version, digest) UNION"
        f" SELECT customer, key_version, digest FROM {table(MarketingEvent)}"
        "  WHERE customer = ANY(%(ids)s::bigint[]))"
        " SELECT theirs.customer, digest, e.kind, e.channel, e.at, e.source"
        f" FROM theirs JOIN {table(MarketingEvent)} AS e USING (key_version, digest)"
        "  WHERE e.kind <> ALL(%(gives)s::text[]) OR e.customer = theirs.customer"
        " UNION ALL SELECT theirs.customer, digest, s.reason, s.channel, s.since, 'import'"
        f" FROM theirs JOIN {table(Suppression)} AS s USING (key_version, digest)",
        {
            "pks": [pk for pk, _ in listed], "versions": [key.version for _, key in listed],
            "digests": [as_bytea(key.digest) for _, key in listed], "ids": sorted(customers),
            "gives": [one.value for one in (*GIVING, Kind.PROFILE)],
        },
    )  # fmt: skip
    found: dict[int, list[tuple[bytes, Event]]] = {}
    for customer, digest, kind, channel, at, source in rows:
        event = Event(Kind(kind), Channel(channel), at, source, elsewhere=True)
        found.setdefault(customer, []).append((bytes(digest), event))
    return found


def suppress(key: ContactKey, channels: Collection[Channel], *, at: datetime, reason: Kind) -> int:
    """Put a contact on the list; whom it is about is out when the transaction commits.

    One that is in force stays as it is, and so does one that the person lifted after `at`.
    """
    return execute(
        f"INSERT INTO {table(Suppression)} AS old (key_version, digest, channel, since, reason)"
        " SELECT %s, %s, channel, %s, %s FROM unnest(%s::text[]) AS new(channel) ORDER BY channel"
        f" {AGAIN}",
        [key.version, key.digest, at, reason.value, [one.value for one in channels]],
    )


def suppress_all(spots: Mapping[tuple[ContactKey, Channel], datetime], *, reason: Kind) -> int:
    """Put contacts on the list since a moment each, as `suppress` does."""
    rows = [
        (key.version, as_bytea(key.digest), channel.value, at)
        for (key, channel), at in spots.items()
    ]
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[]] * 4
    return execute(
        f"INSERT INTO {table(Suppression)} AS old (key_version, digest, channel, since, reason)"
        " SELECT *, %s FROM unnest(%s::text[], %s::bytea[], %s::text[], %s::timestamptz[])"
        f" ORDER BY 1, 2, 3 {AGAIN}",
        [reason.value, *columns],
    )


#: On the conflict of a suppression `old` with a new one: the later word counts, of one moment the
#: opt-out; and an opt-out comes on top of a bounce, since it takes more to open it again.
AGAIN = (
    "ON CONFLICT (key_version, digest, channel) DO UPDATE"
    " SET since = greatest(old.since, excluded.since), reason = excluded.reason,"
    " lifted_at = NULL, carried_at = NULL, copied = false"
    " WHERE old.lifted_at <= excluded.since"
    " OR old.lifted_at IS NULL AND old.reason = 'bounce' AND excluded.reason <> 'bounce'"
)


#: Which of two states of one contact counts, in the same conflict: an opt-out over a bounce while
#: both are in force; else the later word, and of one moment the one that closes.
LATER = (
    "CASE WHEN old.lifted_at IS NULL AND excluded.lifted_at IS NULL"
    "  AND (old.reason = 'bounce') <> (excluded.reason = 'bounce') THEN old.reason = 'bounce'"
    " ELSE (greatest(excluded.since, excluded.lifted_at), excluded.lifted_at IS NULL)"
    "  > (greatest(old.since, old.lifted_at), old.lifted_at IS NULL) END"
)


def lift(found: Iterable[ContactKey], channel: Channel, *, at: datetime) -> int:
    """Take a contact off the list, since the person said so later than `since`."""
    versions, digests = _arrays(by_version(found))
    return execute(
        f"UPDATE {table(Suppression)} SET lifted_at = %s, carried_at = NULL, copied = false"
        " WHERE key_version = ANY(%s::text[]) AND digest = ANY(%s::bytea[]) AND channel = %s"
        " AND lifted_at IS NULL AND since < %s",
        [at, versions, digests, channel.value, at],
    )


def move(moves: Mapping[ContactKey, ContactKey]) -> None:
    """Put what stands under one key of an address under another one of the same address.

    In a transaction. Of two suppressions of one contact the later word counts. Links of before lead
    to it by a `ContactAlias`.
    """
    columns = [
        [old.version for old in moves], [as_bytea(old.digest) for old in moves],
        [new.version for new in moves.values()], [as_bytea(new.digest) for new in moves.values()],
    ]  # fmt: skip
    listed = (
        "(SELECT DISTINCT * FROM unnest(%s::text[], %s::bytea[], %s::text[], %s::bytea[]))"
        " AS m(version, digest, new_version, new_digest)"
    )
    here = "t.key_version = m.version AND t.digest = m.digest"
    execute(
        f"UPDATE {table(ContactAlias)} AS t SET new_version = m.new_version,"
        f" new_digest = m.new_digest FROM {listed}"
        " WHERE t.new_version = m.version AND t.new_digest = m.digest",
        columns,
    )
    execute(
        f"INSERT INTO {table(ContactAlias)} (key_version, digest, new_version, new_digest)"
        f" SELECT version, digest, new_version, new_digest FROM {listed}"
        f" WHERE EXISTS (SELECT FROM {table(MarketingEvent)} AS t WHERE {here})"
        f" OR EXISTS (SELECT FROM {table(Suppression)} AS t WHERE {here}) ORDER BY 1, 2"
        " ON CONFLICT (key_version, digest) DO UPDATE SET new_version = excluded.new_version,"
        " new_digest = excluded.new_digest",
        columns,
    )
    execute("SET LOCAL jokkerit.retention = 'on'; SET LOCAL jokkerit.rekey = 'on'", [])
    execute(
        f"UPDATE {table(MarketingEvent)} AS t SET key_version = new_version, digest = new_digest,"
        f" copied = false FROM {listed} WHERE {here}",
        columns,
    )
    execute(
        f"WITH gone AS (DELETE FROM {table(Suppression)} AS t USING {listed} WHERE {here}"
        "  RETURNING new_version, new_digest, channel, since, reason, lifted_at, carried_at)"
        f" INSERT INTO {table(Suppression)} AS old"
        "  (key_version, digest, channel, since, reason, lifted_at, carried_at)"
        " SELECT * FROM gone ORDER BY 1, 2, 3"
        " ON CONFLICT (key_version, digest, channel) DO UPDATE SET since = excluded.since,"
        "  reason = excluded.reason, lifted_at = excluded.lifted_at, copied = false"
        f" WHERE {LATER}",
        columns,
    )
    execute("SET LOCAL jokkerit.retention = 'off'; SET LOCAL jokkerit.rekey = 'off'", [])


def alias(key: ContactKey) -> list[ContactKey]:
    """Return the keys under which an address stands now that stood under this one, and this one."""
    found = ContactAlias.objects.filter(key_version=key.version, digest=key.digest)
    newer = found.values_list("new_version", "new_digest")
    return [*(ContactKey(version, bytes(digest)) for version, digest in newer), key]


def gone(there: Collection[str]) -> list[str]:
    """Return the versions of keys, none of `there`, under which somebody said no, also to profiles.

    What stands in the list outlives its events; a no to profiles is an event alone.
    """
    hops = {"listed": Suppression, "said": MarketingEvent}
    rows = fetch(
        f"WITH RECURSIVE {', '.join(_hops(name, model) for name, model in hops.items())}"
        " SELECT version, true FROM listed UNION ALL SELECT version, false FROM said",
        [],
    )
    never = MarketingEvent.objects.filter(kind=Kind.NO_PROFILE)
    away = {(version, listed) for version, listed in rows if version not in {None, *there}}
    return sorted({one for one, listed in away if listed or never.filter(key_version=one).exists()})


def _hops(name: str, model: type[Model]) -> str:
    """Return what finds each version of a key in a table: a hop a version, not a scan."""
    return (
        f"{name}(version) AS ((SELECT key_version FROM {table(model)} ORDER BY 1 LIMIT 1) UNION ALL"
        f" SELECT (SELECT key_version FROM {table(model)} WHERE key_version > {name}.version"
        f" ORDER BY 1 LIMIT 1) FROM {name} WHERE {name}.version IS NOT NULL)"
    )


def as_bytea(digest: bytes) -> str:
    """Write a digest as PostgreSQL reads it, for an array of them."""
    return f"\\x{digest.hex()}"


def by_version(found: Iterable[ContactKey]) -> dict[str, list[bytes]]:
    """Return digests by the version of their key."""
    grouped: dict[str, list[bytes]] = {}
    for key in found:
        grouped.setdefault(key.version, []).append(key.digest)
    return grouped


def _arrays(digests: Mapping[str, Sequence[bytes]]) -> tuple[list[str], list[str]]:
    return list(digests), [as_bytea(one) for some in digests.values() for one in some]
