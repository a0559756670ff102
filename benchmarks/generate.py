"""Fills a populated Saleor database with made-up orders, by set-based SQL.

    generate(database_url, 0, 100_000)      # orders 0 to 99,999; more can follow

Shapes as in a real shop: three lines an order on average; six in ten orders belong to an
account, of which there is one for four orders; each order has its own copies of the billing
and the shipping address; half are paid by legacy payments, half by transactions; one in ten is
refunded; two thirds are delivered; three quarters invoiced; one in fifty used a gift card.

A column that is not named here gets what its type calls empty. Saleor's indexes are dropped and
made again around a large run. Foreign keys hold by construction, so their triggers are off.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

#: Ids of rows made here start above those of `populatedb`.
BASE = 1_000_000
#: From so many orders on the indexes are dropped meanwhile.
LARGE = 20_000

_EMPTY = {
    "varchar": "''", "text": "''", "bool": "false", "int4": "0", "int8": "0", "numeric": "0",
    "float8": "0", "jsonb": "'{}'", "timestamptz": "m.at", "_varchar": "'{}'",
    "uuid": "gen_random_uuid()",
}  # fmt: skip

_AT = "timestamptz '2024-01-01' + n * interval '5 minutes'"
_ORDER = "md5('order ' || n)::uuid"
# Of the accounts so far: 250 come with each thousand of orders.
_USER = (
    f"CASE WHEN n % 10 < 6 THEN {BASE} + (n::bigint * 7919 + n / 10) % (n / 1000 * 250 + 250) END"
)
_EMAIL = (
    f"CASE WHEN n % 10 < 6 THEN 'buyer' || ({_USER}) || '@example.com'"
    " ELSE 'guest' || n / 20 * 10 + n % 10 || '@example.com' END"
)
_LINES = "1 + n * 7 % 5"
_PRICE = "(10 + n % 90)::numeric"
_NET = f"({_LINES}) * {_PRICE}"
_GROSS = f"round({_NET} * 1.255, 3)"
_DELIVERED = "n % 3 < 2"

_ADDRESS = {
    "first_name": "(ARRAY['Aino', 'Väinö', 'Helmi', 'Åke', 'Saga'])[1 + {0} % 5]",
    "last_name": "(ARRAY['Mäkelä', 'Korhonen', 'Sjöberg', 'Öhman'])[1 + {0} % 4]",
    "street_address_1": "'Kaskitie ' || {0} % 97",
    "city": "'JUVA'",
    "postal_code": "'51900'",
    "country": "'FI'",
    "phone": "'+35850' || lpad(({0} % 10000000)::text, 7, '0')",
}
_MONEY = {"currency": "c.currency_code"}


def _address(of: str) -> dict[str, str]:
    return {name: value.format(of) for name, value in _ADDRESS.items()}


#: What to insert: table, rows beside the order's number n (or the account's), columns.
_ORDERS: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        "account_address",
        "CROSS JOIN generate_series(0, 1) AS part",
        {"id": f"{BASE * 10} + n * 2 + part"} | _address("n / 3"),
    ),
    (
        "order_order",
        "",
        _MONEY
        | {
            "id": _ORDER,
            "number": f"{BASE} + n",
            "created_at": "m.at",
            "status": f"CASE WHEN {_DELIVERED} THEN 'fulfilled' ELSE 'unfulfilled' END",
            "origin": "'checkout'",
            "charge_status": "'full'",
            "channel_id": "c.id",
            "language_code": "'fi'",
            "user_id": _USER,
            "user_email": _EMAIL,
            "billing_address_id": f"{BASE * 10} + n * 2",
            "shipping_address_id": f"{BASE * 10} + n * 2 + 1",
            "total_net_amount": f"{_NET} + 4.701",
            "total_gross_amount": f"{_GROSS} + 5.900",
            "total_charged_amount": f"{_GROSS} + 5.900",
            "shipping_price_net_amount": "4.701",
            "shipping_price_gross_amount": "5.900",
            "shipping_tax_rate": "0.255",
            "lines_count": _LINES,
            "checkout_token": "md5('checkout ' || n)::uuid",
        },
    ),
    (
        "order_orderline",
        f"CROSS JOIN generate_series(1, {_LINES}) AS part",
        _MONEY
        | {
            "id": "md5('line ' || n || ' ' || part)::uuid",
            "order_id": _ORDER,
            "created_at": "m.at",
            "product_name": "'Villapaita ' || n % 90",
            "variant_name": "'L'",
            "product_sku": "'JR-' || n % 90 || '-' || part",
            "quantity": "1",
            "total_price_net_amount": _PRICE,
            "total_price_gross_amount": f"round({_PRICE} * 1.255, 3)",
            "tax_rate": "0.255",
            "tax_class_name": "'Yleinen kanta'",
        },
    ),
    (
        "payment_payment",
        "WHERE n % 2 = 0",
        _MONEY
        | {
            "id": f"{BASE} + n",
            "order_id": _ORDER,
            "gateway": "'mirumee.payments.dummy'",
            "is_active": "true",
            "charge_status": "'fully-charged'",
            "total": f"{_GROSS} + 5.9",
            "captured_amount": f"{_GROSS} + 5.9",
        },
    ),
    (
        "payment_transaction",
        "CROSS JOIN (VALUES (0, 'auth'), (1, 'capture')) AS part(at, kind) WHERE n % 2 = 0",
        _MONEY
        | {
            "id": f"{BASE} + n * 2 + part.at",
            "payment_id": f"{BASE} + n",
            "token": "'PSP-' || n",
            "kind": "part.kind",
            "is_success": "true",
            "amount": f"{_GROSS} + 5.9",
        },
    ),
    (
        "payment_transactionitem",
        "WHERE n % 2 = 1",
        _MONEY
        | {
            "id": f"{BASE} + n",
            "order_id": _ORDER,
            "app_identifier": "'maksut'",
            "psp_reference": "'PSP-' || n",
            "charged_value": f"{_GROSS} + 5.9",
        },
    ),
    (
        "payment_transactionevent",
        """CROSS JOIN (VALUES (0, 'charge_request', false), (1, 'charge_success', true),
            (2, 'refund_success', true)) AS part(at, type, counts)
            WHERE n % 2 = 1 AND (part.at < 2 OR n % 10 = 1)""",
        _MONEY
        | {
            "id": f"{BASE} + n * 3 + part.at",
            "transaction_id": f"{BASE} + n",
            "type": "part.type",
            "amount_value": "CASE part.at WHEN 2 THEN 5 ELSE " + f"{_GROSS} + 5.9 END",
            "psp_reference": "'PSP-' || n || '-' || part.at",
            "include_in_calculations": "part.counts",
        },
    ),
    (
        "order_fulfillment",
        f"WHERE {_DELIVERED}",
        {
            "id": f"{BASE} + n",
            "order_id": _ORDER,
            "created_at": "m.at + interval '2 days'",
            "fulfillment_order": "1",
            "status": "'fulfilled'",
        },
    ),
    (
        "order_fulfillmentline",
        f"CROSS JOIN generate_series(1, {_LINES}) AS part WHERE {_DELIVERED}",
        {
            "id": f"{BASE} + n * 8 + part",
            "fulfillment_id": f"{BASE} + n",
            "order_line_id": "md5('line ' || n || ' ' || part)::uuid",
            "quantity": "1",
        },
    ),
    (
        "order_orderevent",
        f"""CROSS JOIN (VALUES (0, 'placed'), (1, 'order_fully_paid'), (2, 'email_sent'),
            (3, 'confirmed'), (4, 'fulfillment_fulfilled_items'), (5, 'email_sent'))
            AS part(at, type) WHERE part.at < 4 OR {_DELIVERED}""",
        {
            "id": f"{BASE} + n * 6 + part.at",
            "order_id": _ORDER,
            "type": "part.type",
            "date": "m.at + CASE WHEN part.at > 3 THEN interval '2 days' ELSE interval '0' END",
        },
    ),
    (
        "invoice_invoice",
        "WHERE n % 4 < 3",
        {
            "id": f"{BASE} + n",
            "order_id": _ORDER,
            "number": "'L-' || n",
            "created": "m.at",
            "status": "'success'",
        },
    ),
    (
        "giftcard_giftcardevent",
        "CROSS JOIN (SELECT id FROM giftcard_giftcard LIMIT 1) AS card WHERE n % 50 = 0",
        {
            "id": f"{BASE} + n",
            "order_id": _ORDER,
            "gift_card_id": "card.id",
            "type": "'used_in_order'",
            "parameters": """'{"balance": {"currency": "USD", "old_current_balance": "10.000",
                "current_balance": "7.500"}}'""",
        },
    ),
)

