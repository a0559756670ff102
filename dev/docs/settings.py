"""docs/reference/settings.md: the plugin's form in the Dashboard, and the environment."""

from __future__ import annotations

import importlib
import re
import sys
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

from dev.docs.tables import table
from dev.paths import ROOT

PLUGIN = ROOT / "jokkerit_plugin"
#: What the form is made of, with each kind as people call it.
KINDS = SimpleNamespace(
    BOOLEAN="switch", STRING="one line", MULTILINE="several lines", OUTPUT="shows only"
)
#: What the environment says, in web, worker, beat and command line alike.
ENVIRONMENT = {
    "JOKKERIT_KEYS": "The register's secrets, `version:hexadecimal`, the newest first:"
    " [key rotation](../runbooks/keys.md)",
    "JOKKERIT_LEDGER_DIR": "Folder for copies of the ledger of erasures and of opt-outs, where"
    " Django's `STORAGES` has no `jokkerit_ledger`: [restore](../runbooks/restore.md)",
    "JOKKERIT_STOREFRONTS": "Keys of storefronts that send lines of the site log:"
    " [site log](../sitelog.md#from-a-storefront)",
    "JOKKERIT_SENDERS": "Keys of programs that ask before they write to somebody:"
    " [marketing](../marketing.md)",
    "JOKKERIT_MONITORS": "Keys of monitors that ask for the register's health:"
    " [operations](../operations.md#health)",
    "JOKKERIT_FREE_COLUMNS": "Columns of other plugins that hold no customer's data:"
    " [retention](../retention.md#the-tripwire)",
    "JOKKERIT_UNARCHIVED": "`yes`: `migrate jokkerit_plugin zero` may drop a register that holds no"
    " books without an archive: [closing](../closing.md#uninstalling)",
}
#: Of the demo and the tests, and the names of permissions.
_NO_SECRETS = re.compile(r"JOKKERIT_(RECORDED_SHOP|(VIEW|MANAGE)_\w+)")
_TOP = """\
# Settings

Made from the code by `make docs`: change the code, not this page.

In the Dashboard under *Configuration > Plugins > Jokkerit Register* (3.21) or *Extensions >
Installed > Jokkerit Register* (3.22 and later), with Saleor's permission `MANAGE_PLUGINS`. One
configuration serves the whole installation and its one controller. A refused value changes
nothing; the API names its field, and the Dashboard of 3.23 gives the reason in a notice.
"""


def page() -> str:
    """Return the page."""
    form = _form()
    parts = [_TOP]
    for group, names in form.GROUPS.items():
        rows = [_row(form, name) for name in names]
        heads = ("Setting", "Kind", "Default", "What it does", "Name in the API")
        parts.append(f"## {group}\n\n{table(heads, rows)}")
    named = (f"`{name}`" for name in ENVIRONMENT)
    rows_of_environment = zip(named, ENVIRONMENT.values(), strict=True)
    parts.append(f"## Environment\n\n{table(('Variable', 'What'), rows_of_environment)}")
    _complete()
    return "\n".join(parts)


def _row(form: Any, name: str) -> tuple[str, ...]:
    kind, default, label, about = form.FIELDS[name]
    shown = {True: "on", False: "off", "": ""}.get(default, f"`{default}`")
    return label, kind, shown, about, f"`{name}`"


def _form() -> Any:
    """Return `saleor_bridge.settings_form`, which wants one name of Saleor and no more."""
    parts = ["saleor", "plugins", "base_plugin"]
    names = [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
    modules = {name: ModuleType(name) for name in names}
    vars(modules[names[-1]])["ConfigurationTypeField"] = KINDS
    with mock.patch.dict(sys.modules, modules):
        return importlib.import_module("jokkerit_plugin.saleor_bridge.settings_form")


def _complete() -> None:
    texts = (path.read_text(encoding="utf-8") for path in PLUGIN.rglob("*.py"))
    named = {one[0] for text in texts for one in re.finditer(r"JOKKERIT_[A-Z_]*[A-Z]", text)}
    if odd := {name for name in named if not _NO_SECRETS.fullmatch(name)} ^ set(ENVIRONMENT):
        raise SystemExit(f"dev/docs/settings.py, ENVIRONMENT: {', '.join(sorted(odd))}")
