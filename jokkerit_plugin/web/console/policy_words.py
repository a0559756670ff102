"""The policy's own words in the console: as the description and the letters have them."""

from collections.abc import Mapping
from typing import Any

from ... import clock
from ...config import Config
from ...policy import categories, clocks, parts, requests, wording
from ...policy.languages import Language, Texts
from ...policy.schedule import in_force
from ...rights.words import texts


def words(code: str) -> dict[str, dict[str, str]]:
    """Return the words of a language by kind and value, the value as the API's in small letters.

    `rule` is why something is kept, `rule_ends` until when where no day is known.
    """
    at = Language.of(code)
    rules = in_force(clock.today()).values()
    return {
        "purpose": _named(wording.PURPOSES, at),
        "category": _named(categories.TITLES, at),
        "part": _named(parts.TITLES, at),
        "clock": _named(clocks.CLOCKS, at),
        "refusal": texts("letters", code)["grounds"],
        "request": _named(requests.TITLES, at),
        "rule": {one.name: one.title[at] for one in rules},
        "rule_ground": {one.name: one.ground[at] for one in rules},
        "rule_ends": {one.name: one.words(at, Config()) for one in rules},
    }


def _named(titles: Mapping[Any, Texts], at: Language) -> dict[str, str]:
    return {one.name.lower(): title[at] for one, title in titles.items()}
