"""Who may reach what: every field of the schema and every path, written out.

A new field or path without a row fails tests/test_authorisation.py. Loosening a row is a
decision about people's data, not a repair of a test.
"""

from collections.abc import Callable, Iterator
from typing import Any

from tests import authorisation_accounting as accounting
from tests import authorisation_breaches as breaches
from tests import authorisation_corrections as corrections
from tests import authorisation_marketing as marketing
from tests import authorisation_register as register
from tests import authorisation_requests as requests
from tests import authorisation_retention as retention
from tests import authorisation_site_log as site_log

#: Who asks (see `tests.graphql.PEOPLE`), and what each door answers: ok, or the error's code.
#: The last three have no valid token of staff or an app. `staff` may see customers, `manager` may
#: change what is held of them. `firmless` is an accountant who acts
#: for no registered firm; `granted` a maintainer with a grant; the agreement of `lapsed`, who
#: has every permission, has run out.
CALLERS = [
    "superuser",
    "controller",
    "staff",
    "manager",
    "accountant",
    "app",
    "firmless",
    "granted",
    "maintainer",
    "no_role",
    "lapsed",
    "customer",
    "expired",
    "nobody",
]

_OUT = "NOT_SIGNED_IN NOT_SIGNED_IN NOT_SIGNED_IN"
_NO = "NO_PERMISSION"
#: The status of what needs no token: `_everybody` adds the manager's.
_ALL = "200 " * 13

#: Doors that open for `manager` and not for `staff`; all others treat both alike.
_FOR_MANAGERS = {"debts", "files"}


def _everybody(door: str, outcomes: str) -> list[str]:
    """Return an outcome for each of `CALLERS`; what is written out leaves `manager` out."""
    before, staff, after = (found := outcomes.split())[:2], found[2], found[3:]
    return [*before, staff, "ok" if door in _FOR_MANAGERS else staff, *after]


DOORS: dict[str, list[str]] = {
    name: _everybody(name, outcomes)
    for name, outcomes in {
        # About oneself, and the text that must be signed.
        "open": f"ok ok ok ok ok ok ok ok ok ok {_OUT}",
        # Who a customer is.
        "card": "ok ok ok PURPOSE_REFUSED PURPOSE_REFUSED PURPOSE_REFUSED ok PURPOSE_REFUSED"
        f" {_NO} NO_AGREEMENT {_OUT}",
        # Purchases, and name and address as they stand on the voucher.
        "voucher": f"ok ok ok ok ok NO_MEMBERSHIP ok PURPOSE_REFUSED {_NO} NO_AGREEMENT {_OUT}",
        # Of a purchase, what is not on the voucher.
        "contact": "ok ok ok PURPOSE_REFUSED PURPOSE_REFUSED NO_MEMBERSHIP ok PURPOSE_REFUSED"
        f" {_NO} NO_AGREEMENT {_OUT}",
        # Debts in collection and other holds, which tell of claims.
        "claims": "ok ok ok PURPOSE_REFUSED PURPOSE_REFUSED PURPOSE_REFUSED PURPOSE_REFUSED"
        f" PURPOSE_REFUSED {_NO} NO_AGREEMENT {_OUT}",
        # Changing debts in collection, and handing one over: seeing them is not enough.
        "debts": f"ok ok {_NO} {_NO} {_NO} {_NO} {_NO} {_NO} {_NO} NO_AGREEMENT {_OUT}",
        # Having a file made that goes to a third party.
        "files": f"ok ok {_NO} ok ok NO_MEMBERSHIP {_NO} {_NO} {_NO} NO_AGREEMENT {_OUT}",
        # What is for bookkeeping and no other purpose.
        "bookkeeping": f"ok ok ok ok ok NO_MEMBERSHIP PURPOSE_REFUSED PURPOSE_REFUSED {_NO}"
        f" NO_AGREEMENT {_OUT}",
        # Closing a month: more than reading.
        "closers": f"ok ok {_NO} ok ok NO_MEMBERSHIP {_NO} {_NO} {_NO} NO_AGREEMENT {_OUT}",
        # The register's own books: reading them, and changing them.
        "books": f"ok ok {_NO} {_NO} {_NO} {_NO} {_NO} {_NO} {_NO} NO_AGREEMENT {_OUT}",
        # For marketing and no other purpose.
        "marketing": "ok ok ok PURPOSE_REFUSED PURPOSE_REFUSED PURPOSE_REFUSED PURPOSE_REFUSED"
        f" PURPOSE_REFUSED {_NO} NO_AGREEMENT {_OUT}",
        # The site log, for security and for fixing errors; and for billing.
        "log": "ok ok PURPOSE_REFUSED PURPOSE_REFUSED PURPOSE_REFUSED PURPOSE_REFUSED ok ok"
        f" {_NO} NO_AGREEMENT {_OUT}",
        "billing": "ok ok PURPOSE_REFUSED PURPOSE_REFUSED PURPOSE_REFUSED PURPOSE_REFUSED"
        f" PURPOSE_REFUSED PURPOSE_REFUSED {_NO} NO_AGREEMENT {_OUT}",
        # One's own as a customer; an app is none.
        "own": "ok ok ok ok NOT_SIGNED_IN ok ok ok ok ok ok NOT_SIGNED_IN NOT_SIGNED_IN",
        # Signing: in person, with a role, before there is an agreement.
        "sign": f"ok ok ok ok AGREEMENT ok ok ok AGREEMENT ok {_OUT}",
    }.items()
}

