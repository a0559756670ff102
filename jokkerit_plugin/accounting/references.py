"""Reference numbers of Finnish payments, in their national form."""

from ..errors import RegisterError

_WEIGHTS = (7, 3, 1)


class ReferenceRefused(RegisterError):
    """Digits of which no reference number can be made."""

    code = "REFERENCE"


def national(digits: str) -> str:
    """Append the check digit to 3 to 19 digits: 123456 gives 1234561.

    Weights 7, 3, 1 from the right, (10 - sum mod 10) mod 10 (Finance Finland's standard).
    """
    found = digits.lstrip("0")
    if not (found.isascii() and found.isdigit() and 3 <= len(found) <= 19):
        raise ReferenceRefused("A reference number needs 3 to 19 digits.", field="reference")
    total = sum(int(one) * _WEIGHTS[at % 3] for at, one in enumerate(reversed(found)))
    return f"{found}{-total % 10}"
