"""Reads documents, digests and keys out of Saleor's tables: one statement a call.

Orders in 500s: about 0.4 ms an order (see `benchmarks/`); a batch costs one round trip whatever
its size. Everything is read from the default database: hooks and drains must see what was just
committed, and the replica may lag.
"""

import json
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connections

from .. import clock
from ..config import Config
from ..shop.documents import parse
from ..shop.port import Key
from ..shop.snapshots import (
    MARKETING_KEYS,
    Buyer,
    CheckoutSnapshot,
    CustomerSnapshot,
    Kind,
    OrderSnapshot,
    Party,
)
from .documents import checkout, customer, order, parts

# PostgreSQL's JIT would compile some thousand expressions for a batch that runs in 0.2 s.
_PREAMBLE = "SET LOCAL jit = off; "

_KEYS = {
    Kind.ORDER: f"order_order o WHERE o.id = ANY(%(keys)s::uuid[]) AND {order.EXISTS}",
    Kind.CUSTOMER: "account_user u WHERE u.id = ANY(%(keys)s::int[])",
    Kind.CHECKOUT: (
        f"checkout_checkout k WHERE k.token = ANY(%(keys)s::uuid[]) AND {checkout.EXISTS}"
    ),
}

_RANGES = {
    Kind.ORDER: (
        "order_order o WHERE (%(after)s::uuid IS NULL OR o.id > %(after)s::uuid)"
        f" AND {order.EXISTS} ORDER BY o.id LIMIT %(limit)s"
    ),
    Kind.CUSTOMER: (
        "account_user u WHERE (%(after)s::int IS NULL OR u.id > %(after)s::int)"
        f" AND {customer.CURRENT} ORDER BY u.id LIMIT %(limit)s"
    ),
    Kind.CHECKOUT: (
        "checkout_checkout k WHERE (%(after)s::uuid IS NULL OR k.token > %(after)s::uuid)"
        f" AND k.last_change >= %(since)s AND {checkout.EXISTS} ORDER BY k.token LIMIT %(limit)s"
    ),
}


@cache
def _statement(kind: Kind, *, ranged: bool) -> str:
    """Rows (key, document text) of `kind`; the columns of this Saleor are looked up once."""
    source = {Kind.ORDER: order, Kind.CUSTOMER: customer, Kind.CHECKOUT: checkout}[kind]
    alias = {Kind.ORDER: "o", Kind.CUSTOMER: "u", Kind.CHECKOUT: "k"}[kind]
    rows = (_RANGES if ranged else _KEYS)[kind]
    # The row source is a derived table, so that only its rows reach the costly columns;
    # OFFSET 0 keeps PostgreSQL from computing the document once for the text and again for
    # the digest.
    document = f"""
    SELECT d.key, to_json(d)::text AS text FROM (
        SELECT {source.select()}
        FROM (SELECT {alias}.* FROM {rows} OFFSET 0) {alias}
        {source.joins()}) d OFFSET 0"""
    digest = "md5(%(salt)s || document.text)"
    columns = f"document.key, {digest}" if ranged else f"document.text, {digest}"
    ordered = " ORDER BY document.key" if ranged else ""
    return f"{_PREAMBLE}SELECT {columns} FROM ({document}) document{ordered}"


