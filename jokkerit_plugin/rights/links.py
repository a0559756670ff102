"""The addresses in our letters: of pages, signed with a key of the environment.

A link names a row and opens nothing by being looked at: mail scanners fetch every link, so each
page has a button, and the button does it.
"""

import re
from datetime import datetime, timedelta

from .. import clock, keys
from ..models import Archive, Request, RequestLetter
from ..policy.requests import CONFIRM_DAYS, RequestState
from ..shop.port import shop

_TOKEN = re.compile(r"([1-9][0-9]{0,17})~([A-Za-z0-9._-]{1,16})~([0-9a-f]{64})")
_CONFIRM, _ARCHIVE = "request-confirm", "request-archive"


def page(path: str, language: str) -> str:
    """Return the public address of a page of ours."""
    return f"{shop().pages()}{path}/?lang={language}"


def confirm(row: Request, language: str) -> str:
    """Return the link that proves the mailbox of a request. Raises `NoKey`."""
    return page(f"requests/confirm/{_token(_CONFIRM, row.pk, row.opened_at)}", language)


def archive(made: Archive, language: str) -> str:
    """Return the link to a copy. Raises `NoKey`."""
    return page(f"requests/copy/{_token(_ARCHIVE, made.pk, made.made_at)}", language)


def confirmed(token: str) -> Request | None:
    """Return the request that a link confirms; None: forged, too late, or confirmed already.

    The time runs from the letter: one that is being mailed may be opened before that is written.
    """
    row = Request.objects.filter(pk=_key(token), state=RequestState.UNCONFIRMED).first()
    before = clock.now() - timedelta(days=CONFIRM_DAYS)
    confirm = RequestLetter.What.CONFIRM
    if row is None or row.letters.filter(what=confirm, sent_at__lte=before).exists():
        return None
    return row if _is_signed(_CONFIRM, token, row.pk, row.opened_at) else None


def opened(token: str) -> Archive | None:
    """Return the copy that a link opens; None: forged, or not there any more."""
    made = Archive.objects.filter(pk=_key(token), expires_at__gt=clock.now()).first()
    if made is None:
        return None
    return made if _is_signed(_ARCHIVE, token, made.pk, made.made_at) else None


def _token(use: str, key: int, at: datetime) -> str:
    version, signature = keys.sign(use, _message(key, at))
    return f"{key}~{version}~{signature.hex()}"


def _key(token: str) -> int:
    found = _TOKEN.fullmatch(token)
    return int(found[1]) if found else 0


def _is_signed(use: str, token: str, key: int, at: datetime) -> bool:
    found = _TOKEN.fullmatch(token)
    if found is None:
        return False
    try:
        return keys.verify(use, found[2], _message(key, at), bytes.fromhex(found[3]))
    except keys.NoKey:
        return False


def _message(key: int, at: datetime) -> bytes:
    return f"{key} {at.timestamp():.6f}".encode()
