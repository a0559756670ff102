"""Errors that a person can act on. Anything else is a bug."""


class RegisterError(Exception):
    """Base: a stable `code`, a sentence for a person and the `field` at fault, if any.

    The message never holds personal data, since it reaches logs and status.
    """

    code = "REGISTER_ERROR"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class SettingError(RegisterError):
    """A setting that cannot be used as it was typed."""

    code = "INVALID_SETTING"


class NoShop(RegisterError):
    """The register was asked to read a shop and none is installed."""

    code = "NO_SHOP"


def describe(error: BaseException) -> str:
    """Return what may be logged of an error: its class, and a code or place, never its message.

    Messages of databases and parsers quote the values that they choke on, personal data too.
    """
    if isinstance(error, RegisterError):
        return f"{type(error).__name__} {error.code}"
    parts = [type(error).__name__]
    cause = error.__cause__ or error
    if state := getattr(cause, "sqlstate", None):
        parts.append(str(state))
        diagnostic = getattr(cause, "diag", None)
        parts += [
            str(name)
            for name in (
                getattr(diagnostic, "table_name", None),
                getattr(diagnostic, "column_name", None),
                getattr(diagnostic, "constraint_name", None),
            )
            if name
        ]
    places = getattr(error, "errors", None)
    if callable(places) and type(error).__module__.startswith("pydantic"):
        parts += [".".join(map(str, place["loc"])) + f" {place['type']}" for place in places()[:3]]
    return " ".join(parts)
