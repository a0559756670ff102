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
