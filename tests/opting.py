"""What tests of marketing share: keys, an answer, and old opt-outs declared empty."""

from datetime import timedelta

import pytest

from jokkerit_plugin import clock
from jokkerit_plugin.marketing import contacts
from jokkerit_plugin.marketing.contacts import Answer
from jokkerit_plugin.models import OptOutImport, Sweep
from jokkerit_plugin.policy.marketing import Channel

KEY, NEWER = f"2026:{'ab' * 32}", f"2027:{'cd' * 32}"
AINO = "aino@example.com"


def key(monkeypatch: pytest.MonkeyPatch, *keys: str) -> None:
    """Set the keys of the environment, the newest first."""
    monkeypatch.setenv("JOKKERIT_KEYS", ",".join(keys))


def declared_empty() -> None:
    """Say that there are no old opt-outs, of a shop that was read whole."""
    at = clock.now() - timedelta(days=1)
    OptOutImport.objects.create(started_by="user:1", finished_at=at, declared=True)
    read_whole()


def read_whole() -> None:
    """Let the register have been compared with the whole shop."""
    at = clock.now() - timedelta(days=1)
    Sweep.objects.create(name=Sweep.Name.BACKFILL, started_at=at, finished_at=at)


def ask(address: str = AINO, channel: Channel = Channel.EMAIL) -> Answer:
    """Ask about one address."""
    return contacts.may_contact([(address, channel)])[0]
