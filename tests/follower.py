"""Follow a log file in a process of its own, to be killed: path and name of the database."""

import os
import sys
from pathlib import Path


def main(path: str, database: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django
    from django.db import connection

    django.setup()
    connection.settings_dict["NAME"] = database
    from jokkerit_plugin.config import Config
    from jokkerit_plugin.policy.site_log import LONGEST_LINE
    from jokkerit_plugin.sitelog import following

    following.CHUNK = LONGEST_LINE + 1
    print("following", flush=True)  # noqa: T201 - whoever kills it waits for this
    seen: following.Seen = {}
    while True:
        following.follow(Path(path), config=Config(active=True), seen=seen)


if __name__ == "__main__":
    main(*sys.argv[1:])
