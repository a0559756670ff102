"""What tests of retention share: old customers, a plan that is approved, a shop that can erase."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zlib import crc32

from jokkerit_plugin import clock
from jokkerit_plugin.models import AddressMark, Customer, InboxEvent, Notice, Plan, Purchase
from jokkerit_plugin.register import inbox
from jokkerit_plugin.retention import night, plans
from jokkerit_plugin.shop.erasers import Done, Draft, Hindrance, ShopPart
from jokkerit_plugin.shop.port import shop as port
from jokkerit_plugin.shop.snapshots import Kind
from tests.paper_shop import PaperShop
from tests.people import CONTROLLER

LATELY = "2026-11-01T10:00:00.000000Z"
#: Older than every term but the books'.
LONG_AGO = "2021-05-04T10:00:00.000000Z"
#: Older than the books' term, too.
FORGOTTEN = "2011-05-04T10:00:00.000000Z"


def voucher_of(email: str) -> str:
    """The key of a voucher for one address; as Saleor's, it names nobody."""
    return f"voucher:{crc32(email.encode())}"


class FakeEraser:
    """A shop's own tables as sets of keys. Keys that are `held` are locked by somebody else."""

    def __init__(self) -> None:
        self.there: dict[ShopPart, set[str]] = {part: set() for part in ShopPart}
        #: Accounts that never bought, and when each was last seen.
        self.seen: dict[str, datetime] = {}
        self.made: dict[str, datetime] = {}
        self.held: set[str] = set()
        self.emails: set[str] = set()
        self.names: set[str] = set()
        self.files: dict[str, str] = {}
        self.removed: list[str] = []
        #: Files that the storage does not let go.
        self.stuck: set[str] = set()
        self.refuses = ""
        self.open_orders: set[str] = set()
        #: Accounts that are kept, and why.
        self.hinders: dict[str, Hindrance] = {}
        self.old_drafts: list[Draft] = []
        self.breaks_on: set[str] = set()
        #: With which part a column goes.
        self.parts: dict[tuple[str, str], ShopPart] = {}

    def refusal(self) -> str:
        return self.refuses

    def overdue(
        self, part: ShopPart, before: datetime, *, after: str = "", limit: int
    ) -> list[str]:
        if part not in {ShopPart.CHECKOUT, ShopPart.ADDRESS, ShopPart.PAYLOAD}:
            return []
        if part is ShopPart.ADDRESS and not after:
            AddressMark.objects.create(noted_at=clock.now(), last=0)
        return sorted(key for key in self._older(part, before) if key > after)[:limit]

    def idle(
        self,
        before: datetime,
        *,
        after: str = "",
        limit: int,
        among: Collection[str] | None = None,
    ) -> dict[str, datetime]:
        customers = set(Customer.objects.values_list("saleor_user", flat=True))
        keys = sorted(
            int(key) for key, at in self.seen.items()
            if at < before and int(key) not in customers and (among is None or key in among)
            and int(key) > int(after or 0)
        )  # fmt: skip
        return {str(key): self.seen[str(key)] for key in keys[:limit]}

    def existed(self, part: ShopPart, keys: Sequence[str], before: datetime) -> list[str]:
        return sorted(self._older(part, before) & set(keys))

    def take(self, part: ShopPart, keys: Sequence[str]) -> list[str]:
        hindered = self.hinders if part is ShopPart.ACCOUNT else {}
        return sorted(set(keys) - self.held - set(hindered))

    def erase(
        self,
        part: ShopPart,
        keys: Sequence[str],
        *,
        emails: Collection[str] = (),
        names: Collection[str] = (),
    ) -> Done:
        if broken := self.breaks_on & set(keys):
            raise _broken(broken)
        self.emails |= set(emails)
        self.names |= set(names)
        files = tuple(self.files[key] for key in keys if key in self.files)
        self.there[part] -= set(keys)
        if part is ShopPart.ACCOUNT:
            self.seen = {key: at for key, at in self.seen.items() if key not in keys}
        return Done(tuple(keys), {f"shop_{part.value}": len(keys)}, files)

    def mentions(
        self, keys: Sequence[str], *, emails: Collection[str], names: Collection[str]
    ) -> list[str]:
        named = {voucher_of(email) for email in emails} | {f"card_event:{key}" for key in keys}
        return sorted(named & self.there[ShopPart.MENTION])

    def remove_files(self, files: Sequence[str]) -> Collection[str]:
        gone = [name for name in files if name not in self.stuck]
        self.removed += gone
        return set(files).difference(gone)

    def part_of(self, table: str, column: str) -> ShopPart | None:
        return self.parts.get((table, column))

    def unfinished(self, orders: Sequence[str]) -> list[str]:
        return sorted(self.open_orders & set(orders))

    def hindrances(self, accounts: Sequence[str]) -> dict[str, Hindrance]:
        return {key: self.hinders[key] for key in accounts if key in self.hinders}

    def drafts(self, before: datetime, *, limit: int) -> list[Draft]:
        return [one for one in self.old_drafts if one.touched < before][:limit]

    def count_drafts(self, before: datetime) -> int:
        return len(self.drafts(before, limit=len(self.old_drafts)))

    def scrambled(self, *, after: str = "", limit: int) -> list[str]:
        return []

    def _older(self, part: ShopPart, before: datetime) -> set[str]:
        old = datetime(2000, 1, 1, tzinfo=before.tzinfo)
        return {key for key in self.there[part] if self.made.get(key, old) < before}


def _broken(keys: set[str]) -> Exception:
    from django.db import IntegrityError

    return IntegrityError(f"{len(keys)} keys")


def buys(shop: PaperShop, name: str, *, when: str = LONG_AGO, **changes: Any) -> Purchase:
    """Let somebody buy, paid and delivered, take it in, and let time go by.

    What is over when it is first met would not be taken in.
    """
    for moment in (LATELY, when):
        usual = {"placed_at": moment, "paid_at": moment, "delivered_at": moment}
        given = {"email": f"{name}@example.com", "status": "fulfilled", **usual, **changes}
        key = shop.order(name, **given)
        follow(shop)
    return Purchase.objects.get(saleor_order=key)


def follow(shop: PaperShop) -> None:
    """Take in what happened in the shop."""
    for kind, key in shop.delivered():
        inbox.note(kind, [int(key) if kind is Kind.CUSTOMER else UUID(key)])
    while InboxEvent.objects.exists():
        inbox.drain()


def told(*customers: int, days: int = 40) -> None:
    """Let customers have been told of the term that runs now, some days ago."""
    from jokkerit_plugin.retention import inactive

    at = clock.now() - timedelta(days=days)
    terms = {
        one.customer: one.term
        for one in inactive.untold(clock.today(), port().config(), limit=100_000)
    }
    wanted = customers or tuple(Customer.objects.values_list("pk", flat=True))
    Notice.objects.bulk_create(
        Notice(customer_id=pk, term=terms[pk], told_at=at, language="fi")
        for pk in wanted
        if pk in terms
    )


def approved(shop: PaperShop) -> Plan:
    """Make a plan of what is due, and let the controller approve it."""
    plan = plans.make(shop.port.config())
    assert plan is not None
    return plans.approve(plan.pk, digest=plan.digest, actor=CONTROLLER)


def erase(shop: PaperShop, *, failing: bool = False) -> Plan:
    """Make a plan, approve it and run it; no batch fails, unless it is to."""
    approved(shop)
    plan = night.by_hand()
    assert failing or not plan.batches.exclude(error="").exists()
    return plan
