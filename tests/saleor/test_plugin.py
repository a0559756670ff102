"""The plugin in the Dashboard: settings, checks, live status, pages; and what start() adds."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

import pytest

from jokkerit_plugin.config import Config
from jokkerit_plugin.saleor_bridge import beat, configuration, version
from tests.saleor.inside import statements, strict_writer

pytest_plugins = ("tests.saleor.fixtures_inside",)

UPDATE = """mutation($input: PluginUpdateInput!) {
  pluginUpdate(id: "jokkerit.register", input: $input) {
    errors { field message code }
    plugin { globalConfiguration { active configuration { name value type label helpText } } }
  }
}"""
READ = """{ plugin(id: "jokkerit.register") { name description globalConfiguration {
    active configuration { name value type label helpText } } } }"""
#: setting: (typed value, what it becomes)
GOOD = {
    "fill_orders": ("false", False),
    "fill_checkouts": ("true", True),
    "checkout_days": ("7", 7),
    "controller_name": ("Jokkerit Trading Oy", "Jokkerit Trading Oy"),
    "business_id": (" 23685823 ", "2368582-3"),
    "controller_address": ("Kaskitie 7\n51900 Juva", "Kaskitie 7\n51900 Juva"),
    "controller_contact": ("+358 500 653 313", "+358 500 653 313"),
    "privacy_contact": ("Jouko Paunonen", "Jouko Paunonen"),
    "data_protection_officer": ("Tiina Tieto", "Tiina Tieto"),
    "dashboards": (
        "https://Dashboard.example.com/dashboard/, http://localhost:9000",
        ("https://dashboard.example.com/dashboard", "http://localhost:9000"),
    ),
    "hosting_country": ("fi", "FI"),
    "backups_encrypted_on": ("2026-11-01", dt.date(2026, 11, 1)),
    "financial_year_end": ("6-30", "06-30"),
    "excluded_channels": ("default-channel", ("default-channel",)),
    "excluded_gateways": ("theirs", ("theirs",)),
    "test_channels": ("channel-pln, default-channel", ("channel-pln", "default-channel")),
    "test_gateways": ("mirumee.payments.dummy", ("mirumee.payments.dummy",)),
    "vat_id_keys": ("VAT", ("VAT",)),
    "retention": ("false", False),
    "erase_in_shop": ("true", True),
    "retention_hour": ("0", 0),
    "retention_daily_limit": ("500", 500),
    "bookkeeping_years": ("12", 12),
    "identity_years": ("6", 6),
    "site_log_days": ("30", 30),
    "site_log_address_days": ("7", 7),
    "inactive_months": ("24", 24),
    "detail_years": ("2", 2),
    "claims_months": ("saw: 60\n*: 12", (("*", 12), ("saw", 60))),
}


@pytest.fixture
def ask(inside: None) -> Any:
    """Posts GraphQL as the shop's administrator; returns `data`."""
    from django.test import Client
    from saleor.account.models import User
    from saleor.core.jwt import create_access_token

    token = create_access_token(User.objects.get(email="admin@example.com"))

    def post(query: str, **variables: object) -> Any:
        answer = Client().post(
            "/graphql/",
            json.dumps({"query": query, "variables": variables}),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        body = answer.json()
        assert "errors" not in body, body
        return body["data"]

    return post


def change(ask: Any, *, active: bool | None = None, **fields: str) -> Any:
    """The answer of pluginUpdate."""
    given: dict[str, object] = {
        "configuration": [{"name": name, "value": value} for name, value in fields.items()]
    }
    if active is not None:
        given["active"] = active
    return ask(UPDATE, input=given)["pluginUpdate"]


def unsaid(**given: Any) -> Config:
    """The defaults: nobody has said when the financial year ends."""
    return Config(financial_year_said=False, **given)


def in_force() -> Config:
    from jokkerit_plugin.saleor_bridge.port import SaleorPort

    return SaleorPort().config()


def stored(values: dict[str, object], *, active: bool = True) -> None:
    """Put a row of settings into Saleor's table, past all validation."""
    from saleor.plugins.models import PluginConfiguration

    fields = [{"name": name, "value": value} for name, value in values.items()]
    PluginConfiguration.objects.create(
        identifier="jokkerit.register", name="", configuration=fields, active=active
    )


def shown(answer: Any) -> dict[str, str]:
    fields = answer["globalConfiguration"]["configuration"]
    return {field["name"]: field["value"] for field in fields}


def test_every_setting_has_a_field_with_a_label_and_help(ask: Any) -> None:
    fields = ask(READ)["plugin"]["globalConfiguration"]["configuration"]

    settings = {field["name"] for field in fields if field["type"] != "OUTPUT"}
    not_typed = {"active", "unusable", "financial_year_said"}
    assert settings == {field.name for field in dataclasses.fields(Config)} - not_typed
    for field in fields:
        assert field["label"]
        assert field["helpText"].endswith(".")


def test_the_fields_stand_in_groups_whatever_the_stored_row_s_order(ask: Any) -> None:
    from jokkerit_plugin.saleor_bridge.settings_form import FIELDS, GROUPS

    assert sorted(name for names in GROUPS.values() for name in names) == sorted(FIELDS)
    stored({"bic": "", "checkout_days": "7", "status_problems": ""})

    fields = ask(READ)["plugin"]["globalConfiguration"]["configuration"]

    assert [field["name"] for field in fields] == [
        name for names in GROUPS.values() for name in names
    ]
    for group, names in GROUPS.items():
        labels = [field["label"] for field in fields if field["name"] in names]
        assert all(label.startswith(group) for label in labels)


def test_what_is_missing_is_named_and_long_status_is_read_in_the_help(ask: Any) -> None:
    change(ask, controller_name="Oy")

    fields = ask(READ)["plugin"]["globalConfiguration"]["configuration"]
    found = {field["name"]: field for field in fields}

    missing = found["status_missing"]
    assert "Controller," not in missing["value"]
    assert missing["value"].startswith("Business ID, Controller's address")
    problems = found["status_problems"]
    for line in problems["value"].splitlines():
        assert line in problems["helpText"]
    assert problems["helpText"].endswith("Empty when all is well.")


def test_without_a_stored_row_the_defaults_are_in_force(inside: None) -> None:
    with strict_writer(), statements() as sent:
        assert in_force() == unsaid(active=True)

    assert len(sent) == 1


def test_the_form_s_defaults_are_the_defaults_of_config(saleor_process: None) -> None:
    from jokkerit_plugin.saleor_bridge.settings_form import DEFAULT_CONFIGURATION

    config, problems = configuration.lenient(DEFAULT_CONFIGURATION, active=False)

    assert dataclasses.replace(config, vat_id_keys=()) == unsaid(vat_id_keys=())
    assert set(config.vat_id_keys) == set(Config().vat_id_keys)
    assert problems == ()


def test_saved_settings_are_in_force(ask: Any) -> None:
    answer = change(ask, active=True, **{name: typed for name, (typed, _) in GOOD.items()})

    assert answer["errors"] == []
    config = in_force()
    assert {name: getattr(config, name) for name in GOOD} == {
        name: becomes for name, (_, becomes) in GOOD.items()
    }


def test_a_deactivated_plugin_s_config_says_so(ask: Any) -> None:
    change(ask, active=False)

    assert in_force() == unsaid()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("business_id", "2368582-4"),
        ("business_id", "none"),
        ("dashboards", "http://dashboard.example.com"),
        ("dashboards", "https://*.example.com"),
        ("dashboards", "dashboard.example.com"),
        ("dashboards", "https://a.example; script-src *"),
        ("financial_year_end", "31.12."),
        ("financial_year_end", "02-30"),
        ("checkout_days", "0"),
        ("checkout_days", "91"),
        ("checkout_days", "a week"),
        ("bookkeeping_years", "9"),
        ("bookkeeping_years", "0"),
        ("bookkeeping_years", "ten"),
        ("identity_years", "7"),
        ("claims_months", "saw 60"),
    ],
)
def test_an_unusable_value_is_refused_at_its_field(ask: Any, field: str, value: str) -> None:
    answer = change(ask, controller_name="Half saved?", **{field: value})

    (error,) = answer["errors"]
    assert (error["field"], error["code"]) == (field, "INVALID")
    assert error["message"]
    assert in_force() == unsaid(active=True)


