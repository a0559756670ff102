"""Reading and comparing for the mirror."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.sql import SQL, Composable, Identifier

Row = dict[str, Any]
Database = psycopg.Connection[Row]

#: The register's name of a part of an address: Saleor's.
ADDRESS = {
    "first_name": "first_name",
    "last_name": "last_name",
    "company_name": "company_name",
    "street_1": "street_address_1",
    "street_2": "street_address_2",
    "postal_code": "postal_code",
    "city": "city",
    "city_area": "city_area",
    "country_area": "country_area",
    "country": "country",
    "phone": "phone",
}
#: An address of nothing but these two says nobody's place.
WEAK = ("country", "phone")
ALL = SQL("")
VAT_ID_KEYS = ("vatId", "vat_id")


def read(database: Database, table: str, condition: Composable = ALL) -> list[Row]:
    """All columns of a table's rows."""
    text = SQL("SELECT * FROM {} {}").format(Identifier(table), condition)
    return database.execute(text).fetchall()


def keyed(rows: list[Row], column: str = "id") -> dict[Any, Row]:
    """Rows by a unique column."""
    found = {row[column]: row for row in rows}
    assert len(found) == len(rows), f"{column} is not unique"
    return found


def grouped(rows: list[Row], column: str) -> dict[Any, list[Row]]:
    """Rows by a column that several share."""
    found: dict[Any, list[Row]] = {}
    for row in rows:
        found.setdefault(row[column], []).append(row)
    return found


def unequal(what: str, shop: Mapping[str, Any], register: Mapping[str, Any]) -> list[str]:
    """Names the columns of `shop` that the register's row has otherwise."""
    return [
        f"{what}: {name}" for name, value in shop.items() if register.get(name, Ellipsis) != value
    ]


def children(
    what: str, shop: Mapping[Any, Mapping[str, Any]], register: Mapping[Any, Mapping[str, Any]]
) -> list[str]:
    """Rows that one side lacks, and columns that differ in the others."""
    found = [f"{what} {key}: missing" for key in shop.keys() - register.keys()]
    found += [f"{what} {key}: not in the shop" for key in register.keys() - shop.keys()]
    for key in shop.keys() & register.keys():
        found += unequal(f"{what} {key}", shop[key], register[key])
    return sorted(found)


def party(address: Row | None) -> dict[str, str]:
    """Saleor's address in the register's words; no address is an empty one."""
    if address is None:
        return dict.fromkeys(ADDRESS, "")
    return {ours: str(address[theirs]) for ours, theirs in ADDRESS.items()}


def place(words: Mapping[str, Any] | None) -> tuple[str, ...] | None:
    """The same for all spellings of one address; None for one that names no place."""
    if words is None or not any(words[name] for name in ADDRESS if name not in WEAK):
        return None
    return tuple(re.sub(r"\s+", " ", str(words[name])).strip().casefold() for name in ADDRESS)


def mailbox(text: str) -> str:
    """The guest that an e-mail address stands for."""
    local, at, domain = text.strip().lower().rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}" if at else domain


def vat_id(*metadata: Mapping[str, Any]) -> str:
    """The first VAT id that any of these holds."""
    values = (source.get(key) for source in metadata for key in VAT_ID_KEYS)
    return next((str(value).strip() for value in values if value and str(value).strip()), "")
