"""The five permissions that a shop's administrator grants, and the roles they give."""

from enum import StrEnum

from .roles import Role


class Permission(StrEnum):
    """Code names; prefixed, since Saleor looks permissions up by code name alone."""

    VIEW_REGISTER = "jokkerit_view_register"
    MANAGE_REGISTER = "jokkerit_manage_register"
    VIEW_ACCOUNTING = "jokkerit_view_accounting"
    VIEW_SITE_LOG = "jokkerit_view_site_log"
    MANAGE_PRIVACY = "jokkerit_manage_privacy"


#: Weakest role first: a use is logged under the first role that allows it.
ROLES: dict[Role, frozenset[Permission]] = {
    Role.ACCOUNTING: frozenset({Permission.VIEW_ACCOUNTING}),
    Role.MAINTAINER: frozenset({Permission.VIEW_SITE_LOG}),
    Role.STAFF: frozenset({Permission.VIEW_REGISTER, Permission.MANAGE_REGISTER}),
    Role.CONTROLLER: frozenset({Permission.MANAGE_PRIVACY}),
}

#: Who may close a month, any one of them.
CLOSERS = (Permission.VIEW_ACCOUNTING, Permission.MANAGE_PRIVACY)

#: Who may change what is held of customers (debts, holds); who may only see it may not.
CHANGERS = (Permission.MANAGE_REGISTER, Permission.MANAGE_PRIVACY)

#: Who may have data put together for a third party.
GIVERS = (Permission.VIEW_ACCOUNTING, *CHANGERS)

#: What each permission is called in the Dashboard.
TITLES: dict[Permission, str] = {
    Permission.VIEW_REGISTER: "Jokkerit Register: see customers and purchases.",
    Permission.MANAGE_REGISTER: "Jokkerit Register: correct and manage customers.",
    Permission.VIEW_ACCOUNTING: "Jokkerit Register: see purchase and VAT data (accounting firm).",
    Permission.VIEW_SITE_LOG: "Jokkerit Register: see the site log (maintainers).",
    Permission.MANAGE_PRIVACY: "Jokkerit Register: agreements, retention, disclosures.",
}


def roles_of(permissions: frozenset[str]) -> list[Role]:
    """Return the roles that these code names give, weakest first."""
    return [role for role, needed in ROLES.items() if not needed.isdisjoint(permissions)]
