"""Whom marketing may go to now, by segment; for a recall everybody in it."""

from collections.abc import Mapping
from typing import Any

import graphene

from ...access import guard, links
from ...access.actor import Actor
from ...marketing import audience
from ...marketing.audience import Count, Recipient, Segment
from ...policy.marketing import Channel
from ...policy.purposes import Purpose
from .. import audience_file
from ..errors import BadInput
from ..pagination import LARGEST_PAGE, Order, decode, encode, number
from .base import id_of, look_for
from .enums import LanguageEnum, PurposeEnum
from .file_links import LINK, linked
from .lists import ABOUT_PAGE, CURSOR, Edge, Listing, PageInfo
from .marketing_enums import ChannelEnum
from .mutations import mutation

#: Customers stand in the order of their keys: who comes while a list is read stands at its end.
_ORDER = Order("AUDIENCE", ("customer",), (number,))


class MessageHeader(graphene.ObjectType):
    """A header of the message to one person, RFC 2369 and RFC 8058."""

    name = graphene.String(required=True, description="`List-Unsubscribe` or another.")
    value = graphene.String(required=True, description="Whole, as it goes into the message.")


class AudienceMember(graphene.ObjectType):
    """One person who may be written to now."""

    customer = id_of("RegisterCustomer", "customer", "Who.")
    name = graphene.String(required=True, description="First and last name, or the company's.")
    address = graphene.String(
        required=True, description="Of post: name, street, postal code, country, with | between."
    )
    language = LanguageEnum(required=True, description="In which to write.")
    link = graphene.String(
        required=True, description="To the preferences, into every message; empty but in marketing."
    )
    headers = graphene.List(
        graphene.NonNull(MessageHeader), required=True,
        description="Into every message to them; none but in marketing.",
    )  # fmt: skip

    @staticmethod
    def resolve_address(row: Recipient, _info: Any) -> str:
        return row.address if isinstance(row.address, str) else "|".join(row.address)

    @staticmethod
    def resolve_headers(row: Recipient, _info: Any) -> list[MessageHeader]:
        return [MessageHeader(name=name, value=value) for name, value in row.headers.items()]


class AudienceEdge(graphene.ObjectType):
    """A person and the place in the list."""

    node = graphene.Field(AudienceMember, required=True, description="The person.")
    cursor = graphene.String(required=True, description=CURSOR)


class AudienceConnection(graphene.ObjectType):
    """A page; it holds fewer than were asked for where some may not be written to."""

    edges = graphene.List(
        graphene.NonNull(AudienceEdge), required=True,
        description="Whoever of these customers may be written to.",
    )  # fmt: skip
    page_info = graphene.Field(PageInfo, required=True, description=ABOUT_PAGE)


class AudienceFilterInput(graphene.InputObjectType):
    """All that is given must hold. What they bought leaves out who does not want to be profiled."""

    language = LanguageEnum(description="In which they are written to.")
    country = graphene.String(description="Of an address: two letters.")
    bought_since = graphene.Date(description="Who placed an order on this day or later.")
    sku = graphene.String(description="Of something they bought.")


class AudienceCount(graphene.ObjectType):
    """How large an audience is; nobody is shown."""

    customers = graphene.Int(required=True, description="In the segment, with an address there.")
    allowed = graphene.Int(required=True, description="Of them those who may be written to now.")
    is_whole = graphene.Boolean(
        required=True,
        source="whole",
        description="False: there are many, and `allowed` is of the first 20,000.",
    )


def _for() -> Any:
    return PurposeEnum(
        description="Marketing, if not said. For a recall (CLAIMS) or a word about orders (SERVICE)"
        " everybody in the segment is in it, also who said no; without link and headers."
    )


