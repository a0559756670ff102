"""Marks on Saleor's accounts, for staff and other apps to see: no to marketing, restricted."""

from collections.abc import Collection, Mapping

from django.db import connections

#: In private metadata, which staff and apps see; the customer writes the public one.
KEY = "jokkerit.marketing"
#: Of whoever's data is kept but not used (GDPR article 18).
RESTRICTED = "jokkerit.restricted"

# `updated_at` stays: nobody changed the account.
_SQL = """
    UPDATE account_user AS u SET private_metadata = CASE new.said
        WHEN '' THEN u.private_metadata - %(key)s
        ELSE coalesce(u.private_metadata, '{}'::jsonb) || jsonb_build_object(%(key)s, new.said) END
    FROM (SELECT u.id, new.said FROM unnest(%(users)s::int[], %(said)s::text[]) AS new(id, said)
        JOIN account_user AS u USING (id)
        WHERE coalesce(u.private_metadata ->> %(key)s, '') <> new.said
            AND coalesce(jsonb_typeof(u.private_metadata), 'object') = 'object'
        ORDER BY u.id FOR NO KEY UPDATE OF u) AS new
    WHERE u.id = new.id"""

_RESTRICTED = """
    UPDATE account_user AS u SET private_metadata = CASE WHEN u.id = ANY(%(users)s::int[])
        THEN coalesce(u.private_metadata, '{}'::jsonb) || jsonb_build_object(%(key)s, 'true')
        ELSE u.private_metadata - %(key)s END
    FROM (SELECT id FROM account_user
        WHERE (id = ANY(%(users)s::int[]) OR private_metadata ? %(key)s)
            AND id = ANY(%(users)s::int[]) <> coalesce(private_metadata ? %(key)s, false)
            AND coalesce(jsonb_typeof(private_metadata), 'object') = 'object'
        ORDER BY id FOR NO KEY UPDATE) AS other
    WHERE u.id = other.id"""


def write(closed: Mapping[int, str]) -> None:
    """Write what is not so already (1 statement). See `ShopPort.mark_opt_outs`."""
    if closed:
        with connections["default"].cursor() as cursor:
            cursor.execute(_SQL, {"key": KEY, "users": list(closed), "said": list(closed.values())})


def restricted(users: Collection[int]) -> None:
    """Mark these accounts and no others (1 statement). See `ShopPort.mark_restricted`."""
    with connections["default"].cursor() as cursor:
        cursor.execute(_RESTRICTED, {"key": RESTRICTED, "users": list(users)})
