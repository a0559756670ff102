"""`python -m dev.host <command>`: the project's manage.py."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dev.host.settings")
    execute_from_command_line(["python -m dev.host", *sys.argv[1:]])
