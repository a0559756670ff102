"""The newest opt-out, remembered in the shop's cache, where nothing is copied outside the database.

A restored backup takes the cache not back with it. So a shop that has no storage for the copies
(`copied.py`) may still learn that its database is older than what was said; who said it, only the
copies know. Without a cache that the web servers share, or after it was emptied, nothing is learnt.
"""

from django.core.cache import cache

from ..access.copies import NotReplayed
from ..errors import describe
from ..logs import logger_of
from ..models import Suppression

logger = logger_of(__name__)

_NAME = "jokkerit.opt-outs"
_Newest = tuple[int, str]


def note(*, moved: bool = False) -> None:
    """Remember the newest opt-out once it is committed; what fails is only not remembered.

    `moved`: the one of before stands under another number by our own doing.
    """
    try:
        told: _Newest | None = cache.get(_NAME)
        now = _newest()
        if now and (moved or told is None or (_stands(told) and now[0] > told[0])):
            cache.set(_NAME, now, None)
    except Exception as error:  # noqa: BLE001 - every cache has errors of its own
        logger.warning("the cache cannot be asked: %s", describe(error))


def check() -> None:
    """Raise `NotReplayed` where the database does not have the opt-out that is remembered."""
    try:
        told: _Newest | None = cache.get(_NAME)
    except Exception as error:  # noqa: BLE001 - every cache has errors of its own
        logger.warning("the cache cannot be asked: %s", describe(error))
        return
    if told and not _stands(told):
        raise NotReplayed(
            "The database is older than an opt-out that the shop's cache remembers: it was restored"
            " from a backup, and no copies were kept. Bring the opt-outs that were said since with"
            " register_import_optouts (of the e-mail provider, of letters and calls), then say with"
            " --none that there are no others."
        )


def forget() -> None:
    """Begin anew: the controller says that nothing is missing."""
    try:
        cache.delete(_NAME)
    except Exception as error:  # noqa: BLE001 - every cache has errors of its own
        logger.warning("the cache cannot be asked: %s", describe(error))


def _newest() -> _Newest | None:
    row = Suppression.objects.order_by("-pk").values_list("pk", "digest").first()
    return (row[0], bytes(row[1]).hex()) if row else None


def _stands(told: _Newest) -> bool:
    return Suppression.objects.filter(pk=told[0], digest=bytes.fromhex(told[1])).exists()
