"""A built Dashboard served at an address of its own, and somebody signed in there in a browser."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from playwright.sync_api import Browser, FrameLocator, Page

#: The folder of a built Dashboard: `DASHBOARD=~/dashboard/build/dashboard make test ...`.
BUILT = os.environ.get("DASHBOARD", "")
PICTURES = Path(".cache/screenshots")


@contextmanager
def served(api: list[str]) -> Iterator[str]:
    """Serve the folder, every other path as its first page; yields the address.

    `api`: one text, the shop's GraphQL address, which may be put in later.
    """
    folder = Path(BUILT).expanduser()
    first = (folder / "index.html").read_text(encoding="utf-8")

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, directory=str(folder), **kwargs)

        def do_GET(self) -> None:
            path = self.path.partition("?")[0].lstrip("/")
            if path and (folder / path).is_file():
                super().do_GET()
                return
            body = re.sub(r'API_URL: *"[^"]*"', f'API_URL: "{api[0]}"', first).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        # Another name of this machine than the shop's: another origin.
        yield f"http://localhost:{server.server_address[1]}"
        server.shutdown()


def signed_in(
    browser: Browser, address: str, email: str, password: str = "admin", *, locale: str = "fi-FI"
) -> Page:
    """Return a page of the Dashboard, signed in; the browser is Finnish if not told otherwise."""
    context = browser.new_context(
        base_url=address, locale=locale, viewport={"width": 1400, "height": 1000},
        color_scheme="light",
    )  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto("/")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", password)
    page.click("button[data-test-id=submit]")
    page.wait_for_selector("[data-test-id=userMenu]")
    return page


def frame(page: Page) -> FrameLocator:
    """Return the console in the only frame of ours on the page."""
    return page.frame_locator('iframe[src*="jokkerit.register"]')


def picture(page: Page, name: str) -> None:
    """Keep a picture of what is seen."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"dashboard-{name}.png")
