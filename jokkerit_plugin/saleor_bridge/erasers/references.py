"""What refers to rows that are deleted: a reference nobody here knows would stop the commit."""

from collections.abc import Mapping

from . import checkouts, payloads, users

#: Tables whose rows are deleted by an eraser, with what may refer to them.
KNOWN: Mapping[str, str] = {
    "account_user": (
        "account_customerevent.user_id account_customernote.customer_id"
        " account_customernote.user_id account_staffnotificationrecipient.user_id"
        " account_user_addresses.user_id account_user_groups.user_id"
        " account_user_user_permissions.user_id app_appproblem.dismissed_by_user_id"
        " attribute_assigneduserattributevalue.user_id checkout_checkout.user_id"
        " csv_exportevent.user_id csv_exportfile.user_id discount_promotionevent.user_id"
        " giftcard_giftcard.assigned_to_id giftcard_giftcard.created_by_id"
        " giftcard_giftcard.used_by_id giftcard_giftcardevent.user_id invoice_invoiceevent.user_id"
        " order_order.user_id order_orderevent.user_id order_ordergrantedrefund.user_id"
        " payment_transactionevent.user_id payment_transactionitem.user_id"
        " thumbnail_thumbnail.user_id"
    ),
    "account_address": (
        "account_user.default_billing_address_id account_user.default_shipping_address_id"
        " account_user_addresses.address_id checkout_checkout.billing_address_id"
        " checkout_checkout.shipping_address_id order_order.billing_address_id"
        " order_order.shipping_address_id site_sitesettings.company_address_id"
        " warehouse_warehouse.address_id"
    ),
    "checkout_checkout": (
        "checkout_checkout_gift_cards.checkout_id checkout_checkoutdelivery.checkout_id"
        " checkout_checkoutline.checkout_id checkout_checkoutmetadata.checkout_id"
        " discount_checkoutdiscount.checkout_id payment_payment.checkout_id"
        " payment_transactionitem.checkout_id"
    ),
    "checkout_checkoutline": (
        "discount_checkoutlinediscount.line_id warehouse_preorderreservation.checkout_line_id"
        " warehouse_reservation.checkout_line_id"
    ),
    "checkout_checkoutdelivery": "checkout_checkout.assigned_delivery_id",
    "core_eventpayload": "core_eventdelivery.payload_id",
    "core_eventdelivery": "core_eventdeliveryattempt.delivery_id",
    "giftcard_giftcardtag": "giftcard_giftcard_tags.giftcardtag_id",
    "attribute_attributevalue": (
        "attribute_assignedpageattributevalue.value_id"
        " attribute_assignedproductattributevalue.value_id"
        " attribute_assigneduserattributevalue.value_id"
        " attribute_assignedvariantattributevalue.value_id"
        " attribute_attributevaluetranslation.attribute_value_id"
    ),
}

#: Tables that an eraser deletes from, beside those above.
DELETED = {
    *KNOWN,
    "attribute_assigneduserattributevalue",
    "attribute_attributevaluetranslation",
    "discount_vouchercustomer",
    *(table for table, _ in (*users.ROWS, *checkouts.ROWS, *payloads.ROWS)),
}
