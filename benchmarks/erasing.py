"""Runs inside Saleor, in a process of its own: `python -m benchmarks.erasing ORDERS`.

Erases equal ranges of orders in turn, by the erasers in batches of 500 and by SQL written by hand
in batches of 5,000, and prints seconds and statements as one line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from saleor.core.db.connection import allow_writer  # noqa: E402

from jokkerit_plugin.shop.erasers import ShopPart, eraser  # noqa: E402

#: Orders of a batch: a plan's own, and what SQL by hand is quickest with.
OURS, BY_HAND = 500, 5000

_OF = "WHERE order_id = ANY(%(keys)s::uuid[])"
_ITEMS = f"IN (SELECT id FROM payment_transactionitem {_OF})"
_PAYMENTS = f"IN (SELECT id FROM payment_payment {_OF})"
_PLACE = """UPDATE account_address a SET first_name = '', last_name = '', company_name = '',
    street_address_1 = '', street_address_2 = '', city = '', city_area = '', postal_code = '',
    country_area = '', phone = '', metadata = '{{}}', private_metadata = '{{}}'
    FROM order_order o WHERE o.id = ANY(%(keys)s::uuid[]) AND a.id = o.{0}_address_id"""

#: Of each table what the generated orders have filled, and no more checks than that.
HAND: dict[ShopPart, Sequence[str]] = {
    ShopPart.ORDER_DETAIL: (
        _PLACE.format("shipping"),
        """UPDATE order_order SET user_id = NULL, user_email = '', customer_note = '',
            external_reference = NULL, metadata = '{}', private_metadata = '{}',
            redirect_url = NULL, tracking_client_id = '', checkout_token = '',
            search_document = '', shipping_method_metadata = '{}',
            shipping_method_private_metadata = '{}', tax_error = NULL, updated_at = now(),
            search_vector = setweight(to_tsvector('simple', number::text), 'A')
                || setweight(to_tsvector('simple',
                    encode(convert_to('Order:' || id, 'UTF8'), 'base64')), 'A')
            WHERE id = ANY(%(keys)s::uuid[])""",
        f"""UPDATE order_orderline SET metadata = '{{}}', private_metadata = '{{}}',
            unit_discount_reason = NULL {_OF} AND metadata <> '{{}}'""",
        f"UPDATE order_orderevent SET parameters = '{{}}' {_OF} AND parameters <> '{{}}'",
        f"""UPDATE order_fulfillment SET tracking_number = '', metadata = '{{}}',
            private_metadata = '{{}}' {_OF} AND tracking_number <> ''""",
        f"""UPDATE payment_payment SET billing_email = '', customer_ip_address = NULL,
            extra_data = '', token = '', cc_first_digits = '', cc_last_digits = '', cc_brand = '',
            return_url = NULL, metadata = '{{}}', private_metadata = '{{}}',
            modified_at = now() {_OF}""",
        f"""UPDATE payment_transaction SET gateway_response = '{{}}', customer_id = NULL,
            error = NULL, action_required_data = '{{}}' WHERE payment_id {_PAYMENTS}""",
        f"""UPDATE payment_transactionitem SET message = NULL, name = '', external_url = NULL,
            idempotency_key = NULL, metadata = '{{}}', private_metadata = '{{}}',
            modified_at = now() {_OF}""",
        f"""UPDATE payment_transactionevent SET message = NULL, external_url = NULL,
            idempotency_key = NULL WHERE transaction_id {_ITEMS}""",
    ),
    ShopPart.ORDER_IDENTITY: (
        _PLACE.format("billing"),
        """UPDATE order_order SET metadata = '{}', updated_at = now(),
            search_vector = setweight(to_tsvector('simple', number::text), 'A')
                || setweight(to_tsvector('simple',
                    encode(convert_to('Order:' || id, 'UTF8'), 'base64')), 'A')
            WHERE id = ANY(%(keys)s::uuid[])""",
        f"""UPDATE payment_payment SET billing_first_name = '', billing_last_name = '',
            billing_company_name = '', billing_address_1 = '', billing_address_2 = '',
            billing_city = '', billing_city_area = '', billing_postal_code = '',
            billing_country_area = '', psp_reference = NULL, modified_at = now() {_OF}""",
        f"UPDATE payment_transaction SET token = '' WHERE payment_id {_PAYMENTS}",
        f"UPDATE payment_transactionitem SET psp_reference = NULL {_OF}",
        f"""UPDATE payment_transactionevent SET psp_reference = 'erased-' || id
            WHERE transaction_id {_ITEMS}""",
        f"""UPDATE invoice_invoice SET external_url = NULL, invoice_file = '', metadata = '{{}}',
            private_metadata = '{{}}', updated_at = now() {_OF}""",
    ),
}


def main() -> int:
    """Measure and print."""
    size = int(sys.argv[1])
    found = eraser()
    assert found is not None
    with allow_writer():
        with connection.cursor() as cursor:
            cursor.execute("SELECT id::text FROM order_order WHERE status = 'fulfilled'"
                           " AND number >= 1000000 ORDER BY number")  # fmt: skip
            keys = [key for (key,) in cursor.fetchall()]
        # Pairs of neighbouring ranges; a range is one batch by hand.
        ranges = [keys[at : at + BY_HAND] for at in range(0, size, BY_HAND)]
        result: dict[str, Any] = {"statements": 0}
        for part in HAND:
            times: dict[str, list[float]] = {"ours": [], "hand": []}
            for n, chunk in enumerate(ranges):
                ours = n % 4 in {0, 3}
                run: Callable[[ShopPart, list[str]], None] = _ours if ours else _by_hand
                began = time.perf_counter()
                run(part, chunk)
                times["ours" if ours else "hand"].append(time.perf_counter() - began)
                sys.stderr.write(f"{part} {run.__name__} {times}\n")
            result[part.value] = times
        result["statements"] = _statements(ranges[0][:OURS])
    sys.stdout.write(json.dumps(result) + "\n")
    return 0


def _ours(part: ShopPart, keys: list[str]) -> None:
    found = eraser()
    assert found is not None
    for at in range(0, len(keys), OURS):
        batch = keys[at : at + OURS]
        with transaction.atomic():
            taken = found.take(part, batch)
            assert taken == batch
            found.erase(part, taken)


def _by_hand(part: ShopPart, keys: list[str]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for sql in HAND[part]:
            cursor.execute(sql, {"keys": keys})


def _statements(keys: list[str]) -> int:
    sent = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        for part in HAND:
            _ours(part, keys)
    return len(sent)


if __name__ == "__main__":
    sys.exit(main())
