"""The connections on which a shop carries customers' data, and how well each is sealed."""

from dataclasses import dataclass
from enum import StrEnum

from .flows import is_local


class Seal(StrEnum):
    """How a connection is protected."""

    #: TLS, and who is at the other end is verified, by name.
    VERIFIED = "verified TLS"
    #: TLS, to whoever answers.
    UNVERIFIED = "TLS without verifying who is at the other end"
    #: No TLS, or TLS only if the other end happens to offer it.
    OPEN = "no TLS"


@dataclass(frozen=True, slots=True, order=True)
class Connection:
    """One connection; `name` is what the shop calls it (a setting, `webhook:7`), never a secret.

    `host` as in `Flow`; empty: a socket or a file on this machine.
    """

    name: str
    host: str
    seal: Seal

    @property
    def local(self) -> bool:
        """Tell whether it does not leave this machine."""
        return not self.host or is_local(self.host)
