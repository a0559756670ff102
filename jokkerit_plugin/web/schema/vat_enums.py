"""How VAT treats a sale, what to look at in it, and why books and shop differ."""

from ...accounting import differences
from ...policy.vat import Cause, Treatment
from .enums import enumeration

TreatmentEnum = enumeration(
    Treatment, "VatTreatment", DOMESTIC="Taxed in Finland.",
    OSS="A distance sale in the Union: One Stop Shop, at the buyer's rate.",
    REVERSE_CHARGE="To a business with a VAT id in another member state: the buyer pays.",
    EXPORT="Out of the Union's VAT territory; Åland is outside it.",
    ZERO_RATED="Without VAT for another reason.", NONE="Money and liabilities: outside VAT.",
)  # fmt: skip
CauseEnum = enumeration(
    Cause, "VatFindingCause", RATE="The stored rate was not in force at the tax point.",
    TERRITORY="VAT was charged on a sale out of the VAT territory.",
    EXEMPT="Sold without VAT to another member state, and there is no VAT id that can be one.",
    ZERO="Sold without VAT in Finland.",
    BUSINESS="Sold with VAT to another member state, to a buyer with a VAT id.",
    VAT_ID="What was given as a VAT id in another member state cannot be one.",
    COUNTRY="The shop knows no country of taxation.",
    GIFT_CARD="The VAT stored of a gift card contradicts the setting.",
    CURRENCY="Money came in another currency than the order's: it is not in the books.",
    ADVANCE="Money in advance of a business in another member state: a service was taxed that day.",
    PROPORTIONAL="No returned lines explain a refund: it was split in proportion.",
    CORRECTION="It belongs to a day that is closed.",
)  # fmt: skip
TieOutReasonEnum = enumeration(
    differences.Reason, "TieOutReason", PARTS="Its tax point falls in parts into other periods.",
    NOT_YET="Some of it is neither paid nor delivered yet.",
    NO_PIECES="Of a refund: the shop has no pieces that are worth it; the sum alone is compared.",
    NO_CREDIT="The credit is rightly not the refund: too much was paid, or nothing was taxed yet.",
    CORRECTED="Some of it was booked on closed days and corrected afterwards.",
    DELETED="The shop has deleted it; the books keep it.",
    ERASED="Its time in the books is over, and the register has erased it.",
    WAITING="It has changed, and waits to be taken in or booked.",
    MISSING="The register does not have it: run `register_reconcile`.",
    UNKNOWN="Nothing explains it: somebody should look.",
)  # fmt: skip
TieOutSubjectEnum = enumeration(
    ((one.upper(), one) for one in ("sales", "money", "refunds")), "TieOutSubject",
    "What of an order is compared.", SALES="What was sold.", MONEY="What was paid.",
    REFUNDS="What was credited.",
)  # fmt: skip
