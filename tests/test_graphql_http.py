"""GraphQL over HTTP: what is no request of ours, limits, and who is nobody."""

import asyncio
import json

import pytest
import requests
from asgiref.testing import ApplicationCommunicator
from django.core.asgi import get_asgi_application
from django.test import RequestFactory
from django.urls import re_path

from jokkerit_plugin.models import AccessEntry
from jokkerit_plugin.web import limits, routes
from tests.graphql import PATH, House, codes

pytestmark = pytest.mark.django_db

ME = "{ me { key } }"
SOME = "query($n: Int) { customers(first: $n) { totalCount } }"
INTROSPECTION = "{ __schema { types { name fields { name type { name } } } } }"


@pytest.fixture
def house(shop):
    return House(shop)


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "options", "head"])
def test_only_post_is_answered(house, method):
    request = getattr(RequestFactory(), method)(
        PATH, {"query": ME}, HTTP_AUTHORIZATION="Bearer staff"
    )
    response = routes.serve(request, "graphql/", active=True)
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert b"user:2" not in response.content


@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain",
     "application/graphql", ""],
)  # fmt: skip
def test_only_json_is_taken(house, content_type):
    response = house.post(json.dumps({"query": ME}), "staff", content_type=content_type)
    assert response.status_code == 415


@pytest.mark.parametrize(
    "body",
    [
        " ", "nonsense", "[", "[" * 100_000, "null", '"text"', "7", "[]",
        json.dumps([{"query": ME}]), "{}", '{"query": ""}', '{"query": 7}', '{"query": null}',
        '{"query": "{ me { key } }", "variables": []}',
        '{"query": "{ me { key } }", "variables": "x"}',
        '{"query": "{ me { key } }", "operationName": 7}',
        '{"query": "{ me { key } }", "operationName": "Other"}',
        '{"query": "{ me { key } }", "variables": {"a": NaN}}',
        '{"query": "{ me { key } }", "variables": {"a": "\\ud800"}}',
        json.dumps({"query": SOME, "variables": {"n": 2**32}}),
        json.dumps({"query": SOME, "variables": {"n": "x"}}),
        '{"query": "{ customers(first: 99999999999) { totalCount } }"}',
        '{"query": "{ nothing }"}', '{"query": "{ me }"}', '{"query": "{ me { key }"}',
        '{"query": "subscription { me { key } }"}',
        '{"query": "fragment a on Me { ...a } { me { ...a } }"}',
        '{"query": "{ me { ...unknown } }"}',
        '{"query": "query a { me { key } } query b { me { key } }"}',
        b"\xff\xfe",
    ],
)  # fmt: skip
def test_what_is_no_request_is_told_so(house, body):
    response = house.post(body, "staff")
    assert response.status_code == 400
    found = json.loads(response.content)
    assert found["errors"]
    assert "data" not in found
    assert codes(found) <= {"GRAPHQL_ERROR", "INVALID"}


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("{ me { key " + " " * limits.QUERY + "} }", id="long"),
        pytest.param("{ me " * 5000 + "}" * 5000, id="deep beyond the parser"),
        pytest.param(
            "{ customers(first: 1) { edges { node { purchases(first: 1) { edges { node {"
            + " customer { purchases(first: 1) { edges { node {" * 2
            + " number " + "}" * 15,
            id="deep",
        ),
        pytest.param(
            "{ customers(first: 100) { edges { node { purchases(first: 100) { edges { node {"
            " number net gross } } } } } } }",
            id="dear",
        ),
        pytest.param(
            "{ purchases(first: 100) { edges { node {" + " number" * 210 + " } } } }", id="dear too"
        ),
        *(
            pytest.param(
                f"{{ {page}(first: 100) {{ edges {{ node {{ {name} {{"
                + " __typename" * 20 + " } } } } }",
                id=f"dear by its {name}",
            )
            for page, names in (
                ("purchases", ("lines", "movements", "deliveries", "invoices")),
                ("customers", ("addresses", "identifiers")),
                ("recipients", ("members",)),
            )
            for name in names
        ),
        pytest.param(
            "{ " + " ".join(
                f'a{n}: tieOut(period: {{month: "2026-0{n}"}}) {{ isExact }}' for n in range(1, 6)
            ) + " }",
            id="reports",
        ),
        pytest.param("{ me { " + "key " * 501 + "} }", id="repetition"),
        pytest.param(
            "{ " + " ".join(f"a{n}: me {{ key }}" for n in range(31)) + " }", id="aliases"
        ),
        pytest.param(
            "mutation { " + " ".join(
                f'a{n}: agreementReadmit(signer: "x") {{ errors {{ code }} }}' for n in range(5)
            ) + " }",
            id="mutations",
        ),
        pytest.param(
            "mutation { ...a } fragment a on Mutation { ... { "
            + " ".join(
                f'a{n}: agreementReadmit(signer: "x") {{ errors {{ code }} }}' for n in range(5)
            )
            + " } }",
            id="mutations in a fragment",
        ),
        pytest.param(
            "{ __schema { types { fields { type { fields { type { fields { type { fields {"
            " name } } } } } } } } } }",
            id="circular introspection",
        ),
        pytest.param(
            "query { ...f0 } fragment f30 on Query { purchases(first: 1) { totalCount } }"
            + "".join(f" fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(30)),
            id="fragments that double",
        ),
    ],
)  # fmt: skip
def test_a_request_over_a_limit_is_refused_before_anything_is_read(house, query):
    response = house.post({"query": query}, "staff")
    assert response.status_code == 400
    assert codes(json.loads(response.content)) == {"LIMIT_EXCEEDED"}
    assert not AccessEntry.objects.exists()


