"""Who may reach what of breaches: the part of `tests.authorisation` for the controller."""

_ID = '(id: "UmVnaXN0ZXJCcmVhY2g6OTk5OTk="'
_SEARCH_ID = '(id: "UmVnaXN0ZXJCcmVhY2hTZWFyY2g6OTk5OTk=")'

#: Mutations: see `tests.authorisation.MUTATIONS`.
MUTATIONS = {
    "breachRecord": ("(input: {})", "BREACH"),
    "breachAmend": (f"{_ID}, input: {{}})", "BREACH"),
    "breachAssess": (f'{_ID}, risk: NONE, reasons: "x")', "BREACH"),
    "breachNotified": (f'{_ID}, at: "2026-01-01T00:00:00Z", phase: INITIAL)', "BREACH"),
    "breachExempt": (f'{_ID}, ground: AVERTED, reasons: "x")', "BREACH"),
    "breachClose": (f"{_ID})", "BREACH"),
    "breachSearch": (f"{_ID}, input: {{kind: HELD, categories: [EMAIL]}})", "BREACH"),
    "breachSearchDiscard": (_SEARCH_ID, "BREACH"),
    "breachTell": (f"{_ID}, letter: [])", "BREACH"),
    "breachTold": (f"{_ID}, how: POSTED)", "BREACH"),
    "breachLettersAgain": (f"{_ID})", "BREACH"),
}

#: Arguments without which a field cannot be asked for.
ARGUMENTS = {
    "Query.breaches": "(first: 1)",
    "Query.breach": '(id: "%(breach)s")',
    "Query.breachAffected": '(breach: "%(breach)s", first: 1)',
    "Breach.notification": "(language: EN)",
}

_BREACH = f"{{ breach{ARGUMENTS['Query.breach']} {{ %s }} }}"
_LIST = "{ breaches(first: 1) { %s } }"
_AFFECTED = f"{{ breachAffected{ARGUMENTS['Query.breachAffected']} {{ %s }} }}"

Types = dict[str, tuple[str, dict[str, str]]]


def _books(way: str, fields: str) -> tuple[str, dict[str, str]]:
    return way, {"books": fields}


def _payload(call: str, fields: str) -> tuple[str, dict[str, str]]:
    return _books(f"mutation {{ {call}{MUTATIONS[call][0]} {{ %s errors {{ code }} }} }}", fields)


def _below(way: str, name: str) -> str:
    return way.replace("%s", f"{name} {{ %s }}")


TYPES: Types = {
    "Breach": _books(
        _BREACH,
        "id state recordedAt recordedBy happened beganAt endedAt awareAt dueAt isRunning hoursLeft"
        " categories who people records consequences measures risk riskReasons assessedAt"
        " assessedBy notifiedAt completeAt reference lateReasons exempt exemptReasons lettersAt"
        " letter closedAt closedBy affected searches events notification",
    ),
    "BreachEvent": _books(_below(_BREACH, "events"), "what at actor values"),
    "BreachSearch": _books(
        _below(_BREACH, "searches"),
        "id kind actor since until key categories askedAt askedBy doneAt count strangers"
        " discardedAt discardedBy",
    ),
    "BreachCount": _books(_below(_BREACH, "affected"), "told count"),
    "BreachLetter": _books(_below(_BREACH, "letter"), "language happened consequences measures"),
    "RegisterBreachCountableConnection": _books(_LIST, "edges pageInfo totalCount"),
    "RegisterBreachCountableEdge": _books(_below(_LIST, "edges"), "node cursor"),
    "RegisterBreachAffectedCountableConnection": _books(_AFFECTED, "edges pageInfo totalCount"),
    "RegisterBreachAffectedCountableEdge": _books(_below(_AFFECTED, "edges"), "node cursor"),
    "AffectedPerson": _books(
        _AFFECTED.replace("%s", "edges { node { %s } }"),
        "customer categories told at toldBy error",
    ),
    "BreachRecord": _payload("breachRecord", "breach errors"),
    "BreachAmend": _payload("breachAmend", "breach errors"),
    "BreachAssess": _payload("breachAssess", "breach errors"),
    "BreachNotified": _payload("breachNotified", "breach errors"),
    "BreachExempt": _payload("breachExempt", "breach errors"),
    "BreachClose": _payload("breachClose", "breach errors"),
    "BreachSearchMake": _payload("breachSearch", "search errors"),
    "BreachSearchDiscard": _payload("breachSearchDiscard", "search errors"),
    "BreachTell": _payload("breachTell", "breach errors"),
    "BreachToldRecord": _payload("breachTold", "people errors"),
    "BreachLettersAgain": _payload("breachLettersAgain", "people errors"),
}
