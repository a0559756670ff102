"""Who works in the recorded shop, and how they sign in: for the console of the demo alone.

A shop has Saleor's staff and tokens. Here everybody has one password, which the demo prints.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from typing import Any

from django.http import HttpRequest, JsonResponse

from jokkerit_plugin.policy.permissions import Permission
from jokkerit_plugin.shop.people import NOBODY, Caller, Holder, Named
from jokkerit_plugin.shop.recorded import RecordedShop

#: It opens invented data, on this machine alone.
PASSWORD = "demo"
#: By the first half of the e-mail: what they are called, and what they may.
STAFF: dict[str, tuple[str, Caller]] = {
    "controller": ("Riitta Rinne", Caller("user:9001", frozenset({Permission.MANAGE_PRIVACY}))),
    "staff": ("Sami Salo", Caller("user:9002", frozenset({Permission.MANAGE_REGISTER}))),
    "accountant": ("Tiina Tikka", Caller("user:9003", frozenset({Permission.VIEW_ACCOUNTING}))),
    "maintainer": ("Matti Maja", Caller("user:9004", frozenset({Permission.VIEW_SITE_LOG}))),
}
_TOKENS = {secrets.token_urlsafe(): name for name in STAFF}


class StaffedShop(RecordedShop):
    """A recorded shop with staff."""

    def actor(self, request: Any) -> Caller:
        """Look at the Authorization header alone, as Saleor's port does."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        found = STAFF.get(_TOKENS.get(token, "")) if scheme == "Bearer" else None
        return found[1] if found else NOBODY

    def people(self) -> list[Holder]:
        return [
            Holder(one.key, one.permissions, superuser=False, active=True)
            for _, one in STAFF.values()
        ]

    def named(self, keys: Collection[str]) -> dict[str, Named]:
        return {
            one.key: Named(name, f"{first}@example.com")
            for first, (name, one) in STAFF.items()
            if one.key in keys
        }


def sign_in(request: HttpRequest) -> JsonResponse:
    """Answer what the console asks of Saleor: `tokenCreate`, `tokenRefresh`, other log-ins."""
    given = json.loads(request.body).get("variables")
    if given is None:
        return JsonResponse({"data": {"shop": {"availableExternalAuthentications": []}}})
    if "t" in given:
        token = given["t"] if given["t"] in _TOKENS else ""
    else:
        known = given["e"].removesuffix("@example.com") if given.get("p") == PASSWORD else ""
        token = next((one for one, name in _TOKENS.items() if name == known), "")
    made = {"token": token, "refreshToken": token} if token else None
    return JsonResponse({"data": {"tokenRefresh" if "t" in given else "tokenCreate": made}})
