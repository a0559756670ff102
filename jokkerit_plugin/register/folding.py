"""How text is folded for search. Done in Python: no collation of the shop's database matters.

The rule, in this order:

1. Unicode NFKC, so that ligatures, full-width letters and composed letters are one spelling.
2. Unicode case folding, which makes ß ss; İ, I and ı all become i.
3. Accents are dropped (é is e, ü is u, š is s), but å, ä and ö are letters of their own in
   Finnish and Swedish and stay; the Danish and Norwegian æ and ø, which a Finnish keyboard
   writes ä and ö, become those. œ becomes oe, and letters with a stroke lose it (ł, đ).

So `ÄITI` finds `äiti` and `cafe` finds `café`, but `aiti` does not find `äiti`. Pure functions.
"""

import re
import unicodedata

import phonenumbers

#: Where a phone number without a country code is taken to be from.
REGION = "FI"
#: A longer word is cut, when it is stored and when it is looked for.
LONGEST = 254

_LETTERS = str.maketrans(
    {"æ": "ä", "ø": "ö", "œ": "oe", "ı": "i", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ŋ": "n"}
)
_OWN = {"a\u030a": "å", "a\u0308": "ä", "o\u0308": "ö"}
_ACCENTED = re.compile("(.?)([\u0300-\u036f])[\u0300-\u036f]*")
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc\u02b9`\u00b4\u2032]")
_HYPHENS = re.compile("[-\u2010-\u2015]")
_WORD = re.compile(r"[^\W_]+")
_PHONE = re.compile(r"\+?[\d\s()./\u2010-\u2015-]+")
#: å, ä and ö stand after z, in this order; in code points ä stands before å.
_ORDER = str.maketrans("åäö", "{|}")


def fold(text: str) -> str:
    """Return the text as it is compared: see the module's rule. Spaces become single ones."""
    # Before NFKC, which would make of a spacing accute accent a space and a combining one.
    plain = _APOSTROPHES.sub("'", text.replace("\0", " "))
    folded = unicodedata.normalize("NFKC", plain).casefold().translate(_LETTERS)
    bare = _ACCENTED.sub(_without_accent, unicodedata.normalize("NFD", folded))
    return " ".join(unicodedata.normalize("NFKC", bare).split())


def words(text: str) -> set[str]:
    """Return the words of a name as they are stored.

    `Anna-Liisa` and `O'Brien` are stored in parts and in one: whoever looks for `Liisa`,
    `anna liisa`, `annaliisa`, `obrien` or `O’Brien` finds them.
    """
    found: set[str] = set()
    for chunk in fold(text).split():
        found |= split(chunk)
        found |= split(_HYPHENS.sub("", _APOSTROPHES.sub("", chunk)))
    return found


def split(chunk: str) -> set[str]:
    """Return the runs of letters and digits of a folded text."""
    return {word[:LONGEST] for word in _WORD.findall(chunk)}


def sought(chunk: str) -> set[str]:
    """Return the words that must all be there for a folded word somebody looks for."""
    return split(_APOSTROPHES.sub("", chunk))


def sort_name(*names: str) -> str:
    """Return the key by which names stand in Finnish order under the collation "C"."""
    return fold(" ".join(name for name in names if name.strip())).translate(_ORDER)


def looks_like_phone(text: str) -> bool:
    """Tell whether a query is digits and what people write between them."""
    return bool(_PHONE.fullmatch(text.strip())) and any(letter.isdecimal() for letter in text)


def phone_numbers(text: str) -> set[str]:
    """Return the digits under which a stored phone number is found: E.164 and national."""
    written = {found[:LONGEST]} if (found := digits(text)) else set()
    number = _parsed(text)
    if number is None:
        return written
    own = phonenumbers.national_significant_number(number)
    region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    # The 0 that is dialled within the country. (Formatting the number costs three times this.)
    prefix = phonenumbers.ndd_prefix_for_region(region, strip_non_digits=True) or ""
    return {f"{number.country_code}{own}", prefix + own} | written


def phone_sought(text: str) -> set[str]:
    """Return digits, with one of which a stored number must begin.

    What was typed may be national or international, whole or a beginning: both are tried.
    """
    typed = digits(text)
    ways = {typed.removeprefix("00")}
    number = _parsed(text)
    if number is not None and phonenumbers.is_valid_number(number):
        own = phonenumbers.national_significant_number(number)
        ways.add(f"{number.country_code}{own}")
    return {way for way in ways if way}


def digits(text: str) -> str:
    """Return the decimal digits, as ASCII."""
    return "".join(str(int(letter)) for letter in text if letter.isdecimal())


def _without_accent(found: re.Match[str]) -> str:
    return _OWN.get(found[1] + found[2], found[1])


def _parsed(text: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return None
