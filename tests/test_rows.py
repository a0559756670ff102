"""Arrays as parameters: what is sent is what comes back."""

import pytest
from django.db import DataError

from jokkerit_plugin.register.rows import fetch

pytestmark = pytest.mark.django_db

TEXTS = ["", "NULL", "null", "a,b", "{a}", 'say "a"', "a\\b", "\\", '"', " a ", "Mäkelä", "a\nb"]


@pytest.mark.parametrize("texts", [TEXTS, [*TEXTS, None], [""], ["a"], []])
def test_texts_come_back_as_they_were(texts):
    assert fetch("SELECT %s::text[]", [texts]) == [(texts,)]


def test_numbers_come_back_as_they_were():
    assert fetch("SELECT %s::bigint[]", [[3, 1, -2]]) == [([3, 1, -2],)]


@pytest.mark.parametrize("texts", [["a\0b"], ["a\0", "b"]])
def test_a_nul_is_refused_and_divides_nothing(texts):
    with pytest.raises((DataError, ValueError)):
        fetch("SELECT %s::text[]", [texts])