_PAGE = "edges pageInfo totalCount"
_EDGE = "node cursor"


def _list(name: str, call: str, door: str) -> dict[str, tuple[str, dict[str, str]]]:
    return {
        f"{name}CountableConnection": (f"{{ {call} {{ %s }} }}", {door: _PAGE}),
        f"{name}CountableEdge": (f"{{ {call} {{ edges {{ %s }} }} }}", {door: _EDGE}),
    }


def _payload(
    name: str, call: str, fields: str, door: str = "books"
) -> dict[str, tuple[str, dict[str, str]]]:
    return {name: (f"mutation {{ {call} {{ %s errors {{ code }} }} }}", {door: fields})}


#: What each mutation is called with. For who may, it is a mistake of the content: the answer is
#: `errors` in the payload, of this code, and nothing changes.
MUTATIONS = {
    "agreementSign": ('(version: 1, language: FI)', "ok"),
    "agreementRecord": ('(signer: "user:1", version: 1, language: FI)', "AGREEMENT"),
    "agreementRevoke": ('(id: "UmVnaXN0ZXJBZ3JlZW1lbnQ6OTk5OTk=")', "AGREEMENT"),
    "agreementReadmit": ('(signer: "user:99")', "AGREEMENT"),
    "agreementPublish": ('(input: {fi: "a", sv: "b", en: "c", validDays: 0})', "AGREEMENT"),
    "grantCreate": ('(holder: "app:1", reason: "x", until: "2030-01-01T00:00:00Z")', "GRANT"),
    "grantEnd": ('(id: "UmVnaXN0ZXJHcmFudDo5OTk5OQ==")', "GRANT"),
    "recipientRegister": (
        '(input: {kind: INVOICING, name: "", businessId: "", country: "FI"})', "RECIPIENT",
    ),
    "recipientRecordAgreements": ('(id: "UmVnaXN0ZXJSZWNpcGllbnQ6OTk5OTk=")', "RECIPIENT"),
    "recipientEnd": ('(id: "UmVnaXN0ZXJSZWNpcGllbnQ6OTk5OTk=")', "RECIPIENT"),
    "recipientRecordOutcome": (
        '(id: "UmVnaXN0ZXJSZWNpcGllbnQ6OTk5OTk=", outcome: DELETED, on: "2026-01-01")',
        "RECIPIENT",
    ),
    "memberAdd": ('(recipient: "UmVnaXN0ZXJSZWNpcGllbnQ6OTk5OTk=", holder: "x")', "RECIPIENT"),
    "memberEnd": ('(id: "UmVnaXN0ZXJNZW1iZXI6OTk5OTk=")', "RECIPIENT"),
    "restrictionCreate": (
        '(customer: "UmVnaXN0ZXJDdXN0b21lcjo5OTk5OQ==", ground: ACCURACY)', "RESTRICTION",
    ),
    "restrictionAnnounce": (
        '(id: "UmVnaXN0ZXJSZXN0cmljdGlvbjo5OTk5OQ==", reason: "x")', "RESTRICTION",
    ),
    "restrictionLift": (
        '(id: "UmVnaXN0ZXJSZXN0cmljdGlvbjo5OTk5OQ==", toldOn: "2026-01-01")', "RESTRICTION",
    ),
    "holdPlace": (
        ('(input: {customer: "UmVnaXN0ZXJDdXN0b21lcjo5OTk5OQ==", categories: [NAME],'
         ' ground: DISPUTE, reason: "x", reviewOn: "2026-01-01"})'), "HOLD",
    ),
    "holdReview": ('(id: "UmVnaXN0ZXJIb2xkOjk5OTk5", reviewOn: "2026-01-01")', "HOLD"),
    "holdInterrupt": ('(id: "UmVnaXN0ZXJIb2xkOjk5OTk5", on: "2026-01-01")', "HOLD"),
    "holdRelease": ('(id: "UmVnaXN0ZXJIb2xkOjk5OTk5", releaseReason: PAID)', "HOLD"),
    "collectionHandOver": (
        ('(input: {purchase: "UmVnaXN0ZXJQdXJjaGFzZTo5OTk5OQ==", reason: "x",'
         ' recipient: "UmVnaXN0ZXJSZWNpcGllbnQ6OTk5OTk=", dueOn: "2026-01-01",'
         ' reviewOn: "2026-01-01"})'), "HOLD",
    ),
    "certificateSettle": ('(id: "UmVnaXN0ZXJDZXJ0aWZpY2F0ZTo5OTk5OQ==")', "PROOF"),
    "transferTextPublish": ('(input: {fi: "", sv: "b", en: "c"})', "TRANSFER"),
    "transferRequestRecord": (
        ('(input: {customer: "UmVnaXN0ZXJDdXN0b21lcjo5OTk5OQ==", version: 1, language: FI,'
         ' recipient: "UmVnaXN0ZXJSZWNpcGllbnQ6OTk5OTk=", risksTold: true, channel: EMAIL,'
         ' requestedAt: "2026-01-01T00:00:00Z"})'), "TRANSFER",
    ),
    "transferRequestRevoke": ('(id: "UmVnaXN0ZXJUcmFuc2ZlclJlcXVlc3Q6OTk5OTk=")', "TRANSFER"),
    "flowRegister": (
        '(kind: MAIL, target: "", recipient: "UmVnaXN0ZXJSZWNpcGllbnQ6OTk5OTk=")', "FLOW",
    ),
    "descriptionPublish": ('(digest: "")', "DESCRIPTION"),
    "flowEnd": ('(id: "UmVnaXN0ZXJGbG93Ojk5OTk5")', "FLOW"),
    **accounting.MUTATIONS,
    **marketing.MUTATIONS,
    **retention.MUTATIONS,
    **requests.MUTATIONS,
    **breaches.MUTATIONS,
    **corrections.MUTATIONS,
    **site_log.MUTATIONS,
    **site_log.OPEN,
    **register.MUTATIONS,
}  # fmt: skip


