"""What runs in a stem (see `stem.py`): imports, then forks whenever it is asked to.

Run as text: none of this project's folders comes onto the path. Its arguments: what to import,
and the number of the socket on which it is asked (3 where it came of a stem itself).
"""

import contextlib
import gc
import importlib
import json
import os
import runpy
import socket
import sys
import threading
from pathlib import Path

#: Each takes 0.05 s or more, and needs none of Django's settings.
LIBRARIES = (
    "PIL.Image", "authlib.jose", "authorizenet.apicontractsv1", "botocore.session", "braintree",
    "celery.app.base", "cryptography.x509", "django.core.management", "django.db.models", "faker",
    "google.cloud.storage", "graphql", "grpc", "kombu", "lxml.etree", "magic",
    "opentelemetry.sdk.trace", "petl", "phonenumbers", "pkg_resources", "psycopg", "pybars",
    "pydantic", "pyxb", "redis", "rx", "sentry_sdk", "stripe", "sympy", "urllib3", "yaml",
)  # fmt: skip
#: What web server, worker and beat import besides Saleor.
PROGRAMS = (
    "celery.bin.celery", "celery.worker.components", "celery.concurrency.prefork",
    "django_celery_beat.schedulers", "kombu.transport.redis", "uvicorn.main",
)  # fmt: skip

children: list[int] = []


def bring_up(what: str) -> None:
    """Import it, without a connection or a thread: a fork would break both."""
    # Nothing of this is rubbish; looking for it takes a tenth of the time.
    gc.disable()
    if what == "libraries":
        for name in LIBRARIES:
            # Not every Saleor has each.
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
    else:
        import_saleor()
    assert threading.active_count() == 1, threading.enumerate()
    assert len(list(Path("/proc/self/task").iterdir())) == 1
    gc.freeze()
    gc.enable()


def import_saleor() -> None:
    """Everything that a process of a shop may need."""
    import django

    django.setup()
    from django.db import connections
    from django.urls import get_resolver
    from saleor.celeryconf import app

    assert get_resolver().url_patterns
    app.loader.import_default_modules()
    for name in PROGRAMS:
        importlib.import_module(name)
    assert [one for one in connections.all(initialized_only=True) if one.connection] == []


def asked(door: socket.socket) -> list[str]:
    """Fork for whoever asks; in each child what it shall be, in the stem nothing at the end."""
    while True:
        said, files, _, _ = socket.recv_fds(door, 1_000_000, 9)
        if not said:
            return []
        leads, leading = os.pipe()
        if not (child := os.fork()):
            door.close()
            os.close(leads)
            os.setsid()
            os.close(leading)
            return become(files, **json.loads(said))
        for file in [*files, leading]:
            os.close(file)
        # Until it leads its group nobody could kill that.
        os.read(leads, 1)
        os.close(leads)
        ended = os.pidfd_open(child)
        socket.send_fds(door, [str(child).encode()], [ended])
        os.close(ended)
        # Of those that ended before; this one keeps its id at least until the next is asked for.
        for old in list(children):
            if os.waitpid(old, os.WNOHANG)[0]:
                children.remove(old)
        children.append(child)


def become(files: list[int], argv: list[str], env: dict[str, str] | None, cwd: str) -> list[str]:
    """Let this child be a process of its own, as if started so."""
    high = [os.dup(file) for file in files]
    for number, file in enumerate(high):
        os.dup2(file, number)
    for file in {*files, *high} - set(range(len(files))):
        os.close(file)
    os.chdir(cwd)
    if env is not None:
        os.environ.clear()
        os.environ.update(env)
        path = env.get("PYTHONPATH", "").split(os.pathsep)
        sys.path[1:1] = [one for one in path if one and one not in sys.path]
    return argv


what, number = [*sys.argv[1:], "3"][:2]
bring_up(what)
with socket.socket(fileno=int(number)) as it:
    sys.argv = asked(it)
if not sys.argv:
    # There is nothing to put in order, and that takes a second.
    os._exit(0)
elif sys.argv[0] == "-m":
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
else:
    code = sys.argv.pop(1)
    exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102
