"""The mirror of what belongs to one order: lines, deliveries, invoices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.saleor.mirror_rows import Database, Row, keyed, read

Expected = dict[Any, dict[str, Any]]


@dataclass(frozen=True)
class Types:
    """Slugs of product types, by their own key and by that of a variant."""

    slugs: Mapping[int, str]
    of_variants: Mapping[int, int]

    def slug(self, line: Row) -> str:
        """What a line was of. Saleor 3.21 forgets it with the product."""
        known = line.get("product_type_id") or self.of_variants.get(line["variant_id"])
        return self.slugs.get(known or 0, "")


def types(database: Database) -> Types:
    """Read the product types."""
    products = keyed(read(database, "product_product"))
    variants = read(database, "product_productvariant")
    return Types(
        {one["id"]: one["slug"] for one in read(database, "product_producttype")},
        {one["id"]: products[one["product_id"]]["product_type_id"] for one in variants},
    )


def lines(rows: Iterable[Row], types: Types, placed: datetime, events: Iterable[Row]) -> Expected:
    """Purchase lines by Saleor's key; an event names those that were added later."""
    named = {
        one["line_pk"]
        for event in events
        if event["type"] == "added_products"
        for one in event["parameters"]["lines"]
    }
    return {
        line["id"]: {
            "name": line["product_name"],
            "variant": line["variant_name"],
            "sku": line["product_sku"] or "",
            "quantity": line["quantity"],
            "net": line["total_price_net_amount"],
            "gross": line["total_price_gross_amount"],
            "tax_rate": line["tax_rate"],
            "tax_class": line["tax_class_name"] or "",
            "is_gift_card": line["is_gift_card"],
            "added_at": (
                line["created_at"]
                if line["created_at"] > placed and str(line["id"]) in named
                else None
            ),
            "product_type": types.slug(line),
        }
        for line in rows
    }


def deliveries(parcels: Iterable[tuple[Row, Iterable[Row]]]) -> Expected:
    """Deliveries by the key of the fulfilment's line; each parcel comes with its lines."""
    return {
        line["id"]: {
            "saleor_line": line["order_line_id"],
            "status": parcel["status"],
            "quantity": line["quantity"],
            "at": parcel["created_at"],
        }
        for parcel, held in parcels
        for line in held
    }


def invoices(rows: Iterable[Row]) -> Expected:
    """Invoices by Saleor's key; one that nobody has made yet is none."""
    return {
        invoice["id"]: {
            "number": invoice["number"] or "",
            "created_at": invoice["created"] or invoice["created_at"],
        }
        for invoice in rows
        if invoice["status"] == "success" or (invoice["status"] != "failed" and invoice["number"])
    }
