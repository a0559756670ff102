"""Books of a shop on paper, for tests: sell, pay, refund, and let the books follow."""

import hashlib
from datetime import date
from typing import Any
from uuid import UUID

from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.accounting import books
from jokkerit_plugin.accounting.entries import Entry, entries
from jokkerit_plugin.accounting.periods import days
from jokkerit_plugin.models import Export, ExportChunk, Recipient
from jokkerit_plugin.register import inbox
from jokkerit_plugin.shop.snapshots import Kind
from tests.paper_shop import PaperShop, line
from tests.people import ACCOUNTANT, CONTROLLER, firm, sign


def admit(*actors: Actor) -> None:
    """Let the accountant, of a registered firm, and these sign a confidentiality agreement."""
    sign(CONTROLLER, ACCOUNTANT, *actors)
    firm(ACCOUNTANT)


def movement(
    key: str, amount: str, at: str, kind: str = "payment", **changes: Any
) -> dict[str, Any]:
    """Return a movement as a document holds it; `at` is a day or a moment in UTC."""
    moment = at if "T" in at else f"{at}T10:00:00.000000Z"
    base = {
        "key": f"event:{key}", "kind": kind, "amount": amount, "currency": "EUR", "at": moment,
        "gateway": "paytrail", "reference": key,
    }  # fmt: skip
    return base | changes


def sell(shop: PaperShop, name: str, day: str, **changes: Any) -> UUID:
    """Place an order that is paid at once: 12.55 at 25.5 % unless changed."""
    lines = changes.pop("lines", [line(name)])
    total = sum(float(one["gross"]) for one in lines)
    paid = movement(name, f"{total:.3f}", day, currency=changes.get("currency", "EUR"))
    moved = changes.pop("movements", [paid])
    return shop.order(
        name, placed_at=f"{day}T09:00:00.000000Z", lines=lines, movements=moved,
        **{"net": "0", "gross": f"{total:.3f}"} | changes,
    )  # fmt: skip


def follow(shop: PaperShop) -> None:
    """Bring register and books up to date."""
    for kind, key in shop.delivered():
        inbox.note(kind, [UUID(key) if kind is not Kind.CUSTOMER else int(key)])
    inbox.drain()
    books.keep()


def exported(filename: str, *pieces: bytes, subjects: str = "{}") -> Export:
    """Make a journal of March of these pieces for the accounting firm, as they are stored."""
    content = b"".join(pieces)
    made = Export.objects.create(
        format="journal_csv", first=date(2026, 3, 1), last=date(2026, 3, 31), filename=filename,
        recipient=Recipient.objects.get(), purpose="bookkeeping", categories="purchase",
        subjects=subjects, sha256=hashlib.sha256(content).hexdigest(), size=len(content),
        created_by="user:3",
    )  # fmt: skip
    for number, data in enumerate(pieces):
        ExportChunk.objects.create(export=made, number=number, data=data)
    return made


def booked(first: str = "2000-01-01", last: str = "2100-01-01") -> list[Entry]:
    """Return the entries of a range of days."""
    return list(entries(days(first, last)))


def told(found: list[Entry]) -> list[str]:
    """Entries as text: day, voucher, what it credits, kind, gross and cause."""
    return [
        " ".join(
            part
            for part in (
                f"{one.day:%-d.%-m.%Y}", one.voucher, f"<{one.original}>" if one.original else "",
                one.kind.value, f"{one.gross.normalize():f}", one.cause,
            )
            if part
        )
        for one in found
    ]  # fmt: skip
