"""Requests that a sender of mail signs: programs that have no token of the shop's.

    JOKKERIT_SENDERS=app:5:<64 hexadecimal digits or more>,app:5:<the old one>,app:8:<...>

Each key is one app's, as the register knows it: what it may do is asked of the shop and of the
guard, as for its token. How a request is signed: `signing`.
"""

from django.http import HttpRequest

from ..access.actor import Actor
from ..shop.port import shop
from . import signing

VARIABLE = "JOKKERIT_SENDERS"


def sender_of(request: HttpRequest, body: bytes) -> Actor:
    """Return the app that signed the request, with what it may do now. Raises `NotSignedIn`."""
    signed = signing.check(
        request, body, path="may-contact", variable=VARIABLE, names="app:[1-9][0-9]{0,17}"
    )
    signing.take(signed)
    held = {one.key: one.permissions for one in shop().people() if one.active}
    return Actor(signed.who, held.get(signed.who, frozenset()))
