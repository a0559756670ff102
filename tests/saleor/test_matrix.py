"""The authorisation matrix by real tokens of Saleor: who must be kept out of every field and path.

What is open to whom is walked on paper (tests/test_authorisation.py); there a token stands for
somebody. Here Saleor's own check finds who, and every closed door of the same table is tried.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests import authorisation
from tests.saleor import rows
from tests.saleor.staff import app, token_of, user

pytest_plugins = ("tests.saleor.fixtures_inside",)

HOME = "/plugins/jokkerit.register/"
OURS = (
    "jokkerit_view_register", "jokkerit_manage_register", "jokkerit_view_accounting",
    "jokkerit_view_site_log", "jokkerit_manage_privacy",
)  # fmt: skip


def customer() -> str:
    return token_of(user("customer", is_staff=False))


def expired() -> str:
    from saleor.core.jwt import jwt_encode, jwt_user_payload

    return str(jwt_encode(jwt_user_payload(user("late", *OURS), "access", timedelta(seconds=-1))))


def nobody() -> str:
    return ""


def no_role() -> str:
    return token_of(user("no-role", "manage_orders"))


def lapsed() -> str:
    """Has every permission; the agreement has run out."""
    from jokkerit_plugin import clock
    from jokkerit_plugin.models import Signature

    person = user("lapsed", *OURS)
    _signs(f"user:{person.pk}")
    ago = [clock.now() - timedelta(days=days) for days in (2, 1)]
    Signature.objects.update(signed_at=ago[0], expires_at=ago[1])
    return token_of(person)


def machine() -> str:
    """An app that acts for a registered firm of bookkeepers, with the firm's permission."""
    from jokkerit_plugin.models import Member, Recipient

    made, token = app("Netvisor", "jokkerit_view_accounting")
    clerk = f"user:{user('clerk', 'jokkerit_view_accounting').pk}"
    firm = Recipient.objects.create(
        kind=Recipient.Kind.BOOKKEEPING, name="Tilit Oy", country="FI", registered_by=clerk,
        agreement_signed_on="2026-01-01", confidentiality_signed_on="2026-01-01",
    )  # fmt: skip
    Member.objects.create(
        holder=f"app:{made.pk}", recipient=firm, responsible=clerk, added_by=clerk
    )
    _signs(clerk, f"app:{made.pk}")
    return token


def _signs(*keys: str) -> None:
    from jokkerit_plugin.access.actor import Actor
    from tests.people import sign

    sign(*(Actor(key, frozenset(OURS)) for key in keys))


WHO: dict[str, Callable[[], str]] = {
    "customer": customer, "expired": expired, "nobody": nobody, "no_role": no_role,
    "lapsed": lapsed, "app": machine,
}  # fmt: skip


#: What stands in a path where there is nothing of this kind.
NOTHING = {"<id>": "1", "<form>": "json", "<token>": "x", "<view>": "errors.csv",
           "<page>": "customers", "<asset>": f"pages.{'0' * 16}.css",
           "<probe>": "ready"}  # fmt: skip


#: What is asked by POST.
POSTED = {"graphql", "may-contact", "site-log", "site-log/<view>"}


def send(token: str, path: str, query: str | None = None) -> Any:
    from django.test import RequestFactory

    from jokkerit_plugin.web import routes

    headers = {"Authorization": f"Bearer {token}"} if token else {}
    factory = RequestFactory(headers=headers)
    request = factory.get(HOME + path, {"channel": "email"} if path == "audience/" else None)
    if query is not None:
        body = json.dumps({"query": query})
        request = factory.post(HOME + path, body, content_type="application/json")
    return routes.serve(request, path, active=True)


@pytest.fixture
def purchase(inside: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of a purchase in the register; rows of the log need no commit of their own here."""
    from django.db import transaction

    from jokkerit_plugin.config import Config
    from jokkerit_plugin.models import Purchase
    from jokkerit_plugin.register import intake
    from jokkerit_plugin.shop.port import shop
    from jokkerit_plugin.shop.snapshots import Kind
    from jokkerit_plugin.web.schema.base import to_global_id

    real = transaction.atomic
    monkeypatch.setattr(transaction, "atomic", lambda using=None, **_: real(using))
    order = rows.order(status="unfulfilled")
    rows.line(order, "10", "12.55")
    port = shop()
    with port.writer():
        intake.apply([(Kind.ORDER, str(order.pk))], port=port, config=Config(active=True))
    return to_global_id("RegisterPurchase", Purchase.objects.get(saleor_order=order.pk).pk)


@pytest.mark.promise("P-ACCESS-STAFF", "P-ACCESS-ACCOUNTING", "P-AGREEMENT", breaks=True)
@pytest.mark.parametrize("who", WHO)
def test_every_closed_door_stays_closed_to_a_real_token(purchase: str, who: str) -> None:
    from graphql import GraphQLObjectType, get_named_type

    from jokkerit_plugin.web.schema import SCHEMA

    token, wrong = WHO[who](), list[str]()
    types = SCHEMA.get_type_map()
    someone = "UmVnaXN0ZXJDdXN0b21lcjox"
    for kind in authorisation.TYPES:

        def nested(field: str, kind: str = kind) -> bool:
            named = get_named_type(types[kind].fields[field].type)
            return isinstance(named, GraphQLObjectType)

        for door, fields in authorisation.asked(kind):
            code = authorisation.expected(door, who)
            if code == "ok":
                continue
            query = authorisation.query(kind, fields, nested)
            for name, key in (
                ("customer", someone), ("debtor", someone), ("purchase", purchase),
                ("request", "UmVnaXN0ZXJSZXF1ZXN0OjE="),
                ("correction", "UmVnaXN0ZXJDb3JyZWN0aW9uOjE="),
            ):  # fmt: skip
                query = query.replace(f"%({name})s", key)
            answer = json.loads(send(token, "graphql/", query).content)
            if (found := authorisation.codes(answer)) != {code}:
                wrong.append(f"{kind} {fields}: {found or 'ok'}, not {code}")
    assert wrong == []


@pytest.mark.parametrize("who", WHO)
def test_every_path_by_a_real_token(
    purchase: str, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.cache import cache

    # Others asked before: the pages count how often.
    cache.clear()
    monkeypatch.setenv("JOKKERIT_KEYS", f"2026:{'ab' * 32}")
    monkeypatch.setenv("JOKKERIT_MONITORS", f"watch:{'cd' * 32}")
    token = WHO[who]()
    wrong = []
    for path, statuses in authorisation.PATHS.items():
        # A recorded shop has no Dashboard.
        expected = "200" if path == "manifest" else statuses[authorisation.CALLERS.index(who)]
        query = "{ me { key } }" if path in POSTED else None
        address = re.sub("<[a-z]+>", lambda part: NOTHING[part[0]], path)
        found = str(send(token, f"{address}/".lstrip("/"), query).status_code)
        # Where somebody may look there is nothing here: no file, no true link, nothing published.
        if found != expected and (found, expected) != ("404", "200"):
            wrong.append(f"{path}: {found}, not {expected}")
    assert wrong == []
