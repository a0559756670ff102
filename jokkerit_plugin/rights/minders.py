"""Who minds the clocks: the controller's own mailboxes, out of the settings' free text."""

import re

from ..config import Config
from ..errors import RegisterError, describe
from ..logs import logger_of
from ..policy.problems import Problem
from ..shop.port import ShopPort

logger = logger_of(__name__)

#: Mailboxes that are written to.
MOST = 3
# Of a sentence's dot or a bracket around it nothing belongs to the address.
_ADDRESS = re.compile(r"[^@\s<>(),;:\"']+@[^@\s<>(),;:\"']+\.[\w-]*[^\W_]")


def mailboxes(config: Config) -> list[str]:
    """Return the addresses of the privacy contact, then the controller's."""
    found = _ADDRESS.findall(f"{config.privacy_contact} {config.controller_contact}")
    return list(dict.fromkeys(found))[:MOST]


def tell(subject: str, text: str, config: Config, port: ShopPort) -> bool:
    """Mail each of them by itself; tell whether one mail was taken. What fails is logged."""
    told = False
    for one in mailboxes(config):
        try:
            port.mail(subject, text, [one])
        except RegisterError as error:
            logger.warning("the controller could not be reminded: %s", describe(error))
        else:
            told = True
    return told


def nobody(config: Config) -> list[Problem]:
    """Return what the status says while a clock runs and nobody can be reminded."""
    message = (
        "Nobody can be reminded of what is to be answered in time: the settings' privacy contact"
        " and controller's contact have no e-mail address."
    )
    return [] if mailboxes(config) else [Problem("NOBODY_REMINDED", message)]
