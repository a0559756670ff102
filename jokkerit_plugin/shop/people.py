"""Who works in the shop and who sends a request: keys and code names, and what they are called.

A key is `user:<id>` or `app:<id>`.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request. `permissions` are ours alone, as the token of this request has them."""

    key: str
    permissions: frozenset[str]
    language: str = "en"


NOBODY = Caller("nobody", frozenset())


@dataclass(frozen=True, slots=True)
class Holder:
    """A user or app with any of our permissions; a superuser has them all."""

    key: str
    permissions: frozenset[str]
    superuser: bool
    active: bool


@dataclass(frozen=True, slots=True)
class Door:
    """A user or app that reaches customers' data in the shop itself, past the guard.

    `through`: the shop's own permissions and events that show it, sorted.
    """

    key: str
    superuser: bool
    through: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """What a user of the staff or an app is called. Personal data of theirs: for no log."""

    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)


class People(Protocol):
    """The part of a shop's port that knows its staff and apps."""

    def actor(self, request: Any) -> Caller:
        """Return who sent an HTTP request, by the shop's own check of its Authorization header.

        Whatever is not a staff user or an app in good standing is `NOBODY`. Cookies and query
        parameters count for nothing.
        """
        ...

    def customer(self, request: Any) -> int | None:
        """Return the account whose own token came with a request, staff's too; None: no one's.

        Not a token that was lent to an app or to a page of the Dashboard.
        """
        ...

    def people(self) -> list[Holder]:
        """Return everybody who holds any of our permissions, by key; a few queries."""
        ...

    def named(self, keys: Collection[str]) -> dict[str, Named]:
        """Return by key what these are called who are staff now, or apps; two queries.

        Whoever is not, a customer above all, is missing.
        """
        ...

    def doors(self) -> list[Door]:
        """Return everybody active who reaches customers' data past the guard; a few queries."""
        ...

    def end_access(self, holder: str) -> None:
        """End what a user or app can do in the register, at once; nothing where there is none.

        A user's tokens end, and it leaves every group that holds a permission of ours, whatever
        else the group may do; of a superuser only the tokens end. An app is deactivated, its
        tokens and our permissions are gone.
        """
        ...


@runtime_checkable
class Administered(Protocol):
    """A shop in which our permissions are granted, for the set-up commands."""

    def set_up(self) -> list[str]:
        """Grant what the shop's administrators hand on; say what was done."""
        ...

    def take_down(self, *, really: bool) -> list[str]:
        """Remove all of ours from the shop's tables, or only count it; say what."""
        ...

    def manifest(self, language: str) -> dict[str, Any]:
        """Return the app by which our pages stand in the shop's Dashboard, as JSON has it."""
        ...

    def install_dashboard_app(self, language: str) -> list[str]:
        """Make that app, or bring it up to date; say what was done."""
        ...

    def remove_dashboard_app(self) -> list[str]:
        """Take it out again; say what was done."""
        ...
