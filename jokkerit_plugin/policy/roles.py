"""Who may use which category for which purpose. What is not listed is refused."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from .categories import Category
from .purposes import Purpose
from .recipients import DISCLOSURES, RecipientKind

C, P = Category, Purpose


class Role(StrEnum):
    """Register description, "access": staff, accounting firm, developers and maintainers.

    The controller's own people decide on agreements, retention and disclosures.
    """

    STAFF = "staff"
    ACCOUNTING = "accounting_firm"
    MAINTAINER = "maintainer"
    CONTROLLER = "controller"


Allowed = Mapping[Purpose, frozenset[Category]]

_CONTACT = frozenset({C.NAME, C.POSTAL, C.EMAIL, C.PHONE})
_SALE = _CONTACT | {C.PURCHASE}
_VOUCHER = frozenset({C.NAME, C.POSTAL, C.PURCHASE})
_LOG = frozenset({C.LOG})

_STAFF: dict[Purpose, frozenset[Category]] = {
    P.DELIVERY: _SALE,
    P.SERVICE: _SALE,
    P.COMMUNICATION: _SALE,
    P.INVOICING: _SALE,
    P.COLLECTION: _SALE,
    P.CLAIMS: _SALE,
    P.MARKETING: _SALE,
    P.BOOKKEEPING: _VOUCHER,
    P.RIGHTS: _SALE,
}

#: The accounting firm sees name and address as they stand on vouchers, and no phone, site log
#: or marketing data. Maintainers see the log; a customer's data only by a grant (`GRANTED`).
ALLOWED: dict[Role, Allowed] = {
    Role.STAFF: _STAFF,
    Role.ACCOUNTING: {P.BOOKKEEPING: _VOUCHER, P.INVOICING: _VOUCHER},
    Role.MAINTAINER: {P.SECURITY: _LOG, P.ERROR_FIXING: _LOG},
    Role.CONTROLLER: {
        **_STAFF,
        P.SECURITY: _LOG,
        P.ERROR_FIXING: _LOG,
        P.LOG_BILLING: _LOG | {C.NAME, C.PURCHASE},
    },
}

#: What a time-boxed, reasoned grant adds to a role, and how long one may last.
GRANTED: dict[Role, Allowed] = {Role.MAINTAINER: {P.ERROR_FIXING: _SALE | _LOG}}
GRANT_LONGEST = timedelta(days=7)

#: Roles for those alone who act for a registered recipient of this kind.
MEMBERS_ONLY: dict[Role, RecipientKind] = {Role.ACCOUNTING: RecipientKind.BOOKKEEPING}

#: The most that whoever acts for a recipient may do, whatever permissions they were given.
ACTING_FOR: dict[RecipientKind, Allowed] = {
    kind: {purpose: categories} for kind, (purpose, categories) in DISCLOSURES.items()
} | {RecipientKind.BOOKKEEPING: ALLOWED[Role.ACCOUNTING]}


def allowed(
    role: Role, purpose: Purpose, *, granted: bool = False, acting: RecipientKind | None = None
) -> frozenset[Category]:
    """Return the categories that `role` may use for `purpose`; empty: none, so refuse.

    `granted`: a grant is in force. `acting`: the kind of recipient that the actor works for.
    """
    own = ALLOWED[role].get(purpose, frozenset())
    if granted:
        own |= GRANTED.get(role, {}).get(purpose, frozenset())
    return own & ACTING_FOR[acting].get(purpose, frozenset()) if acting else own


#: For what each role looks when it does not say.
USUAL: dict[Role, Purpose] = {
    Role.STAFF: P.SERVICE,
    Role.ACCOUNTING: P.BOOKKEEPING,
    Role.MAINTAINER: P.ERROR_FIXING,
    Role.CONTROLLER: P.SERVICE,
}
