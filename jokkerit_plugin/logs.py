"""What the product writes into logs: by its message each line's event and the names of its values.

The name of an event and its fields stay when a message is written anew. They go into the record as
`extra` does, so that a formatter for machines (Saleor's, in JSON) has them beside the sentence.
Values are keys, codes and classes of errors: nobody's data.
"""

import logging
from typing import Any

EVENTS: dict[str, tuple[str, ...]] = {
    "%s": ("check.failed", "check"),
    "%s %s": ("saleor.untested", "warning", "hint"),
    "An app before ours has built Saleor's schema: our permissions are unknown.": (
        "permissions.unknown",
    ),
    "an event about a row of kind %s was not noted: %s (%s)": (
        "inbox.not_noted", "kind", "error", "state",
    ),
    "set aside %s %s: %s": ("inbox.set_aside", "kind", "key", "error"),
    "the rest was not noted: %s": ("plugin.rest_not_noted", "error"),
    "the settings cannot be read: %s": ("settings.unread", "error"),
    "the register's status could not be read: %s": ("status.unread", "error"),
    "%s has an entry that is not <name>:<hexadecimal>": ("keys.bad_entry", "variable"),
    "the cache cannot be asked: %s": ("cache.away", "error"),
    "a batch is booked one by one: %s": ("books.one_by_one", "error"),
    "purchase %s cannot be booked: %s": ("books.unbookable", "purchase", "error"),
    "export job %s failed: %s": ("export.failed", "job", "error"),
    "a file of an erased row could not be removed: %s": ("erasing.file_left", "error"),
    "a file of opt-outs was not taken in: %s": ("opt_outs.file_failed", "error"),
    "marketing: %s of the shop left for later: %s": ("marketing.left_for_later", "what", "error"),
    "the controller could not be reminded: %s": ("controller.not_reminded", "error"),
    "the copy of request %s failed: %s": ("request.copy_failed", "request", "error"),
    "no letter about a breach is sent: %s": ("breach.letters_stopped", "error"),
    "a request could not be taken: %s": ("request.not_taken", "error"),
    "the register's protection: %s": ("protection.missing", "problem"),
    "the published register description is not true any more: %s": ("description.untrue", "facts"),
    "the description could not be read: %s": ("description.unread", "error"),
    "%s is %s": ("site_log.file_refused", "file", "why"),
    "a page of the site log failed: %s": ("site_log.page_failed", "error"),
    "a page failed: %s": ("description.page_failed", "error"),
    "a page was not served: %s": ("link.page_failed", "error"),
    "a page of the console failed: %s": ("console.page_failed", "error"),
    "the health could not be told: %s": ("health.failed", "error"),
    "a signed request failed: %s": ("signed.failed", "error"),
    "a download failed: %s": ("download.failed", "error"),
    "a stream ended before its end: %s": ("download.cut_off", "error"),
    "a GraphQL request failed: %s": ("graphql.request_failed", "error"),
    "a query failed: %s": ("graphql.query_failed", "error"),
    "%s.%s failed: %s": ("graphql.field_failed", "type", "field", "error"),
}  # fmt: skip


class Logger(logging.LoggerAdapter[logging.Logger]):
    """A logger of Python's whose records also carry `event` and the values by name."""

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        """Write a line; what is not in `EVENTS` is written without an event."""
        if not self.isEnabledFor(level):
            return
        event, *names = EVENTS.get(str(msg), ("",))
        given = dict(zip(names, map(str, args), strict=False))
        self.logger.log(level, msg, *args, extra={"event": event, **given}, stacklevel=2, **kwargs)


def logger_of(name: str) -> Logger:
    """Return the logger of a module."""
    return Logger(logging.getLogger(name))
