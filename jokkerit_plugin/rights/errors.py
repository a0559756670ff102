"""What cannot be done with a request."""

from ..errors import RegisterError


class RequestError(RegisterError):
    """A request cannot be opened, or go on, as asked."""

    code = "REQUEST"
