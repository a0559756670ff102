"""All that the register needs of a Django project.

DATABASE_URL, CELERY_BROKER_URL and JOKKERIT_RECORDED_SHOP (the path of the recorded shop's
SQLite file; empty: no shop) come from the environment.
"""

import os
from typing import Any

import dj_database_url

SECRET_KEY = "only-for-the-demo"
USE_TZ = True
TIME_ZONE = "UTC"
INSTALLED_APPS = ["jokkerit_plugin"]
DATABASES = {
    "default": dj_database_url.parse(os.environ.get("DATABASE_URL", "postgres:///jokkerit"))
}
JOKKERIT_RECORDED_SHOP = os.environ.get("JOKKERIT_RECORDED_SHOP") or None
CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "")
#: A queue of its own: the broker may serve others too.
CELERY_TASK_DEFAULT_QUEUE = os.environ.get("JOKKERIT_QUEUE", "jokkerit-demo")
#: In a shop the plugin adds these itself, with 5 seconds for the drain.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "jokkerit-drain": {
        "task": "jokkerit_plugin.tasks.drain",
        "schedule": 1,
        "options": {"expires": 1},
    },
}
