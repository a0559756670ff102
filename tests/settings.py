"""The plain Django project in which the suite without Saleor runs.

DATABASE_URL and CELERY_BROKER_URL are set by `tests/conftest.py`, unless they are given.
"""

import os

import dj_database_url

SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
TIME_ZONE = "UTC"
# What Django's live server takes for its own files.
STATIC_URL = "/static/"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "jokkerit_plugin"]
DATABASES = {
    "default": dj_database_url.parse(os.environ.get("DATABASE_URL", "postgres:///jokkerit"))
}
CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "")
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
