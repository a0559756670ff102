"""Who sends a request, by Saleor's own check of the token in the Authorization header.

Three kinds of token let in: a staff user's access token (also of a plugin such as OpenID
Connect), an app's token, and the token that the Dashboard gives to the page of our own app
(type "thirdparty"), which narrows the user's permissions. The last is refused when it was given
to another app: the user would lend it a role that the register knows nothing of.
"""

from typing import Any

import jwt
from django.contrib.auth import authenticate
from django.db import transaction
from django.utils.crypto import get_random_string
from graphene import Node
from saleor.account.models import User
from saleor.app.models import App, AppToken
from saleor.core.db.connection import allow_writer
from saleor.core.jwt import JWT_THIRDPARTY_ACCESS_TYPE
from saleor.graphql.app.dataloaders import get_app_promise
from saleor.graphql.context import get_context_value

from ..policy.languages import LANGUAGES
from ..shop.people import NOBODY, Caller
from . import PLUGIN_ID
from .holders import OURS


def caller_of(request: Any) -> Caller:
    """See `People.actor`. Never asks a replica, which may not know yet what was taken away."""
    request.allow_replica = False
    with allow_writer():
        try:
            request.app = get_app_promise(request).get()
            get_context_value(request)
            return _app(request.app) if request.app else _user(request)
        except jwt.PyJWTError:
            return NOBODY


def customer_of(request: Any) -> int | None:
    """See `People.customer`."""
    request.allow_replica = False
    with allow_writer():
        try:
            request.app = get_app_promise(request).get()
            get_context_value(request)
            user: Any = None if request.app else authenticate(request=request)
        except jwt.PyJWTError:
            return None
    if not user or not user.is_active:
        return None
    token = request.decoded_auth_token or {}
    return None if token.get("type") == JWT_THIRDPARTY_ACCESS_TYPE else int(user.pk)


def _app(app: App) -> Caller:
    held = {codename for _, _, codename in (one.partition(".") for one in app.get_permissions())}
    return Caller(f"app:{app.pk}", OURS & held)


def _user(request: Any) -> Caller:
    user: Any = authenticate(request=request)
    if not user or not user.is_active or not user.is_staff:
        return NOBODY
    token = request.decoded_auth_token or {}
    if token.get("type") == JWT_THIRDPARTY_ACCESS_TYPE and not _of_our_app(token.get("app")):
        return NOBODY
    # Never `has_perm`: it takes a superuser's empty list of permissions for all of them.
    held = user.effective_permissions.filter(codename__in=OURS)
    if token.get("owner") == "saleor":
        # The list in a token outlives what was taken from the user meanwhile.
        held = held.filter(pk__in=_stored(user).values("pk"))
    language, _, _ = user.language_code.partition("-")
    return Caller(
        f"user:{user.pk}",
        frozenset(held.order_by().values_list("codename", flat=True)),
        language if language in LANGUAGES else "en",
    )


def _stored(user: User) -> Any:
    return User(pk=user.pk, is_superuser=user.is_superuser).effective_permissions


def _of_our_app(global_id: str | None) -> bool:
    # Our app in the Dashboard bears the plugin's own identifier.
    ours = App.objects.filter(identifier=PLUGIN_ID, is_active=True, removed_at=None)
    ids = ours.values_list("pk", flat=True)
    return global_id in {Node.to_global_id("App", key) for key in ids}


def end_access(holder: str) -> None:
    """See `People.end_access`."""
    kind, _, key = holder.partition(":")
    if not key.isdecimal() or kind not in {"user", "app"}:
        return
    with allow_writer(), transaction.atomic():
        if kind == "user":
            # Every token, refresh tokens too, carries this key.
            User.objects.filter(pk=key).update(jwt_token_key=get_random_string(12))
            User.groups.through.objects.filter(
                user_id=key, group__permissions__codename__in=OURS
            ).delete()
            User.user_permissions.through.objects.filter(
                user_id=key, permission__codename__in=OURS
            ).delete()
        else:
            App.objects.filter(pk=key).update(is_active=False)
            AppToken.objects.filter(app_id=key).delete()
            App.permissions.through.objects.filter(
                app_id=key, permission__codename__in=OURS
            ).delete()