def test_a_variable_counts_as_its_value(house):
    query = (
        "query($n: Int!) { customers(first: $n) { edges { node {"
        " purchases(first: $n) { edges { node { number } } } } } } }"
    )
    house.everybody_signs()
    assert house.codes(query, n=5) == set()
    assert house.codes(query, n=100) == {"LIMIT_EXCEEDED"}
    assert house.codes("query($n: Int!) { customers(first: $n) { totalCount } }", n=-5) == {
        "INVALID"
    }


def test_a_large_body_is_refused(house):
    response = house.post({"query": ME, "x": "x" * limits.BODY}, "staff")
    assert response.status_code == 413
    response = house.post({"query": ME, "x": "x" * 3_000_000}, "staff")
    assert response.status_code == 413


@pytest.mark.parametrize("token", ["", "expired", "garbage"])
def test_nobody_gets_401_and_no_log_row(house, token):
    response = house.post({"query": ME}, token)
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    assert codes(json.loads(response.content)) == {"NOT_SIGNED_IN"}
    assert not AccessEntry.objects.exists()


def test_a_token_anywhere_but_in_the_header_counts_for_nothing(house):
    request = RequestFactory().post(
        f"{PATH}?token=staff&Authorization=Bearer%20staff",
        json.dumps({"query": ME, "token": "staff"}), content_type="application/json",
    )  # fmt: skip
    request.COOKIES.update({"token": "staff", "refreshToken": "staff", "Authorization": "staff"})
    assert routes.serve(request, "graphql/", active=True).status_code == 401


def test_introspection_is_for_everybody_and_for_itself(house):
    response = house.post({"query": INTROSPECTION})
    assert response.status_code == 200
    types = {one["name"] for one in json.loads(response.content)["data"]["__schema"]["types"]}
    assert {"Customer", "Purchase", "AccessEntry"} <= types
    response = house.post({"query": "{ __schema { queryType { name } } me { key } }"}, "staff")
    assert response.status_code == 400
    hidden = "query { __typename ...a } fragment a on Query { me { key } }"
    assert house.post({"query": hidden}).status_code == 401
    inline = "query { __typename ... { ... on Query { me { key } } } }"
    assert house.post({"query": inline}).status_code == 401


def test_the_whole_introspection_query_of_clients_is_answered(house):
    from graphql import introspection_query

    found = json.loads(house.post({"query": introspection_query}).content)
    assert "errors" not in found


def test_answers_are_kept_nowhere_and_are_json(house):
    response = house.post({"query": ME}, "staff")
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Type"] == "application/json"
    assert not response.cookies


@pytest.mark.parametrize(
    ("path", "active"), [("graphql/", False), ("graphql/x", True), ("", False)]
)
def test_elsewhere_and_while_the_plugin_rests_there_is_nothing(house, path, active):
    request = RequestFactory().post(
        PATH, json.dumps({"query": ME}), content_type="application/json"
    )
    assert routes.serve(request, path, active=active).status_code == 404