def test_a_first_form_that_does_not_say_active_leaves_the_register_on(ask: Any) -> None:
    change(ask, controller_name="Oy")

    assert in_force() == unsaid(active=True, controller_name="Oy")


def test_a_refused_form_leaves_a_deactivated_plugin_as_it_was(ask: Any) -> None:
    change(ask, active=False, controller_name="Oy")

    change(ask, active=True, checkout_days="0")

    assert in_force() == unsaid(active=False, controller_name="Oy")


def test_later_settings_appear_beside_a_row_that_an_older_version_stored(ask: Any) -> None:
    stored({"fill_orders": False, "gone_since": "x"})

    answer = change(ask, controller_name="Jokkerit Trading Oy")

    assert answer["errors"] == []
    config = in_force()
    assert (config.fill_orders, config.controller_name) == (False, "Jokkerit Trading Oy")


def test_a_stored_value_that_cannot_be_used_counts_as_its_default(ask: Any) -> None:
    stored({"checkout_days": "soon", "business_id": "1", "controller_name": "Oy"})

    config = in_force()

    assert config == unsaid(active=True, controller_name="Oy")
    problems = shown(ask(READ)["plugin"])["status_problems"].splitlines()
    assert [line.partition(":")[0] for line in problems[:2]] == ["checkout_days", "business_id"]


