"""Outward flows: who stands at the other end, and the alarm where nobody does."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jokkerit_plugin.access import controllers, recipients
from jokkerit_plugin.disclosure import flows
from jokkerit_plugin.disclosure.flows import FlowError, Why
from jokkerit_plugin.models import Recipient, RegisteredFlow
from jokkerit_plugin.overview import overview
from jokkerit_plugin.shop.flows import Flow, FlowKind, host_of, is_local
from tests.buyers import company
from tests.people import APP, CONTROLLER, STAFF, firm, sign

pytestmark = pytest.mark.django_db

HOOK = Flow(FlowKind.WEBHOOK, "webhook:7", "elsewhere.example")
PUSH = Flow(FlowKind.APP, "app:5", "push.example")
FETCH = Flow(FlowKind.APP, "app:5")
UNKNOWN = Flow(FlowKind.PLUGIN, "Acme.Plugin")


def why(*found: Flow) -> list[str]:
    return [one.why for one in flows.judge(found) if one.why]


def register(kind: str, target: str, **changes):
    to = company("processor", **changes)
    return flows.register(kind, target, recipient=to.pk, actor=CONTROLLER)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://elsewhere.example/hook?x=1", "elsewhere.example"),
        ("https://User:secret@Elsewhere.Example.:8443/", "elsewhere.example"),
        ("awssqs://key:secret@sqs.eu-north-1.amazonaws.com/12/queue.fifo",
         "sqs.eu-north-1.amazonaws.com"),
        ("gcpubsub://cloud.google.com/projects/p/topics/t", "cloud.google.com"),
        ("https://0123abcd@o1.ingest.sentry.io/42", "o1.ingest.sentry.io"),
        ("mail.example.com", "mail.example.com"),
        ("mail.example.com:587", "mail.example.com"),
        ("user:secret@mail.example.com", "mail.example.com"),
        ("redis://[2001:db8::1]:6379/0", "2001:db8::1"),
        ("redis:///0", ""),
        ("sqs://", ""),
        ("https://[broken/", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_of_an_address_the_host_alone_is_kept(address, host):
    assert host_of(address) == host


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True), ("shop.localhost", True), ("127.0.0.1", True), ("127.9.9.9", True),
        ("::1", True), ("db", False), ("10.0.0.5", False), ("localhost.example", False),
        ("0.0.0.0", False), ("", False),  # noqa: S104
    ],
)  # fmt: skip
def test_what_stays_on_this_machine(host, local):
    assert is_local(host) is local


@pytest.mark.promise("P-NO-DISCLOSURE", breaks=True)
def test_a_flow_to_nobody_who_is_registered_is_an_alarm(shop):
    shop.port.ways_out = [HOOK]
    (alarm,) = flows.alarms()
    assert str(alarm) == "webhook webhook:7 to elsewhere.example (not registered)"


@pytest.mark.promise("P-NO-DISCLOSURE")
def test_a_registered_processor_in_the_union_silences_it(shop):
    register("webhook", "elsewhere.example")
    assert why(HOOK) == []


@pytest.mark.promise("P-EU", breaks=True)
def test_a_processor_outside_the_union_does_not():
    register("webhook", "elsewhere.example", country="US")
    assert why(HOOK) == [Why.OUTSIDE_EU]


def test_nor_does_one_that_ended_or_never_signed():
    flow = register("webhook", "elsewhere.example")
    Recipient.objects.update(agreement_signed_on=None)
    assert why(HOOK) == [Why.NO_AGREEMENT]
    recipients.end(flow.recipient_id, actor=CONTROLLER)
    assert why(HOOK) == [Why.ENDED]


@pytest.mark.parametrize(
    ("kind", "target", "host", "matches"),
    [
        ("webhook", "a.example.com", "a.example.com", True),
        ("webhook", " A.Example.com ", "a.example.com", True),
        ("webhook", "*.example.com", "a.example.com", True),
        ("webhook", "*.example.com", "a.b.example.com", True),
        ("webhook", "*.example.com", "example.com", False),
        ("webhook", "*.example.com", "badexample.com", False),
        ("webhook", "example.com", "a.example.com", False),
        ("webhook", "a.example.com", "a.example.com.evil.org", False),
        ("mail", "a.example.com", "a.example.com", False),
    ],
)
def test_a_target_is_matched_exactly_or_by_its_domain(kind, target, host, matches):
    register(kind, target)
    assert (why(Flow(FlowKind.WEBHOOK, "webhook:1", host)) == []) is matches


def test_the_nearest_target_counts():
    register("webhook", "*.example.com")
    register("webhook", "us.example.com", country="US", name="Toinen")
    assert why(Flow(FlowKind.WEBHOOK, "webhook:1", "eu.example.com")) == []
    assert why(Flow(FlowKind.WEBHOOK, "webhook:1", "us.example.com")) == [Why.OUTSIDE_EU]


def test_a_flow_without_a_host_is_matched_by_its_name():
    assert why(UNKNOWN, FETCH) == [Why.UNREGISTERED] * 2
    register("plugin", "Acme.Plugin")
    register("app", "app:5", name="Toinen")
    assert why(UNKNOWN, FETCH, PUSH) == []


def test_an_app_that_acts_for_a_recipient_is_registered_but_not_its_webhooks():
    sign(CONTROLLER)
    firm(APP)
    assert why(FETCH, PUSH) == []
    assert why(HOOK) == [Why.UNREGISTERED]


def test_many_flows_are_judged_in_two_queries():
    many = [Flow(FlowKind.WEBHOOK, f"webhook:{n}", f"h{n}.example") for n in range(50)]
    with CaptureQueriesContext(connection) as queries:
        assert len(flows.judge(many)) == 50
    assert len(queries) == 2


def test_status_names_them_until_they_are_registered(shop):
    shop.port.ways_out = [HOOK]
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("register_status", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert told["unmatched_flows"] == [str(*flows.alarms())]
    assert any("elsewhere.example" in problem for problem in told["problems"])
    flow = register("webhook", "elsewhere.example")
    assert overview().unmatched_flows == ()
    flows.end(flow.pk, actor=CONTROLLER)
    assert len(overview().unmatched_flows) == 1


def test_status_says_so_when_it_cannot_look(shop):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE jokkerit_plugin_registeredflow RENAME TO elsewhere")
    assert any("42P01" in problem for problem in overview().problems)


@pytest.mark.parametrize(
    ("kind", "target", "field"),
    [
        ("pigeon", "a.example.com", "kind"),
        ("mail", "", "target"),
        ("mail", "https://a.example.com/", "target"),
        ("mail", "user@example.com", "target"),
        ("mail", "two words", "target"),
        ("mail", "*", "target"),
        ("mail", "*.com", "target"),
        ("mail", "a.*.com", "target"),
    ],
)
def test_what_is_no_flow_is_not_registered(kind, target, field):
    with pytest.raises(FlowError) as refused:
        register(kind, target)
    assert refused.value.field == field
    assert not RegisteredFlow.objects.exists()


def test_twice_to_nobody_or_by_others_than_the_controller_is_refused():
    flow = register("mail", "a.example.com")
    with pytest.raises(FlowError, match="registered already"):
        register("mail", "a.example.com", name="Toinen")
    with pytest.raises(FlowError, match="no such recipient"):
        flows.register("mail", "b.example.com", recipient=999, actor=CONTROLLER)
    for act in (
        lambda: flows.register("mail", "b", recipient=flow.recipient_id, actor=STAFF),
        lambda: flows.end(flow.pk, actor=STAFF),
    ):
        with pytest.raises(controllers.ControllersOnly):
            act()
    flows.end(flow.pk, actor=CONTROLLER)
    with pytest.raises(FlowError, match="no such registered flow"):
        flows.end(flow.pk, actor=CONTROLLER)
