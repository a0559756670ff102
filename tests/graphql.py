"""Requests to the register's GraphQL: who sends them, and what comes back."""

import json
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import RequestFactory

from jokkerit_plugin import clock
from jokkerit_plugin.access import grants
from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.models import Member, Recipient, Signature
from jokkerit_plugin.policy.permissions import Permission
from jokkerit_plugin.shop.people import NOBODY, Caller, Holder, Named
from jokkerit_plugin.web import routes
from tests.authorisation import codes
from tests.paper_shop import PaperShop
from tests.people import sign

HOME = "/plugins/jokkerit.register/"
PATH = f"{HOME}graphql/"

#: Token to whom the shop's own check finds behind it; any other token is nobody's.
PEOPLE = {
    "controller": Caller("user:1", frozenset({Permission.MANAGE_PRIVACY})),
    "staff": Caller("user:2", frozenset({Permission.VIEW_REGISTER})),
    "manager": Caller("user:11", frozenset({Permission.MANAGE_REGISTER})),
    "accountant": Caller("user:3", frozenset({Permission.VIEW_ACCOUNTING})),
    "maintainer": Caller("user:4", frozenset({Permission.VIEW_SITE_LOG})),
    "granted": Caller("user:8", frozenset({Permission.VIEW_SITE_LOG})),
    "firmless": Caller("user:9", frozenset({Permission.VIEW_ACCOUNTING})),
    "superuser": Caller("user:10", frozenset({*Permission})),
    "app": Caller("app:5", frozenset({Permission.VIEW_ACCOUNTING})),
    "no role": Caller("user:6", frozenset()),
    "lapsed": Caller("user:7", frozenset({*Permission})),
}


class House:
    """A paper shop whose people send requests."""

    def __init__(self, shop: PaperShop) -> None:
        self.shop = shop
        self.people = dict(PEOPLE)
        shop.port.actor = self._actor  # type: ignore[method-assign]
        shop.port.people = self._holders  # type: ignore[method-assign]
        shop.port.names = {
            one.key: Named(f"Test {token.title()}", f"{token}@shop.example")
            for token, one in PEOPLE.items()
        }
        #: Accounts of customers, by token: they are nobody to the guard.
        self.customers = {"customer": 12}
        shop.port.customer = self._customer  # type: ignore[method-assign]

    def _actor(self, request: Any) -> Caller:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return self.people.get(token, NOBODY) if scheme == "Bearer" else NOBODY

    def _customer(self, request: Any) -> int | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        kind, _, key = self._actor(request).key.partition(":")
        if scheme == "Bearer" and token in self.customers:
            return self.customers[token]
        return int(key) if kind == "user" else None

    def _holders(self) -> list[Holder]:
        return [
            Holder(one.key, one.permissions, superuser=False, active=True)
            for one in self.people.values()
            if one.permissions
        ]

    def everybody_signs(self) -> None:
        """Let all in whom their role lets in; the agreement of `lapsed` has run out."""
        controller = Actor.of(self.people["controller"])
        signers = [
            caller for caller in self.people.values()
            if (caller.key.startswith("user:") and caller.permissions) or caller.key == "app:5"
        ]  # fmt: skip
        sign(*map(Actor.of, signers))
        ago = [clock.now() - timedelta(days=days) for days in (2, 1)]
        Signature.objects.filter(signer="user:7").update(signed_at=ago[0], expires_at=ago[1])
        until = clock.now() + timedelta(days=1)
        grants.give("user:8", reason="ticket 12", until=until, actor=controller)
        firm = Recipient.objects.create(
            kind=Recipient.Kind.BOOKKEEPING, name="Tilit Oy", country="FI", registered_by="user:1",
            agreement_signed_on="2026-01-01", confidentiality_signed_on="2026-01-01",
        )  # fmt: skip
        Member.objects.create(holder="user:3", recipient=firm, added_by="user:1")
        Member.objects.create(
            holder="app:5", recipient=firm, responsible="user:3", added_by="user:1"
        )

    def post(self, body: Any, token: str = "", **headers: str) -> HttpResponse:
        """Send a body (text as it is, anything else as JSON)."""
        given = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        content_type = headers.pop("content_type", "application/json")
        request = RequestFactory().post(PATH, text, content_type=content_type, **given, **headers)
        return routes.serve(request, "graphql/", active=True)

    def fetch(self, number: int, token: str = "", query: str = "", **headers: str) -> Any:
        """Get a file, by a token or by a query that holds a link."""
        given = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
        path = f"downloads/{number}/"
        request = RequestFactory().get(f"{HOME}{path}?{query}", **given, **headers)
        return routes.serve(request, path, active=True)

    def get(self, path: str, token: str = "", method: str = "get") -> Any:
        """Ask for a page."""
        given = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
        request = getattr(RequestFactory(), method)(f"{HOME}{path}", **given)
        return routes.serve(request, path.partition("?")[0], active=True)

    def look(self, view: str, token: str = "", body: Any = None, **headers: str) -> Any:
        """Ask for a file or page of the site log."""
        given = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
        path = f"site-log/{view}/"
        text = body if isinstance(body, bytes) else json.dumps(body or {})
        request = RequestFactory().post(
            f"{HOME}{path}", text, content_type="application/json", **given, **headers
        )
        return routes.serve(request, path, active=True)

    def ask(self, query: str, token: str = "staff", **variables: Any) -> dict[str, Any]:
        """Send a query and return the answer's JSON."""
        found: dict[str, Any] = json.loads(
            self.post({"query": query, "variables": variables}, token).content
        )
        return found

    def codes(self, query: str, token: str = "staff", **variables: Any) -> set[str]:
        """Send a query and return the codes of its errors."""
        return codes(self.ask(query, token, **variables))
