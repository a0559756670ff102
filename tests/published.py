"""A shop whose description can be published, and its publishing."""

from dataclasses import replace
from typing import Any

from demo import controller
from jokkerit_plugin import clock
from jokkerit_plugin.config import Config
from jokkerit_plugin.description import facts, versions
from jokkerit_plugin.models import Description
from tests.paper_shop import PaperShop
from tests.people import CONTROLLER


def described(shop: PaperShop, **changes: Any) -> Config:
    """Fill in what the first shop's description tells, and protections; return the settings."""
    filled = {
        **controller.SETTINGS,
        "backups_encrypted_on": clock.now().astimezone(clock.HELSINKI).date(),
    }
    shop.port.settings = replace(shop.port.settings, **{**filled, **changes})
    return shop.port.settings


def published(shop: PaperShop, note: str = "", **changes: Any) -> Description:
    """Publish what policy and settings make."""
    described(shop, **changes)
    digest = versions.digest(facts.present())
    return versions.publish(digest=digest, note=note, actor=CONTROLLER)
