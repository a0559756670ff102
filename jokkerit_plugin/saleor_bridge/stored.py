"""What Saleor stores beside its tables: public and private files, piece by piece."""

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Callable, Iterator, Mapping
from uuid import UUID

from django.core.files.storage import Storage, default_storage
from saleor.core import private_storage

from ..register.rows import stream
from ..shop.erasers import ShopPart
from ..shop.roots import Roots

PIECE = 1 << 18

ROOTS = Roots(
    accounts="account_user",
    orders="order_order",
    log_in="email",
    owned={
        "account_address": {
            "account_user.default_billing_address_id": ShopPart.ACCOUNT,
            "account_user.default_shipping_address_id": ShopPart.ACCOUNT,
            "account_user_addresses.address_id": ShopPart.ACCOUNT,
            "checkout_checkout.billing_address_id": ShopPart.CHECKOUT,
            "checkout_checkout.shipping_address_id": ShopPart.CHECKOUT,
            "order_order.billing_address_id": ShopPart.ORDER_IDENTITY,
            "order_order.shipping_address_id": ShopPart.ORDER_DETAIL,
        },
        "attribute_attributevalue": {
            "attribute_assigneduserattributevalue.value_id": ShopPart.ACCOUNT,
        },
    },
    files={
        "invoices/": ShopPart.ORDER_IDENTITY,
        "payloads/": ShopPart.PAYLOAD,
        "thumbnails/": ShopPart.ACCOUNT,
        "user-avatars/": ShopPart.ACCOUNT,
    },
    mailboxes={
        "checkout_checkout": {"email": "user_id"},
        "discount_vouchercustomer": {"customer_email": ""},
        "giftcard_giftcard": {
            "created_by_email": "created_by_id",
            "used_by_email": "used_by_id",
            "assigned_to_email": "assigned_to_id",
        },
        "giftcard_giftcardevent": {
            "parameters.email": "",
            "parameters.assigned_to_email": "",
            "parameters.previous_assigned_to_email": "",
        },
    },
    texts={"account_customerevent": "parameters.message", "giftcard_giftcardtag": "name"},
    handled=frozenset(
        {
            "account_customernote.user_id",
            "app_appproblem.dismissed_by_user_id",
            "csv_exportevent.user_id",
            "csv_exportfile.user_id",
            "discount_promotionevent.user_id",
            "giftcard_giftcardevent.user_id",
            "invoice_invoiceevent.user_id",
            "order_orderevent.user_id",
            "order_ordergrantedrefund.user_id",
            "payment_transactionevent.user_id",
            "payment_transactionitem.user_id",
        }
    ),
    # Under the name of the staff who did it to a customer.
    of_others={
        "account_customerevent": "type IN"
        " ('customer_deleted', 'email_assigned', 'name_assigned', 'note_added')"
    },
    stored=(
        "account_user.avatar",
        "attribute_attributevalue.file_url",
        "core_eventpayload.payload_file",
        "invoice_invoice.invoice_file",
        "thumbnail_thumbnail.image",
    ),
    names={
        "checkout_checkout": "SELECT lower(btrim(a.first_name || ' ' || a.last_name))"
        " FROM account_address a WHERE a.id IN (t.billing_address_id, t.shipping_address_id)"
    },
    between={
        "attribute_attributevalue": "id",
        "checkout_checkout": "token",
        "giftcard_giftcard": "id",
    },
    sent=("core_eventpayload", "id"),
)


def files() -> Iterator[tuple[str, Iterator[bytes]]]:
    """See `ShopPort.stored_files`. Where private files lie among the public ones, each once."""
    yield from _below(default_storage, "")
    places = [getattr(one, "location", None) for one in (default_storage, private_storage)]
    if places[0] is None or places[0] != places[1]:
        yield from _below(private_storage, "")


def file(name: str) -> Iterator[bytes]:
    """See `ShopPort.stored_file`."""
    for storage in (default_storage, private_storage):
        pieces = _pieces(storage, name)
        if (first := next(pieces, None)) is not None:
            yield first
            yield from pieces
            return


def sent() -> Iterator[tuple[str, str]]:
    """See `ShopPort.sent`."""
    sql = "SELECT id, payload, coalesce(payload_file, '') FROM core_eventpayload ORDER BY id"
    for key, text, name in stream("copy_sent", sql, [], page=200):
        whole = b"".join(_pieces(private_storage, name)).decode(errors="replace") if name else ""
        yield str(key), f"{text}{whole}"


#: Of orders, accounts and checkouts: the beginnings of what Saleor makes of type and key.
_GLOBAL_ID = re.compile(r"(?:T3JkZXI6|VXNlcj|Q2hlY2tvdXQ6)[A-Za-z0-9+/]*={0,2}")
#: Table and kind of key by type: what somebody else wrote may look like one.
_TYPES: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "Order": ("order_order", UUID),
    "User": ("account_user", int),
    "Checkout": ("checkout_checkout", UUID),
}


def named_in(text: str) -> set[tuple[str, str]]:
    """See `ShopPort.named_in`."""
    found = set()
    for code in set(_GLOBAL_ID.findall(text)):
        try:
            kind, _, text_ = b64decode(code).decode().partition(":")
            table, read = _TYPES[kind]
            found.add((table, str(read(text_))))
        except (Error, KeyError, ValueError):
            continue
    return found


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
