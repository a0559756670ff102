"""A headless Chromium of the machine, and what it found fault with."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

#: As Debian, Fedora and others install it.
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the browser, without its sandbox: tests may run as root."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def listened(page: Page, *, expected: tuple[str, ...] = ()) -> list[str]:
    """Return the list into which the page's errors will go, but for those that are `expected`."""
    said: list[str] = []

    def note(text: str) -> None:
        if not any(one in text for one in expected):
            said.append(text)

    page.on("console", lambda one: note(one.text) if one.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: note(str(error)))
    return said


#: Of axe-core's rules those that look at colours.
COLOURS = ("color-contrast", "link-in-text-block")


_FOUND = """async (options) => (await axe.run(options)).violations.map(
    (one) => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`)"""


def violations(page: Page, *, only: tuple[str, ...] = ()) -> list[str]:
    """Return what axe-core finds against WCAG 2.2 A and AA, and its best practices."""
    rules = {"runOnly": list(only)} if only else {"rules": {"target-size": {"enabled": True}}}
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found: list[str] = page.evaluate(_FOUND, {**rules, "resultTypes": ["violations"]})
    return found


def too_wide(page: Page) -> bool:
    """Tell whether the page must be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))
