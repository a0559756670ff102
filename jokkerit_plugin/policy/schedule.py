"""How long data is kept, for what, and on which ground: the shop's retention schedule.

A part of somebody's data (`parts.py`) goes when no rule keeps it any longer: one purpose may be
over while another still needs the same fields. Terms are counted in days of Helsinki, and their
last day is included. The description of the register is written from this page.

The rules in force on the day that is asked about decide, whatever was in force when somebody
bought. Where the law changes, the rule gets its last day, and a new one of the same name begins on
the next.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from ..config import Config
from .clocks import CLOCKS, Clock
from .marketing import ACTIVE_MONTHS, PROOF_YEARS
from .parts import Part
from .purposes import Purpose
from .retention import ACCESS_LOG_YEARS, BREACH_YEARS, CORRECTION_YEARS, REQUEST_YEARS
from .site_log import DAYS
from .words import Language, Period, Texts

_CONTACT, _VOUCHER, _FIGURES = {Part.CONTACT}, {Part.IDENTITY}, {Part.FIGURES}
#: While a purchase serves a purpose as a whole, nothing of it goes.
_PURCHASE = {Part.DETAIL, Part.IDENTITY, Part.FIGURES}

#: The first day of the GDPR (art. 99), of the Limitation Act, the Consumer Protection Act, and of
#: the Accounting Act.
_GDPR, _LIMITATION = date(2018, 5, 25), date(2004, 1, 1)
_CONSUMER, _ACCOUNTING = date(1978, 9, 1), date(1997, 12, 31)

#: How long before the end of the inactive term a customer is told of it, at the least.
TELLING_DAYS = 30


@dataclass(frozen=True, slots=True)
class Rule:
    """Why something is kept. `parts`: what it keeps; empty: what `title` says, by its own clock.

    `length`: the default; None: something else than time ends it. `setting`: the setting (of
    `Config`) that may change it, `shortest`: to what at the least.
    """

    name: str
    title: Texts
    parts: frozenset[Part]
    purpose: Purpose
    clock: Clock
    #: Source in law, or the reason.
    ground: str
    #: The first day on which it is in force.
    since: date
    length: Period | None = None
    setting: str = ""
    shortest: Period | None = None
    #: The last one; None: no end is known.
    until: date | None = None

    def term(self, config: Config) -> Period | None:
        """Return its length under the settings in force; of claims the longest."""
        if self.length is None or not self.setting:
            return self.length
        value = getattr(config, self.setting)
        number = max(months for _, months in value) if self.setting == "claims_months" else value
        return self.length.of(number)

    def words(self, language: Language, config: Config) -> str:
        """Return for how long, as the description says it: `36 months from the last purchase`."""
        clock = CLOCKS[self.clock][language]
        term = self.term(config)
        return f"{term.words(language)} {clock}" if term else clock


SCHEDULE: tuple[Rule, ...] = (
    Rule(
        "inactive",
        ("asiakassuhde", "kundförhållandet", "the customer relationship"),
        frozenset(_CONTACT), Purpose.SERVICE, Clock.ACTIVITY,
        "GDPR art. 5(1)(e): no longer than the relationship needs", _GDPR,
        Period(months=36), "inactive_months", Period(months=1),
    ),
    Rule(
        "telling",
        (
            "poistosta ilmoittaminen etukäteen", "meddelande på förhand om raderingen",
            "telling before erasing",
        ),
        frozenset(_CONTACT), Purpose.COMMUNICATION, Clock.TOLD,
        "GDPR art. 5(1)(a): nobody is erased unawares", _GDPR, Period(days=TELLING_DAYS),
    ),
    Rule(
        "detail",
        ("asiakaspalvelu tilauksesta", "kundservice om beställningen", "service of an order"),
        frozenset(_PURCHASE), Purpose.SERVICE, Clock.DELIVERY,
        "Act on Limitation of Debts 728/2003, s. 4: claims lapse in three years", _LIMITATION,
        Period(years=3), "detail_years", Period(years=1),
    ),
    Rule(
        "claims",
        (
            "virhevastuu, takuu ja takaisinveto", "felansvar, garanti och återkallelse",
            "defects, warranty and recall",
        ),
        frozenset(_PURCHASE), Purpose.CLAIMS, Clock.DELIVERY,
        "Consumer Protection Act 38/1978, ch. 5; GDPR art. 17(3)(e)", _CONSUMER,
        Period(months=24), "claims_months",
    ),
    Rule(
        "identity",
        (
            "ostajan nimi ja osoite tositteilla", "köparens namn och adress på verifikaten",
            "the buyer's name and address on vouchers",
        ),
        frozenset(_VOUCHER), Purpose.BOOKKEEPING, Clock.BOOKING,
        "Accounting Act 1336/1997, ch. 2 s. 10: vouchers six years; beyond them the promise of"
        " this register to keep what bookkeeping needs for ten", _ACCOUNTING,
        Period(years=10), "identity_years", Period(years=6),
    ),
    Rule(
        "books",
        ("kirjanpito", "bokföring", "bookkeeping"),
        frozenset(_FIGURES), Purpose.BOOKKEEPING, Clock.BOOKING,
        "Accounting Act 1336/1997, ch. 2 s. 10", _ACCOUNTING,
        Period(years=10), "bookkeeping_years", Period(years=10),
    ),
    Rule(
        "open_order",
        ("keskeneräinen tilaus", "pågående beställning", "an order that is not done"),
        frozenset(Part), Purpose.DELIVERY, Clock.DONE,
        "contract of sale: GDPR art. 6(1)(b)", _GDPR,
    ),
    Rule(
        "hold",
        (
            "säilytyspito", "bevarande för rättsliga anspråk", "a legal hold"
        ),
        frozenset(Part), Purpose.COLLECTION, Clock.RELEASE,
        "GDPR art. 17(3)(e): legal claims", _GDPR,
    ),
    Rule(
        "request",
        ("avoin pyyntö", "öppen begäran", "an open request"),
        frozenset(Part), Purpose.SERVICE, Clock.ANSWER,
        "GDPR art. 12: what was asked about stays until it is answered", _GDPR,
    ),
    Rule(
        "restriction",
        (
            "käsittelyn rajoittaminen", "begränsning av behandling", "restriction of processing"
        ),
        frozenset(Part), Purpose.SERVICE, Clock.LIFTED,
        "GDPR art. 18: stored, and not erased", _GDPR,
    ),
    Rule(
        "breach",
        (
            "tietoturvaloukkauksesta ilmoittaminen", "meddelande om en personuppgiftsincident",
            "telling of a personal data breach",
        ),
        frozenset(_CONTACT), Purpose.SECURITY, Clock.TOLD_OF_BREACH,
        "GDPR art. 34: who is affected is told", _GDPR,
    ),
    Rule(
        "trace",
        (
            "keskeneräiset ostoskorit ja tilit, joilta ei ole ostettu",
            "oavslutade kundvagnar och konton som inte köpt något",
            "unfinished checkouts, and accounts that never bought",
        ),
        frozenset(), Purpose.SERVICE, Clock.CHANGE,
        "steps at the customer's request: GDPR art. 6(1)(b)", _GDPR,
        Period(days=30), "checkout_days", Period(days=1),
    ),
    Rule(
        "access_log",
        (
            "loki siitä, kuka on katsonut tietoja", "logg över vem som läst uppgifter",
            "the log of who looked at data",
        ),
        frozenset(), Purpose.SECURITY, Clock.LOOK,
        "GDPR art. 5(2); Act on Limitation of Debts 728/2003, s. 7", _GDPR,
        Period(years=ACCESS_LOG_YEARS),
    ),
    Rule(
        "site_log",
        ("sivustojen lokitiedot", "webbplatsernas logguppgifter", "site log data"),
        frozenset(), Purpose.SECURITY, Clock.LINE,
        "GDPR art. 5(1)(e) and recital 49", _GDPR,
        Period(days=DAYS), "site_log_days", Period(days=1),
    ),
    Rule(
        "requests",
        (
            "pyynnöt, jotka koskevat omia tietoja", "begäranden om de egna uppgifterna",
            "requests about one's own data",
        ),
        frozenset(), Purpose.SERVICE, Clock.CLOSING,
        "GDPR art. 5(2) and 12; Act on Limitation of Debts 728/2003, s. 4", _GDPR,
        Period(years=REQUEST_YEARS),
    ),
    Rule(
        "breaches",
        (
            "tietoturvaloukkaukset, ja keitä ne koskivat",
            "personuppgiftsincidenter, och vem de berörde",
            "personal data breaches, and who was affected",
        ),
        frozenset(), Purpose.SECURITY, Clock.BREACH_CLOSED,
        "GDPR art. 33(5); Act on Limitation of Debts 728/2003, s. 7", _GDPR,
        Period(years=BREACH_YEARS),
    ),
    Rule(
        "corrections",
        (
            "tieto siitä, mitä on oikaistu ja kenelle siitä on kerrottu",
            "uppgift om vad som har rättats och vem som har meddelats",
            "what was corrected, and who was told of it",
        ),
        frozenset(), Purpose.SERVICE, Clock.CORRECTION,
        "GDPR art. 5(2), 16 and 19; Act on Limitation of Debts 728/2003, s. 4 and 7", _GDPR,
        Period(years=CORRECTION_YEARS),
    ),
    Rule(
        "consent",
        ("markkinointilupa", "tillstånd till marknadsföring", "permission for marketing"),
        frozenset(), Purpose.MARKETING, Clock.ACTIVITY,
        "Act on Electronic Communications Services 917/2014, s. 200; GDPR art. 5(1)(e)", _GDPR,
        Period(months=ACTIVE_MONTHS),
    ),
    Rule(
        "consent_proof",
        ("todiste suostumuksesta", "bevis på samtycke", "proof of a consent"),
        frozenset(), Purpose.MARKETING, Clock.CONSENT,
        "GDPR art. 7(1) and 17(3)(e)", _GDPR, Period(years=PROOF_YEARS),
    ),
    Rule(
        "suppression",
        ("estolista", "spärrlista", "the suppression list"),
        frozenset(), Purpose.MARKETING, Clock.NEVER,
        "GDPR art. 21(3): whoever objected is not written to again", _GDPR,
    ),
)  # fmt: skip

#: What a granted request for erasure ends at once: of the rest of the schedule, each rule keeps on.
ENDED_BY_ERASURE = frozenset({"inactive", "telling", "detail", "request"})


def in_force(day: date, rules: Iterable[Rule] | None = None) -> dict[str, Rule]:
    """Return the rules that are in force on a day, by name, in the order of the schedule."""
    # Danger: what no rule keeps is erased. No day is before there were rules.
    day = max(day, _GDPR)
    return {
        rule.name: rule
        for rule in (SCHEDULE if rules is None else rules)
        if rule.since <= day and (rule.until is None or day <= rule.until)
    }


def keeping(part: Part, day: date) -> list[Rule]:
    """Return the rules that keep a part on a day, in the order of the schedule."""
    return [rule for rule in in_force(day).values() if part in rule.parts]