urlpatterns = [
    re_path(
        r"^plugins/jokkerit\.register/(?P<path>.*)$",
        lambda request, path: routes.serve(request, path, active=True),
    )
]


@pytest.mark.django_db(transaction=True)
def test_over_real_http(house, settings, request):
    settings.ROOT_URLCONF, settings.STATIC_URL = __name__, "/static/"
    live_server = request.getfixturevalue("live_server")
    house.everybody_signs()
    response = requests.post(
        live_server.url + PATH,
        json={"query": "{ customers(first: 1) { totalCount } me { key } }"},
        headers={"Authorization": "Bearer staff"},
        timeout=30,
    )
    assert response.json() == {"data": {"customers": {"totalCount": 0}, "me": {"key": "user:2"}}}
    assert AccessEntry.objects.get().outcome == "granted"


def test_a_body_that_trickles_holds_neither_a_thread_nor_the_database(settings, monkeypatch):
    """Nobody is asked for an answer before it is there; whoever leaves has asked nothing."""
    settings.ROOT_URLCONF = __name__
    asked = []
    monkeypatch.setattr(routes, "serve", lambda _, path, **__: asked.append(path))

    async def trickle(path: str) -> None:
        scope = {
            "type": "http", "method": "POST", "path": f"/plugins/jokkerit.register/{path}/",
            "query_string": b"", "headers": [(b"content-type", b"application/json")],
        }  # fmt: skip
        sent = ApplicationCommunicator(get_asgi_application(), scope)
        for _ in range(3):
            await sent.send_input({"type": "http.request", "body": b"{", "more_body": True})
            assert await sent.receive_nothing()
        await sent.send_input({"type": "http.disconnect"})
        await sent.wait()

    for path in ("graphql", "site-log", "may-contact", "requests", "console/customers"):
        asyncio.run(trickle(path))
    assert asked == []


def test_a_search_of_many_words_is_no_burden(house):
    house.everybody_signs()
    query = "query($q: String!) { customers(first: 1, filter: {search: $q}) { totalCount } }"
    for words in (
        "ab " * 30_000,
        "a-b" * 30_000,
        "0401234567 " * 8_000,
        "' & | ! :* <-> \\ " * 5_000,
    ):
        assert house.codes(query, q=words) <= {"INVALID", "LIMIT_EXCEEDED"}


@pytest.mark.parametrize(
    "value",
    ["--", "T", "", "2026-W01", "2026", "2026-01-01T", "2026-01-01T23:59:60Z", "P1Y", "R5/2026",
     "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-01-01T00:00:00+24:00",
     "2026-01-01T00:00:00+23:59", "2026-01-01T00:00:00+14:01", 7, {}, []],
)  # fmt: skip
@pytest.mark.parametrize(("kind", "name"), [("DateTime", "placedAt"), ("Date", "placedOn")])
def test_days_that_nobody_can_read_are_the_clients_fault(house, kind, name, value):
    house.everybody_signs()
    shape = "purchases(first: 1, filter: {%s: {gte: %s}}) { totalCount }"
    variable = f"query($n: {kind}) {{ {shape % (name, '$n')} }}"
    literal = f"{{ {shape % (name, json.dumps(value))} }}"
    for body in ({"query": variable, "variables": {"n": value}}, {"query": literal}):
        response = house.post(body, "staff")
        assert response.status_code in {200, 400}
        assert "INTERNAL_ERROR" not in codes(json.loads(response.content))


def test_an_infinite_number_is_the_clients_fault(house):
    response = house.post(
        json.dumps({"query": SOME, "variables": {"n": 0}}).replace("0}", "1e400}")
    )
    assert response.status_code == 400
    assert codes(json.loads(response.content)) == {"INVALID"}


def test_a_moment_far_from_utc_is_read_as_it_is_meant(house):
    house.everybody_signs()
    query = 'purchases(first: 1, filter: {placedAt: {gte: "2026-01-01T00:00:00%s"}}) { totalCount }'
    assert house.codes(f"{{ {query % '+14:00'} }}") == set()
    assert house.codes(f"{{ {query % '+14:01'} }}") == {"INVALID"}
