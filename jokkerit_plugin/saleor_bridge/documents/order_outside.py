"""Columns of an order that lie outside the register description, named when the shop fills them.

They are named, never copied: the description promises six categories and nothing else.
"""

from .parts import OWN_METADATA, filled, present


def _any(table: str, link: str, *columns: tuple[str, str, str, str]) -> list[tuple[str, str]]:
    """For each present column: whether any row `r` of `table` fulfils the condition."""
    return [
        (name, f"EXISTS (SELECT 1 FROM {table} WHERE {link} AND ({condition}))")
        for name, condition in present(columns)
    ]


def _metadata(thing: str, model: str) -> tuple[tuple[str, str, str, str], ...]:
    return (
        (f"{thing}.metadata", model, "metadata", "r.metadata <> '{}'::jsonb"),
        (
            f"{thing}.private_metadata",
            model,
            "private_metadata",
            "r.private_metadata <> '{}'::jsonb",
        ),
    )


def _lines() -> list[tuple[str, str]]:
    model = "order.OrderLine"
    return _any(
        "order_orderline r",
        "r.order_id = o.id",
        *_metadata("orderline", model),
        (
            "orderline.unit_discount_reason",
            model,
            "unit_discount_reason",
            "r.unit_discount_reason <> ''",
        ),
        (
            "orderline.price_override_reason",
            model,
            "price_override_reason",
            "r.price_override_reason <> ''",
        ),
    )


def _fulfillments() -> list[tuple[str, str]]:
    model, line = "order.Fulfillment", "order.FulfillmentLine"
    return [
        *_any(
            "order_fulfillment r",
            "r.order_id = o.id",
            *_metadata("fulfillment", model),
            ("fulfillment.tracking_number", model, "tracking_number", "r.tracking_number <> ''"),
            ("fulfillment.reason", model, "reason", "r.reason <> ''"),
        ),
        *_any(
            "order_fulfillment f JOIN order_fulfillmentline r ON r.fulfillment_id = f.id",
            "f.order_id = o.id",
            ("fulfillmentline.reason", line, "reason", "r.reason <> ''"),
        ),
    ]


def _money() -> list[tuple[str, str]]:
    payment, item = "payment.Payment", "payment.TransactionItem"
    return [
        *_any(
            "payment_payment r",
            "r.order_id = o.id",
            *_metadata("payment", payment),
            (
                "payment.customer_ip_address",
                payment,
                "customer_ip_address",
                "r.customer_ip_address IS NOT NULL",
            ),
            ("payment.extra_data", payment, "extra_data", "r.extra_data <> ''"),
            (
                "payment.card",
                payment,
                "cc_last_digits",
                "r.cc_first_digits <> '' OR r.cc_last_digits <> ''",
            ),
        ),
        *_any(
            "payment_payment p JOIN payment_transaction r ON r.payment_id = p.id",
            "p.order_id = o.id",
            ("payment.customer_id", "payment.Transaction", "customer_id", "r.customer_id <> ''"),
            (
                "payment.gateway_response",
                "payment.Transaction",
                "gateway_response",
                "r.gateway_response <> '{}'::jsonb",
            ),
        ),
        *_any(
            "payment_transactionitem r",
            "r.order_id = o.id",
            *_metadata("transaction", item),
            ("transaction.message", item, "message", "r.message <> ''"),
            (
                "transaction.card",
                item,
                "cc_last_digits",
                "r.cc_first_digits <> '' OR r.cc_last_digits <> ''",
            ),
        ),
        *_any(
            "order_ordergrantedrefund r",
            "r.order_id = o.id",
            ("grantedrefund.reason", "order.OrderGrantedRefund", "reason", "r.reason <> ''"),
        ),
        *_any(
            "discount_orderdiscount r",
            "r.order_id = o.id",
            ("discount.reason", "discount.OrderDiscount", "reason", "r.reason <> ''"),
        ),
    ]


def outside() -> str:
    """A JSON list of names, sorted."""
    own = present(
        [
            ("order.customer_note", "order.Order", "customer_note", "o.customer_note <> ''"),
            ("order.metadata", "order.Order", "metadata", OWN_METADATA.format("o")),
            (
                "order.private_metadata",
                "order.Order",
                "private_metadata",
                "o.private_metadata <> '{}'::jsonb",
            ),
            (
                "order.tracking_client_id",
                "order.Order",
                "tracking_client_id",
                "o.tracking_client_id <> ''",
            ),
            (
                "order.external_reference",
                "order.Order",
                "external_reference",
                "o.external_reference <> ''",
            ),
            ("order.redirect_url", "order.Order", "redirect_url", "o.redirect_url <> ''"),
        ]
    )
    both = " OR ".join((OWN_METADATA.format("ba"), OWN_METADATA.format("sa")))
    private = "ba.private_metadata <> '{}'::jsonb OR sa.private_metadata <> '{}'::jsonb"
    return filled(
        [
            *own,
            ("order.note", "ev.noted"),
            ("address.metadata", both),
            ("address.private_metadata", private),
            *_lines(),
            *_fulfillments(),
            *_money(),
            *_any(
                "invoice_invoice r", "r.order_id = o.id", *_metadata("invoice", "invoice.Invoice")
            ),
        ]
    )
