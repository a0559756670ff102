"""The console in a browser: signing in, and what every page must bear. Needs a `house` fixture."""

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browsing import broken_labels, chromium, listened, too_wide, unprintable, violations
from tests.console_host import PASSWORD
from tests.graphql import HOME

#: What a browser says of an answer that is meant to be one.
_REFUSED = ("401",)


@pytest.fixture(scope="module", name="browser")
def one_browser() -> Iterator[Browser]:
    """Run one browser for a module's tests: starting it takes longer than most of them."""
    with pytest.MonkeyPatch.context() as patch, chromium() as browser:
        # Playwright's loop runs in this thread, which Django takes for an asynchronous one.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield browser


@pytest.fixture(name="page")
def browser_page(house, live_server, settings, browser) -> Iterator[Page]:
    """Return a page of the browser at the console's host; `said` is what its console says."""
    settings.ROOT_URLCONF = "tests.console_host"
    context = browser.new_context(base_url=live_server.url, locale="fi-FI")
    page = context.new_page()
    page.said = listened(page, expected=_REFUSED)
    yield page
    context.close()


def sign_in(page: Page, name: str, path: str = "") -> None:
    """Open a page of the console as one of the house's people."""
    page.goto(f"{HOME}console/{path}")
    page.fill("#email", f"{name}@example.com")
    page.fill("#password", PASSWORD)
    page.click("#sign-in button")
    page.wait_for_selector("#page main")


def look_again(page: Page) -> None:
    """Let the parts of a page that look again do so now: its clock is ours (`clock.install`)."""
    page.clock.fast_forward(3000)


def faults(
    page: Page, pages: Mapping[str, tuple[str | None, ...]], *, printed: Collection[str] = ()
) -> dict[str, list[str]]:
    """Return what axe-core finds in each page, wide and light, narrow and dark; what is too wide.

    No colour hangs on the width. `printed`: pages that are looked at on paper, too. A page is
    (person, path) with, where it is reached by a click only, what is clicked; a path of None is
    the console before signing in. Who has signed in goes on by links: axe-core stays in the page.
    """
    wrong: dict[str, list[str]] = {}
    inside = None
    for name, (person, path, *click) in sorted(pages.items(), key=lambda one: one[1][:1]):
        page.emulate_media(media="screen", color_scheme="light")
        page.set_viewport_size({"width": 1200, "height": 800})
        if path is None:
            page.goto(f"{HOME}console/")
        elif person == inside:
            _go(page, path)
        else:
            sign_in(page, person, path)
        inside = path and person
        for one in click:
            title = page.inner_text("h1")
            page.click(one)
            page.wait_for_selector(f"#page h1:not(:text-is({title!r}))")
        found = violations(page)
        picture(page, f"{name}-light")
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 360, "height": 740})
        found += [f"{one} (dark, 360 px)" for one in violations(page)]
        found += ["too wide (360 px)"] if too_wide(page) else []
        found += broken_labels(page)
        picture(page, f"{name}-dark-360")
        if name in printed:
            found += unprintable(page)
            picture(page, f"{name}-print")
        if found:
            wrong[name] = found
    return wrong


def _go(page: Page, path: str) -> None:
    """Go to another page as a link does: who has signed in stays so."""
    page.evaluate(_GO, f"{HOME}console/{path}")
    page.wait_for_selector("#page main")


_GO = """(path) => {
    document.querySelector("#page").replaceChildren();
    return htmx.ajax("GET", path, { target: "#page", swap: "innerHTML show:window:top" });
}"""


def picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page in .cache/screenshots/ with PICTURES=1: many take long."""
    if not os.environ.get("PICTURES"):
        return
    folder = Path(".cache/screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=True)
