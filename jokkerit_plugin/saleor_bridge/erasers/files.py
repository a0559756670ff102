"""Files whose rows are erased: written down with the erasure, removed after the commit.

A process killed between the two leaves rows here, which the next call finds.
"""

from collections.abc import Iterable, Sequence

from django.apps import apps
from django.core.files.storage import Storage, default_storage

from ...models import ShopFile

#: How many one call removes at most.
LIMIT = 10_000


def doom(files: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Note files (field as app.Model.field, "" for the default storage; name); their keys."""
    made = ShopFile.objects.bulk_create(
        ShopFile(field=field, name=name) for field, name in files if name
    )
    return tuple(str(one.pk) for one in made)


def remove(keys: Sequence[str]) -> None:
    """Remove these files and those that an earlier call left."""
    del keys  # What is committed is in the table, whoever noted it.
    failed: Exception | None = None
    for one in ShopFile.objects.order_by("pk")[:LIMIT]:
        try:
            _storage(one.field).delete(one.name)
        except Exception as error:  # noqa: BLE001 - the others go all the same
            failed = failed or error
            continue
        ShopFile.objects.filter(pk=one.pk).delete()
    if failed is not None:
        raise failed


def _storage(field: str) -> Storage:
    if not field:
        return default_storage
    label, _, name = field.rpartition(".")
    found: Storage = apps.get_model(label)._meta.get_field(name).storage
    return found
