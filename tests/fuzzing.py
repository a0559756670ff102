"""A full house that answers over HTTP, one request after the other, and judges its own answers.

What is done is taken back after each request, so that the next finds the same house.
"""

import io
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from jokkerit_plugin.access.chain import as_ids
from jokkerit_plugin.errors import RegisterError
from jokkerit_plugin.models import AccessEntry, Customer
from tests.full_house import undone
from tests.graphql import HOME, PEOPLE

#: What names a customer of the house. Their e-mails say whose it is.
#: (Street and number are the controller's own as well, who is named on every page.)
NAMES = ("Mäkelä", "M\\u00e4kel\\u00e4")
#: Who may be shown an e-mail of a customer's.
SHOWN = {"superuser", "controller", "staff", "manager", "granted"}
REFUSED = {
    "NO_PERMISSION", "NO_AGREEMENT", "NO_MEMBERSHIP", "PURPOSE_REFUSED", "SUBJECT_RESTRICTED",
}  # fmt: skip
#: Answers of these tell a monitor or a mailing program that it should come again.
LATER = {"health": "", "audience": "AUDIENCE_CLOSED"}
TRACE = (
    "Traceback (most recent call last)",
    'File "/',
    "INTERNAL_ERROR",
    "psycopg",
    "Django Version",
)


@dataclass(frozen=True)
class Answered:
    """A request and its answer, and what the log of who looked got of it."""

    token: str
    path: str
    asked: str
    status: int
    kind: str
    content: str
    #: Outcome, actor, reason and subjects of each new row.
    rows: tuple[tuple[str, str, str, frozenset[int]], ...] = ()
    #: What was logged as an error.
    errors: tuple[str, ...] = ()


def codes_of(kind: type[RegisterError] = RegisterError) -> set[str]:
    """Return every code that an answer may have."""
    return {kind.code}.union(*map(codes_of, kind.__subclasses__()))


def fault(told: Answered, customers: Mapping[str, int]) -> str:
    """Say what is wrong with an answer; empty: nothing. `customers`: whose an e-mail is."""
    first = told.path.removeprefix(HOME).split("/")[0]
    later = told.status == 503 and first in LATER and LATER[first] in told.content
    if told.errors:
        return f"logged as an error: {told.errors[0]}"
    if told.status >= 500 and not later:
        return f"status {told.status}"
    if wrong := [one for one in TRACE if one in told.content]:
        return f"tells {wrong[0]}"
    return (_misread(told) if first == "graphql" else "") or _shown(told, customers)


def _misread(told: Answered) -> str:
    try:
        answer = json.loads(told.content) if told.kind == "application/json" else None
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        return f"no JSON but {told.kind}"
    if unknown := _errors(answer) - codes_of() - {None}:
        return f"codes that nobody knows: {unknown}"
    return _unlogged(answer, told)


def _errors(answer: Any) -> set[str | None]:
    found = {one["extensions"]["exception"]["code"] for one in answer.get("errors") or ()}
    for payload in (answer.get("data") or {}).values():
        if isinstance(payload, dict):
            found |= {one.get("code") for one in payload.get("errors") or ()}
    return found


def _unlogged(answer: Any, told: Answered) -> str:
    """Each refusal of a field is in the log."""
    named = {one["extensions"]["exception"]["code"] for one in answer.get("errors") or ()}
    logged = {reason for outcome, _, reason, _ in told.rows if outcome == "refused"}
    missing = (named & REFUSED) - logged
    return f"a refusal that the log has not: {sorted(missing)}" if missing else ""


def _shown(told: Answered, customers: Mapping[str, int]) -> str:
    """Nobody is named whom the caller may not see, nor without a row of the log."""
    emails = {one for one in customers if one in told.content and one not in told.asked}
    if told.token == "customer":
        emails -= {"own@example.com"}
    if emails and told.token not in SHOWN:
        return f"{told.token or 'nobody'} is shown {sorted(emails)}"
    actor = PEOPLE[told.token].key if told.token in PEOPLE else "nobody"
    granted = [
        whose for outcome, who, _, whose in told.rows if outcome == "granted" and who == actor
    ]
    seen = frozenset[int]().union(*granted)
    if missing := [one for one in emails if customers[one] not in seen]:
        return f"{missing} shown, and not in the log"
    if not granted and any(one in told.content and one not in told.asked for one in NAMES):
        return "somebody is named, and nothing is in the log"
    return ""


class Judged:
    """The house as a WSGI application; what is wrong with an answer stands in its header Fault."""

    def __init__(self) -> None:
        self.handler = WSGIHandler()
        self.customers = {
            one.email: one.pk for one in Customer.objects.exclude(email="") if one.email
        }

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        """Answer a request, judge the answer, take back what was done."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        began: list[Any] = []
        with undone(), _errors_logged() as logged:
            last = AccessEntry.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
            response = self.handler(environ, lambda *given: began.append(given))
            content = b"".join(response)
            response.close()
            status, headers = began[0][:2]
            named = {name.lower(): value for name, value in headers}
            new = AccessEntry.objects.filter(seq__gt=last)
            told = Answered(
                environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer "),
                environ["PATH_INFO"], asked(environ, body), int(status.split()[0]),
                named.get("content-type", "").partition(";")[0],
                content.decode(errors="replace"),
                tuple(
                    (one.outcome, one.actor, one.reason, frozenset(as_ids(one.subjects)))
                    for one in new
                ),
                tuple(logged),
            )  # fmt: skip
            wrong = fault(told, self.customers)
        said = wrong.replace("\n", " ").encode("ascii", "replace").decode()[:500]
        start(status, [*headers, ("Fault", said)])
        return [content]


def asked(environ: Mapping[str, Any], body: bytes) -> str:
    """All that a request says: what an answer repeats of it is told to nobody anew."""
    sent = (
        f"{environ['PATH_INFO']} {environ.get('QUERY_STRING', '')} {body.decode(errors='replace')}"
    )
    heads = " ".join(str(value) for name, value in environ.items() if name.startswith("HTTP_"))
    return f"{sent} {heads} {unquote_plus(sent)}"


@contextmanager
def _errors_logged() -> Iterator[list[str]]:
    found: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record.getMessage().replace("\n", " "))

    listener = Listener(logging.ERROR)
    # graphql-core writes refusals as errors, too.
    logging.getLogger("jokkerit_plugin").addHandler(listener)
    try:
        yield found
    finally:
        logging.getLogger("jokkerit_plugin").removeHandler(listener)


class Quiet(WSGIRequestHandler):
    """Writes no line about each request."""

    def log_message(self, *_: Any) -> None:
        return


@contextmanager
def server() -> Iterator[WSGIServer]:
    """Listen on a free port; `handle_request` answers one request.

    On the test's own connection, which stays open after a request.
    """
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    listening = WSGIServer(("127.0.0.1", 0), Quiet)
    listening.timeout = 0.2
    listening.set_app(Judged())
    try:
        yield listening
    finally:
        listening.server_close()
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
