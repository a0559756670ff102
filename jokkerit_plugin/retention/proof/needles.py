"""The identifiers of people, and how they are found in bytes and texts. Pure functions.

Finding has two steps. A block of bytes is cut into words at memory's speed, and the words are
compared with those of all needles at once, so a sample of a hundred people costs what one costs
(100 MB/s; PostgreSQL's regular expressions made 13 MB/s for one person, 1 for twenty). Only what
holds all words of a needle is read exactly (`Needle.stands_in`).

A name in full is first and last name with two words between them at most: so it is found as a
text, with a middle name, and in the neighbouring keys of JSON or XML.
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from html import unescape
from urllib.parse import quote, unquote

import phonenumbers

from ...register.folding import REGION


class NeedleKind(StrEnum):
    """Kinds of identifiers. A part of one counts only in rows that are tied to the person."""

    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"
    STREET = "street"
    PART = "part"


#: These may well be another's too: a namesake, a household, a neighbour.
SHARED_BY_MANY = frozenset({NeedleKind.PHONE, NeedleKind.NAME, NeedleKind.STREET})

_WORD = frozenset((string.ascii_letters + string.digits).encode()) | frozenset(range(128, 256))
#: Letters of ASCII in lower case; what is no letter and no digit is a space.
_WORDS = bytes(ord(chr(b).lower()) if b < 128 and b in _WORD else b if b in _WORD else 32
               for b in range(256))  # fmt: skip
_NOT_DIGITS = bytes(b for b in range(256) if not 48 <= b <= 57)
_SEPARATORS = r"[\s().\-\u2010-\u2015/]*"
_GAP = r"[^\w{}\[\]]+(?:\w+[^\w{}\[\]]+){0,2}"
_ESCAPED = re.compile(r"\\+u([0-9a-fA-F]{4})")
_OCTAL = re.compile(r"\\([0-3][0-7]{2})")
#: No number of a phone is shorter without its country: fewer digits are a number of anything.
_SHORTEST_PHONE = 6


@dataclass(frozen=True)
class Needle:
    """One identifier of one person; `subject` is the person's place in the sample."""

    subject: int
    kind: NeedleKind
    text: str

    @cached_property
    def words(self) -> list[frozenset[bytes]]:
        """Sets of words, one of which whatever holds the needle has whole, however it is spelt."""
        if self.kind is NeedleKind.PHONE:
            return []
        found = {
            frozenset(_split(way.encode())) for way in _spellings(self.text.replace("\n", " "))
        }
        return sorted(found - {frozenset()}, key=sorted)

    @cached_property
    def digits(self) -> bytes:
        """Of a phone: its digits without country and trunk prefix."""
        return _phone(self.text)[1].encode()

    @cached_property
    def halves(self) -> list[str]:
        """Of a name: first and last name as they are compared."""
        return [plain(half) for half in self.text.split("\n")]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        text = plain(self.text)
        match self.kind:
            case NeedleKind.EMAIL:
                return re.compile(rf"(?<![\w.+-]){re.escape(text)}(?![\w-]|\.\w)")
            case NeedleKind.PHONE:
                code, own = _phone(self.text)
                country = rf"(?:\+|00)?{_SEPARATORS}{code}{_SEPARATORS}(?:\(0\){_SEPARATORS})?"
                digits = _SEPARATORS.join(own)
                return re.compile(rf"(?<!\d)(?:{country}|0{_SEPARATORS})?{digits}(?!\d)")
            case NeedleKind.NAME:
                first, last = map(_spaced, self.halves)
                either = f"{first}{_GAP}{last}|{last}{_GAP}{first}"
                return re.compile(rf"(?<!\w)(?:{either})(?!\w)")
            case _:
                return re.compile(rf"(?<!\w){_spaced(text)}(?!\w)")

    def stands_in(self, text: str) -> bool:
        """Tell whether a text names it, also one with escapes of JSON, URL or HTML."""
        return any(self._pattern.search(plain(way)) for way in _readings(text))

    def stands_in_words(self, vector: str) -> bool:
        """Tell whether the text of a search vector holds all of its words."""
        if self.kind is NeedleKind.PHONE:
            return self.stands_in(vector)
        return any(words <= set(_split(vector.encode())) for words in self.words)


