"""A mail server on this machine that keeps what it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from dev.postgres import free_port
from tests.saleor.live import until


@dataclass
class Postbox:
    """What came, as it came over the wire."""

    port: int
    letters: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a message."""
        self.letters.append(BytesParser(EmailMessage, policy=default).parsebytes(envelope.content))
        return "250 OK"

    def wait(self, wanted: Callable[[EmailMessage], bool]) -> EmailMessage:
        """Wait for a letter."""
        until(
            lambda: any(map(wanted, self.letters)), lambda: [one["Subject"] for one in self.letters]
        )
        return next(filter(wanted, self.letters))


@contextmanager
def open_postbox() -> Iterator[Postbox]:
    """A server on a free port of the loopback."""
    # It connects to its own port to see whether it is up, so that must be known before.
    box = Postbox(free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
