"""What the site log comes to: errors by path and status, refused log-ins by address."""

from collections.abc import Callable, Mapping
from typing import Any

import graphene

from ...policy.categories import Category
from ...policy.purposes import Purpose
from ...policy.site_log import Refusal
from ...sitelog import views
from ...sitelog.search import Wanted, refusals_logged
from .. import plots
from .base import look_for
from .enums import BigInt, LanguageEnum, enumeration
from .site_filters import wanted_of
from .site_lines import SiteFilterInput

RefusalEnum = enumeration(
    Refusal, "SiteRefusalReason", MALFORMED="No line of an access log.",
    BINARY="Not text.", ENORMOUS="Longer than a line may be.",
    OUT_OF_TIME="Older than lines are kept, or of a day that has not come.",
    DAMAGED="A file that ends before its end.", UNREADABLE="A file that may or can not be read.",
)  # fmt: skip


class SiteCount(graphene.ObjectType):
    """How many there were in an hour (of a time up to three days) or a day of Helsinki."""

    at = graphene.DateTime(required=True, description="Its beginning.")
    kind = graphene.String(required=True, description="A status, or a class of them: 5xx.")
    count = graphene.Int(required=True, description="Lines.")


class SiteErrorGroup(graphene.ObjectType):
    """Errors of one path and status."""

    path = graphene.String(required=True, description="Without query.")
    status = graphene.Int(required=True, description="Of HTTP.")
    count = graphene.Int(required=True, description="Lines.")
    first_at = graphene.DateTime(required=True, source="first", description="Time of the first.")
    last_at = graphene.DateTime(required=True, source="last", description="Time of the last.")


class SiteLogInGroup(graphene.ObjectType):
    """Refused log-ins of one address."""

    address = graphene.String(description="Of an older line the network; null: not known.")
    count = graphene.Int(required=True, description="Refused log-ins.")
    first_at = graphene.DateTime(required=True, source="first", description="Time of the first.")
    last_at = graphene.DateTime(required=True, source="last", description="Time of the last.")


def _groups(kind: Any) -> Any:
    def resolve(found: "tuple[Wanted, views.View]", _info: Any, first: int) -> Any:
        return found[1].groups[: max(0, min(first, 100))]

    return graphene.List(
        graphene.NonNull(kind), required=True,
        first=graphene.Int(default_value=20, description="How many groups."),
        description="The largest, 100 at most.", resolver=resolve,
    )  # fmt: skip


def times() -> Any:
    """Return a field for the figures of a view over time."""

    def resolve(found: "tuple[Wanted, views.View]", _info: Any) -> Any:
        return found[1].times

    return graphene.List(
        graphene.NonNull(SiteCount), required=True, resolver=resolve,
        description="Over time, hour by hour or day by day.",
    )  # fmt: skip


def plot(name: str) -> Any:
    """Return a field for the picture of this name."""

    def resolve(found: "tuple[Wanted, views.View]", _info: Any, language: str) -> str:
        return plots.over_time(name, *found, language=language)

    return graphene.String(
        required=True,
        language=LanguageEnum(default_value="en", description="Of its words."),
        resolver=resolve,
        description="An SVG image of `times`.",
    )


class SiteRefused(graphene.ObjectType):
    """How many lines of a day (of UTC) were kept out, and why."""

    day = graphene.Date(required=True, description="Of UTC.")
    reason = RefusalEnum(required=True, description="Why.")
    count = BigInt(required=True, description="Lines, or files.")
    example = graphene.String(
        required=True, description="The last one's shape, which says nothing; of a file the name."
    )


class SiteErrors(graphene.ObjectType):
    """Answers of 400 and more, by path and status and over time; and lines that were kept out."""

    groups = _groups(SiteErrorGroup)
    times = times()
    plot = plot("errors")
    refused = graphene.List(
        graphene.NonNull(SiteRefused), required=True,
        description="What was kept out in that time, by day and reason.",
    )  # fmt: skip

    @staticmethod
    def resolve_refused(found: "tuple[Wanted, views.View]", _info: Any) -> Any:
        return views.refused(found[0])


class SiteLogIns(graphene.ObjectType):
    """Log-ins that were refused, by address and over time."""

    groups = _groups(SiteLogInGroup)
    times = times()
    plot = plot("log_ins")


class Query(graphene.ObjectType):
    """Reading views; each is for one purpose."""

    site_errors = graphene.Field(
        SiteErrors, filter=SiteFilterInput(description="Left out: the last 24 hours."),
        description="For ERROR_FIXING.",
    )  # fmt: skip
    site_log_ins = graphene.Field(
        SiteLogIns, filter=SiteFilterInput(description="Left out: the last 24 hours."),
        description="For SECURITY. A log-in that is refused in the body of a 200, as Saleor's"
        " tokenCreate refuses, is not in an access log.",
    )  # fmt: skip

    @staticmethod
    def resolve_site_errors(_root: Any, info: Any, **arguments: Any) -> Any:
        return _view(info, Purpose.ERROR_FIXING, views.errors, arguments)

    @staticmethod
    def resolve_site_log_ins(_root: Any, info: Any, **arguments: Any) -> Any:
        return _view(info, Purpose.SECURITY, views.log_ins, arguments)


def _view(
    info: Any, purpose: Purpose, read: Callable[..., views.View], arguments: Mapping[str, Any]
) -> Any:
    look = look_for(info, purpose, Category.LOG)
    wanted = wanted_of(arguments.get("filter") or {})
    with refusals_logged(look.actor, look.act, purpose):
        found = read(wanted, closed=look.visit.closed())
    look.visit.saw(found.customers)
    return wanted, found
