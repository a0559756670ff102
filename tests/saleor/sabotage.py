"""Saleor's web application in which the plugin is broken on command.

Served as `tests.saleor.sabotage:application` in place of `saleor.asgi:application`. The file
that $SABOTAGE names holds one word (see `WORDS`), read anew at every event. Nothing of this
is in the product: the tampering is done here, from outside.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import saleor.asgi
from saleor.core.db.connection import allow_writer

from jokkerit_plugin.register import inbox
from jokkerit_plugin.saleor_bridge import hooks
from jokkerit_plugin.saleor_bridge.plugin import RegisterPlugin

application = saleor.asgi.application

#: none: as in the product. note, keys, settings: that part raises. die: the process kills
#: itself between the commit of an order and its note: at the first note of a new order, or
#: at any note of any order, some time.
WORDS = ("none", "note", "keys", "settings", "die", "die-later")
DIE_LATER = 0.2

_file = Path(os.environ["SABOTAGE"])
#: Which word kept which order from being noted.
_struck = _file.with_name("struck")
_note, _on_event = inbox.note, hooks.Hooks._on_event
_settings = RegisterPlugin.__dict__["settings"].func


class SabotageError(Exception):
    """What nothing in the product expects."""


def _word() -> str:
    return _file.read_text().strip() if _file.exists() else "none"


def _known(keys: Sequence[Any]) -> bool:
    """Whether any of these orders was ever noted: then its loss would not show."""
    from jokkerit_plugin.models import InboxEvent, Purchase

    texts = [str(key) for key in keys]
    with allow_writer():
        return (
            InboxEvent.objects.filter(kind="order", key__in=texts).exists()
            or Purchase.objects.filter(saleor_order__in=texts).exists()
        )


def note(kind: Any, keys: Sequence[Any]) -> None:
    word = _word()
    if word == "note":
        raise SabotageError
    if kind == "order" and (
        (word == "die" and not _known(keys))
        or (word == "die-later" and random.random() < DIE_LATER)
    ):
        with _struck.open("a") as struck:
            struck.writelines(f"{word} {key}\n" for key in keys)
        time.sleep(random.random() / 50)
        os.kill(os.getpid(), signal.SIGKILL)
    _note(kind, keys)


def on_event(self: hooks.Hooks, kind: Any, keys: Any, subject: Any) -> None:
    def broken(_instance: Any) -> Sequence[Any]:
        raise SabotageError

    _on_event(self, kind, broken if _word() == "keys" else keys, subject)


def settings(self: RegisterPlugin) -> Any:
    if _word() == "settings":
        raise SabotageError
    return _settings(self)


inbox.note = note
hooks.Hooks._on_event = on_event  # type: ignore[method-assign]
RegisterPlugin.settings = property(settings)  # type: ignore[assignment, method-assign]
