"""Purchases whose identity Saleor's Anonymizer app has destroyed in the shop.

It overwrites orders whatever bookkeeping still needs of them, and marks them. That is nobody's
error here, but the controller has to know whose vouchers are without a name.
"""

from collections.abc import Iterator

from ..models import Purchase
from ..shop.erasers import ShopEraser, eraser

#: Orders asked for at once.
PAGE = 1000


def purchases() -> list[int]:
    """Return the keys of purchases that stand in the register and are scrambled in the shop.

    The mark goes with what identity the erasing itself takes, so these are only those whose
    identity is still to be kept. A page of orders is 2 queries.
    """
    found = eraser()
    return sorted(_purchases(found)) if found is not None else []


def _purchases(shop: ShopEraser) -> Iterator[int]:
    after = ""
    while keys := shop.scrambled(after=after, limit=PAGE):
        yield from Purchase.objects.filter(saleor_order__in=keys).values_list("pk", flat=True)
        after = keys[-1]
