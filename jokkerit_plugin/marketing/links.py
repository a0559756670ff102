"""Links by which somebody says no to marketing, chooses, or confirms: signed, opaque, no address.

    https://<shop>/plugins/jokkerit.register/unsubscribe/<token>/

A token holds a contact key, its channel and the customer's number in the register, and is signed
with a key made of the newest of JOKKERIT_KEYS; all of them read it (`django.core.signing`, with
fallback keys). It opens no data: who has it may say no, and choose again what comes to that very
address. It never expires, since mails are old when somebody has had enough; a confirmation does,
after `CONFIRM_WITHIN`. It says on which day it was made: whoever got an old mail forwarded may say
no with it, and not yes.
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from urllib.parse import quote

from django.core import signing

from .. import clock, keys
from ..config import Config
from ..errors import RegisterError
from ..policy.marketing import CONFIRM_WITHIN, FRESH_FOR, Channel
from ..shop.port import shop
from .contact_keys import ContactKey

#: Characters of a token: its alphabet needs no quoting in an address or a header.
PATTERN = r"[A-Za-z0-9_.-]{1,300}"

_CHANNELS = {"e": Channel.EMAIL, "s": Channel.SMS, "p": Channel.PHONE, "l": Channel.POST}
_LETTERS = {channel: letter for letter, channel in _CHANNELS.items()}
_DIGEST = 32


class BadLink(RegisterError):
    """A link that is forged, or was damaged on its way. It is all alike to who made it."""

    code = "BAD_LINK"

    def __init__(self, message: str = "This link is not whole, or not ours.") -> None:
        super().__init__(message)


class ExpiredLink(BadLink):
    """A confirmation link that came too late."""

    code = "EXPIRED_LINK"


@dataclass(frozen=True, slots=True)
class Link:
    """What a token says: `at` is when the consent was given that a confirmation confirms.

    `made`: on which day (UTC), of a link of a message; `customer`: to whom that went.
    """

    key: ContactKey
    channel: Channel
    at: datetime | None = None
    made: date | None = field(default=None, compare=False)
    customer: int | None = field(default=None, compare=False)

    @property
    def is_fresh(self) -> bool:
        """Tell whether it may also open again what it closes."""
        return self.made is not None and _today() - self.made <= FRESH_FOR


def token(key: ContactKey, channel: Channel, *, customer: int | None = None) -> str:
    """Return the token of a contact key, for every message to it. Raises `NoKey`.

    `customer`: whose it is; what they close by it holds at their other addresses, too.
    """
    whose = f".{customer:x}" if customer else ""
    return _signer("unsubscribe").sign(f"{_packed(key, channel)}.{_today().toordinal():x}{whose}")


def read(text: str) -> Link:
    """Return what a token says. Raises `BadLink`, and `NoKey` when there is no key at all."""
    packed, _, rest = _signed("unsubscribe", text).partition(".")
    link = _unpacked(packed)
    day, _, whose = rest.partition(".")
    customer = int(whose, 16) if whose else None
    return Link(link.key, link.channel, made=_day(day), customer=customer)


def confirmation(key: ContactKey, channel: Channel, *, at: datetime) -> str:
    """Return the token that confirms the consent given `at`. Raises `NoKey`."""
    return _signer("confirm").sign(f"{int(at.timestamp()):x}-{_packed(key, channel)}")


def read_confirmation(text: str) -> Link:
    """Return what a confirmation says. Raises `BadLink`, `ExpiredLink`, `NoKey`."""
    written, _, packed = _signed("confirm", text).partition("-")
    link = _unpacked(packed)
    at = datetime.fromtimestamp(int(written, 16), UTC)
    if clock.now() > at + CONFIRM_WITHIN:
        raise ExpiredLink("This link has expired: give your consent again.")
    return Link(link.key, link.channel, at)


def url(door: str, text: str, *, pages: str | None = None) -> str:
    """Return the address of a door (`unsubscribe`, `preferences`, `confirm`) for a token.

    Always https: RFC 8058 asks for it, and so does the register description. `pages`: the shop's,
    for who makes many.
    """
    if not re.fullmatch(PATTERN, text):
        raise BadLink
    below = shop().pages() if pages is None else pages
    return re.sub(r"^http:", "https:", f"{below}{door}/{text}/")


def headers(text: str, *, pages: str | None = None, config: Config | None = None) -> dict[str, str]:
    """Return the headers with which a message to the token's address is sent.

    RFC 2369 and RFC 8058: one https address, after it a mailbox where the shop names one. Raises
    `BadLink` for what is no token, so that nothing else gets into a header.
    """
    ways = f"<{url('unsubscribe', text, pages=pages)}>"
    if mailbox := (config or shop().config()).unsubscribe_mailbox:
        ways += f", <mailto:{quote(mailbox, safe='@')}?subject=unsubscribe>"
    return {"List-Unsubscribe": ways, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _signer(use: str) -> signing.Signer:
    newest, *older = (key.hex() for key in keys.derived(f"link-{use}").values())
    return signing.Signer(key=newest, fallback_keys=[*older], sep=".", salt=f"jokkerit.{use}")


def _signed(use: str, text: str) -> str:
    signer = _signer(use)
    if not re.fullmatch(PATTERN, text):
        raise BadLink
    try:
        return signer.unsign(text)
    except signing.BadSignature:
        raise BadLink from None


def _today() -> date:
    return clock.now().astimezone(UTC).date()


def _day(text: str) -> date | None:
    try:
        return date.fromordinal(int(text, 16))
    except (ValueError, OverflowError):
        return None


def _packed(key: ContactKey, channel: Channel) -> str:
    raw = _LETTERS[channel].encode() + key.digest + key.version.encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unpacked(text: str) -> Link:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        channel, digest = _CHANNELS[raw[:1].decode()], raw[1 : 1 + _DIGEST]
        return Link(ContactKey(raw[1 + _DIGEST :].decode(), digest), channel)
    except (binascii.Error, ValueError, KeyError):
        # Signed by us, and yet not of this form.
        raise BadLink from None
