"""The pages of the console, and whose menu they stand in. What they show, the guard decides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.http import QueryDict

from ... import clock
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

PAGES: dict[str, Page] = {
    page.name: page
    for page in (
        _page("customers", _R.STAFF, _R.CONTROLLER, group="people"),
        _page("customer", under="customers"),
        _page("month", _R.ACCOUNTING, _R.CONTROLLER, group="books", usual={"month": _last_month}),
        _page("agreement", *Role, group="register"),
        _page("logerrors", *_LOG, group="security", usual=_LAST_DAY),
        _page("errorlines", under="logerrors", usual=_LAST_DAY),
        _page("loglines", *_LOG, group="security", usual=_LAST_DAY),
        _page("logins", *_LOG, group="security", usual=_LAST_DAY),
        _page("incidents", *_LOG, group="security", usual={"input.reviewOn": _in_a_month}),
        _page("incident", under="incidents"),
        _page("logusage", _R.CONTROLLER, group="security", usual={"month": _last_month}),
        _page("usagelines", under="logusage", usual=_LAST_DAY),
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


def menu(roles: frozenset[str]) -> list[tuple[str, list[Page]]]:
    """Return the parts of the menu for people of these roles, each with its pages."""
    seen = [page for page in PAGES.values() if roles & {role.name for role in page.roles}]
    parts = ((group, [page for page in seen if page.group == group]) for group in GROUPS)
    return [(group, found) for group, found in parts if found]
