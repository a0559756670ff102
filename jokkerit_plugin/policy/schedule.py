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
from . import laws
from .clocks import CLOCKS, Clock
from .languages import Language, Texts
from .marketing import ACTIVE_MONTHS, PROOF_YEARS
from .parts import Part
from .periods import Period
from .purposes import Purpose
from .retention import ACCESS_LOG_YEARS, BREACH_YEARS, CORRECTION_YEARS, REQUEST_YEARS
from .site_log import DAYS

_CONTACT, _VOUCHER, _FIGURES = {Part.CONTACT}, {Part.IDENTITY}, {Part.FIGURES}
#: While a purchase serves a purpose as a whole, nothing of it goes.
_PURCHASE = {Part.DETAIL, Part.IDENTITY, Part.FIGURES}

#: The first day of the GDPR (art. 99), of the Limitation Act, the Consumer Protection Act, and of
#: the Accounting Act.
_GDPR, _LIMITATION = date(2018, 5, 25), date(2004, 1, 1)
_CONSUMER, _ACCOUNTING = date(1978, 9, 1), date(1997, 12, 31)

#: What the Accounting Act demands of vouchers; beyond it is the shop's interest, which a customer
#: may object to.
LAWFUL_IDENTITY_YEARS = 6

#: How long before the end of the inactive term a customer is told of it, at the least.
TELLING_DAYS = 30


@dataclass(frozen=True, slots=True)
class Rule:
    """Why something is kept. `parts`: what it keeps; empty: what `title` says, by its own clock.

    `length`: the default; None: something else than time ends it. `setting`: the setting (of
    `Config`) that may change it.
    """

    name: str
    title: Texts
    parts: frozenset[Part]
    purpose: Purpose
    clock: Clock
    #: Source in law, or the reason.
    ground: Texts
    #: The first day on which it is in force.
    since: date
    length: Period | None = None
    setting: str = ""
    #: The last one; None: no end is known.
    until: date | None = None

    def term(self, config: Config) -> Period | None:
        """Return its length under the settings in force; of claims the longest."""
        if self.length is None or not self.setting:
            return self.length
        value = getattr(config, self.setting)
        number = max(months for _, months in value) if self.setting == "claims_months" else value
        return self.length.of(number)

    def varies(self, config: Config) -> bool:
        """Tell whether `term` is the longest of several."""
        return self.setting == "claims_months" and len({n for _, n in config.claims_months}) > 1

    def words(self, language: Language, config: Config) -> str:
        """Return for how long, as the description says it: `36 months from the last purchase`."""
        clock = CLOCKS[self.clock][language]
        term = self.term(config)
        return f"{term.words(language)} {clock}" if term else clock


