"""Whether the register may go: its books have to stand in an archive, as they are now."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError, transaction

from ..errors import RegisterError, describe
from ..models import BooksArchive
from . import contents, folder

#: Says to `migrate` what `--unarchived` says to `register_uninstall`.
VARIABLE = "JOKKERIT_UNARCHIVED"
_APP, _TABLES = "jokkerit_plugin", "0001_initial"


class NotArchived(RegisterError):
    """The books do not stand in an archive as they are now."""

    code = "NOT_ARCHIVED"


def ask(place: Path | None = None, *, unarchived: bool = False) -> None:
    """Raise `NotArchived` unless the books stand in the newest archive as they are now.

    `place`: where it is, to be looked at file by file; raises `ArchiveError`. `unarchived`: there
    is none, which counts of a register without books, and while one is developed (DEBUG).
    """
    now = contents.prints()
    if unarchived:
        if settings.DEBUG or not any(map(_rows, now.values())):
            return
        raise NotArchived(
            "The register holds books, which the law keeps: --unarchived counts of an empty one."
        )
    newest = BooksArchive.objects.order_by("-pk").first()
    if newest is None:
        raise NotArchived(
            "The books stand in no archive, and the law keeps them after the shop: make one with"
            " register_archive, and keep it."
        )
    if changed := [path for path, told in now.items() if newest.books.get(path) != told]:
        raise NotArchived(
            f"The books have changed since the newest archive, of {newest.made_at:%Y-%m-%d %H:%M}Z"
            f" ({', '.join(changed)}): make one anew with register_archive."
        )
    if place is not None:
        folder.check(place, newest.sha256)


def before_migrating(*, plan: Sequence[tuple[Any, bool]], **_: Any) -> None:
    """Stop `migrate` before it drops the tables, unless `ask` lets them go."""
    if not any(
        backwards and (one.app_label, one.name) == (_APP, _TABLES) for one, backwards in plan
    ):
        return
    try:
        with transaction.atomic():
            ask(unarchived=os.environ.get(VARIABLE) == "yes")
    except RegisterError as error:
        raise CommandError(f"The register's tables stay. {error.message}") from None
    except DatabaseError as error:
        raise CommandError(
            f"The register's tables stay: its books cannot be read ({describe(error)}). Run"
            f" migrate {_APP} with this version first."
        ) from None


def _rows(told: str) -> int:
    return int(told.partition(" ")[0])
