"""The whole database as it was, brought back once."""

import os
import subprocess
from pathlib import Path

import psycopg
from django.db import connection
from psycopg.sql import SQL, Identifier

from dev.databases import create_database, drop_database, server_url
from dev.postgres import tool, with_database
from jokkerit_plugin.register.rows import execute


class Dump:
    """Dumped and restored as an administrator does it: seconds, for some 500 tables and indexes."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "backup.dump"
        self.url = with_database(os.environ["DATABASE_URL"], _name())
        self._run("pg_dump", "-Fc", "-f", str(self.file), self.url)

    def restore(self) -> None:
        # Into an empty one: --clean drops no partition's inherited key.
        execute("DROP SCHEMA public CASCADE", [])
        execute("CREATE SCHEMA public", [])
        connection.close()
        self._run("pg_restore", "-d", self.url, str(self.file))

    def _run(self, name: str, *argv: str) -> None:
        subprocess.run([tool(name), *argv], check=True, capture_output=True)


class Snapshot:
    """Its files, copied and put in their place again: a quarter of the time."""

    def __init__(self) -> None:
        connection.close()
        self.name = f"{_name()}_as_it_was"
        create_database(server_url(), self.name, _name())

    def restore(self) -> None:
        connection.close()
        drop_database(with_database(server_url(), _name()))
        with psycopg.connect(server_url(), autocommit=True) as server:
            names = Identifier(self.name), Identifier(_name())
            server.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(*names))


def _name() -> str:
    return str(connection.settings_dict["NAME"])
