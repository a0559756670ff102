"""Take out of Saleor's tables what would break Saleor once the plugin's code is gone."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...shop.people import Administered
from ...shop.port import shop

STAYS = """\
Left: the groups, also the accounting firm's, without our permissions; the settings in
plugins_pluginconfiguration, which Saleor ignores; and the register itself, every table
jokkerit_plugin_*. To drop the tables with all they hold, think of bookkeeping first, then:
    python manage.py migrate jokkerit_plugin zero
Now: pip uninstall jokkerit-plugin in every environment, and start web, worker and beat."""


class Command(BaseCommand):
    help = (
        "Before pip uninstall or a rollback, with worker and beat stopped (beat would write its"
        " rows again): removes the register's permissions, with every grant of them, its"
        " periodic tasks and its app in the Dashboard from Saleor's tables. Without --yes it only"
        " counts them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="remove them")

    def handle(self, *args: Any, **options: Any) -> None:
        port = shop()
        if not isinstance(port, Administered):
            raise CommandError("There is nothing to take down: run this inside Saleor.")
        said = port.take_down(really=options["yes"])
        self.stdout.write("\n".join(said))
        if not options["yes"]:
            raise CommandError("Nothing is removed yet: say --yes to remove these.")
        self.stdout.write(f"Removed.\n{STAYS}")
