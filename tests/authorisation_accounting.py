"""Who may reach what of the books: the part of `tests.authorisation` for the accounting firm."""

_XLSX = 'format: XLSX, period: {month: "2026-03"}, language: FI'

#: Mutations: see `tests.authorisation.MUTATIONS`.
MUTATIONS = {
    "monthClose": ('(month: "2020-01")', "MONTH_NOT_READY"),
    "accountMapReplace": ("(version: 0, rules: [])", "ACCOUNT_MAP"),
    "exportCreate": (
        f'(input: {{{_XLSX}, recipient: "UmVnaXN0ZXJSZWNpcGllbnQ6OTk5OTk="}})',
        "EXPORT",
    ),
    "exportStart": (
        f'(input: {{{_XLSX}, recipient: "UmVnaXN0ZXJSZWNpcGllbnQ6OTk5OTk="}})',
        "EXPORT",
    ),
    "exportLink": ('(id: "UmVnaXN0ZXJFeHBvcnQ6OTk5OTk=")', "EXPORT"),
}  # fmt: skip

MARCH = 'period: {month: "2026-03"}'

#: Arguments without which a field cannot be asked for.
ARGUMENTS = {
    "Query.vatReport": f"({MARCH})",
    "Query.vatFindings": f"({MARCH}, first: 1)",
    "Query.tieOut": f"({MARCH})",
    "TieOut.differences": "(first: 1)",
    "Query.receipts": f"({MARCH}, first: 1)",
    "Query.openPurchases": '(on: "2026-03-31", first: 1)',
    "Query.monthReport": '(month: "2020-01")',
    "MonthReport.receipts": "(first: 1)",
    "Query.closings": "(first: 1)",
    "Query.vouchers": "(first: 1)",
    "Query.exports": "(first: 1)",
    "Query.exportJobs": "(first: 1)",
}

_LINE = "currency country treatment rate net vat gross"
_PAGE = "edges pageInfo totalCount"
_EDGE = "node cursor"

Types = dict[str, tuple[str, dict[str, str]]]


def _list(name: str, way: str, door: str) -> Types:
    return {
        f"{name}CountableConnection": (way, {door: _PAGE}),
        f"{name}CountableEdge": (way.replace("%s", "edges { %s }"), {door: _EDGE}),
    }


def _node(way: str) -> str:
    return way.replace("%s", "edges { node { %s } }")


_FINDINGS = f"{{ vatFindings({MARCH}, first: 1) {{ %s }} }}"
_DIFFERENCES = f"{{ tieOut({MARCH}) {{ differences(first: 1) {{ %s }} }} }}"
_RECEIPTS = f"{{ receipts({MARCH}, first: 1) {{ %s }} }}"
_OPEN = '{ openPurchases(on: "2026-03-31", first: 1) { %s } }'
_CLOSINGS = "{ closings(first: 1) { %s } }"
_VOUCHERS = "{ vouchers(first: 1) { %s } }"
_EXPORTS = "{ exports(first: 1) { %s } }"
_JOBS = "{ exportJobs(first: 1) { %s } }"


def _payload(call: str, fields: str, door: str) -> tuple[str, dict[str, str]]:
    return f"mutation {{ {call}{MUTATIONS[call][0]} {{ %s errors {{ code }} }} }}", {door: fields}


