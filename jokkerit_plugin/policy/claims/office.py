"""What the register keeps of itself: who may and did look, what is erased, how far it is."""

from ..categories import FREE
from .terms import EMAIL, NAME, PHONE, POSTAL, Claims, each

CLAIMS: Claims = {
    # Identifiers of every kind, encrypted, for a day.
    "ProofTicket": {
        **each(FREE, "id origin plan customer purchase opened_at key_version ready_at claimed_at"),
        "sealed": NAME | POSTAL | EMAIL | PHONE,
    },
    "Certificate": {
        **each(FREE, "id origin plan customer purchase made_at verdict tables columns rows size"),
        **each(FREE, "files opaque_files closed hits kept left_over of_others findings"),
        **each(FREE, "settled_at settled_by"),
    },
    "AccessEntry": {
        **each(FREE, "seq hash at actor role purpose categories act subjects count"),
        **each(FREE, "outcome reason"),
    },
    "Disclosure": {
        **each(FREE, "seq hash at actor recipient purpose categories subjects count what"),
        **each(FREE, "sha256 ground outcome reason"),
    },
    "RegisteredFlow": {
        **each(FREE, "id kind target recipient registered_at registered_by ended_at ended_by"),
    },
    # The controller's and its companies' data, as published; no customer's.
    "Description": {
        **each(FREE, "version documents digest facts changes note published_at published_by"),
    },
    "Controller": each(FREE, "id word business_id name since at by"),
    "SeenHttps": each(FREE, "host at hsts problem"),
    "AgreementText": each(FREE, "version fi sv en digest published_at valid_days"),
    "ChainHead": each(FREE, "name seq hash"),
    "Checkpoint": each(FREE, "id name seq hash made_at key_version signature pruned"),
    # Of the shop's own people, not of a customer; the reason is written for the controller.
    "Grant": each(FREE, "id holder reason granted_by granted_at expires_at ended_at ended_by"),
    "Signature": {
        **each(FREE, "id signer text language digest signed_at expires_at recorded_by"),
        **each(FREE, "revoked_at revoked_by readmitted_at readmitted_by description"),
    },
    # A company's name and those who act for it: no customers.
    "Member": {
        **each(FREE, "id holder recipient responsible added_at added_by ended_at ended_by"),
        "shut_out_at": FREE,
    },
    "Recipient": {
        **each(FREE, "id kind name business_id country agreement_signed_on"),
        **each(FREE, "confidentiality_signed_on registered_at registered_by ended_at ended_by"),
        **each(FREE, "data_outcome data_outcome_on email language"),
    },
    "InboxEvent": each(FREE, "id kind key noted_at"),
    "SetAside": each(FREE, "id kind key attempts reason first_at last_at next_at"),
    "AddressMark": each(FREE, "id noted_at last"),
    # Of a file that is removed as soon as its row's erasure is committed.
    "ShopFile": each(FREE, "id field name"),
    "SetupStep": each(FREE, "name done_at"),
    "ErasedKey": each(FREE, "id kind key erased_at"),
    "Erasure": each(FREE, "seq hash at plan part subjects shop_keys count rows in_shop"),
    # The name of a stored file may tell something; it stands here until the file is removed.
    "Owed": each(FREE, "id what key since"),
    "Plan": {
        **each(FREE, "id day made_at state settings counts digest approved_at approved_by"),
        **each(FREE, "night finished_at told_at problem"),
    },
    "PlanBatch": {
        **each(FREE, "id plan number part subjects keys upto done_at erased left_over"),
        **each(FREE, "attempts error"),
    },
    "Sweep": {
        **each(FREE, "id name started_at finished_at kind cursor"),
        **each(FREE, "missing outdated vanished failed seen valid reach"),
    },
}