_ACCOUNTS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("account_address", "", {"id": f"{BASE * 5} + n"} | _address("n")),
    (
        "account_user",
        "",
        {
            "id": f"{BASE} + n",
            "email": f"'buyer' || {BASE} + n || '@example.com'",
            "first_name": _ADDRESS["first_name"].format("n"),
            "last_name": _ADDRESS["last_name"].format("n"),
            "is_active": "true",
            "is_confirmed": "true",
            "password": "'!'",
            "jwt_token_key": "'x'",
            "language_code": "'fi'",
            "default_billing_address_id": f"{BASE * 5} + n",
            "default_shipping_address_id": f"{BASE * 5} + n",
        },
    ),
    (
        "account_user_addresses",
        "",
        {"id": f"{BASE} + n", "user_id": f"{BASE} + n", "address_id": f"{BASE * 5} + n"},
    ),
)


def generate(database_url: str, first: int, end: int) -> None:
    """Add the orders numbered from `first` up to, not including, `end`; both in thousands."""
    url = database_url.replace("postgres://", "postgresql://", 1)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET maintenance_work_mem = '512MB'")
        tables = sorted({table for table, _, _ in (*_ACCOUNTS, *_ORDERS)})
        with _without_indexes(connection, tables if end - first >= LARGE else []):
            for table, rows, columns in _ACCOUNTS:
                _insert(connection, table, rows, columns, first // 4, end // 4)
            for table, rows, columns in _ORDERS:
                _insert(connection, table, rows, columns, first, end)
        for table in tables:
            connection.execute(f"VACUUM ANALYZE {table}")


def _insert(
    connection: psycopg.Connection,
    table: str,
    rows: str,
    columns: dict[str, str],
    first: int,
    end: int,
) -> None:
    known = connection.execute(
        "SELECT column_name, udt_name, is_nullable = 'NO' AND column_default IS NULL"
        " AND is_identity = 'NO' FROM information_schema.columns WHERE table_name = %s"
        " AND table_schema = 'public'",
        [table],
    ).fetchall()
    values = {name: columns.get(name, _EMPTY.get(kind, "NULL")) for name, kind, needed in known
              if name in columns or needed}  # fmt: skip
    connection.execute(
        f"INSERT INTO {table} ({', '.join(values)}) SELECT {', '.join(values.values())}"
        f" FROM (SELECT n, {_AT} AS at FROM generate_series({first}, {end} - 1) AS n) AS m"
        f" CROSS JOIN (SELECT id, currency_code FROM channel_channel ORDER BY id LIMIT 1) AS c"
        f" {rows}"
    )


@contextmanager
def _without_indexes(connection: psycopg.Connection, tables: list[str]) -> Iterator[None]:
    """Drop the indexes that no constraint needs, and make them again."""
    found = connection.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisunique"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)",
        [tables],
    ).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")
    yield
    for _, definition in found:
        connection.execute(definition)