def name(first: str, last: str) -> str:
    """Return a full name as a needle's text, or '' where one half is missing."""
    halves = first.strip(), last.strip()
    return "\n".join(halves) if all(halves) else ""


def usable(needle: Needle) -> bool:
    """Tell whether a needle says anything: not one letter, nor a street without its number."""
    if needle.kind is NeedleKind.PHONE:
        return len(needle.digits) >= _SHORTEST_PHONE
    if needle.kind is NeedleKind.STREET:
        return len(_split(needle.text.encode())) > 1 and any(map(str.isdecimal, needle.text))
    if needle.kind is NeedleKind.EMAIL:
        return "@" in needle.text.strip("@")
    return bool(needle.words) and len(needle.text) > 1


class Sieve:
    """All needles of a sample, to be looked for in one go."""

    def __init__(self, needles: Iterable[Needle]) -> None:
        self.needles = tuple(needles)
        ways = [(n, way) for n, one in enumerate(self.needles) for way in one.words]
        often = Counter(word for _, way in ways for word in way)
        # Each way by its rarest word: of a block or row that has none nothing more is asked.
        self._ways: dict[bytes, list[tuple[int, frozenset[bytes]]]] = {}
        for n, way in ways:
            rarest = min(way, key=lambda word: (often[word], -len(word), word))
            self._ways.setdefault(rarest, []).append((n, way))
        self._words = frozenset(often)
        self._phones = [one for one in self.needles if one.kind is NeedleKind.PHONE]

    def candidates(self, block: bytes) -> list[Needle]:
        """Return the needles that a block may hold; without a true one it may be none or some."""
        block = block.replace(b"\xc2\xa0", b" ")
        found = self._words.intersection(block.translate(_WORDS).split())
        ways = (one for word in found for one in self._ways.get(word, ()))
        met = [self.needles[n] for n in sorted({n for n, way in ways if way <= found})]
        if self._phones:
            digits = block.translate(None, _NOT_DIGITS)
            met += [one for one in self._phones if one.digits in digits]
        return met


def _spellings(text: str) -> set[str]:
    """The ways in which a text is written where letters are not those of ASCII."""
    found: set[str] = set()
    normals = (text, unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text))
    for normal in normals:
        found |= {normal, normal.lower(), normal.upper(), normal.title(), normal.casefold()}
    escaped = {json for way in found for json in (_json(way), _octal(way), quote(way))}
    return found | escaped | {quote(way).replace("%20", "+") for way in found}


def _json(text: str) -> str:
    return "".join(c if c.isascii() else f"\\u{ord(c):04x}" for c in text)


def _octal(text: str) -> str:
    """As PostgreSQL writes bytes: encode(..., 'escape')."""
    return "".join(
        c if c.isascii() else "".join(f"\\{byte:03o}" for byte in c.encode()) for c in text
    )


def _readings(text: str) -> Iterable[str]:
    yield text
    if "\\u" in text:
        yield _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    if "%" in text:
        yield unquote(text.replace("+", " "), errors="replace")
        yield unquote(text, errors="replace")
    if "&" in text:
        yield unescape(text)
    if _OCTAL.search(text):
        raw = _OCTAL.sub(lambda found: chr(int(found[1], 8)), text)
        yield raw.encode("latin-1", "replace").decode("utf-8", "replace")


def plain(text: str) -> str:
    """Return a text as it is compared."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text.strip()).casefold())


def _spaced(text: str) -> str:
    return r"[\s,]+".join(re.escape(word) for word in text.split())


def _split(text: bytes) -> list[bytes]:
    return text.translate(_WORDS).split()


def _phone(text: str) -> tuple[str, str]:
    """Country code and national digits; of what is no number, its digits without zeros ahead."""
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return "", "".join(filter(str.isdecimal, text)).lstrip("0")
    return str(number.country_code), phonenumbers.national_significant_number(number)
