"""What people may ask of the register, what becomes of it, and by when: GDPR articles 12 to 22."""

from datetime import date
from enum import StrEnum

from .financial_years import add_months
from .languages import Texts


class RequestKind(StrEnum):
    """The rights of articles 15 to 18, 20 and 21."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    PORTABILITY = "portability"
    OBJECTION = "objection"


class RequestState(StrEnum):
    """Where a request stands."""

    #: The mailbox it came from is not proved: nobody has asked for anything yet.
    UNCONFIRMED = "unconfirmed"
    #: The controller is asked whether a deleted account was a request for erasure.
    ASKS = "asks"
    OPEN = "open"
    #: Granted, and under way; an erasure waits for what else keeps the data.
    ACCEPTED = "accepted"
    REFUSED = "refused"
    #: The one who asked took it back.
    WITHDRAWN = "withdrawn"
    DONE = "done"


K, S = RequestKind, RequestState

#: From each state to those that may follow. What is not listed is refused.
MOVES: dict[RequestState, frozenset[RequestState]] = {
    S.UNCONFIRMED: frozenset({S.OPEN}),
    S.ASKS: frozenset({S.ACCEPTED, S.REFUSED}),
    S.OPEN: frozenset({S.ACCEPTED, S.REFUSED, S.WITHDRAWN}),
    S.ACCEPTED: frozenset({S.REFUSED, S.WITHDRAWN, S.DONE}),
    S.REFUSED: frozenset(),
    S.WITHDRAWN: frozenset(),
    S.DONE: frozenset(),
}

#: Somebody has to decide. What was asked about stays until then, whatever its term (article 12).
UNDECIDED = frozenset({S.ASKS, S.OPEN})
#: Not over yet: of one person and kind there is one such request at most, beside objections to
#: direct marketing, which hold at once.
ACTIVE = UNDECIDED | {S.ACCEPTED}
OVER = frozenset({S.REFUSED, S.WITHDRAWN, S.DONE})

#: Granted by the machine itself once it is proved who asks: a copy of one's own data has no
#: grounds to weigh, and an objection to direct marketing is absolute (article 21(3)).
BY_ITSELF = frozenset({K.ACCESS, K.PORTABILITY, K.OBJECTION})

#: Answered with a copy of the data.
COPIES = frozenset({K.ACCESS, K.PORTABILITY})

#: What is asked for stands in what they write: another of the kind may ask for something else.
IN_WORDS = frozenset({K.RECTIFICATION, K.OBJECTION})


class Proof(StrEnum):
    """How it is known that the one who asks is the customer."""

    NONE = ""
    #: Only that the mailbox is theirs.
    MAILBOX = "mailbox"
    #: The mailbox, and a name with its postcode that the register has.
    MATCHED = "matched"
    #: The password of the shop's account.
    ACCOUNT = "account"
    #: Staff saw to it, and wrote down how.
    STAFF = "staff"


#: Enough to act on all that is held of the customer.
PROVED = frozenset({Proof.MATCHED, Proof.ACCOUNT, Proof.STAFF})


class Handed(StrEnum):
    """How the person was given a copy that the controller printed or stored for them."""

    IN_PERSON = "in_person"
    POST = "post"


class RefusalGround(StrEnum):
    """Why a request is refused, by the article that allows it."""

    NOT_IDENTIFIED = "not_identified"
    EXCESSIVE = "excessive"
    NOTHING_HELD = "nothing_held"
    OTHERS_RIGHTS = "others_rights"
    ACCURATE = "accurate"
    LEGAL_OBLIGATION = "legal_obligation"
    LEGAL_CLAIMS = "legal_claims"
    STILL_NEEDED = "still_needed"
    #: The register's own: they bought after it was granted.
    BOUGHT_AGAIN = "bought_again"
    NO_GROUND = "no_ground"
    COMPELLING = "compelling"


_G = RefusalGround
_ANY = frozenset({_G.NOT_IDENTIFIED, _G.EXCESSIVE, _G.NOTHING_HELD})

#: The grounds that a kind of request may be refused on.
GROUNDS: dict[RequestKind, frozenset[RefusalGround]] = {
    K.ACCESS: _ANY | {_G.OTHERS_RIGHTS},
    K.RECTIFICATION: _ANY | {_G.ACCURATE},
    K.ERASURE: _ANY | {_G.LEGAL_OBLIGATION, _G.LEGAL_CLAIMS, _G.STILL_NEEDED},
    K.RESTRICTION: _ANY | {_G.NO_GROUND},
    K.PORTABILITY: _ANY | {_G.OTHERS_RIGHTS},
    K.OBJECTION: _ANY | {_G.COMPELLING, _G.LEGAL_CLAIMS},
}

#: The ground that nobody gives: an erasure that was granted ends when its customer buys again.
OF_THE_REGISTER = _G.BOUGHT_AGAIN

#: What people call each right: Finnish, Swedish, English.
TITLES: dict[RequestKind, Texts] = {
    K.ACCESS: ("tarkastuspyyntö", "begäran om tillgång", "request for access"),
    K.RECTIFICATION: ("oikaisupyyntö", "begäran om rättelse", "request for rectification"),
    K.ERASURE: ("poistopyyntö", "begäran om radering", "request for erasure"),
    K.RESTRICTION: (
        "käsittelyn rajoittamispyyntö", "begäran om begränsning av behandling",
        "request for restriction of processing",
    ),
    K.PORTABILITY: (
        "tietojen siirtopyyntö", "begäran om dataportabilitet", "request for data portability"
    ),
    K.OBJECTION: ("vastustamispyyntö", "invändning", "objection"),
}  # fmt: skip

#: Article 12(3), in months: for the answer from the day of receipt, and the further ones.
ANSWER_MONTHS = 1
FURTHER_MONTHS = 2

#: Days before the last one on which the controller is reminded; after it, every day.
REMINDERS = (14, 7, 3, 1, 0)

#: A copy whose letter was not sent while it stood is made again so often; then staff are asked.
UNDELIVERED_COPIES = 2

#: An unproved mailbox has so many days.
CONFIRM_DAYS = 7


def due_on(received: date) -> date:
    """Return the last day for an answer: the same day of the next month, or that month's last.

    Regulation (EEC, Euratom) 1182/71, art. 3(2)(c). It is not moved on from a weekend or holiday,
    as art. 3(4) would allow: the earlier day is right in either reading.
    """
    return add_months(received, ANSWER_MONTHS)


def extended_to(received: date) -> date:
    """Return the last day of an answer that was extended by two further months.

    They are counted on from the first period's end: of 31 January, which ends on 28 February, until
    28 April. Neither article 12(3) nor Regulation 1182/71 says whether it is not three months from
    receipt, until 30 April: the earlier day is right in either reading.
    """
    return add_months(due_on(received), FURTHER_MONTHS)


def may_move(before: str, after: RequestState) -> bool:
    """Tell whether a request in one state may go on to another."""
    return after in MOVES[RequestState(before)]
