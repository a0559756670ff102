"""The mirror of people: accounts, guests, and the traces of those who have not bought."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg.sql import SQL

from tests.saleor.mirror_rows import (
    Database,
    Row,
    children,
    grouped,
    keyed,
    mailbox,
    party,
    place,
    read,
    unequal,
    vat_id,
)

#: Older than this no test's shop is: no trace has come to its end.
YOUNG = SQL("WHERE {column} > now() - interval '29 days'")


def of_accounts(database: Database, wanted: set[int] | None) -> list[str]:
    """Compare the customers who have an account with it."""
    users = {
        key: row
        for key, row in keyed(read(database, "account_user")).items()
        if wanted is None or key in wanted
    }
    customers = {
        row["saleor_user"]: row
        for row in read(database, "jokkerit_plugin_customer")
        if row["saleor_user"] is not None and (wanted is None or row["saleor_user"] in wanted)
    }
    books, emails = _books(database), _emails(database)
    found = [
        f"account {key}: missing"
        for key in sorted((_buyers(database) & users.keys()) - customers.keys())
    ]
    for key, customer in sorted(customers.items()):
        if key not in users:
            if customer["account_gone_at"] is None:
                found.append(f"account {key}: account_gone_at")
            continue
        found += _compare(key, users[key], customer, books)
        if mailbox(users[key]["email"]) not in emails.get(customer["id"], ()):
            found.append(f"account {key}: its e-mail is not among the identifiers in use")
    return found


def of_guests(database: Database) -> list[str]:
    """Compare the guests, and see that every purchase's e-mail leads to its customer."""
    purchases = read(database, "jokkerit_plugin_purchase")
    customers = keyed(read(database, "jokkerit_plugin_customer"))
    orders = {
        row["id"]: row for row in read(database, "order_order", SQL("WHERE status <> 'draft'"))
    }
    with_purchase = {row["customer_id"] for row in purchases}
    found = [
        f"customer {key}: a guest without a purchase"
        for key, row in sorted(customers.items())
        if row["guest_email"] is not None and key not in with_purchase
    ]
    known = {
        (row["customer_id"], row["value"])
        for row in read(database, "jokkerit_plugin_knownidentifier")
        if row["kind"] == "email"
    }
    for purchase in purchases:
        order = orders.get(purchase["saleor_order"])
        if not order or not order["user_email"] or not purchase["customer_id"]:
            continue
        if (purchase["customer_id"], mailbox(order["user_email"])) not in known:
            found.append(f"order {order['id']}: its e-mail does not lead to the customer")
    return found


def of_strangers(database: Database) -> list[str]:
    """Compare the traces of accounts that never bought."""
    customers = {row["saleor_user"] for row in read(database, "jokkerit_plugin_customer")}
    users = {
        str(row["id"]): {
            "email": row["email"],
            "language": row["language_code"],
            "saleor_user": row["id"],
        }
        for row in read(database, "account_user", YOUNG.format(column=SQL("updated_at")))
        if not row["is_staff"] and row["id"] not in customers
    }
    return children("account trace", users, _traces(database, "customer", None))


def of_checkouts(database: Database, wanted: set[str] | None) -> list[str]:
    """Compare the traces of checkouts."""
    addresses = keyed(read(database, "account_address"))
    baskets = {
        str(row["token"]): _basket(row, addresses)
        for row in read(database, "checkout_checkout", YOUNG.format(column=SQL("last_change")))
        if wanted is None or str(row["token"]) in wanted
    }
    return children("checkout trace", baskets, _traces(database, "checkout", wanted))


def _traces(database: Database, kind: str, wanted: set[str] | None) -> dict[str, Row]:
    return {
        row["key"]: row
        for row in read(database, "jokkerit_plugin_trace")
        if row["kind"] == kind and (wanted is None or row["key"] in wanted)
    }


def _basket(checkout: Row, addresses: Mapping[int, Row]) -> dict[str, Any]:
    key = checkout["shipping_address_id"] or checkout["billing_address_id"]
    return {
        "email": checkout["email"] or "",
        "language": checkout["language_code"],
        "saleor_user": checkout["user_id"],
        **party(addresses.get(key)),
    }


def _compare(key: int, user: Row, customer: Row, books: Mapping[str, Any]) -> list[str]:
    what = f"account {key}"
    said = {
        "email": user["email"],
        "language": user["language_code"],
        "is_staff": user["is_staff"],
        "account_gone_at": None,
    }
    if user["first_name"] or user["last_name"]:
        said |= {"first_name": user["first_name"], "last_name": user["last_name"]}
    if number := vat_id(user["metadata"]):
        said["vat_id"] = number
    found = unequal(what, said, customer)
    shop: set[tuple[object, ...]] = set()
    for address in _book(user, books):
        if where := place(party(address)):
            shop.add(where)
    ours = {place(row) for row in books["register"].get(customer["id"], []) if row["in_book"]}
    if shop != ours:
        found.append(f"{what}: address book")
    for column in ("default_billing", "default_shipping"):
        default = place(party(books["addresses"].get(user[f"{column}_address_id"])))
        marked = {place(row) for row in books["register"].get(customer["id"], []) if row[column]}
        if marked != ({default} if default else set()):
            found.append(f"{what}: {column}")
    return found


def _book(user: Row, books: Mapping[str, Any]) -> list[Row]:
    keys = {row["address_id"] for row in books["book"].get(user["id"], [])}
    keys |= {user["default_billing_address_id"], user["default_shipping_address_id"]} - {None}
    return [books["addresses"][key] for key in keys]


def _books(database: Database) -> dict[str, Any]:
    return {
        "addresses": keyed(read(database, "account_address")),
        "book": grouped(read(database, "account_user_addresses"), "user_id"),
        "register": grouped(read(database, "jokkerit_plugin_postaladdress"), "customer_id"),
    }


def _emails(database: Database) -> dict[int, set[str]]:
    rows = read(
        database, "jokkerit_plugin_knownidentifier", SQL("WHERE last_at IS NULL AND kind = 'email'")
    )
    return {
        key: {row["value"] for row in some} for key, some in grouped(rows, "customer_id").items()
    }


def _buyers(database: Database) -> set[int]:
    rows = read(database, "order_order", SQL("WHERE status <> 'draft' AND user_id IS NOT NULL"))
    return {row["user_id"] for row in rows}
