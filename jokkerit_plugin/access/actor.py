"""Who is asking."""

import re
from dataclasses import dataclass

from ..policy.permissions import Permission, roles_of
from ..policy.roles import Role
from ..shop.people import Caller

_KEY = re.compile(r"(user|app):[1-9][0-9]{0,17}")


def is_key(text: str, *kinds: str) -> bool:
    """Tell whether this is a key as the shop writes them, of a user or app: `user:12`, `app:3`.

    `kinds`: `user`, `app`. Whatever else it may look like (`user:012`) is nobody's.
    """
    return bool(_KEY.fullmatch(text)) and text.partition(":")[0] in kinds


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or app of the shop with the permissions of this very request.

    `key` is `user:<id>`, `app:<id>` or `command:<name>`; `permissions` are code names, already
    narrowed by the token. A superuser's token carries all of them.
    """

    key: str
    permissions: frozenset[str]
    language: str = "en"

    @classmethod
    def of(cls, caller: Caller) -> "Actor":
        """Return the actor that a shop's port found behind a request."""
        return cls(caller.key, caller.permissions, caller.language)

    @property
    def roles(self) -> list[Role]:
        """The roles that the permissions give, weakest first; an app is no controller."""
        found = roles_of(self.permissions)
        return [one for one in found if self.is_person or one is not Role.CONTROLLER]

    def may(self, permission: Permission) -> bool:
        """Tell whether the actor has a permission of ours."""
        return permission in self.permissions

    @property
    def is_person(self) -> bool:
        """Tell whether this is a user of the shop, rather than an app or a command."""
        return self.key.startswith("user:")

    @property
    def is_command(self) -> bool:
        """Tell whether this is a command, of whoever has the server; no request makes one."""
        return self.key.startswith("command:")

    @property
    def is_controller(self) -> bool:
        """Tell whether this is one of the controller's own people; an app never is."""
        return self.is_person and self.may(Permission.MANAGE_PRIVACY)


NOBODY = Actor("nobody", frozenset())
