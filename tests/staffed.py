"""A recorded shop in which people work: the stand-in for Saleor's staff, apps and tokens."""

import copy
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

from jokkerit_plugin.shop.connections import Connection
from jokkerit_plugin.shop.flows import Flow
from jokkerit_plugin.shop.people import NOBODY, Caller, Door, Holder, Named
from jokkerit_plugin.shop.recorded import RecordedShop


class StaffedShop(RecordedShop):
    """`tokens` opens for a caller; holders, open doors and ways out are told as they stand."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._kept: dict[int, sqlite3.Connection] = {}
        super().__init__(*args, **kwargs)
        self.tokens: dict[str, Caller] = {}
        self.holders: list[Holder] = []
        self.names: dict[str, Named] = {}
        self.open_doors: list[Door] = []
        self.ways_out: list[Flow] = []
        self.logins: dict[int, datetime] = {}
        self.lines: list[Connection] = []
        self.found_at = ""

    def _open(self) -> AbstractContextManager[sqlite3.Connection]:
        """Open the file once a thread: each time anew it takes longer than what is done in it."""
        thread = threading.get_ident()
        if thread not in self._kept:
            self._kept[thread] = super()._open().__enter__()
        return nullcontext(self._kept[thread])

    def __deepcopy__(self, memo: dict[int, Any]) -> "StaffedShop":
        """Copy the shop, with a file of its own; its settings are never changed, but replaced."""
        made = copy.copy(self)
        memo[id(self)] = made
        for name, value in vars(self).items():
            if name not in {"settings", "_kept", "path"}:
                setattr(made, name, copy.deepcopy(value, memo))
        folder = tempfile.mkdtemp(dir=Path(self.path).parent.parent)
        made._kept, made.path = {}, shutil.copy(self.path, folder)
        return made

    def actor(self, request: Any) -> Caller:
        """Look at the Authorization header alone, as Saleor's port does."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return self.tokens.get(token, NOBODY) if scheme.upper() in {"BEARER", "JWT"} else NOBODY

    def people(self) -> list[Holder]:
        return self.holders

    def named(self, keys: Collection[str]) -> dict[str, Named]:
        return {key: self.names[key] for key in keys if key in self.names}

    def doors(self) -> list[Door]:
        return self.open_doors

    def flows(self) -> list[Flow]:
        return self.ways_out

    def connections(self) -> list[Connection]:
        return self.lines

    def connections_of_settings(self) -> list[Connection]:
        return self.lines

    def address(self) -> str:
        return self.found_at

    def last_seen(self, users: Sequence[int]) -> dict[int, datetime]:
        return {user: self.logins[user] for user in users if user in self.logins}

    def end_access(self, holder: str) -> None:
        """Forget the tokens and what the holder held."""
        self.tokens = {token: one for token, one in self.tokens.items() if one.key != holder}
        self.holders = [one for one in self.holders if one.key != holder]