def _rows(statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connections["default"].cursor() as cursor:
        cursor.execute(statement, parameters)
        while cursor.description is None and cursor.nextset():
            pass
        return list(cursor.fetchall())


def _parameters(config: Config) -> dict[str, Any]:
    return {
        "salt": config.scope,
        "vat_keys": list(config.vat_id_keys),
        "marketing_keys": list(MARKETING_KEYS),
        **config.others,
    }


def _documents(kind: Kind, keys: Sequence[Key], config: Config) -> list[tuple[str, str]]:
    if not keys:
        return []
    parameters = {**_parameters(config), "keys": list(keys)}
    return [(text, digest) for text, digest in _rows(_statement(kind, ranged=False), parameters)]


def orders(keys: Sequence[UUID], config: Config) -> list[OrderSnapshot]:
    """Return the orders that exist: no drafts, none of excluded channels or gateways."""
    return parse(Kind.ORDER, _documents(Kind.ORDER, keys, config))


def buyers(keys: Sequence[UUID]) -> dict[UUID, Buyer]:
    """Return whom these orders name, by columns that can always be read."""
    statement = f"""
        SELECT o.id, o.user_email, o.user_id,
            json_build_array({parts.party("ba")}, {parts.party("sa")})::text
        FROM order_order o
        LEFT JOIN account_address ba ON ba.id = o.billing_address_id
        LEFT JOIN account_address sa ON sa.id = o.shipping_address_id
        WHERE o.id = ANY(%(keys)s::uuid[])"""
    return {
        key: Buyer(email, user, tuple(Party(**one) for one in json.loads(parties) if one))
        for key, email, user, parties in _rows(statement, {"keys": list(keys)})
    }


def customers(keys: Sequence[int], config: Config) -> list[CustomerSnapshot]:
    """Return the accounts that exist."""
    return parse(Kind.CUSTOMER, _documents(Kind.CUSTOMER, keys, config))


def checkouts(keys: Sequence[UUID], config: Config) -> list[CheckoutSnapshot]:
    """Return the checkouts that exist outside the excluded channels."""
    return parse(Kind.CHECKOUT, _documents(Kind.CHECKOUT, keys, config))


def documents(kind: Kind, keys: Sequence[Key], config: Config) -> dict[str, str]:
    """Return the document's text of each row that exists, by key: for a recording."""
    texts = [text for text, _ in _documents(kind, keys, config)]
    return {str(json.loads(text)["key"]): text for text in texts}


def digests(kind: Kind, after: Key | None, limit: int, config: Config) -> list[tuple[Key, str]]:
    """Return (key, digest) of the next `limit` rows above `after`, ascending."""
    since = clock.now() - timedelta(days=config.checkout_days)
    parameters = {**_parameters(config), "after": after, "limit": limit, "since": since}
    return [(key, digest) for key, digest in _rows(_statement(kind, ranged=True), parameters)]


def count(kind: Kind, config: Config) -> int:
    """Return how many rows `digests` gives in all (1 query)."""
    rows = _RANGES[kind].partition(" ORDER BY")[0]
    since = clock.now() - timedelta(days=config.checkout_days)
    parameters = {**_parameters(config), "after": None, "since": since}
    [(found,)] = _rows(f"SELECT count(*) FROM {rows}", parameters)
    return int(found)


def opted_out(after: int, limit: int) -> list[int]:
    """Return the next accounts that say no to marketing, ascending."""
    statement = """
        SELECT id FROM account_user WHERE id > %(after)s::int AND NOT is_staff
        AND metadata ? 'marketingOptOut' ORDER BY id LIMIT %(limit)s"""
    return [key for (key,) in _rows(statement, {"after": after, "limit": limit})]


def customers_of_addresses(keys: Sequence[int]) -> list[int]:
    """Return the accounts that have any of these addresses in their book or as a default."""
    if not keys:
        return []
    statement = """
        SELECT user_id FROM account_user_addresses WHERE address_id = ANY(%(keys)s::int[])
        UNION SELECT id FROM account_user WHERE default_billing_address_id = ANY(%(keys)s::int[])
        UNION SELECT id FROM account_user WHERE default_shipping_address_id = ANY(%(keys)s::int[])
        ORDER BY 1"""
    return [key for (key,) in _rows(statement, {"keys": list(keys)})]


def order_keys_of_customers(keys: Sequence[int], config: Config) -> list[UUID]:
    """Return the keys of these accounts' orders, ascending."""
    if not keys:
        return []
    statement = f"""
        SELECT o.id FROM order_order o
        WHERE o.user_id = ANY(%(keys)s::int[]) AND {order.EXISTS} ORDER BY o.id"""
    return [key for (key,) in _rows(statement, {**_parameters(config), "keys": list(keys)})]
