"""What the schema says of marketing: channels, grounds, and what was said."""

from ...policy.marketing import HOW, Channel, Ground, Kind
from .enums import enumeration

ChannelEnum = enumeration(
    Channel, "MarketingChannel",
    EMAIL="E-mail: consent, or soft opt-in (917/2014 s. 200).", SMS="SMS: as e-mail.",
    PHONE="Calls: until they object (917/2014 s. 200).", POST="Post: until they object.",
)  # fmt: skip
How = enumeration(
    ((how.upper(), how) for how in HOW), "MarketingHow", "How a customer told staff.",
    TELEPHONE="In a call.", IN_PERSON="Face to face.", LETTER="By post.", FORM="On a form.",
    EMAIL="By mail.",
)  # fmt: skip
MarketingGround = enumeration(
    Ground, "MarketingGround",
    CONSENT="They agreed.", SOFT_OPT_IN="They bought, and did not opt out: 917/2014 s. 200(3).",
    LEGAL_PERSON="A company, which has not objected.",
    NO_OBJECTION="The channel needs no consent, and they have not objected.",
    OPTED_OUT="No: they said so.", BOUNCED="No: the address does not exist.",
    UNCONFIRMED="No: the consent waits for its link.",
    INACTIVE="No: nothing was heard of them for 24 months.", NO_CONSENT="No: they never agreed.",
    NEW_CONTROLLER="No: it was given to the controller before this one.",
    RESTRICTED="No: the use of their data is restricted, GDPR article 18.",
    UNHEARD="No: what their account or order says of it is not read yet.",
)  # fmt: skip
MarketingEventKind = enumeration(
    Kind, "MarketingEventKind",
    CONSENT="They agreed.", CONFIRMED="They followed the link of a consent.",
    SOFT_OPT_IN="They bought, and did not opt out.", OBJECTION="They said no.",
    WITHDRAWAL="They took a consent back.",
    RECONSENT="They agreed by a link that reached the very address.",
    BOUNCE="The address does not exist, for good.", COMPLAINT="A message was reported as spam.",
    DECLARED="An old opt-out, from a file.",
    EXPIRED="A consent ended: nothing was heard of them for 24 months.",
    LAPSED="A consent ended: nobody followed its link.",
    NO_PROFILE="What they bought may not decide what they are sent.", PROFILE="It may.",
)  # fmt: skip
