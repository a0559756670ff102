"""Who sends a request."""

from django.http import HttpRequest

from ..access.actor import Actor
from ..shop.port import shop


def actor_of(request: HttpRequest) -> Actor:
    """Return whom the shop's own check of the Authorization header finds; else `NOBODY`."""
    return Actor.of(shop().actor(request))
