"""Who may reach what of the site log: the part of `tests.authorisation` for it."""

_ID = 'id: "UmVnaXN0ZXJJbmNpZGVudDo5OTk5OQ=="'
_AT = 'at: {gte: "2026-03-05T00:00:00Z", lte: "2026-03-06T00:00:00Z"}'
_FILTER = f"filter: {{{_AT}}}"
_TIMES = 'since: "2026-03-05T00:00:00Z", until: "2026-03-06T00:00:00Z"'

#: Mutations: see `tests.authorisation.MUTATIONS`.
MUTATIONS = {
    "incidentOpen": (
        f'(input: {{purpose: SECURITY, reason: " ", reviewOn: "2030-01-01", {_AT}}})',
        "INCIDENT",
    ),
    "incidentAddLines": (f"({_ID}, {_FILTER})", "INCIDENT"),
    "incidentReview": (f'({_ID}, reviewOn: "2030-01-01")', "INCIDENT"),
    "incidentClose": (f"({_ID})", "INCIDENT"),
    "invoiceLinesHold": (f'(voucher: "none", {_TIMES})', "LOG_BILLING"),
    "invoiceLinesRelease": ('(voucher: "none")', "LOG_BILLING"),
}

#: Those for whoever may see what they fetch.
OPEN = {"siteLogLink": ('(input: {file: ERRORS, filter: {path: "x"}})', "INVALID")}

#: Fields at the top, by their door.
DOORS = {
    "log": "siteLines siteErrors siteLogIns incidents incident",
    "billing": "siteUsage siteUsageByDay billedUsage",
}

ARGUMENTS = {
    "Query.siteLines": f"(purpose: SECURITY, first: 1, {_FILTER})",
    "Query.siteErrors": f"({_FILTER})",
    "Query.siteLogIns": f"({_FILTER})",
    "Query.incidents": "(purpose: SECURITY, first: 1)",
    "Query.incident": f"({_ID})",
    "Query.siteUsage": '(month: "2026-03", first: 1)',
    "Query.siteUsageByDay": '(month: "2026-03")',
    "Query.billedUsage": "(first: 1)",
}

Types = dict[str, tuple[str, dict[str, str]]]


def _top(name: str) -> str:
    return f"{name}{ARGUMENTS[f'Query.{name}']}"


def _list(kind: str, name: str, door: str, fields: str) -> Types:
    return {
        kind: (f"{{ {_top(name)} {{ edges {{ node {{ %s }} }} }} }}", {door: fields}),
        f"Register{kind}CountableConnection": (
            f"{{ {_top(name)} {{ %s }} }}", {door: "edges pageInfo totalCount"},
        ),
        f"Register{kind}CountableEdge": (
            f"{{ {_top(name)} {{ edges {{ %s }} }} }}", {door: "node cursor"},
        ),
    }  # fmt: skip


def _payload(name: str, fields: str) -> Types:
    call = name[0].lower() + name[1:]
    way = f"mutation {{ {call}{(MUTATIONS | OPEN)[call][0]} {{ %s errors {{ code }} }} }}"
    return {name: (way, {"books" if call in MUTATIONS else "log": f"{fields} errors"})}


_VIEW = "groups times plot"

TYPES: Types = {
    **_list(
        "SiteLine", "siteLines", "log",
        "id at address agent method path status bytes duration referer customer",
    ),
    "SiteErrors": (f"{{ {_top('siteErrors')} {{ %s }} }}", {"log": f"{_VIEW} refused"}),
    "SiteRefused": (
        f"{{ {_top('siteErrors')} {{ refused {{ %s }} }} }}", {"log": "day reason count example"},
    ),
    "SiteErrorGroup": (
        f"{{ {_top('siteErrors')} {{ groups {{ %s }} }} }}",
        {"log": "path status count firstAt lastAt"},
    ),
    "SiteLogIns": (f"{{ {_top('siteLogIns')} {{ %s }} }}", {"log": _VIEW}),
    "SiteLogInGroup": (
        f"{{ {_top('siteLogIns')} {{ groups {{ %s }} }} }}",
        {"log": "address count firstAt lastAt"},
    ),
    "SiteCount": (
        f"{{ {_top('siteErrors')} {{ times {{ %s }} }} }}", {"log": "at kind count"},
    ),
    **_list(
        "SiteUsage", "siteUsage", "billing", "customer month requests bytes duration"
    ),
    "SiteUsageByDay": (f"{{ {_top('siteUsageByDay')} {{ %s }} }}", {"billing": "times plot"}),
    **_list(
        "BilledUsage", "billedUsage", "billing",
        "voucher customer requests firstAt lastAt bytes duration",
    ),
    **_list(
        "Incident", "incidents", "log",
        "id purpose reason since until address customer path openedAt openedBy reviewOn closedAt"
        " closedBy lines",
    ),
    **_payload("IncidentOpen", "incident"),
    **_payload("IncidentAddLines", "lines"),
    **_payload("IncidentReview", "incident"),
    **_payload("IncidentClose", "incident"),
    **_payload("SiteLogLink", "url seconds"),
    **_payload("InvoiceLinesHold", "lines"),
    **_payload("InvoiceLinesRelease", "lines"),
}  # fmt: skip
