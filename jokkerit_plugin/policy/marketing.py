"""Marketing: channels, what happened, by which door, and on which ground one may be written to.

The rule is in `marketing_rule.py`.

Act on Electronic Communications Services 917/2014: s. 200 (e-mail and SMS to a natural person need
prior consent, or a sale at which the opt-out was offered; post and calls are free until objected
to), s. 202 (legal persons until they object). GDPR art. 21(2-3): an objection is absolute, at once,
and ends profiling; art. 7: a consent must be proved. Messages about an order, a delivery or a
recall are another purpose (`purposes.Purpose`) and are not asked about here.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

#: A consent, or soft opt-in, ends when nothing was heard of the person for so long.
ACTIVE_MONTHS = 24
#: A consent by e-mail that waits to be confirmed, ends after this.
CONFIRM_WITHIN = timedelta(days=7)
#: A link of a message says yes again for so long; later whoever has it may only say no.
FRESH_FOR = timedelta(days=7)
#: Years for which a consent can be proved after it ended (GDPR art. 7(1); 728/2003 s. 4).
PROOF_YEARS = 3
#: Before it nobody said yes or no to electronic marketing: a date of then is none.
FIRST_YEAR = 1970


class Channel(StrEnum):
    """A way to reach somebody."""

    EMAIL = "email"
    SMS = "sms"
    PHONE = "phone"
    POST = "post"


#: Channels that share an address are one group: a number is called and sent messages.
GROUPS = {
    Channel.EMAIL: "email", Channel.SMS: "number", Channel.PHONE: "number", Channel.POST: "post",
}  # fmt: skip
#: A natural person is not written to by these without having agreed, s. 200.
NEEDS_CONSENT = frozenset({Channel.EMAIL, Channel.SMS})


class Kind(StrEnum):
    """What happened."""

    CONSENT = "consent"
    #: The link of a double opt-in was followed.
    CONFIRMED = "confirmed"
    #: An order whose own data shows that the opt-out was offered, and not taken.
    SOFT_OPT_IN = "soft_opt_in"
    OBJECTION = "objection"
    WITHDRAWAL = "withdrawal"
    #: A consent by the link that reached the very address.
    RECONSENT = "reconsent"
    #: The address does not exist, for good.
    BOUNCE = "bounce"
    #: Reported as spam.
    COMPLAINT = "complaint"
    #: An old opt-out, from a file.
    DECLARED = "declared"
    #: Nothing was heard of the person for `ACTIVE_MONTHS`: written so that it stays so.
    EXPIRED = "expired"
    #: A consent was not confirmed within `CONFIRM_WITHIN`.
    LAPSED = "lapsed"
    #: No choice of what is sent by what they bought; and yes again.
    NO_PROFILE = "no_profile"
    PROFILE = "profile"


#: These close a channel, also one that was never open.
OPT_OUTS = frozenset({Kind.OBJECTION, Kind.WITHDRAWAL, Kind.COMPLAINT, Kind.DECLARED})
CLOSING = OPT_OUTS | {Kind.BOUNCE}
GIVING = frozenset({Kind.CONSENT, Kind.CONFIRMED, Kind.RECONSENT})
#: Of what somebody is sent, not whether: these open and close nothing.
PROFILING = frozenset({Kind.PROFILE, Kind.NO_PROFILE})


class Source(StrEnum):
    """By which door it came. Staff's names how they were told: `staff:telephone`."""

    ORDER = "order"
    ACCOUNT = "account"
    STOREFRONT = "storefront"
    STAFF = "staff"
    LINK = "link"
    IMPORT = "import"
    MAIL = "mail"
    API = "api"
    #: Time ran out.
    TERM = "term"


#: How the person told staff.
HOW = ("telephone", "in_person", "letter", "form", "email")
#: Whoever said it is the person: a link that came to the address, a mail from the address.
_THEMSELVES = frozenset({Source.LINK, Source.MAIL})
#: What a form at an order or an account says: of somebody who may have typed another's address.
#: A customer's own token proves the account, and nobody has proved the account's address book.
_FORMS = frozenset({Source.ORDER, Source.ACCOUNT, Source.STOREFRONT})


def known_source(source: str) -> bool:
    """Tell whether this is a source, `staff:<how>` included."""
    name, colon, how = source.partition(":")
    return name in set(Source) and (not colon or (name == Source.STAFF and how in HOW))


def by_the_person(source: str) -> bool:
    """Tell whether the person said it: only this opens again what they had closed."""
    name, _, how = source.partition(":")
    return name in _THEMSELVES or (name == Source.STAFF and how in HOW)


def gives(source: str) -> bool:
    """Tell whether a consent by this door counts at all. A file, an app, or staff that does not
    say how it was told, gives none.
    """
    return by_the_person(source) or source in _FORMS


class Text(NamedTuple):
    """What the person was shown: its version, and the SHA-256 of its words where they are known."""

    version: str
    digest: bytes | None

    @classmethod
    def of(cls, version: str, words: str) -> "Text":
        """Return a version with the digest of its words."""
        return cls(version, hashlib.sha256(words.encode()).digest())


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a contact, on one channel.

    `elsewhere`: of another address of the same person. A no to that holds here, too; a yes to it
    takes that no back, and gives nothing here.
    """

    kind: Kind
    channel: Channel
    at: datetime
    source: str
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """What decides beside the events.

    `legal`: a company, by its VAT id; whoever is not known is a natural person.
    `orders`: when they ordered, in any order. `seen_at`: the last log-in; of those before it nobody
    knows. `double_opt_in`: consents by e-mail are to be confirmed. `controller_since`: another had
    the register before, and what was given to that one counts no more.
    """

    legal: bool = False
    orders: tuple[datetime, ...] = ()
    seen_at: datetime | None = None
    double_opt_in: bool = True
    controller_since: datetime | None = None


class Ground(StrEnum):
    """Why somebody may be contacted, or why not."""

    CONSENT = "consent"
    SOFT_OPT_IN = "soft_opt_in"
    LEGAL_PERSON = "legal_person"
    NO_OBJECTION = "no_objection"
    #: From here on: why not.
    OPTED_OUT = "opted_out"
    BOUNCED = "bounced"
    UNCONFIRMED = "unconfirmed"
    INACTIVE = "inactive"
    NO_CONSENT = "no_consent"
    #: It was given to the controller before this one.
    NEW_CONTROLLER = "new_controller"
    #: Nobody asks what was said: the use of their data is restricted (GDPR art. 18) ...
    RESTRICTED = "restricted"
    #: ... or what their account or order says is not taken in yet.
    UNHEARD = "unheard"


@dataclass(frozen=True, slots=True)
class Permission:
    """`since`: what the ground goes back to. `until`: when it ends by itself, if it does.

    `profiling`: what they bought may decide what they are sent. `waits`: a consent is to be
    confirmed, also of somebody who is out.
    """

    allowed: bool
    ground: Ground
    since: datetime | None = None
    until: datetime | None = None
    profiling: bool = False
    waits: bool = False
