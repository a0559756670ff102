"""The peer's side of `peers`: a shop with django-gdpr-assist, and SQL by hand on its tables."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from dev.paths import ROOT, DevError

from . import marked
from .copied import Copied, kill

#: The newest of each that go together (2026-11).
PACKAGES = ("django-gdpr-assist==1.4.2", "Django==4.2.*", "psycopg[binary]>=3.2")
PARTY = (
    "first_name", "last_name", "company_name", "street_1", "street_2", "postal_code", "city",
    "country", "email", "phone",
)  # fmt: skip
_LONG_AGO = "now() - interval '12 years'"
_NAMES = ", ".join(PARTY)


@dataclass(frozen=True)
class Assisted:
    """The shop's database, and the one in which gdpr-assist keeps its log."""

    python: Path
    shop: Copied
    log: Copied

    def fill(self, customers: int) -> None:
        """Make it, and keep copies."""
        for one in (self.shop, self.log):
            one.make()
        self.act("tables")
        self.shop.run(_filling(customers))
        for one in (self.shop, self.log):
            one.keep()

    def restore(self) -> None:
        """Put both back."""
        for one in (self.shop, self.log):
            one.restore()

    def started(self, act: str) -> subprocess.Popen[str]:
        """Start an act of `assisted`."""
        return subprocess.Popen(
            [str(self.python), "-m", "benchmarks.assisted", act, self.shop.url, self.log.url],
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            stdout=subprocess.PIPE,
            text=True,
        )

    def act(self, act: str) -> dict[str, Any]:
        """Do an act; what it printed."""
        process = self.started(act)
        text, _ = process.communicate()
        if process.returncode:
            raise DevError(f"benchmarks.assisted {act} failed, see above")
        found: dict[str, Any] = json.loads(text)
        return found

    def erased(self, act: str) -> tuple[dict[str, Any], Counter[str]]:
        """Erase everybody; what that took, and what is left."""
        self.restore()
        return self.act(act), self.left()

    def killed(self, act: str, *, times: int) -> dict[str, Any]:
        """As `peers_ours.killed`; `logged`: of what was gone after the last kill."""
        self.restore()
        gone = " + ".join(f"(SELECT count(*) FROM {table} WHERE email = '')" for table in _TABLES)
        after: list[int] = []
        kills = kill(
            lambda: self.started(act), lambda: self.shop.ask(f"SELECT {gone}"), times=times,
            struck=lambda: after.extend((self.shop.ask(f"SELECT {gone}"), self._logged())),
        )  # fmt: skip
        left = [self.left()]
        missing = self._rows() - self._logged()
        self.shop.restore()
        again = self.act("again")
        left.append(self.left())
        return {
            "left": left, "missing": missing, "seconds": again["seconds"], "gone": after[0],
            "logged": after[1], "kills": kills,
        }  # fmt: skip

    def by_hand(self, size: int) -> tuple[float, Counter[str]]:
        """Erase everybody by SQL, `size` rows a transaction (0: all in one); seconds, what is left.

        The statements of a batch are sent one by one, as a script would.
        """
        self.restore()
        given = ", ".join(f"{name} = ''" for name in PARTY)
        with psycopg.connect(self.shop.url) as connection:
            began = time.perf_counter()
            for table in _TABLES:
                rows = self.shop.ask(f"SELECT max(id) FROM {table}")
                for first in range(1, rows + 1, size or rows):
                    connection.execute(
                        f"UPDATE {table} SET {given} WHERE id >= %s AND id < %s",
                        [first, first + (size or rows)],
                    )
                    if size:
                        connection.commit()
            connection.commit()
            seconds = time.perf_counter() - began
        return seconds, self.left()

    def left(self) -> Counter[str]:
        """Return where people still stand."""
        return sum((marked.left(one.server, one.name) for one in (self.shop, self.log)), Counter())

    def _rows(self) -> int:
        return sum(self.shop.ask(f"SELECT count(*) FROM {table}") for table in _TABLES)

    def _logged(self) -> int:
        return self.log.ask(
            "SELECT count(DISTINCT (model_name, target_pk)) FROM gdpr_assist_eventlog"
        )


_TABLES = ("assisted_order", "assisted_customer")


def _filling(customers: int) -> tuple[str, ...]:
    return (
        f"""INSERT INTO assisted_customer ({_NAMES}, entered_at) SELECT 'Aino', 'Mäkelä', '',
        'Kaskitie 7', '', '51900', 'JUVA', 'FI', 'guest' || n || '@example.com', '+35850' || n,
        {_LONG_AGO} FROM generate_series(1, {customers}) AS n""",
        f"""INSERT INTO assisted_order ({_NAMES}, customer_id, number, placed_at, currency, net,
        gross) SELECT {_NAMES}, id, 'A' || id || '-' || n, {_LONG_AGO}, 'EUR', 10, 12.55
        FROM assisted_customer CROSS JOIN generate_series(1, 2) AS n""",
        # What Django's own administration had noted when staff corrected a number.
        """INSERT INTO auth_user (id, password, is_superuser, username, first_name, last_name,
        email, is_staff, is_active, date_joined) VALUES (1, '!', true, 'staff', '', '', '', true,
        true, now())""",
        """INSERT INTO django_admin_log (action_time, object_id, object_repr, action_flag,
        change_message, content_type_id, user_id) SELECT now(), c.id::text,
        c.first_name || ' ' || c.last_name || ', ' || c.email, 2,
        '[{"changed": {"fields": ["Phone"]}}]', t.id, 1 FROM assisted_customer AS c
        CROSS JOIN django_content_type AS t
        WHERE c.id % 100 = 0 AND t.app_label = 'assisted' AND t.model = 'customer'""",
    )
