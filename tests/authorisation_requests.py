"""Who may reach what of requests: the part of `tests.authorisation` for what customers ask."""

_ID = '(id: "UmVnaXN0ZXJSZXF1ZXN0Ojk5OTk5"'
_CUSTOMER = "UmVnaXN0ZXJDdXN0b21lcjo5OTk5OQ=="

#: Mutations: see `tests.authorisation.MUTATIONS`.
MUTATIONS = {
    "requestOpen": (
        f'(input: {{customer: "{_CUSTOMER}", kind: ACCESS, how: "x"}})',
        "REQUEST",
    ),
    "requestProve": (f'{_ID}, customer: "{_CUSTOMER}", how: "x")', "REQUEST"),
    "requestContent": (f"{_ID})", "REQUEST"),
    "requestAccept": (f"{_ID})", "REQUEST"),
    "requestRefuse": (f"{_ID}, ground: EXCESSIVE)", "REQUEST"),
    "requestWithdraw": (f"{_ID})", "REQUEST"),
    "requestCorrected": (f"{_ID})", "REQUEST"),
    "requestExtend": (f'{_ID}, reason: "x")', "REQUEST"),
    "requestTold": (f"{_ID})", "REQUEST"),
    "requestEndCopy": (f"{_ID})", "REQUEST"),
    "requestLetter": ('(letter: "UmVnaXN0ZXJSZXF1ZXN0TGV0dGVyOjk5OTk5")', "REQUEST"),
    "requestCopyLink": (f"{_ID})", "REQUEST"),
    "requestHandedOver": (f'{_ID}, how: POST, on: "2026-01-01")', "REQUEST"),
    "ownRequestOpen": ("(kind: ERASURE)", "REQUEST"),
}

#: Doors of the fields at the top of a mutation.
DOORS = {
    "debts": "requestOpen requestProve requestContent requestLetter",
    "books": "requestAccept requestRefuse requestWithdraw requestCorrected requestExtend"
    " requestTold requestEndCopy requestCopyLink requestHandedOver",
    "own": "ownRequestOpen",
}

ARGUMENTS = {"Query.requests": "(first: 1)", "Query.request": '(id: "%(request)s")'}

_REQUESTS = "requests(first: 1)"

Types = dict[str, tuple[str, dict[str, str]]]


def _payload(name: str, door: str = "books", fields: str = "request errors") -> Types:
    call = name[0].lower() + name[1:]
    way = f"mutation {{ {call}{MUTATIONS[call][0]} {{ %s errors {{ code }} }} }}"
    return {name: (way, {door: fields})}


def _node(fields: str) -> str:
    return f"{{ {_REQUESTS} {{ edges {{ node {{ {fields} }} }} }} }}"


_READ = 'mutation { read: requestContent(id: "%(request)s") { content { %s } errors { code } } }'

TYPES: Types = {
    "Request": (_node("%s"), {
        "debts": "id customer kind origin state openedAt dueOn proof proofNote provedBy isPartial"
        " isMarketing answersElsewhere extendedAt decidedAt decidedBy ground doneAt keeps copyUntil"
        " letters events",
    }),
    "RequestLetter": (_node("letters { %s }"), {"debts": "id what madeAt sentAt sentBy error"}),
    "RequestEvent": (_node("events { %s }"), {"debts": "what at actor code"}),
    "RegisterRequestCountableConnection": (
        f"{{ {_REQUESTS} {{ %s }} }}", {"debts": "edges pageInfo totalCount"},
    ),
    "RegisterRequestCountableEdge": (
        f"{{ {_REQUESTS} {{ edges {{ %s }} }} }}", {"debts": "node cursor"},
    ),
    "RequestContent": (_READ, {"debts": "email name postalCode orders message"}),
    "OwnRequest": ("{ ownRequests { %s } }", {"own": "kind state openedAt dueOn"}),
    **_payload("RequestOpen", "debts"),
    **_payload("RequestProve", "debts"),
    "RequestContentRead": _payload("RequestContent", "debts", "request content errors")[
        "RequestContent"
    ],
    **_payload("RequestAccept"),
    **_payload("RequestRefuse"),
    **_payload("RequestWithdraw"),
    **_payload("RequestCorrected"),
    **_payload("RequestExtend"),
    **_payload("RequestTold", fields="letters errors"),
    **_payload("RequestEndCopy"),
    "RequestLetterRead": _payload("RequestLetter", "debts", "letter errors")["RequestLetter"],
    "PrintedLetter": (
        'mutation { read: requestLetter(letter: "%(letter)s") { letter { %s } errors { code } } }',
        {"debts": "language subject text to"},
    ),
    **_payload("RequestCopyLink", fields="url seconds errors"),
    **_payload("RequestHandedOver"),
    **_payload("OwnRequestOpen", "own"),
}  # fmt: skip
