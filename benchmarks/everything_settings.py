"""Saleor's settings with the plugin's optional backend before Saleor's own."""

from saleor.settings import *  # noqa: F403
from saleor.settings import AUTHENTICATION_BACKENDS as _OWN

AUTHENTICATION_BACKENDS = ["jokkerit_plugin.saleor_bridge.backend.AgreementBackend", *_OWN]
