"""The description in a real Saleor: settings, page, alarms, and how its connections are sealed."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest
from django.core.management import CommandError

from jokkerit_plugin import clock
from jokkerit_plugin.policy import wording
from jokkerit_plugin.policy.languages import Language
from jokkerit_plugin.policy.purposes import GROUNDS
from jokkerit_plugin.shop.connections import Seal
from tests.saleor.inside import statements, strict_writer
from tests.saleor.staff import app, data, token_of, user

pytest_plugins = ("tests.saleor.fixtures_inside",)

_serial = count(1)
HOME = "/plugins/jokkerit.register/"
UPDATE = """mutation($input: PluginUpdateInput!) {
  pluginUpdate(id: "jokkerit.register", input: $input) { errors { field message }
    plugin { globalConfiguration { configuration { name value } } } }
}"""
READ = """{ plugin(id: "jokkerit.register") { globalConfiguration {
    configuration { name value } } } }"""


def setting(**values: str) -> dict[str, str]:
    token = token_of(user(f"boss{next(_serial)}", "manage_plugins"))
    chosen = [{"name": name, "value": value} for name, value in values.items()]
    given = {"active": True, "configuration": chosen}
    answer = data(token, UPDATE, input=given)["pluginUpdate"]
    assert answer["errors"] == []
    fields = data(token, READ)["plugin"]["globalConfiguration"]["configuration"]
    return {field["name"]: field["value"] for field in fields}


def get(path: str = "", **headers: str) -> Any:
    from django.test import Client

    return Client().get(f"{HOME}{path}", headers=headers)


def publish() -> Any:
    from django.core.management import call_command

    from jokkerit_plugin.description import facts, versions

    call_command("register_description", publish=versions.digest(facts.present()))
    return versions.in_force()


@pytest.fixture
def filled(inside: None) -> dict[str, str]:
    """What the first shop tells of itself, typed into the Dashboard."""
    from demo.controller import SETTINGS

    return setting(**SETTINGS)


@pytest.mark.promise("P-LAW", "P-CONTROLLER", "P-CONTACT", "P-NAME", "P-LAWFUL")
@pytest.mark.promise("P-PROTECTED", "P-ENCRYPTED")
def test_the_description_is_published_and_read_at_the_plugins_address(
    filled: dict[str, str],
) -> None:
    assert "not published" in filled["status_description"]
    assert "ei ole vielä julkaistu" in get().content.decode()
    row = publish()
    found = get(Accept_Language="sv")
    assert (found.status_code, found["Content-Language"]) == (200, "sv")
    text = found.content.decode()
    for told in ("Jokkerit Trading Oy", "2368582-3", "Kaskitie 7", "jouko.paunonen@jokkerit.fi",
                 "+358 500 653 313", "Jouko Paunonen", "webbutikens kundregister"):  # fmt: skip
        assert told in text
    for purpose, ground in GROUNDS.items():
        assert wording.PURPOSES[purpose][Language.SV] in text
        assert f"{wording.BASES[ground.basis][Language.SV]} (artikel {ground.basis})" in text
    # It would not be published if it told of a protection that is not there.
    assert "Alla förbindelser till servrarna är starkt krypterade" in text
    assert "skyddade servrar i detta land: Finland" in text
    assert "frame-ancestors 'none'" in found["Content-Security-Policy"]
    assert json.loads(get("description.json").content)["digest"] == row.digest
    assert get("description.pdf").content.startswith(b"%PDF-")
    assert get("record.json").status_code == 401


@pytest.mark.promise("P-LAW", breaks=True)
def test_what_is_missing_is_said_in_the_dashboard(inside: None) -> None:
    fields = setting(controller_name="Jokkerit Trading Oy")
    assert "business_id" in fields["status_description"]
    assert "not published" in fields["status_problems"]


@pytest.mark.promise("P-LAW", breaks=True)
def test_a_changed_setting_is_an_alarm_in_the_dashboard(filled: dict[str, str]) -> None:
    publish()
    fields = setting(inactive_months="24")
    assert "not true any more" in fields["status_description"]
    assert "retention inactive" in fields["status_problems"]
    assert "not true any more" not in setting(inactive_months="36")["status_description"]


#: Setting and value, the alarm, and what is said to who publishes it all the same.
UNTRUE = (
    ("controller_name", "", 'controller_name: "Jokkerit Trading Oy", now nothing',
     "controller_name: Name the controller."),
    ("controller_contact", "verkkokauppa", 'now "verkkokauppa"', "controller_contact: Give"),
    ("privacy_contact", "", 'privacy_contact: "Jouko Paunonen", now nothing', "privacy_contact: "),
    ("hosting_country", "US", "The servers stand outside the European Union (US).", "outside the"),
    ("backups_encrypted_on", "", "Nobody has declared that backups are encrypted.", "backups are"),
)  # fmt: skip


@pytest.mark.promise("P-CONTROLLER", "P-CONTACT", "P-NAME", "P-PROTECTED", "P-EU", breaks=True)
@pytest.mark.promise("P-KEEP-PURPOSE", breaks=True)
def test_what_would_be_untrue_is_an_alarm_and_not_published(filled: dict[str, str]) -> None:
    from demo.controller import SETTINGS
    from jokkerit_plugin.models import Plan
    from jokkerit_plugin.shop.port import shop

    # The controller has approved what is erased at night.
    Plan.objects.create(
        day=clock.today(), night=clock.today(), state=Plan.State.DONE, approved_by="user:1",
        approved_at=clock.now(), settings=shop().config().retention_digest,
    )  # fmt: skip
    first = publish()
    for name, value, alarm, refusal in UNTRUE:
        assert alarm in setting(**{**SETTINGS, name: value})["status_problems"]
        with pytest.raises(CommandError, match=refusal):
            publish()
    # This is published, if it is what the controller wants; until then it is untrue.
    told = setting(**SETTINGS, retention="false")["status_problems"]
    assert "Retention is off: what nothing keeps any more is not erased." in told
    assert 'erased by itself: "yes", now "no"' in told
    assert json.loads(get("description.json").content)["digest"] == first.digest


def test_the_published_page_stays_while_the_plugin_rests(filled: dict[str, str]) -> None:
    publish()
    token = token_of(user("owner", "manage_plugins"))
    data(token, UPDATE, input={"active": False})
    assert get().status_code == 200
    assert get("record.json").status_code == 404


def seals() -> dict[str, tuple[str, Seal]]:
    from jokkerit_plugin.saleor_bridge.port import SaleorPort

    with strict_writer():
        return {one.name: (one.host, one.seal) for one in SaleorPort().connections()}


def database(**options: object) -> dict[str, Any]:
    return {"default": {"HOST": "db.example", "OPTIONS": options}}


OPEN, LOOSE, GOOD = Seal.OPEN, Seal.UNVERIFIED, Seal.VERIFIED
SMTP = "django.core.mail.backends.smtp.EmailBackend"
USER_MAIL: dict[str, Any] = {
    "USER_EMAIL_HOST": "mail.example", "USER_EMAIL_USE_TLS": False, "USER_EMAIL_USE_SSL": False,
}  # fmt: skip
SETTINGS: list[tuple[dict[str, Any], str, Seal]] = [
    ({"DATABASES": database()}, "database:default", OPEN),
    ({"DATABASES": database(sslmode="prefer")}, "database:default", OPEN),
    ({"DATABASES": database(sslmode="require")}, "database:default", LOOSE),
    ({"DATABASES": database(sslmode="verify-ca")}, "database:default", LOOSE),
    ({"DATABASES": database(sslmode="verify-full")}, "database:default", GOOD),
    ({"DATABASES": database(sslrootcert="system")}, "database:default", GOOD),
    ({"CELERY_BROKER_URL": "redis://b.example/1"}, "CELERY_BROKER_URL", OPEN),
    ({"CELERY_BROKER_URL": "rediss://b.example/1?ssl_cert_reqs=none"}, "CELERY_BROKER_URL", LOOSE),
    (
        {"CELERY_BROKER_URL": "rediss://b.example/1?ssl_check_hostname=false"},
        "CELERY_BROKER_URL", LOOSE,
    ),
    (
        {"CELERY_BROKER_URL": "rediss://b.example/1?ssl_check_hostname=true"},
        "CELERY_BROKER_URL", GOOD,
    ),
    ({"CELERY_BROKER_URL": "amqp://u:hush@b.example//"}, "CELERY_BROKER_URL", OPEN),
    ({"CELERY_BROKER_URL": "amqps://u:hush@b.example//"}, "CELERY_BROKER_URL", LOOSE),
    (
        {"CELERY_BROKER_URL": "amqps://b.example//",
         "CELERY_BROKER_USE_SSL": {"server_hostname": None}},
        "CELERY_BROKER_URL", GOOD,
    ),
    ({"CELERY_BROKER_URL": "sqs://key:hush@b.example"}, "CELERY_BROKER_URL", GOOD),
    ({"CACHES": {"default": {"LOCATION": "redis://c.example/0"}}}, "cache:default", OPEN),
    (
        {"EMAIL_BACKEND": SMTP, "EMAIL_HOST": "m.example", "EMAIL_USE_TLS": False,
         "EMAIL_USE_SSL": False},
        "EMAIL_URL", OPEN,
    ),
    (
        {"EMAIL_BACKEND": SMTP, "EMAIL_HOST": "m.example", "EMAIL_USE_TLS": True,
         "EMAIL_USE_SSL": False},
        "EMAIL_URL", GOOD,
    ),
    (USER_MAIL, "USER_EMAIL_URL", OPEN),
    ({**USER_MAIL, "USER_EMAIL_USE_SSL": True}, "USER_EMAIL_URL", GOOD),
    ({"SENTRY_DSN": "http://key:hush@errors.example/1"}, "SENTRY_DSN", OPEN),
    ({"SENTRY_DSN": "https://key:hush@errors.example/1"}, "SENTRY_DSN", GOOD),
    ({"AWS_S3_ENDPOINT_URL": "http://files.example"}, "AWS_S3_ENDPOINT_URL", OPEN),
]  # fmt: skip


@pytest.mark.promise("P-ENCRYPTED", breaks=True)
@pytest.mark.parametrize(("changed", "name", "seal"), SETTINGS)
def test_how_a_connection_is_sealed_is_read_from_the_settings(
    inside: None,
    monkeypatch: pytest.MonkeyPatch,
    changed: dict[str, Any],
    name: str,
    seal: Seal,
) -> None:
    from django.conf import settings as saleors

    from jokkerit_plugin.saleor_bridge.port import SaleorPort

    monkeypatch.delenv("PGSSLMODE", raising=False)
    for one, value in changed.items():
        monkeypatch.setattr(saleors, one, value, raising=False)
    found = {one.name: one for one in SaleorPort().connections_of_settings()}
    assert found[name].seal is seal
    assert found[name].host.endswith(".example")
    assert "hush" not in str(found)


@pytest.mark.promise("P-ENCRYPTED", breaks=True)
def test_webhooks_and_apps_without_tls_are_named(filled: dict[str, str]) -> None:
    from saleor.webhook.models import Webhook

    machine, _ = app("machine", "manage_orders", app_url="http://machine.example/app")
    hook = Webhook.objects.create(app=machine, target_url="http://elsewhere.example/?token=hush")
    safe = Webhook.objects.create(app=machine, target_url="https://elsewhere.example/")
    found = seals()
    assert found[f"webhook:{hook.pk}"] == ("elsewhere.example", OPEN)
    assert found[f"webhook:{safe.pk}"] == ("elsewhere.example", GOOD)
    assert found[f"app:{machine.pk}"] == ("machine.example", OPEN)
    told = setting(privacy_contact="Jouko Paunonen")["status_problems"]
    assert f"webhook:{hook.pk} to elsewhere.example has no TLS" in told
    assert "hush" not in told


@pytest.mark.promise("P-ENCRYPTED", breaks=True)
def test_saleors_own_mail_plugins_are_looked_at(inside: None) -> None:
    from saleor.plugins.models import PluginConfiguration

    for name, sealed in (("user_email", False), ("admin_email", True)):
        values = {"host": f"{name}.example", "use_tls": sealed, "password": "hush"}
        PluginConfiguration.objects.create(
            identifier=f"mirumee.notifications.{name}", name=name, active=True,
            configuration=[{"name": key, "value": value} for key, value in values.items()],
        )  # fmt: skip
    found = seals()
    assert found["mirumee.notifications.user_email"] == ("user_email.example", OPEN)
    assert found["mirumee.notifications.admin_email"] == ("admin_email.example", GOOD)


def test_no_secret_is_asked_for(inside: None) -> None:
    with statements() as sent:
        seals()
    asked = " ".join(sent).lower()
    for secret in ("secret_key", "custom_headers", "auth_token", "password", "metadata"):
        assert secret not in asked
    assert len(sent) == 3


@pytest.mark.promise("P-ENCRYPTED", breaks=True)
def test_a_public_address_without_https_keeps_it_from_being_published(
    filled: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings as saleors

    from jokkerit_plugin.description import protection
    from jokkerit_plugin.shop.port import shop

    monkeypatch.setattr(saleors, "PUBLIC_URL", "http://kauppa.example/")
    assert [one.name for one in protection.alarms(shop().config())] == ["https"]
    monkeypatch.setattr(saleors, "PUBLIC_URL", "https://kauppa.example/")
    (alarm,) = protection.alarms(shop().config())
    assert "was not asked" in alarm.sentence
