"""A folder that comes into being whole or not at all, and whether one is whole still.

It is written beside its place, as `<folder>.unfinished`, synced file by file, and renamed last.
Every file is in SHA256SUMS, for `sha256sum -c`; manifest.json names them all and is written last.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from ..errors import RegisterError

SUMS, MANIFEST = "SHA256SUMS", "manifest.json"
#: Stands in a folder that is being written: what has none is somebody else's, and not removed.
_MARK = "UNFINISHED.txt"
_PIECE = 2**20


class ArchiveError(RegisterError):
    """An archive cannot be written or read as asked."""

    code = "ARCHIVE"


@dataclass(slots=True)
class Written:
    """One file; `rows` None: it has none."""

    path: str
    sha256: str = ""
    bytes: int = 0
    rows: int | None = None


@dataclass(slots=True)
class Out:
    """A file being written."""

    about: Written
    _file: BinaryIO
    _digest: Any

    def write(self, data: bytes) -> None:
        """Write bytes."""
        self._digest.update(data)
        self.about.bytes += len(data)
        self._file.write(data)


@dataclass(slots=True)
class Folder:
    """A folder being written. Raises `OSError` as the disk does."""

    place: Path
    files: list[Written] = field(default_factory=list)

    @property
    def _beside(self) -> Path:
        return self.place.with_name(f"{self.place.name}.unfinished")

    def begin(self) -> None:
        """Begin anew: what another run left unfinished is removed. Raises `ArchiveError`."""
        ask_free(self.place)
        if self._beside.exists():
            if not (self._beside / _MARK).is_file():
                message = f"{self._beside} is in the way, and was not left by this command."
                raise ArchiveError(message)
            shutil.rmtree(self._beside)
        self._beside.mkdir(mode=0o700)
        (self._beside / _MARK).write_text("This archive is not finished, and is none.\n")

    @contextmanager
    def file(self, path: str) -> Iterator[Out]:
        """Give the block a file to write; its digest and size are noted when it ends."""
        target = self._beside / path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = Written(path)
        digest = hashlib.sha256()
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb", buffering=_PIECE) as file:
            yield Out(made, file, digest)
            file.flush()
            os.fsync(file.fileno())
        made.sha256 = digest.hexdigest()
        self.files.append(made)

    def text(self, path: str, text: str) -> None:
        """Write a whole text."""
        with self.file(path) as out:
            out.write(text.encode())

    def seal(self, manifest: dict[str, Any]) -> str:
        """Write the sums and, last, the manifest with all files; return its SHA-256."""
        self.text(SUMS, "".join(f"{one.sha256}  {one.path}\n" for one in self.files))
        listed = {**manifest, "files": [asdict(one) for one in self.files]}
        self.text(MANIFEST, json.dumps(listed, ensure_ascii=False, indent=1) + "\n")
        return self.files[-1].sha256

    def finish(self) -> None:
        """Give the folder its name."""
        (self._beside / _MARK).unlink()
        for each in [self._beside, *(one for one in self._beside.rglob("*") if one.is_dir())]:
            _sync(each)
        self._beside.rename(self.place)
        _sync(self.place.parent)


def ask_free(place: Path) -> None:
    """Raise `ArchiveError` where something is already, or nothing can be made."""
    if place.exists():
        raise ArchiveError(f"There is something at {place} already: name a folder that is not.")
    if not place.parent.is_dir():
        raise ArchiveError(f"There is no folder {place.parent}.")


def check(place: Path, sha256: str) -> None:
    """Raise `ArchiveError` unless the manifest has this SHA-256, and each file its own."""
    manifest = place / MANIFEST
    if not manifest.is_file() or _sha256(manifest) != sha256:
        raise ArchiveError(f"{place} is not the newest archive: its manifest has not {sha256}.")
    for one in json.loads(manifest.read_text(encoding="utf-8"))["files"]:
        file = place / one["path"]
        if not file.is_file() or _sha256(file) != one["sha256"]:
            raise ArchiveError(f"{file} is missing or was changed: make an archive anew.")


def _sha256(file: Path) -> str:
    with file.open("rb") as found:
        return hashlib.file_digest(found, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
