"""What a client is told of an error, and what the log is told."""

from collections.abc import Callable
from typing import Any

from graphene.utils.str_converters import to_camel_case
from graphql import GraphQLError

from ..errors import RegisterError, describe
from ..logs import logger_of

logger = logger_of(__name__)

#: What the API calls otherwise.
_CALLED = {
    "street_1": "streetAddress1", "street_2": "streetAddress2", "corrected": "isCorrected",
}  # fmt: skip


class BadInput(RegisterError):
    """An argument that cannot be used as it was given."""

    code = "INVALID"


class NotFound(RegisterError):
    """Nothing has this id, or not for the one who asks."""

    code = "NOT_FOUND"


class NotSignedIn(RegisterError):
    """No valid token of a staff user or an app came with the request."""

    code = "NOT_SIGNED_IN"


class TooMuch(RegisterError):
    """The request is larger, deeper or dearer than `limits` allow."""

    code = "LIMIT_EXCEEDED"


class TooOften(RegisterError):
    """More requests came than may in this time."""

    code = "LIMIT_EXCEEDED"


class AlreadyTaken(RegisterError):
    """A signed request came a second time."""

    code = "ALREADY_TAKEN"


class Malformed(RegisterError):
    """The request is no GraphQL request."""

    code = "GRAPHQL_ERROR"


class Bug(RegisterError):
    """Anything else: the client learns nothing but this."""

    code = "INTERNAL_ERROR"

    def __init__(self) -> None:
        super().__init__("Internal Server Error")


def sheltered(resolve: Callable[..., Any], root: Any, info: Any, **arguments: Any) -> Any:
    """Run a resolver; graphene's middleware.

    Danger: graphql-core writes whatever a resolver raises into the log, with its message, and a
    database's message quotes the row. So nothing but our own errors leaves here.
    """
    try:
        refuse_unwritable(arguments)
        return resolve(root, info, **arguments)
    except RegisterError:
        raise
    except Exception as error:  # noqa: BLE001 - told apart from the errors meant for people
        failure = describe(error)
    logger.error("%s.%s failed: %s", info.parent_type, info.field_name, failure)
    raise Bug


def refuse_unwritable(value: Any, field: str | None = None) -> None:
    """Raise `BadInput` for text that PostgreSQL cannot hold, and numbers that GraphQL cannot."""
    if isinstance(value, dict):
        for name, one in value.items():
            refuse_unwritable(one, name)
    elif isinstance(value, list):
        for one in value:
            refuse_unwritable(one, field)
    elif isinstance(value, str) and not writable(value):
        raise BadInput("This text holds a character that cannot be stored.", field=field)
    elif isinstance(value, int) and not -(2**31) <= value < 2**31:
        raise BadInput("This number is too large.", field=field)


def writable(text: str) -> bool:
    """Tell whether PostgreSQL can hold the text: no zero, no half of a surrogate pair."""
    return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text)


def shown(error: Exception) -> dict[str, Any]:
    """Return an error as GraphQL shows it, with Saleor's place for the code."""
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and getattr(cause, "original_error", None):
        cause = cause.original_error
    if not isinstance(cause, RegisterError | GraphQLError):
        logger.error("a query failed: %s", describe(cause))
        cause = Bug()
    found: dict[str, Any] = {"message": str(cause)}
    if isinstance(error, GraphQLError):
        found["locations"] = [
            {"line": place.line, "column": place.column} for place in error.locations or ()
        ]
        if error.path:
            found["path"] = error.path
    code = cause.code if isinstance(cause, RegisterError) else Malformed.code
    found["extensions"] = {"exception": {"code": code}}
    if isinstance(cause, RegisterError) and cause.field:
        found["extensions"]["field"] = field_name(cause.field)
    return found


def field_name(name: str) -> str:
    """Return what the API calls a field of the register."""
    return _CALLED.get(name) or str(to_camel_case(name))