def _call(name: str) -> str:
    return name + MUTATIONS[name][0]


#: Type to (how a field of it is reached, door to fields). `%(customer)s`, `%(purchase)s` and
#: `%(debtor)s`, a customer in collection, are ids of the fixture's.
TYPES: dict[str, tuple[str, dict[str, str]]] = {
    "Query": ("{ %s }", {
        "open": "me agreementText",
        "card": "customer customers customerOf",
        "marketing": "audience audienceCount marketingState mayContact",
        "own": "ownMarketing ownRequests",
        "debts": "request requests corrections correctionTasks erasesInShop personNames",
        **site_log.DOORS,
        "claims": "holds collectors",
        "books": "agreements accessLog grants recipients restrictions disclosures dataHolders"
        " transferText transferRequests outwardFlows registeredFlows erasurePlans erasureForecast"
        " erasures dataKeeps staleOrders certificates description descriptions"
        " descriptionDraft descriptionDrift optOutImports optOutImport optOutFile breaches breach"
        " breachAffected tellings " + register.QUERIES,
        "voucher": "purchase purchases vatReport vatFindings tieOut receipts openPurchases"
        " monthReport closings vouchers",
        "bookkeeping": "accountMap exports exportJobs",
    }),
    "Me": ("{ me { %s } }", {"open": "key permissions roles uses agreement missing"}),
    "PermittedUse": ("{ me { uses { %s } } }", {"open": "role purpose categories"}),
    "AccessObstacle": ("{ me { missing { %s } } }", {"open": "code message"}),
    "AgreementText": ("{ agreementText { %s } }", {
        "open": "version fi sv en digest publishedAt validDays",
    }),
    "Customer": ("{ customer(id: \"%(customer)s\") { %s } }", {
        "card": "id saleorUser firstName lastName companyName vatId email phone language isStaff"
        " enteredAt accountGoneAt addresses identifiers purchases marketing marketingEvents",
    }),
    "Address": ("{ customer(id: \"%(customer)s\") { addresses { %s } } }", {
        "card": "id firstName lastName companyName streetAddress1 streetAddress2 postalCode city"
        " cityArea countryArea country phone isInAddressBook isDefaultBillingAddress"
        " isDefaultShippingAddress firstUsedAt lastUsedAt",
    }),
    "KnownIdentifier": ("{ customer(id: \"%(customer)s\") { identifiers { %s } } }", {
        "card": "kind value firstAt lastAt",
    }),
    **_list("RegisterCustomer", "customers(first: 1)", "card"),
    "PageInfo": ("{ customers(first: 1) { pageInfo { %s } } }", {
        "card": "hasNextPage hasPreviousPage startCursor endCursor",
    }),
    "Purchase": ("{ purchase(id: \"%(purchase)s\") { %s } }", {
        "voucher": "id saleorOrder number status origin channel currency language placedAt paidAt"
        " deliveredAt cancelledAt net gross shippingNet shippingGross shippingTaxRate"
        " shippingTaxClass giftCardAmount taxCountry isTaxExempt vatId isTest absentSince party"
        " lines movements deliveries invoices",
        "contact": "email customer",
    }),
    "PurchaseParty": ("{ purchase(id: \"%(purchase)s\") { party { %s } } }", {
        "voucher": "firstName lastName companyName streetAddress1 streetAddress2 postalCode city"
        " cityArea countryArea country",
    }),
    "PurchaseLine": ("{ purchase(id: \"%(purchase)s\") { lines { %s } } }", {
        "voucher": "name variant sku quantity net gross taxRate taxClass isGiftCard",
    }),
    "MoneyMovement": ("{ purchase(id: \"%(purchase)s\") { movements { %s } } }", {
        "voucher": "kind amount currency at gateway reference",
    }),
    "Delivery": ("{ purchase(id: \"%(purchase)s\") { deliveries { %s } } }", {
        "voucher": "status quantity at",
    }),
    "Invoice": ("{ purchase(id: \"%(purchase)s\") { invoices { %s } } }", {
        "voucher": "number createdAt",
    }),
    **_list("RegisterPurchase", "purchases(first: 1)", "voucher"),
    "AccessEntry": ("{ accessLog(first: 1) { edges { node { %s } } } }", {
        "books": "seq at actor role purpose categories act count subjects outcome reason",
    }),
    **_list("RegisterAccessEntry", "accessLog(first: 1)", "books"),
    "Agreement": ("{ agreements(first: 1) { edges { node { %s } } } }", {
        "books": "id signer version language digest signedAt expiresAt recordedBy revokedAt"
        " revokedBy description",
    }),
    **_list("RegisterAgreement", "agreements(first: 1)", "books"),
    "Grant": ("{ grants(first: 1) { edges { node { %s } } } }", {
        "books": "id holder reason grantedBy grantedAt expiresAt endedAt endedBy",
    }),
    **_list("RegisterGrant", "grants(first: 1)", "books"),
    "Recipient": ("{ recipients(first: 1) { edges { node { %s } } } }", {
        "books": "id kind name businessId country agreementSignedOn confidentialitySignedOn"
        " registeredAt registeredBy endedAt endedBy email language dataOutcome dataOutcomeOn"
        " members",
    }),
    "Member": ("{ recipients(last: 1) { edges { node { members { %s } } } } }", {
        "books": "id holder responsible addedAt addedBy endedAt endedBy shutOutAt",
    }),
    **_list("RegisterRecipient", "recipients(first: 1)", "books"),
    "Restriction": ("{ restrictions(first: 1) { edges { node { %s } } } }", {
        "books": "id customer ground since restrictedBy toldOn liftedAt liftedBy",
    }),
    **_list("RegisterRestriction", "restrictions(first: 1)", "books"),
    "Disclosure": ("{ disclosures(first: 1) { edges { node { %s } } } }", {
        "books": "seq at actor recipient purpose categories count subjects what sha256 ground"
        " outcome reason",
    }),
    **_list("RegisterDisclosure", "disclosures(first: 1)", "books"),
    "DataHolder": ("{ dataHolders(customer: \"%(debtor)s\") { %s } }", {
        "books": "recipient name country endedAt firstAt lastAt categories",
    }),
    "Hold": ("{ holds(first: 1) { edges { node { %s } } } }", {
        "claims": "id customer purchase categories ground reason recipient placedAt placedBy"
        " reviewOn dueOn interruptedOn lapsesOn releasedAt releasedBy releaseReason",
    }),
    "Collector": ("{ collectors { %s } }", {"claims": "id name"}),
    **_list("RegisterHold", "holds(first: 1)", "claims"),
    "Certificate": ("{ certificates(first: 1) { edges { node { %s } } } }", {
        "books": "id customer purchase origin plan madeAt verdict tables columns rows size files"
        " opaqueFiles unreadableTables hits kept leftOver ofOthers findings settledAt settledBy",
    }),
    "CertificateFinding": ("{ certificates(first: 1) { edges { node { findings { %s } } } } }", {
        "books": "table column key kinds rule ground until",
    }),
    **_list("RegisterCertificate", "certificates(first: 1)", "books"),
    "Description": ("{ description { %s } }", {
        "books": "id version digest publishedAt publishedBy note changes text",
    }),
    "DescriptionChange": ("{ description { changes { %s } } }", {"books": "fact was now"}),
    "DescriptionDraft": ("{ descriptionDraft { %s } }", {"books": "digest problems changes text"}),
    "DescriptionProblem": ("{ descriptionDraft { problems { %s } } }", {"books": "field message"}),
    **_list("RegisterDescription", "descriptions(first: 1)", "books"),
    "TransferText": ("{ transferText { %s } }", {
        "books": "version fi sv en digest publishedAt",
    }),
    "TransferRequest": ("{ transferRequests(first: 1) { edges { node { %s } } } }", {
        "books": "id customer recipient version language digest channel requestedAt recordedAt"
        " recordedBy revokedAt revokedBy",
    }),
    **_list("RegisterTransferRequest", "transferRequests(first: 1)", "books"),
    "OutwardFlow": ("{ outwardFlows { %s } }", {
        "books": "kind name host target recipient problem",
    }),
    "RegisteredFlow": ("{ registeredFlows(first: 1) { edges { node { %s } } } }", {
        "books": "id kind target recipient registeredAt registeredBy endedAt endedBy",
    }),
    **_list("RegisterFlow", "registeredFlows(first: 1)", "books"),
    "Mutation": ("mutation { %s }", {
        "books": "agreementRecord agreementRevoke agreementReadmit agreementPublish grantCreate"
        " grantEnd recipientRegister recipientRecordAgreements recipientEnd"
        " recipientRecordOutcome memberAdd memberEnd restrictionCreate restrictionAnnounce"
        " restrictionLift holdPlace transferTextPublish transferRequestRecord transferRequestRevoke"
        " flowRegister flowEnd accountMapReplace erasurePlanMake erasurePlanApprove"
        " staleOrderLetGo certificateSettle descriptionPublish optOutsDeclareNone optOutsUpload"
        " controllerDeclare optOutsTakeIn optOutsRepeat optOutReportLink "
         + " ".join([*site_log.MUTATIONS, *breaches.MUTATIONS, *register.MUTATIONS])
         + f" {requests.DOORS['books']} {corrections.DOORS['books']}",
        "debts": "holdReview holdInterrupt holdRelease collectionHandOver customerMarketingUpdate "
        + requests.DOORS["debts"] + " " + corrections.DOORS["debts"],
        "closers": "monthClose",
        "log": " ".join(site_log.OPEN),
        "own": "ownMarketingUpdate " + requests.DOORS["own"],
        "files": "exportCreate exportStart",
        "bookkeeping": "exportLink",
        "marketing": "audienceLink",
        # Last: from then on nobody's agreement has lapsed.
        "sign": "agreementSign",
    }),
    "RegisterError": (f"mutation {{ {_call('agreementRevoke')} {{ errors {{ %s }} }} }}", {
        "books": "field message code",
    }),
    **_payload("AgreementSign", _call("agreementSign"), "agreement errors", "sign"),
    **_payload("AgreementRecord", _call("agreementRecord"), "agreement errors"),
    **_payload("AgreementRevoke", _call("agreementRevoke"), "agreement errors"),
    **_payload("AgreementReadmit", _call("agreementReadmit"), "errors"),
    **_payload("AgreementPublish", _call("agreementPublish"), "agreementText errors"),
    **_payload("GrantCreate", _call("grantCreate"), "grant errors"),
    **_payload("GrantEnd", _call("grantEnd"), "grant errors"),
    **_payload("RecipientRegister", _call("recipientRegister"), "recipient errors"),
    **_payload(
        "RecipientRecordAgreements", _call("recipientRecordAgreements"), "recipient errors"
    ),
    **_payload("RecipientEnd", _call("recipientEnd"), "holders stillOpen errors"),
    **_payload("RecipientRecordOutcome", _call("recipientRecordOutcome"), "recipient errors"),
    **_payload("MemberAdd", _call("memberAdd"), "member errors"),
    **_payload("MemberEnd", _call("memberEnd"), "holders stillOpen errors"),
    **_payload("RestrictionCreate", _call("restrictionCreate"), "restriction errors"),
    **_payload(
        "RestrictionAnnounce", _call("restrictionAnnounce"), "restriction errors"
    ),
    **_payload("RestrictionLift", _call("restrictionLift"), "restriction errors"),
    **_payload("HoldPlace", _call("holdPlace"), "hold errors"),
    **_payload("HoldReview", _call("holdReview"), "hold errors", "debts"),
    **_payload("HoldInterrupt", _call("holdInterrupt"), "hold errors", "debts"),
    **_payload("HoldRelease", _call("holdRelease"), "hold errors", "debts"),
    **_payload(
        "CollectionHandOver", _call("collectionHandOver"), "hold document errors", "debts"
    ),
    **_payload("CertificateSettle", _call("certificateSettle"), "certificate errors"),
    **_payload("TransferTextPublish", _call("transferTextPublish"), "transferText errors"),
    **_payload("TransferRequestRecord", _call("transferRequestRecord"), "transferRequest errors"),
    **_payload("TransferRequestRevoke", _call("transferRequestRevoke"), "transferRequest errors"),
    **_payload("FlowRegister", _call("flowRegister"), "registeredFlow errors"),
    **_payload("DescriptionPublish", _call("descriptionPublish"), "description errors"),
    **_payload("FlowEnd", _call("flowEnd"), "registeredFlow errors"),
    **accounting.TYPES,
    **marketing.TYPES,
    **retention.TYPES,
    **requests.TYPES,
    **breaches.TYPES,
    **corrections.TYPES,
    **site_log.TYPES,
    **register.TYPES,
}  # fmt: skip

