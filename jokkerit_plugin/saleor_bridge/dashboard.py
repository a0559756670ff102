"""The register in Saleor's Dashboard: an app that has pages there, and nothing else.

It has no token of its own and no webhook: each page acts with the token that the Dashboard makes
for whoever looks at it, which is narrowed to what the person, the app and the place may do
(`identity`). So it asks for our five permissions and none of Saleor's, and each place for the one
that its page needs.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import transaction
from saleor import __version__ as saleor_version
from saleor.app.models import App, AppExtension
from saleor.app.types import AppType
from saleor.core.db.connection import allow_writer
from saleor.permission.models import Permission

from .. import __version__
from ..models import SetupStep
from ..policy.permissions import Permission as Ours
from ..settings import address
from ..shop.port import shop
from . import PLUGIN_ID, permissions, setup
from .version import series

NAME = "Jokkerit Register"
_STEP = "dashboard app"
_WIDGET, _PAGE = "WIDGET", "APP_PAGE"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the Dashboard a page of the console is reached, and who sees it there."""

    #: Its label's name in data/dashboard.toml.
    label: str
    mount: str
    target: str
    #: Of the console.
    page: str
    permission: Ours
    #: The first Saleor that knows the place.
    since: tuple[int, int] = (3, 21)


#: Pages and not popups: the Dashboard renews no token of a popup, which so ends after minutes.
PLACES = (
    Place("card", "CUSTOMER_DETAILS_WIDGETS", _WIDGET, "card", Ours.VIEW_REGISTER, (3, 22)),
    Place("card", "ORDER_DETAILS_WIDGETS", _WIDGET, "card", Ours.VIEW_REGISTER, (3, 22)),
    Place("open_customer", "CUSTOMER_DETAILS_MORE_ACTIONS", _PAGE, "open", Ours.VIEW_REGISTER),
    Place("open_order", "ORDER_DETAILS_MORE_ACTIONS", _PAGE, "open", Ours.VIEW_REGISTER),
    Place("customers", "NAVIGATION_CUSTOMERS", _PAGE, "customers", Ours.VIEW_REGISTER),
    Place("month", "NAVIGATION_ORDERS", _PAGE, "month", Ours.VIEW_ACCOUNTING),
    # Whoever has no permission of Saleor's own sees no menu there: the home page alone.
    Place("brief", "HOMEPAGE_WIDGETS", _WIDGET, "brief", Ours.VIEW_ACCOUNTING, (3, 23)),
)  # fmt: skip


def places(version: str = saleor_version) -> list[Place]:
    """Return the places that a Saleor of this version knows."""
    return [one for one in PLACES if one.since <= series(version)]


def manifest(language: str, version: str = saleor_version) -> dict[str, Any]:
    """Return the app as Saleor installs one from an address; labels in `language`."""
    words, home = _words(language), shop().pages()
    return {
        "id": PLUGIN_ID,
        "name": NAME,
        "version": __version__,
        "about": words["about"],
        "appUrl": f"{home}console",
        "permissions": list(permissions.MEMBERS),
        "extensions": [
            {
                "label": words[one.label],
                "mount": one.mount,
                "target": one.target,
                "url": f"/{one.page}",
                "permissions": [f"JOKKERIT_{one.permission.name}"],
                **({"options": options} if (options := _options(one)) else {}),
            }
            for one in places(version)
        ],
    }


def install(language: str) -> list[str]:
    """Write the app's rows, or bring them up to date; say what was done. Raises `SetUpError`.

    From its own address Saleor cannot install it: it asks no address of its own network.
    """
    if not permissions.known():
        raise setup.SetUpError("Saleor does not know our permissions: see the log of this start.")
    told = manifest(language)
    with allow_writer(), transaction.atomic():
        # Of two at once the second waits here for the first one's commit.
        SetupStep.objects.get_or_create(name=_STEP)
        SetupStep.objects.select_for_update().get(name=_STEP)
        rows = {
            row.codename: row
            for row in Permission.objects.filter(
                codename__in=[str(one) for one in Ours],
                content_type__app_label=permissions.APP_LABEL,
            )
        }
        if len(rows) != len(Ours):
            message = "The permissions are not in the database: run migrate first."
            raise setup.SetUpError(message)
        app, new = _app(told)
        app.permissions.set(rows.values())
        kept = [
            _extension(app, one, place, rows[str(place.permission)])
            for one, place in zip(told["extensions"], places(), strict=True)
        ]
        app.extensions.exclude(pk__in=kept).delete()
    done = "installed" if new else "up to date"
    said = [f"The app is {done}: {len(kept)} places in the Dashboard."]
    if not app.is_active:
        said.append("It is deactivated: activate it in the Dashboard, under Extensions.")
    return said


def remove() -> list[str]:
    """Take the app out of the Dashboard, with all its places; say what was done."""
    with allow_writer(), transaction.atomic():
        found = App.objects.filter(identifier=PLUGIN_ID)
        said = "The app is removed." if found else "There is no app to remove."
        found.delete()
    return [said]


def addresses() -> tuple[str, ...]:
    """Return the Dashboard's address as the shop's environment says it (DASHBOARD_URL)."""
    found = address(os.environ.get("DASHBOARD_URL", ""))
    return (found,) if found else ()


def _app(told: Mapping[str, Any]) -> tuple[App, bool]:
    given = {
        "name": told["name"],
        "about_app": told["about"],
        "app_url": told["appUrl"],
        "version": told["version"],
        "manifest_url": told["appUrl"].removesuffix("console") + "manifest/",
        # Only to a third party's app does Saleor give tokens for its pages.
        "type": AppType.THIRDPARTY,
        "is_installed": True,
    }
    found: tuple[App, bool] = App.objects.update_or_create(
        identifier=PLUGIN_ID, removed_at=None, defaults=given
    )
    return found


def _extension(app: App, told: Mapping[str, Any], place: Place, permission: Permission) -> int:
    given = {
        "label": told["label"],
        "http_target_method": "GET" if place.target == _WIDGET else None,
        "settings": told.get("options", {}),
    }
    row, _ = AppExtension.objects.update_or_create(
        app=app, mount=place.mount.lower(), target=place.target.lower(), url=told["url"],
        defaults={name: value for name, value in given.items() if _has(name)},
    )  # fmt: skip
    row.permissions.set([permission])
    return int(row.pk)


def _options(place: Place) -> dict[str, Any]:
    # With POST the token would come in the body of a form: ours takes it from the handshake.
    if place.target != _WIDGET:
        return {}
    name = "homeWidgetTarget" if place.mount == "HOMEPAGE_WIDGETS" else "widgetTarget"
    return {name: {"method": "GET"}}


def _has(name: str) -> bool:
    try:
        AppExtension._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


@cache
def _words(language: str) -> Mapping[str, str]:
    file = resources.files("jokkerit_plugin") / "data" / "dashboard.toml"
    found: Mapping[str, str] = tomllib.loads(file.read_text(encoding="utf-8"))[language]
    return found
