"""Which category claims each field of the register's own tables.

A field that is not named here fails the checks: nobody adds personal data without saying what
kind it is. Several categories: it holds several, and who may not see them all does not see it.
`FREE` says that the field holds a key, a date, a state or a figure of ours alone.
"""

from .categories import FREE, Category

Claim = frozenset[Category]

_NAME, _POSTAL = frozenset({Category.NAME}), frozenset({Category.POSTAL})
_EMAIL, _PHONE = frozenset({Category.EMAIL}), frozenset({Category.PHONE})
_PURCHASE = frozenset({Category.PURCHASE})
_LOG = frozenset({Category.LOG})

_PARTY = {
    "first_name": _NAME,
    "last_name": _NAME,
    "company_name": _NAME,
    "street_1": _POSTAL,
    "street_2": _POSTAL,
    "postal_code": _POSTAL,
    "city": _POSTAL,
    "city_area": _POSTAL,
    "country_area": _POSTAL,
    "country": _POSTAL,
}


def _all(claim: Claim, names: str) -> dict[str, Claim]:
    return dict.fromkeys(names.split(), claim)


_LINE = {
    **_all(_LOG, "at address agent method path status size duration referer"),
    **_all(FREE, "saleor_user checkout customer"),
}

#: Model to field (Django's field name) to categories.
CLAIMS: dict[str, dict[str, Claim]] = {
    "Customer": {
        **_all(FREE, "id saleor_user is_staff entered_at account_gone_at said heard"),
        **_all(FREE, "account_digest outside"),
        **_all(_NAME, "first_name last_name company_name vat_id language sort_name"),
        **_all(_EMAIL, "guest_email email"),
        "phone": _PHONE,
    },
    "FormerCustomer": _all(FREE, "id customer absorbed_at"),
    # An e-mail, a phone or a name, as `kind` says: `IDENTIFIERS` has which category each kind is.
    "KnownIdentifier": {
        **_all(FREE, "id customer kind first_at last_at wrong_at"),
        "value": _EMAIL | _PHONE | _NAME,
    },
    "SearchWords": {
        **_all(FREE, "customer version"),
        "words": _NAME | _EMAIL | _PHONE,
    },
    # What is right stands open, as in the customer's own row; what was wrong is encrypted.
    "Correction": {
        **_PARTY,
        "phone": _PHONE,
        "email": _EMAIL,
        **_all(FREE, "id customer field wrong at by key_version request carried carried_at"),
        **_all(FREE, "attempts next_at error"),
        "sealed": _NAME | _POSTAL | _EMAIL | _PHONE,
    },
    "VoucherNote": {
        **{f"party_{name}": category for name, category in _PARTY.items()},
        **_all(FREE, "id purchase at by request"),
    },
    "CorrectionTask": _all(
        FREE, "id customer field sign evidence opened_at opened_by closed_at closed_by outcome"
    ),
    # Numbers of orders, by which a recipient finds what it was given.
    "Telling": {
        **_all(FREE, "id recipient what source customer request categories first_on last_on"),
        **_all(FREE, "made_at ready_at told_at told_by attempts next_at error"),
        "orders": _PURCHASE,
    },
    "Restriction": _all(FREE, "id customer ground since restricted_by told_on lifted_at lifted_by"),
    "PostalAddress": {
        **_PARTY,
        "phone": _PHONE,
        **_all(FREE, "id customer fingerprint in_book default_billing default_shipping"),
        **_all(FREE, "first_used_at last_used_at"),
    },
    "Purchase": {
        **{f"party_{name}": category for name, category in _PARTY.items()},
        **_all(FREE, "id customer saleor_order digest outside absent_since is_test"),
        **_all(FREE, "billing_address shipping_address checkout_token unbooked unheard"),
        **_all(FREE, "book_rules book_error contact_erased_at detail_erased_at identity_erased_at"),
        **_all(_PURCHASE, "number status origin channel currency placed_at paid_at"),
        **_all(_PURCHASE, "delivered_at cancelled_at net gross shipping_net shipping_gross"),
        **_all(_PURCHASE, "shipping_tax_rate shipping_tax_class gift_card_amount"),
        **_all(_PURCHASE, "tax_country tax_exempt gateways"),
        **_all(_NAME, "vat_id language"),
        "email": _EMAIL,
    },
    "PurchaseLine": {
        **_all(FREE, "id purchase saleor_line"),
        **_all(_PURCHASE, "name variant sku product_type quantity net gross tax_rate tax_class"),
        **_all(_PURCHASE, "is_gift_card added_at"),
    },
    "Delivery": {
        **_all(FREE, "id purchase saleor_line saleor_fulfillment_line"),
        **_all(_PURCHASE, "status quantity at"),
    },
    "Movement": {
        **_all(FREE, "id purchase source"),
        **_all(_PURCHASE, "kind amount currency at gateway reference"),
    },
    "Invoice": {
        **_all(FREE, "id purchase saleor_invoice"),
        **_all(_PURCHASE, "number created_at"),
    },
    "Trace": {
        **_PARTY,
        "phone": _PHONE,
        "email": _EMAIL,
        "language": _NAME,
        **_all(FREE, "id kind key saleor_user changed_at outside digest"),
    },
    "Posting": {
        **_all(FREE, "id purchase voucher treatment cause"),
        **_all(_PURCHASE, "day kind currency country rate net gross gateway corrects"),
    },
    # Identifiers of every kind, encrypted, for a day.
    "ProofTicket": {
        **_all(FREE, "id origin plan customer purchase opened_at key_version ready_at claimed_at"),
        "sealed": _NAME | _POSTAL | _EMAIL | _PHONE,
    },
    "Certificate": {
        **_all(FREE, "id origin plan customer purchase made_at verdict tables columns rows size"),
        **_all(FREE, "files opaque_files closed hits kept left_over of_others findings"),
        **_all(FREE, "settled_at settled_by"),
    },
    # Of people: where, when and with what they looked. Counted lines name nobody.
    "SiteLine": {**_LINE, "id": FREE},
    "IncidentLine": {**_LINE, **_all(FREE, "id incident line")},
    "BilledLine": {
        **_all(FREE, "id purchase voucher line"),
        **_all(_LOG | _PURCHASE, "at method path status size duration"),
    },
    "Incident": {
        **_all(FREE, "id purpose reason since until customer opened_at opened_by review_on"),
        **_all(FREE, "closed_at closed_by"),
        **_all(_LOG, "address path"),
    },
    "LogFile": _all(FREE, "id name head tail inode position inside seen_at"),
    "RefusedLines": _all(FREE, "id day reason count example"),
    "SignedCall": _all(FREE, "digest who at"),
    "LetGo": _all(FREE, "id purchase at by"),
    "Ledger": _all(FREE, "id rules marked_to"),
    "Voucher": {
        **_all(FREE, "id purchase prefix year_end number code kind source original"),
        **_all(FREE, "made_at voided_at"),
        "day": _PURCHASE,
    },
    "VoucherSeries": _all(FREE, "id prefix year_end label last"),
    "Closing": _all(FREE, "id first last closed_at closed_by figures entries digest reduced_at"),
    "Reminder": _all(FREE, "id month told_at"),
    "AccessEntry": {
        **_all(FREE, "seq hash at actor role purpose categories act subjects count"),
        **_all(FREE, "outcome reason"),
    },
    "Disclosure": {
        **_all(FREE, "seq hash at actor recipient purpose categories subjects count what"),
        **_all(FREE, "sha256 ground outcome reason"),
    },
    # The reason is of the claim, written for the controller.
    "Hold": {
        **_all(FREE, "id customer purchase categories ground reason recipient placed_at placed_by"),
        **_all(FREE, "review_on due_on interrupted_on lapses_on"),
        **_all(FREE, "released_at released_by released_why"),
    },
    "TransferText": _all(FREE, "version fi sv en digest published_at"),
    "TransferRequest": {
        **_all(FREE, "id customer recipient text language digest risks_told requested_at channel"),
        **_all(FREE, "recorded_at recorded_by revoked_at revoked_by"),
    },
    "RegisteredFlow": {
        **_all(FREE, "id kind target recipient registered_at registered_by ended_at ended_by"),
    },
    # The controller's and its companies' data, as published; no customer's.
    "Description": {
        **_all(FREE, "version documents digest facts changes note published_at published_by"),
    },
    "SeenHttps": _all(FREE, "host at hsts problem"),
    "AgreementText": _all(FREE, "version fi sv en digest published_at valid_days"),
    "ChainHead": _all(FREE, "name seq hash"),
    "Checkpoint": _all(FREE, "id name seq hash made_at key_version signature pruned"),
    # Of the shop's own people, not of a customer; the reason is written for the controller.
    "Grant": _all(FREE, "id holder reason granted_by granted_at expires_at ended_at ended_by"),
    "Signature": {
        **_all(FREE, "id signer text language digest signed_at expires_at recorded_by"),
        **_all(FREE, "revoked_at revoked_by readmitted_at readmitted_by description"),
    },
    # A company's name and those who act for it: no customers.
    "Member": {
        **_all(FREE, "id holder recipient responsible added_at added_by ended_at ended_by"),
        "shut_out_at": FREE,
    },
    "Recipient": {
        **_all(FREE, "id kind name business_id country agreement_signed_on"),
        **_all(FREE, "confidentiality_signed_on registered_at registered_by ended_at ended_by"),
        **_all(FREE, "data_outcome data_outcome_on email language"),
    },
    "AccountMap": _all(FREE, "version rules edited_at edited_by"),
    "Export": {
        **_all(FREE, "id format first last filename account_map recipient purpose categories"),
        **_all(FREE, "subjects sha256 size created_at created_by"),
    },
    # An invoice's bytes hold name and address, as they stand on the voucher.
    "ExportChunk": {**_all(FREE, "id export number"), "data": _PURCHASE | _NAME | _POSTAL},
    "ExportJob": {
        **_all(
            FREE, "id asked_at asked_by permissions format first last currency rounded language"
        ),
        **_all(FREE, "recipient total entries claimed_at tries finished_at export code problem"),
    },
    "DownloadLink": _all(FREE, "id export file asked holder permissions expires_at used_at"),
    "InboxEvent": _all(FREE, "id kind key noted_at"),
    "SetAside": _all(FREE, "id kind key attempts reason first_at last_at next_at"),
    "AddressMark": _all(FREE, "id noted_at last"),
    # Of a file that is removed as soon as its row's erasure is committed.
    "ShopFile": _all(FREE, "id field name"),
    "SetupStep": _all(FREE, "name done_at"),
    "ErasedKey": _all(FREE, "id kind key erased_at"),
    "Erasure": _all(FREE, "seq hash at plan part subjects shop_keys count rows in_shop"),
    # The name of a stored file may tell something; it stands here until the file is removed.
    "Owed": _all(FREE, "id what key since"),
    "Notice": _all(FREE, "id customer user term told_at language refused"),
    "Plan": {
        **_all(FREE, "id day made_at state settings counts digest approved_at approved_by"),
        **_all(FREE, "night finished_at told_at problem"),
    },
    "PlanBatch": {
        **_all(FREE, "id plan number part subjects keys upto done_at erased left_over"),
        **_all(FREE, "attempts error"),
    },
    # What somebody wrote, and where the answer goes: encrypted. The note is of the way of proving.
    "Request": {
        **_all(FREE, "id customer kind origin state opened_at due_on proof proof_note proved_by"),
        **_all(
            FREE,
            "account purchases language marketing extended_at extended_by decided_at decided_by",
        ),
        **_all(FREE, "ground reason done_at reminded key_version"),
        "sealed": _NAME | _POSTAL | _EMAIL | _PHONE | _PURCHASE,
    },
    "Archive": _all(FREE, "id request made_at expires_at sha256 size fetched_at fetches"),
    "ArchiveChunk": {
        **_all(FREE, "id archive number key_version"),
        "sealed": _NAME | _POSTAL | _EMAIL | _PHONE | _PURCHASE,
    },
    "RequestEvent": _all(FREE, "id request what at actor code"),
    "RequestLetter": {
        **_all(FREE, "id request what made_at reason sent_at sent_by attempts next_at error"),
    },
    # The controller's words, for the authority and whoever is told: they name nobody.
    "Breach": {
        **_all(FREE, "id state recorded_at recorded_by happened began_at ended_at aware_at due_at"),
        **_all(FREE, "categories who people records consequences measures risk risk_reasons"),
        **_all(FREE, "assessed_at assessed_by notified_at complete_at reference late_reasons"),
        **_all(FREE, "exempt exempt_reasons letters_at letter reminded closed_at closed_by"),
    },
    "BreachEvent": _all(FREE, "id breach what at actor values"),
    "BreachSearch": {
        **_all(FREE, "id breach kind actor start end key categories asked_at asked_by done_at"),
        **_all(FREE, "count discarded_at discarded_by"),
    },
    "Affected": {
        **_all(FREE, "id breach customer categories state at told_by attempts next_at error"),
    },
    # By contact keys: nobody can be found from one without the address and a key outside.
    "MarketingEvent": {
        **_all(FREE, "id key_version digest channel kind at recorded_at source actor"),
        **_all(FREE, "language text_version text_digest description customer saleor_order"),
    },
    "Suppression": {
        **_all(FREE, "id key_version digest channel since reason lifted_at carried_at copied"),
    },
    "OptOutImport": {
        **_all(FREE, "id started_at started_by finished_at declared dry_run sha256 size lines"),
        **_all(FREE, "added known older rejected file layout read claimed_at problem"),
    },
    "OptOutFile": _all(FREE, "id uploaded_at uploaded_by size sha256"),
    # Encrypted, for a day at most: until it is taken in.
    "OptOutChunk": {
        **_all(FREE, "id file number key_version"),
        "sealed": _NAME | _POSTAL | _EMAIL | _PHONE,
    },
    "RejectedLine": _all(FREE, "id report line reason"),
    "KeyCheck": _all(FREE, "version value"),
    "ContactAlias": _all(FREE, "id key_version digest new_version new_digest"),
    "Confirmation": _all(FREE, "id event user sent_at"),
    "Sweep": {
        **_all(FREE, "id name started_at finished_at kind cursor"),
        **_all(FREE, "missing outdated vanished failed seen valid reach"),
    },
}

#: The category of a `KnownIdentifier`, by its kind.
IDENTIFIERS: dict[str, Category] = {
    "email": Category.EMAIL,
    "phone": Category.PHONE,
    "name": Category.NAME,
}


def unclaimed(model: str, fields: list[str]) -> list[str]:
    """Return the fields of a model that no category claims and nobody declared free."""
    claims = CLAIMS.get(model, {})
    return [name for name in fields if name not in claims]


def stale(model: str, fields: list[str]) -> list[str]:
    """Return the claims of a model for fields that it does not have."""
    return [name for name in CLAIMS.get(model, {}) if name not in fields]