@pytest.mark.promise("P-KEEP-BOOKKEEPING", breaks=True)
def test_books_are_not_kept_below_ten_years_and_the_refusal_says_why(ask: Any) -> None:
    answer = change(ask, bookkeeping_years="6")

    (error,) = answer["errors"]
    assert (error["field"], error["code"]) == ("bookkeeping_years", "INVALID")
    assert "Accounting Act" in error["message"]
    assert in_force().bookkeeping_years == 10


@pytest.mark.promise("P-KEEP-BOOKKEEPING", breaks=True)
def test_a_shorter_term_that_stands_in_the_database_stops_all_erasing(ask: Any) -> None:
    stored({"bookkeeping_years": "6", "controller_name": "Oy"})

    config = in_force()

    assert config.bookkeeping_years == 10
    assert config.retention_refusal.startswith("Nothing is erased")
    assert "bookkeeping_years: " in config.retention_refusal
    assert "bookkeeping_years: " in shown(ask(READ)["plugin"])["status_problems"]


def test_settings_that_decide_nothing_about_terms_do_not_stop_the_erasing(inside: None) -> None:
    stored({"checkout_days": "soon", "iban": "1"})

    assert in_force().retention_refusal == ""


def test_the_status_is_live_whatever_was_stored(ask: Any) -> None:
    from jokkerit_plugin.models import InboxEvent

    change(ask, controller_name="Stores all fields, status too")
    InboxEvent.objects.create(kind="order", key="1")
    InboxEvent.objects.create(kind="order", key="2")

    with strict_writer():
        status = shown(ask(READ)["plugin"])

    assert status["status_backlog"].startswith("2, the oldest since ")
    assert "status could not be read" not in status["status_problems"]


def test_a_status_that_cannot_be_read_is_no_error(ask: Any) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE jokkerit_plugin_inboxevent CASCADE")
        cursor.execute("SAVEPOINT before_the_question")

    status = shown(ask(READ)["plugin"])

    assert status["status_backlog"] in {"", "0"}
    assert status["status_problems"]


@pytest.mark.parametrize("active", [True, False])
@pytest.mark.parametrize("path", ["no-such-page/", "a/b?c=d", "record.txt"])
def test_unknown_pages_are_answered_politely(inside: None, active: bool, path: str) -> None:
    from django.test import Client

    stored({}, active=active)

    answer = Client().get(f"/plugins/jokkerit.register/{path}")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(("active", "status"), [(True, 200), (False, 404)])
def test_a_plugin_that_rests_and_never_published_has_no_page(
    inside: None, active: bool, status: int
) -> None:
    from django.test import Client

    stored({}, active=active)
    assert Client().get("/plugins/jokkerit.register/").status_code == status


def test_this_saleor_is_one_of_those_tested_and_main_is_warned_of(saleor_process: None) -> None:
    from saleor import __version__

    assert version.tried(__version__)
    assert bool(version.check()) is (__version__ == version.MAIN)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("3.20.99", False),
        ("3.21.0", True),
        ("3.23.28", True),
        (version.MAIN, False),
        ("3.25.0", False),
        ("4.0.0", False),
        ("unknown", False),
    ],
)
def test_supported_versions(number: str, expected: bool) -> None:
    assert version.supported(number) is expected


def test_another_saleor_is_a_warning_only(
    saleor_process: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saleor.__version__", "3.30.1")

    (message,) = version.check()

    assert (message.id, message.is_serious()) == ("jokkerit_plugin.W001", False)
    assert "3.30.1" in message.msg


def test_beat_runs_our_tasks(saleor_process: None) -> None:
    from django.conf import settings
    from saleor.celeryconf import app

    app.loader.import_default_modules()

    for name, entry in beat.SCHEDULE.items():
        assert settings.CELERY_BEAT_SCHEDULE[name] == entry
        assert entry["task"] in app.tasks


def test_a_shop_s_own_schedule_wins(monkeypatch: pytest.MonkeyPatch, saleor_process: None) -> None:
    from django.conf import settings

    own = {"jokkerit-drain": {"task": "jokkerit_plugin.tasks.drain", "schedule": 60}}
    monkeypatch.setattr(settings, "CELERY_BEAT_SCHEDULE", own)

    beat.install()

    assert own["jokkerit-drain"]["schedule"] == 60
    assert set(own) == set(beat.SCHEDULE)
