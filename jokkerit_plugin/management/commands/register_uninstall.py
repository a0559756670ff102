"""Take out of Saleor's tables what would break Saleor once the plugin's code is gone."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from ...access import rows
from ...access.actor import Actor
from ...errors import RegisterError
from ...leaving import uninstall
from ...shop.people import Administered
from ...shop.port import shop

STAYS = """\
Left: the groups, also the accounting firm's, without our permissions; the settings in
plugins_pluginconfiguration, which Saleor ignores; and the register itself, every table
jokkerit_plugin_*. To drop the tables with all they hold, which is refused without an archive:
    python manage.py migrate jokkerit_plugin zero
Now: pip uninstall jokkerit-plugin in every environment, and start web, worker and beat."""
_ACTOR = Actor("command:register_uninstall", frozenset())


class Command(BaseCommand):
    help = (
        "Before pip uninstall or a rollback, with worker and beat stopped (beat would write its"
        " rows again): removes the register's permissions, with every grant of them, its"
        " periodic tasks and its app in the Dashboard from Saleor's tables. Without --yes it only"
        " counts them. For good it takes the newest archive of register_archive, with the books as"
        " they are now."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="remove them")
        why = parser.add_mutually_exclusive_group()
        why.add_argument(
            "--archive", type=Path, metavar="FOLDER",
            help="where the newest archive is: each of its files is looked at",
        )  # fmt: skip
        why.add_argument(
            "--rollback", action="store_true",
            help="the plugin comes back: its tables stay, and no archive is asked for",
        )  # fmt: skip
        why.add_argument(
            "--unarchived", action="store_true",
            help="of a register that holds no books, or under DEBUG: there is no archive",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        port = shop()
        if not isinstance(port, Administered):
            raise CommandError("There is nothing to take down: run this inside Saleor.")
        if not options["yes"]:
            self.stdout.write("\n".join(port.take_down(really=False)))
            raise CommandError("Nothing is removed yet: say --yes to remove these.")
        why = next((one for one in ("rollback", "unarchived") if options[one]), "archived")
        with port.writer():
            self._ask(options)
            with transaction.atomic():
                said = port.take_down(really=True)
                rows.append(rows.row(_ACTOR, f"uninstall: {why}"))
        self.stdout.write("\n".join([*said, f"Removed.\n{STAYS}"]))

    def _ask(self, options: dict[str, Any]) -> None:
        if options["rollback"]:
            return
        if options["archive"] is None and not options["unarchived"]:
            raise CommandError(
                "Nothing is removed. Say where the archive of register_archive is (--archive"
                " FOLDER), or that the plugin comes back (--rollback)."
            )
        try:
            uninstall.ask(options["archive"], unarchived=options["unarchived"])
        except RegisterError as error:
            raise CommandError(f"Nothing is removed. {error.message}") from None
