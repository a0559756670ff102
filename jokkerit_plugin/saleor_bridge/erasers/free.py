"""Columns of Saleor's tables, 3.21 to 3.23, that hold no customer's data.

Names, slugs and codes; texts, pictures and metadata of the catalogue and of settings; currencies,
states and kinds; what the shop's own people are called. Looked at one by one.
"""

from collections.abc import Mapping

FREE: Mapping[str, str] = {
    "account_address": "country",
    "account_customerevent": "type",
    "account_customertype": "private_metadata metadata name slug",
    "account_group": "name",
    "account_staffnotificationrecipient": "staff_email",
    "app_app": (
        "private_metadata metadata name about_app app_url configuration_url data_privacy "
        "data_privacy_url homepage_url identifier support_url type version manifest_url "
        "audience author brand_logo_default"
    ),
    "app_appextension": "label url mount target http_target_method settings identifier",
    "app_appinstallation": "status message app_name manifest_url brand_logo_default",
    "app_appproblem": "message key dismissed_by_user_email",
    "app_apptoken": "name auth_token token_last_4",
    "attribute_attribute": (
        "slug name metadata private_metadata input_type type entity_type unit external_reference"
    ),
    "attribute_attributetranslation": "language_code name",
    "attribute_attributevalue": "external_reference",
    "attribute_attributevaluetranslation": "language_code",
    "channel_channel": (
        "name slug currency_code default_country allocation_strategy "
        "order_mark_as_paid_strategy default_transaction_flow_strategy metadata "
        "private_metadata"
    ),
    "checkout_checkout": (
        "discount_name translated_discount_name currency authorize_status charge_status "
        "shipping_method_name"
    ),
    "checkout_checkoutdelivery": (
        "external_shipping_method_id name description currency tax_class_name "
        "tax_class_private_metadata tax_class_metadata"
    ),
    "checkout_checkoutline": "currency",
    "core_eventdelivery": "status event_type",
    "core_eventdeliveryattempt": "task_id status",
    "csv_exportevent": "type parameters",
    "csv_exportfile": "status content_file message",
    "discount_checkoutdiscount": "type value_type currency name translated_name voucher_code",
    "discount_checkoutlinediscount": (
        "type value_type currency name translated_name voucher_code unique_type"
    ),
    "discount_orderdiscount": "type value_type currency name translated_name voucher_code",
    "discount_orderlinediscount": (
        "type value_type currency name translated_name voucher_code unique_type"
    ),
    "discount_promotion": "private_metadata metadata name description type",
    "discount_promotionevent": "type parameters",
    "discount_promotionrule": (
        "name description catalogue_predicate reward_value_type order_predicate reward_type"
    ),
    "discount_promotionruletranslation": "language_code name description",
    "discount_promotiontranslation": "language_code name description",
    "discount_voucher": "type name discount_value_type countries metadata private_metadata",
    "discount_voucherchannellisting": "currency",
    "discount_vouchercode": "code",
    "discount_vouchertranslation": "language_code name",
    "django_celery_beat_crontabschedule": (
        "minute hour day_of_week day_of_month month_of_year timezone"
    ),
    "django_celery_beat_intervalschedule": "period",
    "django_celery_beat_periodictask": (
        "name task args kwargs queue exchange routing_key description headers"
    ),
    "django_celery_beat_solarschedule": "event",
    "django_content_type": "app_label model",
    "django_migrations": "app name",
    "django_site": "domain name",
    "giftcard_giftcard": "code currency",
    "giftcard_giftcardevent": "type",
    "invoice_invoice": "status number",
    "invoice_invoiceevent": "type",
    "menu_menu": "name slug metadata private_metadata",
    "menu_menuitem": "name url metadata private_metadata",
    "menu_menuitemtranslation": "language_code name",
    "order_fulfillment": "status",
    "order_order": (
        "language_code status shipping_method_name currency origin collection_point_name "
        "authorize_status charge_status shipping_tax_class_metadata shipping_tax_class_name "
        "shipping_tax_class_private_metadata voucher_code"
    ),
    "order_orderevent": "type",
    "order_ordergrantedrefund": "currency status",
    "order_orderline": (
        "product_name product_sku translated_product_name currency translated_variant_name "
        "variant_name unit_discount_type product_variant_id sale_id voucher_code "
        "tax_class_metadata tax_class_name tax_class_private_metadata"
    ),
    "page_page": (
        "slug title content seo_description seo_title metadata private_metadata search_vector"
    ),
    "page_pagetranslation": "seo_title seo_description language_code title content slug",
    "page_pagetype": "private_metadata metadata name slug",
    "payment_payment": (
        "gateway charge_status billing_country_code currency payment_method_type "
        "store_payment_method"
    ),
    "payment_transaction": "kind currency",
    "payment_transactionevent": "app_identifier currency type",
    "payment_transactionitem": "available_actions currency app_identifier payment_method_type",
    "permission_permission": "name codename",
    "plugins_emailtemplate": "name value",
    "plugins_pluginconfiguration": "name description configuration identifier",
    "product_category": (
        "name slug description background_image seo_description seo_title "
        "background_image_alt metadata private_metadata description_plaintext"
    ),
    "product_categorytranslation": "seo_title seo_description language_code name description slug",
    "product_collection": (
        "name slug background_image seo_description seo_title description "
        "background_image_alt metadata private_metadata"
    ),
    "product_collectiontranslation": (
        "seo_title seo_description language_code name description slug"
    ),
    "product_digitalcontent": "content_type content_file metadata private_metadata",
    "product_product": (
        "name description seo_description seo_title metadata private_metadata slug "
        "description_plaintext search_document search_vector external_reference"
    ),
    "product_productchannellisting": "currency",
    "product_productmedia": "image alt type external_url oembed_data metadata private_metadata",
    "product_producttranslation": "seo_title seo_description language_code name description slug",
    "product_producttype": "name metadata private_metadata slug kind",
    "product_productvariant": "sku name metadata private_metadata external_reference",
    "product_productvariantchannellisting": "currency",
    "product_productvarianttranslation": "language_code name",
    "product_variantchannellistingpromotionrule": "currency",
    "schedulers_customschedule": "schedule_import_path",
    "shipping_shippingmethod": "name type metadata private_metadata description",
    "shipping_shippingmethodchannellisting": "currency",
    "shipping_shippingmethodpostalcoderule": "start end inclusion_type",
    "shipping_shippingmethodtranslation": "language_code name description",
    "shipping_shippingzone": "name countries metadata private_metadata description",
    "site_sitesettings": (
        "header_text description default_weight_unit default_mail_sender_address "
        "default_mail_sender_name customer_set_password_url gift_card_expiry_period_type "
        "gift_card_expiry_type metadata private_metadata account_confirm_merge_mode "
        "password_login_mode"
    ),
    "site_sitesettingstranslation": "language_code header_text description",
    "tax_taxclass": "private_metadata metadata name",
    "tax_taxclasscountryrate": "country",
    "tax_taxconfiguration": "private_metadata metadata tax_calculation_strategy tax_app_id",
    "tax_taxconfigurationpercountry": "country tax_calculation_strategy tax_app_id",
    "thumbnail_thumbnail": "format",
    "warehouse_warehouse": (
        "name email slug metadata private_metadata click_and_collect_option external_reference"
    ),
    "webhook_webhook": (
        "target_url secret_key name subscription_query custom_headers "
        "filterable_channel_slugs identifier"
    ),
    "webhook_webhookevent": "event_type",
}