TYPES: Types = {
    "VatReport": (f"{{ vatReport({MARCH}) {{ %s }} }}", {
        "voucher": "firstDay lastDay lines boxes oss ossCorrections apart unboxed findings unbooked"
        " isGiftCardTaxUnset giftCardDebt",
    }),
    "VatLine": (f"{{ vatReport({MARCH}) {{ lines {{ %s }} }} }}", {"voucher": _LINE}),
    "OssCorrection": (f"{{ vatReport({MARCH}) {{ ossCorrections {{ %s }} }} }}", {
        "voucher": "quarter country currency rate net vat gross",
    }),
    "VatBox": (f"{{ vatReport({MARCH}) {{ boxes {{ %s }} }} }}", {"voucher": "box amount"}),
    "VatFindingCount": (f"{{ vatReport({MARCH}) {{ findings {{ %s }} }} }}", {
        "voucher": "cause count",
    }),
    "CurrencySum": (f"{{ vatReport({MARCH}) {{ giftCardDebt {{ %s }} }} }}", {
        "voucher": "currency amount",
    }),
    "VatFinding": (_node(_FINDINGS), {
        "voucher": "cause day orderNumber country currency rate net gross",
    }),
    **_list("RegisterVatFinding", _FINDINGS, "voucher"),
    "TieOut": (f"{{ tieOut({MARCH}) {{ %s }} }}", {
        "voucher": "isExact isExplained orders totals differences",
    }),
    "TieOutTotal": (f"{{ tieOut({MARCH}) {{ totals {{ %s }} }} }}", {
        "voucher": "what currency booksGross shopGross",
    }),
    "TieOutDifference": (_node(_DIFFERENCES), {
        "voucher": "orderNumber currency what booksNet booksGross shopNet shopGross reason",
    }),
    **_list("RegisterTieOutDifference", _DIFFERENCES, "voucher"),
    "DailyReceipts": (_node(_RECEIPTS), {"voucher": "day gateway currency payments paybacks"}),
    **_list("RegisterDailyReceipts", _RECEIPTS, "voucher"),
    "OpenPurchase": (_node(_OPEN), {
        "voucher": "purchase orderNumber currency receivable advance since",
    }),
    **_list("RegisterOpenPurchase", _OPEN, "voucher"),
    "MonthReport": ('{ monthReport(month: "2026-03") { %s } }', {
        "voucher": "firstDay lastDay financialYear isClosed obstacles vat receipts open"
        " undelivered",
    }),
    "ClosingObstacle": ('{ monthReport(month: "2020-01") { obstacles { %s } } }', {
        "voucher": "code message",
    }),
    "OpenTotal": ('{ monthReport(month: "2026-03") { open { %s } } }', {
        "voucher": "currency receivable advance purchases",
    }),
    "Undelivered": ('{ monthReport(month: "2026-03") { undelivered { %s } } }', {
        "voucher": "currency net gross purchases",
    }),
    "Closing": (_node(_CLOSINGS), {
        "voucher": "id firstDay lastDay closedAt closedBy figures entries digest isUnchanged",
    }),
    **_list("RegisterClosing", _CLOSINGS, "voucher"),
    "Voucher": (_node(_VOUCHERS), {
        "voucher": "id code kind day yearEnd madeAt voidedAt original entries purchase notes",
    }),
    **_list("RegisterVoucher", _VOUCHERS, "voucher"),
    "Entry": (_VOUCHERS.replace("%s", "edges { node { entries { %s } } }"), {
        "voucher": "day kind treatment country currency rate net gross gateway causes",
    }),
    "AccountMap": ("{ accountMap { %s } }", {"bookkeeping": "version rules"}),
    "AccountRule": ("{ accountMap { rules { %s } } }", {
        "bookkeeping": "kind currency treatment rate gateway starts ends debit credit vat vatCode",
    }),
    "Export": (_node(_EXPORTS), {
        "bookkeeping": "id format firstDay lastDay filename accountMap recipient purpose sha256"
        " size createdAt createdBy url",
    }),
    **_list("RegisterExport", _EXPORTS, "bookkeeping"),
    "ExportJob": (_node(_JOBS), {
        "bookkeeping": "id format firstDay lastDay state total entries askedAt askedBy code message"
        " export",
    }),
    **_list("RegisterExportJob", _JOBS, "bookkeeping"),
    "MonthClose": _payload("monthClose", "closing errors", "closers"),
    "AccountMapReplace": _payload("accountMapReplace", "accountMap errors", "books"),
    "ExportCreate": _payload("exportCreate", "export errors", "files"),
    "ExportStart": _payload("exportStart", "exportJob errors", "files"),
    "ExportLink": _payload("exportLink", "url seconds errors", "bookkeeping"),
}  # fmt: skip
