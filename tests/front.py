"""A real nginx before a shop, its access log rotated as logrotate does, and those who call on it.

Behind it stands Saleor, or the register's pages alone (`pages`).
"""

import base64
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from dev.postgres import free_port
from dev.processes import Process, guard

NGINX, WRK = (shutil.which(name, path="/usr/sbin:/usr/bin") for name in ("nginx", "wrk"))
#: Which of Debian's packages are not there; "": none.
ABSENT = "" if NGINX and WRK else "there is no nginx or no wrk: apt-get install nginx-light wrk"
HOME = "/plugins/jokkerit.register/"
SECRET = "Zk3pQ9sX7vB2nM5tL8cR"

#: What a shop's visitors ask for, and what must never be kept of it.
VISITS = (
    "/", "/fi/tuote/1?utm_source=aino@example.com", f"/reset-password/{SECRET}/", "/static/a.css",
    f"{HOME}?email=aino@example.com", f"{HOME}unsubscribe/{SECRET}/", "/fi/haku?q=keng%C3%A4t",
)  # fmt: skip
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
#: What comes from people who mean harm, byte by byte.
HOSTILE = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"\x00\xff\xfe\r\n\r\n",
    b"GET /\x1b[2J\x1b]0;owned\x07 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /' OR 1=1; DROP TABLE jokkerit_plugin_siteline;-- HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /%27%3B%20DROP HTTP/1.1\r\nHost: x\r\nUser-Agent: '; DROP TABLE x; --\r\n\r\n",
    b"GET /<script>alert(1)</script> HTTP/1.1\r\nHost: x\r\nReferer: javascript:alert(1)\r\n\r\n",
    b'GET / HTTP/1.1\r\nHost: x\r\nUser-Agent: "\\" \x1b[31m\xe2\x80\xae<b>\r\n\r\n',
    b"GET /" + b"a/" * 35_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: \xff\xff\r\nUser-Agent: \xff\xff\r\n\r\n",
    # Somebody who guesses passwords, and would not be seen: a long name, and long fields.
    b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic "
    + base64.b64encode(b"a [28/Nov/2020:08:00:00 +0200] " * 200 + b":1") + b"\r\n\r\n",
    b"GET /" + b'"' * 8_000 + b" HTTP/1.1\r\nHost: x\r\nReferer: " + b'"' * 8_000
    + b"\r\nUser-Agent: " + b"\x01" * 8_000 + b"\r\n\r\n",
    b"\r\n\r\n",
)  # fmt: skip

_CONFIG = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
worker_processes 2;
events {{ worker_connections 256; }}
http {{
    access_log {log} combined;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    large_client_header_buffers 4 128k;
    server {{
        listen 127.0.0.1:{port};
        location / {{ return 200 "shop"; }}
        location ~ ^/(graphql|plugins|media|thumbnail)/ {{
            proxy_pass http://127.0.0.1:{behind};
        }}
    }}
}}
"""
#: Eight connections that each wait some milliseconds: a busy shop, and many lines that are alike.
_PACE = "function delay() return math.random(0, 50) end\n"
#: Seconds that the load lasts if nobody ends it.
_LOAD = 600
#: As Saleor is asked, and what must not be kept of it.
_QUESTION = json.dumps({"query": "{ shop { name } }", "variables": {"email": "aino@example.com"}})


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """What it answered stands in nginx's log."""


def _register(environ: dict[str, Any], start: Any) -> list[bytes]:
    """Answer as the register does inside a shop."""
    # Beside Saleor, Django is not set up in this process.
    from django.core.handlers.wsgi import WSGIRequest
    from django.db import connections

    from jokkerit_plugin.web import routes

    try:
        path = environ["PATH_INFO"].removeprefix(HOME)
        answer = routes.serve(WSGIRequest(environ), path, active=True)
    finally:
        connections.close_all()
    start(f"{answer.status_code} {answer.reason_phrase}", list(answer.items()))
    return [b"".join(answer)]


@contextmanager
def pages() -> Iterator[int]:
    """Serve the register's pages from this process; yield the port."""
    server: WSGIServer = make_server("127.0.0.1", 0, _register, handler_class=_Quiet)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Front:
    """nginx in a folder, before what answers on the port `behind`; `log` is followed."""

    folder: Path
    behind: int
    port: int = field(default_factory=free_port)
    rotations: int = 0

    def __post_init__(self) -> None:
        self.log = self.folder / "logs" / "access.log"
        self.log.parent.mkdir()
        config = self.folder / "nginx.conf"
        config.write_text(
            _CONFIG.format(
                folder=self.folder, log=self.log, port=self.port, behind=self.behind,
                user="" if os.getuid() else "user root;",
            )
        )  # fmt: skip
        (self.folder / "pace.lua").write_text(_PACE)
        argv = [NGINX or "nginx", "-p", str(self.folder), "-c", str(config)]
        self.nginx = Process(
            "nginx", argv, env=os.environ, cwd=self.folder, log=self.folder / "nginx.log"
        )

    @contextmanager
    def running(self) -> Iterator["Front"]:
        """Run nginx."""
        try:
            self.nginx.start()
            self.nginx.until(self._answers, 20, "starting")
            yield self
        finally:
            self.nginx.stop(signal.SIGQUIT)

    def load(self) -> subprocess.Popen[bytes]:
        """Begin to call on it from many sides, until that is killed."""
        url = f"http://127.0.0.1:{self.port}/fi/?token={SECRET}"
        pace = str(self.folder / "pace.lua")
        argv = [WRK or "wrk", "-t1", "-c8", f"-d{_LOAD}s", "-s", pace, url]
        load = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
        guard(load.pid)
        return load

    def browse(self) -> None:
        """Visit as a browser does, with cookies and a referer, on one connection."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        for path in VISITS:
            connection.request("GET", path, headers={
                "User-Agent": AGENT, "Cookie": f"session={SECRET}",
                "Referer": f"https://shop.example/fi/?email=aino@example.com&t={SECRET}",
            })  # fmt: skip
            connection.getresponse().read()
        connection.request("POST", "/graphql/", _QUESTION, headers={
            "Content-Type": "application/json", "Authorization": f"Bearer {SECRET}",
        })  # fmt: skip
        connection.getresponse().read()
        connection.close()

    def attack(self) -> None:
        """Send what no browser sends."""
        for raw in HOSTILE:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 20) as one:
                one.sendall(raw)
                one.shutdown(socket.SHUT_WR)
                while one.recv(65_536):
                    pass

    def rotate(self) -> None:
        """Rename the log, let nginx open a new one, and compress the one before (delaycompress)."""
        self.rotations += 1
        before = self._rotated(self.rotations - 1)
        self.log.rename(self._rotated(self.rotations))
        self.nginx.send(signal.SIGUSR1)
        while not self.log.exists():
            time.sleep(0.001)
        if before.exists() and self.rotations % 2:
            subprocess.run(["gzip", str(before)], check=True)

    def _rotated(self, number: int) -> Path:
        return self.log.with_name(f"access.log-{number:05}")

    def _answers(self) -> bool:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        return False
