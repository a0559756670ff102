"""Purchases, the books made of them, and files of the books."""

from ..categories import FREE
from .terms import EMAIL, LOG, NAME, PARTY, POSTAL, PURCHASE, Claims, each

CLAIMS: Claims = {
    "Purchase": {
        **{f"party_{name}": category for name, category in PARTY.items()},
        **each(FREE, "id customer saleor_order digest outside absent_since is_test"),
        **each(FREE, "billing_address shipping_address checkout_token unbooked unheard"),
        **each(FREE, "book_rules book_error contact_erased_at detail_erased_at identity_erased_at"),
        **each(FREE, "objected_at"),
        **each(PURCHASE, "number status origin channel currency placed_at paid_at"),
        **each(PURCHASE, "delivered_at cancelled_at net gross shipping_net shipping_gross"),
        **each(PURCHASE, "shipping_tax_rate shipping_tax_class gift_card_amount"),
        **each(PURCHASE, "tax_country tax_exempt gateways"),
        **each(NAME, "vat_id language"),
        "email": EMAIL,
    },
    "PurchaseLine": {
        **each(FREE, "id purchase saleor_line"),
        **each(PURCHASE, "name variant sku product_type quantity net gross tax_rate tax_class"),
        **each(PURCHASE, "is_gift_card added_at"),
    },
    "Delivery": {
        **each(FREE, "id purchase saleor_line saleor_fulfillment_line"),
        **each(PURCHASE, "status quantity at"),
    },
    "Movement": {
        **each(FREE, "id purchase source"),
        **each(PURCHASE, "kind amount currency at gateway reference"),
    },
    "Invoice": {
        **each(FREE, "id purchase saleor_invoice"),
        **each(PURCHASE, "number created_at"),
    },
    "Posting": {
        **each(FREE, "id purchase voucher treatment cause"),
        **each(PURCHASE, "day kind currency country rate net gross gateway corrects"),
    },
    "LetGo": each(FREE, "id purchase at by"),
    "Ledger": each(FREE, "id rules marked_to"),
    "Voucher": {
        **each(FREE, "id purchase prefix year_end number code kind source original"),
        **each(FREE, "made_at voided_at"),
        "day": PURCHASE,
    },
    "VoucherNote": {
        **{f"party_{name}": category for name, category in PARTY.items()},
        **each(FREE, "id purchase at by request"),
    },
    "VoucherSeries": each(FREE, "id prefix year_end label last"),
    "Closing": each(FREE, "id first last closed_at closed_by figures entries digest reduced_at"),
    "Reminder": each(FREE, "id month told_at"),
    "AccountMap": each(FREE, "version rules edited_at edited_by"),
    "Export": {
        **each(FREE, "id format first last filename account_map recipient purpose categories"),
        **each(FREE, "subjects sha256 size created_at created_by"),
    },
    # An invoice's bytes hold name and address, as they stand on the voucher.
    "ExportChunk": {**each(FREE, "id export number"), "data": PURCHASE | NAME | POSTAL},
    "BooksArchive": each(FREE, "id made_at made_by sha256 books"),
    "ExportJob": {
        **each(
            FREE, "id asked_at asked_by permissions format first last currency rounded language"
        ),
        **each(FREE, "recipient total entries claimed_at tries finished_at export code problem"),
    },
    # What was looked for in the site log, until the link is over.
    "DownloadLink": {
        **each(FREE, "id export file holder permissions expires_at used_at"),
        "asked": LOG,
    },
}
