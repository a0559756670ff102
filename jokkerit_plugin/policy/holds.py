"""What keeps data beyond its time because of a claim, what ends that, and when a debt lapses."""

from datetime import date
from enum import StrEnum


class HoldGround(StrEnum):
    """Why data is held: GDPR article 17(3)(e), legal claims, and 17(3)(b) for an authority."""

    COLLECTION = "debt_collection"
    DISPUTE = "dispute"
    CLAIM = "legal_claim"
    AUTHORITY = "authority"


class Release(StrEnum):
    """What ended a hold."""

    PAID = "paid"
    WRITTEN_OFF = "written_off"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    SETTLED = "settled"


#: What can end which hold. A debt in collection is not "settled" without saying how.
RELEASES: dict[HoldGround, frozenset[Release]] = {
    HoldGround.COLLECTION: frozenset(
        {Release.PAID, Release.WRITTEN_OFF, Release.WITHDRAWN, Release.LAPSED}
    ),
    HoldGround.DISPUTE: frozenset({Release.SETTLED, Release.WITHDRAWN}),
    HoldGround.CLAIM: frozenset({Release.SETTLED, Release.WITHDRAWN}),
    HoldGround.AUTHORITY: frozenset({Release.SETTLED, Release.WITHDRAWN}),
}

#: A hold is looked at again within this time at the latest.
REVIEW_WITHIN_YEARS = 1

#: General limitation period of a debt: Act on Limitation of Debts 728/2003, s. 4. A judgment
#: makes it longer (s. 13); such a debt is not said to have lapsed, but withdrawn or written off.
LIMITATION_YEARS = 3


def lapses_on(begins: date) -> date:
    """Return the last day of a limitation period that begins on a day.

    It begins on the due day (s. 5), and anew whenever it is interrupted (s. 10-13): by a
    reminder, by a payment in part or another acknowledgement, in court.
    """
    return add_years(begins, LIMITATION_YEARS)


def add_years(day: date, years: int) -> date:
    """Return the same day some years later; 29 February becomes 28 in a year without one.

    Act on the Calculation of Statutory Time Limits 150/1930, s. 3: else the month's last day.
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
