"""The folder of copies: a file in it is whole, or is not there."""

import os
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage


class CopyFolder(FileSystemStorage):
    """A file is written beside its name, synced and renamed.

    Django's own leaves what fitted on a full disk, or came before the power went, under the name:
    taken for a copy until a backup is restored, and then of no use.
    """

    def _save(self, name: str, content: Any) -> str:
        unfinished = f"{name}.unfinished"
        self.delete(unfinished)
        written = super()._save(unfinished, content)  # type: ignore[misc]  # not in its stubs
        beside, place = Path(self.path(written)), Path(self.path(name))
        _sync(beside)
        beside.rename(place)
        _sync(place.parent)
        return name


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
