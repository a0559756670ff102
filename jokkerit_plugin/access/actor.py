"""Who is asking."""

from dataclasses import dataclass

from ..policy.permissions import Permission, roles_of
from ..policy.roles import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or app of the shop with the permissions of this very request.

    `key` is `user:<id>`, `app:<id>` or `command:<name>`; `permissions` are code names, already
    narrowed by the token. A superuser's token carries all of them.
    """

    key: str
    permissions: frozenset[str]
    language: str = "en"

    @property
    def roles(self) -> list[Role]:
        """The roles that the permissions give, weakest first."""
        return roles_of(self.permissions)

    def may(self, permission: Permission) -> bool:
        """Tell whether the actor has a permission of ours."""
        return permission in self.permissions

    @property
    def is_person(self) -> bool:
        """Tell whether this is a user of the shop, rather than an app or a command."""
        return self.key.startswith("user:")


NOBODY = Actor("nobody", frozenset())
