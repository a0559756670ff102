"""Links by which a browser fetches a file of the site log."""

import json
from collections.abc import Mapping
from typing import Any

import graphene

from ...access import guard, links
from ...access.actor import Actor
from ...models import DownloadLink
from ...policy.categories import Category
from ...policy.purposes import Purpose
from ...sitelog import search
from .. import log_asked
from .enums import PurposeEnum, enumeration
from .file_links import LINK, linked
from .mutations import mutation
from .site_filters import wanted_of
from .site_lines import SiteFilterInput

SiteLogFile = enumeration(
    ((one.partition(".")[0].replace("-", "_").upper(), one) for one in sorted(log_asked.FILES)),
    "SiteLogFile", "A file of the site log: CSV.",
    ERRORS="Errors by path and status, for ERROR_FIXING.", LINES="Lines, for the purpose said.",
    LOG_INS="Refused log-ins by address, for SECURITY.",
    USAGE="Usage of a month by customer, for LOG_BILLING.",
)  # fmt: skip


def _link(*, actor: Actor, input: Mapping[str, Any]) -> Mapping[str, Any]:
    file: str = input["file"]
    purpose = log_asked.purpose_of(file, input)
    made: list[DownloadLink] = []
    with guard.visit(actor, purpose, act="siteLogLink", asks=[Category.LOG]) as inside:
        _check(file, input, actor, purpose)
        asked = {"filter": {}, **{name: one for name, one in input.items() if name != "file"}}
        plain = json.loads(json.dumps(asked, default=lambda one: one.isoformat()))
        inside.then(lambda: made.append(links.make(actor, file=file, asked=plain)))
    return linked(f"site-log/{file}/", links.signed(made[0]))


def _check(file: str, given: Mapping[str, Any], actor: Actor, purpose: Purpose) -> None:
    """Raise now what the file would be refused for."""
    if file == "usage.csv":
        log_asked.month(given)
        return
    wanted = wanted_of(given.get("filter") or {})
    with search.refusals_logged(actor, "siteLogLink", purpose):
        search.allow(purpose, wanted.names())


class SiteLogFileInput(graphene.InputObjectType):
    """Which file, and what for."""

    file = SiteLogFile(required=True, description="Which file.")
    purpose = PurposeEnum(description="Of LINES; the others have one each.")
    filter = SiteFilterInput(description="Which lines; as in `siteLines`.")
    month = graphene.String(description="Of USAGE, instead of a filter: YYYY-MM.")


class Mutation(graphene.ObjectType):
    """Making links."""

    site_log_link = mutation(
        "SiteLogLink", _link, needs=(),
        takes={"input": SiteLogFileInput(required=True, description="Which file, and what for.")},
        gives=LINK,
        description="Get a link by which a browser fetches a file of the site log.",
    )  # fmt: skip
