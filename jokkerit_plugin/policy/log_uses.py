"""What of a site log's line its three purposes show, and how much one search may cover.

Register description: site log data is used for information security, for fixing errors in the
service and for billing, and for nothing else. Who may: `roles.ALLOWED`. Here: of what.
"""

from datetime import timedelta

from .purposes import Purpose

#: Fields that a purpose shows; by them alone it searches, too. Where somebody was and with what
#: is for security. Who asked for a page helps to mend it, but not from where.
SHOWN: dict[Purpose, frozenset[str]] = {
    Purpose.SECURITY: frozenset(
        [
            "at",
            "address",
            "agent",
            "method",
            "path",
            "status",
            "size",
            "duration",
            "referer",
            "customer",
        ]
    ),
    Purpose.ERROR_FIXING: frozenset(
        ["at", "agent", "method", "path", "status", "size", "duration", "referer", "customer"]
    ),
    Purpose.LOG_BILLING: frozenset(
        ["at", "method", "path", "status", "size", "duration", "customer"]
    ),
}

#: Purposes for which lines are held with an incident; with an invoice it is LOG_BILLING.
OF_INCIDENTS = frozenset({Purpose.SECURITY, Purpose.ERROR_FIXING})

#: The most that one search covers: the longest month, with the hour by which clocks are set back.
LONGEST = timedelta(days=31, hours=1)

#: Statuses by which a page where one logs in says no; 401 says so on every page.
REFUSED = (400, 401, 403, 422, 429)
#: Parts of a path behind which people log in.
LOG_INS = (
    "admin-login", "kirjaudu", "kirjautuminen", "log-in", "log_in", "logga-in", "login",
    "obtain-token", "sign-in", "sign_in", "signin", "sso", "token", "tokens",
)  # fmt: skip


def hidden(purpose: Purpose, fields: frozenset[str]) -> list[str]:
    """Return which of these fields a purpose does not show."""
    return sorted(fields - SHOWN.get(purpose, frozenset()))
