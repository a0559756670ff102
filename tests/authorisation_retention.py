"""Who may reach what of retention: the part of `tests.authorisation` for the controller."""

_PLAN_ID = "UmVnaXN0ZXJFcmFzdXJlUGxhbjo5OTk5OQ=="

#: Mutations: see `tests.authorisation.MUTATIONS`.
MUTATIONS = {
    "erasurePlanMake": ("", "ok"),
    "erasurePlanApprove": (f'(id: "{_PLAN_ID}", digest: "x")', "PLAN"),
    "staleOrderLetGo": ('(purchase: "UmVnaXN0ZXJQdXJjaGFzZTo5OTk5OQ==")', "STALE_ORDER"),
}

#: Arguments without which a field cannot be asked for.
ARGUMENTS = {
    "Query.erasurePlans": "(first: 1)",
    "Query.erasures": "(first: 1)",
    "Query.dataKeeps": '(customer: "%(customer)s")',
    "Query.staleOrders": "(first: 1)",
}

_PAGE = "edges pageInfo totalCount"

Types = dict[str, tuple[str, dict[str, str]]]


def _list(name: str, call: str) -> Types:
    return {
        f"{name}CountableConnection": (f"{{ {call} {{ %s }} }}", {"books": _PAGE}),
        f"{name}CountableEdge": (f"{{ {call} {{ edges {{ %s }} }} }}", {"books": "node cursor"}),
    }


def _payload(call: str, fields: str) -> tuple[str, dict[str, str]]:
    return (
        f"mutation {{ {call}{MUTATIONS[call][0]} {{ %s errors {{ code }} }} }}",
        {"books": fields},
    )


def _node(call: str) -> str:
    return f"{{ {call} {{ edges {{ node {{ %s }} }} }} }}"


_PLANS, _ERASURES = "erasurePlans(first: 1)", "erasures(first: 1)"
_STALE = "staleOrders(first: 1)"

TYPES: Types = {
    "ErasurePlan": (_node(_PLANS), {
        "books": "id day madeAt state counts digest approvedAt approvedBy night finishedAt due"
        " erased leftOver problem",
    }),
    "ErasureCount": (_node(_PLANS).replace("%s", "counts { %s }"), {"books": "part rule count"}),
    **_list("RegisterErasurePlan", _PLANS),
    "ErasureForecast": ("{ erasureForecast { %s } }", {"books": "month part count"}),
    "Erasure": (_node(_ERASURES), {"books": "seq at plan part count subjects rows isInShop"}),
    **_list("RegisterErasure", _ERASURES),
    "DataKeep": ("{ dataKeeps(customer: \"%(customer)s\") { %s } }", {
        "books": "purchase part purpose rule ground until isEndedByErasure",
    }),
    "StaleOrder": (_node(_STALE), {
        "books": "purchase saleorOrder orderNumber placedOn status isUnpaid",
    }),
    **_list("RegisterStaleOrder", _STALE),
    "ErasurePlanMake": _payload("erasurePlanMake", "plan errors"),
    "ErasurePlanApprove": _payload("erasurePlanApprove", "plan errors"),
    "StaleOrderLetGo": _payload("staleOrderLetGo", "letGoOn errors"),
}  # fmt: skip
