"""What the status may find wrong: by code how soon somebody must look, and what they do.

The documents and the monitoring read this page. A code that is not here wakes somebody: nobody has
judged it.
"""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How soon somebody must look."""

    #: Now, at night too: a promise is broken or about to be, and each hour makes it worse.
    ALERT = "alert"
    #: In working hours.
    WARNING = "warning"
    #: It is people's ordinary work, and waits where they do it.
    INFO = "info"


#: What monitoring plugins return: 0 all is well, 1 warning, 2 critical.
EXIT_STATUS = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ALERT: 2}


@dataclass(frozen=True, slots=True)
class Meaning:
    """How soon, what it means (of an alert: why it cannot wait) and what to do, in Markdown.

    Links are as seen from `docs/reference/`.
    """

    severity: Severity
    means: str
    do: str


def _alert(means: str, do: str) -> Meaning:
    return Meaning(Severity.ALERT, means, do)


def _warning(means: str, do: str) -> Meaning:
    return Meaning(Severity.WARNING, means, do)


def _info(means: str, do: str) -> Meaning:
    return Meaning(Severity.INFO, means, do)


_WORKER = "Let Celery's worker and beat run"
_KEYS = "Put the key back in web, worker and beat: [keys](../runbooks/keys.md)"
_REPLAY = "[Replay](../runbooks/restore.md) before anybody is written to"

PROBLEMS: dict[str, Meaning] = {
    # All of it.
    "REGISTER_UNREADABLE": _alert(
        "The register's tables cannot be read: nothing is taken in, no request answered",
        "The database; after an upgrade a migration that was forgotten",
    ),
    "STATUS_UNREADABLE": _alert(
        "A part of the status cannot be read, so anything may be wrong there",
        "The database; after an upgrade a migration that was forgotten",
    ),
    "READ_ONLY": _alert(
        "The database takes nothing in: no event, no opt-out, no look is written down",
        "Make it writable: a full disk, a failover that left the shop on a standby",
    ),
    "DEACTIVATED": _warning(
        "The plugin is switched off: nothing is taken in, and no night erases",
        "Switch it on in the Dashboard, then `register_backfill`",
    ),
    # The register's filling.
    "INBOX_STUCK": _alert(
        "An event has waited for over 15 minutes: no worker takes anything in, no letter leaves, an"
        " opt-out with an order is not known. Orders are safe: the shop does not wait",
        _WORKER,
    ),
    "INBOX_BEHIND": _warning("An event has waited for over 5 minutes", _WORKER),
    "CLOCK_DOUBTED": _alert(
        "A clock is wrong, or nothing ran for a week: nothing is erased for being old, since it"
        " would be gone for good",
        "[The clock](../operations.md#the-clock)",
    ),
    "NOT_COMPARED": _warning(
        "The register has not been compared with the whole shop", "`register_backfill`"
    ),
    "COMPARISON_LATE": _warning(
        "The nightly comparison has not ended for 36 hours", f"{_WORKER}; then `register_reconcile`"
    ),
    "SET_ASIDE": _warning(
        "Rows of the shop could not be read; they are tried again for half a day",
        "The last error names the reason; nothing, where it is only some",
    ),
    "GIVEN_UP": _warning(
        "Rows of the shop are left to a person", "Mend the reason; then `register_reconcile`"
    ),
    "NOT_BOOKED": _warning(
        "Purchases cannot be booked, and keep their month open",
        "The order and the reason are named: [accounting](../accounting.md)",
    ),
    "SCRAMBLED": _warning(
        "Saleor's Anonymizer app has overwritten names that bookkeeping needs",
        "Take the app away; the register still has the names",
    ),
    # Who sees what.
    "CHAIN_BROKEN": _alert(
        "A record of who looked, what was given or what was erased was changed in the database",
        "Mend nothing; keep a backup, and treat it as a [breach](../runbooks/breach.md)",
    ),
    "ACCESS_LEFT": _alert(
        "Whose work for a recipient has ended can still get in at the shop",
        "It is tried again every 5 minutes; else take the user or app out in Saleor by hand",
    ),
    "NO_CONTROLLER": _warning(
        "Nobody of the controller's may decide in the register",
        "Give somebody the permission, and let them sign: [access](../access.md)",
    ),
    "CONTROLLER_SERVES": _warning(
        "Who works for a recipient holds the controller's permission, which counts for nothing",
        "Take the permission away, or end their work for the recipient",
    ),
    "NO_AGREEMENT": _warning(
        "Somebody sees customers in Saleor itself without a confidentiality agreement",
        "Let them sign, or take their permission: [access](../access.md)",
    ),
    "FLOW_UNREGISTERED": _warning(
        "Data leaves the shop to nobody who is registered for it",
        "Register the company, or end the way: [disclosure](../disclosure.md)",
    ),
    # Keys and copies.
    "NO_KEY": _alert(
        "`JOKKERIT_KEYS` is missing or miswritten, and something stands that needs it: requests are"
        " not answered, links to say no lead nowhere, nobody may be written to",
        _KEYS,
    ),
    "WRONG_KEY": _alert(
        "Another secret stands under a known version: no opt-out would be found, so marketing has"
        " stopped",
        _KEYS,
    ),
    "KEY_GONE": _alert(
        "Opt-outs or requests stand under a key that is not there: marketing has stopped, the"
        " requests cannot be read",
        _KEYS,
    ),
    "NOT_REPLAYED": _alert(
        "The database is older than the copies of its ledger or opt-outs, or these cannot be read:"
        " a restored backup has brought back who was erased, and forgotten who said no",
        f"{_REPLAY}; where the storage fails, mend it",
    ),
    "COPIES_LOST": _alert(
        "The storage has lost copies of opt-outs: a restored backup would forget who said no",
        "Put them back, or `register_replay --copy-anew`",
    ),
    "COPIES_UNSET": _warning(
        "The ledger of erasures or the opt-outs are copied nowhere outside the database",
        "Set the storage: [restore](../runbooks/restore.md)",
    ),
    # Keeping and erasing.
    "RETENTION_REFUSED": _alert(
        "A setting cannot be used, and so nothing at all is erased, what was granted neither",
        "Mend the setting that is named: [settings](settings.md)",
    ),
    "NIGHT_MISSED": _alert(
        "Nothing was erased for more than two nights: data stays that was promised to go", _WORKER
    ),
    "LEFTOVER": _alert(
        "Data of somebody who was erased still stands where nothing keeps it",
        "Look at the certificate, take it out there, settle it: [proof](../retention.md#proof)",
    ),
    "NIGHT_FAILED": _warning(
        "The last night ended early; the next one goes on", "What is named; the mail server"
    ),
    "SHOP_REFUSED": _warning(
        "Nothing is erased in Saleor's own tables, often after an upgrade; the register's own are",
        "[The tripwire](../retention.md#the-tripwire)",
    ),
    "RETENTION_OFF": _warning("Retention is switched off", "Switch it on: [settings](settings.md)"),
    "PLAN_WAITS": _warning(
        "Nothing is erased before the controller has approved a dry run",
        "The controller: *Keeping and erasing*",
    ),
    "YEAR_UNSAID": _warning(
        "Nobody has said when the financial year ends, so books are kept for longer",
        "Set `financial_year_end`",
    ),
    "SHOP_OVERDUE": _warning(
        "What is over, or erased in the register, still stands in Saleor's own tables",
        'Switch on "Also erase in Saleor": [retention](../retention.md#saleors-own-tables)',
    ),
    "FILES_LEFT": _warning(
        "Files of erased rows stay in the shop's storage", "Let Saleor delete there"
    ),
    "UNPROVABLE": _warning(
        "`JOKKERIT_KEYS` is not set, so no erasure will be proved",
        "Make one: [keys](../runbooks/keys.md)",
    ),
    "UNPROVED": _warning(
        "An erasure was not proved within a day", f"{_WORKER}: [proof](../retention.md#proof)"
    ),
    "HOLD_REVIEW": _warning(
        "A legal hold is due for review", "Review it: [holds](../disclosure.md)"
    ),
    "ACCOUNTS_NEEDED": _info(
        "Accounts that are over stay in Saleor for a reason that lasts: staff, open orders, cards",
        "What is named; nothing, where it only takes time",
    ),
    "ORDERS_OPEN": _info(
        "Orders or drafts that are never done keep their customers",
        "Finish or cancel them in Saleor, or let them go (`staleOrders`)",
    ),
    # Marketing.
    "OPT_OUTS_WAIT": _alert(
        "An opt-out has waited for over 15 minutes to be told to other apps, which may write to who"
        " said no",
        _WORKER,
    ),
    "OPT_OUTS_UNREAD": _warning(
        "What orders and accounts say of marketing is not taken in yet", _WORKER
    ),
    "OPT_OUTS_MISSING": _warning(
        "Nobody may be written to before the old opt-outs are in",
        "[Bring them](../marketing.md#old-opt-outs-first), or declare that there are none",
    ),
    "CONTROLLER_CHANGED": _warning(
        "Another company's business id is set: nobody is written to until it is said whose the"
        " permissions are",
        "`controllerDeclare`: [a new controller](../closing.md#a-new-controller)",
    ),
    "BEHIND": _warning(
        "Nobody may be written to while the shop may know of opt-outs that the register has not"
        " read",
        f"{_WORKER}, or `register_reconcile`",
    ),
    # What customers ask, and breaches.
    "BREACH_CLOCK": _alert(
        "The authority is to be told of a breach: the law counts 72 hours",
        "[Breach](../runbooks/breach.md)",
    ),
    "BREACH_UNTOLD": _alert(
        "Those at a high risk from a breach have not been told, who could protect themselves",
        "Order the letters, or say why not: [breach](../runbooks/breach.md)",
    ),
    "REQUEST_LATE": _alert(
        "A request was not answered within the law's time, and is later each day",
        "Answer it: [rights](../rights.md)",
    ),
    "BREACH_INCOMPLETE": _warning(
        "The authority has not been told everything of a breach", "[Breaches](../breaches.md)"
    ),
    "BREACH_UNREACHED": _warning(
        "Letters about a breach reach nobody", "Tell them in another way, and record it"
    ),
    "ERASURE_UNDONE": _warning(
        "An erasure was granted and is not done after three nights",
        "Approve the dry run; an account of the staff is taken out by hand",
    ),
    "NOBODY_REMINDED": _warning(
        "A clock runs, and the settings name no mailbox to remind", "Set the privacy contact"
    ),
    "LETTERS_UNSENT": _warning(
        "Letters to those who asked could not be sent", "The mail server; tell them otherwise"
    ),
    "CORRECTION_LATE": _warning(
        "A correction, a task for one, or the telling of one has waited for too long",
        "What is named: [rectification](../rights.md#rectification)",
    ),
    "REQUESTS_WAIT": _info("Requests of customers wait for the controller", "Decide them"),
    # What is published.
    "UNPUBLISHED": _warning(
        "There is no published register description", "Publish it: [description](../description.md)"
    ),
    "UNTRUE": _warning(
        "The published description is not true any more", "Publish anew, or undo the change"
    ),
    "UNPROTECTED": _warning(
        "A protection that the description promises is missing",
        "[What is demanded](../description.md#protection)",
    ),
    # The site log.
    "LOG_DAYS_MISSING": _warning(
        "Days of the site log that come have no table", f"{_WORKER}: `keep_site_log` every hour"
    ),
    "LOG_DAYS_LEFT": _warning(
        "Days of the site log are over and still there",
        f"{_WORKER}; end a transaction that stays open",
    ),
    "LOG_DAYS_AHEAD": _warning(
        "The site log has days far ahead, which nothing removes: a clock was or is wrong",
        "Mend the clock; take the days out by hand: [site log](../sitelog.md)",
    ),
    "LOG_REFUSED": _warning(
        "Lines or files of the site log were not understood", "[Site log](../sitelog.md)"
    ),
    "INCIDENT_REVIEW": _warning(
        "An incident is due for review", "Review it: [incident](../runbooks/incident.md)"
    ),
}
