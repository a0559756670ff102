"""Reading the small forms that people and mail providers post."""

from io import BytesIO

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.http.request import UnreadablePostError

from .errors import Malformed, TooMuch

#: Bytes of a body: of forms with little to write on them.
MOST = 10_000
URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


def fields(request: HttpRequest, *, most: int = MOST) -> dict[str, str]:
    """Return the fields of a urlencoded or multipart form; of one given twice the last.

    `most`: bytes of a body. Raises `TooMuch` before it reads a large body, `Malformed` for whatever
    is no such form. Not `request.POST`: that is empty for a multipart body without Content-Length.
    """
    sent = body(request, most=most)
    if request.content_type == URLENCODED:
        try:
            found = QueryDict(sent, encoding="utf-8").items()
        except (SuspiciousOperation, ValueError):
            raise _malformed() from None
    elif request.content_type == MULTIPART:
        found = _multipart(request, sent).items()
    else:
        raise _malformed()
    return {str(name): str(value) for name, value in found}


def body(request: HttpRequest, *, most: int) -> bytes:
    """Return a body of `most` bytes. Raises `TooMuch` before it reads a larger one, `Malformed`."""
    told = request.META.get("CONTENT_LENGTH") or "0"
    too_much = TooMuch(f"The body is larger than {most} bytes.")
    if not told.isdecimal() or len(told) > 9 or int(told) > most:
        raise too_much
    try:
        # Without a length told, too: no more is read than may be.
        found = request.read(most + 1)
    except (UnreadablePostError, RequestDataTooBig):
        raise Malformed("The body could not be read.") from None
    if len(found) > most:
        raise too_much
    return bytes(found)


def _multipart(request: HttpRequest, sent: bytes) -> QueryDict:
    # The parser wants small letters. Without handlers it passes over a part that is a file.
    boundary = (request.content_params or {}).get("boundary", "")
    about = {
        "CONTENT_TYPE": f'{MULTIPART}; boundary="{boundary}"', "CONTENT_LENGTH": str(len(sent)),
    }  # fmt: skip
    try:
        found, _ = MultiPartParser(about, BytesIO(sent), [], "utf-8").parse()
    except (MultiPartParserError, SuspiciousOperation, ValueError):
        raise _malformed() from None
    return found


def _malformed() -> Malformed:
    return Malformed("Send a form, urlencoded or multipart.")
