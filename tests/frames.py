"""A page that frames the console as the Dashboard does, at an address of its own."""

import json
from typing import Any

from playwright.sync_api import FrameLocator, Page

#: Another origin than the shop's.
DASHBOARD = "https://dashboard.example.com"
STRANGER = "https://stranger.example.com"

_PAGE = """<!DOCTYPE html><html lang="en"><title>Dashboard</title>
<iframe id="app" title="app" src="%(src)s" width="600" height="400"></iframe>
<iframe id="other" title="other" srcdoc="<p>Another app</p>"></iframe>
<script>
  const frame = document.getElementById("app"), home = %(home)s, given = %(given)s;
  window.got = [];
  window.post = (type, payload) => frame.contentWindow.postMessage({ type, payload }, home);
  window.addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow) return;
    window.got.push(event.data);
    if (event.data.type === "notifyReady" && given !== null)
      post("handshake", { token: given, version: 1, dashboardVersion: "3.23.27" });
  });
</script></html>"""


def framed(page: Page, shop: str, path: str, *, token: str | None, at: str = DASHBOARD) -> None:
    """Open a page of the console in a frame; `token` is handed over as soon as it asks."""
    src = f"{shop}/plugins/jokkerit.register/console/{path}"
    body = _PAGE % {"src": src, "home": json.dumps(shop), "given": json.dumps(token)}
    page.route(f"{at}/**", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto(f"{at}/")


def inside(page: Page) -> FrameLocator:
    """Return the console in its frame."""
    return page.frame_locator("#app")


def told(page: Page, kind: str) -> list[dict[str, Any]]:
    """Return what the console has told the Dashboard of this kind."""
    found: list[dict[str, Any]] = page.evaluate("got")
    return [one["payload"] for one in found if one["type"] == kind]