#: Arguments without which a field cannot be asked for.
ARGUMENTS = {
    "Query.customer": '(id: "%(customer)s")',
    # Account 999999999, who is nobody's.
    "Query.customerOf": '(saleorUser: "VXNlcjo5OTk5OTk5OTk=")',
    "Query.purchase": '(id: "%(purchase)s")',
    "Query.dataHolders": '(customer: "%(debtor)s")',
    **{
        f"Query.{name}": "(first: 1)"
        for name in [
            "customers",
            "purchases",
            "agreements",
            "accessLog",
            "grants",
            "recipients",
            "restrictions",
            "disclosures",
            "holds",
            "transferRequests",
            "registeredFlows",
            "certificates",
            "descriptions",
        ]
    },
    "Description.text": "(kind: NOTICE, language: FI)",
    "DescriptionDraft.text": "(kind: NOTICE, language: FI)",
    "Customer.purchases": "(first: 1)",
    **accounting.ARGUMENTS,
    **marketing.ARGUMENTS,
    **retention.ARGUMENTS,
    **requests.ARGUMENTS,
    **breaches.ARGUMENTS,
    **corrections.ARGUMENTS,
    **site_log.ARGUMENTS,
    **register.ARGUMENTS,
    **{f"Mutation.{name}": given for name, (given, _) in MUTATIONS.items()},
}

