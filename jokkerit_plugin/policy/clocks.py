"""What starts the term of a rule of retention, and how the description says it."""

from enum import StrEnum

from .languages import Texts


class Clock(StrEnum):
    """What a term is counted from; of the last ones, what ends them."""

    ACTIVITY = "activity"
    TOLD = "told"
    DELIVERY = "delivery"
    BOOKING = "booking"
    CHANGE = "change"
    LOOK = "look"
    LINE = "line"
    CLOSING = "closing"
    CORRECTION = "correction"
    DONE = "done"
    SPENT = "spent"
    RELEASE = "release"
    ANSWER = "answer"
    LIFTED = "lifted"
    TOLD_OF_BREACH = "told_of_breach"
    BREACH_CLOSED = "breach_closed"
    CONSENT = "consent"
    NEVER = "never"


#: As the description says it, after the length of the term or instead of it.
CLOCKS: dict[Clock, Texts] = {
    Clock.ACTIVITY: (
        "viimeisestä ostoksesta, kirjautumisesta tai suostumuksesta",
        "från det senaste köpet, den senaste inloggningen eller det senaste samtycket",
        "from the last purchase, log-in or consent",
    ),
    Clock.TOLD: (
        "poistosta kertovasta ilmoituksesta", "från meddelandet om raderingen",
        "from the notice of the erasure",
    ),
    Clock.DELIVERY: ("toimituksesta", "från leveransen", "from delivery"),
    Clock.BOOKING: (
        "tilikauden päättymisvuoden lopusta",
        "från utgången av det år då räkenskapsperioden gick ut",
        "from the end of the year in which the financial year ended",
    ),
    Clock.CHANGE: (
        "viimeisestä muutoksesta", "från den senaste ändringen", "from the last change"
    ),
    Clock.LOOK: ("katselusta", "från läsningen", "from the look"),
    Clock.LINE: (
        "lokirivin kirjaamisesta", "från det att loggraden skrevs",
        "from when the line was written",
    ),
    Clock.CLOSING: (
        "pyynnön käsittelyn päättymisestä", "från det att begäran har avslutats",
        "from the end of the request",
    ),
    Clock.CORRECTION: (
        "oikaisusta tai siitä ilmoittamisesta", "från rättelsen eller meddelandet om den",
        "from the correction or the telling of it",
    ),
    Clock.DONE: (
        "kunnes tilaus on maksettu ja toimitettu", "tills beställningen är betald och levererad",
        "until the order is paid and delivered",
    ),
    Clock.SPENT: (
        "kunnes raha on käytetty tai palautettu", "tills pengarna har använts eller återbetalats",
        "until it is spent or given back",
    ),
    Clock.RELEASE: (
        "kunnes vaatimus on ratkaistu", "tills anspråket är avgjort", "until the claim is settled"
    ),
    Clock.ANSWER: (
        "kunnes pyyntöön on vastattu", "tills begäran har besvarats",
        "until the request is answered",
    ),
    Clock.LIFTED: (
        "kunnes rajoitus päättyy", "tills begränsningen upphör", "until the restriction is lifted"
    ),
    Clock.TOLD_OF_BREACH: (
        "kunnes loukkauksesta on kerrottu tai sen käsittely on päättynyt",
        "tills incidenten har meddelats eller behandlingen av den har avslutats",
        "until the person has been told of the breach, or it is closed",
    ),
    Clock.BREACH_CLOSED: (
        "loukkauksen käsittelyn päättymisestä",
        "från det att behandlingen av incidenten avslutades",
        "from the closing of the breach",
    ),
    Clock.CONSENT: (
        "suostumuksen päättymisestä", "från att samtycket upphörde", "from the end of the consent"
    ),
    Clock.NEVER: (
        "toistaiseksi, vain jotta kieltoa noudatetaan",
        "tills vidare, endast för att förbudet ska följas",
        "for good, only so that the opt-out is obeyed",
    ),
}  # fmt: skip
