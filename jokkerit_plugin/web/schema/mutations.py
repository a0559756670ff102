"""How the schema changes something: Saleor's payloads, with `errors { field message code }`."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import graphene

from ...access import guard, office
from ...access.actor import Actor
from ...errors import RegisterError as Failure
from ...policy.permissions import Permission
from ..errors import NotSignedIn, field_name


class RegisterError(graphene.ObjectType):
    """Why nothing was changed."""

    field = graphene.String(description="The argument at fault; null: none alone.")
    message = graphene.String(required=True, description="A sentence in English, for people.")
    code = graphene.String(required=True, description="Stable; see docs/graphql.md.")


def mutation(
    name: str,
    act: Callable[..., Mapping[str, Any]],
    *,
    takes: Mapping[str, Any],
    gives: Mapping[str, Any],
    needs: Collection[Permission] = (Permission.MANAGE_PRIVACY,),
    own: bool = False,
    description: str,
) -> Any:
    """Return a field that calls `act(actor=, **takes)`, which returns what it `gives`.

    Without one of the permissions that it `needs`, and an agreement, it is refused as a whole
    and logged, as Saleor refuses with PERMISSION_DENIED; none: `act` asks for itself. What `act`
    raises as an error of ours becomes `errors`. `own`: instead of an actor `act` gets the
    `customer` whose own token came.
    """
    payload = type(
        name,
        (graphene.ObjectType,),
        {
            "__doc__": f"What comes of it: {description[0].lower()}{description[1:]}",
            **gives,
            "errors": graphene.List(
                graphene.NonNull(RegisterError), required=True,
                description="Why nothing was changed; empty: it was.",
            ),
        },
    )  # fmt: skip

    def resolve(_root: Any, info: Any, **arguments: Any) -> Any:
        actor: Actor = info.context.actor
        who: dict[str, Any] = {"customer": oneself(info)} if own else {"actor": actor}
        if needs and not own:
            office.enter(actor, *needs, act=info.field_name)
        try:
            return payload(errors=[], **act(**who, **arguments))
        except guard.Refused:
            raise
        except Failure as error:
            return payload(errors=[failed(error)])

    return graphene.Field(payload, resolver=resolve, description=description, **takes)


def changed(kind: Any) -> Any:
    """Return the field of a payload for what a mutation made or changed."""
    return graphene.Field(kind, description="As it is now; null where there are `errors`.")


def oneself(info: Any) -> int:
    """Return the shop's id of the customer whose own token came. Raises `NotSignedIn`."""
    user: int | None = info.context.customer
    if user is None:
        raise NotSignedIn("Send a customer's own token, and ask for nothing else beside.")
    return user


def failed(error: Failure) -> RegisterError:
    """Return an error of ours as a payload shows it."""
    field = field_name(error.field) if error.field else None
    return RegisterError(field=field, message=error.message, code=error.code)
