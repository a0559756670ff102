"""Lines of the site log, for one of its three purposes: by it one searches, and it shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import graphene

from ...access.guard import PurposeRefused
from ...policy.categories import Category
from ...policy.log_uses import SHOWN
from ...policy.purposes import Purpose
from ...sitelog import search
from ...sitelog.search import refusals_logged
from ..errors import BadInput
from ..pagination import Order, moment, number
from ..reading import Look
from .base import from_global_id, given_id, id_of, look_for, to_global_id
from .enums import BigInt, PurposeEnum
from .lists import PAGING, Listing, connection, listing
from .ranges import DateRangeInput, DateTimeRangeInput
from .site_filters import wanted_of

ORDERS = {"NEWEST": Order("NEWEST", ("at", "pk"), (moment, number), descending=True)}


@dataclass(frozen=True, slots=True)
class Line:
    """A line on its way out, the look that it is seen with, and what was refused of its page."""

    row: Any
    look: Look
    refused: dict[str, PurposeRefused] = field(default_factory=dict)

    def see(self, name: str) -> Any:
        """Return a field, or raise `PurposeRefused`, which is logged once a page."""
        if name in SHOWN[self.look.purpose]:
            return getattr(self.row, name)
        if name not in self.refused:
            try:
                with refusals_logged(self.look.actor, self.look.act, self.look.purpose):
                    search.allow(self.look.purpose, {name})
            except PurposeRefused as refusal:
                self.refused[name] = refusal
        known = self.refused[name]
        raise PurposeRefused(known.message, field=known.field)


def _seen(name: str, kind: Any, description: str = "", *, required: bool = False) -> Any:
    def resolve(line: Line, _info: Any) -> Any:
        return line.see(name)

    return graphene.Field(kind, required=required, description=description, resolver=resolve)


class SiteLine(graphene.ObjectType):
    """A line. What the purpose does not show is refused."""

    id = id_of("RegisterSiteLine")
    at = _seen("at", graphene.DateTime, "When the request was answered.", required=True)
    address = _seen("address", graphene.String, "For security; of an older line the network.")
    agent = _seen("agent", graphene.String, "Not for billing.")
    method = _seen("method", graphene.String, "Of HTTP.", required=True)
    path = _seen(
        "path", graphene.String, "Without query; what may be a secret or name somebody is `*`.",
        required=True,
    )  # fmt: skip
    status = _seen("status", graphene.Int, "Of HTTP.", required=True)
    bytes = _seen("size", BigInt, "Of the answer; null: not said.")
    duration = _seen("duration", graphene.Int, "Milliseconds.")
    referer = _seen("referer", graphene.String, "Scheme and host. Not for billing.")
    customer = graphene.ID(description="Whose it is, where known.")

    @staticmethod
    def resolve_customer(line: Line, _info: Any) -> str | None:
        found = line.see("customer")
        return None if found is None else to_global_id("RegisterCustomer", found)


class StatusRangeInput(graphene.InputObjectType):
    """Statuses of HTTP, both included."""

    gte = graphene.Int(description="From, 100 at least.")
    lte = graphene.Int(description="To, 599 at most.")


class SiteFilterInput(graphene.InputObjectType):
    """All that is given must hold. 31 days at most; without a time the last 24 hours."""

    at = DateTimeRangeInput(description="Between these moments; or `on`.")
    on = DateRangeInput(description="On these days of Helsinki; or `at`.")
    address = graphene.String(description="An address or a network; for security alone.")
    customer = given_id("RegisterCustomer", "Whose lines.")
    path = graphene.String(description="How it begins.")
    status = StatusRangeInput(description="Of HTTP, a range.")


class SiteLineFilterInput(SiteFilterInput):
    """All that is given must hold. An incident or a voucher: the lines that it holds."""

    incident = given_id("RegisterIncident", "Its lines; nothing else beside.")
    voucher = graphene.String(description="Its code.")


class Query(graphene.ObjectType):
    """Reading lines."""

    site_lines = graphene.Field(
        connection("RegisterSiteLine", SiteLine),
        filter=SiteLineFilterInput(description="Left out: the last 24 hours."),
        purpose=PurposeEnum(
            required=True, description="It decides what is shown, and what one may search by."
        ),
        **PAGING,
        description="For SECURITY, ERROR_FIXING or LOG_BILLING. `totalCount` ends at 10,000.",
    )  # fmt: skip

    @staticmethod
    def resolve_site_lines(_root: Any, info: Any, **arguments: Any) -> Listing:
        look = look_for(info, arguments["purpose"], Category.LOG)
        closed = look.visit.closed()
        with refusals_logged(look.actor, look.act, look.purpose):
            found = _rows(arguments.get("filter") or {}, look.purpose, closed)
        refused: dict[str, PurposeRefused] = {}

        def show(page: list[Any]) -> list[Line]:
            look.visit.saw(row.customer for row in page if row.customer is not None)
            return [Line(row, look, refused) for row in page]

        return listing(found, ORDERS, arguments, show, counted=found[: search.COUNTED])


def _rows(given: Mapping[str, Any], purpose: Purpose, closed: set[int]) -> Any:
    held = [name for name in ("incident", "voucher") if given.get(name) is not None]
    if not held:
        return search.lines(wanted_of(given), purpose, closed=closed)
    if len([one for one in given.values() if one is not None]) > 1:
        raise BadInput("Give an incident or a voucher, and nothing else.", field=held[0])
    if held == ["voucher"]:
        return search.of_voucher(given["voucher"], purpose, closed=closed)
    key = from_global_id("RegisterIncident", given["incident"], name="incident")
    return search.of_incident(key, purpose, closed=closed)
