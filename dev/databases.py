"""Saleor databases, migrated and populated once, kept as dumps in the user's cache.

    fresh_database("3.23", "populated")    # -> DATABASE_URL, about 0.3 s after the first

Both dumps are made by Saleor's own .venv, without the plugin: `migrated` is what
`manage.py migrate` leaves (3.5 minutes; from the dump of an older version, as a shop comes to
it, about one), `populated` has `populatedb --createsuperuser
--withoutimages` on top (1 minute): products, 20 orders, 45 users, admin@example.com /
admin. Keyed by Saleor's commit and PostgreSQL's major version.
"""

from __future__ import annotations

import fcntl
import gzip
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import psycopg
from psycopg.sql import SQL, Identifier

from dev.checkouts import Checkout, checkout, find_checkouts, python_environment
from dev.paths import LOGS, DevError, say, user_cache
from dev.postgres import tool, with_database

Which = Literal["migrated", "populated"]
STEPS: dict[Which, list[list[str]]] = {
    "migrated": [["migrate", "--no-input", "-v", "1"]],
    "populated": [["populatedb", "--createsuperuser", "--withoutimages"]],
}


def server_url(url: str | None = None) -> str:
    """The given server's URL, else $DATABASE_URL's, with the maintenance database.

    DevError when neither is given.
    """
    url = url or os.environ.get("DATABASE_URL", "")
    if not url:
        raise DevError("no PostgreSQL: run inside dev.servers.servers() or set DATABASE_URL")
    return with_database(url, "postgres")


@contextmanager
def _admin(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as it:
        yield it


def server_major(url: str) -> int:
    """PostgreSQL's major version."""
    with _admin(url) as connection:
        return connection.info.server_version // 10000


def create_database(url: str, name: str, template: str = "template0") -> str:
    """Create a database, replacing one of that name; its URL. 0.2 s with a Saleor template."""
    with _admin(url) as connection:
        connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
        connection.execute(
            SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template))
        )
    return with_database(url, name)


def drop_database(url: str) -> None:
    """Drop the database that a URL names, with the connections it still has."""
    name = url.rpartition("/")[2]
    with _admin(server_url(url)) as connection:
        connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def fresh_database(
    version: str | Checkout, which: Which = "populated", *, server: str | None = None
) -> str:
    """A new database with what Saleor's migrations (and populatedb) leave; its URL.

    Restores the dump into a template once per server, making the dump when it is missing.
    """
    shop = version if isinstance(version, Checkout) else checkout(version)
    url = server_url(server)
    name = shop.version.replace(".", "_")
    template = f"saleor_{name}_{which}_{shop.commit[:8]}"
    with _locked(user_cache() / f"{template}.lock"):
        with _admin(url) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            known = connection.execute(query, [template]).fetchone()
        if not known:
            started = time.monotonic()
            dump = make_dump(shop, which, server=url)
            half = create_database(url, f"{template}_half")
            _restore(dump, half)
            with _admin(url) as connection:
                connection.execute(
                    SQL("ALTER DATABASE {} RENAME TO {}").format(
                        Identifier(f"{template}_half"), Identifier(template)
                    )
                )
            say(f"Saleor {shop.version} {which}: ready in {time.monotonic() - started:.1f} s")
        return create_database(url, f"shop_{name}_{uuid.uuid4().hex[:8]}", template)


def dump_path(shop: Checkout, which: Which, major: int) -> Path:
    """Where the dump is kept."""
    return user_cache() / "dumps" / f"saleor-{shop.version}-{shop.commit}-pg{major}-{which}.sql.gz"


def make_dump(shop: Checkout, which: Which, *, server: str | None = None) -> Path:
    """The dump's path; makes it when it is missing, one process at a time."""
    url = server_url(server)
    major = server_major(url)
    path = dump_path(shop, which, major)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path.parent / f"{path.name}.lock"):
        if path.exists():
            return path
        migrated = which == "migrated"
        base = _older(shop, major) if migrated else make_dump(shop, "migrated", server=url)
        say(f"Saleor {shop.version}: making its {which} database, once per commit (minutes) ...")
        started = time.monotonic()
        work = create_database(url, f"making_{which}_{uuid.uuid4().hex[:8]}")
        try:
            if base is not None:
                _restore(base, work)
            for step in STEPS[which]:
                _saleor(shop, step, work)
            _dump(work, path, major)
        finally:
            drop_database(work)
        say(f"Saleor {shop.version}: {which} in {time.monotonic() - started:.0f} s, {path}")
    return path


def _older(shop: Checkout, major: int) -> Path | None:
    """The migrated dump of the nearest older version beside this one, when it has been made."""
    older = [one for one in find_checkouts().values() if _number(one) < _number(shop)]
    dumps = [dump_path(one, "migrated", major) for one in sorted(older, key=_number)]
    return next((dump for dump in reversed(dumps) if dump.exists()), None)


def _number(shop: Checkout) -> tuple[int, ...]:
    """3.22 as numbers; main is the newest."""
    parts = shop.version.split(".")
    return tuple(map(int, parts)) if all(map(str.isdecimal, parts)) else (sys.maxsize,)


def _saleor(shop: Checkout, argv: list[str], database_url: str) -> None:
    log = LOGS / shop.version / f"{argv[0]}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = python_environment()
    for name in ("CELERY_BROKER_URL", "CACHE_URL", "REDIS_URL", "DATABASE_URL_REPLICA"):
        environment.pop(name, None)
    environment |= {
        "DATABASE_URL": database_url,
        "SECRET_KEY": "only-for-making-a-dump",
        "EMAIL_URL": "dummymail://",
        "SEND_USAGE_TELEMETRY": "False",
    }
    with log.open("wb") as out:
        done = subprocess.run(
            [str(shop.python), "manage.py", *argv],
            cwd=shop.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
        raise DevError(f"Saleor {shop.version}: manage.py {argv[0]} failed, see {log}:\n{tail}")


def _dump(url: str, path: Path, major: int) -> None:
    argv = [tool("pg_dump"), "--no-owner", "--no-privileges", url]
    text = subprocess.run(argv, capture_output=True, check=True).stdout
    if major < 17:
        # A newer pg_dump sets what an older server does not know.
        text = text.replace(b"SET transaction_timeout = 0;\n", b"")
    half = path.with_suffix(".half")
    half.write_bytes(gzip.compress(text, 6))
    half.replace(path)


def _restore(path: Path, url: str) -> None:
    argv = [tool("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-1", "-d", url]
    done = subprocess.run(
        argv, input=gzip.decompress(path.read_bytes()), capture_output=True, check=False
    )
    if done.returncode:
        raise DevError(f"restoring {path} failed: {done.stderr.decode(errors='replace')[-2000:]}")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
