"""What columns and references the running database and Saleor's models have."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from django.apps import apps

from ...register.held_lines import DAYS
from ...register.rows import fetch

#: (table, column)
Column = tuple[str, str]

# By what holds no text, so that a type nobody thought of counts.
_HARMLESS = [
    "int2", "int4", "int8", "numeric", "float4", "float8", "bool", "uuid", "oid", "money",
    "timestamptz", "timestamp", "date", "time", "timetz", "interval",
    "_int2", "_int4", "_int8", "_numeric", "_uuid", "_date", "_timestamptz",
]  # fmt: skip

_OWN_FIELDS = {
    "AutoField", "BigAutoField", "SmallAutoField", "IntegerField", "BigIntegerField",
    "SmallIntegerField", "PositiveIntegerField", "PositiveSmallIntegerField",
    "PositiveBigIntegerField", "DecimalField", "FloatField", "BooleanField", "UUIDField",
    "DateTimeField", "DateField", "TimeField", "DurationField", "ForeignKey", "OneToOneField",
}  # fmt: skip

_SOURCE = """FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type y ON y.oid = a.atttypid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm', 'f')
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"""
_IN_PATH = "n.nspname = ANY(current_schemas(false))"
_COLUMNS = f"SELECT c.relname, a.attname {_SOURCE} AND {_IN_PATH}"

# Of other schemas what this user may read, as the proof searches it: somebody's copy of a table.
_TEXTS = f"""SELECT CASE WHEN {_IN_PATH} THEN c.relname ELSE n.nspname || '.' || c.relname END,
        a.attname {_SOURCE}
    AND ({_IN_PATH} AND NOT c.relname = ANY(%(own)s::text[]) AND c.relname !~ %(days)s
        OR NOT {_IN_PATH} AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))
    AND NOT y.typname = ANY(%(harmless)s::text[])
    AND y.typtype <> 'e'"""

_REFERENCES = """
    SELECT parent.relname, child.relname, a.attname, NOT a.attnotnull
    FROM pg_constraint f
    JOIN pg_class child ON child.oid = f.conrelid JOIN pg_class parent ON parent.oid = f.confrelid
    JOIN pg_namespace n ON n.oid = parent.relnamespace
    JOIN pg_attribute a ON a.attrelid = child.oid AND a.attnum = f.conkey[1]
    WHERE f.contype = 'f' AND parent.relname = ANY(%s::text[])
        AND n.nspname = ANY(current_schemas(false))
    ORDER BY 1, 2, 3"""


def texts() -> set[Column]:
    """Return every column of the database or of a model that may hold text, but for our own.

    A table outside of the search path is called `schema.table`.
    """
    own = [model._meta.db_table for model in apps.get_app_config("jokkerit_plugin").get_models()]
    found = fetch(_TEXTS, {"own": own, "days": DAYS, "harmless": _HARMLESS})
    return {(table, column) for table, column in found} | _of_models(own)


def _of_models(own: Collection[str]) -> set[Column]:
    return {
        (model._meta.db_table, str(field.column))
        for model in apps.get_models(include_auto_created=True)
        if model._meta.db_table not in own and model._meta.managed
        for field in model._meta.local_concrete_fields
        if field.get_internal_type() not in _OWN_FIELDS
    }


def present(tables: Collection[str]) -> Mapping[str, set[str]]:
    """Return all columns that these tables have in the database, those without text too."""
    found: dict[str, set[str]] = defaultdict(set)
    rows = fetch(f"{_COLUMNS} AND c.relname = ANY(%s::text[])", [sorted(tables)])
    for table, column in rows:
        found[table].add(column)
    return found


def references(parents: Collection[str]) -> dict[str, list[tuple[str, str, bool]]]:
    """Return by table what refers to its rows: table, column, whether it may be NULL."""
    found: dict[str, list[tuple[str, str, bool]]] = defaultdict(list)
    for parent, child, column, nullable in fetch(_REFERENCES, [sorted(parents)]):
        found[parent].append((child, column, nullable))
    return found
