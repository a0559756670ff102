"""A headless Chromium of the machine, and what it found fault with."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

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


def broken_labels(page: Page) -> list[str]:
    """Return the labels of a card that are narrower than the longest of their words."""
    return [f"a label is broken: {one}" for one in page.evaluate(_BROKEN)]


_BROKEN = """() => {
    const pen = document.createElement("canvas").getContext("2d"), found = new Set();
    for (const cell of document.querySelectorAll(".cards td[data-of]")) {
        const label = getComputedStyle(cell, "::before");
        pen.font = label.font;
        const words = cell.dataset.of.split(/[\\s-]/);
        const needed = Math.max(...words.map((word) => pen.measureText(word).width));
        if (label.content !== "none" && parseFloat(label.width) + 1 < needed)
            found.add(cell.dataset.of);
    }
    return [...found];
}"""

#: Width and height of a sheet of A4 between margins of a centimetre, in pixels.
SHEET: ViewportSize = {"width": 718, "height": 1047}
#: What of a page is of no use on paper, cannot be read there, or is cut off.
_ON_PAPER = """() => {
    const wrong = [], name = (one) => one.outerHTML.slice(0, 120);
    const style = (one) => getComputedStyle(one);
    const bright = (colour) => {
        const [r, g, b, alpha = 1] = colour.match(/[\\d.]+/g).map(Number);
        return alpha === 0 ? 255 : (r * 3 + g * 6 + b) / 10;
    };
    const shown = (one) =>
        one.checkVisibility({ visibilityProperty: true }) && style(one).clipPath === "none";
    for (const one of document.querySelectorAll("nav, button, [role=search]"))
        if (shown(one)) wrong.push(`pressed: ${name(one)}`);
    for (const one of document.querySelectorAll("body, body *")) {
        if (!shown(one)) continue;
        const { right } = one.getBoundingClientRect(), text = style(one);
        if (right > innerWidth + 1) wrong.push(`beyond the sheet: ${name(one)}`);
        if (one.scrollWidth > one.clientWidth + 1 && one.clientWidth
            && !["visible", "clip"].includes(text.overflowX) && !one.closest("svg"))
            wrong.push(`cut off: ${name(one)}`);
        if (bright(text.backgroundColor) < 128) wrong.push(`dark ground: ${name(one)}`);
        if (one.matches("summary") && !one.parentElement.open) wrong.push(`closed: ${name(one)}`);
        if ([...one.childNodes].some((part) => part.nodeType === 3 && part.data.trim())
            && bright(text.color) > 160) wrong.push(`pale: ${name(one)}`);
    }
    if (style(document.documentElement).colorScheme.includes("dark")) wrong.push("dark ground");
    return wrong;
}"""


def unprintable(page: Page) -> list[str]:
    """Return what is wrong with a page on paper, printed where the theme is dark.

    The page is left in print, as wide as a sheet.
    """
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size(SHEET)
    return [f"{one} (paper)" for one in page.evaluate(_ON_PAPER)]
