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
    #: Shown in a card of the Dashboard: no menu, and its links lead to whole pages there.
    small: bool = False
    #: The page of the customer whom its document finds, which is shown in its place.
    leads: str = ""
    #: What its variables are where the address does not say.
    usual: Mapping[str, Callable[[], str]] = field(default_factory=dict)


def _page(name: str, *roles: Role, group: str = "", **more: Any) -> Page:
    return Page(name, frozenset(roles), group, **more)


def _last_month() -> str:
    return (clock.today().replace(day=1) - timedelta(days=1)).strftime("%Y-%m")


def _yesterday() -> str:
    return f"{clock.now().astimezone(clock.HELSINKI) - timedelta(days=1):%Y-%m-%dT%H:%M}"


def _in_a_month() -> str:
    return (clock.today() + timedelta(days=30)).isoformat()


_LOG = (_R.MAINTAINER, _R.CONTROLLER)
_LAST_DAY = {"filter.at.gte": _yesterday}


def _last_day() -> str:
    return (clock.today().replace(day=1) - timedelta(days=1)).isoformat()


_BOOKS = (_R.ACCOUNTING, _R.CONTROLLER)
_BREACH = {"language": lambda: "FI", "told": lambda: "NO_ADDRESS"}


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
        _page("marketing", _R.STAFF, _R.CONTROLLER, group="marketing"),
        _page("audience", _R.STAFF, _R.CONTROLLER, group="marketing"),
        _page("optouts", _R.CONTROLLER, group="marketing"),
        _page("optout", under="optouts"),
        _page("month", *_BOOKS, group="books", usual={"month": _last_month}),
        _page("vat", under="month", usual={"period.month": _last_month}),
        _page("tie", under="month", usual={"period.month": _last_month}),
        _page("openitems", *_BOOKS, group="books", usual={"on": _last_day}),
        _page("vouchers", *_BOOKS, group="books"),
        _page("voucher", under="vouchers"),
        _page("files", *_BOOKS, group="books", usual={"month": _last_month}),
        _page("closings", *_BOOKS, group="books", usual={"first": lambda: "12"}),
        _page("accounts", *_BOOKS, group="books"),
        _page("start", _R.CONTROLLER, group="register"),
        _page("description", _R.CONTROLLER, group="register", usual={"language": lambda: "FI"}),
        _page("version", under="description", usual={"language": lambda: "FI"}),
        _page("retention", _R.CONTROLLER, group="register"),
        _page("months", under="retention"),
        _page("erasures", under="retention"),
        _page("certificates", under="retention"),
        _page("stale", under="retention"),
        _page("recipients", _R.CONTROLLER, group="register", usual={"first": lambda: "50"}),
        _page("disclosures", _R.CONTROLLER, group="register"),
        _page("transfers", under="recipients"),
        _page("agreement", *Role, group="register"),
        _page("signatures", _R.CONTROLLER, group="register"),
        _page("logerrors", *_LOG, group="security", usual=_LAST_DAY),
        _page("errorlines", under="logerrors", usual=_LAST_DAY),
        _page("loglines", *_LOG, group="security", usual=_LAST_DAY),
        _page("logins", *_LOG, group="security", usual=_LAST_DAY),
        _page("incidents", *_LOG, group="security", usual={"reviewOn": _in_a_month}),
        _page("incident", under="incidents"),
        _page("logusage", _R.CONTROLLER, group="security", usual={"month": _last_month}),
        _page("usagelines", under="logusage", usual=_LAST_DAY),
        _page("settings", _R.CONTROLLER, group="register"),
        _page("team", _R.CONTROLLER, group="security"),
        _page("access", _R.CONTROLLER, group="security"),
        _page("breaches", _R.CONTROLLER, group="security"),
        _page("breach", under="breaches", usual=_BREACH),
        _page("breachreport", under="breaches"),
        # Where the Dashboard leads to with its own ids, and its cards.
        _page("open", under="customers", leads="customer"),
        _page("card", small=True),
        _page("brief", small=True, usual={"month": _last_month}),
    )
}

#: The parts of the menu, in order.
GROUPS = ("people", "marketing", "books", "register", "security")
#: Where each role begins; who has several, with the first of these.
STARTS = (
    (_R.CONTROLLER, "customers"),
    (_R.STAFF, "customers"),
    (_R.ACCOUNTING, "month"),
    (_R.MAINTAINER, "logerrors"),
)
#: Where the controller begins while something of it is to be done.
FIRST_HOUR = "start"
#: What stands in for a page while something is missing, and where nothing else is to be seen.
AGREEMENT = "agreement"


def start(roles: frozenset[str]) -> str:
    """Return the page that people of these roles (as the API names them) begin with."""
    return next((page for role, page in STARTS if role.name in roles), AGREEMENT)


def given(page: Page, asked: QueryDict) -> QueryDict:
    """Return what an address asks of a page, with what is usual where it does not say."""
    found = asked.copy()
    said = {name.partition(".")[0] for name in asked}
    for name, value in page.usual.items():
        # Of an input's fields none is added to those that were given.
        if name.partition(".")[0] not in said:
            found[name] = value()
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
