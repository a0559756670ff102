"""Saleor starts in two thirds of the time; on PYTHONPATH in tests only.

Of 10.8 s of processor time that Saleor 3.22 and 3.23 need to start, 3.8 go into the texts of
one enum of the schema: for each country all countries' names are translated anew. Here they
are translated once. The schema is the same to the letter, and no request asks for it.
"""

# ruff: noqa: INP001 - a folder for PYTHONPATH, no package

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

ENUMS = "saleor.graphql.account.enums"


class Finder(MetaPathFinder):
    """Finds one module, once, as Python itself would."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module's spec, that remembers the texts once it has been run."""
        if fullname != ENUMS:
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return spec
        run = spec.loader.exec_module

        def run_and_remember(module: ModuleType) -> None:
            run(module)
            remember(module.CountryCodeEnum._meta, module.countries)

        spec.loader.exec_module = run_and_remember  # type: ignore[method-assign]
        return spec


def remember(meta: Any, countries: Any) -> None:
    """Let an enum's description look in a dict instead of in all countries."""
    if not callable(describe := meta.description):
        return
    names: dict[str, str] = {}

    def description(value: Any) -> object:
        if value is None:
            return describe(value)
        if not names:
            names.update(countries)
        return names.get(value.value)

    # graphene refuses setattr on what it has made.
    meta.__dict__["description"] = description


sys.meta_path.insert(0, Finder())
