"""The plugin's address and a log-in like the shop's, for a browser, with the tests' tokens."""

import json

from django.http import HttpRequest, JsonResponse
from django.urls import path, re_path

from jokkerit_plugin.web import routes
from tests import frames
from tests.graphql import PEOPLE

#: The password that signs anybody in, by their name as the e-mail's first half.
PASSWORD = "only-for-tests"
#: The token of somebody, where it is another than their name.
TOKENS: dict[str, str] = {}
#: The shop's other ways to sign in, as Saleor lists them.
OTHERS: list[dict[str, str]] = []


def _shop(request: HttpRequest) -> JsonResponse:
    """Answer Saleor's `tokenCreate` and `tokenRefresh`: "staff@example.com" gets "staff"."""
    given = json.loads(request.body).get("variables")
    if given is None:
        return JsonResponse({"data": {"shop": {"availableExternalAuthentications": OTHERS}}})
    name = (given["t"] if "t" in given else given["e"].partition("@")[0]).replace("-", " ")
    known = name in PEOPLE and given.get("p", PASSWORD) == PASSWORD
    made = {"token": TOKENS.get(name, name), "refreshToken": name} if known else None
    return JsonResponse({"data": {"tokenRefresh" if "t" in given else "tokenCreate": made}})


urlpatterns = [
    path("graphql/", _shop),
    path("dashboard/", frames.served),
    re_path(r"^plugins/jokkerit\.register/(?P<path>.*)$", routes.serve, {"active": True}),
]
