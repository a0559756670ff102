"""Lines of the site log, and what holds them."""

from ..categories import FREE
from .terms import LOG, PURCHASE, Claims, each

_LINE = {
    **each(LOG, "at address agent method path status size duration referer"),
    **each(FREE, "saleor_user checkout customer"),
}

CLAIMS: Claims = {
    # Of people: where, when and with what they looked. Counted lines name nobody.
    "SiteLine": {**_LINE, "id": FREE},
    "IncidentLine": {**_LINE, **each(FREE, "id incident line")},
    "BilledLine": {
        **each(FREE, "id purchase voucher line"),
        **each(LOG | PURCHASE, "at method path status size duration"),
    },
    "Incident": {
        **each(FREE, "id purpose reason since until customer opened_at opened_by review_on"),
        **each(FREE, "closed_at closed_by"),
        **each(LOG, "address path"),
    },
    "LogFile": each(FREE, "id name head tail inode position inside seen_at"),
    "RefusedLines": each(FREE, "id day reason count example"),
    "SignedCall": each(FREE, "digest who at"),
}
