"""Saleor's settings with a folder of the run's own for stored files: nothing is left behind."""

import os

from saleor.settings import *  # noqa: F403

MEDIA_ROOT = os.environ["MEDIA_ROOT"]
