"""The pictures of the documents: `python -m dev.pictures`, of the demo's console and its people.

Needs a Chromium. That of the Dashboard comes from a shop with a built Dashboard (docs/console.md).
"""

from __future__ import annotations

import io
import sys

from rich.console import Console

from dev.demo_recorded import RECORDING, run
from dev.host.staff import PASSWORD
from dev.paths import ROOT, DevError
from jokkerit_plugin.shop.recording import read

FOLDER = ROOT / "docs" / "images"
CONSOLE = "/plugins/jokkerit.register/console/"
#: Who looks, at which page, what is clicked there, and what is waited for.
PICTURES = {
    "customer": (
        "controller", "customers/?filter.search=aino", "#found tbody a >> nth=0", "#page #where",
    ),
    "month": ("accountant", "month/?month={month}", "", "#page main"),
    "retention": (
        "controller", "retention/", "[value=erasurePlanMake] ~ button", "#plan-list",
    ),
}  # fmt: skip
WIDTH, HEIGHT = 1120, 760
#: Pages are flat: so many colours make a picture of some 40 kB that looks the same.
COLOURS = 96


def take(address: str) -> None:
    """Take the pictures of a console that is served at an address."""
    from tests.browsing import CHROMIUM, chromium

    if CHROMIUM is None:
        raise DevError("There is no Chromium on this machine.")
    month = read(RECORDING)[0]["recorded"][:7]
    with chromium() as browser:
        for name, (who, path, clicked, awaited) in PICTURES.items():
            context = browser.new_context(
                base_url=address, locale="en-GB", color_scheme="light",
                viewport={"width": WIDTH, "height": HEIGHT},
            )  # fmt: skip
            page = context.new_page()
            page.goto(f"{CONSOLE}{path.format(month=month)}")
            page.fill("#email", f"{who}@example.com")
            page.fill("#password", PASSWORD)
            page.click("#sign-in button")
            page.wait_for_selector("#page main")
            if clicked:
                page.click(clicked)
            page.wait_for_selector(awaited)
            page.wait_for_load_state("networkidle")
            save(page.screenshot(), name)
            context.close()


def save(picture: bytes, name: str) -> None:
    """Keep a picture, made small."""
    from PIL import Image

    FOLDER.mkdir(parents=True, exist_ok=True)
    drawn = Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS, dither=Image.Dither(0))
    drawn.save(FOLDER / f"{name}.png", optimize=True)


def main() -> int:
    """Run the demo and take the pictures of its console."""
    console = Console(highlight=False, width=100)
    return 0 if run(console, keep=True, look=take) else 1


if __name__ == "__main__":
    sys.exit(main())
