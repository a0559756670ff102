"""The shop's post, read without a mail server.

Saleor sends the links for confirming an account, an e-mail change or a deletion by mail only.
An app's webhook for the same events carries the same token, and Saleor keeps the payload of a
delivery that failed: so the letterbox is a webhook whose address never answers, and its
letters are read from the deliveries kept for it. It also takes invoice requests, which Saleor
refuses when no app listens.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from demo.client import Client, Json, ShopError

CONFIRM, CHANGE_EMAIL, DELETE = (
    "ACCOUNT_CONFIRMATION_REQUESTED",
    "ACCOUNT_CHANGE_EMAIL_REQUESTED",
    "ACCOUNT_DELETE_REQUESTED",
)
NAME = "Jokkeri letterbox"
# A port of the server's own machine where nobody listens: refused at once, nothing leaves.
NOWHERE = "http://127.0.0.1:19/"
SUBSCRIPTION = """subscription { event {
  ... on AccountConfirmationRequested { token user { email } }
  ... on AccountChangeEmailRequested { token user { email } }
  ... on AccountDeleteRequested { token user { email } }
  ... on InvoiceRequested { invoice { id } }
} }"""
WAIT_SECONDS = 20.0


@dataclass(frozen=True)
class Letterbox:
    staff: Client
    app: str

    def token(self, email: str, event: str, *, wait: float = WAIT_SECONDS) -> str:
        """The newest token for `email`; waits for a worker, raises ShopError if none comes."""
        until = time.monotonic() + wait
        while True:
            for letter in self._letters(event):
                if letter["user"]["email"].lower() == email.lower():
                    return str(letter["token"])
            if time.monotonic() > until:
                message = f"no {event} came for {email}"
                raise ShopError("letterbox", [{"code": "NO_LETTER", "message": message}])
            time.sleep(0.2)

    def _letters(self, event: str) -> list[Json]:
        """Newest first."""
        query = """query ($id: ID!, $event: WebhookEventTypeEnum!) { app(id: $id) { webhooks {
            eventDeliveries(first: 50, filter: {eventType: $event},
                            sortBy: {field: CREATED_AT, direction: DESC})
            { edges { node { payload } } } } } }"""
        webhooks = self.staff.call(query, {"id": self.app, "event": event})["app"]["webhooks"]
        edges = [edge for hook in webhooks for edge in hook["eventDeliveries"]["edges"]]
        return [json.loads(edge["node"]["payload"]) for edge in edges]


def open_letterbox(staff: Client) -> Letterbox:
    query = """query ($name: String!) { apps(first: 1, filter: {search: $name}) {
        edges { node { id webhooks { id } } } } }"""
    edges = staff.call(query, {"name": NAME})["apps"]["edges"]
    app = str(edges[0]["node"]["id"]) if edges else _app(staff)
    if not edges or not edges[0]["node"]["webhooks"]:
        hook = {
            "app": app,
            "name": NAME,
            "targetUrl": NOWHERE,
            "isActive": True,
            "asyncEvents": [CONFIRM, CHANGE_EMAIL, DELETE, "INVOICE_REQUESTED"],
            "query": SUBSCRIPTION,
        }
        staff.mutate("webhookCreate", input=("WebhookCreateInput!", hook))
    return Letterbox(staff, app)


def _app(staff: Client) -> str:
    settings = {"name": NAME, "permissions": ["MANAGE_USERS", "MANAGE_ORDERS"]}
    return str(staff.mutate("appCreate", "app { id }", input=("AppInput!", settings))["app"]["id"])
