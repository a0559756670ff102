"""The console of the demo without Saleor: a web server on this machine, in the demo's process."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from rich.console import Console

from dev.host.staff import PASSWORD, STAFF, StaffedShop
from jokkerit_plugin.shop import port
from jokkerit_plugin.shop.recorded import RecordedShop

WHAT = {
    "controller": "everything: the first hour, customers, keeping and erasing, who looked",
    "staff": "customers and their requests",
    "accountant": "books, vouchers, VAT: no customers",
    "maintainer": "the site log, without customers; has yet to sign",
}


def staffed(shop: RecordedShop) -> StaffedShop:
    """Let people work in the recorded shop, for whom an accounting firm is registered."""
    from django.utils import timezone

    from jokkerit_plugin.access import agreements, members, recipients
    from jokkerit_plugin.access.actor import Actor
    from jokkerit_plugin.models import Recipient

    made = StaffedShop(shop.path, shop.settings)
    port.install(made)
    controller = Actor.of(STAFF["controller"][1])
    version = agreements.in_force().version
    for name, (_, caller) in STAFF.items():
        # One is left to be met by the agreement, as everybody is at the first visit.
        if name != "maintainer":
            agreements.sign(Actor.of(caller), version=version, language="en")
    today = timezone.localdate()
    firm = recipients.register(
        kind=Recipient.Kind.BOOKKEEPING, name="Tilit Oy", business_id="0000001-9", country="FI",
        agreement_signed_on=today, confidentiality_signed_on=today, actor=controller,
    )  # fmt: skip
    members.add(firm.pk, STAFF["accountant"][1].key, actor=controller)
    return made


@contextmanager
def served() -> Iterator[str]:
    """Serve the console until the block ends; yields the shop's address."""
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing: the demo's own output is on the screen."""

    # What somebody may not see is an answer, and no failure.
    logging.getLogger("graphql").setLevel(logging.CRITICAL)
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(get_wsgi_application())
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def tell(console: Console, address: str) -> None:
    """Say where the console is, and who may sign in there."""
    console.rule("The console")
    console.print(f"{address}/plugins/jokkerit.register/console/", markup=False, soft_wrap=True)
    for name, what in WHAT.items():
        console.print(f"  {name}@example.com / {PASSWORD}   {what}", markup=False, soft_wrap=True)
    console.print("docs/tour.md says what to look at.")
