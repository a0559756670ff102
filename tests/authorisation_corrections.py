"""Who may reach what of corrections: the part of `tests.authorisation` for rectification."""

_CUSTOMER = "UmVnaXN0ZXJDdXN0b21lcjo5OTk5OQ=="
_RECIPIENT = "UmVnaXN0ZXJSZWNpcGllbnQ6OTk5OTk="
_CORRECTION = "UmVnaXN0ZXJDb3JyZWN0aW9uOjk5OTk5"
_TASK = "UmVnaXN0ZXJDb3JyZWN0aW9uVGFzazo5OTk5OQ=="
_TELLING = "UmVnaXN0ZXJUZWxsaW5nOjk5OTk5"

#: Mutations: see `tests.authorisation.MUTATIONS`.
MUTATIONS = {
    "customerRectify": (
        f'(customer: "{_CUSTOMER}", right: {{lastName: "x"}}, reason: "x")', "CORRECTION",
    ),
    "correctionContent": (f'(id: "{_CORRECTION}")', "CORRECTION"),
    "correctionTaskOpen": (
        f'(customer: "{_CUSTOMER}", field: ADDRESS, sign: RETURNED)', "CORRECTION",
    ),
    "correctionTaskClose": (f'(id: "{_TASK}", outcome: RIGHT)', "CORRECTION"),
    "tellingTold": (f'(id: "{_TELLING}")', "REQUEST"),
    "tellingContent": (f'(id: "{_TELLING}")', "REQUEST"),
    "recipientRecordContact": (f'(id: "{_RECIPIENT}", email: "", language: FI)', "RECIPIENT"),
}  # fmt: skip

#: Doors of the fields at the top of a mutation.
DOORS = {
    "debts": "customerRectify correctionContent correctionTaskOpen correctionTaskClose",
    "books": "tellingTold tellingContent recipientRecordContact",
}

ARGUMENTS = {
    "Query.corrections": "(first: 1)",
    "Query.correctionTasks": "(first: 1)",
    "Query.tellings": "(first: 1)",
}

Types = dict[str, tuple[str, dict[str, str]]]


def _payload(name: str, fields: str, door: str = "debts", call: str = "") -> Types:
    call = call or name[0].lower() + name[1:]
    way = f"mutation {{ {call}{MUTATIONS[call][0]} {{ %s errors {{ code }} }} }}"
    return {name: (way, {door: f"{fields} errors"})}


def _rows(name: str, call: str, door: str, fields: str) -> Types:
    return {
        name: (f"{{ {call}(first: 1) {{ edges {{ node {{ %s }} }} }} }}", {door: fields}),
        f"Register{name}CountableConnection": (
            f"{{ {call}(first: 1) {{ %s }} }}", {door: "edges pageInfo totalCount"},
        ),
        f"Register{name}CountableEdge": (
            f"{{ {call}(first: 1) {{ edges {{ %s }} }} }}", {door: "node cursor"},
        ),
    }  # fmt: skip


TYPES: Types = {
    **_rows(
        "Correction", "corrections", "debts",
        "id customer field at by request carried carriedAt error",
    ),
    "CorrectedText": (
        'mutation { read: correctionContent(id: "%(correction)s") { texts { %s } } }',
        {"debts": "name was right"},
    ),
    **_rows(
        "CorrectionTask", "correctionTasks", "debts",
        "id customer field sign openedAt openedBy closedAt closedBy outcome",
    ),
    **_rows(
        "Telling", "tellings", "books",
        "id recipient customer what source categories madeAt readyAt toldAt toldBy error",
    ),
    "VoucherNote": (
        "{ vouchers(first: 9) { edges { node { notes { %s } } } } }",
        {"voucher": "at by request party"},
    ),
    **_payload("CustomerRectify", "corrections vouchers recipients"),
    **_payload("CorrectionContentRead", "correction texts reason", call="correctionContent"),
    **_payload("CorrectionTaskOpen", "task"),
    **_payload("CorrectionTaskClose", "task"),
    **_payload("TellingTold", "telling", "books"),
    **_payload("TellingContentRead", "telling subject text", "books", "tellingContent"),
    **_payload("RecipientRecordContact", "recipient", "books"),
}  # fmt: skip
