"""Ways on which customers' data leaves Saleor by itself: what its tables say.

Read only, and never a secret: of an address the host alone is kept. No flow is what stays on
this machine, a webhook without an event about customers, an app without a permission that shows
any, and the plugins of `STAYS`. What the settings say is in `flow_settings.py`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string
from saleor.app.models import App
from saleor.webhook.models import Webhook

from ..shop.flows import Flow, FlowKind, host_of, is_local
from . import PLUGIN_ID, flow_settings
from .doors import EVENTS, permissions


@dataclass(frozen=True, slots=True)
class Service:
    """Where a plugin sends: to known hosts, or to those that these settings of it name."""

    kind: FlowKind
    hosts: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


_PAYMENT, _PLUGIN, _MAIL = FlowKind.PAYMENT, FlowKind.PLUGIN, FlowKind.MAIL

#: Saleor's own plugins, 3.21 to main, by identifier.
SERVICES: dict[str, Service] = {
    "saleor.payments.stripe": Service(_PAYMENT, ("api.stripe.com",)),
    "mirumee.payments.adyen": Service(_PAYMENT, ("adyen.com",)),
    "mirumee.payments.authorize_net": Service(_PAYMENT, ("authorize.net",)),
    "mirumee.payments.braintree": Service(_PAYMENT, ("braintreegateway.com",)),
    "mirumee.payments.razorpay": Service(_PAYMENT, ("api.razorpay.com",)),
    "saleor.payments.np-atobarai": Service(_PAYMENT, ("np-payment-gateway.com",)),
    "mirumee.taxes.avalara": Service(_PLUGIN, ("rest.avatax.com",)),
    "mirumee.notifications.sendgrid_email": Service(_MAIL, ("api.sendgrid.com",)),
    "mirumee.notifications.user_email": Service(_MAIL, fields=("host",)),
    "mirumee.notifications.admin_email": Service(_MAIL, fields=("host",)),
    "mirumee.authentication.openidconnect": Service(
        _PLUGIN,
        fields=(
            "oauth_authorization_url", "oauth_token_url", "json_web_key_set_url",
            "oauth_logout_url", "user_info_url",
        ),
    ),
}  # fmt: skip

#: Plugins that send nothing: the webhooks' (each webhook is a flow), the dummies, and ours.
STAYS = frozenset(
    {
        "mirumee.webhooks",
        "mirumee.payments.dummy",
        "mirumee.payments.dummy_credit_card",
        PLUGIN_ID,
    }
)

# Of each plugin's rows (one, or one a channel): how many are active, and the named settings.
_ROWS = """
    SELECT identifier, count(*) FILTER (WHERE active), count(*),
        coalesce(array_agg(DISTINCT field ->> 'value')
            FILTER (WHERE active AND field ->> 'name' = ANY(%s)), '{}')
    FROM plugins_pluginconfiguration
    LEFT JOIN LATERAL jsonb_array_elements(
        CASE jsonb_typeof(configuration) WHEN 'array' THEN configuration ELSE '[]' END
    ) AS field ON field ->> 'name' = ANY(%s)
    GROUP BY identifier"""


def read() -> list[Flow]:
    """See `ShopPort.flows` (3 queries)."""
    found = [*_webhooks(), *_apps(), *_plugins(), *flow_settings.read()]
    return sorted({flow for flow in found if not is_local(flow.host)})


def _webhooks() -> Iterator[Flow]:
    rows = Webhook.objects.filter(
        is_active=True, app__is_active=True, app__removed_at=None, events__event_type__regex=EVENTS
    )
    for key, target in rows.values_list("pk", "target_url").distinct():
        yield Flow(FlowKind.WEBHOOK, f"webhook:{key}", host_of(target))


def _apps() -> Iterator[Flow]:
    rows = App.objects.filter(
        is_active=True, removed_at=None, permissions__codename__in=permissions()
    )
    for key, url, manifest in rows.values_list("pk", "app_url", "manifest_url").distinct():
        yield Flow(FlowKind.APP, f"app:{key}", host_of(url or manifest or ""))


def _plugins() -> Iterator[Flow]:
    stored = _stored()
    for name, plugin in _installed().items():
        active, rows, addresses = stored.get(name, (0, 0, []))
        # Without a row, and in a channel without one, a plugin is as its class says.
        default = plugin.DEFAULT_ACTIVE and (not rows or plugin.CONFIGURATION_PER_CHANNEL)
        if name in STAYS or not (active or default):
            continue
        service = SERVICES.get(name)
        if service is None:
            # Somebody else's plugin: nobody here knows whether, and where, it sends.
            yield Flow(FlowKind.PLUGIN, name)
            continue
        hosts = {*service.hosts, *(host_of(address) for address in addresses if address)}
        for host in hosts:
            yield Flow(service.kind, name, host)


def _stored() -> Mapping[str, tuple[int, int, list[str]]]:
    fields = sorted({field for service in SERVICES.values() for field in service.fields})
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [fields, fields])
        return {name: (active, rows, found) for name, active, rows, found in cursor.fetchall()}


def _installed() -> dict[str, Any]:
    classes = [import_string(path) for path in getattr(settings, "PLUGINS", ())]
    return {plugin.PLUGIN_ID: plugin for plugin in classes}
