"""Protected servers and strong encryption: is it so?

What the settings say is looked at whenever somebody asks, and at start; what only the network
tells (HTTPS and HSTS as the shop's proxy has them) is asked every night and kept in a row.
"""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from .. import clock
from ..config import Config
from ..models import SeenHttps
from ..policy.recipients import in_eu
from ..shop.connections import Connection, Seal
from ..shop.flows import host_of, is_local
from ..shop.port import shop
from . import https

#: Half a year: RFC 6797 wants it long, and browsers take HSTS as settled from then on.
HSTS_SECONDS = 15_768_000
#: A shop that was last asked earlier than this was not asked.
ASKED = timedelta(hours=48)
#: For so long a declaration that backups are encrypted holds.
DECLARED = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A protection that is missing: `name` of the check, and a sentence."""

    name: str
    sentence: str

    def __str__(self) -> str:
        return self.sentence


def alarms(config: Config) -> list[Alarm]:
    """Return every protection that is missing; a few queries, and nothing asked of the network."""
    port = shop()
    return [
        *_https(port.address()),
        *connections(port.connections()),
        *hosting(config),
        *backups(config),
    ]


def ask() -> None:
    """Ask the shop's own address how it answers, and keep the answer."""
    if host := _outside(shop().address()):
        seen = https.ask(host)
        SeenHttps.objects.update_or_create(
            host=host, defaults={"at": clock.now(), "hsts": seen.hsts, "problem": seen.problem}
        )


def connections(found: list[Connection]) -> list[Alarm]:
    """Return the connections that leave this machine and are not verified TLS."""
    return [
        Alarm("connection", f"{one.name} to {one.host} has {one.seal.value}.")
        for one in found
        if not one.local and one.seal is not Seal.VERIFIED
    ]


def hosting(config: Config) -> list[Alarm]:
    """Return what is wrong with the country of the servers; not told is `facts.missing`."""
    code = config.hosting_country
    if not code or in_eu(code):
        return []
    return [Alarm("hosting", f"The servers stand outside the European Union ({code}).")]


def backups(config: Config) -> list[Alarm]:
    """Return what is wrong with what was declared about backups."""
    today = clock.now().astimezone(clock.HELSINKI).date()
    day = config.backups_encrypted_on
    if day is None:
        return [Alarm("backups", "Nobody has declared that backups are encrypted.")]
    if day > today:
        return [Alarm("backups", "That backups are encrypted is declared on a day to come.")]
    if day < today - DECLARED:
        sentence = f"That backups are encrypted was last declared on {day}: check it again."
        return [Alarm("backups", sentence)]
    return []


def secure_address(address: str) -> list[Alarm]:
    """Return an alarm where a shop that is found from outside is not at an HTTPS address."""
    if not _outside(address) or urlsplit(address).scheme == "https":
        return []
    return [Alarm("https", "The shop's public address does not begin with https.")]


def _https(address: str) -> list[Alarm]:
    if (found := secure_address(address)) or not (host := _outside(address)):
        return found
    seen = SeenHttps.objects.filter(host=host).first()
    if seen is None or seen.at < clock.now() - ASKED:
        sentence = "The shop's public address was not asked for HTTPS in the last 48 hours."
        return [Alarm("https", f"{sentence} Run register_description --check.")]
    if seen.problem:
        found.append(Alarm("https", f"{host}: {seen.problem}"))
    elif seen.hsts < HSTS_SECONDS:
        sentence = f"{host} does not send Strict-Transport-Security for half a year or more."
        found.append(Alarm("hsts", sentence))
    return found


def _outside(address: str) -> str:
    host = host_of(address)
    return "" if is_local(host) else host
