"""Saleor's own doors to customers' data, which the register's guard and log do not see.

A permission is a door unless `HARMLESS` says otherwise, so one that a later Saleor adds counts
until somebody has looked at it. `DOORS` says what each shows. Read from Saleor's schema and
resolvers, 3.21 to main.
"""

from collections import defaultdict

from saleor.core.db.connection import allow_writer
from saleor.permission.enums import get_permissions_codename
from saleor.webhook.models import WebhookEvent

from ..shop.people import Door
from .holders import OURS, apps, users

DOORS = {
    "manage_users": "customers with addresses, orders and notes",
    "impersonate_user": "checkouts and orders in a customer's name",
    "manage_orders": "orders with names, addresses, e-mail and payments",
    "manage_orders_import": "orders that are brought in, with their customers",
    "manage_checkouts": "checkouts with addresses and e-mail",
    "handle_checkouts": "checkouts that are turned into orders",
    "handle_payments": "transactions with their orders and checkouts; payment webhooks",
    "handle_taxes": "the customer of an order or checkout; tax webhooks with addresses",
    "manage_gift_card": "e-mail addresses of those who bought and used gift cards",
    "manage_apps": "the stored contents of webhooks; tokens of apps",
    "manage_observability": "copies of API calls and webhooks",
    "manage_plugins": "settings that say where mail, tax and payment plugins send data",
    "manage_settings": "who gets a mail about every order",
}

#: Looked at, and no customer shows: the catalogue, texts, figures, and the shop's own people.
HARMLESS = frozenset(
    {
        "manage_channels",
        "manage_customer_types_and_attributes",
        "manage_discounts",
        "manage_menus",
        "manage_page_types_and_attributes",
        "manage_pages",
        "manage_product_types_and_attributes",
        "manage_products",
        "manage_shipping",
        "manage_staff",
        "manage_taxes",
        "manage_translations",
    }
)

#: Events whose webhooks carry a customer, whatever permission they ask for.
EVENTS = (
    r"^(account|address|customer_(?!type)|checkout|draft_order|fulfillment|gift_card|invoice"
    r"|list_stored|notify|observability|order|payment|shipping_list_methods|stored_payment"
    r"|transaction)|^any_events$"
)


def permissions() -> frozenset[str]:
    """Return the code names of all permissions of this Saleor that are doors."""
    return frozenset(get_permissions_codename()) - HARMLESS - OURS


def doors() -> list[Door]:
    """See `People.doors` (5 queries)."""
    codenames = permissions()
    with allow_writer():
        holders = [*users(codenames, staff_only=False), *apps(codenames)]
        through = {one.key: set(one.permissions) for one in holders if one.active}
        for key, events in _webhooks().items():
            through.setdefault(key, set()).update(events)
    superusers = {one.key for one in holders if one.superuser}
    return [Door(key, key in superusers, tuple(sorted(names))) for key, names in through.items()]


def _webhooks() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    rows = WebhookEvent.objects.filter(
        event_type__regex=EVENTS,
        webhook__is_active=True,
        webhook__app__is_active=True,
        webhook__app__removed_at=None,
    )
    for app, event in rows.values_list("webhook__app_id", "event_type").order_by("webhook__app_id"):
        found[f"app:{app}"].add(f"webhook {event}")
    return found
