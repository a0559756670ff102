"""Saleor's events: which ones the register writes down, and which it leaves alone and why.

A hook takes a key from the instance that it is given and, once the transaction has committed,
writes one row into the inbox. It runs no other query, never raises and never waits: an
exception in an order hook would lose the confirmation mail of that checkout.
"""

from collections.abc import Callable, Sequence
from functools import partial
from threading import local
from time import monotonic
from typing import Any

from django.db import OperationalError, transaction

from ..config import Config
from ..logs import logger_of
from ..shop.port import Key
from ..shop.snapshots import Kind

logger = logger_of(__name__)

Keys = Callable[[Any], Sequence[Key]]

#: Of this thread: until when its hooks no longer wait for the inbox.
_waited = local()


def _own(instance: Any) -> Sequence[Key]:
    return [instance.pk]


def _all(instances: Any) -> Sequence[Key]:
    return [instance.pk for instance in instances]


def _order(instance: Any) -> Sequence[Key]:
    # The foreign key's column: `instance.order` would be a query.
    return [] if instance.order_id is None else [instance.order_id]


#: What each handled hook's first argument tells.
HANDLED: dict[str, tuple[Kind, Keys]] = {
    "order_created": (Kind.ORDER, _own),
    "order_updated": (Kind.ORDER, _own),
    "order_confirmed": (Kind.ORDER, _own),
    "order_paid": (Kind.ORDER, _own),
    "order_fully_paid": (Kind.ORDER, _own),
    "order_refunded": (Kind.ORDER, _own),
    "order_fully_refunded": (Kind.ORDER, _own),
    "order_cancelled": (Kind.ORDER, _own),
    "order_expired": (Kind.ORDER, _own),
    "order_fulfilled": (Kind.ORDER, _own),
    "order_metadata_updated": (Kind.ORDER, _own),
    "order_bulk_created": (Kind.ORDER, _all),
    "fulfillment_created": (Kind.ORDER, _order),
    "fulfillment_approved": (Kind.ORDER, _order),
    "fulfillment_canceled": (Kind.ORDER, _order),
    "fulfillment_metadata_updated": (Kind.ORDER, _order),
    "tracking_number_updated": (Kind.ORDER, _order),
    "invoice_sent": (Kind.ORDER, _order),
    "transaction_item_metadata_updated": (Kind.ORDER, _order),
    "customer_created": (Kind.CUSTOMER, _own),
    "customer_updated": (Kind.CUSTOMER, _own),
    "customer_deleted": (Kind.CUSTOMER, _own),
    "customer_metadata_updated": (Kind.CUSTOMER, _own),
    "account_confirmed": (Kind.CUSTOMER, _own),
    # By themselves; staff do it through customer_deleted.
    "account_deleted": (Kind.LEFT, _own),
    "account_email_changed": (Kind.CUSTOMER, _own),
    # Staff buy too, and a staff account can become a customer's.
    "staff_created": (Kind.CUSTOMER, _own),
    "staff_updated": (Kind.CUSTOMER, _own),
    "staff_deleted": (Kind.CUSTOMER, _own),
    "address_created": (Kind.ADDRESS, _own),
    "address_updated": (Kind.ADDRESS, _own),
    "address_deleted": (Kind.ADDRESS, _own),
    "checkout_created": (Kind.CHECKOUT, _own),
    "checkout_updated": (Kind.CHECKOUT, _own),
    "checkout_fully_paid": (Kind.CHECKOUT, _own),
    "checkout_fully_authorized": (Kind.CHECKOUT, _own),
    "checkout_metadata_updated": (Kind.CHECKOUT, _own),
}


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Hooks that are left alone, by reason. A new Saleor's hook must be put here or above: a test
#: walks the annotations of BasePlugin.
IGNORED: dict[str, frozenset[str]] = {
    "a draft is no purchase; completing it fires order_created": _names(
        "draft_order_created draft_order_updated draft_order_deleted"
    ),
    "a request that changes nothing yet; what comes of it has its own hook": _names(
        "account_change_email_requested account_confirmation_requested account_delete_requested"
        " account_set_password_requested staff_set_password_requested invoice_delete notify"
    ),
    "its presence makes the plugin a payment, sign-in, tax or invoice provider": _names(
        "authenticate_user authorize_payment capture_payment check_payment_balance"
        " confirm_payment get_client_token get_payment_config get_supported_currencies"
        " initialize_payment list_payment_sources list_stored_payment_methods"
        " payment_gateway_initialize_session payment_gateway_initialize_tokenization"
        " payment_method_initialize_tokenization payment_method_process_tokenization"
        " process_payment refund_payment stored_payment_method_request_delete"
        " transaction_cancelation_requested transaction_charge_requested"
        " transaction_initialize_session transaction_process_session"
        " transaction_refund_requested void_payment"
        " external_authentication_url external_logout external_obtain_access_tokens"
        " external_refresh external_verify invoice_request"
        " calculate_checkout_line_total calculate_checkout_line_unit_price"
        " calculate_checkout_shipping calculate_checkout_subtotal calculate_checkout_total"
        " calculate_order_line_total calculate_order_line_unit calculate_order_shipping"
        " calculate_order_total get_checkout_line_tax_rate get_checkout_shipping_tax_rate"
        " get_order_line_tax_rate get_order_shipping_tax_rate get_tax_code_from_object_meta"
        " get_tax_rate_type_choices get_taxes_for_checkout get_taxes_for_order"
        " get_shipping_methods_for_checkout"
    ),
    "runs inside the transaction that makes the order; order_created follows": _names(
        "preprocess_order_creation"
    ),
    "gift cards reach the register with the orders that they pay": _names(
        "gift_card_created gift_card_deleted gift_card_export_completed"
        " gift_card_metadata_updated gift_card_status_changed gift_card_updated"
    ),
    "no data of a customer": _names(
        "app_deleted app_installed app_status_changed app_updated"
        " attribute_created attribute_deleted attribute_updated"
        " attribute_value_created attribute_value_deleted attribute_value_updated"
        " category_created category_deleted category_updated"
        " channel_created channel_deleted channel_metadata_updated channel_status_changed"
        " channel_updated collection_created collection_deleted collection_metadata_updated"
        " collection_updated customer_type_created customer_type_deleted customer_type_updated"
        " event_delivery_retry menu_created menu_deleted menu_updated"
        " menu_item_created menu_item_deleted menu_item_updated"
        " page_created page_deleted page_updated"
        " page_type_created page_type_deleted page_type_updated"
        " permission_group_created permission_group_deleted permission_group_updated"
        " product_created product_deleted product_updated product_metadata_updated"
        " product_export_completed"
        " product_media_created product_media_deleted product_media_updated"
        " product_type_created product_type_deleted product_type_updated"
        " product_variant_created product_variant_deleted product_variant_updated"
        " product_variant_metadata_updated product_variant_back_in_stock"
        " product_variant_discounted_price_updated product_variant_out_of_stock"
        " product_variant_stocks_updated promotion_created promotion_deleted promotion_ended"
        " promotion_started promotion_updated promotion_rule_created promotion_rule_deleted"
        " promotion_rule_updated sale_created sale_deleted sale_updated"
        " shipping_price_created shipping_price_deleted shipping_price_updated"
        " shipping_zone_created shipping_zone_deleted shipping_zone_metadata_updated"
        " shipping_zone_updated shop_metadata_updated thumbnail_created"
        " translations_created translations_updated"
        " voucher_created voucher_deleted voucher_updated voucher_metadata_updated"
        " voucher_code_export_completed voucher_codes_created voucher_codes_deleted"
        " warehouse_created warehouse_deleted warehouse_metadata_updated warehouse_updated"
    ),
}

