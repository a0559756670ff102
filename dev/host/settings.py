"""All that the register needs of a Django project.

DATABASE_URL, CELERY_BROKER_URL and JOKKERIT_RECORDED_SHOP (the path of the recorded shop's
SQLite file; empty: no shop) come from the environment.
"""

import os
from typing import Any

import dj_database_url

SECRET_KEY = "only-for-the-demo"
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "dev.host.urls"
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
#: In a shop the plugin adds these itself, the drain every 5 seconds; here is what one waits for.
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    f"jokkerit-{name}": {
        "task": f"jokkerit_plugin.tasks.{name}",
        "schedule": seconds,
        "options": {"expires": seconds},
    }
    for name, seconds in {
        "drain": 1, "make_files": 3, "take_in_opt_outs": 3, "attend_breaches": 10,
    }.items()
}  # fmt: skip
