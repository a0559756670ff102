"""Remove what the log of who looked has kept long enough."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ...access import log
from ...errors import RegisterError


class Command(BaseCommand):
    help = (
        "Remove the rows of the log of who looked whose retention period (5 years) is over. The"
        " last of them is signed first, so that the rest can still be verified. Needs"
        " JOKKERIT_KEYS in the environment."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            removed = log.expire()
        except RegisterError as error:
            raise CommandError(error.message) from None
        self.stdout.write(f"{removed} rows removed.")
