"""Staff, groups, apps and their tokens in a Saleor of this process, and questions in their name."""

from __future__ import annotations

import json
from typing import Any

GRAPHQL = "/graphql/"


def permission(codename: str) -> Any:
    """The row of a permission, ours or Saleor's."""
    from saleor.permission.models import Permission

    return Permission.objects.get(codename=codename)


def group(name: str, *codenames: str) -> Any:
    """A group that holds these permissions."""
    from saleor.account.models import Group

    made = Group.objects.create(name=name)
    made.permissions.add(*(permission(one) for one in codenames))
    return made


def user(name: str, *codenames: str, **fields: Any) -> Any:
    """A staff user, in a group of these permissions if any are named."""
    from saleor.account.models import User

    made = User(email=f"{name}@example.com", **{"is_staff": True, **fields})
    made.set_password("secret-of-tests")
    made.save()
    if codenames:
        made.groups.add(group(f"group of {name}", *codenames))
    return made


def app(name: str, *codenames: str, **fields: Any) -> tuple[Any, str]:
    """An installed app with these permissions, and its token."""
    from saleor.app.models import App, AppToken

    made = App.objects.create(name=name, is_installed=True, **fields)
    made.permissions.add(*(permission(one) for one in codenames))
    _, token = AppToken.objects.create(app=made, name="test")
    return made, token


def token_of(person: Any, **more: Any) -> str:
    """An access token as tokenCreate makes it."""
    from saleor.core.jwt import create_access_token

    return str(create_access_token(person, more or None))


def graphql(bearer: str | None, query: str, /, **variables: object) -> dict[str, Any]:
    """The whole answer of Saleor's API: data and errors."""
    from django.test import Client

    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    answer = Client().post(
        GRAPHQL,
        json.dumps({"query": query, "variables": variables}),
        content_type="application/json",
        headers=headers,
    )
    return dict(answer.json())


def data(bearer: str | None, query: str, /, **variables: object) -> dict[str, Any]:
    """The answer's data; fails on any error."""
    body = graphql(bearer, query, **variables)
    assert "errors" not in body, body
    return dict(body["data"])
