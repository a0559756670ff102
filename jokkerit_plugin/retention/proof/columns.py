"""Which columns of the database can hold a text, whoever made them. Read from the catalogue."""

from dataclasses import dataclass

from ...register.rows import fetch


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is searched; `expression` gives its text."""

    name: str
    expression: str
    is_vector: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose columns are searched. `sql`: schema and name, quoted; `name` as people say it.

    `key`: columns of the primary key; empty: rows have none, and are told by their place.
    """

    name: str
    sql: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    pages: int


#: Numbers, dates, keys, ranges and states hold no text; everything else is taken for one.
_WITHOUT_TEXT = "BDEGNRTP"
_SQL = f"""
SELECT CASE n.nspname WHEN current_schema() THEN c.relname ELSE n.nspname || '.' || c.relname END,
    quote_ident(n.nspname) || '.' || quote_ident(c.relname),
    (pg_relation_size(c.oid) / current_setting('block_size')::bigint)::bigint,
    ARRAY(SELECT a.attname::text FROM pg_index AS i, unnest(i.indkey) WITH ORDINALITY AS k(n, o)
        JOIN pg_attribute AS a ON a.attnum = k.n
        WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid ORDER BY k.o),
    ARRAY(SELECT a.attname::text || ' ' || base.typname
        FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
        JOIN pg_type AS base ON base.oid = COALESCE(NULLIF(t.typbasetype, 0), t.oid)
        LEFT JOIN pg_type AS item ON item.oid = base.typelem
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND position(COALESCE(CASE base.typcategory WHEN 'A' THEN item.typcategory END,
            base.typcategory)::text IN '{_WITHOUT_TEXT}') = 0
        AND base.typname NOT IN ('uuid', '_uuid') ORDER BY a.attnum),
    has_table_privilege(c.oid, 'SELECT')
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
    AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'
ORDER BY 1
"""


def searchable() -> tuple[list[Table], list[str]]:
    """Return the tables that can be searched, and the names of those that may not be read.

    Views hold nothing of their own; of a partitioned table its partitions are named.
    """
    tables, closed = [], []
    for name, sql, pages, key, columns, readable in fetch(_SQL, []):
        if not readable:
            closed.append(name)
        elif columns:
            found = tuple(_column(*column.rsplit(" ", 1)) for column in columns)
            tables.append(Table(name, sql, tuple(key), found, pages))
    return tables, closed


def quoted(name: str) -> str:
    """Return a name as an identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def _column(name: str, kind: str) -> Column:
    text = f"encode({quoted(name)}, 'escape')" if kind == "bytea" else f"{quoted(name)}::text"
    return Column(name, text, is_vector=kind == "tsvector")
