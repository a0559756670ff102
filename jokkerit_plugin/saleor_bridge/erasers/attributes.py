"""Values of customer attributes (Saleor 3.23): those made for one customer go with the account.

As Saleor's `delete_user_unique_attribute_values`; choices of an attribute are everybody's and
stay.
"""

from collections import Counter
from collections.abc import Mapping

from ...register.rows import execute, fetch

_ASSIGNED = "attribute_assigneduserattributevalue"
# Types whose values are made anew for each that has one.
_VALUES = f"""SELECT v.id FROM {_ASSIGNED} a
    JOIN attribute_attributevalue v ON v.id = a.value_id
    JOIN attribute_attribute b ON b.id = v.attribute_id
    WHERE a.user_id = ANY(%(users)s::int[]) AND b.input_type IN ('file', 'reference',
        'single-reference', 'rich-text', 'plain-text', 'numeric', 'date', 'date-time')"""


def files(users: list[str], known: Mapping[str, set[str]]) -> list[tuple[str, str]]:
    """Return the files of these accounts' values ("" and the name in the default storage)."""
    if _ASSIGNED not in known:
        return []
    sql = (
        "SELECT '', file_url FROM attribute_attributevalue"
        f" WHERE file_url <> '' AND id IN ({_VALUES})"
    )
    return [(field, name) for field, name in fetch(sql, {"users": users})]


def delete(users: list[str], known: Mapping[str, set[str]]) -> Counter[str]:
    """Delete the values, their translations and the assignments (4 statements)."""
    if _ASSIGNED not in known:
        return Counter()
    ids = [key for (key,) in fetch(_VALUES, {"users": users})]
    done: Counter[str] = Counter()
    done[_ASSIGNED] += execute(f"DELETE FROM {_ASSIGNED} WHERE user_id = ANY(%s::int[])", [users])
    for table, column in (("attribute_attributevaluetranslation", "attribute_value_id"),
                          ("attribute_attributevalue", "id")):  # fmt: skip
        done[table] += execute(f"DELETE FROM {table} WHERE {column} = ANY(%s::int[])", [ids])
    return done
