"""The list of promises is whole, tests name promises that exist, and leave none untested."""

import re
from pathlib import Path

from dev.docs import promises
from dev.paths import ROOT
from tests.promises import KEPT, PROMISES

SENTENCES = 31


def test_every_sentence_of_the_description_is_restated_in_order():
    assert [one.sentence for one in PROMISES] == sorted(one.sentence for one in PROMISES)
    assert {one.sentence for one in PROMISES} == set(range(1, SENTENCES + 1))


def test_promises_have_ids_of_their_own_and_both_languages():
    assert len({one.id for one in PROMISES}) == len(PROMISES)
    assert all(one.en and one.fi for one in PROMISES)


def test_tests_name_only_promises_that_exist():
    named = set()
    for file in Path(__file__).parent.rglob("test_*.py"):
        named |= set(re.findall(r'"(P-[A-Z-]+)"', file.read_text(encoding="utf-8")))
    assert named <= {one.id for one in PROMISES} | {"P-[A-Z-]"}
    assert named


def test_every_promise_is_held_and_broken_without_a_shop_and_in_each_saleor():
    marks, lacking = promises.read(promises.TESTS), []
    for one in PROMISES:
        for what, tests in zip(("held", "broken"), marks.get(one.id, ((), ())), strict=True):
            places = {name.startswith("tests/saleor/") for name in tests}
            lacking += [(one.id, what, place) for place in {False, True} - places]
    assert lacking == []


def test_every_promise_names_code_that_keeps_it():
    assert list(KEPT) == [one.id for one in PROMISES]
    named = {name for one in PROMISES for name in one.kept}
    assert [name for name in sorted(named) if not (ROOT / "jokkerit_plugin" / name).is_file()] == []
