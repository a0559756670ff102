"""A page that frames the console as the Dashboard does, at an address of its own."""

import json
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.html import escape
from playwright.sync_api import FrameLocator, Page

_PAGE = """<!DOCTYPE html><html lang="en"><title>Dashboard</title><link rel="icon" href="data:,">
<iframe id="app" title="app" src="%(src)s" width="1000" height="400"></iframe>
<iframe id="other" title="other" srcdoc="<p>Another app</p>"></iframe>
<script>
  const frame = document.getElementById("app"), home = %(home)s, given = %(given)s;
  window.got = [];
  window.post = (type, payload) => frame.contentWindow.postMessage({ type, payload }, home);
  window.addEventListener("message", (event) => {
    if (event.source !== frame.contentWindow) return;
    window.got.push(event.data);
    if (event.data.type === "notifyReady" && given !== null)
      post("handshake", { token: given, version: 1, dashboardVersion: "v3.23.27" });
  });
</script></html>"""


def served(request: HttpRequest) -> HttpResponse:
    """Answer with the page; what it frames, and the token that it hands over, is asked of it."""
    asked = request.GET
    given = {"home": json.dumps(asked["home"]), "given": json.dumps(asked.get("token"))}
    return HttpResponse(_PAGE % {"src": escape(asked["src"]), **given})


def outside(shop: str) -> str:
    """Return another origin than the shop's: another name of this machine."""
    return shop.replace("localhost", "127.0.0.1")


def framed(page: Page, shop: str, path: str, *, token: str | None) -> None:
    """Open a page of the console in a frame; `token` is handed over as soon as it asks."""
    asked = {"src": f"{shop}/plugins/jokkerit.register/console/{path}", "home": shop}
    asked |= {} if token is None else {"token": token}
    page.goto(f"{outside(shop)}/dashboard/?{urlencode(asked)}")


def inside(page: Page) -> FrameLocator:
    """Return the console in its frame."""
    return page.frame_locator("#app")


def told(page: Page, kind: str) -> list[dict[str, Any]]:
    """Return what the console has told the Dashboard of this kind."""
    found: list[dict[str, Any]] = page.evaluate("got")
    return [one["payload"] for one in found if one["type"] == kind]
