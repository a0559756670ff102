"""What is the shop's alone and over: no customer of the register, keys of the shop."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from .. import clock
from ..config import Config
from ..shop import erasers
from ..shop.erasers import ShopEraser, ShopPart
from . import owed

#: What the register erased while the shop's own tables were left alone, or could not be touched.
OWED = (ShopPart.ACCOUNT, ShopPart.ORDER_DETAIL, ShopPart.ORDER_IDENTITY, ShopPart.MENTION)
SWEPT = (ShopPart.CHECKOUT, ShopPart.ADDRESS, ShopPart.PAYLOAD)
#: Saleor's own term for payloads, which it keeps while a delivery is tried again.
PAYLOAD_DAYS = 14


def shop_to_erase_in(config: Config) -> ShopEraser | None:
    """Return the shop's eraser if it may be used; None: not chosen, refused, or no shop."""
    return erasers.usable() if config.erase_in_shop else None


def overdue(day: date, config: Config, *, limit: int) -> Iterator[tuple[str, Sequence[str], str]]:
    """Yield part, at most `limit` keys and the rule, of what may be erased in the shop on a day.

    What is owed does not wait for one, unless a rule keeps it by now.
    """
    shop = shop_to_erase_in(config)
    if shop is None:
        if unused := erasers.usable():
            # Notes today's last address: they are counted, and gone soon once they may go.
            unused.overdue(ShopPart.ADDRESS, before(ShopPart.ADDRESS, day, config), limit=1)
        return
    for part in OWED:
        after = ""
        while keys := owed.page(part, after=after, limit=limit):
            if over := owed.over(part, keys, day, config):
                yield part.value, over, "owed"
            after = keys[-1]
    for part in SWEPT:
        if part is ShopPart.CHECKOUT and "checkout_days" in dict(config.unusable):
            # Of a term that cannot be read the default would erase too early.
            continue
        after = ""
        while keys := shop.overdue(part, before(part, day, config), after=after, limit=limit):
            yield part.value, keys, part.value
            after = keys[-1]


def before(part: ShopPart, day: date, config: Config) -> datetime:
    """Return the moment before which what is the shop's alone is over on a day, at this hour."""
    return clock.now() + (day - clock.today()) - timedelta(days=days(part, config))


def days(part: ShopPart, config: Config) -> int:
    """Return how old a row of the shop's alone becomes, in days."""
    return {ShopPart.CHECKOUT: config.checkout_days, ShopPart.ADDRESS: 1}.get(part, PAYLOAD_DAYS)
