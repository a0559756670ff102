"""The document of a checkout: every field of `CheckoutSnapshot`, read per checkout `k`."""

from .parts import OWN_METADATA, marketing, marks, moment, names, party

#: Excluded channels do not exist for the register.
EXISTS = """k.channel_id NOT IN (
    SELECT id FROM channel_channel WHERE slug = ANY(%(excluded)s::text[]))"""

_BOTH = " OR ".join((OWN_METADATA.format("ba"), OWN_METADATA.format("sa")))

_OUTSIDE = names(
    marks(
        [
            ("checkout.note", "k.note <> ''"),
            ("checkout.metadata", OWN_METADATA.format("stored")),
            ("checkout.private_metadata", "stored.private_metadata <> '{}'::jsonb"),
            ("checkout.redirect_url", "k.redirect_url <> ''"),
            ("checkout.tracking_code", "k.tracking_code <> ''"),
            ("checkoutline.metadata", "ln.metadata"),
            ("checkoutline.private_metadata", "ln.private_metadata"),
            ("address.metadata", _BOTH),
            (
                "address.private_metadata",
                "ba.private_metadata <> '{}'::jsonb OR sa.private_metadata <> '{}'::jsonb",
            ),
        ]
    )
)


def select() -> str:
    """Document columns per row of `k` (all of checkout_checkout)."""
    return f"""
    k.token AS key, k.user_id AS user, coalesce(k.email, '') AS email,
    channel.slug AS channel, k.currency, k.language_code AS language,
    k.total_gross_amount::text AS gross, ln.count AS lines_count,
    {moment("k.created_at")} AS created_at, {moment("k.last_change")} AS changed_at,
    {party("ba")} AS billing, {party("sa")} AS shipping, {_OUTSIDE} AS outside,
    {marketing("stored.metadata")} AS marketing"""


def joins() -> str:
    """What `select()` reads beside `k`: at most one row each."""
    return """
    JOIN channel_channel channel ON channel.id = k.channel_id
    LEFT JOIN account_address ba ON ba.id = k.billing_address_id
    LEFT JOIN account_address sa ON sa.id = k.shipping_address_id
    LEFT JOIN checkout_checkoutmetadata stored ON stored.checkout_id = k.token
    CROSS JOIN LATERAL (
        SELECT count(*) AS count, bool_or(l.metadata <> '{}'::jsonb) AS metadata,
            bool_or(l.private_metadata <> '{}'::jsonb) AS private_metadata
        FROM checkout_checkoutline l WHERE l.checkout_id = k.token) ln"""
