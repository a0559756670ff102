"""A small GraphQL client for Saleor: one connection a thread, every error raised.

Saleor reports failures in three places: the HTTP status, the response's `errors`, and the
`errors` of each mutation. `call` and `mutate` raise `ShopError` for any of them, `post` for
none (kill tests want the answer as it came). Numbers with a point arrive as Decimal.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import requests

Json = dict[str, Any]
Argument = tuple[str, Any]

TIMEOUT_SECONDS = 60.0
# Saleor's access tokens live for five minutes unless JWT_TTL_ACCESS says otherwise.
TOKEN_SECONDS = 200.0


class ShopError(Exception):
    """The shop refused or failed. `codes` are Saleor's error codes, as far as it gave any."""

    def __init__(self, operation: str, errors: list[Json]) -> None:
        self.operation = operation
        self.errors = errors
        self.codes = [_code(error) for error in errors]
        told = "; ".join(f"{_code(e)} {e.get('field') or ''} {e.get('message')}" for e in errors)
        super().__init__(f"{operation}: {told}")


@dataclass(frozen=True)
class Answer:
    """One HTTP answer, untouched: `status` 0 means that no answer came, `text` then says why."""

    status: int
    text: str
    body: Json | None
    seconds: float

    def errors(self) -> list[Json]:
        """Every error in the answer, wherever Saleor put it."""
        if self.body is None:
            return [{"code": f"HTTP_{self.status}", "message": self.text[:500]}]
        found: list[Json] = list(self.body.get("errors") or [])
        for value in (self.body.get("data") or {}).values():
            if isinstance(value, dict):
                found += value.get("errors") or []
        return found


@dataclass(frozen=True)
class Login:
    email: str
    password: str


class Client:
    """Speaks to one shop as one actor: nobody, a person who logged in, or an app's token."""

    def __init__(
        self,
        url: str,
        token: str | None = None,
        login: Login | None = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self.url = url
        self.timeout = timeout
        self.login = login
        self._token = token
        self._token_until = 0.0
        self._renewing = threading.Lock()
        self._local = threading.local()

    def anonymous(self) -> Client:
        return Client(self.url, timeout=self.timeout)

    def as_person(self, email: str, password: str) -> Client:
        """Logs in at once, so that a wrong password shows here, and again before the token ends."""
        client = Client(self.url, login=Login(email, password), timeout=self.timeout)
        client.token()
        return client

    def as_app(self, token: str) -> Client:
        return Client(self.url, token=token, timeout=self.timeout)

    def call(self, query: str, variables: Json | None = None) -> Json:
        """The `data` of the answer; raises ShopError."""
        answer = self.post(query, variables)
        errors = answer.errors()
        if errors or answer.body is None:
            raise ShopError(_name(query), errors)
        data: Json = answer.body["data"]
        return data

    def mutate(self, field: str, select: str = "", **arguments: Argument) -> Json:
        """Runs one mutation: `mutate("orderCancel", "order { id }", id=("ID!", key))`."""
        query = mutation(field, select, {name: kind for name, (kind, _) in arguments.items()})
        data = self.call(query, {name: value for name, (_, value) in arguments.items()})
        result: Json = data[field]
        return result

    def offers(self, mutation: str) -> bool:
        """Does this version of Saleor have the mutation?"""
        fields = self.call("{ __schema { mutationType { fields { name } } } }")["__schema"]
        return any(field["name"] == mutation for field in fields["mutationType"]["fields"])

    def post(self, query: str, variables: Json | None = None) -> Answer:
        """One request, never raising for what the shop answers or for a broken connection."""
        began = time.monotonic()
        try:
            token = self.token()
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            response = self._session().post(
                self.url,
                json={"query": query, "variables": variables or {}},
                headers=headers,
                timeout=self.timeout,
            )
        except ShopError as error:  # the login failed
            return Answer(0, str(error), {"errors": error.errors}, time.monotonic() - began)
        except requests.RequestException as error:
            return Answer(0, f"{type(error).__name__}: {error}", None, time.monotonic() - began)
        seconds = time.monotonic() - began
        return Answer(response.status_code, response.text, _json(response), seconds)

    def token(self) -> str | None:
        if self.login is None:
            return self._token
        with self._renewing:
            if time.monotonic() >= self._token_until:
                self._token = self._log_in(self.login)
                self._token_until = time.monotonic() + TOKEN_SECONDS
            return self._token

    def _log_in(self, login: Login) -> str:
        created = self.anonymous().mutate(
            "tokenCreate",
            "token",
            email=("String!", login.email),
            password=("String!", login.password),
        )
        return str(created["token"])

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.trust_env = False  # no proxy between us and a shop on this machine
        return session


def mutation(field: str, select: str, kinds: dict[str, str]) -> str:
    """The text of a mutation whose variables have its arguments' names."""
    heads = ", ".join(f"${name}: {kind}" for name, kind in kinds.items())
    passed = ", ".join(f"{name}: ${name}" for name in kinds)
    return (
        f"mutation {field}{f'({heads})' if heads else ''} {{ "
        f"{field}{f'({passed})' if passed else ''} "
        f"{{ {select} errors {{ field message code }} }} }}"
    )


def _json(response: requests.Response) -> Json | None:
    try:
        body = response.json(parse_float=Decimal)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _code(error: Json) -> str:
    exception = (error.get("extensions") or {}).get("exception") or {}
    return str(error.get("code") or exception.get("code") or "UNKNOWN")


def _name(query: str) -> str:
    words = query.replace("(", " ").replace("{", " ").split()
    return " ".join(words[:2])
