"""Writes what the documents say of the code, and proves that they still say it.

python -m dev.docs            writes docs/reference/ and docs/promises.md (`make docs`)
python -m dev.docs --check    fails where a file is not what the code gives, or a link leads
                              nowhere (a gate of `make lint`)
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial

import django

from dev.docs import entries, links, modules, monitoring, promises, schema, settings, topics
from dev.paths import ROOT, say

MADE: dict[str, Callable[[], str]] = {
    "docs/reference/settings.md": settings.page,
    "docs/reference/graphql.md": schema.page,
    **{f"docs/reference/graphql/{one}.md": partial(entries.page, one) for one in topics.TOPICS},
    "docs/reference/modules.md": modules.page,
    "docs/reference/monitoring.md": monitoring.page,
    "docs/promises.md": promises.page,
}


def main(argv: list[str]) -> int:
    """Write or check; 0 when all is as it should be."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    outdated = []
    for name, make in MADE.items():
        path, text = ROOT / name, make()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in argv:
            outdated.append(f"{name} is not what the code gives: run `make docs`")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            say(f"{name} written")
    for fault in [*outdated, *(broken := links.broken())]:
        say(fault)
    return 1 if outdated or broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
