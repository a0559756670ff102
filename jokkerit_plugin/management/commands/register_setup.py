"""Grant the register's permissions to those who hand them on; make the accounting firm's group."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ...errors import RegisterError
from ...shop.people import Administered
from ...shop.port import shop


class Command(BaseCommand):
    help = (
        "Run once, when every web, worker and beat process has the plugin: a process without it"
        " fails on the shop's groups from then on. Grants the register's five permissions to"
        " every group that manages staff, and makes a group for the accounting firm. Run again,"
        " it grants what is missing and leaves the rest as it is."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        port = shop()
        if not isinstance(port, Administered):
            raise CommandError("Only a real shop can be set up: run this inside Saleor.")
        try:
            self.stdout.write("\n".join(port.set_up()))
        except RegisterError as error:
            raise CommandError(error.message) from error
