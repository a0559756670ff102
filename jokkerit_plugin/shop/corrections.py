"""What the shop is asked to correct, and what it answers."""

from dataclasses import astuple, dataclass
from enum import StrEnum
from uuid import UUID

from ..errors import RegisterError
from .snapshots import Party


class ShopRefused(RegisterError):
    """The shop does not take a correction as it is: another account has that e-mail."""

    code = "SHOP_REFUSED"


class Answer(StrEnum):
    """What became of a correction in the shop."""

    #: The shop says what is right, now or already.
    DONE = "done"
    #: It has nothing of the kind where it may be changed.
    NOWHERE = "nowhere"
    #: It says something else than what was wrong: newer than the correction, and left as it is.
    NEWER = "newer"


@dataclass(frozen=True, slots=True)
class ShopCorrection:
    """One correction, wherever the shop may say what is wrong: only that is changed.

    `field`: `first_name`, `last_name` or `email`, with `wrong` and `right`, or empty for an
    address, with `parties`. `user`: the account, if there is one.
    """

    field: str = ""
    wrong: str = ""
    right: str = ""
    #: The address that is wrong, and the one that is right.
    parties: tuple[Party, Party] | None = None
    user: int | None = None
    #: Orders whose e-mail is corrected with it.
    mailed: tuple[UUID, ...] = ()
    #: Open orders whose billing or shipping address may be corrected; the shop asks its own state
    #: of them once more.
    billed: tuple[UUID, ...] = ()
    shipped: tuple[UUID, ...] = ()


def same_party(one: Party | None, other: Party) -> bool:
    """Tell whether two addresses differ in spaces at most."""
    return one is not None and _texts(one) == _texts(other)


def same_email(one: str, other: str) -> bool:
    """Tell whether two e-mails differ in spaces around and letter case at most."""
    return one.strip().lower() == other.strip().lower()


def _texts(party: Party) -> list[str]:
    return [" ".join(text.split()) for text in astuple(party)]
