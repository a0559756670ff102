"""Keeps a flood of tokens that nobody issued from costing more than a look into the cache.

Only what was refused is counted, by the network that it came from, so no flood keeps anybody
with a real link out. Without a cache that works nothing is refused here.
"""

import ipaddress

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from ..errors import describe
from ..logs import logger_of

logger = logger_of(__name__)

#: Refused tokens of one network in as many seconds, and no more are looked at.
MOST = 30
SECONDS = 60
#: Addresses of machines behind a router (RFC 1918, 6598, 4193), of this one, and of a link.
_INSIDE = tuple(
    ipaddress.ip_network(one)
    for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8",
                "169.254.0.0/16", "::/64", "fc00::/7", "fe80::/10")
)  # fmt: skip


def is_over(request: HttpRequest) -> bool:
    """Tell whether the network of this request has sent too many of them."""
    try:
        return int(cache.get(_name(request), 0)) >= MOST
    except Exception as error:  # noqa: BLE001 - every cache has errors of its own
        logger.warning("the cache cannot be asked: %s", describe(error))
        return False


def count(request: HttpRequest) -> None:
    """Count a token that was refused."""
    name = _name(request)
    try:
        if not cache.add(name, 1, SECONDS):
            cache.incr(name)
    except ValueError:
        # It ran out between the two.
        return
    except Exception as error:  # noqa: BLE001 - every cache has errors of its own
        logger.warning("the cache cannot be asked: %s", describe(error))


def network(request: HttpRequest) -> str:
    """Return the network that a request came from, as text."""
    told: str = request.META.get("REMOTE_ADDR", "")
    try:
        address = ipaddress.ip_address(told)
    except ValueError:
        return told
    # A home or office has a /64 of IPv6, of which every request may use another address.
    bits = 64 if address.version == 6 else 32
    return str(ipaddress.ip_network((address, bits), strict=False))


def is_public(network: str) -> bool:
    """Tell whether a network is somebody's own: not our proxy's, nor unknown."""
    try:
        found = ipaddress.ip_network(network)
    except ValueError:
        return False
    return not any(found.network_address in one for one in _INSIDE)


def _name(request: HttpRequest) -> str:
    """Name a network: no address of anybody's stands in the cache."""
    found = salted_hmac("jokkerit_plugin.web.flood", network(request)).hexdigest()
    return f"jokkerit.flood.{found}"