SCHEDULE: tuple[Rule, ...] = (
    Rule(
        "inactive",
        ("asiakassuhde", "kundförhållandet", "the customer relationship"),
        frozenset(_CONTACT), Purpose.SERVICE, Clock.ACTIVITY, laws.INACTIVE, _GDPR,
        Period(months=36), "inactive_months",
    ),
    Rule(
        "telling",
        (
            "poistosta ilmoittaminen etukäteen", "meddelande på förhand om raderingen",
            "telling before erasing",
        ),
        frozenset(_CONTACT), Purpose.COMMUNICATION, Clock.TOLD, laws.TELLING, _GDPR,
        Period(days=TELLING_DAYS),
    ),
    Rule(
        "detail",
        ("asiakaspalvelu tilauksesta", "kundservice om beställningen", "service of an order"),
        frozenset(_PURCHASE), Purpose.SERVICE, Clock.DELIVERY, laws.DETAIL, _LIMITATION,
        Period(years=3), "detail_years",
    ),
    Rule(
        "claims",
        (
            "virhevastuu, takuu ja takaisinveto", "felansvar, garanti och återkallelse",
            "defects, warranty and recall",
        ),
        frozenset(_PURCHASE), Purpose.CLAIMS, Clock.DELIVERY, laws.CLAIMS, _CONSUMER,
        Period(months=24), "claims_months",
    ),
    Rule(
        "identity",
        (
            "ostajan nimi ja osoite tositteilla", "köparens namn och adress på verifikaten",
            "the buyer's name and address on vouchers",
        ),
        frozenset(_VOUCHER), Purpose.BOOKKEEPING, Clock.BOOKING, laws.IDENTITY, _ACCOUNTING,
        Period(years=10), "identity_years",
    ),
    Rule(
        "books",
        ("kirjanpito", "bokföring", "bookkeeping"),
        frozenset(_FIGURES), Purpose.BOOKKEEPING, Clock.BOOKING, laws.BOOKS, _ACCOUNTING,
        Period(years=10), "bookkeeping_years",
    ),
    Rule(
        "open_order",
        ("keskeneräinen tilaus", "pågående beställning", "an order that is not done"),
        frozenset(Part), Purpose.DELIVERY, Clock.DONE, laws.OPEN_ORDER, _GDPR,
    ),
    Rule(
        "hold",
        ("säilytyspäätös", "bevarande för rättsliga anspråk", "a legal hold"),
        frozenset(Part), Purpose.COLLECTION, Clock.RELEASE, laws.HOLD, _GDPR,
    ),
    Rule(
        "request",
        ("avoin pyyntö", "öppen begäran", "an open request"),
        frozenset(Part), Purpose.SERVICE, Clock.ANSWER, laws.REQUEST, _GDPR,
    ),
    Rule(
        "restriction",
        (
            "käsittelyn rajoittaminen", "begränsning av behandling", "restriction of processing"
        ),
        frozenset(Part), Purpose.SERVICE, Clock.LIFTED, laws.RESTRICTION, _GDPR,
    ),
    Rule(
        "breach",
        (
            "tietoturvaloukkauksesta ilmoittaminen", "meddelande om en personuppgiftsincident",
            "telling of a personal data breach",
        ),
        frozenset(_CONTACT), Purpose.SECURITY, Clock.TOLD_OF_BREACH, laws.BREACH, _GDPR,
    ),
    # The shop alone knows: the erasing asks it (`shop.erasers.Hindrance`).
    Rule(
        "balance",
        (
            "verkkokaupassa oleva raha: lahjakortti tai maksettu ostoskori",
            "pengar kvar i webbutiken: ett presentkort eller en betald kundvagn",
            "money left in the shop: a gift card, or a checkout that is paid",
        ),
        frozenset(), Purpose.SERVICE, Clock.SPENT, laws.OPEN_ORDER, _GDPR,
    ),
    Rule(
        "trace",
        (
            "keskeneräiset ostoskorit ja tilit, joilta ei ole ostettu",
            "oavslutade kundvagnar och konton som inte köpt något",
            "unfinished checkouts, and accounts that never bought",
        ),
        frozenset(), Purpose.SERVICE, Clock.CHANGE, laws.TRACE, _GDPR,
        Period(days=30), "checkout_days",
    ),
    Rule(
        "access_log",
        (
            "loki siitä, kuka on katsonut tietoja", "logg över vem som läst uppgifter",
            "the log of who looked at data",
        ),
        frozenset(), Purpose.SECURITY, Clock.LOOK, laws.ACCESS_LOG, _GDPR,
        Period(years=ACCESS_LOG_YEARS),
    ),
    Rule(
        "site_log",
        ("sivustojen lokitiedot", "webbplatsernas logguppgifter", "site log data"),
        frozenset(), Purpose.SECURITY, Clock.LINE, laws.SITE_LOG, _GDPR,
        Period(days=DAYS), "site_log_days",
    ),
    Rule(
        "requests",
        (
            "pyynnöt, jotka koskevat omia tietoja", "begäranden om de egna uppgifterna",
            "requests about one's own data",
        ),
        frozenset(), Purpose.SERVICE, Clock.CLOSING, laws.REQUESTS, _GDPR,
        Period(years=REQUEST_YEARS),
    ),
    Rule(
        "breaches",
        (
            "tietoturvaloukkaukset, ja keitä ne koskivat",
            "personuppgiftsincidenter, och vem de berörde",
            "personal data breaches, and who was affected",
        ),
        frozenset(), Purpose.SECURITY, Clock.BREACH_CLOSED, laws.BREACHES, _GDPR,
        Period(years=BREACH_YEARS),
    ),
    Rule(
        "corrections",
        (
            "tieto siitä, mitä on oikaistu ja kenelle siitä on kerrottu",
            "uppgift om vad som har rättats och vem som har meddelats",
            "what was corrected, and who was told of it",
        ),
        frozenset(), Purpose.SERVICE, Clock.CORRECTION, laws.CORRECTIONS, _GDPR,
        Period(years=CORRECTION_YEARS),
    ),
    Rule(
        "consent",
        ("markkinointilupa", "tillstånd till marknadsföring", "permission for marketing"),
        frozenset(), Purpose.MARKETING, Clock.ACTIVITY, laws.CONSENT, _GDPR,
        Period(months=ACTIVE_MONTHS),
    ),
    Rule(
        "consent_proof",
        ("todiste suostumuksesta", "bevis på samtycke", "proof of a consent"),
        frozenset(), Purpose.MARKETING, Clock.CONSENT, laws.CONSENT_PROOF, _GDPR,
        Period(years=PROOF_YEARS),
    ),
    Rule(
        "suppression",
        ("estolista", "spärrlista", "the suppression list"),
        frozenset(), Purpose.MARKETING, Clock.NEVER, laws.SUPPRESSION, _GDPR,
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
