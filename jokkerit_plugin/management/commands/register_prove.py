"""Search everything for what names a person, and say which rule keeps what is found."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.forms.models import model_to_dict

from ...errors import RegisterError
from ...models import Certificate
from ...retention import proof
from ...shop.port import shop


class Command(BaseCommand):
    help = (
        "Search all tables and stored files for a customer's e-mails, names, telephones and"
        " streets, and keep a certificate of what stands where and which rule keeps it until"
        " when. Of a customer who has been erased, the last certificate is shown. Exit status 0:"
        " nothing stands that nothing keeps; 1: something does."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("customer", type=int, help="the customer's number in the register")
        parser.add_argument(
            "--purchase", action="store_true",
            help="the number is a purchase's, whose customer has been erased",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="machine-readable output")

    def handle(self, *args: Any, **options: Any) -> None:
        whose = {"purchase" if options["purchase"] else "customer": options["customer"]}
        with shop().writer():
            try:
                found = proof.prove(**whose)
            except RegisterError as error:
                last = Certificate.objects.filter(**whose).order_by("-pk").first()
                if last is None:
                    raise CommandError(error.message) from None
                found = last
        if options["json"]:
            self.stdout.write(json.dumps(model_to_dict(found), cls=DjangoJSONEncoder, indent=2))
        else:
            self.stdout.write("\n".join(_lines(found)))
        if found.verdict in {Certificate.Verdict.LEFTOVER, Certificate.Verdict.MISSED}:
            sys.exit(1)


def _lines(found: Certificate) -> list[str]:
    lines = [
        f"Certificate {found.pk} of {found.made_at:%Y-%m-%d %H:%M}Z: {found.verdict}",
        f"Searched:  {found.columns} columns of {found.tables} tables, {found.rows} rows",
        f"Files:     {found.files}, of which {found.opaque_files} hold no text",
        f"Found:     {found.hits} places: {found.kept} kept by a rule, {found.left_over} left over",
        f"Of others: {found.of_others}, who share a name, a street or a telephone",
    ]
    if found.closed:
        lines.append(f"May not be read: {', '.join(found.closed)}")
    for one in found.findings:
        place = f"{one['table']}.{one['column']}".rstrip(".")
        until = f" until {one['until']}" if one["until"] else ""
        why = f"{one['rule']}{until}" if one["rule"] else "NOTHING KEEPS THIS"
        lines.append(f"  {place} {one['key']} ({' '.join(one['kinds'])}): {why}")
    if found.hits > len(found.findings):
        lines.append(f"  and {found.hits - len(found.findings)} places more")
    return lines
