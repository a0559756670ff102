"""The pages of the console, and whose menu they stand in. What they show, the guard decides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.http import QueryDict

from ... import clock
from ...policy.permissions import CHANGERS, Permission
from ...policy.roles import Role

_R = Role


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `name` is its address, document, template and part of the words."""

    name: str
    #: Whose menu shows it.
    roles: frozenset[Role]
    #: The part of the menu that it stands in: a word of data/console/common.toml.
    group: str = ""
    #: The page of the menu that it belongs to, when it is reached from there alone.
    under: str = ""
    #: Permissions of which one is needed besides, where a role is not enough.
    needs: tuple[Permission, ...] = ()
    #: What its variables are where the address does not say.
    usual: Mapping[str, Callable[[], str]] = field(default_factory=dict)


def _page(name: str, *roles: Role, group: str = "", **more: Any) -> Page:
    return Page(name, frozenset(roles), group, **more)


def _last_month() -> str:
    return (clock.today().replace(day=1) - timedelta(days=1)).strftime("%Y-%m")


PAGES: dict[str, Page] = {
    page.name: page
    for page in (
        _page("customers", _R.STAFF, _R.CONTROLLER, group="people"),
        _page("customer", under="customers"),
        _page("rectify", under="customers"),
        _page("choices", under="customers"),
        _page("hold", under="customers"),
        _page("purchase", under="customers"),
        _page("trail", under="customers"),
        _page("ask", under="customers"),
        _page("requests", _R.STAFF, _R.CONTROLLER, group="people", needs=CHANGERS),
        _page("request", under="requests"),
        _page("prove", under="requests"),
        _page("corrections", _R.STAFF, _R.CONTROLLER, group="people", needs=CHANGERS),
        _page("holds", _R.STAFF, _R.CONTROLLER, group="people"),
        _page("month", _R.ACCOUNTING, _R.CONTROLLER, group="books", usual={"month": _last_month}),
        _page("agreement", *Role, group="register"),
        _page("signatures", _R.CONTROLLER, group="register"),
        _page("breaches", _R.CONTROLLER, group="security"),
        _page("breach", under="breaches", usual={"language": lambda: "FI"}),
        _page("breachreport", under="breaches"),
    )
}

#: The parts of the menu, in order.
GROUPS = ("people", "marketing", "books", "register", "security")
#: Where each role begins; who has several, with the first of these.
STARTS = (
    (_R.CONTROLLER, "customers"),
    (_R.STAFF, "customers"),
    (_R.ACCOUNTING, "month"),
)
#: What stands in for a page while something is missing, and where nothing else is to be seen.
AGREEMENT = "agreement"


def start(roles: frozenset[str]) -> str:
    """Return the page that people of these roles (as the API names them) begin with."""
    return next((page for role, page in STARTS if role.name in roles), AGREEMENT)


def given(page: Page, asked: QueryDict) -> QueryDict:
    """Return what an address asks of a page, with what is usual where it does not say."""
    found = asked.copy()
    for name, value in page.usual.items():
        found.setdefault(name, value())
    return found


def standing(me: Mapping[str, Any]) -> dict[str, bool]:
    """Return what the one who asks is, for documents and templates: variables of these names.

    `controller`: answers for the register; `changer`: may change what is held of customers.
    """
    return {
        "controller": Role.CONTROLLER.name in me["roles"],
        "changer": _has(me, CHANGERS),
    }


def menu(me: Mapping[str, Any]) -> list[tuple[str, list[Page]]]:
    """Return the parts of the menu for the one who asks, each with its pages."""
    roles = set(me["roles"])
    seen = [
        page for page in PAGES.values()
        if roles & {role.name for role in page.roles} and (not page.needs or _has(me, page.needs))
    ]  # fmt: skip
    parts = ((group, [page for page in seen if page.group == group]) for group in GROUPS)
    return [(group, found) for group, found in parts if found]


def _has(me: Mapping[str, Any], permissions: tuple[Permission, ...]) -> bool:
    return any(one.upper() in me["permissions"] for one in permissions)
