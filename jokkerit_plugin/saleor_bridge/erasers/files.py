"""Files whose rows are erased: written down with the erasure, removed after the commit.

A process killed between the two leaves rows here, and so does a storage that refuses.
"""

from collections.abc import Iterable, Sequence

from django.apps import apps
from django.core.files.storage import Storage, default_storage

from ...errors import describe
from ...logs import logger_of
from ...models import ShopFile

logger = logger_of(__name__)

#: After as many running a storage is left alone.
REFUSALS = 3


def doom(files: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Note files (field as app.Model.field, "" for the default storage; name); their keys."""
    made = ShopFile.objects.bulk_create(
        ShopFile(field=field, name=name) for field, name in files if name
    )
    return tuple(str(one.pk) for one in made)


def remove(keys: Sequence[str]) -> list[str]:
    """Remove these files; return those that did not go.

    A storage that refuses `REFUSALS` running is not asked for the others: it may take a minute to
    refuse one.
    """
    rows = list(ShopFile.objects.filter(pk__in=keys).order_by("pk"))
    left: list[str] = []
    refused = 0
    for one in rows:
        if refused < REFUSALS:
            try:
                _storage(one.field).delete(one.name)
            except Exception as error:  # noqa: BLE001 - whatever a storage raises
                refused += 1
                logger.warning("a file of an erased row could not be removed: %s", describe(error))
            else:
                refused = 0
                one.delete()
                continue
        left.append(str(one.pk))
    return left


def _storage(field: str) -> Storage:
    if not field:
        return default_storage
    label, _, name = field.rpartition(".")
    found: Storage = apps.get_model(label)._meta.get_field(name).storage
    return found
