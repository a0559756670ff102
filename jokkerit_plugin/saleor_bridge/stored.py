"""What Saleor stores beside its tables: public and private files, piece by piece."""

from collections.abc import Iterator

from django.core.files.storage import Storage, default_storage
from saleor.core import private_storage

from ..shop.erasers import ShopPart
from ..shop.roots import Roots

PIECE = 1 << 18

ROOTS = Roots(
    accounts="account_user",
    orders="order_order",
    owned={
        "account_address": {
            "account_user.default_billing_address_id": ShopPart.ACCOUNT,
            "account_user.default_shipping_address_id": ShopPart.ACCOUNT,
            "account_user_addresses.address_id": ShopPart.ACCOUNT,
            "checkout_checkout.billing_address_id": ShopPart.CHECKOUT,
            "checkout_checkout.shipping_address_id": ShopPart.CHECKOUT,
            "order_order.billing_address_id": ShopPart.ORDER_IDENTITY,
            "order_order.shipping_address_id": ShopPart.ORDER_DETAIL,
        }
    },
    files={
        "invoices/": ShopPart.ORDER_IDENTITY,
        "payloads/": ShopPart.PAYLOAD,
        "thumbnails/": ShopPart.ACCOUNT,
        "user-avatars/": ShopPart.ACCOUNT,
    },
    mailboxes={
        "checkout_checkout": ("email",),
        "discount_vouchercustomer": ("customer_email",),
        "giftcard_giftcard": ("created_by_email", "used_by_email", "assigned_to_email"),
    },
)


def files() -> Iterator[tuple[str, Iterator[bytes]]]:
    """See `ShopPort.stored_files`. Where private files lie among the public ones, each once."""
    yield from _below(default_storage, "")
    places = [getattr(one, "location", None) for one in (default_storage, private_storage)]
    if places[0] is None or places[0] != places[1]:
        yield from _below(private_storage, "")


def _below(storage: Storage, folder: str) -> Iterator[tuple[str, Iterator[bytes]]]:
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(names):
        path = f"{folder}/{name}" if folder else name
        yield path, _pieces(storage, path)
    for name in sorted(folders):
        if name:
            yield from _below(storage, f"{folder}/{name}" if folder else name)


def _pieces(storage: Storage, path: str) -> Iterator[bytes]:
    """Nothing where the file has gone since it was listed."""
    try:
        file = storage.open(path, "rb")
    except FileNotFoundError:
        return
    with file:
        yield from file.chunks(PIECE)
