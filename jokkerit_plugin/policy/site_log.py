"""What is kept of a line of a site log, for how long, and what is never let in.

Everything that is not named here is dropped at the door: query strings, fragments, bodies,
cookies, names of HTTP authentication, and of the referer all but its origin.
"""

import re
from enum import StrEnum

#: Days that lines are kept, and the most that a shop may choose: twelve months.
DAYS, MOST_DAYS = 90, 365

#: What is kept of a line; by these names, too, lines of JSON may call it. `duration` is in
#: seconds; `duration_ms` and `time_us` are the same in other units.
NAMES: dict[str, tuple[str, ...]] = {
    "at": ("at", "time", "timestamp", "@timestamp", "ts", "time_iso8601", "time_local", "msec"),
    "address": ("address", "remote_addr", "client_ip", "clientip", "ip"),
    "agent": ("agent", "http_user_agent", "user_agent"),
    "method": ("method", "request_method"),
    "path": ("path", "request_uri", "uri", "url"),
    "status": ("status", "status_code"),
    "size": ("bytes", "body_bytes_sent", "bytes_sent", "size"),
    "duration": ("duration", "request_time", "rt"),
    "duration_ms": ("duration_ms",),
    "duration_us": ("duration_us", "time_us"),
    "referer": ("referer", "http_referer", "referrer"),
    # Not `user`: so nginx's JSON calls what a client gives as its name.
    "user": ("user_id", "saleor_user"),
    "checkout": ("checkout", "checkout_id"),
}

#: Methods of HTTP; whatever else a client makes up is "OTHER".
METHODS = frozenset(
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"]
)
OTHER = "OTHER"

#: Bytes of a line as it is written, characters of what is kept. nginx takes 32 kB of headers, of
#: which JSON makes six times as much; Apache's four fields that clients fill come to less.
LONGEST_LINE = 262_144
LONGEST_PATH, LONGEST_AGENT = 512, 256
#: Bytes of which a refused line shows the shape.
LONGEST_SHAPE = 200

#: What stands for a secret.
MASK = "*"

#: After a part of a path of this name, everything is a secret: links of mails carry keys there.
SECRET_AFTER = frozenset(
    [
        "account-confirm",
        "api-key",
        "auth-callback",
        "autologin",
        "confirm-email",
        "copy",
        "download",
        "email-change",
        "key",
        "login-link",
        "magic-link",
        "may-contact",
        "one-time",
        "password-reset",
        "passwordless",
        "preferences",
        "reset-password",
        "session",
        "set-password",
        "share",
        "signed",
        "sso",
        "verify-email",
        "webhook",
        "webhooks",
    ]
)

#: The same of a part that has one of these words, as `salasanan-palautus`: a storefront names its
#: pages in its own language.
SECRET_WORDS = frozenset(
    [
        "activate",
        "activation",
        "aktivera",
        "aktivering",
        "aktivoi",
        "aktivointi",
        "aterstall",
        "avprenumerera",
        "bekrafta",
        "bekraftelse",
        "confirm",
        "confirmation",
        "inbjudan",
        "invitation",
        "invite",
        "kutsu",
        "losenord",
        "magic",
        "nollaa",
        "otp",
        "palauta",
        "password",
        "recover",
        "recovery",
        "reset",
        "salasana",
        "salasanan",
        "secret",
        "token",
        "tokens",
        "unsubscribe",
        "vahvista",
        "vahvistus",
        "verification",
        "verify",
        "återställ",
        "bekräfta",
        "bekräftelse",
        "lösenord",
    ]
)


class Refusal(StrEnum):
    """Why a line is counted and not kept."""

    MALFORMED = "malformed"
    BINARY = "binary"
    ENORMOUS = "enormous"
    #: Older than lines are kept, or of a day that has not come.
    OUT_OF_TIME = "out_of_time"
    #: No line: a compressed file that ends before its end.
    DAMAGED = "damaged"
    #: No line: a file that the reader may not open, or of a kind that is not read, as .zst.
    UNREADABLE = "unreadable"


#: A part of a path that is a secret or names somebody, wherever it stands: an e-mail address, a
#: Finnish personal identity code, a phone number, a UUID, a code of Saleor's for a gift card or
#: voucher, a JSON web token, and what people never write: long runs of digits with letters.
_SECRETS = re.compile(
    r"""
    .@
    | (?<!\d)\d{6}[-+ABCDEFUVWXYabcdefuvwxy]\d{3}[0-9A-Za-z](?![0-9A-Za-z])
    | \d[\d .-]{7,}\d
    | [0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}
    | (?<![0-9A-Za-z])[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}(?![0-9A-Za-z])
    | eyJ[A-Za-z0-9_-]{8}
    | (?<![0-9a-fA-F])[0-9a-fA-F]{16}
    """,
    re.VERBOSE,
)
_WORDS = re.compile(r"[-_.\s]+")
#: However it is written: `magic-link`, `magic_link`, `magicLink`.
_AFTER = frozenset(name.replace("-", "") for name in SECRET_AFTER | SECRET_WORDS)
_RUN = re.compile(r"[A-Za-z0-9+=]{16,}")
_MIXED = re.compile(r"[A-Za-z0-9_+=.~-]{20,}")
_DIGIT, _LOWER, _UPPER = (re.compile(text) for text in ("[0-9]", "[a-z]", "[A-Z]"))
_EMAIL = re.compile(r"[^\s@<>()\[\];,:\"']{1,64}(?:@|%(?:25)*40)[^\s@<>()\[\];,:\"']{1,253}")
_WORD = re.compile(r"[^\s/;,()]+")


def is_secret(part: str) -> bool:
    """Tell whether a part of a path, decoded, may be a secret or name somebody."""
    return bool(_SECRETS.search(part)) or _looks_random(part)


def leads_to_secret(part: str) -> bool:
    """Tell whether what follows a part of a path, decoded, is a secret."""
    words = _WORDS.split(part.lower())
    return "".join(words) in _AFTER or not SECRET_WORDS.isdisjoint(words)


def without_secrets(text: str) -> str:
    """Return an agent's name without addresses and keys."""
    return _WORD.sub(lambda word: MASK if _is_key(word[0]) else word[0], _EMAIL.sub(MASK, text))


def _is_key(word: str) -> bool:
    return len(word) >= 20 and is_secret(word)


def _looks_random(part: str) -> bool:
    if any(_DIGIT.search(run) and re.search("[A-Za-z]", run) for run in _RUN.findall(part)):
        return True
    return any(
        all(kind.search(run) for kind in (_DIGIT, _LOWER, _UPPER)) for run in _MIXED.findall(part)
    )
