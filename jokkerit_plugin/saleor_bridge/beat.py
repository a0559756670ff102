"""The periodic tasks. Saleor's scheduler makes rows of them, which outlive an uninstall."""

from typing import Any

from django.conf import settings

DRAIN_SECONDS = 5

#: Merged into Celery's schedule; a shop that schedules one of these names itself keeps its own.
SCHEDULE: dict[str, dict[str, Any]] = {
    "jokkerit-drain": {
        "task": "jokkerit_plugin.tasks.drain",
        "schedule": DRAIN_SECONDS,
        # Without it a worker that was away an hour would find 720 of them.
        "options": {"expires": DRAIN_SECONDS},
    },
    # Somebody waits before a page for these two; with nothing to do each is one short query.
    "jokkerit-make-files": {
        "task": "jokkerit_plugin.tasks.make_files",
        "schedule": DRAIN_SECONDS,
        "options": {"expires": DRAIN_SECONDS},
    },
    "jokkerit-take-in-opt-outs": {
        "task": "jokkerit_plugin.tasks.take_in_opt_outs",
        "schedule": DRAIN_SECONDS,
        "options": {"expires": DRAIN_SECONDS},
    },
    # Every minute: it begins the night's walk when the hour has come, and goes on with one
    # that a killed worker left; otherwise it is two short queries.
    "jokkerit-reconcile": {
        "task": "jokkerit_plugin.tasks.reconcile",
        "schedule": 60,
        "options": {"expires": 60},
    },
    # As the night's walk: begins at the setting's hour, else it is one short query.
    "jokkerit-retain": {
        "task": "jokkerit_plugin.tasks.retain",
        "schedule": 60,
        "options": {"expires": 60},
    },
    # A letter waits a minute at most: who asks by mail is waiting for it.
    "jokkerit-attend-requests": {
        "task": "jokkerit_plugin.tasks.attend_requests",
        "schedule": 60,
        "options": {"expires": 60},
    },
    # Hours count here: a reminder, and letters of a breach 500 at a time.
    "jokkerit-attend-breaches": {
        "task": "jokkerit_plugin.tasks.attend_breaches",
        "schedule": 60,
        "options": {"expires": 60},
    },
    # Once a day over all customers; between two walks it is a short query.
    "jokkerit-notice-errors": {
        "task": "jokkerit_plugin.tasks.notice_errors",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "jokkerit-expire-traces": {
        "task": "jokkerit_plugin.tasks.expire_traces",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    # Ending a firm asks the shop at once; this is for the times when the shop failed.
    "jokkerit-shut-out": {
        "task": "jokkerit_plugin.tasks.shut_out",
        "schedule": 300,
        "options": {"expires": 300},
    },
    "jokkerit-release-paid-holds": {
        "task": "jokkerit_plugin.tasks.release_paid_holds",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    # The night asks for it when it is done; this is for a search that was killed.
    "jokkerit-certify": {
        "task": "jokkerit_plugin.tasks.certify",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    # Opt-outs hold at once; these carry them on. Between two walks it is a short query.
    "jokkerit-carry-opt-outs": {
        "task": "jokkerit_plugin.tasks.carry_opt_outs",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "jokkerit-keep-marketing": {
        "task": "jokkerit_plugin.tasks.keep_marketing",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "jokkerit-expire-access-log": {
        "task": "jokkerit_plugin.tasks.expire_access_log",
        "schedule": 86400,
        "options": {"expires": 86400},
    },
    "jokkerit-keep-site-log": {
        "task": "jokkerit_plugin.tasks.keep_site_log",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "jokkerit-watch-description": {
        "task": "jokkerit_plugin.tasks.watch_description",
        "schedule": 86400,
        "options": {"expires": 86400},
    },
    "jokkerit-confirm-opt-ins": {
        "task": "jokkerit_plugin.tasks.confirm_opt_ins",
        "schedule": 60,
        "options": {"expires": 60},
    },
    # Nothing to do where nobody measures; the status counts whole tables.
    "jokkerit-measure": {
        "task": "jokkerit_plugin.tasks.measure",
        "schedule": 300,
        "options": {"expires": 300},
    },
    "jokkerit-remind-of-closing": {
        "task": "jokkerit_plugin.tasks.remind_of_closing",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
}


def install() -> None:
    """Add the entries that the settings do not name already."""
    schedule = getattr(settings, "CELERY_BEAT_SCHEDULE", None)
    if schedule is None:
        return
    for name, entry in SCHEDULE.items():
        schedule.setdefault(name, entry)
