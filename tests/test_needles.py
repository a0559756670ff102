"""How identifiers are found in texts and bytes, however they are written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jokkerit_plugin.retention.proof.needles import Needle, NeedleKind, Sieve, name, usable

EMAIL = Needle(0, NeedleKind.EMAIL, "aino.makela@example.com")
PHONE = Needle(0, NeedleKind.PHONE, "+358401234567")
NAME = Needle(0, NeedleKind.NAME, name("Aino", "Mäkelä"))
STREET = Needle(0, NeedleKind.STREET, "Käsityöläiskatu 1")
ABROAD = Needle(0, NeedleKind.PHONE, "+46701740612")


def found(needle: Needle, text: str) -> bool:
    """Both steps: the sieve never loses what the exact reading would find."""
    candidate = needle in Sieve([needle]).candidates(text.encode())
    exact = needle.stands_in(text)
    assert candidate or not exact, "the sieve lost it"
    return candidate and exact


@pytest.mark.parametrize(
    ("needle", "text"),
    [
        (EMAIL, "aino.makela@example.com"),
        (EMAIL, "Aino.Makela@EXAMPLE.com, and others"),
        (EMAIL, '{"email": "aino.makela@example.com"}'),
        (EMAIL, "<aino.makela@example.com>."),
        (EMAIL, "https://shop.example/?email=aino.makela%40example.com&x=1"),
        (PHONE, "+358401234567"),
        (PHONE, "0401234567"),
        (PHONE, "040 123 4567"),
        (PHONE, "040-1234567"),
        (PHONE, "+358 40 123 4567"),
        (PHONE, "+358 (0)40 123 4567"),
        (PHONE, "00358 40 1234567"),
        (PHONE, "358401234567"),
        (PHONE, '{"phone": "+358401234567"}'),
        (ABROAD, "+46 70-174 06 12"),
        (ABROAD, "070-174 06 12"),
        (NAME, "Aino Mäkelä"),
        (NAME, "AINO MÄKELÄ"),
        (NAME, "Mäkelä, Aino"),
        (NAME, "Aino Maria Mäkelä"),
        (NAME, "Aino\u00a0Mäkelä"),
        (NAME, "Aino Ma\u0308kela\u0308"),
        (NAME, '{"first_name": "Aino", "last_name": "Mäkelä"}'),
        (NAME, '{"first_name": "Aino", "last_name": "M\\u00e4kel\\u00e4"}'),
        (NAME, '{"last_name":"M\\u00C4KEL\\u00C4","first_name":"AINO"}'),
        (NAME, "<FirstName>Aino</FirstName><LastName>Mäkelä</LastName>"),
        (NAME, "name=Aino+M%C3%A4kel%C3%A4"),
        (NAME, "Aino M\\303\\244kel\\303\\244"),
        (STREET, "Käsityöläiskatu 1"),
        (STREET, "KÄSITYÖLÄISKATU 1 A 5, 33100 Tampere"),
        (STREET, '"street_address_1": "K\\u00e4sity\\u00f6l\\u00e4iskatu 1"'),
    ],
)
def test_it_is_found_as_people_and_programs_write_it(needle, text):
    assert found(needle, text)
    assert found(needle, f"before {text}\n after")


@pytest.mark.parametrize(
    ("needle", "text"),
    [
        (EMAIL, "laino.makela@example.com"),
        (EMAIL, "x.aino.makela@example.com"),
        (EMAIL, "aino.makela@example.com.br"),
        (EMAIL, "aino.makela@example.company"),
        (PHONE, "0401234568"),
        (PHONE, "10401234567"),
        (PHONE, "04012345678"),
        (PHONE, "040 123, 4567"),
        (NAME, "Aino"),
        (NAME, "Mäkelä"),
        (NAME, "Ainomäkelä"),
        (NAME, "Aino Mäkeläinen"),
        (NAME, "Aino ja hänen ystävänsä Seppo Mäkelä"),
        (NAME, '[{"last_name": "Mäkelä"}, {"first_name": "Aino"}]'),
        (STREET, "Käsityöläiskatu 12"),
        (STREET, "Käsityöläiskatu 11"),
        (STREET, "Käsityöläiskatu"),
    ],
)
def test_another_is_not_taken_for_it(needle, text):
    assert not found(needle, text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (NeedleKind.EMAIL, ""),
        (NeedleKind.EMAIL, "@"),
        (NeedleKind.PHONE, "12345"),
        (NeedleKind.STREET, "Kotikatu"),
        (NeedleKind.STREET, "12"),
        (NeedleKind.NAME, ""),
        (NeedleKind.PART, "A"),
    ],
)
def test_what_says_nothing_of_anybody_is_not_looked_for(kind, text):
    assert not usable(Needle(0, kind, text))


def test_half_a_name_is_no_full_name():
    assert name("Aino", " ") == ""


def test_the_sieve_tells_whose_needle_it_is():
    needles = [Needle(n, NeedleKind.EMAIL, f"p{n}@example.com") for n in range(50)]

    met = Sieve(needles).candidates(b"to p7@example.com and p31@example.com")

    assert {one.subject for one in met} == {7, 31}


_LETTERS = st.text(st.characters(categories=["L"], codec="iso8859-15"), min_size=2, max_size=12)


@settings(deadline=None)
@given(_LETTERS, _LETTERS, st.sampled_from([" ", ", ", '", "last_name": "', "  ", "\n"]))
def test_the_sieve_never_loses_a_name(first, last, between):
    needle = Needle(0, NeedleKind.NAME, name(first, last))
    for text in (f"{first}{between}{last}", f"{last}{between}{first}".upper()):
        found(needle, text)
    assert found(needle, f"{first}{between}{last}")
