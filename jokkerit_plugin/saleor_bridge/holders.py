"""Who in Saleor holds which permissions: users through their groups or directly, and apps."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Exists, OuterRef
from saleor.account.models import User
from saleor.app.models import App, AppToken
from saleor.core.db.connection import allow_writer

from ..policy.permissions import Permission
from ..shop.people import Holder, Named
from . import PLUGIN_ID

OURS = frozenset(str(one) for one in Permission)


def people() -> list[Holder]:
    """See `People.people`. Who is no longer staff is let in nowhere, so is not active.

    Our own app in the Dashboard is nobody while it has no token: there people act by themselves.
    """
    tokens = AppToken.objects.filter(app_id=OuterRef("pk"))
    own = App.objects.filter(~Exists(tokens), identifier=PLUGIN_ID).values_list("pk", flat=True)
    with allow_writer():
        nobody = {f"app:{key}" for key in own}
        found = users(OURS, staff_only=True) + apps(OURS)
    return [one for one in found if one.key not in nobody]


def users(codenames: Collection[str], *, staff_only: bool) -> list[Holder]:
    """Return the users with any of these, and every superuser, by key (3 queries).

    `staff_only`: who is not staff counts as not active.
    """
    direct = User.user_permissions.through.objects.filter(permission__codename__in=codenames)
    member = User.groups.through.objects.filter(group__permissions__codename__in=codenames)
    held: dict[int, set[str]] = defaultdict(set)
    for key, name in direct.values_list("user_id", "permission__codename"):
        held[key].add(name)
    for key, name in member.values_list("user_id", "group__permissions__codename").distinct():
        held[key].add(name)
    known = User.objects.filter(pk__in=held) | User.objects.filter(is_superuser=True)
    return [
        Holder(
            f"user:{key}",
            frozenset(codenames if superuser else held[key]),
            superuser,
            active and (staff or not staff_only),
        )
        for key, superuser, active, staff in known.order_by("pk").values_list(
            "pk", "is_superuser", "is_active", "is_staff"
        )
    ]


def apps(codenames: Collection[str]) -> list[Holder]:
    """Return the apps with any of these, by key (1 query)."""
    held: dict[tuple[int, bool], set[str]] = defaultdict(set)
    rows = App.permissions.through.objects.filter(
        permission__codename__in=codenames, app__removed_at=None
    ).order_by("app_id")
    for key, active, name in rows.values_list("app_id", "app__is_active", "permission__codename"):
        held[key, active].add(name)
    return [
        Holder(f"app:{key}", frozenset(names), superuser=False, active=active)
        for (key, active), names in held.items()
    ]


def named(keys: Collection[str]) -> dict[str, Named]:
    """See `People.named`. A customer's account is not staff, and stays a number."""
    ids: dict[str, set[int]] = {"user": set(), "app": set()}
    for key in keys:
        kind, _, number = key.partition(":")
        ids[kind].add(int(number))
    with allow_writer():
        found = {
            f"user:{key}": Named(f"{first} {last}".strip(), email)
            for key, first, last, email in User.objects.filter(
                pk__in=ids["user"], is_staff=True
            ).values_list("pk", "first_name", "last_name", "email")
        }
        for key, name in App.objects.filter(pk__in=ids["app"]).values_list("pk", "name"):
            found[f"app:{key}"] = Named(name or "")
    return found
