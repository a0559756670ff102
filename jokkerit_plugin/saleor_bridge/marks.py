"""The mark on a Saleor account that its owner said no to marketing: for other apps to see."""

from collections.abc import Mapping

from django.db import connections

#: In private metadata, which staff and apps see; the customer writes the public one.
KEY = "jokkerit.marketing"

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


def write(closed: Mapping[int, str]) -> None:
    """Write what is not so already (1 statement). See `ShopPort.mark_opt_outs`."""
    if closed:
        with connections["default"].cursor() as cursor:
            cursor.execute(_SQL, {"key": KEY, "users": list(closed), "said": list(closed.values())})
