"""What the status finds wrong: a sentence for people, and the code by which programs know it."""

from collections.abc import Iterable
from typing import Self

from .severities import EXIT_STATUS, PROBLEMS, Severity


class Problem(str):
    """A sentence for people that says what is wrong, with the code by which programs know it."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, code: str, sentence: str) -> Self:
        """`code`: one of `severities.PROBLEMS`; any other is an alert."""
        found = super().__new__(cls, sentence)
        found.code = code
        return found

    def __reduce__(self) -> tuple[type["Problem"], tuple[str, str]]:
        return Problem, (self.code, str(self))

    @property
    def severity(self) -> Severity:
        """How soon somebody must look."""
        known = PROBLEMS.get(self.code)
        return known.severity if known else Severity.ALERT

    @property
    def marked(self) -> str:
        """The sentence behind its severity and code, for lists."""
        return f"{self.severity.upper()} {self.code}: {self}"


def worst(found: Iterable[Problem]) -> Severity | None:
    """Return the highest severity among them; None: there are none."""
    return max((one.severity for one in found), key=EXIT_STATUS.__getitem__, default=None)


def in_order(found: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return them with the alerts first."""
    return tuple(sorted(found, key=lambda one: -EXIT_STATUS[one.severity]))
