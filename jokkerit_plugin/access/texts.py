"""Texts that people agree to, in three languages: the shipped one, and those published since."""

import hashlib
from importlib import resources
from typing import Any, TypeVar

from django.db import IntegrityError, transaction

from ..errors import RegisterError
from ..models.text import TextFields
from ..policy.languages import LANGUAGES

T = TypeVar("T", bound=TextFields)


def digest(fi: str, sv: str, en: str) -> str:
    """Return SHA-256 over the three texts, 64 hexadecimal digits."""
    return hashlib.sha256(f"{fi}\x1f{sv}\x1f{en}".encode()).hexdigest()


def in_force(kind: type[T], shipped: str) -> T:
    """Return the newest version; the first is `data/<shipped>.<language>.txt`."""
    newest = kind._default_manager.order_by("-version")
    if found := newest.first():
        return found
    folder = resources.files("jokkerit_plugin") / "data"
    fi, sv, en = (
        (folder / f"{shipped}.{language}.txt").read_text(encoding="utf-8") for language in LANGUAGES
    )
    # Whoever comes second leaves the first one's row as it is.
    kind._default_manager.bulk_create(
        [kind(version=1, fi=fi, sv=sv, en=en, digest=digest(fi, sv, en))], ignore_conflicts=True
    )
    return newest[0]


def publish(before: T, *, fi: str, sv: str, en: str, error: type[RegisterError], **more: Any) -> T:
    """Publish the version after `before`, or raise `error`: it is in force no more."""
    for language, text in zip(LANGUAGES, (fi, sv, en), strict=True):
        if not text.strip():
            raise error("The text is needed in every language.", field=language)
    try:
        with transaction.atomic():
            return type(before)._default_manager.create(
                version=before.version + 1, fi=fi, sv=sv, en=en, digest=digest(fi, sv, en), **more
            )
    except IntegrityError:
        message = "Somebody else has just published a text: read it before you publish yours."
        raise error(message) from None
