"""Ways out of a real Saleor: found in its tables and settings, with no secret read."""

from __future__ import annotations

import os
from typing import Any

import pytest

from jokkerit_plugin.access.actor import Actor
from jokkerit_plugin.policy.permissions import Permission
from jokkerit_plugin.policy.recipients import EU, OUTSIDE
from tests.saleor.inside import statements, strict_writer
from tests.saleor.staff import app, data, token_of, user

pytest_plugins = ("tests.saleor.fixtures_inside",)

CONTROLLER = Actor("user:0", frozenset({Permission.MANAGE_PRIVACY}))
READ = """{ plugin(id: "jokkerit.register") { globalConfiguration {
    configuration { name value } } } }"""
S3 = {"default": {"BACKEND": "saleor.core.storages.S3MediaStorage"}}
FILES = {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}


def flows() -> set[tuple[str, str, str]]:
    from jokkerit_plugin.saleor_bridge.port import SaleorPort

    with strict_writer():
        return {(flow.kind.value, flow.name, flow.host) for flow in SaleorPort().flows()}


def webhook(of: Any, url: str, event: str = "order_created", **fields: Any) -> Any:
    from saleor.webhook.models import Webhook, WebhookEvent

    hook = Webhook.objects.create(app=of, target_url=url, **fields)
    WebhookEvent.objects.create(webhook=hook, event_type=event)
    return hook


def plugin(identifier: str, *, active: bool = True, **fields: object) -> Any:
    from saleor.plugins.models import PluginConfiguration

    values = [{"name": name, "value": value} for name, value in fields.items()]
    return PluginConfiguration.objects.create(
        identifier=identifier, name=identifier, active=active, configuration=values
    )


def processor(country: str = "FI") -> int:
    from jokkerit_plugin import clock
    from jokkerit_plugin.access import recipients

    made = recipients.register(
        kind="processor",
        name="Elsewhere",
        business_id="2368582-3" if country == "FI" else "",
        country=country,
        agreement_signed_on=clock.now().date(),
        confidentiality_signed_on=clock.now().date(),
        actor=CONTROLLER,
    )
    return int(made.pk)


def shown() -> dict[str, str]:
    token = token_of(user("boss", "manage_plugins"))
    fields = data(token, READ)["plugin"]["globalConfiguration"]["configuration"]
    return {field["name"]: field["value"] for field in fields}


@pytest.mark.promise("P-NO-DISCLOSURE", breaks=True)
def test_a_webhook_to_elsewhere_is_an_alarm_until_its_processor_is_registered(
    inside: None,
) -> None:
    from jokkerit_plugin.disclosure import flows as registered

    machine, _ = app("machine", "manage_orders")
    hook = webhook(machine, "https://user:hush@elsewhere.example/")

    alarms = [str(one) for one in registered.alarms()]
    assert f"webhook webhook:{hook.pk} to elsewhere.example (not registered)" in alarms
    assert f"app app:{machine.pk} to app:{machine.pk} (not registered)" in alarms
    fields = shown()
    assert "elsewhere.example" in fields["status_outward_flows"]
    assert "elsewhere.example" in fields["status_problems"]
    assert "hush" not in str(fields)

    company = processor()
    registered.register("webhook", "elsewhere.example", recipient=company, actor=CONTROLLER)
    registered.register("app", f"app:{machine.pk}", recipient=company, actor=CONTROLLER)
    assert not [one for one in map(str, registered.alarms()) if "elsewhere" in one]
    assert not [one for one in map(str, registered.alarms()) if f"app:{machine.pk}" in one]


@pytest.mark.promise("P-EU", breaks=True)
def test_a_processor_outside_the_union_leaves_the_alarm(inside: None) -> None:
    from jokkerit_plugin.disclosure import flows as registered

    machine, _ = app("machine")
    webhook(machine, "https://elsewhere.example/")
    abroad = processor("US")
    registered.register("webhook", "elsewhere.example", recipient=abroad, actor=CONTROLLER)
    (found,) = [one for one in map(str, registered.alarms()) if "elsewhere" in one]
    assert found.endswith("(outside the European Union)")


