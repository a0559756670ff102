"""Where a breach stands, how great its risk is, who is affected and what became of telling them."""

from ...models import BreachEvent
from ...policy.breaches import BreachState, Exemption, Found, Phase, Risk, Told
from .enums import enumeration

State = enumeration(
    BreachState, OPEN="Recorded; nobody has said yet how great the risk is.",
    ASSESSED="The risk is assessed.", CLOSED="Nothing is lacking; a new assessment opens it again.",
)  # fmt: skip
RiskEnum = enumeration(
    Risk, "BreachRisk", NONE="Unlikely to result in a risk: the authority is not notified.",
    RISK="The authority is notified.", HIGH="Those who are affected are told, too: article 34(1).",
)  # fmt: skip
PhaseEnum = enumeration(
    Phase, "BreachPhase", INITIAL="The first; more will follow.", FURTHER="More of it.",
    FINAL="Everything is told.",
)  # fmt: skip
ExemptionEnum = enumeration(
    Exemption, "BreachExemption",
    PROTECTED="(a): whoever has the data cannot read it, for example since it is encrypted.",
    AVERTED="(b): what was done since makes a high risk no longer likely.",
    PUBLIC_NOTICE="(c): it would take disproportionate effort, and a public notice tells them.",
)  # fmt: skip
FoundEnum = enumeration(
    Found, "BreachSearchKind",
    LOOKS="What an actor opened in a span of time, by the log of who looked.",
    EXPORT="A file for a third party that was lost.",
    DISCLOSURE="What was given to a third party, and got lost there.",
    HELD="Everybody of whom such data is held.",
)  # fmt: skip
ToldEnum = enumeration(
    Told, "BreachTold", WAITING="Not yet.",
    SENDING="A worker took it: the letter may have gone out.",
    MAILED="By a letter to their e-mail.", POSTED="By post.",
    OTHERWISE="By a public notice, or in person.", NO_ADDRESS="There is no e-mail address.",
    GONE="They are erased.", SAME="The same person was another row's, and is told by that letter.",
)  # fmt: skip
EventWhat = enumeration(
    BreachEvent.What, "BreachEventType", "What happened to a breach.",
    RECORDED="Recorded.", AMENDED="What is known was changed.", ASSESSED="The risk was assessed.",
    NOTIFIED="The authority was told.", FOUND="A search found who is affected.",
    DISCARDED="A search was taken back.", EXEMPTED="A ground was given for telling nobody.",
    LETTERS="Letters were ordered.", TOLD="People were told otherwise.",
    REMINDED="The controller was reminded of the 72 hours.", CLOSED="Closed.",
)  # fmt: skip
