"""A plugin of somebody else, of which nobody here knows where it sends."""

from saleor.plugins.base_plugin import BasePlugin


class StrangePlugin(BasePlugin):  # type: ignore[misc]
    """Does nothing."""

    PLUGIN_ID = "strange"
    PLUGIN_NAME = "Strange"
