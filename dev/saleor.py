"""Saleor for tests and the demo.

python -m dev.saleor dumps [VERSION ...]    make the database dumps that are missing
"""

from __future__ import annotations

import argparse
import sys

from dev.checkouts import EXPECTED, Checkout, checkout, find_checkouts
from dev.databases import drop_database, fresh_database, make_dump
from dev.paths import DevError, say
from dev.servers import servers

__all__ = [
    "EXPECTED",
    "Checkout",
    "checkout",
    "drop_database",
    "find_checkouts",
    "fresh_database",
]


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m dev.saleor")
    parser.add_argument("action", choices=["dumps"])
    parser.add_argument("versions", nargs="*")
    options = parser.parse_args()
    try:
        shops = [checkout(v) for v in options.versions] or list(find_checkouts().values())
        with servers() as running:
            for shop in shops:
                make_dump(shop, "populated", server=running.database_url)
    except DevError as error:
        say(f"saleor: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
