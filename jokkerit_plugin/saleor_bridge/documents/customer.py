"""The document of an account: every field of `CustomerSnapshot`, read per user `u`."""

from .order import EXISTS
from .parts import OWN_METADATA, marketing, marks, marks_of, moment, names, party, present, vat_id

#: Accounts for which a purchase exists, and others' fresh ones; staff only as buyers.
CURRENT = f"""(EXISTS (SELECT FROM order_order o WHERE o.user_id = u.id AND {EXISTS})
    OR NOT u.is_staff AND u.updated_at >= %(since)s)"""

# Written only when Saleor itself has sent the mail about the change; the register learns other
# changes by comparing with what it has.
_FORMER = """(
    SELECT coalesce(json_agg(former.email ORDER BY former.email COLLATE "C"), '[]'::json)
    FROM (SELECT DISTINCT e.parameters ->> 'old_email' AS email
        FROM account_customerevent e
        WHERE e.user_id = u.id AND e.type = 'email_changed') former
    WHERE former.email <> '' AND lower(former.email) <> lower(u.email))"""

# Default addresses need not be in the address book.
_ADDRESSES = f"""(
    SELECT coalesce(json_agg(json_build_object('key', a.id, 'party', {party("a")},
        'default_billing', coalesce(a.id = u.default_billing_address_id, false),
        'default_shipping', coalesce(a.id = u.default_shipping_address_id, false))
        ORDER BY a.id), '[]'::json)
    FROM ({{ids}}) book JOIN account_address a ON a.id = book.id)"""

_IDS = """SELECT address_id AS id FROM account_user_addresses WHERE user_id = u.id
    UNION SELECT u.default_billing_address_id UNION SELECT u.default_shipping_address_id"""


# What the register itself leaves there: `saleor_bridge/marks.py`.
_PRIVATE = """CASE jsonb_typeof(u.private_metadata) WHEN 'object'
    THEN u.private_metadata - 'jokkerit.marketing' <> '{}'::jsonb
    ELSE u.private_metadata IS NOT NULL END"""


def _outside() -> str:
    user, attribute = "account.User", "attribute.AssignedUserAttributeValue"
    columns = [
        (f"user.{field}", user, field, f"u.{field} <> ''")
        for field in ("note", "avatar", "external_reference")
    ]
    notes = "EXISTS (SELECT 1 FROM account_customernote n WHERE n.customer_id = u.id)"
    values = "EXISTS (SELECT 1 FROM attribute_assigneduserattributevalue v WHERE v.user_id = u.id)"
    columns += [
        ("user.metadata", user, "metadata", OWN_METADATA.format("u")),
        ("user.private_metadata", user, "private_metadata", _PRIVATE),
        ("customernote.content", "account.CustomerNote", "content", notes),
        ("user.attributes", attribute, "user", values),
    ]
    addresses = marks_of(
        f"({_IDS}) book JOIN account_address a ON a.id = book.id",
        [
            ("address.metadata", OWN_METADATA.format("a")),
            ("address.private_metadata", "a.private_metadata <> '{}'::jsonb"),
        ],
    )
    return names(marks(present(columns)), addresses)


def select() -> str:
    """Document columns per row of `u` (all of account_user)."""
    return f"""
    u.id AS key, u.email, u.first_name, u.last_name, u.language_code AS language,
    u.is_staff, u.is_active, {moment("u.date_joined")} AS joined_at,
    {moment("u.updated_at")} AS changed_at, {_FORMER} AS former_emails,
    {_ADDRESSES.format(ids=_IDS)} AS addresses, {vat_id("u.metadata")} AS vat_id,
    {_outside()} AS outside, {marketing("u.metadata")} AS marketing"""


def joins() -> str:
    """Nothing: all that `select()` reads beside `u` is in subqueries."""
    return ""
