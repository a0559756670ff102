"""Columns of an order that lie outside the register description, named when the shop fills them.

They are named, never copied: the description promises six categories and nothing else.
"""

from .parts import OWN_METADATA, marks, marks_of, names, present

Column = tuple[str, str, str, str]


def _text(thing: str, model: str, *fields: str) -> list[Column]:
    """Text columns, filled when not empty."""
    return [(f"{thing}.{field}", model, field, f"r.{field} <> ''") for field in fields]


def _metadata(thing: str, model: str, alias: str = "r") -> list[Column]:
    fields = ("metadata", "private_metadata")
    return [
        (f"{thing}.{field}", model, field, f"{alias}.{field} <> '{{}}'::jsonb") for field in fields
    ]


def _card(thing: str, model: str) -> Column:
    condition = "r.cc_first_digits <> '' OR r.cc_last_digits <> ''"
    return (f"{thing}.card", model, "cc_last_digits", condition)


def _own() -> str:
    model = "order.Order"
    fields = ("customer_note", "tracking_client_id", "external_reference", "redirect_url")
    address = "ba.private_metadata <> '{}'::jsonb OR sa.private_metadata <> '{}'::jsonb"
    return marks(
        [
            *present((f"order.{f}", model, f, f"o.{f} <> ''") for f in fields),
            ("order.metadata", OWN_METADATA.format("o")),
            ("order.private_metadata", "o.private_metadata <> '{}'::jsonb"),
            ("order.note", "ev.noted"),
            ("address.metadata", f"{OWN_METADATA.format('ba')} OR {OWN_METADATA.format('sa')}"),
            ("address.private_metadata", address),
        ]
    )


#: Rows `r` that belong to the order, and their columns (name, model, field, condition).
_CHILDREN: tuple[tuple[str, list[Column]], ...] = (
    (
        "order_orderline r WHERE r.order_id = o.id",
        [
            *_metadata("orderline", "order.OrderLine"),
            *_text("orderline", "order.OrderLine", "unit_discount_reason", "price_override_reason"),
        ],
    ),
    (
        "order_fulfillment r WHERE r.order_id = o.id",
        [
            *_metadata("fulfillment", "order.Fulfillment"),
            *_text("fulfillment", "order.Fulfillment", "tracking_number", "reason"),
        ],
    ),
    (
        (
            "order_fulfillment f JOIN order_fulfillmentline r ON r.fulfillment_id = f.id"
            " WHERE f.order_id = o.id"
        ),
        _text("fulfillmentline", "order.FulfillmentLine", "reason"),
    ),
    (
        "payment_payment r WHERE r.order_id = o.id",
        [
            *_metadata("payment", "payment.Payment"),
            *_text("payment", "payment.Payment", "extra_data"),
            _card("payment", "payment.Payment"),
            (
                "payment.customer_ip_address",
                "payment.Payment",
                "customer_ip_address",
                "r.customer_ip_address IS NOT NULL",
            ),
        ],
    ),
    (
        (
            "payment_payment p JOIN payment_transaction r ON r.payment_id = p.id"
            " WHERE p.order_id = o.id"
        ),
        [
            *_text("payment", "payment.Transaction", "customer_id"),
            (
                "payment.gateway_response",
                "payment.Transaction",
                "gateway_response",
                "r.gateway_response <> '{}'::jsonb",
            ),
        ],
    ),
    (
        "payment_transactionitem r WHERE r.order_id = o.id",
        [
            *_metadata("transaction", "payment.TransactionItem"),
            *_text("transaction", "payment.TransactionItem", "message"),
            _card("transaction", "payment.TransactionItem"),
        ],
    ),
    (
        "order_ordergrantedrefund r WHERE r.order_id = o.id",
        _text("grantedrefund", "order.OrderGrantedRefund", "reason"),
    ),
    (
        "discount_orderdiscount r WHERE r.order_id = o.id",
        _text("discount", "discount.OrderDiscount", "reason"),
    ),
    (
        "invoice_invoice r WHERE r.order_id = o.id",
        _metadata("invoice", "invoice.Invoice"),
    ),
)


def outside() -> str:
    """A JSON list of names, sorted. Reads each child table once."""
    found = [(rows, present(columns)) for rows, columns in _CHILDREN]
    return names(_own(), *(marks_of(rows, columns) for rows, columns in found if columns))
