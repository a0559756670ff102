"""Ways on which data leaves the shop by itself: to whom, and never by which secret."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit


class FlowKind(StrEnum):
    """What sends."""

    WEBHOOK = "webhook"
    APP = "app"
    PAYMENT = "payment"
    PLUGIN = "plugin"
    MAIL = "mail"
    STORAGE = "storage"
    ERRORS = "error_tracking"
    TELEMETRY = "telemetry"
    HOSTING = "hosting"


@dataclass(frozen=True, slots=True, order=True)
class Flow:
    """One way out. `name` is what the shop calls it (`webhook:7`, a plugin's id, a setting).

    `host` is the other end's name in small letters, without port, path or credentials; empty
    where the shop does not know it: an app that fetches, a plugin that does not tell.
    """

    kind: FlowKind
    name: str
    host: str = ""

    @property
    def target(self) -> str:
        """What a registered flow is matched with: the host, else the name."""
        return self.host or self.name


def host_of(address: str) -> str:
    """Return the host of an address (`https://user:secret@host:1/path` or `host`), or ''."""
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        return (parts.hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_local(host: str) -> bool:
    """Tell whether a host is this machine, so that what goes there does not leave it."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
