"""A running Saleor with the plugin: database, web server, worker and beat.

with servers() as running, Shop("3.23", running) as shop:
    shop.manage("migrate")          # our migrations on top of Saleor's
    shop.start()                    # web, worker and beat, each with its log
    shop.web.kill()                 # SIGKILL of the whole process group
    shop.start_web()
"""

from __future__ import annotations

import functools
import itertools
import json
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from dev.checkouts import Checkout, checkout, python_environment
from dev.databases import Which, drop_database, fresh_database, server_url
from dev.layers import layer
from dev.paths import LOGS, DevError
from dev.postgres import free_port
from dev.processes import Process
from dev.servers import Servers
from dev.stem import BranchProcess, Stem, libraries
from dev.valkey import with_number

#: Variables that would lead a shop to somewhere else than its own servers.
FOREIGN = ("DATABASE_URL_REPLICA", "REDIS_URL", "CLOUDAMQP_URL", "SENTRY_DSN", "PORT")
_numbers = itertools.count()


@functools.cache
def rsa_key(python: Path) -> str:
    """A private key in PEM for Saleor's tokens, one per run."""
    program = (
        "from cryptography.hazmat.primitives import serialization as s;"
        "from cryptography.hazmat.primitives.asymmetric import rsa;"
        "print(rsa.generate_private_key(65537, 2048).private_bytes("
        "s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()).decode())"
    )
    argv = [str(python), "-c", program]
    environment = python_environment()
    return subprocess.run(argv, capture_output=True, text=True, check=True, env=environment).stdout


