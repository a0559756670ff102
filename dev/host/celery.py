"""The Celery application of the demo's worker and beat."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dev.host.settings")

app = Celery("jokkerit-demo")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