class Query(graphene.ObjectType):
    """Asking whom one may write to."""

    audience = graphene.Field(
        AudienceConnection,
        channel=ChannelEnum(required=True, description="By which way they are reached."),
        filter=AudienceFilterInput(description="Left out: every customer."),
        first=graphene.Int(
            required=True,
            description="Customers to look at, 100 at most; those not allowed are left out.",
        ),
        after=graphene.String(description="The `endCursor` of the page before."), purpose=_for(),
        description="Whom one may write to, by pages, each logged for its purpose."
        " AUDIENCE_CLOSED: nobody now.",
    )  # fmt: skip
    audience_count = graphene.Field(
        AudienceCount,
        channel=ChannelEnum(required=True, description="By which way they are reached."),
        filter=AudienceFilterInput(description="Left out: every customer."), purpose=_for(),
        description="How many one may write to. AUDIENCE_CLOSED: nobody now.",
    )  # fmt: skip

    @staticmethod
    def resolve_audience(
        _root: Any,
        info: Any,
        channel: str,
        first: int,
        after: str | None = None,
        filter: Mapping[str, Any] | None = None,
        purpose: str | None = None,
    ) -> Listing:
        if not 1 <= first <= LARGEST_PAGE:
            raise BadInput(f"Ask for 1 to {LARGEST_PAGE} rows.", field="first")
        segment = _segment(filter)
        start = 0 if after is None else decode(_ORDER, after)[0]
        where = Channel(channel)
        look = look_for(info, purpose or Purpose.MARKETING, *audience.asks(where, segment))
        page = audience.read(look.visit, where, segment, after=start, limit=first)
        edges = [Edge(one, encode(_ORDER, one)) for one in page.recipients]
        end = None if page.last is None else encode(_ORDER, _Place(page.last))
        info_of_page = PageInfo(
            has_next_page=page.last is not None,
            has_previous_page=after is not None,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=end or (edges[-1].cursor if edges else None),
        )
        return Listing(edges, info_of_page, lambda: len(edges))

    @staticmethod
    def resolve_audience_count(
        _root: Any,
        info: Any,
        channel: str,
        filter: Mapping[str, Any] | None = None,
        purpose: str | None = None,
    ) -> Count:
        where, segment = Channel(channel), _segment(filter)
        look = look_for(info, purpose or Purpose.MARKETING, *audience.asks(where, segment))
        return audience.count(look.visit, where, segment)


class _Place:
    """Where a page ended, also where nobody may be written to."""

    def __init__(self, customer: int) -> None:
        self.customer = customer


def _segment(given: Mapping[str, Any] | None) -> Segment:
    return Segment(**{name: value for name, value in (given or {}).items() if value})


def _link(
    *,
    actor: Actor,
    channel: str,
    filter: Mapping[str, Any] | None = None,
    purpose: str | None = None,
) -> Mapping[str, Any]:
    where, segment = Channel(channel), _segment(filter)
    meant = Purpose(purpose or Purpose.MARKETING)
    asked = {"channel": where.value, "purpose": purpose or "",
             "language": segment.language, "country": segment.country,
             "boughtSince": str(segment.bought_since or ""), "sku": segment.sku}  # fmt: skip
    asked = {name: value for name, value in asked.items() if value}
    made: list[str] = []

    def issue() -> None:
        made.append(links.signed(links.make(actor, file=audience_file.FILE, asked=asked)))

    with guard.visit(
        actor, meant, act="audience link", asks=audience.asks(where, segment)
    ) as visit:
        audience.check(meant)
        visit.then(issue)
    return linked(audience_file.FILE, made[0])


class Mutation(graphene.ObjectType):
    """Fetching the audience."""

    audience_link = mutation(
        "AudienceLink", _link, needs=(),
        takes={
            "channel": ChannelEnum(required=True, description="By which way they are reached."),
            "filter": AudienceFilterInput(description="Left out: every customer."),
            "purpose": _for(),
        },
        gives=LINK,
        description="Get a link by which a browser fetches the whole audience without a token.",
    )  # fmt: skip