_ALL = " ".join(["200"] * 13)
#: HTTP path below /plugins/jokkerit.register/ to the status: of a query that all may ask
#: ({ me }), and of fetching a file with one's token.
PATHS: dict[str, list[str]] = {
    path: _everybody(path, statuses)
    for path, statuses in {
        # For everybody.
        "": _ALL,
        "description.<form>": _ALL,
        "assets/<asset>": _ALL,
        # The shell, which holds no data; its pages are the API's answers (tests/test_console.py).
        "console": _ALL,
        "console/<page>": _ALL,
        # No data; and a shop of paper has no Dashboard.
        "manifest": _ALL.replace("200", "404"),
        # For the controller.
        "record.<form>": "200 200 403 403 403 403 403 403 403 403 401 401 401",
        "audience": "200 200 200 403 403 403 403 403 403 403 401 401 401",
        "opt-outs/<id>/rejected": "200 200 403 403 403 403 403 403 403 403 401 401 401",
        "graphql": "200 200 200 200 200 200 200 200 200 200 401 401 401",
        "downloads/<id>": "200 200 200 200 200 403 403 403 403 403 401 401 401",
        "site-log/<view>": "200 200 403 403 403 403 200 200 403 403 401 401 401",
        # Behind a link: it lets in, and whoever has it.
        "unsubscribe/<token>": _ALL,
        "preferences/<token>": _ALL,
        "confirm/<token>": _ALL,
        # The form is everybody's; behind the links there is nothing without a true one.
        "requests": _ALL,
        "requests/confirm/<token>": _ALL.replace("200", "404"),
        "requests/copy/<token>": _ALL.replace("200", "404"),
        # The controller's, to hand over.
        "requests/<id>/copy": "200 200 403 403 403 403 403 403 403 403 401 401 401",
        # By a signature of its own, whatever token comes.
        "may-contact": _ALL.replace("200", "401"),
        "site-log": _ALL.replace("200", "401"),
        # By a key of its own, likewise.
        "health": _ALL.replace("200", "401"),
        "health/<probe>": _ALL.replace("200", "401"),
    }.items()
}


