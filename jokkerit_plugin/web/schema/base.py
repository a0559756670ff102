"""What the nouns of the schema share: rows with their look, fields claimed by a category."""

import base64
import binascii
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import graphene
from django.db import models
from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from ...access.actor import Actor
from ...access.guard import SubjectRestricted
from ...policy.categories import Category
from ...policy.fields import CLAIMS
from ...policy.purposes import Purpose
from ...policy.restriction import IDENTITY
from ...policy.roles import USUAL
from ..errors import BadInput
from ..reading import Look, Reading

#: Who a customer is, is told by name and e-mail. A purpose that does not give both (the
#: accounting firm's: names as they stand on vouchers) shows purchases, and no customers.
CARD = (Category.NAME, Category.EMAIL)

#: Values of one list in a filter.
MANY = 100

_TYPES: dict[type, Any] = {
    models.DecimalField: graphene.Decimal,
    models.DateTimeField: graphene.DateTime,
    models.DateField: graphene.Date,
    models.BooleanField: graphene.Boolean,
    models.IntegerField: graphene.Int,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of the register on its way out, the look that it is seen with, and its siblings.

    `subject`: the customer whom it is about. What belongs to one row is fetched for all
    siblings at once.
    """

    row: Any
    look: Look
    family: Sequence[Any]
    subject: int | None

    def see(self, *categories: Category) -> None:
        """Be let in to show these of this row, or raise `Refused`."""
        self.look.ask(*categories)
        if IDENTITY.isdisjoint(categories) or self.subject is None:
            return
        if not self.look.name([self.subject]):
            raise SubjectRestricted("The use of this customer's data is restricted.")

    def children(self, name: str) -> list["Shown"]:
        """Return related rows, for all siblings in one query."""
        prefetch_related_objects(list(self.family), name)
        rows = list(getattr(self.row, name).all())
        return [Shown(row, self.look, rows, self.subject) for row in rows]

    def parent(self, name: str, rows: QuerySet[Any]) -> "Shown | None":
        """Return the row that this one points to, for all siblings in one query."""
        prefetch_related_objects(list(self.family), Prefetch(name, rows))
        found = [one for one in (getattr(row, name) for row in self.family) if one]
        row = getattr(self.row, name)
        return None if row is None else Shown(row, self.look, found, self.subject)


def claimed(model: type[models.Model], name: str, about: str, kind: Any = None) -> Any:
    """Return a GraphQL field for a column, guarded by the categories that claim it (CLAIMS).

    `kind`: its type, if not the one that the column says.
    """
    column = model._meta.get_field(name)
    categories = sorted(CLAIMS[model.__name__][name])
    kind = kind or next((t for c, t in _TYPES.items() if isinstance(column, c)), graphene.String)

    def resolve(shown: Shown, _info: Any) -> Any:
        if categories:
            shown.see(*categories)
        return getattr(shown.row, name)

    if categories:
        about = f"{about} Category: {', '.join(categories)}."
    return graphene.Field(kind, description=about, resolver=resolve)


def id_of(kind: str, column: str = "pk", about: str = "", *, required: bool = True) -> Any:
    """Return a field for the global id that a column of a row holds the key of."""

    def resolve(found: Any, _info: Any) -> str | None:
        key = getattr(getattr(found, "row", found), column)
        return None if key is None else to_global_id(kind, key)

    return graphene.Field(
        graphene.ID, required=required, resolver=resolve, description=_about_id(kind, about)
    )


def given_id(kind: str, about: str = "", *, required: bool = False) -> Any:
    """Return an argument, or a field of an input, that takes ids of this kind."""
    return graphene.ID(required=required, description=_about_id(kind, about))


def _about_id(kind: str, about: str) -> str:
    return f"{about} A `{kind}` id.".lstrip()


def to_global_id(kind: str, key: object) -> str:
    """Return an id as Relay and Saleor write them."""
    return base64.b64encode(f"{kind}:{key}".encode()).decode()


def from_global_id(kind: str, text: str, *, name: str = "id") -> int:
    """Return the key of an id of this kind; raises `BadInput`."""
    match = re.fullmatch(rf"{kind}:([1-9][0-9]{{0,17}})", _decoded(text))
    if match is None:
        raise BadInput(f"This is no id of a {kind}.", field=name)
    return int(match[1])


def uuid_of(kind: str, text: str, *, name: str) -> UUID:
    """Return the key of an id of this kind whose rows the shop names by UUID; raises `BadInput`."""
    found = _decoded(text).partition(f"{kind}:")
    try:
        return UUID("" if found[0] else found[2])
    except ValueError:
        raise BadInput(f"This is no id of a {kind}.", field=name) from None


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (ValueError, binascii.Error):
        return ""


def few(values: Collection[Any], name: str) -> Collection[Any]:
    """Return a filter's list; raises `BadInput` where it is long."""
    if len(values) > MANY:
        raise BadInput(f"Give {MANY} at most.", field=name)
    return values


def usual_purpose(actor: Actor) -> Purpose:
    """Return for what somebody looks who does not say; the strongest role decides."""
    return USUAL[actor.roles[-1]] if actor.roles else Purpose.SERVICE


def purpose_of(info: Any, purpose: str | None) -> Purpose:
    """Return the purpose given, or the usual one of who asks. Raises `BadInput`."""
    if purpose == Purpose.RIGHTS:
        message = "Nobody looks for this purpose: it is for what people ask, by their requests."
        raise BadInput(message, field="purpose")
    return Purpose(purpose) if purpose else usual_purpose(info.context.actor)


def look_for(info: Any, purpose: str | None, *asks: Category) -> Look:
    """Open the look of a field at the top, for the purpose given or the usual one."""
    reading: Reading = info.context
    look = reading.look(purpose_of(info, purpose), info.field_name)
    look.ask(*asks)
    return look