#: Answered by `plugin.py` itself.
OWN = frozenset({"webhook"})


def wanted(kind: Kind, config: Config) -> bool:
    """Tell whether the toggles let events of `kind` in: a request to be erased always comes in."""
    if kind is Kind.LEFT:
        return True
    return config.fill_checkouts if kind is Kind.CHECKOUT else config.fill_orders


def write_down(kind: Kind, keys: Sequence[Key]) -> None:
    """Note the keys in the inbox; a failure is logged by its class, never raised.

    The exception's text may quote a row, so it stays out of the log. What is lost here the
    next reconciliation finds.
    """
    if monotonic() < getattr(_waited, "until", 0.0):
        return
    try:
        # Here and not above: an error while importing the register must not stop Saleor.
        from ..register.inbox import note

        note(kind, keys)
    except OperationalError as error:
        # The inbox is locked: a checkout fires four hooks and more, and waits for the first only.
        _waited.until = monotonic() + 1
        _complain(kind, error)
    except Exception as error:  # noqa: BLE001 - the shop must never see it
        _complain(kind, error)


def _complain(kind: Kind, error: Exception) -> None:
    state = getattr(error.__cause__, "sqlstate", None) or "-"
    name = type(error).__name__
    logger.warning("an event about a row of kind %s was not noted: %s (%s)", kind, name, state)


class Hooks:
    """The handled hooks, for a plugin that has `settings`.

    Saleor finds a hook by the attribute's presence and calls it with `previous_value`, which
    it expects back.
    """

    settings: Config

    def _on_event(self, kind: Kind, keys: Keys, subject: Any) -> None:
        try:
            if not wanted(kind, self.settings):
                return
            found = [key for key in keys(subject) if key is not None]
            if found:
                transaction.on_commit(partial(write_down, kind, found), robust=True)
        except Exception as error:  # noqa: BLE001 - the shop must never see it
            _complain(kind, error)


def _hook(name: str, kind: Kind, keys: Keys) -> Callable[..., Any]:
    def hook(self: Hooks, subject: Any, *args: Any, **kwargs: Any) -> Any:
        self._on_event(kind, keys, subject)
        return kwargs.get("previous_value")

    hook.__name__ = name
    hook.__qualname__ = f"Hooks.{name}"
    return hook


for _name, (_kind, _keys) in HANDLED.items():
    setattr(Hooks, _name, _hook(_name, _kind, _keys))
