"""The languages in which people are written to: Finnish, Swedish, English."""

from enum import IntEnum

#: A text in each of them, in their order.
Texts = tuple[str, str, str]


class Language(IntEnum):
    """A language, by its place in `Texts`."""

    FI = 0
    SV = 1
    EN = 2

    @classmethod
    def of(cls, code: str) -> "Language":
        """Return the language whose code is fi, sv or en; KeyError: there is no such."""
        return cls[code.upper()]

    @property
    def code(self) -> str:
        """Its ISO 639-1 code: fi, sv or en."""
        return self.name.lower()


LANGUAGES = tuple(one.code for one in Language)


def language_of(code: str) -> str:
    """Return fi, sv or en, for a language as the shop writes it (`sv-fi`, `EN_US`)."""
    short = code.lower().replace("_", "-").partition("-")[0]
    return short if short in LANGUAGES else "fi" if not short else "en"
