"""The forms of a file for accounting software."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from ...policy.languages import LANGUAGES
from ..journal import Line
from . import journal_csv, netvisor, procountor, xlsx
from .cells import LATIN9
from .files import ExportError


class Writer(Protocol):
    """Writes a journal to a binary file, line by line."""

    def __call__(self, journal: Iterable[Line], out: BinaryIO, *, language: str) -> None:
        """Write it; `language` (fi, sv, en) is that of headings and texts."""
        ...


@dataclass(frozen=True, slots=True)
class Format:
    """A form of the journal; `currency`: the only one that it can hold."""

    suffix: str
    mime: str
    write: Writer
    currency: str = ""


_CSV = "text/csv; charset=utf-8"
_LATIN = f"text/csv; charset={LATIN9}"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JOURNALS: dict[str, Format] = {
    "journal_csv": Format("csv", _CSV, journal_csv.write),
    "xlsx": Format("xlsx", _XLSX, xlsx.write),
    "netvisor": Format("csv", _LATIN, netvisor.write, currency="EUR"),
    "procountor": Format("csv", _LATIN, procountor.write, currency="EUR"),
}
FINVOICE = "finvoice"


def mime_of(form: str) -> str:
    """Return the media type under which a stored file is served."""
    return "application/xml" if form == FINVOICE else JOURNALS[form].mime


def ask_form(name: str, language: str) -> Format:
    """Return a journal's form; raise `ExportError` for one, or a language, that there is not."""
    if name not in JOURNALS:
        message = f"There is no format {name!r}: choose {', '.join(JOURNALS)}."
        raise ExportError(message, field="format")
    ask_language(language)
    return JOURNALS[name]


def ask_language(language: str) -> None:
    """Raise `ExportError` for a language that there is not."""
    if language not in LANGUAGES:
        raise ExportError("Choose fi, sv or en.", field="language")
