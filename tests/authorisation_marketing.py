"""Who may reach what of marketing: the part of `tests.authorisation` for it."""

_CUSTOMER = '"%(customer)s"'
_CHOICES = "channels: [{channel: EMAIL, isAllowed: false}, {channel: EMAIL, isAllowed: true}]"
_PAIRS = '(pairs: [{channel: EMAIL, address: "aino@example.com"}])'

#: Mutations: see `tests.authorisation.MUTATIONS`.
MUTATIONS = {
    "customerMarketingUpdate": (
        f'(customer: "UmVnaXN0ZXJDdXN0b21lcjo5OTk5OQ==", how: LETTER, {_CHOICES})', "MARKETING",
    ),
    "ownMarketingUpdate": (f"({_CHOICES})", "MARKETING"),
    "optOutsDeclareNone": ("", "ok"),
    "controllerDeclare": ('(businessId: "1643256-1")', "CONTROLLER"),
    "optOutsUpload": ('(file: "")', "BAD_FILE"),
    "optOutsTakeIn": (
        '(file: "UmVnaXN0ZXJPcHRPdXRGaWxlOjk5OTk5", layout: {address: [1]})', "NOT_FOUND",
    ),
    "optOutsRepeat": ('(id: "UmVnaXN0ZXJPcHRPdXRJbXBvcnQ6OTk5OTk=")', "NOT_FOUND"),
    "optOutReportLink": ('(id: "UmVnaXN0ZXJPcHRPdXRJbXBvcnQ6OTk5OTk=")', "NOT_FOUND"),
    "audienceLink": ("(channel: EMAIL)", "ok"),
}  # fmt: skip

#: Arguments without which a field cannot be asked for.
ARGUMENTS = {
    "Query.audience": "(channel: EMAIL, first: 1)",
    "Query.mayContact": _PAIRS,
    "Query.optOutImports": "(first: 1)",
    "Query.optOutImport": '(id: "%(import)s")',
    "Query.optOutFile": '(id: "%(file)s")',
    "Query.audienceCount": "(channel: EMAIL)",
}

Types = dict[str, tuple[str, dict[str, str]]]

_AUDIENCE = "{ audience(channel: EMAIL, first: 9) { %s } }"
_IMPORTS = "{ optOutImports(first: 1) { %s } }"
_OF_CUSTOMER = f"{{ customer(id: {_CUSTOMER}) {{ %s }} }}"


def _payload(call: str, fields: str, door: str) -> tuple[str, dict[str, str]]:
    return f"mutation {{ {call}{MUTATIONS[call][0]} {{ %s errors {{ code }} }} }}", {door: fields}


def _below(way: str, name: str) -> str:
    return way.replace("%s", f"{name} {{ %s }}")


TYPES: Types = {
    "MarketingPermission": (_below(_OF_CUSTOMER, "marketing"), {
        "card": "channel isAllowed ground since until profiling",
    }),
    "MarketingEvent": (_below(_OF_CUSTOMER, "marketingEvents"), {
        "card": "kind channel at source actor language textVersion description",
    }),
    "AudienceConnection": (_AUDIENCE, {"marketing": "edges pageInfo"}),
    "AudienceEdge": (_below(_AUDIENCE, "edges"), {"marketing": "node cursor"}),
    "AudienceMember": (_AUDIENCE.replace("%s", "edges { node { %s } }"), {
        "marketing": "customer name address language link headers",
    }),
    "MessageHeader": (_AUDIENCE.replace("%s", "edges { node { headers { %s } } }"), {
        "marketing": "name value",
    }),
    "MayContact": (f"{{ mayContact{_PAIRS} {{ %s }} }}", {"marketing": "isAllowed reason"}),
    "OptOutImport": (_IMPORTS.replace("%s", "edges { node { %s } }"), {
        "books": "id startedAt startedBy finishedAt isDeclared isDryRun sha256 size lines added"
        " known older rejected report state read problem file",
    }),
    "RegisterOptOutImportCountableConnection": (_IMPORTS, {"books": "edges pageInfo totalCount"}),
    "RegisterOptOutImportCountableEdge": (_below(_IMPORTS, "edges"), {"books": "node cursor"}),
    "CustomerMarketingUpdate": _payload("customerMarketingUpdate", "permissions errors", "debts"),
    "OwnMarketingUpdate": _payload("ownMarketingUpdate", "permissions errors", "own"),
    "AudienceCount": ("{ audienceCount(channel: EMAIL) { %s } }", {
        "marketing": "customers allowed isWhole",
    }),
    "MarketingState": ("{ marketingState { %s } }", {"marketing": "closed controller months"}),
    "ControllerDeclaration": ("{ marketingState { controller { %s } } }", {
        "marketing": "kind businessId name since at by",
    }),
    "MarketingMonth": ("{ marketingState { months { %s } } }", {
        "marketing": "month channel yes no",
    }),
    "MarketingObstacle": ("{ marketingState { closed { %s } } }", {"marketing": "code message"}),
    "OptOutFile": ('{ optOutFile(id: "%(file)s") { %s } }', {
        "books": "id uploadedAt size columns delimiter encoding",
    }),
    "AudienceLink": _payload("audienceLink", "url seconds errors", "marketing"),
    "OptOutsUpload": _payload("optOutsUpload", "optOutFile errors", "books"),
    "OptOutsTakeIn": _payload("optOutsTakeIn", "optOutImport errors", "books"),
    "OptOutsRepeat": _payload("optOutsRepeat", "optOutImport errors", "books"),
    "OptOutReportLink": _payload("optOutReportLink", "url seconds errors", "books"),
    "ControllerDeclare": _payload("controllerDeclare", "controller errors", "books"),
    "OptOutsDeclareNone": _payload("optOutsDeclareNone", "optOutImport errors", "books"),
}  # fmt: skip
