"""Money that moved, from both of Saleor's payment interfaces, as Saleor itself sums it up.

Legacy payments (`payment_transaction`): `capture` and `external` (marked as paid by staff) are
money in, `refund` is money out, `refund_reversed` money in again, `capture_failed` after a
capture money out again. Authorisations, voids and confirmations move nothing, nor does an
attempt that failed or still waits for the buyer.

Transactions (`payment_transactionevent`): only events that Saleor includes in its calculations.
Of several events with one PSP reference the newest counts, and a later failure undoes a success.
Events without a reference are manual adjustments: a negative `charge_success` is how an app books
a refund, and the `refund_success` beside it would count the same money twice.

So the sum of an order's movements is its `total_charged_amount`, with one difference: Saleor
takes a refund off when it is requested, the register when the money has moved.
"""

from ...shop.snapshots import GIFT_CARD_GATEWAY
from .parts import moment

_LEGACY = """
    SELECT 'payment:' || t.id AS key,
        CASE t.kind WHEN 'refund' THEN 'refund' WHEN 'refund_reversed' THEN 'refund_reversed'
            WHEN 'capture_failed' THEN 'chargeback' ELSE 'payment' END AS kind,
        t.amount, t.currency, t.created_at AS at, p.gateway,
        coalesce(nullif(t.token, ''), p.psp_reference, '') AS reference
    FROM payment_payment p JOIN payment_transaction t ON t.payment_id = p.id
    WHERE p.order_id = o.id AND t.is_success AND NOT t.action_required AND t.amount <> 0
        AND (t.kind IN ('capture', 'external', 'refund', 'refund_reversed')
            OR t.kind = 'capture_failed' AND EXISTS (
                SELECT 1 FROM payment_transaction earlier
                WHERE earlier.payment_id = p.id AND earlier.id < t.id AND earlier.is_success
                    AND earlier.kind = 'capture'))"""

_EVENTS = """
    SELECT 'event:' || e.id AS key,
        CASE WHEN e.type = 'charge_success' AND e.amount_value < 0 THEN 'refund'
            WHEN e.type = 'charge_success' THEN 'payment'
            WHEN e.type = 'refund_success' THEN 'refund'
            WHEN e.type = 'refund_reverse' THEN 'refund_reversed'
            ELSE 'chargeback' END AS kind,
        CASE WHEN e.type = 'charge_success' THEN abs(e.amount_value)
            ELSE e.amount_value END AS amount,
        e.currency, e.created_at AS at, e.gateway, e.reference
    FROM (
        SELECT e.id, e.type, e.amount_value, e.currency, e.created_at,
            coalesce(nullif(t.app_identifier, ''), t.name, '') AS gateway,
            coalesce(nullif(e.psp_reference, ''), t.psp_reference, '') AS reference,
            coalesce(e.psp_reference, '') = '' AS manual,
            row_number() OVER (PARTITION BY t.id, e.type, e.psp_reference
                ORDER BY e.created_at DESC, e.id DESC) = 1 AS newest,
            max(e.created_at) FILTER (WHERE e.type = 'charge_failure')
                OVER (PARTITION BY t.id, e.psp_reference) AS charge_failed,
            max(e.created_at) FILTER (WHERE e.type = 'refund_failure')
                OVER (PARTITION BY t.id, e.psp_reference) AS refund_failed
        FROM payment_transactionitem t
        JOIN payment_transactionevent e ON e.transaction_id = t.id AND e.include_in_calculations
        WHERE t.order_id = o.id) e
    WHERE e.amount_value <> 0 AND CASE e.type
        WHEN 'charge_success' THEN e.manual
            OR e.newest AND (e.charge_failed IS NULL OR e.created_at > e.charge_failed)
        WHEN 'refund_success' THEN NOT e.manual
            AND e.newest AND (e.refund_failed IS NULL OR e.created_at > e.refund_failed)
        WHEN 'charge_back' THEN e.manual OR e.newest
        WHEN 'refund_reverse' THEN e.manual OR e.newest
        ELSE false END"""

#: One row per order `o`: `list` (JSON) and `last_payment` (timestamptz or NULL).
MOVEMENTS = f"""
    SELECT coalesce(json_agg(json_build_object(
            'key', m.key, 'kind', m.kind, 'amount', m.amount::text, 'currency', m.currency,
            'at', {moment("m.at")}, 'gateway', m.gateway, 'reference', m.reference)
            ORDER BY m.at, m.key COLLATE "C"), '[]'::json) AS list,
        max(m.at) FILTER (WHERE m.kind = 'payment') AS last_payment
    FROM ({_LEGACY} UNION ALL {_EVENTS}) m"""

_NUMBER = r"'^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]{{1,2}})?$'"
_BALANCE = (
    f"CASE WHEN g.parameters -> 'balance' ->> '{{0}}' ~ {_NUMBER}"
    " THEN (g.parameters -> 'balance' ->> '{0}')::numeric ELSE 0 END"
)

#: What gift cards took off the order's total, as numeric. A card used through the gift-card
#: gateway writes the same event without shrinking the total: its charge is a movement, so
#: those charges are taken off again (both vanish together when the card is deleted).
GIFT_CARDS_USED = f"""(
    SELECT coalesce(sum({_BALANCE.format("old_current_balance")}
        - {_BALANCE.format("current_balance")}), 0)
    FROM giftcard_giftcardevent g WHERE g.order_id = o.id AND g.type = 'used_in_order')"""

#: Only where `payment_transactionitem.gift_card_id` exists.
GIFT_CARDS_CHARGED = f"""(
    SELECT coalesce(sum(e.amount_value), 0)
    FROM payment_transactionitem t
    JOIN payment_transactionevent e ON e.transaction_id = t.id
        AND e.type = 'charge_success' AND e.include_in_calculations
    WHERE t.order_id = o.id AND t.gift_card_id IS NOT NULL
        AND t.app_identifier = '{GIFT_CARD_GATEWAY}')"""
