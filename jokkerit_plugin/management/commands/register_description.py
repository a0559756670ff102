"""Print the register description, publish it, store the shop's earlier text, check it."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ... import clock
from ...access.actor import Actor
from ...description import document, facts, pdf, protection, status, versions
from ...description.document import Document
from ...errors import RegisterError
from ...policy.languages import LANGUAGES
from ...shop.port import shop

_ACTOR = Actor("command:register_description", frozenset())


class Command(BaseCommand):
    help = (
        "Print the draft that policy and settings make now, with its digest. With --publish DIGEST"
        " that draft becomes the description in force."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--language", choices=LANGUAGES, default="fi")
        parser.add_argument(
            "--record", action="store_true", help="the internal record instead of the notice"
        )
        parser.add_argument(
            "--published", action="store_true", help="the version in force instead of the draft"
        )
        parser.add_argument("--pdf", type=Path, metavar="FILE", help="write a PDF there instead")
        acts = parser.add_mutually_exclusive_group()
        acts.add_argument("--publish", metavar="DIGEST", help="publish the draft of this digest")
        acts.add_argument(
            "--store-earlier", type=Path, metavar="FILE",
            help="store the text that the shop has published until now, as version 0",
        )  # fmt: skip
        acts.add_argument(
            "--check", action="store_true",
            help="ask the shop's address for HTTPS, and say what is untrue or unprotected: exit"
            " status 1",
        )  # fmt: skip
        parser.add_argument("--note", default="", help="with --publish: why")
        parser.add_argument(
            "--title", default="Rekisteriseloste", help="with --store-earlier: its title"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with shop().writer():
                self._act(options)
        except RegisterError as error:
            where = f"{error.field}: " if error.field else ""
            raise CommandError(f"{where}{error.message}") from None

    def _act(self, options: dict[str, Any]) -> None:
        if options["publish"]:
            made = versions.publish(digest=options["publish"], note=options["note"], actor=_ACTOR)
            self.stdout.write(f"Version {made.version} is published, SHA-256 {made.digest}.")
        elif options["store_earlier"]:
            text = options["store_earlier"].read_text(encoding="utf-8")
            versions.store_earlier(
                text, language=options["language"], title=options["title"], actor=_ACTOR
            )
            self.stdout.write("The earlier text is stored as version 0.")
        elif options["check"]:
            protection.ask()
            found = status.problems(shop().config())
            self.stdout.write("\n".join(found) or "The published description is true.")
            if found:
                sys.exit(1)
        else:
            self._print(options)

    def _print(self, options: dict[str, Any]) -> None:
        kind, language = "record" if options["record"] else "notice", options["language"]
        found, stamp, at = _chosen(kind, language, published=options["published"])
        if options["pdf"]:
            options["pdf"].write_bytes(pdf.write(found, stamp, at))
            return
        self.stdout.write(found.plain())
        self.stdout.write(stamp)
        for name, why in facts.missing(shop().config()):
            self.stdout.write(f"! {name}: {why}")


def _chosen(kind: str, language: str, *, published: bool) -> tuple[Document, str, Any]:
    if not published:
        present = facts.present()
        made = {(one.kind, one.language): one for one in versions.draft(present)}
        return made[kind, language], f"Draft, SHA-256 {versions.digest(present)}", clock.now()
    row = versions.in_force()
    if row is None:
        raise versions.DescriptionError("The register description has not been published yet.")
    stamp = f"Version {row.version}, {row.published_at:%Y-%m-%d}, SHA-256 {row.digest}"
    return document.read(row.documents[kind][language]), stamp, row.published_at
