"""Secrets of the register, which live in the environment and never in the database.

    JOKKERIT_KEYS=2026:<64 hexadecimal digits or more>,2025:<...>

The first one signs; the others still verify what they signed. A key is made with
`python -c "import secrets; print(secrets.token_hex(32))"`. Every use derives a key of its own
from it, so that a signature made for one use is none for another.
"""

import hashlib
import hmac
import os
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .errors import RegisterError

VARIABLE = "JOKKERIT_KEYS"
_ENTRY = re.compile(r"([A-Za-z0-9._-]{1,16}):((?:[0-9a-fA-F]{2}){32,})")


class NoKey(RegisterError):
    """A key is missing in the environment, or is not written as it should be."""

    code = "NO_KEY"


def current() -> str:
    """Return the version of the key that signs now. Raises `NoKey`."""
    for version in _keys():
        return version
    raise NoKey(
        f"{VARIABLE} is not set in the environment: nothing can be signed. Give it a version and"
        " at least 64 hexadecimal digits, for example 2026:0123..., and keep a copy of it outside"
        " the shop."
    )


def sign(use: str, message: bytes) -> tuple[str, bytes]:
    """Return the version of the key in use and the HMAC-SHA-256 of `message` (32 bytes).

    Raises `NoKey`.
    """
    version = current()
    return version, _hmac(_keys()[version], use, message)


def verify(use: str, version: str, message: bytes, signature: bytes) -> bool:
    """Tell whether `signature` is this key's. Raises `NoKey` when the version is not there."""
    secret = _keys().get(version)
    if secret is None:
        raise NoKey(f"The key {version} is not in {VARIABLE}: its signatures cannot be checked.")
    return hmac.compare_digest(_hmac(secret, use, message), signature)


def derived(use: str) -> dict[str, bytes]:
    """Return the keys made for one use (32 bytes each) by version, the one that signs first.

    Raises `NoKey`.
    """
    current()
    return {
        version: hmac.digest(secret, use.encode(), hashlib.sha256)
        for version, secret in _keys().items()
    }


def seal(use: str, message: bytes, *, about: str) -> tuple[str, bytes]:
    """Return the version of the key in use and `message`, encrypted (AES-256-GCM).

    It opens only where `about` is the same: a sealed text moved elsewhere does not. Raises `NoKey`.
    """
    version, nonce = current(), os.urandom(12)
    own = hmac.digest(_keys()[version], use.encode(), hashlib.sha256)
    return version, nonce + AESGCM(own).encrypt(nonce, message, about.encode())


def unseal(use: str, version: str, sealed: bytes, *, about: str) -> bytes:
    """Return what was sealed. Raises `NoKey` without that key, or when it was tampered with."""
    secret = _keys().get(version)
    if secret is None:
        raise NoKey(f"The key {version} is not in {VARIABLE}: what it sealed cannot be opened.")
    own = hmac.digest(secret, use.encode(), hashlib.sha256)
    try:
        return AESGCM(own).decrypt(sealed[:12], sealed[12:], about.encode())
    except InvalidTag:
        raise NoKey(f"What the key {version} sealed has been changed.") from None


def _keys() -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for entry in filter(None, (part.strip() for part in os.environ.get(VARIABLE, "").split(","))):
        match = _ENTRY.fullmatch(entry)
        if not match or match[1] in found:
            # Never quote the entry: it may hold the secret.
            raise NoKey(
                f"{VARIABLE} is not written as version:hexadecimal, with at least 64 digits and"
                " each version once, separated by commas."
            )
        found[match[1]] = bytes.fromhex(match[2])
    return found


def _hmac(secret: bytes, use: str, message: bytes) -> bytes:
    own = hmac.digest(secret, use.encode(), hashlib.sha256)
    return hmac.digest(own, message, hashlib.sha256)
