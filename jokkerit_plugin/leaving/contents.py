"""The rows of an archive's files, as statements; and by what it is told that they have changed."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models

from ..access import chain
from ..accounting.exports.cells import FORMULA
from ..models import Purchase
from ..models.access_log import SubjectSet
from ..policy.archive import FILES, File
from ..register.rows import fetch, stream, table

#: A spreadsheet takes a text that begins so for a formula: an apostrophe goes before it. Control
#: characters are kept here, and some skip them.
_FORMULA = f"E'{''.join(FORMULA)}\\t\\r'"
_JSON_PAGE = 100


def model_of(file: File) -> type[models.Model]:
    """Return the table of a file."""
    return apps.get_model("jokkerit_plugin", file.model)


@cache
def select(file: File) -> str:
    """Return the statement of a file's rows, in no order."""
    model, left = model_of(file), file.without.split()
    own = [one for one in model._meta.concrete_fields if one.name not in left]
    columns = [_column("t", one, file) for one in own]
    source = f"{table(model)} AS t"
    if file.beside:
        source += f" JOIN {table(Purchase)} AS p ON p.id = t.purchase_id"
        fields = (Purchase._meta.get_field(name) for name in file.beside.split())
        columns += [_column("p", one, file, "purchase_") for one in fields]
    return f"SELECT {', '.join(columns)} FROM {source}"


def ordered(file: File) -> str:
    """Return the statement of a file's rows, oldest first."""
    return f"{select(file)} ORDER BY t.{model_of(file)._meta.pk.column}"


def lines(file: File) -> Iterator[dict[str, Any] | str]:
    """Yield the lines of a file of JSON: a link, or the text of a row; in a transaction."""
    if file.chain:
        yield from chain.written(model_of(file))
    else:
        named = f"SELECT row_to_json(q)::text FROM ({ordered(file)}) AS q"
        for (text,) in stream(f"jokkerit_{file.model.lower()}", named, [], page=_JSON_PAGE):
            yield text


def prints() -> dict[str, str]:
    """Return by file of the books how many rows it has, and a sum over all that stands in them.

    Whatever order they are read in. It finds a change; a forger who has the database it does not.
    """
    found = {}
    for file in (one for one in FILES if one.books):
        ((rows, told),) = fetch(
            "SELECT count(*), coalesce(sum(hash_record_extended(q, 0)), 0)"
            f" FROM ({select(file)}) AS q",
            [],
        )
        found[file.path] = f"{rows} {told}"
    return found


def _column(place: str, field: Any, file: File, prefix: str = "") -> str:
    name = f"{place}.{field.column}"
    # What a purchase is called on its own already begins alike.
    alias = field.attname if field.attname.startswith("party_") else f"{prefix}{field.attname}"
    if isinstance(field, models.BinaryField):
        name = f"encode({name}, 'hex')"
    elif isinstance(field, SubjectSet):
        name = f"{name}::text"
    elif isinstance(field, models.CharField | models.TextField) and file.path.endswith(".csv"):
        risky = f"{name} <> '' AND strpos({_FORMULA}, left({name}, 1)) > 0"
        name = f"CASE WHEN {risky} THEN '''' || {name} ELSE {name} END"
    return f'{name} AS "{alias}"'
