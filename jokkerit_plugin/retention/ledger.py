"""Receipts: one link of the ledger of erasures for each batch, in the batch's transaction."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from ..access import chain
from ..models import Erasure


def receipt(
    *,
    plan: int,
    part: str,
    subjects: Collection[int],
    shop_keys: Collection[str],
    rows: Mapping[str, int],
    in_shop: bool,
    at: datetime,
) -> dict[str, Any]:
    """Return the content of a link: keys and figures alone."""
    return {
        "at": at,
        "plan": plan,
        "part": part,
        "subjects": chain.as_multirange(subjects),
        "shop_keys": sorted(shop_keys),
        "count": len(subjects) or len(shop_keys),
        "rows": json.dumps({table: rows[table] for table in sorted(rows) if rows[table]}),
        "in_shop": in_shop,
    }


def append(content: Mapping[str, Any]) -> int:
    """Add a link; the transaction's last statement (see `access.chain`)."""
    return chain.append(Erasure, content)
