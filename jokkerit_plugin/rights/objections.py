"""Objections to direct marketing: passed on to the marketing part, where it is installed."""

import importlib
from typing import Any

from ..access.actor import Actor
from ..models import Request


def oppose(row: Request, actor: Actor | None) -> bool:
    """End marketing to the one who asked; tell whether there is a marketing part to do it.

    In the caller's transaction. `actor`: who decided; None: the person, or nobody had to.
    """
    ledger: Any
    try:
        ledger = importlib.import_module("jokkerit_plugin.marketing.ledger")
    except ModuleNotFoundError:
        return False
    if row.customer is None:
        return False
    ledger.oppose_customer(row.customer, source=row.origin, actor=actor.key if actor else None)
    return True
