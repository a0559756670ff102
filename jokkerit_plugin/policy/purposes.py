"""Why personal data may be used, and on which legal basis."""

from dataclasses import dataclass
from enum import StrEnum


class Basis(StrEnum):
    """Legal bases of article 6(1) of the General Data Protection Regulation."""

    CONSENT = "6(1)(a)"
    CONTRACT = "6(1)(b)"
    LEGAL_OBLIGATION = "6(1)(c)"
    LEGITIMATE_INTEREST = "6(1)(f)"


class Purpose(StrEnum):
    """Register description, "use of the data"."""

    DELIVERY = "delivery"
    SERVICE = "service"
    COMMUNICATION = "communication"
    INVOICING = "invoicing"
    COLLECTION = "debt_collection"
    CLAIMS = "claims"
    MARKETING = "marketing"
    SECURITY = "security"
    ERROR_FIXING = "error_fixing"
    LOG_BILLING = "log_billing"
    BOOKKEEPING = "bookkeeping"
    #: Answering what people ask about their own data. Nobody chooses it: requests alone are for it.
    RIGHTS = "rights"


@dataclass(frozen=True, slots=True)
class Ground:
    """The legal basis of a purpose, the interest where that is the basis, and the source."""

    basis: Basis
    interest: str
    source: str


GROUNDS: dict[Purpose, Ground] = {
    Purpose.DELIVERY: Ground(Basis.CONTRACT, "", "contract of sale"),
    Purpose.SERVICE: Ground(Basis.CONTRACT, "", "contract of sale"),
    Purpose.COMMUNICATION: Ground(
        Basis.LEGITIMATE_INTEREST, "keeping in touch with one's customers about the service", ""
    ),
    Purpose.INVOICING: Ground(Basis.CONTRACT, "", "contract of sale"),
    Purpose.COLLECTION: Ground(
        Basis.LEGITIMATE_INTEREST, "getting paid what is owed", "Debt Collection Act 513/1999"
    ),
    Purpose.CLAIMS: Ground(
        Basis.LEGITIMATE_INTEREST,
        "answering for defects, keeping to a warranty, recalling what is dangerous",
        "Consumer Protection Act 38/1978, ch. 5; Directive (EU) 2019/771, art. 10;"
        " General Product Safety Regulation (EU) 2023/988, art. 35",
    ),
    Purpose.MARKETING: Ground(
        Basis.LEGITIMATE_INTEREST,
        "telling one's customers of one's products; e-mail and SMS by consent or soft opt-in",
        "Act on Electronic Communications Services 917/2014, s. 200-202",
    ),
    Purpose.SECURITY: Ground(
        Basis.LEGITIMATE_INTEREST, "keeping the service and its customers safe", "GDPR recital 49"
    ),
    Purpose.ERROR_FIXING: Ground(Basis.LEGITIMATE_INTEREST, "a service that works", ""),
    Purpose.LOG_BILLING: Ground(Basis.CONTRACT, "", "contract of sale"),
    Purpose.BOOKKEEPING: Ground(
        Basis.LEGAL_OBLIGATION, "", "Accounting Act 1336/1997, ch. 2 s. 10"
    ),
    Purpose.RIGHTS: Ground(Basis.LEGAL_OBLIGATION, "", "GDPR art. 12-22"),
}
