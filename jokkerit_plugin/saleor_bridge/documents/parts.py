"""Pieces of SQL that several documents share."""

from collections.abc import Iterable

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

#: Only keys that are neither the buyer's VAT id nor about marketing make metadata "outside the
#: description".
OWN_METADATA = (
    "CASE jsonb_typeof({0}.metadata) WHEN 'object'"
    " THEN ({0}.metadata - %(vat_keys)s::text[] - %(marketing_keys)s::text[]) <> '{{}}'::jsonb"
    " ELSE {0}.metadata IS NOT NULL END"
)


def moment(expression: str) -> str:
    """A timestamptz as ISO 8601 text in UTC, whatever the session's time zone is."""
    return f"to_char({expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"


def party(alias: str) -> str:
    """A `Party` of the address row `alias`, or NULL where the (left-joined) row is missing."""
    a = alias
    return f"""CASE WHEN {a}.id IS NOT NULL THEN json_build_object(
        'first_name', {a}.first_name, 'last_name', {a}.last_name,
        'company_name', {a}.company_name, 'street_1', {a}.street_address_1,
        'street_2', {a}.street_address_2, 'postal_code', {a}.postal_code, 'city', {a}.city,
        'city_area', {a}.city_area, 'country_area', {a}.country_area,
        'country', {a}.country, 'phone', {a}.phone) END"""


def vat_id(*sources: str) -> str:
    """The first non-blank value of the VAT id keys: sources in order, then keys in order."""
    rows = ", ".join(f"({n}, {source})" for n, source in enumerate(sources))
    return f"""coalesce((
        SELECT btrim(source.data ->> name.key)
        FROM (VALUES {rows}) AS source(rank, data)
        CROSS JOIN unnest(%(vat_keys)s::text[]) WITH ORDINALITY AS name(key, rank)
        WHERE btrim(source.data ->> name.key) <> ''
        ORDER BY source.rank, name.rank LIMIT 1), '')"""


def marketing(source: str) -> str:
    """The object of what metadata says of marketing; keys in order, values as short text."""
    return f"""coalesce((
        SELECT json_object_agg(said.key, left(said.value, 100) ORDER BY said.key COLLATE "C")
        FROM jsonb_each_text(CASE jsonb_typeof({source}) WHEN 'object' THEN {source}
            ELSE '{{}}'::jsonb END) AS said(key, value)
        WHERE said.key = ANY(%(marketing_keys)s::text[]) AND said.value IS NOT NULL),
        '{{}}'::json)"""


def marks(columns: Iterable[tuple[str, str]]) -> str:
    """The text[] of (name, condition) pairs: names whose condition holds, NULL for the others."""
    cases = [f"CASE WHEN {condition} THEN '{name}' END" for name, condition in columns]
    return f"ARRAY[{', '.join(cases)}]::text[]"


def marks_of(rows: str, columns: Iterable[tuple[str, str]]) -> str:
    """As `marks`, for conditions that any of several rows may fulfil; `rows` follows FROM."""
    return f"(SELECT {marks((name, f'bool_or({c})') for name, c in columns)} FROM {rows})"


def names(*arrays: str) -> str:
    """The sorted JSON list of the names in these arrays."""
    return f"""(
        SELECT coalesce(json_agg(mark ORDER BY mark COLLATE "C"), '[]'::json)
        FROM unnest({" || ".join(arrays)}) AS mark WHERE mark IS NOT NULL)"""


def has_field(model: str, field: str) -> bool:
    """Whether this Saleor's `model` ("app.Model") has `field`; versions differ."""
    try:
        apps.get_model(model)._meta.get_field(field)
    except (LookupError, FieldDoesNotExist):
        return False
    return True


def present(columns: Iterable[tuple[str, str, str, str]]) -> list[tuple[str, str]]:
    """Of (name, model, field, condition) keep what this Saleor has, for `marks`."""
    return [
        (name, condition) for name, model, field, condition in columns if has_field(model, field)
    ]
