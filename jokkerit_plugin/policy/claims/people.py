"""Who customers are, what they asked, and what they said of marketing."""

from ..categories import FREE
from .terms import EMAIL, NAME, PARTY, PHONE, POSTAL, PURCHASE, Claims, each

CLAIMS: Claims = {
    "Customer": {
        **each(FREE, "id saleor_user is_staff entered_at account_gone_at said heard"),
        **each(FREE, "account_digest outside"),
        **each(NAME, "first_name last_name company_name vat_id language sort_name"),
        **each(EMAIL, "guest_email email"),
        "phone": PHONE,
    },
    "FormerCustomer": each(FREE, "id customer absorbed_at"),
    # An e-mail, a phone or a name, as `kind` says: `IDENTIFIERS` has which category each kind is.
    "KnownIdentifier": {
        **each(FREE, "id customer kind first_at last_at wrong_at"),
        "value": EMAIL | PHONE | NAME,
    },
    "SearchWords": {
        **each(FREE, "customer version"),
        "words": NAME | EMAIL | PHONE,
    },
    "PostalAddress": {
        **PARTY,
        "phone": PHONE,
        **each(FREE, "id customer fingerprint in_book default_billing default_shipping"),
        **each(FREE, "first_used_at last_used_at"),
    },
    "Trace": {
        **PARTY,
        "phone": PHONE,
        "email": EMAIL,
        "language": NAME,
        **each(FREE, "id kind key saleor_user changed_at outside digest said heard"),
    },
    # What is right stands open, as in the customer's own row; what was wrong is encrypted.
    "Correction": {
        **PARTY,
        "phone": PHONE,
        "email": EMAIL,
        **each(FREE, "id customer field wrong at by key_version request carried carried_at"),
        **each(FREE, "attempts next_at error"),
        "sealed": NAME | POSTAL | EMAIL | PHONE,
    },
    "CorrectionTask": each(
        FREE, "id customer field sign evidence opened_at opened_by closed_at closed_by outcome"
    ),
    # Numbers of orders, by which a recipient finds what it was given.
    "Telling": {
        **each(FREE, "id recipient what source customer request categories first_on last_on"),
        **each(FREE, "made_at ready_at told_at told_by attempts next_at error"),
        "orders": PURCHASE,
    },
    "Restriction": each(FREE, "id customer ground since restricted_by told_on lifted_at lifted_by"),
    # The reason is of the claim, written for the controller.
    "Hold": {
        **each(FREE, "id customer purchase categories ground reason recipient placed_at placed_by"),
        **each(FREE, "review_on due_on interrupted_on lapses_on"),
        **each(FREE, "released_at released_by released_why"),
    },
    "TransferText": each(FREE, "version fi sv en digest published_at"),
    "TransferRequest": {
        **each(FREE, "id customer recipient text language digest risks_told requested_at channel"),
        **each(FREE, "recorded_at recorded_by revoked_at revoked_by"),
    },
    "Notice": each(FREE, "id customer user term told_at language refused"),
    # What somebody wrote, and where the answer goes: encrypted. The note is of the way of proving.
    "Request": {
        **each(FREE, "id customer kind origin state opened_at due_on proof proof_note proved_by"),
        **each(
            FREE,
            "account purchases language marketing extended_at extended_by decided_at decided_by",
        ),
        **each(FREE, "ground reason done_at reminded key_version"),
        "sealed": NAME | POSTAL | EMAIL | PHONE | PURCHASE,
    },
    "Archive": each(FREE, "id request made_at expires_at sha256 size fetched_at fetches"),
    "ArchiveChunk": {
        **each(FREE, "id archive number key_version"),
        "sealed": NAME | POSTAL | EMAIL | PHONE | PURCHASE,
    },
    "RequestEvent": each(FREE, "id request what at actor code"),
    "RequestLetter": {
        **each(FREE, "id request what made_at reason sent_at sent_by attempts next_at error"),
    },
    # The controller's words, for the authority and whoever is told: they name nobody.
    "Breach": {
        **each(FREE, "id state recorded_at recorded_by happened began_at ended_at aware_at due_at"),
        **each(FREE, "categories who people records consequences measures risk risk_reasons"),
        **each(FREE, "assessed_at assessed_by notified_at complete_at reference late_reasons"),
        **each(FREE, "exempt exempt_reasons letters_at letter reminded closed_at closed_by"),
    },
    "BreachEvent": each(FREE, "id breach what at actor values"),
    "BreachSearch": {
        **each(FREE, "id breach kind actor start end key categories asked_at asked_by done_at"),
        **each(FREE, "count strangers discarded_at discarded_by"),
    },
    "Affected": {
        **each(FREE, "id breach customer categories state at told_by attempts next_at error"),
    },
    # By contact keys: nobody can be found from one without the address and a key outside.
    "MarketingEvent": {
        **each(FREE, "id key_version digest channel kind at recorded_at source actor"),
        **each(FREE, "language text_version text_digest description customer saleor_order copied"),
    },
    "Suppression": {
        **each(FREE, "id key_version digest channel since reason lifted_at carried_at copied"),
    },
    "OptOutImport": {
        **each(FREE, "id started_at started_by finished_at declared dry_run sha256 size lines"),
        **each(FREE, "added known older rejected file layout read claimed_at problem"),
    },
    "OptOutFile": each(FREE, "id uploaded_at uploaded_by size sha256"),
    # Encrypted, for a day at most: until it is taken in.
    "OptOutChunk": {
        **each(FREE, "id file number key_version"),
        "sealed": NAME | POSTAL | EMAIL | PHONE,
    },
    "RejectedLine": each(FREE, "id report line reason"),
    "KeyCheck": each(FREE, "version value"),
    "ContactAlias": each(FREE, "id key_version digest new_version new_digest"),
    # By contact keys, too, for a minute: which addresses were one customer's who is erased.
    "Parting": each(FREE, "id at known"),
    "Confirmation": each(FREE, "id event user sent_at"),
}