def test_webhooks_that_tell_nobody_of_customers_are_no_flows(inside: None) -> None:
    machine, _ = app("machine")
    webhook(machine, "https://goods.example/", "product_created")
    webhook(machine, "https://asleep.example/", is_active=False)
    webhook(machine, "http://127.0.0.1:8000/hook")
    webhook(machine, "http://localhost/hook")
    off, _ = app("off", is_active=False)
    webhook(off, "https://off.example/")
    queue = webhook(machine, "awssqs://key:hush@sqs.eu-north-1.amazonaws.com/1/q", "any_events")

    found = {flow for flow in flows() if flow[0] == "webhook"}
    assert found == {("webhook", f"webhook:{queue.pk}", "sqs.eu-north-1.amazonaws.com")}


def test_apps_that_may_see_customers_are_flows(inside: None) -> None:
    seeing, _ = app("seeing", "manage_users", app_url="https://seeing.example/app")
    told, _ = app("told", "handle_payments", manifest_url="https://told.example/manifest")
    own, _ = app("own", "manage_orders")
    app("goods", "manage_products", app_url="https://goods.example/")
    app("asleep", "manage_users", is_active=False)

    found = {flow for flow in flows() if flow[0] == "app"}
    assert found == {
        ("app", f"app:{seeing.pk}", "seeing.example"),
        ("app", f"app:{told.pk}", "told.example"),
        ("app", f"app:{own.pk}", ""),
    }


def test_active_plugins_are_flows_to_where_they_send(inside: None) -> None:
    plugin("saleor.payments.stripe", secret_api_key="hush")
    plugin("mirumee.payments.dummy")
    plugin("mirumee.taxes.avalara", active=False)
    plugin("mirumee.notifications.user_email", host="smtp.example", password="hush")
    plugin(
        "mirumee.authentication.openidconnect",
        client_secret="hush",
        oauth_authorization_url="https://login.example/authorize",
        oauth_token_url="https://login.example/token",
        user_info_url="https://info.example/me",
        oauth_logout_url=None,
    )

    found = {flow for flow in flows() if flow[0] in {"payment", "plugin", "mail"}}
    assert found == {
        ("payment", "saleor.payments.stripe", "api.stripe.com"),
        ("mail", "mirumee.notifications.user_email", "smtp.example"),
        ("plugin", "mirumee.authentication.openidconnect", "login.example"),
        ("plugin", "mirumee.authentication.openidconnect", "info.example"),
    }