class Shop:
    """One shop on a fresh database and broker numbers of its own.

    which: "populated" (products, orders, admin@example.com / admin) or "migrated".
    plugin: False runs Saleor's own .venv, to compare with.
    environment: variables that win over those set here.
    stem: let all processes come of one that has imported Saleor, where the system can.
    """

    def __init__(
        self,
        version: str | Checkout,
        servers: Servers,
        *,
        which: Which = "populated",
        plugin: bool = True,
        logs: Path | None = None,
        environment: dict[str, str] | None = None,
        stem: bool = False,
    ) -> None:
        self.checkout = version if isinstance(version, Checkout) else checkout(version)
        self.servers = servers
        self.python = layer(self.checkout) if plugin else self.checkout.python
        number = next(_numbers)
        self.logs = logs or LOGS / self.checkout.version / (f"shop{number}" if number else "shop")
        self.logs.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database_url = fresh_database(
            self.checkout, which, server=server_url(servers.database_url)
        )
        pair = 1 + 2 * (number % 7)
        self.own = {
            "ALLOWED_CLIENT_HOSTS": "localhost,127.0.0.1",
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "CACHE_URL": with_number(servers.broker_url, pair + 1),
            "CELERY_BROKER_URL": with_number(servers.broker_url, pair),
            "DATABASE_URL": self.database_url,
            "DEBUG": "False",
            "DEFAULT_FROM_EMAIL": "shop@example.com",
            "DJANGO_SETTINGS_MODULE": "saleor.settings",
            "EMAIL_URL": f"file:///{self.logs / 'mail'}",
            "HTTP_IP_FILTER_ENABLED": "False",
            "PUBLIC_URL": f"{self.url}/",
            "RSA_PRIVATE_KEY": rsa_key(self.checkout.python),
            "SECRET_KEY": "only-for-this-run",
            # Otherwise each web server reports the shop to Saleor's makers.
            "SEND_USAGE_TELEMETRY": "False",
            **(environment or {}),
        }
        self.stem = self._stem() if stem else None
        self.web = self._process("web", "uvicorn", "saleor.asgi:application", *self._listen())
        self.worker = self._celery("worker", "worker", "--concurrency=2", *_WORKER)
        self.beat = self._celery("beat", "beat", "-l", "info", *_BEAT)

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment of the shop's processes."""
        inherited = {k: v for k, v in python_environment().items() if k not in FOREIGN}
        return {**inherited, **self.own}

    @property
    def version(self) -> str:
        """Saleor's version as the checkout's folder names it, "3.23"."""
        return self.checkout.version

    def _stem(self) -> Stem | None:
        if not (base := libraries(self.python)):
            return None
        log = self.logs / "stem.log"
        return Stem(self.python, env=self.environment, cwd=self.logs, log=log, base=base)

    def _listen(self) -> list[str]:
        return ["--host", "127.0.0.1", "--port", str(self.port), "--no-access-log"]

    def _process(self, name: str, module: str, *argv: str) -> Process:
        title, log = f"Saleor {self.version} {name}", self.logs / f"{name}.log"
        program = [str(self.python), "-m", module, *argv]
        if self.stem:
            return BranchProcess(title, program, stem=self.stem, log=log)
        # Not in the checkout: nothing may be written there.
        return Process(title, program, env=self.environment, cwd=self.logs, log=log)

    def _celery(self, name: str, *argv: str) -> Process:
        return self._process(name, "celery", "-A", "saleor.celeryconf:app", *argv)

    def manage(
        self, *argv: str, check: bool = True, timeout: float = 900, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run `manage.py` in the shop's environment; output captured.

        With `check`, a failing command raises DevError with the end of its output.
        """
        done = subprocess.run(
            [str(self.python), str(self.checkout.folder / "manage.py"), *argv],
            cwd=self.logs,
            env=self.environment,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        with (self.logs / "manage.log").open("a") as log:
            log.write(f"$ manage.py {' '.join(argv)}\n{done.stdout}{done.stderr}\n")
        if check and done.returncode:
            output = (done.stdout + done.stderr)[-3000:]
            raise DevError(f"Saleor {self.version}: manage.py {' '.join(argv)} failed:\n{output}")
        return done

    def start_web(self, *, wait: bool = True) -> None:
        """Start the web server and wait until /graphql/ answers."""
        self.web.start()
        if wait:
            self.wait_web()

    def wait_web(self) -> None:
        """Wait until /graphql/ answers."""
        self.web.until(self.answers, 180, "waiting for /graphql/")

    def start_worker(self, *, concurrency: int = 2, wait: bool = True) -> None:
        """Start the Celery worker and wait until it takes tasks."""
        self.worker = self._celery("worker", "worker", f"--concurrency={concurrency}", *_WORKER)
        size = self.worker.log.stat().st_size if self.worker.log.exists() else 0
        self.worker.start()
        self._worker_says = size
        if wait:
            self.wait_worker()

    def wait_worker(self) -> None:
        """Wait until the worker started last takes tasks."""
        self.worker.until(self._worker_ready, 180, "waiting for the worker")

    def _worker_ready(self) -> bool:
        with self.worker.log.open("rb") as log:
            log.seek(self._worker_says)
            return b" ready." in log.read()

    def start_beat(self) -> None:
        """Start beat, which needs some seconds to its first task."""
        self.beat.start()

    def start(self, *, concurrency: int = 2) -> None:
        """Start web, worker and beat at once and wait for the first two."""
        self.start_web(wait=False)
        self.start_worker(concurrency=concurrency, wait=False)
        self.start_beat()
        self.wait_web()
        self.wait_worker()

    def answers(self) -> bool:
        """Whether GraphQL answers now."""
        request = urllib.request.Request(  # noqa: S310
            f"{self.url}/graphql/",
            data=json.dumps({"query": "{ shop { name } }"}).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
                return "data" in json.load(response)
        except (OSError, urllib.error.URLError, ValueError):
            return False

    def stop(self) -> None:
        """Stop all three; the database stays."""
        for process in (self.beat, self.worker, self.web):
            process.stop(timeout=15)

    def close(self) -> None:
        """Stop all three and drop the database."""
        self.stop()
        if self.stem:
            self.stem.close()
        # Dropping waits seconds for a checkpoint, and a test's own server goes with all it has.
        if not (self.stem and self.servers.postgres):
            drop_database(self.database_url)

    def __enter__(self) -> Shop:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_WORKER = ["-l", "info", "--without-gossip", "--without-mingle"]
_BEAT = ["--scheduler", "saleor.schedulers.schedulers.DatabaseScheduler"]
