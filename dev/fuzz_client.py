"""Who asks in `dev.fuzz`: runs in an environment with graphql-core 3, and knows the plan alone.

python dev/fuzz_client.py <plan.json>

The plan: "url", "schema" (an introspection), "tokens", "ids" and "texts" that the house knows,
"paths" (with "<token>" and the like), "forms" of the
console by page and operation, "enums", "keys" of signed requests by path, "seed",
"seconds" (a round at least), "examples" of a field or path before the next one has its turn.
Writes as JSON {"requests", "rounds", "statuses", "codes", "faults"}: what the header Fault says.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import graphql
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis_graphql import mutations, nodes, queries

PLAN = json.loads(Path(sys.argv[1]).read_text())
HOST = urlsplit(PLAN["url"]).netloc
HOME = urlsplit(PLAN["url"]).path
SCHEMA = graphql.build_client_schema(PLAN["schema"])
METHODS = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH")
HEADERS = (
    "Accept", "Accept-Language", "Accept-Encoding", "Content-Type", "If-None-Match", "Origin",
    "Purpose", "Range", "Referer", "Sec-Purpose", "User-Agent", "X-Forwarded-For", "X-Moz",
)  # fmt: skip
FIELDS = (
    "lang", "link", "channel", "language", "country", "boughtSince", "sku", "purpose", "kind",
    "email", "name", "postal_code", "orders", "message", "month", "filter", "pairs", "address",
    "time", "path", "status", "customer", "at", "on", "gte", "lte", "query", "variables",
)  # fmt: skip

told = Counter[str]()
codes = Counter[str]()
faults: list[str] = []


class Fault(AssertionError):
    """The house says that an answer was wrong."""


def send(method: str, path: str, headers: dict[str, str], body: bytes, token: str) -> None:
    """Send a request; raise `Fault`. A connection that ends without an answer is one, too."""
    if token:
        headers = headers | {"Authorization": f"Bearer {token}"}
    asked = f"{token} {method} {path} {headers} {body[:3000]!r}"
    connection = http.client.HTTPConnection(HOST, timeout=60)
    try:
        connection.request(method, path, body=body or None, headers=headers)
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise Fault(f"no answer ({type(error).__name__}) to {asked}") from None
    finally:
        connection.close()
    place = urlsplit(path).path.removeprefix(HOME).partition("/")[0]
    told[f"{place} {answer.status}"] += 1
    if path == f"{HOME}graphql/":
        note(content)
    if fault := answer.headers.get("Fault", f"not judged: {answer.status}"):
        raise Fault(f"{fault}\n  asked: {asked}")


def sent(asked: tuple[str, str, dict[str, str], bytes], token: str) -> None:
    """Send what was made up."""
    method, path, headers, body = asked
    send(method, path, headers, body, token)


def note(content: bytes) -> None:
    """Count what was answered: "ok" where there is data without an error."""
    try:
        found = json.loads(content)
    except ValueError:
        return
    errors = found.get("errors") or []
    for payload in (found.get("data") or {}).values():
        errors += payload.get("errors") or [] if isinstance(payload, dict) else []
    for one in errors:
        codes[
            one.get("code") or one.get("extensions", {}).get("exception", {}).get("code", "?")
        ] += 1
    if not errors:
        codes["ok"] += 1


known = st.sampled_from(PLAN["texts"])
words = known | st.text(max_size=40)
days = st.dates().map(str) | st.sampled_from(["2026-03-01", "0001-01-01", "9999-12-31", "x"])
moments = st.datetimes().map(lambda at: f"{at.isoformat()}Z") | st.sampled_from([
    "2026-03-01T10:00:00Z", "2026-03-01T10:00:00+14:00", "2026-03-01T10:00:00", "x",
])  # fmt: skip
SCALARS = {
    "ID": (st.sampled_from(PLAN["ids"]) | st.sampled_from(PLAN["ids"]) | words).map(nodes.String),
    "String": words.map(nodes.String),
    "Int": (st.integers(0, 5) | st.integers(-(2**31), 2**31 - 1)).map(nodes.Int),
    "BigInt": st.integers(-(2**63), 2**63 - 1).map(nodes.Int),
    "DateTime": moments.map(nodes.String),
    "Date": days.map(nodes.String),
    "Decimal": (st.decimals(allow_nan=False).map(str) | words).map(nodes.String),
    "UUID": (st.uuids().map(str) | words).map(nodes.String),
    "JSONString": words.map(nodes.String),
    "File": words.map(nodes.String),
}


class Mended(graphql.Visitor):  # type: ignore[misc]  # of a graphql-core that mypy does not see
    """Makes of a query one that is read: graphql-core 2 knows no null, a page has one size."""

    def leave_argument(self, node: graphql.ArgumentNode, *_: Any) -> Any:
        return self._written(node)

    def leave_object_field(self, node: graphql.ObjectFieldNode, *_: Any) -> Any:
        return self._written(node)

    def _written(self, node: Any) -> Any:
        return graphql.REMOVE if isinstance(node.value, graphql.NullValueNode) else None

    def leave_field(self, node: graphql.FieldNode, *_: Any) -> Any:
        names = {one.name.value for one in node.arguments}
        if "after" in names or "before" in names or {"first", "last"} <= names:
            dropped = {"after", "before"} | ({"last"} if "first" in names else set())
            node.arguments = tuple(one for one in node.arguments if one.name.value not in dropped)
        return node


def printed(node: Any) -> str:
    """Write a query down."""
    text: str = graphql.print_ast(graphql.visit(node, Mended()))
    return text


def field(kind: Callable[..., Any], name: str) -> st.SearchStrategy[str]:
    """Return queries for one field at the top."""
    made: st.SearchStrategy[str] = kind(
        SCHEMA, fields=(name,), custom_scalars=SCALARS, print_ast=printed
    )
    return made


def ask(query: str, token: str) -> None:
    """Send a query."""
    body = json.dumps({"query": query}).encode()
    send("POST", f"{HOME}graphql/", {"Content-Type": "application/json"}, body, token)


latin = st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60
)
#: What stands in a field of a form.
filled = (
    known | st.sampled_from(PLAN["ids"]) | st.sampled_from(PLAN["enums"]) | words | days
    | st.integers(-5, 10**6).map(str)
)  # fmt: skip
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words | moments | days,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(FIELDS) | words, inner, max_size=4)
    ),
    max_leaves=12,
)


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, bytes]:
    """A body and its type, which need not fit."""
    content = draw(st.dictionaries(st.sampled_from(FIELDS), values, max_size=6))
    form = {name: str(value).encode(errors="replace") for name, value in content.items()}
    text = json.dumps(content)
    return draw(st.sampled_from([
        ("application/json", text.encode()),
        ("application/x-www-form-urlencoded", urlencode(form).encode()),
        ("application/json", b"\n".join([text.encode()] * 3)),
        ("text/plain", text.encode()),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="email"'
         b"\r\n\r\n" + text.encode() + b"\r\n--x--\r\n"),
        ("application/json", draw(st.binary(max_size=200))),
        ("", b""),
    ]))  # fmt: skip


@st.composite
def requests(draw: st.DrawFn, path: str) -> tuple[str, str, dict[str, str], bytes]:
    """A request to a path: method, address, headers, body; signed, where it is one to be signed."""
    parts = {
        "<id>": st.sampled_from(["1", "2", "999"]) | st.integers(1, 10**18).map(str),
        "<form>": st.sampled_from(["html", "pdf", "json"]),
        "<view>": st.sampled_from(["lines.csv", "errors.csv", "errors.html", "log-ins.csv",
                                   "log-ins.html", "usage.csv", "usage.html"]),
        "<asset>": st.sampled_from(PLAN["assets"]),
        "<probe>": st.sampled_from(["live", "ready"]),
        "<page>": st.sampled_from(sorted(PLAN["forms"])) | words,
        "<token>": st.sampled_from(PLAN["links"]) | words,
    }  # fmt: skip
    name = path
    for part, those in parts.items():
        if part in path:
            path = path.replace(part, quote(draw(those), safe=""))
    asked = draw(st.dictionaries(st.sampled_from(FIELDS), words, max_size=4))
    query = urlencode({key: value.encode(errors="replace") for key, value in asked.items()})
    headers = draw(st.dictionaries(st.sampled_from(HEADERS), latin, max_size=3))
    kind, body = draw(bodies())
    if kind:
        headers["Content-Type"] = kind
    method = draw(st.sampled_from(("POST", *METHODS)))
    if name in PLAN["keys"] and draw(st.integers(0, 4)):
        who, key = PLAN["keys"][name]
        at, method = str(int(time.time())), "POST"
        message = f"POST {name}\n{at}\n".encode() + body
        headers |= {
            "Jokkerit-Sender": who, "Jokkerit-Timestamp": at,
            "Jokkerit-Signature": hmac.digest(bytes.fromhex(key), message, hashlib.sha256).hex(),
        }  # fmt: skip
    return method, f"{HOME}{path}{'/' if path else ''}{'?' if query else ''}{query}", headers, body


@st.composite
def pressed(draw: st.DrawFn, page: str) -> tuple[str, str, dict[str, str], bytes]:
    """A page of the console as its own script asks for it, or a button of it."""
    forms = PLAN["forms"][page]
    operation = draw(st.sampled_from(sorted(forms)))
    names = draw(st.lists(st.sampled_from(forms[operation] or ["id"]), unique=True))
    names += draw(st.lists(words, max_size=1))
    form = {name.encode(errors="replace"): draw(filled).encode(errors="replace") for name in names}
    headers = {"HX-Request": "true", "Accept-Language": draw(st.sampled_from(["fi", "sv", "en"]))}
    place = f"{HOME}console/{quote(page)}/"
    if operation == "page" and draw(st.booleans()):
        return "GET", f"{place}?{urlencode(form)}", headers, b""
    form[b"operation"] = operation.encode()
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    return "POST", place, headers, urlencode(form).encode()


def tried(number: int, act: Callable[..., None], *those: Any) -> None:
    """Try some examples; keep the smallest that is answered wrongly."""
    run = given(*those)(act)  # type: ignore[no-untyped-call]
    run = settings(
        max_examples=PLAN["examples"], deadline=None, database=None,
        phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck),
    )(run)  # fmt: skip
    try:
        seed(number)(run)()
    except Fault as fault:
        faults.append(str(fault))


def main() -> None:
    """Give each field and path its turn, again and again, until the time is over."""
    tokens = st.sampled_from(PLAN["tokens"])
    turns: list[tuple[Callable[..., None], tuple[Any, ...]]] = []
    for kind, root in ((queries, SCHEMA.query_type), (mutations, SCHEMA.mutation_type)):
        assert root is not None
        turns += [(ask, (field(kind, name), tokens)) for name in root.fields]
    for some in (map(requests, PLAN["paths"]), map(pressed, PLAN["forms"])):
        turns += [(sent, (one, tokens)) for one in some]
    until, number, wrong = time.monotonic() + PLAN["seconds"], PLAN["seed"], set[int]()
    rounds = 0
    while rounds == 0 or time.monotonic() < until:
        for at, (act, those) in enumerate(turns):
            number += 1
            if at not in wrong and (rounds == 0 or time.monotonic() < until):
                before = len(faults)
                tried(number, act, *those)
                if len(faults) > before:
                    wrong.add(at)
        rounds += 1
    found = {
        "requests": told.total(), "rounds": rounds, "statuses": dict(sorted(told.items())),
        "codes": dict(codes.most_common()), "faults": faults,
    }  # fmt: skip
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