def test_a_plugin_of_somebody_else_is_a_flow_to_nobody_knows_where(
    inside: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings as saleors

    strange = "tests.saleor.strange_plugin.StrangePlugin"
    monkeypatch.setattr(saleors, "PLUGINS", [*saleors.PLUGINS, strange])
    plugin("strange", url="https://strange.example/")
    assert ("plugin", "strange", "") in flows()


def test_every_built_in_plugin_of_this_saleor_has_been_looked_at(inside: None) -> None:
    from django.conf import settings as saleors
    from django.utils.module_loading import import_string

    from jokkerit_plugin.saleor_bridge.flows import SERVICES, STAYS

    known = {import_string(path).PLUGIN_ID for path in saleors.PLUGINS}
    assert known <= SERVICES.keys() | STAYS
    assert not SERVICES.keys() & STAYS


def test_secrets_are_not_even_asked_for(inside: None) -> None:
    with statements() as sent:
        flows()
    asked = " ".join(sent).lower()
    for secret in ("secret_key", "custom_headers", "auth_token", "password", "metadata"):
        assert secret not in asked
    assert len(sent) == 3


SETTINGS: list[tuple[dict[str, Any], set[tuple[str, str, str]]]] = [
    (
        {"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
         "EMAIL_HOST": "smtp.sendgrid.net"},
        {("mail", "EMAIL_URL", "smtp.sendgrid.net")},
    ),
    ({"USER_EMAIL_HOST": "mail.example"}, {("mail", "USER_EMAIL_URL", "mail.example")}),
    (
        {"EMAIL_BACKEND": "anymail.backends.mailgun.EmailBackend", "EMAIL_HOST": "localhost"},
        {("mail", "anymail.backends.mailgun.EmailBackend", "")},
    ),
    ({"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend",
      "EMAIL_HOST": "localhost"}, set()),
    ({"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend"}, set()),
    ({"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
      "EMAIL_HOST": "127.0.0.1"}, set()),
    ({"STORAGES": FILES}, set()),
    ({"STORAGES": S3}, {("storage", "STORAGES", "amazonaws.com")}),
    (
        {"STORAGES": S3, "AWS_S3_ENDPOINT_URL": "https://s3.helsinki.example",
         "AWS_MEDIA_CUSTOM_DOMAIN": "cdn.example"},
        {("storage", "STORAGES", "s3.helsinki.example"),
         ("storage", "AWS_MEDIA_CUSTOM_DOMAIN", "cdn.example")},
    ),
    (
        {"PRIVATE_FILE_STORAGE": "saleor.core.storages.AzureMediaPrivateStorage"},
        {("storage", "PRIVATE_FILE_STORAGE", "blob.core.windows.net")},
    ),
    (
        {"STORAGES": {"default": {"BACKEND": "saleor.core.storages.GCSMediaStorage"}}},
        {("storage", "STORAGES", "storage.googleapis.com")},
    ),
    (
        {"SENTRY_DSN": "https://hush@o1.ingest.sentry.io/42"},
        {("error_tracking", "SENTRY_DSN", "o1.ingest.sentry.io")},
    ),
    (
        {"OBSERVABILITY_BROKER_URL": "amqp://me:hush@watch.example//"},
        {("telemetry", "OBSERVABILITY_BROKER_URL", "watch.example")},
    ),
    (
        {"CELERY_BROKER_URL": "amqp://me:hush@rabbit1.example//;amqp://rabbit2.example//"},
        {("hosting", "CELERY_BROKER_URL", "rabbit1.example"),
         ("hosting", "CELERY_BROKER_URL", "rabbit2.example")},
    ),
    ({"CELERY_BROKER_URL": "redis://localhost:6379/1"}, set()),
    (
        {"CACHES": {"default": {"BACKEND": "b", "LOCATION": "rediss://:hush@cache.example:6379"}}},
        {("hosting", "cache:default", "cache.example")},
    ),
    ({"SEND_USAGE_TELEMETRY": True}, set()),
]  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), SETTINGS)
def test_settings_name_the_other_ends(
    inside: None,
    monkeypatch: pytest.MonkeyPatch,
    given: dict[str, Any],
    expected: set[tuple[str, str, str]],
) -> None:
    from django.conf import settings as saleors

    before = flows()
    for name, value in given.items():
        monkeypatch.setattr(saleors, name, value, raising=False)
    found = flows()
    assert found - before == expected
    assert "hush" not in str(found)


def test_the_database_s_host_is_a_flow_unless_it_is_here(
    inside: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings as saleors

    for host, expected in (
        ("db.example", {("hosting", "database:default", "db.example")}),
        ("127.0.0.1,standby.example", {("hosting", "database:default", "standby.example")}),
        ("/run/postgresql", set()),
        ("127.0.0.1", set()),
    ):
        monkeypatch.setitem(saleors.DATABASES["default"], "HOST", host)
        assert {flow for flow in flows() if flow[1] == "database:default"} == expected


def test_open_telemetry_is_asked_for_in_the_environment(
    inside: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "OTEL_EXPORTER_OTLP_ENDPOINT"
    assert name not in os.environ
    monkeypatch.setenv(name, "https://otel.example:4317")
    assert ("telemetry", name, "otel.example") in flows()
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert not {flow for flow in flows() if flow[0] == "telemetry"}


def test_the_policy_knows_the_countries_that_saleor_knows(saleor_process: None) -> None:
    from django_countries.data import COUNTRIES

    assert set(COUNTRIES) == EU | OUTSIDE
