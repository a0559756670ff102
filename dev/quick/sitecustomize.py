"""Saleor starts in two thirds of the time, and answers sooner; on PYTHONPATH in tests only.

Of 10.8 s of processor time that Saleor 3.22 and 3.23 need to start, 3.8 go into the texts of
one enum of the schema: for each country all countries' names are translated anew, and so they are
for each address that is checked. Here they are translated once. The schema is the same to the
letter. A password takes half a second as Django stores it, whenever somebody registers or signs in.
"""

# ruff: noqa: INP001 - a folder for PYTHONPATH, no package

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any


class Finder(MetaPathFinder):
    """Finds the modules of `AFTER`, once, as Python itself would."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module's spec, that changes it once it has been run."""
        if (change := AFTER.pop(fullname, None)) is None:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return spec
        run = spec.loader.exec_module

        def run_and_change(module: ModuleType) -> None:
            run(module)
            change(module)

        spec.loader.exec_module = run_and_change  # type: ignore[method-assign]
        return spec


def keep_countries(found: Any) -> None:
    """Let all countries be translated and sorted once in each language."""
    whole = found.Countries.__iter__

    def kept(self: Any) -> Iterator[Any]:
        from django.utils.translation import get_language

        lists = self.__dict__.setdefault("_kept", {})
        if (language := get_language()) not in lists:
            lists[language] = list(whole(self))
        return iter(lists[language])

    found.Countries.__iter__ = kept


def hash_once(hashers: Any) -> None:
    """Let a password take no time: who signs in is invented."""
    hashers.PBKDF2PasswordHasher.iterations = 1


AFTER: dict[str, Callable[[Any], None]] = {
    "django_countries": keep_countries,
    "django.contrib.auth.hashers": hash_once,
}
sys.meta_path.insert(0, Finder())
