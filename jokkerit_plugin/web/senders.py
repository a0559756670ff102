"""Requests that a sender of mail signs: programs that have no token of the shop's.

    JOKKERIT_SENDERS=app:5:<64 hexadecimal digits or more>,app:5:<the old one>,app:8:<...>

Each key is one app's, as the register knows it: what it may do is asked of the shop and of the
guard, as for its token. The signature is HMAC-SHA-256, in hexadecimal, over

    POST may-contact\\n<Jokkerit-Timestamp>\\n<body>
"""

import hashlib
import hmac
import logging
import os
import re

from django.core.cache import cache
from django.http import HttpRequest

from .. import clock
from ..access.actor import Actor
from ..errors import describe
from ..shop.port import shop
from .errors import NotSignedIn

logger = logging.getLogger(__name__)

VARIABLE = "JOKKERIT_SENDERS"
#: Seconds by which the clocks of sender and shop may differ; a signature is good once in them.
WINDOW = 300

_ENTRY = re.compile(r"(app:[1-9][0-9]{0,17}):((?:[0-9a-fA-F]{2}){32,})")
_UNKNOWN = os.urandom(32)


def sender_of(request: HttpRequest, body: bytes) -> Actor:
    """Return the app that signed the request, with what it may do now. Raises `NotSignedIn`.

    A sender that there is not costs the same comparison as one with a wrong signature.
    """
    told = request.headers.get("Jokkerit-Timestamp", "")
    given = request.headers.get("Jokkerit-Signature", "")
    who = request.headers.get("Jokkerit-Sender", "")
    message = b"POST may-contact\n" + told.encode() + b"\n" + body
    matches = [
        hmac.compare_digest(_sign(key, message), given.lower().encode())
        for key in _keys().get(who) or [_UNKNOWN]
    ]
    if not any(matches) or not re.fullmatch(r"[0-9]{1,12}", told):
        raise NotSignedIn("Sign the request with a key of JOKKERIT_SENDERS: see docs/marketing.md.")
    if abs(clock.now().timestamp() - int(told)) > WINDOW:
        raise NotSignedIn(f"The timestamp is more than {WINDOW} seconds from now.")
    if not _is_first(given):
        raise NotSignedIn("This request was sent already: sign each one anew.")
    held = {one.key: one.permissions for one in shop().people() if one.active}
    return Actor(who, held.get(who, frozenset()))


def _keys() -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    for entry in filter(None, (part.strip() for part in os.environ.get(VARIABLE, "").split(","))):
        if match := _ENTRY.fullmatch(entry):
            found.setdefault(match[1], []).append(bytes.fromhex(match[2]))
        else:
            # Never quote the entry: it may hold the secret.
            logger.error("%s has an entry that is not app:<id>:<hexadecimal>", VARIABLE)
    return found


def _sign(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, hashlib.sha256).hex().encode()


def _is_first(signature: str) -> bool:
    try:
        return bool(cache.add(f"jokkerit.signed.{signature.lower()}", 1, 2 * WINDOW))
    except Exception as error:  # noqa: BLE001 - every cache has errors of its own
        # A question asked twice changes nothing; unanswered, it stops the shop's letters.
        logger.warning("the cache cannot be asked: %s", describe(error))
        return True
