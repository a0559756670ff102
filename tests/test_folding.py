"""How text is folded for search: written-out tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jokkerit_plugin.register import folding


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ÄITI", "äiti"),
        ("A\u0308ITI", "äiti"),
        ("ÅSA Öberg", "åsa öberg"),
        ("A\u030asa", "åsa"),
        ("\u212bsa", "åsa"),
        ("Café", "cafe"),
        ("Müller", "muller"),
        ("Szalay-Kovács", "szalay-kovacs"),
        ("Šimůnek Žižka", "simunek zizka"),
        ("Nguyễn", "nguyen"),
        ("õunapuu", "ounapuu"),
        ("ǟ", "ä"),
        ("STRAẞE Strauß", "strasse strauss"),
        ("ﬁlip", "filip"),
        ("Œuvre", "oeuvre"),
        ("Søren Kjærgaard", "sören kjärgaard"),
        ("Łukasz", "lukasz"),
        ("İSTANBUL", "istanbul"),
        ("ISTANBUL", "istanbul"),
        ("ıstanbul", "istanbul"),
        ("O’Brien", "o'brien"),
        ("O\u00b4Brien", "o'brien"),
        ("Ａｉｎｏ", "aino"),
        ("  two\u00a0 words\t", "two words"),
        ("Иван Й", "иван и"),
        ("zero\0byte", "zero byte"),
        ("", ""),
    ],
)
def test_fold(text, folded):
    assert folding.fold(text) == folded


@pytest.mark.parametrize("text", ["aiti", "asa", "oberg"])
def test_the_letters_of_the_north_are_not_a_and_o(text):
    assert text not in {folding.fold(word) for word in ("äiti", "åsa", "öberg")}


@given(st.text())
def test_folding_twice_changes_nothing(text):
    once = folding.fold(text)
    assert folding.fold(once) == once


@given(st.text())
def test_letter_case_does_not_matter(text):
    assert folding.fold(text.upper()) == folding.fold(text.upper().lower())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Anna-Liisa", {"anna", "liisa", "annaliisa"}),
        ("O'Brien", {"o", "brien", "obrien"}),
        ("d’Artagnan Mäkelä", {"d", "artagnan", "dartagnan", "mäkelä"}),
        ("Esimerkki Oy (Ab)", {"esimerkki", "oy", "ab"}),
        ("J. R. R.", {"j", "r"}),
        ("...", set()),
    ],
)
def test_the_words_of_a_name(name, words):
    assert folding.words(name) == words


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("+358401234567", "+358401234567"),
        ("+358401234567", "+358 40 123 4567"),
        ("+358401234567", "00358 40 1234567"),
        ("+358401234567", "+358 (0)40 123-4567"),
        ("+358401234567", "040 123 4567"),
        ("+358401234567", "040123"),
        ("+358401234567", "35840123"),
        ("+358401234567", "٠٤٠١٢٣"),
        ("040 123 4567", "+358401234567"),
        ("+46701234567", "+46 70-123 45 67"),
        ("+46701234567", "070-123 45 67"),
        ("12", "12"),
    ],
)
def test_a_phone_number_is_found_however_it_is_typed(stored, typed):
    sought = folding.phone_sought(typed)
    assert sought
    assert any(number.startswith(tuple(sought)) for number in folding.phone_numbers(stored))


def test_another_phone_number_is_not_found():
    sought = tuple(folding.phone_sought("040 123 4568"))
    assert not any(one.startswith(sought) for one in folding.phone_numbers("+358401234567"))


def test_names_stand_in_finnish_order():
    names = ["Örn", "Ääri", "Åberg", "Zetterberg", "aalto", "Öhman", "Émile"]
    assert sorted(names, key=folding.sort_name) == [
        "aalto", "Émile", "Zetterberg", "Åberg", "Ääri", "Öhman", "Örn",
    ]  # fmt: skip
