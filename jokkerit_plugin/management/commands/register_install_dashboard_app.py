"""Put the register into Saleor's Dashboard, or take it out again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...errors import RegisterError
from ...policy.languages import LANGUAGES
from ...shop.people import Administered
from ...shop.port import shop

UNKNOWN = (
    "It is not known where the Dashboard is: unless it stands at this shop's own address, browsers"
    " refuse to show the register there. Write its address into the plugin's setting \"Address of"
    ' the Dashboard", or set DASHBOARD_URL.'
)


class Command(BaseCommand):
    help = (
        "Makes the app by which the register's pages stand in the Dashboard (customer, order, menu"
        " and home page), or brings it up to date. It asks for the register's own permissions and"
        " has no token and no webhook. Run it again after an update."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--language", choices=LANGUAGES, default="fi", help="of its labels")
        parser.add_argument("--remove", action="store_true", help="take it out of the Dashboard")

    def handle(self, *args: Any, **options: Any) -> None:
        port = shop()
        if not isinstance(port, Administered):
            raise CommandError("There is no Dashboard: run this inside Saleor.")
        try:
            if options["remove"]:
                said = port.remove_dashboard_app()
            else:
                said = port.install_dashboard_app(options["language"])
                if not (port.config().dashboards or port.dashboards()):
                    said.append(UNKNOWN)
        except RegisterError as error:
            raise CommandError(error.message) from error
        self.stdout.write("\n".join(said))
