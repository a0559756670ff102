"""A Python environment layered over a checkout's .venv, with the plugin installed.

    layer(checkout("3.23"))     # -> .cache/saleor-env/3.23/bin/python, 9 s, then reused

A venv of the same interpreter with a .pth to Saleor's site-packages and source. Start
everything as `<layer>/bin/python -m ...`: the scripts `celery`, `uvicorn` and `pytest`
on PATH are Saleor's own and run, without a word, without the plugin.
"""

from __future__ import annotations

import configparser
import fcntl
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

from dev.checkouts import Checkout, python_environment
from dev.paths import CACHE, LOGS, ROOT, DevError, say

#: pip is the layer's own; the others are no part of what runs.
OWN = {"pip", "setuptools", "wheel", "saleor", "jokkerit-plugin"}


def layer(shop: Checkout) -> Path:
    """The layered environment's python; made or renewed when Saleor or setup.cfg changed.

    Raises DevError when installing fails or something of Saleor's would be shadowed.
    """
    folder = CACHE / "saleor-env" / shop.version
    folder.parent.mkdir(parents=True, exist_ok=True)
    below = f"{shop.folder} {shop.commit} {shop.python.resolve()}"
    wanted = {"below": _digest(below), "setup": _digest(_setup())}
    stamp = folder / "layer.json"
    python = folder / "bin" / "python"
    with (folder.parent / f"{shop.version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = json.loads(stamp.read_text()) if stamp.exists() else {}
        if found == wanted:
            return python
        say(f"Saleor {shop.version}: making the layered environment {folder} ...")
        if found.get("below") != wanted["below"]:
            shutil.rmtree(folder, ignore_errors=True)
            _run(shop, [str(shop.python), "-m", "venv", str(folder)])
            site = next(folder.glob("lib/python*/site-packages"))
            saleors = next((shop.folder / ".venv").glob("lib/python*/site-packages"))
            (site / "saleor.pth").write_text(f"{saleors}\n{shop.folder}\n")
        stamp.unlink(missing_ok=True)
        _install(shop, folder, python)
        shadowed = shadowing(shop, folder)
        if shadowed:
            raise DevError(
                f"the layer over Saleor {shop.version} shadows Saleor's own {', '.join(shadowed)}:"
                " loosen the requirement in setup.cfg"
            )
        stamp.write_text(json.dumps(wanted))
    return python


def shadowing(shop: Checkout, folder: Path) -> list[str]:
    """What the layer holds although Saleor's .venv holds it too, as "name version"."""
    pins = {_normal(name): version for name, version in shop.pins.items()}
    site = next(folder.glob("lib/python*/site-packages"))
    found = []
    for info in sorted(site.glob("*.dist-info")):
        name, _, version = info.name.removesuffix(".dist-info").partition("-")
        if _normal(name) in pins and _normal(name) not in OWN:
            found.append(f"{name} {pins[_normal(name)]} with {version}")
    return found


def _setup() -> str:
    """What of setup.cfg an installed layer depends on."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    extras = parser["options.extras_require"]
    parts = [parser["metadata"]["version"], parser["options"]["install_requires"]]
    return "\n".join(
        [*parts, extras["demo"], extras["test"], *parser["options.entry_points"].values()]
    )


def _install(shop: Checkout, folder: Path, python: Path) -> None:
    constraints = folder / "saleor-pins.txt"
    pins = sorted((_normal(n), v) for n, v in shop.pins.items() if _normal(n) not in OWN)
    constraints.write_text("".join(f"{name}=={version}\n" for name, version in pins))
    argv = [str(python), "-m", "pip", "install", "--disable-pip-version-check"]
    _run(shop, [*argv, "-c", str(constraints), "-e", f"{ROOT}[test]"])


def _run(shop: Checkout, argv: list[str]) -> None:
    log = LOGS / shop.version / "layer.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        done = subprocess.run(
            argv,
            cwd=ROOT,
            env=python_environment(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise DevError(f"Saleor {shop.version}: {' '.join(argv[1:4])} failed, see {log}:\n{tail}")


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
