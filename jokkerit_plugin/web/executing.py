"""Executing a GraphQL document against our schema, for the API and for the console."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from graphql import GraphQLError, MiddlewareManager, execute, validate
from graphql.execution.values import get_variable_values
from graphql.language.ast import Document, OperationDefinition

from ..errors import RegisterError
from .errors import BadInput, sheltered, shown
from .reading import Reading
from .schema import SCHEMA

_MIDDLEWARE = MiddlewareManager(sheltered, wrap_in_promise=False)


def faults(document: Document) -> list[GraphQLError]:
    """Return what is wrong with a document by the schema. Raises `RegisterError`."""
    with _typed():
        return list(validate(SCHEMA, document))


def coerce(document: Document, variables: Mapping[str, Any], operation: str | None) -> None:
    """Refuse variables that `run` would stumble over. Raises `RegisterError`, `GraphQLError`."""
    for one in document.definitions:
        if isinstance(one, OperationDefinition) and operation in {
            None, one.name.value if one.name else None,
        }:  # fmt: skip
            with _typed():
                get_variable_values(SCHEMA, one.variable_definitions or [], variables)


def run(
    document: Document, reading: Reading, variables: Mapping[str, Any], operation: str | None
) -> dict[str, Any]:
    """Return {"data", "errors" if there are any}. Raises `GraphQLError` of the request itself.

    Danger: nothing of it may leave before `reading.seal()`.
    """
    result = execute(
        SCHEMA, document, context_value=reading, variable_values=variables,
        operation_name=operation, middleware=_MIDDLEWARE,
    )  # fmt: skip
    found: dict[str, Any] = {"data": result.data}
    if result.errors:
        found = {"errors": [shown(error) for error in result.errors], **found}
    return found


@contextmanager
def _typed() -> Iterator[None]:
    """Turn whatever the scalars' readers raise (of a leap second, an infinite Int) into an error.

    Danger: around reading alone. Around a resolver it would tell the client of our own faults.
    """
    try:
        yield
    except (RegisterError, GraphQLError, RecursionError):
        raise
    except Exception:  # noqa: BLE001 - aniso8601 and graphene raise nearly anything
        raise BadInput("A value has not its field's type.") from None
