"""By which right and door people ask, where that stands, and why it is refused."""

from ...models import Request, RequestEvent, RequestLetter
from ...policy.requests import Proof, RefusalGround, RequestKind, RequestState
from .enums import enumeration

Kind = enumeration(
    RequestKind, about="A right of GDPR articles 15 to 18, 20 and 21.",
    ACCESS="A copy of one's data: article 15.", RECTIFICATION="Correcting it: article 16.",
    ERASURE="Erasing it: article 17.", RESTRICTION="Keeping it unused: article 18.",
    PORTABILITY="A copy for machines: article 20.",
    OBJECTION="Objecting to its use: article 21; to direct marketing absolute.",
)  # fmt: skip
Origin = enumeration(
    Request.Origin, "RequestOrigin", "By which door a request came.",
    ACCOUNT_DELETED="The customer deleted the account in the shop.",
    CUSTOMER_DELETED="Staff deleted it there, or it was found gone.",
    STAFF="Staff, on the customer's behalf.", FORM="The page for everybody, confirmed by mail.",
    ACCOUNT="The customer's own token of the shop.",
)  # fmt: skip
State = enumeration(
    RequestState, UNCONFIRMED="The mailbox is not proved: nobody has asked for anything yet.",
    ASKS="Somebody should say whether a deleted account was a request for erasure.",
    OPEN="It waits for a decision.", ACCEPTED="Granted, and under way.",
    REFUSED="Refused; `ground` says why.", WITHDRAWN="Whoever asked took it back.", DONE="Done.",
)  # fmt: skip
ProofEnum = enumeration(
    ((one.name, one.value) for one in Proof if one.value), "RequestProof",
    "How it is known that the one who asks is the customer.",
    MAILBOX="Only that the mailbox is theirs.",
    MATCHED="The mailbox, and a name with its postal code that the register has.",
    ACCOUNT="The password of the shop's account.", STAFF="Staff saw to it, and wrote down how.",
)  # fmt: skip
Refusal = enumeration(
    RefusalGround, "RequestRefusalGround",
    NOT_IDENTIFIED="It cannot be known who asks: article 12(2).",
    EXCESSIVE="Manifestly unfounded or excessive: article 12(5).",
    NOTHING_HELD="No data of theirs is held.",
    OTHERS_RIGHTS="Of a copy: others' rights, articles 15(4) and 20(4).",
    ACCURATE="Of a rectification: the data is right.",
    LEGAL_OBLIGATION="Of an erasure: the law wants it kept, article 17(3)(b).",
    LEGAL_CLAIMS="It is needed for legal claims: articles 17(3)(e) and 21(1).",
    STILL_NEEDED="Of an erasure: no ground of article 17(1) holds.",
    BOUGHT_AGAIN="The register's own: they bought after an erasure was granted.",
    NO_GROUND="Of a restriction: no ground of article 18(1) holds.",
    COMPELLING="Of an objection: compelling grounds, article 21(1).",
)  # fmt: skip
EventWhat = enumeration(
    RequestEvent.What, "RequestEventType", "What happened to a request.",
    RECEIVED="It came.", CONFIRMED="The mailbox was proved.", PROVED="It is known who asks.",
    READ="Somebody read what was written.", EXTENDED="Two further months were taken.",
    ACCEPTED="Granted.", REFUSED="Refused; `code` is the ground.",
    WITHDRAWN="Whoever asked took it back.", DONE="Done.",
    REMINDED="The controller was reminded of its last day.", FETCHED="A copy was fetched.",
    ENDED="The link to a copy was ended.", HANDED="The copy was handed over; `code` says how.",
    CORRECTED="What was asked was corrected.",
    ANNOUNCED="The customer is told that a restriction will be lifted.",
    REOPENED="It waits for a decision again.",
)  # fmt: skip
LetterWhat = enumeration(
    RequestLetter.What, "RequestLetterType", "What a letter says.",
    CONFIRM="Follow the link, so that the request counts.", RECEIVED="It was received.",
    PROOF="Say who you are.", EXTENDED="Two further months are taken.", ACCEPTED="It is granted.",
    REFUSED="It is refused.", ARCHIVE="The link to a copy.", DONE="It has been done.",
    LIFTING="A restriction will be lifted.",
)  # fmt: skip