def asked(kind: str) -> Iterator[tuple[str, list[str]]]:
    """Yield which fields of a type are asked for together, with their door.

    Four mutations or four reports make a request at most.
    """
    for door, names in TYPES[kind][1].items():
        fields = names.split()
        size = {"Mutation": 1, "Query": 4}.get(kind, len(fields))
        yield from ((door, fields[at : at + size]) for at in range(0, len(fields), size))


def query(kind: str, fields: list[str], nested: Callable[[str], bool]) -> str:
    """Return what asks for fields of a type; `nested` tells of a field whether it has others."""
    found = []
    for field in fields:
        below = " { __typename }" if nested(field) else ""
        if kind == "Mutation" or field == "errors":
            below = " { code }" if field == "errors" else " { errors { code } }"
        found.append(f"{field}{ARGUMENTS.get(f'{kind}.{field}', '')}{below}")
    return TYPES[kind][0].replace("%s", " ".join(found))


def expected(door: str, caller: str) -> str:
    """Return what a door answers somebody: ok, or the error's code."""
    return DOORS[door][CALLERS.index(caller)]


def refused_at(answer: dict[str, Any]) -> list[str]:
    """Return the fields at the top under which an answer has errors, in its order."""
    return list(dict.fromkeys(str(one["path"][0]) for one in answer.get("errors", ())))


def codes(answer: dict[str, Any]) -> set[str]:
    """Return the codes of an answer's errors, at the top and in payloads."""
    found = {one["extensions"]["exception"]["code"] for one in answer.get("errors", ())}
    for payload in (answer.get("data") or {}).values():
        if isinstance(payload, dict):
            found |= {one["code"] for one in payload.get("errors", ())}
    return found
